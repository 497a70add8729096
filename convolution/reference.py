"""The right answers: one grouped convolution in NumPy, its special cases, and the counters.

Everything here is written to be read beside the formula

    y[n, o, i, j] = b[o] + sum over c, u, v of  x[n, g + c, i*s + u*d - p, j*s + v*d - p] * w[o, c, u, v]

(g is the first input channel of o's group, s the stride, d the dilation, p the padding). The tests prove it
equal to torch in float64 over random geometry; the checks compare students' numbers with it.

Layout is N C H W and the argument names are torch's. "Convolution" is cross-correlation, as in torch.
1 MAC is one multiply and one add; counts are for one image.
"""

from fractions import Fraction

import numpy as np


def pair(value):
    """Return ``value`` as an (H, W) pair of ints.

    Examples
    --------
    >>> pair(3), pair((3, 5))
    ((3, 3), (3, 5))
    """
    return (int(value), int(value)) if np.ndim(value) == 0 else (int(value[0]), int(value[1]))


def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    """The number of positions of a window along one axis.

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation : int, in pixels

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If no window fits, or a number is out of its range; the message names both sizes.

    Notes
    -----
    floor((size + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1. Source: torch.nn.Conv2d.

    Examples
    --------
    >>> output_size(6, 3)
    4
    >>> output_size(7, 3, stride=2, padding=1)
    4
    >>> output_size(2, 3)
    Traceback (most recent call last):
        ...
    ValueError: no window fits: size 2 with padding 0 is smaller than kernel_size 3 with dilation 1
    """
    if size < 1 or kernel_size < 1 or stride < 1 or dilation < 1 or padding < 0:
        raise ValueError(
            f"size {size}, kernel_size {kernel_size}, stride {stride} and dilation {dilation} must be at least 1, "
            f"padding {padding} at least 0"
        )
    room = size + 2 * padding - (dilation * (kernel_size - 1) + 1)
    if room < 0:
        raise ValueError(
            f"no window fits: size {size} with padding {padding} is smaller than "
            f"kernel_size {kernel_size} with dilation {dilation}"
        )
    return room // stride + 1


def window_sum(image, row, column, height, width):
    """Add up the values of one window of an image.

    Parameters
    ----------
    image : ndarray, shape (H, W)
    row, column : int, the window's top left pixel, counted from 0
    height, width : int, the window's size in pixels

    Returns
    -------
    one number, of image's dtype

    Raises
    ------
    ValueError
        If the window does not lie inside the image; the message names both shapes.

    Examples
    --------
    >>> int(window_sum(np.arange(12).reshape(3, 4), 1, 2, 2, 2))
    34
    """
    H, W = image.shape
    if row < 0 or column < 0 or height < 1 or width < 1 or row + height > H or column + width > W:
        raise ValueError(f"window {(height, width)} at row {row}, column {column} is not inside the image {(H, W)}")
    return image[row : row + height, column : column + width].sum()


