"""The rules of the marks, on kernels written as students write them (the bank bends the reference instead)."""

from fractions import Fraction

import numpy as np
import pytest

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.student_code.subject import Local


def loops(x, weight, bias=None, stride=1, padding=0, dilation=1, *, wrong=""):
    """A student's conv2d with seven loops; `wrong` switches one line of it."""
    if np.ndim(stride) == 0:
        stride = (stride, stride)
    if np.ndim(padding) == 0:
        padding = (padding, padding)
    if np.ndim(dilation) == 0:
        dilation = (dilation, dilation)
    N, C, H, W = x.shape
    O, I, kH, kW = weight.shape  # noqa: E741
    bad = C != I or min(stride) < 1 or min(padding) < 0 or min(dilation) < 1
    bad = bad or H + 2 * padding[0] < dilation[0] * (kH - 1) + 1 or W + 2 * padding[1] < dilation[1] * (kW - 1) + 1
    if bad and wrong != "no errors":
        raise ValueError(f"{x.shape} does not fit {weight.shape}")
    if wrong == "crash with stride" and stride != (1, 1):
        raise KeyError("stride")
    if wrong == "crash with stride and bias" and (stride != (1, 1) or bias is not None):
        raise KeyError("stride or bias")
    if wrong == "nonsense with stride" and stride != (1, 1):
        return np.full((N, O, 2, 2), 0.25)
    if wrong == "ignores the stride":
        stride = (1, 1)
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    H_out = (x.shape[2] - dilation[0] * (kH - 1) - 1) // stride[0] + 1
    W_out = (x.shape[3] - dilation[1] * (kW - 1) - 1) // stride[1] + 1
    y = np.zeros((N, O, H_out, W_out), np.float64 if wrong == "always float64" else x.dtype)
    for n in range(N):
        for o in range(O):
            for i in range(H_out):
                for j in range(W_out):
                    total = 0 if bias is None or wrong == "forgets the bias" else bias[o]
                    for c in range(C):
                        for u in range(kH):
                            for v in range(kW):
                                a, b = (kH - 1 - u, kW - 1 - v) if wrong == "flips" else (u, v)
                                row, column = i * stride[0] + u * dilation[0], j * stride[1] + v * dilation[1]
                                total = total + x[n, c, row, column] * weight[o, c, a, b]
                    y[n, o, i, j] = total
    return y


def lost(function, name="conv2d"):
    return {v.aspect: v.mistake for v in judge(EXERCISES[name], Local(function)) if not v.passed}


def variant(wrong):
    return lambda *args, **options: loops(*args, **options, wrong=wrong)


def test_an_excellent_solution_gets_everything():
    verdicts = judge(EXERCISES["conv2d"], Local(loops))
    assert sum(v.points for v in verdicts) == sum(EXERCISES["conv2d"].points.values()) > 0
    assert all(v.passed for v in verdicts)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("flips", {"values": "flipped-kernel"}),
        ("ignores the stride", {"stride": "stride-ignored"}),
        ("forgets the bias", {"bias": "bias-forgotten"}),
        ("always float64", {"dtype": "dtype-lost"}),
        ("crash with stride", {"stride": None}),
        ("nonsense with stride", {"stride": None}),
        ("no errors", {"errors": None}),
        ("crash with stride and bias", {"stride": None, "bias": None, "all-together": None}),
    ],
)
def test_a_mistake_costs_once(wrong, expected):
    assert lost(variant(wrong)) == expected


def test_what_is_already_counted_is_said():
    verdict = judge(EXERCISES["conv2d"], Local(variant("flips")), aspects=["stride"])[0]
    assert verdict.message == "conv2d, stride: right, given what is already counted: flipped-kernel"


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize(
    "stub",
    [
        lambda *args, **options: None,
        lambda *args, **options: 0,
        lambda *args, **options: args[0],
        lambda *args, **options: 864,
        lambda *args, **options: (_ for _ in ()).throw(NotImplementedError()),
    ],
    ids=["pass", "zero", "input", "constant", "not implemented"],
)
def test_nothing_for_nothing(name, stub):
    assert sum(v.points for v in judge(EXERCISES[name], Local(stub))) == 0


def test_zeros_of_the_right_shape_earn_nothing():
    assert sum(v.points for v in judge(EXERCISES["conv2d"], Local(lambda *a, **o: loops(*a, **o) * 0))) == 0


def test_always_raising_the_right_error_earns_nothing():
    def conv2d(x, weight, **options):
        raise ValueError(f"{x.shape} {weight.shape}")

    verdicts = judge(EXERCISES["conv2d"], Local(conv2d))
    assert sum(v.points for v in verdicts) == 0
    errors = next(v for v in verdicts if v.aspect == "errors")
    assert errors.message == "conv2d, errors: get the values right first"


def test_side_aspects_are_at_most_one_point_each():
    for exercise in EXERCISES.values():
        for aspect in ("dtype", "errors"):
            assert exercise.points.get(aspect, 0) <= 1


def test_a_count_that_is_a_float_loses_dtype_alone():
    def conv2d_macs(C_in, C_out, kernel_size, output_size):
        return float(C_in * C_out * np.prod(np.broadcast_to(kernel_size, 2)) * np.prod(np.broadcast_to(output_size, 2)))

    assert lost(conv2d_macs, "conv2d_macs") == {"dtype": None}


def test_numpy_integers_are_counts():
    def conv2d_macs(C_in, C_out, kernel_size, output_size):
        return C_in * C_out * np.prod(np.broadcast_to(kernel_size, 2)) * np.prod(np.broadcast_to(output_size, 2))

    assert lost(conv2d_macs, "conv2d_macs") == {}


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
