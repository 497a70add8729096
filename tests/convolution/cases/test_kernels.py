"""Cases for kernels and layers: sizes that differ, one square, remainders of every kind."""

import numpy as np
import pytest

from autograder.model import PUBLIC_SEED
from autograder.sampling import stream
from convolution.cases import kernels
from convolution.reference import pair

SEEDS = (PUBLIC_SEED, 7, "a private seed")
WITH_WINDOW = ("correlation", "regular", "depthwise", "separable")


def drawn(name, aspect, seed):
    return getattr(kernels, name)(aspect, lambda *names: stream(seed, aspect, *names))


def sizes(case):
    """(H, W), (kH, kW) of a case whose first two arguments are image and weight."""
    return case.args[0].shape[-2:], case.args[1].shape[-2:]


def is_square(case):
    (H, W), (kH, kW) = sizes(case)
    return H == W and kH == kW


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", WITH_WINDOW)
def test_height_and_width_differ_but_in_one_square(name, seed):
    """In a square an axis that was swapped gives numbers; anywhere else it gives another shape."""
    for aspect in ("values", "stride", "padding", "dilation", "batch", "bias", "all-together", "layout", "dtype"):
        cases = drawn(name, aspect, seed)
        assert any(map(is_square, cases)), aspect
        for case in cases:
            (H, W), (kH, kW) = sizes(case)
            assert is_square(case) or (H != W and kH != kW), aspect


@pytest.mark.parametrize("seed", SEEDS)
def test_channels_and_filters_differ_but_in_the_square(seed):
    for aspect in ("values", "bias", "padding", "stride"):
        for case in drawn("regular", aspect, seed):
            O, C = case.args[1].shape[:2]  # noqa: E741
            assert (O == C == 3) if is_square(case) else (O == C == 1 or O != C)


@pytest.mark.parametrize("name", WITH_WINDOW)
def test_values_begin_small_and_come_again_with_other_numbers(name):
    tiny, _tall, wide, again, square = drawn(name, "values", 1)
    assert tiny.args[0].size <= 30 and tiny.args[1].size <= 9, "small enough to be shown"
    assert [array.shape for array in wide.args] == [array.shape for array in again.args]
    assert not any(np.array_equal(one, other) for one, other in zip(wide.args, again.args, strict=True))
    assert is_square(square)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", WITH_WINDOW)
def test_strides_leave_more_and_less_than_half_over(name, seed):
    """Rounding up, down and to nearest are three shapes; and the two axes are told apart."""
    left = []
    for case in drawn(name, "stride", seed):
        for size, kernel, stride in zip(*sizes(case), pair(case.options["stride"]), strict=True):
            left.append((size - kernel) % stride / stride)
    assert 0 in left and any(0 < share < 0.5 for share in left) and any(share > 0.5 for share in left)
    assert any(np.ndim(case.options["stride"]) == 0 for case in drawn(name, "stride", seed))
    assert any(len(set(pair(case.options["stride"]))) == 2 for case in drawn(name, "stride", seed))


@pytest.mark.parametrize("aspect", ["padding", "dilation"])
@pytest.mark.parametrize("name", WITH_WINDOW)
def test_options_are_one_number_and_two(name, aspect):
    options = [case.options[aspect] for case in drawn(name, aspect, 1)]
    assert isinstance(options[0], int)
    assert any(a < b for a, b in map(pair, options[1:])) and any(a > b for a, b in map(pair, options[1:]))


def test_a_batch_has_several_images_and_everything_else_one():
    assert [case.args[0].shape[0] for case in drawn("regular", "batch", 1)] == [2, 3, 2]
    for aspect in ("values", "bias", "stride"):
        assert all(case.args[0].shape[0] == 1 for case in drawn("regular", aspect, 1))


@pytest.mark.parametrize("name", ["regular", "depthwise", "separable"])
def test_all_together_has_a_batch_a_bias_a_stride_and_a_padding(name):
    for case in drawn(name, "all-together", 1):
        assert case.args[0].shape[0] > 1
        assert {"stride", "padding"} < set(case.options)
        assert pair(case.options["stride"]) != pair(case.options["padding"])
    assert set(drawn("pointwise", "all-together", 1)[0].options) == {"bias"}


def test_each_bias_is_given_alone_too_where_a_function_takes_two():
    given = [set(case.options) for case in drawn("separable", "bias", 1)]
    assert {"depthwise_bias"} in given and {"pointwise_bias"} in given
    assert all(len(options) == 2 for options in [set(case.options) for case in drawn("separable_layer", "bias", 1)])


def test_a_multiplier_is_never_the_number_of_channels():
    """Otherwise outputs by channel and channels by output are the same."""
    for seed in SEEDS:
        for case in drawn("depthwise", "multiplier", seed):
            C, outputs = case.args[0].shape[1], case.args[1].shape[0]
            assert outputs % C == 0 and outputs > C and outputs // C != C


def test_layouts_are_those_of_columns_and_of_views_for_rectangles_and_squares():
    layouts = [(case.args[0].flags.f_contiguous, is_square(case)) for case in drawn("regular", "layout", 1)]
    assert layouts == [(True, False), (False, False), (True, True), (False, True)]
    assert not any(array.flags.c_contiguous for case in drawn("regular", "layout", 1) for array in case.args)


def test_dtypes_are_both_for_rectangles_and_squares():
    dtypes = [(case.args[0].dtype, is_square(case)) for case in drawn("regular", "dtype", 1)]
    assert dtypes == [(np.float64, False), (np.float32, False), (np.float64, True), (np.float32, True)]
    assert all(array.dtype == case.args[0].dtype for case in drawn("regular", "dtype", 1) for array in case.args)


def test_shapes_go_to_the_edge():
    """One output pixel, one output column, a kernel of one tap."""
    pixel, column, tap, square = drawn("regular", "shape", 1)
    assert sizes(pixel) == ((4, 3), (4, 3))
    assert sizes(column)[0][1] == sizes(column)[1][1] and sizes(column)[0][0] > sizes(column)[1][0]
    assert sizes(tap)[1] == (1, 1) and is_square(square)


def test_how_asks_a_square_and_one_of_twice_its_sides():
    assert [sizes(case)[0] for case in drawn("regular", "how", 1)] == [(6, 6), (12, 12)]


def test_unchanged_asks_with_a_bias_where_there_is_one():
    assert [list(case.options) for case in drawn("regular", "unchanged", 1)] == [[], [], ["bias"]]
    assert [list(case.options) for case in drawn("correlation", "unchanged", 1)] == [[], []]


def test_an_aspect_that_nobody_thought_of_has_no_cases():
    assert kernels.regular("colour", None) == []
