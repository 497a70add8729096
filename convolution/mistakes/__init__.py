"""Wrong kernels and wrong counters, one wrong thought each, with the sentence that explains it.

`groups` has the bank; the other modules fill it, by what a thought is about.
"""

from convolution.mistakes import channels, counting, geometry, separable, values  # noqa: F401  (they fill the bank)
from convolution.mistakes.groups import BANK

__all__ = ["BANK"]
