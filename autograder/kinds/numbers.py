"""Exercises that return one number: counters, sizes, ratios."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from autograder.kinds.arrays import ARRAY
from autograder.kinds.base import Fault, Kind, wrong_form
from autograder.kinds.compare import is_count, is_number, kind_of, number_difference


@dataclass(frozen=True)
class Number(Kind):
    """A function of numbers, shapes, arrays or networks that returns one number."""

    imports: tuple[str, ...] = ("numpy",)

    def form_difference(self, value):
        return None if is_number(value) else wrong_form(f"expected a number, got {kind_of(value)}")

    def difference(self, expected, value, input_dtype, shape_only=False, part=None):
        if isinstance(expected, np.ndarray):
            # A mistake, such as returning the input, may give an array where a number is due.
            return ARRAY.difference(expected, value, input_dtype, shape_only)
        return number_difference(expected, value)

    def dtype_fault(self, case, expected, given, value):
        """A count is an exact whole number, a ratio an exact fraction; a measured number is a float."""
        if isinstance(expected, Fraction):
            want, is_exact = "a Fraction", type(value) is Fraction
        elif isinstance(expected, float):
            want, is_exact = "a float", type(value) is float or issubclass(type(value), np.floating)
        else:
            want, is_exact = "an int", is_count(value)
        if not is_exact:
            return Fault(f"expected {want}, got {kind_of(value)} {value!r:.40}")
        if want == "a Fraction" and value != given:
            return Fault(f"expected exactly {given}, got {value}: was it made from floats?")
        return None


NUMBER = Number()
NUMBER_OF_NETWORK = Number(imports=("numpy", "torch"))
