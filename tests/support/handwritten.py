"""Kernels as students write them, right ones and ones with a line changed; and what the checks say to them."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from autograder import CheckFailed, check
from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.student_code.subject import Local
from convolution.reference import pair


def taps(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """A right torch kernel: a loop over taps."""
    if x.shape[1] != weight.shape[1] or min(pair(stride)) < 1 or min(pair(padding)) < 0 or min(pair(dilation)) < 1:
        raise ValueError(f"{tuple(x.shape)} {tuple(weight.shape)}")
    (sH, sW), (pH, pW), (dH, dW) = pair(stride), pair(padding), pair(dilation)
    kH, kW = weight.shape[2:]
    x_shape, x = tuple(x.shape), F.pad(x, (pW, pW, pH, pH))
    H_out, W_out = (x.shape[2] - dH * (kH - 1) - 1) // sH + 1, (x.shape[3] - dW * (kW - 1) - 1) // sW + 1
    if H_out < 1 or W_out < 1:
        raise ValueError(f"{x_shape} {tuple(weight.shape)}")
    y = x.new_zeros(x.shape[0], weight.shape[0], H_out, W_out)
    for u in range(kH):
        for v in range(kW):
            rows = slice(u * dH, u * dH + (H_out - 1) * sH + 1, sH)
            columns = slice(v * dW, v * dW + (W_out - 1) * sW + 1, sW)
            y += torch.einsum("nchw,oc->nohw", x[:, :, rows, columns], weight[:, :, u, v])
    return y if bias is None else y + bias[:, None, None]


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


def variant(wrong):
    """`loops` with one line wrong."""
    return lambda *args, **options: loops(*args, **options, wrong=wrong)


def lost(function, name="conv2d"):
    """The aspects that a function loses, each with the mistake that is named."""
    return {v.aspect: v.mistake for v in judge(EXERCISES[name], Local(function)) if not v.passed}


def message_of(function, name):
    """The text of the failure of `check`."""
    with pytest.raises(CheckFailed) as failure:
        check(function, name)
    return str(failure.value)
