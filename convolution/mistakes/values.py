"""Mistakes about biases, sums and batches, and results that nothing was computed for."""

import math

import numpy as np

from convolution.mistakes.groups import LAYERS, ON_DEVICES, PLANES, SEPARABLE, mistake


@mistake("bias-forgotten", LAYERS, "Your result is the one without the bias.")
def _(right, x, weight, bias=None, **options):
    return right(x, weight, **options)


@mistake(
    "bias-per-product",
    LAYERS,
    "Your bias is added once for every product. It is added once for every output.",
)
def _(right, x, weight, bias=None, **options):
    products = math.prod(weight.shape[1:])
    return right(x, weight, bias=None if bias is None else bias * products, **options)


@mistake(
    "bias-first-only",
    LAYERS,
    "Every output channel gets the first bias. There is one for each filter.",
)
def _(right, x, weight, bias=None, **options):
    return right(x, weight, bias=None if bias is None else np.full_like(bias, bias[0]), **options)


@mistake(
    "mean-not-sum",
    (*PLANES, "convolve2d", *LAYERS, "window_sum"),
    "Your result is a mean. The products of a window are added, and nothing divides the sum.",
)
def _(right, x, *others, bias=None, **options):
    if np.ndim(others[0]) == 0:
        _row, _column, height, width = others
        return right(x, *others) / (height * width)
    weight = others[0]
    products = weight.size // weight.shape[0] if weight.ndim == 4 else weight.size
    y = right(x, weight, **options) / products
    return y if bias is None else y + bias[:, None, None]


@mistake(
    "only-first-image",
    (*LAYERS, "separable_conv2d"),
    "Only the first image of the batch is convolved; the others come out as zeros.",
)
def _(right, *args, **options):
    y = right(*args, **options)
    y[1:] = 0
    return y


@mistake(
    "row-and-column-swapped",
    ["window_sum"],
    "Your window starts at (column, row). The first axis of an image counts rows.",
)
def _(right, image, row, column, height, width):
    H, W = image.shape
    if column + height > H or row + width > W:
        # Slices that leave the image are cut off, they do not raise.
        return image[column : column + height, row : row + width].sum()
    return right(image, column, row, height, width)


@mistake(
    "window-end-is-size",
    ["window_sum"],
    "Your slices end at height and at width. A slice ends where it starts plus its length.",
)
def _(right, image, row, column, height, width):
    return image[row:height, column:width].sum()


@mistake(
    "window-one-too-large",
    ["window_sum"],
    "Your window has one row and one column too many. A slice leaves out the pixel at its end.",
)
def _(right, image, row, column, height, width):
    return image[row : row + height + 1, column : column + width + 1].sum()


@mistake(
    "zeros",
    (*PLANES, "convolve2d", *LAYERS, *SEPARABLE, "window_sum", "merge", "separate"),
    "Your result is all zeros, so nothing was ever added to it.",
    stub=True,
)
def _(right, *args, **options):
    return right(*args, **options) * 0


@mistake(
    "input-returned",
    (*PLANES, "convolve2d", *LAYERS, *SEPARABLE, "window_sum", "output_size", "merge"),
    "Your result is what went in.",
    stub=True,
)
def _(right, x, *others, **options):
    return x


@mistake(
    "argument-changed",
    (*PLANES, "convolve2d", *LAYERS, "separable_conv2d"),
    "Your function writes into what it was given. Whoever called it still needs those numbers: work on a copy.",
)
def _(right, x, *others, **options):
    y = right(x, *others, **options)
    x += 1
    return y


@mistake(
    "dtype-lost",
    (*PLANES, "convolve2d", *LAYERS, "separable_conv2d", "merge"),
    "Your result does not have the dtype of the input. np.zeros and torch.zeros take a dtype.",
)
def _(right, x, *others, **options):
    y = right(x, *others, **options)
    return y.astype(np.float32 if x.dtype == np.float64 else np.float64)


@mistake(
    "device-lost",
    ON_DEVICES,
    "Your result is not on the device of the input. A tensor made without device=x.device is on the CPU.",
)
def _(right, *args, **options):
    return right(*args, **options)  # the numbers are right: `as_submitted` leaves them on the CPU