def grouped_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolve each group of input channels with its own filters.

    Parameters
    ----------
    x : ndarray, shape (N, in_channels, H, W)
    weight : ndarray, shape (out_channels, in_channels // groups, kH, kW)
    bias : ndarray, shape (out_channels,), optional
    stride, padding, dilation : int or (int, int), in pixels; padding is zeros on both sides
    groups : int, divides in_channels and out_channels

    Returns
    -------
    ndarray, shape (N, out_channels, H_out, W_out), of x's dtype

    Raises
    ------
    ValueError
        If the shapes disagree or no window fits; the message names both shapes.

    Notes
    -----
    N * out_channels * H_out * W_out * (in_channels // groups) * kH * kW MACs.
    Source: torch.nn.functional.conv2d.

    Examples
    --------
    >>> grouped_conv2d(np.ones((1, 3, 6, 6)), np.ones((2, 3, 3, 3)))[0, :, 0, 0]
    array([27., 27.])
    """
    x_shape, weight_shape = tuple(x.shape), tuple(weight.shape)
    both = f"x {x_shape}, weight {weight_shape}"
    if len(x_shape) != 4 or len(weight_shape) != 4:
        raise ValueError(f"x and weight need four axes each (N C H W): {both}")
    N, in_channels, H, W = x_shape
    out_channels, channels_per_group, kH, kW = weight_shape
    if channels_per_group * groups != in_channels or out_channels % groups != 0:
        raise ValueError(f"channels disagree: {both}, groups {groups}")
    if bias is not None and tuple(bias.shape) != (out_channels,):
        raise ValueError(f"bias {tuple(bias.shape)} should have shape {(out_channels,)}: {both}")
    (sH, sW), (pH, pW), (dH, dW) = pair(stride), pair(padding), pair(dilation)
    try:
        H_out = output_size(H, kH, sH, pH, dH)
        W_out = output_size(W, kW, sW, pW, dW)
    except ValueError as error:
        raise ValueError(f"{error}: {both}") from None

    # As np.pad would do it; but a check convolves thousands of small arrays, and np.pad took half of the time.
    padded = np.zeros((N, in_channels, H + 2 * pH, W + 2 * pW), x.dtype)
    padded[:, :, pH : pH + H, pW : pW + W] = x
    grouped_weight = weight.reshape(groups, out_channels // groups, channels_per_group, kH, kW)
    y = np.zeros((N, groups, out_channels // groups, H_out, W_out), x.dtype)
    for u in range(kH):
        for v in range(kW):
            # Every pixel that meets tap (u, v), at all window positions at once.
            rows = slice(u * dH, u * dH + (H_out - 1) * sH + 1, sH)
            columns = slice(v * dW, v * dW + (W_out - 1) * sW + 1, sW)
            pixels = padded[:, :, rows, columns].reshape(N, groups, channels_per_group, H_out, W_out)
            y += np.einsum("ngchw,goc->ngohw", pixels, grouped_weight[:, :, :, u, v])
    y = y.reshape(N, out_channels, H_out, W_out)
    return y if bias is None else y + bias[:, None, None]


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Regular convolution: one group, every filter sees every channel. See `grouped_conv2d`.

    Examples
    --------
    >>> conv2d(np.ones((1, 3, 6, 6)), np.ones((2, 3, 3, 3))).shape
    (1, 2, 4, 4)
    """
    return grouped_conv2d(x, weight, bias, stride, padding, dilation, groups=1)


def depthwise_conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Depthwise convolution: as many groups as channels, so channels never mix. See `grouped_conv2d`.

    weight : ndarray, shape (out_channels, 1, kH, kW); out_channels is a multiple of in_channels.
    Source: Howard et al. 2017, arXiv:1704.04861.

    Examples
    --------
    >>> depthwise_conv2d(np.ones((1, 3, 6, 6)), np.ones((3, 1, 3, 3)))[0, :, 0, 0]
    array([9., 9., 9.])
    """
    return grouped_conv2d(x, weight, bias, stride, padding, dilation, groups=x.shape[1])


def pointwise_conv2d(x, weight, bias=None):
    """Pointwise convolution: a 1x1 kernel, so pixels never mix. See `grouped_conv2d`.

    weight : ndarray, shape (out_channels, in_channels, 1, 1)

    Examples
    --------
    >>> pointwise_conv2d(np.ones((1, 3, 4, 4)), np.ones((2, 3, 1, 1)))[0, :, 0, 0]
    array([3., 3.])
    """
    if tuple(weight.shape[2:]) != (1, 1):
        raise ValueError(f"a pointwise kernel is 1x1: x {tuple(x.shape)}, weight {tuple(weight.shape)}")
    return grouped_conv2d(x, weight, bias)


def correlate2d(image, kernel, stride=1, padding=0, dilation=1):
    """Slide a kernel over one image without flipping it.

    Parameters
    ----------
    image : ndarray, shape (H, W)
    kernel : ndarray, shape (kH, kW)
    stride, padding, dilation : int or (int, int), in pixels; padding is zeros on both sides

    Returns
    -------
    ndarray, shape (H_out, W_out), of image's dtype

    Raises
    ------
    ValueError
        If no window fits; the message names both shapes.

    Examples
    --------
    >>> correlate2d(np.array([[1., 2., 4.]]), np.array([[1., 10.]]))
    array([[21., 42.]])
    """
    if image.ndim != 2 or kernel.ndim != 2:
        raise ValueError(f"image and kernel need two axes each: image {image.shape}, kernel {kernel.shape}")
    try:
        return conv2d(image[None, None], kernel[None, None], None, stride, padding, dilation)[0, 0]
    except ValueError as error:
        reason = str(error).split(": x (")[0]
        raise ValueError(f"{reason}: image {image.shape}, kernel {kernel.shape}") from None


def convolve2d(image, kernel):
    """The mathematician's convolution, valid size: `correlate2d` with the kernel flipped in both directions.

    Examples
    --------
    >>> convolve2d(np.array([[1., 2., 4.]]), np.array([[1., 10.]]))
    array([[12., 24.]])
    """
    return correlate2d(image, kernel[::-1, ::-1])


def conv2d_params(in_channels, out_channels, kernel_size, bias=True):
    """The number of parameters of a regular layer: out_channels * (in_channels * kH * kW + 1 with a bias).

    Examples
    --------
    >>> conv2d_params(3, 2, 3, bias=False), conv2d_params(3, 2, 3)
    (54, 56)
    """
    kH, kW = pair(kernel_size)
    return out_channels * in_channels * kH * kW + (out_channels if bias else 0)


def conv2d_macs(in_channels, out_channels, kernel_size, output_size):
    """The number of MACs of a regular layer on one image; adding the bias is not counted.

    Examples
    --------
    >>> conv2d_macs(3, 2, 3, 4)
    864
    """
    H_out, W_out = pair(output_size)
    return H_out * W_out * conv2d_params(in_channels, out_channels, kernel_size, bias=False)


def depthwise_params(in_channels, kernel_size, channel_multiplier=1, bias=True):
    """The number of parameters of a depthwise layer.

    Examples
    --------
    >>> depthwise_params(3, 3, bias=False), depthwise_params(3, 3)
    (27, 30)
    """
    return conv2d_params(1, in_channels * channel_multiplier, kernel_size, bias)


def depthwise_macs(in_channels, kernel_size, output_size, channel_multiplier=1):
    """The number of MACs of a depthwise layer on one image.

    Examples
    --------
    >>> depthwise_macs(3, 3, 4)
    432
    """
    return conv2d_macs(1, in_channels * channel_multiplier, kernel_size, output_size)


def pointwise_params(in_channels, out_channels, bias=True):
    """The number of parameters of a pointwise layer.

    Examples
    --------
    >>> pointwise_params(3, 2, bias=False), pointwise_params(3, 2)
    (6, 8)
    """
    return conv2d_params(in_channels, out_channels, 1, bias)


def pointwise_macs(in_channels, out_channels, output_size):
    """The number of MACs of a pointwise layer on one image.

    Examples
    --------
    >>> pointwise_macs(3, 2, 4)
    96
    """
    return conv2d_macs(in_channels, out_channels, 1, output_size)


def cost_ratio(out_channels, kernel_size):
    """The ratio of separable weights to regular weights, without bias: 1/out_channels + 1/(kH kW).

    Examples
    --------
    >>> cost_ratio(2, 3)
    Fraction(11, 18)
    """
    kH, kW = pair(kernel_size)
    return Fraction(1, out_channels) + Fraction(1, kH * kW)


def separable_conv2d(
    x,
    depthwise_weight,
    pointwise_weight,
    depthwise_bias=None,
    pointwise_bias=None,
    stride=1,
    padding=0,
    dilation=1,
):
    """Depthwise, then pointwise; stride, padding and dilation belong to the depthwise step.

    Parameters
    ----------
    x : ndarray, shape (N, in_channels, H, W)
    depthwise_weight : ndarray, shape (in_channels * m, 1, kH, kW)
    pointwise_weight : ndarray, shape (out_channels, in_channels * m, 1, 1)
    depthwise_bias, pointwise_bias : ndarray, shape (in_channels * m,) and (out_channels,), optional

    Returns
    -------
    ndarray, shape (N, out_channels, H_out, W_out)

    Raises
    ------
    ValueError
        If the shapes disagree or no window fits; the message names both shapes.

    Examples
    --------
    >>> separable_conv2d(np.ones((1, 3, 6, 6)), np.ones((3, 1, 3, 3)), np.ones((2, 3, 1, 1)))[0, :, 0, 0]
    array([27., 27.])
    """
    y = depthwise_conv2d(x, depthwise_weight, depthwise_bias, stride, padding, dilation)
    return pointwise_conv2d(y, pointwise_weight, pointwise_bias)


def separable_params(in_channels, out_channels, kernel_size, bias=True):
    """The number of parameters of a separable layer; ``bias=True`` is a bias in both steps.

    Examples
    --------
    >>> separable_params(3, 2, 3, bias=False), separable_params(3, 2, 3)
    (33, 38)
    """
    depthwise = depthwise_params(in_channels, kernel_size, bias=bias)
    return depthwise + pointwise_params(in_channels, out_channels, bias)


def separable_macs(in_channels, out_channels, kernel_size, output_size):
    """The number of MACs of both steps on one image; both steps make output_size pixels.

    Examples
    --------
    >>> separable_macs(3, 2, 3, 4)
    528
    """
    depthwise = depthwise_macs(in_channels, kernel_size, output_size)
    return depthwise + pointwise_macs(in_channels, out_channels, output_size)


def merge(depthwise_weight, pointwise_weight):
    """The regular kernel that does what depthwise then pointwise do, with nothing non-linear between.

    Parameters
    ----------
    depthwise_weight : ndarray, shape (in_channels, 1, kH, kW)
    pointwise_weight : ndarray, shape (out_channels, in_channels, 1, 1)

    Returns
    -------
    ndarray, shape (out_channels, in_channels, kH, kW)

    Raises
    ------
    ValueError
        If the channels disagree; the message names both shapes.

    Examples
    --------
    >>> merge(np.ones((3, 1, 3, 3)), np.full((2, 3, 1, 1), 5.0))[1, 2, 0, 0]
    np.float64(5.0)
    """
    both = f"depthwise_weight {tuple(depthwise_weight.shape)}, pointwise_weight {tuple(pointwise_weight.shape)}"
    shapes_fit = depthwise_weight.ndim == pointwise_weight.ndim == 4 and pointwise_weight.shape[2:] == (1, 1)
    if not shapes_fit or depthwise_weight.shape[:2] != (pointwise_weight.shape[1], 1):
        raise ValueError(f"expected (C, 1, kH, kW) and (O, C, 1, 1): {both}")
    return pointwise_weight * depthwise_weight[:, 0]


def separate(weight):
    """The nearest separable kernel in the sense of least squares: per input channel, the largest singular value.

    Parameters
    ----------
    weight : ndarray, shape (out_channels, in_channels, kH, kW)

    Returns
    -------
    depthwise_weight : ndarray, shape (in_channels, 1, kH, kW)
    pointwise_weight : ndarray, shape (out_channels, in_channels, 1, 1)

    Notes
    -----
    Input channel c sees the matrix weight[:, c] of shape (out_channels, kH * kW); a separable kernel makes it an
    outer product, and the nearest one is the first term of its singular value decomposition (Eckart and Young,
    1936). Sign and scale are free between the two factors, so results are compared through `merge`.

    Examples
    --------
    >>> rank_one = merge(np.arange(1.0, 28).reshape(3, 1, 3, 3), np.ones((2, 3, 1, 1)))
    >>> bool(np.allclose(merge(*separate(rank_one)), rank_one))
    True
    """
    O, C, kH, kW = weight.shape  # noqa: E741
    per_channel = weight.transpose(1, 0, 2, 3).reshape(C, O, kH * kW)
    left, sizes, right = np.linalg.svd(per_channel, full_matrices=False)
    depthwise = (sizes[:, :1] * right[:, 0]).reshape(C, 1, kH, kW)
    pointwise = left[:, :, 0].T.reshape(O, C, 1, 1)
    return depthwise, pointwise
