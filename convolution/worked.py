"""A single number of a convolution, worked out: the products of its window, and their sum."""

import numpy as np

from convolution.reference import pair


def window(case, index):
    """The products of the window at an index, written out with their sum.

    Parameters
    ----------
    case : Case whose two arguments, image and kernel, are single planes in any number of axes
    index : of the result; its last two entries are the row and the column

    Examples
    --------
    >>> from autograder.model import Case
    >>> print(window(Case((np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[10.0, 1.0]]))), (1, 0)))
    the window at [1, 0]:
    3*10 + 4*1 = 34
    """
    return _window(case, index, "", lambda kernel: kernel)


def flipped_window(case, index):
    """The same for the mathematician's convolution, which flips the kernel."""
    return _window(case, index, " with the kernel flipped", lambda kernel: kernel[::-1, ::-1])


def _window(case, index, remark, change):
    image, kernel = (array.reshape(array.shape[-2:]) for array in case.args)
    kernel = change(kernel)
    (sH, sW), (pH, pW), (dH, dW) = (
        pair(case.options.get(name, default)) for name, default in (("stride", 1), ("padding", 0), ("dilation", 1))
    )
    (i, j), (kH, kW) = index[-2:], kernel.shape
    padded = np.pad(image, ((pH, pH), (pW, pW)))
    taps = padded[i * sH : i * sH + dH * (kH - 1) + 1 : dH, j * sW : j * sW + dW * (kW - 1) + 1 : dW]
    terms = [f"{a:.4g}*{b:.4g}" for a, b in zip(taps.ravel(), kernel.ravel(), strict=True)]
    total = float((taps * kernel).sum())
    bias = case.options.get("bias")
    if bias is not None:
        terms.append(f"bias {float(bias[0]):.4g}")
        total += float(bias[0])
    return f"the window at [{i}, {j}]{remark}:\n{' + '.join(terms)} = {total:.4g}"
