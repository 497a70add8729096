"""Numbers as results: counts, ratios, measured numbers."""

from fractions import Fraction

import numpy as np
import pytest
from handwritten import lost

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.kinds import NUMBER, NUMBER_OF_NETWORK
from autograder.model import Case
from autograder.student_code.subject import Local
from convolution.reference import pair

# --- the kind ----------------------------------------------------------------------------------------------------


def test_a_number_of_a_network_needs_torch():
    assert NUMBER.imports == ("numpy",) and NUMBER_OF_NETWORK.imports == ("numpy", "torch")
    assert NUMBER.keyword == "def" and NUMBER.parts == () and NUMBER.devices_of(3) == ("cpu",)


def test_the_form_is_one_number():
    for value in (3, 3.0, np.int64(3), Fraction(1, 3)):
        assert NUMBER.form_difference(value) is None
    assert NUMBER.form_difference(True).text == "expected a number, got bool"
    assert NUMBER.form_difference((3,)).text == "expected a number, got tuple"


def test_the_difference_is_that_of_two_numbers():
    assert NUMBER.difference(54, 54, "float64") is None
    assert NUMBER.difference(54, 27, "float64").text == "expected 54, got 27"
    # Two steps of the tolerance of float32: what goes in does not make a number less exact.
    assert NUMBER.difference(54, 54.0002, "float32").text == "expected 54, got 54.0002"


def test_an_array_may_be_expected_where_a_mistake_hands_one_back():
    assert NUMBER.difference(np.ones((2, 2)), np.ones((2, 2)), "float64") is None
    assert NUMBER.difference(np.ones((2, 2)), np.zeros((2, 2)), "float64").index == (0, 0)
    assert NUMBER.difference(np.ones((2, 2)), 3, "float64").text == "expected a numpy.ndarray, got int"


@pytest.mark.parametrize(
    ("expected", "value", "text"),
    [
        (6, 6, None),
        (6, np.int32(6), None),
        (6, np.uint64(6), None),
        (6, 6.0, "expected an int, got float 6.0"),
        (6, np.float64(6), "expected an int, got numpy.float64 " + repr(np.float64(6))),
        (6, Fraction(6), "expected an int, got fractions.Fraction Fraction(6, 1)"),
        (6, True, "expected an int, got bool True"),
        (6, "a text of more than forty characters is cut", "got str 'a text of more than forty characters is"),
        (0.5, 0.5, None),
        (0.5, np.float32(0.5), None),
        (0.5, np.float16(0.5), None),
        (0.5, 1, "expected a float, got int 1"),
        (0.5, Fraction(1, 2), "expected a float, got fractions.Fraction Fraction(1, 2)"),
        (np.float64(0.5), 0.5, None),
        (Fraction(1, 3), Fraction(1, 3), None),
        (Fraction(1, 3), 1 / 3, "expected a Fraction, got float 0.3333333333333333"),
        (Fraction(4), 4, "expected a Fraction, got int 4"),
        (Fraction(1, 3), Fraction(1 / 3), f"expected exactly 1/3, got {Fraction(1 / 3)}: was it made from floats?"),
    ],
)
def test_the_type_is_as_exact_as_the_expected_number(expected, value, text):
    fault = NUMBER.dtype_fault(Case((2, 3)), expected, expected, value)
    assert (fault is None) if text is None else fault.text.endswith(text)


def test_a_fraction_is_compared_with_what_is_already_counted():
    """A ratio that is wrong by a known mistake, and exact, costs values and not dtype too."""
    right, upside_down = Fraction(1, 3), Fraction(3)
    assert NUMBER.dtype_fault(Case((2, 3)), right, upside_down, Fraction(3)) is None
    assert NUMBER.dtype_fault(Case((2, 3)), right, upside_down, Fraction(1, 3)).text.startswith("expected exactly 3,")


# --- through the checks ------------------------------------------------------------------------------------------


def test_a_cost_that_is_wrong_by_a_little_is_wrong():
    """The tolerance is relative: it must not swallow one of many weights, or a thousandth of a ratio."""
    right = {name: EXERCISES[name].right for name in ("conv2d_macs", "cost_ratio")}
    assert lost(lambda *args: right["conv2d_macs"](*args) + 1, "conv2d_macs")["values"] is None
    off = Fraction(1001, 1000)
    assert lost(lambda *args: right["cost_ratio"](*args) * off, "cost_ratio")["values"] is None


def test_a_count_that_is_a_float_loses_dtype_alone():
    def conv2d_macs(C_in, C_out, kernel_size, output_size):
        return float(C_in * C_out * np.prod(np.broadcast_to(kernel_size, 2)) * np.prod(np.broadcast_to(output_size, 2)))

    assert lost(conv2d_macs, "conv2d_macs") == {"dtype": None}


def test_numpy_integers_are_counts():
    def conv2d_macs(C_in, C_out, kernel_size, output_size):
        return C_in * C_out * np.prod(np.broadcast_to(kernel_size, 2)) * np.prod(np.broadcast_to(output_size, 2))

    assert lost(conv2d_macs, "conv2d_macs") == {}


def test_a_fraction_made_from_floats_is_not_exact():
    def cost_ratio(out_channels, kernel_size):
        return Fraction(1 / out_channels + 1 / int(np.prod(np.broadcast_to(kernel_size, 2))))

    assert lost(cost_ratio, "cost_ratio") == {"dtype": None}
    verdict = judge(EXERCISES["cost_ratio"], Local(cost_ratio), aspects=["dtype"])[0]
    assert "was it made from floats?" in verdict.message


def test_an_array_without_axes_is_told_from_a_number():
    def window_sum(image, row, column, height, width):
        return np.array(image[row : row + height, column : column + width].sum())

    verdict = judge(EXERCISES["window_sum"], Local(window_sum))[0]
    assert "expected a number, got numpy.ndarray of shape ()" in verdict.message


def test_a_bool_is_no_count():
    verdict = judge(EXERCISES["conv2d_macs"], Local(lambda *a: True), aspects=["values"])[0]
    assert "expected a number, got True" in verdict.message


def test_a_ratio_is_an_exact_fraction():
    def cost_ratio(out_channels, kernel_size):
        kH, kW = pair(kernel_size)
        return 1 / out_channels + 1 / (kH * kW)

    failed = {v.aspect: v.message for v in judge(EXERCISES["cost_ratio"], Local(cost_ratio)) if not v.passed}
    assert set(failed) == {"dtype"}
    assert "expected a Fraction, got float" in failed["dtype"]
    exact = judge(
        EXERCISES["cost_ratio"], Local(lambda out, k: Fraction(1, out) + Fraction(1, pair(k)[0] * pair(k)[1]))
    )
    assert all(v.passed for v in exact)
