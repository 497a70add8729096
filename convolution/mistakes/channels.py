"""Mistakes about the channels: the kernel that each one meets, and the sums over them."""

import numpy as np

from convolution.mistakes.groups import DEPTHWISE, POINTWISE, REGULAR, SEPARABLE, mistake


@mistake(
    "first-channel-only",
    (*REGULAR, *POINTWISE),
    "Your result uses the first input channel only. A filter has a kernel for every input channel, and their "
    "results are added.",
)
def _(right, x, weight, **options):
    return right(x[:, :1], weight[:, :1], **options)


@mistake(
    "channels-reversed",
    (*REGULAR, *POINTWISE, *DEPTHWISE, *SEPARABLE),
    "Your input channels meet the weights in reverse order: channel 0 belongs to the first kernel.",
)
def _(right, x, *others, **options):
    return right(x[:, ::-1], *others, **options)


@mistake(
    "output-channels-reversed",
    (*REGULAR, *POINTWISE, *DEPTHWISE, *SEPARABLE),
    "Your output channels are in reverse order: the first filter makes channel 0.",
)
def _(right, *args, **options):
    return right(*args, **options)[:, ::-1]


@mistake(
    "one-kernel-for-all-channels",
    REGULAR,
    "Every input channel is convolved with the filter's first kernel. Each channel has its own.",
)
def _(right, x, weight, **options):
    return right(x, np.repeat(weight[:, :1], weight.shape[1], axis=1), **options)


@mistake(
    "one-filter-for-all-outputs",
    (*REGULAR, *POINTWISE),
    "All your output channels are made by the first filter. Filter o makes channel o.",
)
def _(right, x, weight, **options):
    return right(x, np.repeat(weight[:1], weight.shape[0], axis=0), **options)


@mistake(
    "weight-axes-swapped",
    (*REGULAR, *POINTWISE),
    "Your weight's first two axes are exchanged: weight[o, c] belongs to output channel o and input channel c.",
)
def _(right, x, weight, **options):
    if weight.shape[0] != weight.shape[1]:
        raise IndexError("with other numbers of channels the exchanged axes do not fit")
    return right(x, weight.swapaxes(0, 1), **options)


# --- depthwise: channels never mix ---


@mistake(
    "first-channel-only",
    DEPTHWISE,
    "All your kernels are applied to the first input channel. Every channel has its own.",
)
def _(right, x, weight, **options):
    return right(np.repeat(x[:, :1], x.shape[1], axis=1), weight, **options)


@mistake(
    "one-kernel-for-all-channels",
    (*DEPTHWISE, *SEPARABLE),
    "Every channel is convolved with the first kernel. Each channel has its own.",
)
def _(right, x, weight, *others, **options):
    return right(x, np.repeat(weight[:1], weight.shape[0], axis=0), *others, **options)


@mistake(
    "summed-over-channels",
    DEPTHWISE,
    "Your maps are added together, as a regular convolution does. Depthwise keeps one map for each channel.",
)
def _(right, x, weight, bias=None, **options):
    y = right(x, weight, **options)
    y = np.broadcast_to(y.sum(axis=1, keepdims=True), y.shape)
    return y if bias is None else y + bias[:, None, None]


@mistake(
    "summed-to-one-map",
    DEPTHWISE,
    "Your maps are added together into a single one, as one filter of a regular convolution does. Depthwise keeps one "
    "map for each channel.",
)
def _(right, *args, **options):
    return right(*args, **options).sum(axis=1, keepdims=True)


@mistake(
    "groups-ignored",
    DEPTHWISE,
    "Each of your kernels is applied to the sum of all input channels. A depthwise kernel sees one channel.",
)
def _(right, x, weight, **options):
    return right(np.repeat(x.sum(axis=1, keepdims=True), x.shape[1], axis=1), weight, **options)


@mistake(
    "multiplier-order",
    DEPTHWISE,
    "Your output channels go round the input channels one by one. In torch's order all outputs of input channel 0 "
    "come first, then all of channel 1.",
)
def _(right, x, weight, bias=None, **options):
    C = x.shape[1]
    m = weight.shape[0] // C
    # Output o = j * C + c is made from input channel c; right puts that one at c * m + j.
    theirs = np.arange(C * m).reshape(m, C).T.ravel()
    y = right(x, weight[theirs], bias=None if bias is None else bias[theirs], **options)
    back = np.empty_like(theirs)
    back[theirs] = np.arange(C * m)
    return y[:, back]


@mistake(
    "multiplier-ignored",
    DEPTHWISE,
    "Your result has one output for each input channel. With out_channels = m * in_channels every input channel "
    "makes m outputs.",
)
def _(right, x, weight, bias=None, **options):
    C = x.shape[1]
    return right(x, weight[:C], bias=None if bias is None else bias[:C], **options)


# --- pointwise: pixels never mix ---


@mistake(
    "reshape-for-transpose",
    POINTWISE,
    "Your channels and pixels are mixed up: reshape keeps the order in memory, it does not bring the channels last. "
    "Moving an axis needs transpose or moveaxis.",
)
def _(right, x, weight, **options):
    N, C, H, W = x.shape
    mixed = x.reshape(N, H * W, C).transpose(0, 2, 1).reshape(N, C, H, W)
    return right(mixed, weight, **options)


@mistake(
    "height-and-width-swapped",
    POINTWISE,
    "Your rows came out as columns. The result keeps the input's height and width.",
)
def _(right, *args, **options):
    return right(*args, **options).swapaxes(-1, -2)
