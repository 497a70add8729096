"""Numbers compared with the truth, with what is already counted, and with every mistake."""

import numpy as np
import pytest
from handwritten import loops, lost

from autograder.checks import judge
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.student_code.subject import Local
from convolution.mistakes import BANK


def test_two_mistakes_are_counted_apart():
    """A kernel that flips and forgets the bias loses two aspects, each named, and nothing else."""
    both = as_submitted(EXERCISES["conv2d"], BANK["flipped-kernel"], BANK["bias-forgotten"])
    failed = {v.aspect: v.mistake for v in judge(EXERCISES["conv2d"], Local(both)) if not v.passed}
    assert failed == {"values": "flipped-kernel", "bias": "bias-forgotten"}


def test_a_bias_for_every_input_channel_shows_where_there_is_a_multiplier():
    def depthwise_params(in_channels, kernel_size, channel_multiplier=1, bias=True):
        kH, kW = np.broadcast_to(kernel_size, 2)
        return in_channels * channel_multiplier * kH * kW + (in_channels if bias else 0)

    assert lost(depthwise_params, "depthwise_params") == {"multiplier": "bias-for-input-channels"}


@pytest.mark.parametrize("bias_counted", [lambda C: 0, lambda C: 1, lambda C: 1 / 0], ids=["none", "one", "a crash"])
def test_a_wrong_bias_of_a_counter_costs_bias_and_not_multiplier_too(bias_counted):
    def depthwise_params(in_channels, kernel_size, channel_multiplier=1, bias=True):
        kH, kW = np.broadcast_to(kernel_size, 2)
        outputs = in_channels * channel_multiplier
        return outputs * kH * kW + (bias_counted(outputs) if bias else 0)

    assert list(lost(depthwise_params, "depthwise_params")) == ["bias"]


def test_a_bias_wrong_in_an_unknown_way_costs_once_in_a_pointwise_layer_too():
    def pointwise_conv2d(x, weight, bias=None):
        if weight.shape[1:] != (x.shape[1], 1, 1):
            raise ValueError(f"{x.shape} does not fit {weight.shape}")
        y = np.einsum("nchw,oc->nohw", x, weight[:, :, 0, 0])
        return y if bias is None else y + bias.sum()

    assert lost(pointwise_conv2d, "pointwise_conv2d") == {"bias": None}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        # Its numbers in all-together are by chance those of dilation-off-by-one.
        ("reach is dilation * kernel_size", {"dilation": None}),
        # Its numbers with a stride are too; but then those of values could not hold.
        ("the one is divided too", {"stride": "plus-one-divided-too"}),
    ],
)
def test_a_wrong_size_is_not_taken_for_another_mistake(wrong, expected):
    def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
        reach = dilation * (kernel_size - 1) + 1
        if wrong == "reach is dilation * kernel_size":
            reach = dilation * kernel_size
        room = size + 2 * padding - reach
        if room < 0 or stride < 1 or dilation < 1 or padding < 0:
            raise ValueError(f"{size} {kernel_size}")
        return (room + 1) // stride if wrong == "the one is divided too" else room // stride + 1

    assert lost(output_size, "output_size") == expected


def test_pairs_unpacked_the_wrong_way_round_cost_stride_and_padding_and_not_all_together():
    def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
        (sW, sH), (pW, pH) = np.broadcast_to(stride, 2), np.broadcast_to(padding, 2)
        return loops(x, weight, bias, (sH, sW), (pH, pW), dilation)

    assert lost(conv2d) == {"stride": "stride-axes-swapped", "padding": "padding-axes-swapped"}


# --- wrong in ways no single mistake describes -----------------------------------------------------------------


def memorised_first_answer():
    """Computes once and remembers by shape."""
    right, seen = as_submitted(EXERCISES["conv2d"]), {}

    def conv2d(x, weight, **options):
        key = (x.shape, weight.shape, str({k: np.shape(v) for k, v in options.items()}))
        if key not in seen:
            seen[key] = right(x, weight, **options)
        return seen[key]

    return conv2d


def permuted(x, weight, **options):
    """The right numbers with the right sum, in another order."""
    y = as_submitted(EXERCISES["conv2d"])(x, weight, **options)
    return y.ravel()[::-1].reshape(y.shape)


def cast(x, weight, **options):
    return as_submitted(EXERCISES["conv2d"])(x, weight, **options).astype(np.float16)


def view_of_the_input(x, weight, **options):
    y = as_submitted(EXERCISES["conv2d"])(x, weight, **options)
    return np.broadcast_to(x[:, :1, : y.shape[2], : y.shape[3]], y.shape) if x.shape[2:] >= y.shape[2:] else x


@pytest.mark.parametrize(
    ("function", "aspect"),
    [(memorised_first_answer(), "values"), (permuted, "values"), (cast, "dtype"), (view_of_the_input, "values")],
    ids=["memorised", "permuted", "cast", "view"],
)
def test_what_only_looks_right_is_rejected(function, aspect):
    verdicts = {v.aspect: v for v in judge(EXERCISES["conv2d"], Local(function))}
    assert verdicts[aspect].passed is False
