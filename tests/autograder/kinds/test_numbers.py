"""Numbers as results: counts, ratios, measured numbers."""

from fractions import Fraction

import numpy as np
from handwritten import lost

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.student_code.subject import Local
from convolution.reference import pair


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
