"""Mistakes about the position of the window, the pixels at the border, and the number of windows."""

import math

import numpy as np

from convolution.mistakes.groups import DEPTHWISE, REGULAR, SLIDING, mistake
from convolution.reference import pair


def _padded(x, rows, columns, **how):
    """x with (before, after) rows and columns added to its last two axes."""
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [rows, columns], **how)


@mistake(
    "flipped-kernel",
    SLIDING,
    'Your numbers are those of a kernel flipped in both directions. Deep learning\'s "convolution" does not flip it.',
)
def _(right, x, weight, *others, **options):
    return right(x, weight[..., ::-1, ::-1], *others, **options)


@mistake(
    "kernel-not-flipped",
    ["convolve2d"],
    "Your numbers are those of a kernel that was not flipped: that is correlation. This exercise asks for the "
    "mathematician's convolution.",
)
def _(right, x, weight, *others, **options):
    return right(x, weight[::-1, ::-1], *others, **options)


@mistake(
    "flipped-one-way",
    ["convolve2d"],
    "Your kernel is flipped in one direction only. Convolution flips it along both axes.",
)
def _(right, x, weight, *others, **options):
    return right(x, weight[:, ::-1], *others, **options)


@mistake(
    "transposed-kernel",
    (*SLIDING, "convolve2d"),
    "Your kernel's rows and columns are exchanged: the tap at row u, column v is weight[..., u, v].",
)
def _(right, x, weight, *others, **options):
    if weight.shape[-1] != weight.shape[-2]:
        raise IndexError("a kernel that is not square has no entry there once rows and columns are exchanged")
    return right(x, weight.swapaxes(-1, -2), *others, **options)


@mistake(
    "padding-one-sided",
    SLIDING,
    "Your zeros are at the top and the left only. Padding p adds p rows or columns on both sides.",
)
def _(right, x, weight, *others, padding=0, **options):
    pH, pW = pair(padding)
    return right(_padded(x, (pH, 0), (pW, 0)), weight, *others, **options)


@mistake(
    "padding-one-sided",
    ["output_size"],
    "Your output size counts the padding once. Padding p adds p rows or columns on both sides.",
)
def _(right, size, *others, padding=0, **options):
    return right(size + padding, *others, **options)


@mistake(
    "padding-edge-values",
    SLIDING,
    "Your border repeats the image's outermost pixels. Padding here is zeros.",
)
def _(right, x, weight, *others, padding=0, **options):
    pH, pW = pair(padding)
    return right(_padded(x, (pH, pH), (pW, pW), mode="edge"), weight, *others, **options)


@mistake("padding-ignored", (*SLIDING, "output_size"), "Your result is the one without padding.")
def _(right, *args, **options):
    return right(*args, **{**options, "padding": 0})


@mistake(
    "border-wraps",
    SLIDING,
    "Your border is filled from the opposite side of the image, as negative indices and np.roll do. "
    "Padding here is zeros.",
)
def _(right, x, weight, *others, padding=0, **options):
    pH, pW = pair(padding)
    return right(_padded(x, (pH, pH), (pW, pW), mode="wrap"), weight, *others, **options)


@mistake(
    "channels-padded-too",
    (*REGULAR, *DEPTHWISE),
    "Your padding also added channels of zeros, so every weight meets the wrong channel. Only the last two axes, "
    "rows and columns, are padded.",
)
def _(right, x, weight, *others, padding=0, **options):
    pH, _pW = pair(padding)
    deeper = np.pad(x, ((0, 0), (pH, pH), (0, 0), (0, 0)))[:, : x.shape[1]]
    return right(deeper, weight, *others, padding=padding, **options)


@mistake("stride-ignored", (*SLIDING, "output_size"), "Your result is the one with stride 1.")
def _(right, *args, **options):
    return right(*args, **{**options, "stride": 1})


@mistake(
    "stride-added",
    SLIDING,
    "Your window number i starts at pixel i + stride. Think of where window 0 starts, then window 1.",
)
def _(right, x, weight, *others, stride=1, padding=0, **options):
    sH, sW = pair(stride)
    y = right(x, weight, *others, stride=stride, padding=padding, **options)
    # Rows and columns of zeros keep the last windows inside; code that runs past the edge raises instead.
    pH, pW = pair(padding)
    larger = _padded(x, (pH, pH + sH), (pW, pW + sW))
    shifted = right(larger, weight, *others, stride=1, padding=0, **options)[..., sH:, sW:]
    if shifted.shape[-2] < y.shape[-2] or shifted.shape[-1] < y.shape[-1]:
        raise IndexError("the shifted windows leave the image")
    return shifted[..., : y.shape[-2], : y.shape[-1]]


@mistake("dilation-ignored", (*SLIDING, "output_size"), "Your result is the one with dilation 1.")
def _(right, *args, **options):
    return right(*args, **{**options, "dilation": 1})


