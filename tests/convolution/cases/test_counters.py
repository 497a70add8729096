"""Cases for exercises that return a number: numbers that all differ, and the remainders that an aspect is about."""

import math

import pytest

from autograder.model import PUBLIC_SEED
from autograder.sampling import stream
from convolution.cases import counters

SEEDS = (PUBLIC_SEED, 7, "a private seed")


def drawn(cases, aspect, seed):
    return cases(aspect, lambda *names: stream(seed, aspect, *names))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_window_of_window_sum_touches_no_border(seed):
    """One row or column too many, and one too few, change the sum; and rows are told from columns."""
    for case in drawn(counters.window_sum, "values", seed):
        image, row, column, height, width = case.args
        H, W = image.shape
        assert row > 0 and row + height < H and column > 0 and column + width < W
        assert row != column and height != width
        assert image[row : row + height, column : column + width].size > 1


def room(case):
    """The pixels that a window can move, and its stride."""
    (size, kernel_size), options = case.args, case.options
    reach = options.get("dilation", 1) * (kernel_size - 1) + 1
    return size + 2 * options.get("padding", 0) - reach, options.get("stride", 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_strides_leave_nothing_over_and_more_and_less_than_half(seed):
    """Rounding up, down and to nearest are three results."""
    left = [math.fmod(*room(case)) / room(case)[1] for case in drawn(counters.output_size, "stride", seed)]
    assert 0 in left and any(0 < share < 0.5 for share in left) and any(share > 0.5 for share in left)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_together_mixes_three_options(seed):
    for case in drawn(counters.output_size, "all-together", seed):
        assert set(case.options) == {"stride", "padding", "dilation"}
        assert case.options["stride"] != case.options["padding"]
        assert room(case)[0] > 0


def test_what_output_size_refuses_names_size_and_kernel():
    for case in drawn(counters.output_size, "errors", 1):
        assert case.must_mention == tuple(map(str, case.args))
    assert counters.output_size("shape", None) == []


COUNTERS = {
    "channels_kernel_bias": (2, 1),
    "channels_kernel_output": (2, 2),
    "channels_bias": (2, 0),
    "channels_output": (2, 1),
    "channel_kernel": (1, 1),
    "channel_kernel_bias_multiplier": (1, 1),
    "channel_kernel_output_multiplier": (1, 2),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "channels", "sizes"), [(name, *counts) for name, counts in COUNTERS.items()])
def test_the_numbers_of_a_counter_all_differ_and_none_is_two(name, channels, sizes, seed):
    """With equal numbers, and with 2, one product cannot be told from another: 2 * 2 is 2 + 2."""
    for aspect in counters.COUNTED:
        cases = drawn(getattr(counters, name), aspect, seed)
        assert len(cases) == 3
        for case in cases:
            assert len(case.args) == channels + sizes
            numbers = [n for arg in case.args for n in (arg if isinstance(arg, tuple) else (arg,))]
            assert len(set(numbers)) == len(numbers) and min(numbers) > 2
            assert all(isinstance(size, tuple) == (aspect == "rectangle") for size in case.args[channels:])
    assert drawn(getattr(counters, name), "shape", seed) == []


def test_a_counter_without_a_bias_or_a_multiplier_is_not_given_one():
    for name in COUNTERS:
        for aspect in ("values", "rectangle", "dtype"):
            assert all(set(case.options) <= {"bias"} for case in drawn(getattr(counters, name), aspect, 1))
            given = {"bias" in case.options for case in drawn(getattr(counters, name), aspect, 1)}
            assert given == {"bias" in name}


def test_the_bias_is_there_by_default_and_when_it_is_said():
    cases = drawn(counters.channels_kernel_bias, "bias", 1)
    assert [case.options for case in cases] == [{}, {"bias": True}, {"bias": True}]
    for aspect in ("values", "rectangle", "dtype"):
        assert all(case.options == {"bias": False} for case in drawn(counters.channels_kernel_bias, aspect, 1))


def test_the_last_case_of_a_multiplier_counts_the_bias_too():
    cases = drawn(counters.channel_kernel_bias_multiplier, "multiplier", 1)
    assert [case.options["bias"] for case in cases] == [False, False, True]
    assert all(case.options["channel_multiplier"] > 2 for case in cases)
