"""The comparison of a result with the expected one: the tolerances, in one place, and the first difference as data."""

import functools
import math
import numbers
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from autograder.student_code.inside import data

#: Largest allowed difference, by the coarser of the two dtypes. The checks' numbers are of size 1 to 100.
TOLERANCES = {"float64": 1e-9, "float32": 1e-4, "float16": 0.1, "bfloat16": 0.5}

#: On a GPU float32 products may be rounded to TF32's 10 bits (torch.backends.cuda.matmul.allow_tf32).
CUDA_FLOAT32_TOLERANCE = 0.05


@dataclass(frozen=True)
class Difference:
    """The reason why a result is not the expected one.

    Attributes
    ----------
    text : one line for the student
    shape_differs : True where the arrays could not be compared number by number
    index, expected, actual : where the numbers first differ, and how
    part : which of several results this is about; None where there is one
    """

    text: str
    shape_differs: bool = False
    index: tuple[int, ...] | None = None
    expected: float | None = None
    actual: float | None = None
    part: int | None = None


def dtype_name(array):
    """The dtype of an array or tensor as one word, without torch's prefix.

    Examples
    --------
    >>> dtype_name(np.zeros(3, np.float32))
    'float32'
    """
    return _name_of(array.dtype)


@functools.lru_cache(maxsize=64)
def _name_of(dtype):
    # NumPy makes this text slowly, and each comparison of two arrays asks for it.
    return str(dtype).removeprefix("torch.")


def tolerance(expected_dtype, actual_dtype, device="cpu"):
    """The largest distance between a number and the expected one that still counts as right.

    Examples
    --------
    >>> tolerance("float64", "float64"), tolerance("float64", "float32")
    (1e-09, 0.0001)
    """
    allowed = max(TOLERANCES.get(name, TOLERANCES["float64"]) for name in (expected_dtype, actual_dtype))
    if device != "cpu" and allowed == TOLERANCES["float32"]:
        return CUDA_FLOAT32_TOLERANCE
    return allowed


def kind_of(value):
    """The type of a value, in a word a student knows; a subclass is called by its own name.

    Examples
    --------
    >>> kind_of(np.zeros(2)), kind_of([1]), kind_of(None)
    ('numpy.ndarray', 'list', 'None')
    """
    if value is None:
        return "None"
    if isinstance(value, data.Foreign):
        return value.kind
    return "Tensor" if type(value) is data.Tensor else data.kind_of(value)


def is_number(value):
    """True if a value can be read as one number; the values True and False cannot.

    Examples
    --------
    >>> is_number(np.int64(3)), is_number(True), is_number(np.array(3.0)), is_number("3")
    (True, False, False, False)
    """
    # By type, not isinstance: an object may lie about its class, or raise when asked.
    return issubclass(type(value), numbers.Real) and type(value) not in (bool, np.bool_)


def is_count(value):
    """True if a value is an exact whole number: int or np.integer, not bool, not float."""
    return type(value) is int or issubclass(type(value), np.integer)


def number_difference(expected, actual, allowed=TOLERANCES["float64"]):
    """A `Difference` where one number is not the expected one; None where it is.

    Examples
    --------
    >>> number_difference(54, 27).text
    'expected 54, got 27'
    """
    if not is_number(actual):
        return Difference(f"expected a number, got {_shortly(actual)}", shape_differs=True)
    try:
        gap = abs(float(actual) - float(expected))
    except OverflowError:
        return Difference(f"expected {_plain(expected)}, got a number of {len(str(int(actual)))} digits")
    if is_count(expected) and is_count(actual):
        # Counts are exact. Relative to a count of a billion the tolerance would be larger than one.
        agrees = int(expected) == int(actual)
    else:
        agrees = gap <= allowed * max(1, abs(float(expected)))
    if agrees:
        return None
    texts = _plain(expected), _plain(actual)
    if texts[0] == texts[1]:
        texts = f"{float(expected):.17g}", f"{float(actual):.17g}"
    return Difference(f"expected {texts[0]}, got {texts[1]}", expected=expected, actual=actual)


def array_difference(expected, actual, allowed):
    """A `Difference` of two NumPy arrays, by shape first, then by every number; None where they agree. nan never does.

    Examples
    --------
    >>> array_difference(np.array([1.0, 2.0]), np.array([1.0, 4.0]), 1e-9).text
    'first difference at [1]: expected 2, got 4; 1 of 2 values differ, largest by 2 (allowed 1e-09)'
    >>> array_difference(np.zeros((2, 3)), np.zeros((3, 2)), 1e-9).text
    'expected shape (2, 3), got (3, 2)'
    """
    if expected.shape != actual.shape:
        return Difference(f"expected shape {expected.shape}, got {actual.shape}", shape_differs=True)
    gaps = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
    wrong = ~(gaps <= allowed)
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    largest = np.nanmax(gaps) if np.isfinite(gaps).any() else math.nan
    text = (
        f"first difference at {list(index)}: expected {expected[index]:.4g}, got {actual[index]:.4g}; "
        f"{int(wrong.sum())} of {wrong.size} values differ, largest by {largest:.3g} (allowed {allowed:g})"
    )
    return Difference(text, index=index, expected=float(expected[index]), actual=float(actual[index]))


def _plain(number):
    if isinstance(number, Fraction):
        return str(number)
    return str(int(number)) if float(number).is_integer() else f"{float(number):.6g}"


def _shortly(value):
    text = repr(value) if isinstance(value, (bool, np.bool_, str)) else kind_of(value)
    if type(value) in (np.ndarray, data.Tensor):
        # Printed, an array of shape () looks like the number it holds.
        text += f" of shape {tuple(value.shape)}"
    return text if len(text) <= 60 else text[:57] + "..."