@mistake(
    "dilation-off-by-one",
    (*SLIDING, "output_size"),
    "Your taps lie dilation + 1 pixels apart. Dilation 1 means next to each other.",
)
def _(right, *args, dilation=1, **options):
    apart = dilation + 1 if np.ndim(dilation) == 0 else tuple(d + 1 for d in dilation)
    return right(*args, **options, dilation=apart)


@mistake(
    "size-plus-one-forgotten",
    (*SLIDING, "convolve2d", "output_size"),
    "Your output is one too small along each axis. The first window counts too.",
)
def _(right, *args, **options):
    y = right(*args, **options)
    return y - 1 if np.ndim(y) == 0 else y[..., :-1, :-1]


@mistake(
    "plus-one-divided-too",
    (*SLIDING, "output_size"),
    "Your output size divides the room and the one for the first window together. The first window is there "
    "whatever the stride: it is counted after the division.",
)
def _(right, *args, stride=1, **options):
    y = right(*args, **options, stride=stride)
    dense = right(*args, **options)  # with stride 1 there is a window more than there is room
    if np.ndim(y) == 0:
        return dense // stride
    sH, sW = pair(stride)
    return y[..., : dense.shape[-2] // sH, : dense.shape[-1] // sW]


@mistake(
    "stride-axes-swapped",
    SLIDING,
    "Your stride's two numbers are exchanged: the first is for rows, the second for columns.",
)
def _(right, *args, stride=1, **options):
    return right(*args, **options, stride=pair(stride)[::-1])


@mistake(
    "padding-axes-swapped",
    SLIDING,
    "Your padding's two numbers are exchanged: the first is for rows, the second for columns.",
)
def _(right, *args, padding=0, **options):
    return right(*args, **options, padding=pair(padding)[::-1])


def _with_size_rounded(rounding, right, *args, **options):
    """The result when (room / stride) is rounded by another rule than down; what is missing is read as zeros."""
    if np.ndim(args[0]) == 0:
        size, kernel_size = args
        stride = options.get("stride", 1)
        reach = options.get("dilation", 1) * (kernel_size - 1) + 1
        return rounding((size + 2 * options.get("padding", 0) - reach) / stride) + 1
    x, weight, *others = args
    padded = _padded(x, *((p, p) for p in pair(options.get("padding", 0))))
    counts, missing = [], []
    for axis in (0, 1):
        stride = pair(options.get("stride", 1))[axis]
        reach = pair(options.get("dilation", 1))[axis] * (weight.shape[axis - 2] - 1) + 1
        room = padded.shape[axis - 2] - reach
        counts.append(rounding(room / stride) + 1)
        missing.append((0, max(0, (counts[axis] - 1) * stride - room)))
    y = right(_padded(padded, *missing), weight, *others, **{**options, "padding": 0})
    return y[..., : counts[0], : counts[1]]


@mistake(
    "size-rounded-up",
    (*SLIDING, "output_size"),
    "Your output size is rounded up. A window that does not fit whole is left out.",
)
def _(right, *args, **options):
    return _with_size_rounded(math.ceil, right, *args, **options)


@mistake(
    "size-rounded-to-nearest",
    (*SLIDING, "output_size"),
    "Your output size is rounded to the nearest whole number. A window that does not fit whole is left out, "
    "however much of it would fit.",
)
def _(right, *args, **options):
    return _with_size_rounded(lambda ratio: math.floor(ratio + 0.5), right, *args, **options)


@mistake(
    "height-for-width",
    (*SLIDING, "convolve2d"),
    "Your result has as many columns as rows: the height is used where the width belongs.",
)
def _(right, *args, **options):
    y = right(*args, **options)
    if y.shape[-2] > y.shape[-1]:
        raise IndexError("as many columns as rows do not fit in the image")
    return y[..., : y.shape[-2]]


@mistake("kernel-height-for-width", SLIDING, "The kernel's height is used where its width belongs.")
def _(right, x, weight, *others, **options):
    kH, kW = weight.shape[-2:]
    if kH > kW:
        raise IndexError("the kernel has no such column")
    return right(x, weight[..., :kH], *others, **options)


@mistake(
    "last-row-missing",
    (*SLIDING, "convolve2d"),
    "The last row of your result was never written. Look at where your loop over rows ends.",
)
def _(right, *args, **options):
    y = right(*args, **options)
    y[..., -1, :] = 0
    return y


@mistake(
    "last-row-and-column-missing",
    (*SLIDING, "convolve2d"),
    "The last row and the last column of your result were never written. Look at where your loops end.",
)
def _(right, *args, **options):
    y = right(*args, **options)
    y[..., -1, :] = 0
    y[..., :, -1] = 0
    return y
