"""The comparison of one result with the expected one: tolerances, first differences, and what counts as a number."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograder.kinds.compare import (
    CUDA_FLOAT32_TOLERANCE,
    TOLERANCES,
    array_difference,
    dtype_name,
    is_count,
    is_number,
    kind_of,
    number_difference,
    tolerance,
)
from autograder.student_code.subject import Foreign, Tensor

# --- tolerances --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "actual", "device", "allowed"),
    [
        ("float64", "float64", "cpu", 1e-9),
        ("float32", "float32", "cpu", 1e-4),
        ("float64", "float32", "cpu", 1e-4),  # coarser than what went in
        ("float32", "float64", "cpu", 1e-4),  # finer: it was computed from coarser numbers
        ("float64", "float16", "cpu", 0.1),
        ("float32", "bfloat16", "cpu", 0.5),
        ("float64", "int64", "cpu", 1e-9),  # whole numbers have no rounding
        ("float32", "int32", "cpu", 1e-4),
        ("float64", "float128", "cpu", 1e-9),
        # Only float32 is rounded to TF32 on a GPU.
        ("float32", "float32", "cuda", 0.05),
        ("float64", "float32", "cuda", 0.05),
        ("float64", "float64", "cuda", 1e-9),
        ("float32", "float16", "cuda", 0.1),
        ("float32", "bfloat16", "cuda", 0.5),
    ],
)
def test_the_coarser_dtype_and_the_device_set_the_tolerance(expected, actual, device, allowed):
    assert tolerance(expected, actual, device) == allowed


def test_the_tolerances_are_ordered_and_far_below_the_numbers_that_are_drawn():
    """Drawn numbers are at least 0.1 in size, so float64 and float32 tell a product that is missing."""
    sizes = [TOLERANCES[name] for name in ("float64", "float32", "float16", "bfloat16")]
    assert sizes == sorted(sizes)
    assert TOLERANCES["float32"] < CUDA_FLOAT32_TOLERANCE < TOLERANCES["float16"]
    assert max(TOLERANCES["float32"], CUDA_FLOAT32_TOLERANCE) < 0.1


# --- one number --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (54, 54),
        (54, 54.0),
        (54, np.int16(54)),
        (54, np.float32(54)),
        (54, Fraction(54)),
        (Fraction(1, 3), 1 / 3),
        (0.1 + 0.2, 0.3),
        (10**6, 10**6 + 1e-4),  # a float of that size is no finer than this
        (0, 1e-10),
    ],
)
def test_numbers_that_agree(expected, actual):
    assert number_difference(expected, actual) is None


@pytest.mark.parametrize(
    ("expected", "actual", "text"),
    [
        (54, 27, "expected 54, got 27"),
        (54, 55, "expected 54, got 55"),
        (54, -54, "expected 54, got -54"),
        (10**6, 10**6 + 1, "expected 1000000, got 1000001"),
        # A ratio that is wrong by a thousandth, and by a millionth.
        (Fraction(1, 9), Fraction(1001, 9000), "expected 1/9, got 1001/9000"),
        (0.111, 0.111001, "expected 0.111, got 0.111001"),
        (5.0, 5.000001, "expected 5, got 5.0000010000000001"),  # as many digits as it takes to see it
        (0.3, 0.1 + 0.2 + 1e-8, "expected 0.29999999999999999, got 0.30000001000000004"),
        # Counts are exact, however large: a float of that size would be off by more.
        (10**9, 10**9 + 1, "expected 1000000000, got 1000000001"),
        (10**18, np.int64(10**18 + 1), "expected 1000000000000000000, got 1000000000000000001"),
        (0, 2e-9, "expected 0, got 2e-09"),
        (54, math.nan, "expected 54, got nan"),
        (54, math.inf, "expected 54, got inf"),
        (54, -math.inf, "expected 54, got -inf"),
        (54, np.float32("nan"), "expected 54, got nan"),
        (54, 10**400, "expected 54, got a number of 401 digits"),
        (54, Fraction(10**400, 3), "expected 54, got a number of 400 digits"),
        (Fraction(2, 3), 0, "expected 2/3, got 0"),
    ],
)
def test_numbers_that_differ(expected, actual, text):
    difference = number_difference(expected, actual)
    assert difference.text == text
    assert not difference.shape_differs


def test_a_difference_of_numbers_holds_both():
    difference = number_difference(54, 27)
    assert (difference.expected, difference.actual, difference.index, difference.part) == (54, 27, None, None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "expected a number, got None"),
        (True, "expected a number, got True"),
        (np.True_, f"expected a number, got {np.True_!r}"),
        ("54", "expected a number, got '54'"),
        ("a text" * 20, "expected a number, got '" + "a text" * 9 + "a ..."),
        ([54], "expected a number, got list"),
        (1j, "expected a number, got complex"),
        (np.array(54.0), "expected a number, got numpy.ndarray of shape ()"),
        (np.zeros((2, 3)), "expected a number, got numpy.ndarray of shape (2, 3)"),
        (Tensor.of(np.float32([54])), "expected a number, got Tensor of shape (1,)"),
        (Foreign("a generator"), "expected a number, got a generator"),
    ],
)
def test_what_is_no_number_is_named(value, text):
    difference = number_difference(54, value)
    assert difference.text == text
    assert difference.shape_differs


class Liar:
    """Says that it is an int, and raises at every other question."""

    __class__ = int

    def __float__(self):
        raise RuntimeError("never ask")

    __repr__ = __str__ = __float__


def test_what_lies_about_its_class_is_neither_a_number_nor_a_count():
    assert not is_number(Liar()) and not is_count(Liar())
    assert number_difference(54, Liar()).text.startswith("expected a number, got ")


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.uint64(3), np.float16(3), Fraction(3), math.nan])
def test_numbers(value):
    assert is_number(value)


@pytest.mark.parametrize("value", [True, False, np.True_, None, "3", 3j, Decimal(3), np.array(3), [3]])
def test_no_numbers(value):
    assert not is_number(value)


@pytest.mark.parametrize(
    ("value", "counts"),
    [
        *((value, True) for value in (3, -3, np.int64(3), np.uint8(3))),
        *((value, False) for value in (3.0, np.float64(3), True, np.True_, Fraction(3), None)),
    ],
)
def test_a_count_is_an_exact_whole_number(value, counts):
    assert is_count(value) is counts


# --- arrays ------------------------------------------------------------------------------------------------------


def test_arrays_that_agree_within_the_tolerance_and_no_further():
    expected = np.array([[1.0, -2.0], [3.0, 4.0]])
    assert array_difference(expected, expected.copy(), 0) is None
    assert array_difference(expected, expected + 0.5, 0.5) is None
    assert array_difference(expected, expected - 0.5, 0.5) is None
    assert array_difference(expected, expected + 0.5, 0.4999).index == (0, 0)
    assert array_difference(expected, expected - 0.5, 0.4999).index == (0, 0)


def test_the_first_difference_is_the_first_in_the_order_of_rows():
    expected = np.zeros((2, 3))
    actual = np.array([[0, 0, 0.25], [-8, 0, 1]])
    difference = array_difference(expected, actual, 1e-9)
    assert difference.text == (
        "first difference at [0, 2]: expected 0, got 0.25; 3 of 6 values differ, largest by 8 (allowed 1e-09)"
    )
    assert (difference.index, difference.expected, difference.actual) == ((0, 2), 0.0, 0.25)
    assert not difference.shape_differs


def test_shapes_are_compared_first():
    difference = array_difference(np.zeros((2, 3)), np.ones((3, 2)), 1e-9)
    assert difference.text == "expected shape (2, 3), got (3, 2)"
    assert difference.shape_differs and difference.index is None
    # Nothing is broadcast: one number is not six.
    assert array_difference(np.zeros((2, 3)), np.zeros(()), 1e-9).shape_differs
    assert array_difference(np.zeros((2, 3)), np.zeros((1, 2, 3)), 1e-9).shape_differs


@pytest.mark.parametrize(
    ("value", "largest"), [(np.nan, "nan"), (np.inf, "nan"), (-np.inf, "nan")], ids=["nan", "inf", "minus inf"]
)
def test_nan_and_infinity_never_agree(value, largest):
    assert array_difference(np.zeros(3), np.array([0, value, 0]), 0.5).index == (1,)
    text = array_difference(np.zeros(2), np.full(2, value), 0.5).text
    assert text.endswith(f"2 of 2 values differ, largest by {largest} (allowed 0.5)")


def test_nan_is_not_the_expected_nan_either():
    assert array_difference(np.array([np.nan]), np.array([np.nan]), 1).index == (0,)


def test_the_largest_difference_is_that_of_the_numbers_where_there_are_some():
    difference = array_difference(np.zeros(3), np.array([np.nan, 3, -4]), 1e-9)
    assert "3 of 3 values differ, largest by 4 (allowed" in difference.text


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float32])
def test_whole_and_short_numbers_are_compared_in_float64(dtype):
    """In uint8 the gap between 3 and 5 is 254, in float16 that of 0.1 and 0.1001 is 0."""
    assert array_difference(np.array([5.0]), np.array([3], dtype), 1.9).actual == 3
    assert "largest by 2 (allowed" in array_difference(np.array([5.0]), np.array([3], dtype), 1.9).text
    assert array_difference(np.array([5.0]), np.array([5], dtype), 1e-9) is None
    assert array_difference(np.array([0.1001]), np.array([0.1], np.float16), 1e-6) is not None


def test_arrays_without_axes_and_without_numbers():
    assert array_difference(np.array(2.0), np.array(2.0), 1e-9) is None
    difference = array_difference(np.array(2.0), np.array(3.0), 1e-9)
    assert difference.index == () and difference.text.startswith("first difference at []: expected 2, got 3; 1 of 1")
    assert array_difference(np.zeros((0, 3)), np.zeros((0, 3)), 1e-9) is None


# --- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "None"),
        (3, "int"),
        (np.float32(3), "numpy.float32"),
        (np.zeros(2), "numpy.ndarray"),
        (np.zeros(2).view(np.matrix), "numpy.matrix"),
        (Tensor.of(np.zeros(2)), "Tensor"),
        (Foreign("a module"), "a module"),
    ],
)
@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_a_value_is_named_by_its_own_type(value, name):
    assert kind_of(value) == name


def test_a_dtype_is_one_word_for_arrays_and_tensors():
    import torch

    assert dtype_name(np.zeros(1, np.float16)) == "float16"
    assert dtype_name(torch.zeros(1, dtype=torch.bfloat16)) == "bfloat16"
    assert dtype_name(Tensor.of(np.zeros(1, np.float32))) == "float32"
