"""Wrong kernels and wrong counters, one wrong turn each, with the sentence that explains it. See `mistakes.bank`."""

from convolution.mistakes import channels, counting, geometry, separable, values  # noqa: F401  (they fill the bank)
from convolution.mistakes.bank import (
    BANK,
    Mistake,
    applicable,
    as_submitted,
    mistake,
    right_function,
    wrong_function,
)

__all__ = ["BANK", "Mistake", "applicable", "as_submitted", "mistake", "right_function", "wrong_function"]
