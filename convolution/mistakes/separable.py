"""Mistakes about the two steps of a separable convolution: one left out, their order, options of the other one."""

import numpy as np

from convolution.mistakes.groups import SEPARABLE, mistake
from convolution.reference import pair


def _only_depthwise(right, x, depthwise_weight, **options):
    """The right depthwise step alone: followed by a pointwise step that changes nothing."""
    C = depthwise_weight.shape[0]
    return right(x, depthwise_weight, np.eye(C).reshape(C, C, 1, 1), **options)


def _only_pointwise(right, x, pointwise_weight, pointwise_bias=None):
    """The right pointwise step alone: after a depthwise step that changes nothing."""
    return right(x, np.ones((x.shape[1], 1, 1, 1)), pointwise_weight, pointwise_bias=pointwise_bias)


@mistake("pointwise-forgotten", SEPARABLE, "Your result is that of the depthwise step alone; the channels never met.")
def _(right, x, depthwise_weight, pointwise_weight, pointwise_bias=None, **options):
    return _only_depthwise(right, x, depthwise_weight, **options)


@mistake("depthwise-forgotten", SEPARABLE, "Your result is that of the pointwise step alone; the pixels never met.")
def _(right, x, depthwise_weight, pointwise_weight, pointwise_bias=None, **options):
    return _only_pointwise(right, x, pointwise_weight, pointwise_bias)


@mistake("pointwise-first", SEPARABLE, "Your pointwise step comes first. Depthwise comes first, then pointwise.")
def _(right, x, depthwise_weight, pointwise_weight, pointwise_bias=None, **options):
    if depthwise_weight.shape[0] != pointwise_weight.shape[0]:
        raise IndexError("after the pointwise step there are other channels than the depthwise kernels expect")
    mixed = _only_pointwise(right, x, pointwise_weight, pointwise_bias)
    return _only_depthwise(right, mixed, depthwise_weight, **options)


@mistake(
    "stride-in-both-steps",
    SEPARABLE,
    "Your stride is taken in both steps, so the result is too small. It belongs to the depthwise step.",
)
def _(right, *args, stride=1, **options):
    sH, sW = pair(stride)
    return right(*args, stride=stride, **options)[..., ::sH, ::sW]


@mistake(
    "padding-in-both-steps",
    SEPARABLE,
    "Your zeros are added in both steps, so the result has a border that no window made. Padding belongs to the "
    "depthwise step.",
)
def _(right, *args, padding=0, pointwise_bias=None, **options):
    pH, pW = pair(padding)
    y = right(*args, padding=padding, **options)
    y = np.pad(y, ((0, 0), (0, 0), (pH, pH), (pW, pW)))
    return y if pointwise_bias is None else y + pointwise_bias[:, None, None]


@mistake("bias-forgotten", SEPARABLE, "Your result is the one without the two biases.")
def _(right, *args, depthwise_bias=None, pointwise_bias=None, **options):
    return right(*args, **options)


@mistake("depthwise-bias-forgotten", SEPARABLE, "Your result is the one without the depthwise step's bias.")
def _(right, *args, depthwise_bias=None, **options):
    return right(*args, **options)


@mistake("pointwise-bias-forgotten", SEPARABLE, "Your result is the one without the pointwise step's bias.")
def _(right, *args, pointwise_bias=None, **options):
    return right(*args, **options)


@mistake(
    "activation-between",
    SEPARABLE,
    "Between your two steps negative numbers become zero. Here the pointwise step takes the maps as they are.",
)
def _(right, x, depthwise_weight, pointwise_weight, pointwise_bias=None, **options):
    maps = _only_depthwise(right, x, depthwise_weight, **options)
    return _only_pointwise(right, np.maximum(maps, 0), pointwise_weight, pointwise_bias)


@mistake(
    "weight-axes-swapped",
    SEPARABLE,
    "Your pointwise weight's first two axes are exchanged: weight[o, c] belongs to output channel o and channel c.",
)
def _(right, x, depthwise_weight, pointwise_weight, **options):
    if pointwise_weight.shape[0] != pointwise_weight.shape[1]:
        raise IndexError("with other numbers of channels the exchanged axes do not fit")
    return right(x, depthwise_weight, pointwise_weight.swapaxes(0, 1), **options)


# --- merging the two kernels into one, and back ---


@mistake("flipped-kernel", ["merge"], "Your merged kernel is flipped. Nothing flips on the way.")
def _(right, depthwise_weight, pointwise_weight):
    return right(depthwise_weight[..., ::-1, ::-1], pointwise_weight)


@mistake("pointwise-forgotten", ["merge"], "Your merged kernel has only the depthwise weights, once per filter.")
def _(right, depthwise_weight, pointwise_weight):
    return right(depthwise_weight, np.ones_like(pointwise_weight))


@mistake("depthwise-forgotten", ["merge"], "Your merged kernel has only the pointwise weights, once per tap.")
def _(right, depthwise_weight, pointwise_weight):
    return right(np.ones_like(depthwise_weight), pointwise_weight)


@mistake("channels-reversed", ["merge"], "Your depthwise kernels meet the channels in reverse order.")
def _(right, depthwise_weight, pointwise_weight):
    return right(depthwise_weight[::-1], pointwise_weight)


@mistake(
    "weight-axes-swapped",
    ["merge"],
    "Your pointwise weight's first two axes are exchanged: weight[o, c] belongs to output channel o and channel c.",
)
def _(right, depthwise_weight, pointwise_weight):
    if pointwise_weight.shape[0] != pointwise_weight.shape[1]:
        raise IndexError("with other numbers of channels the exchanged axes do not fit")
    return right(depthwise_weight, pointwise_weight.swapaxes(0, 1))


@mistake("summed-over-channels", ["merge"], "Your merged kernel has the same sum over channels in every channel.")
def _(right, depthwise_weight, pointwise_weight):
    merged = right(depthwise_weight, pointwise_weight)
    return np.broadcast_to(merged.sum(axis=1, keepdims=True), merged.shape)


@mistake(
    "scale-lost",
    ["separate"],
    "Your factors have the right direction and the wrong size: the singular value belongs to one of them.",
)
def _(right, weight):
    nearest = right(weight)
    return nearest / np.sqrt((nearest**2).sum(axis=(0, 2, 3), keepdims=True))


@mistake(
    "one-kernel-for-all-channels",
    ["separate"],
    "Your separable kernel is the nearest for the first input channel only, and is used for all.",
)
def _(right, weight):
    return np.repeat(right(weight)[:, :1], weight.shape[1], axis=1)
