"""A student's file for 02-regular, everything right: loops in NumPy, a loop over the taps in torch."""

import numpy as np
import torch


def pair(v):
    if isinstance(v, (tuple, list)):
        return v
    return v, v


def look_at(x, weight, stride, padding, dilation):
    """Both sizes of the result, or an error that says what does not fit."""
    shapes = f"x {tuple(x.shape)} and weight {tuple(weight.shape)}"
    if x.shape[1] != weight.shape[1]:
        raise ValueError("number of channels is not the same: " + shapes)
    sizes = []
    for axis in (0, 1):
        s, p, d = pair(stride)[axis], pair(padding)[axis], pair(dilation)[axis]
        if s < 1 or d < 1 or p < 0:
            raise ValueError("stride, padding or dilation is impossible: " + shapes)
        reach = d * (weight.shape[2 + axis] - 1) + 1
        if x.shape[2 + axis] + 2 * p < reach:
            raise ValueError("the kernel is too large: " + shapes)
        sizes.append((x.shape[2 + axis] + 2 * p - reach) // s + 1)
    return sizes


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    H_out, W_out = look_at(x, weight, stride, padding, dilation)
    (sH, sW), (pH, pW), (dH, dW) = pair(stride), pair(padding), pair(dilation)
    padded = np.pad(x, [(0, 0), (0, 0), (pH, pH), (pW, pW)])
    N, C, kH, kW, O = x.shape[0], x.shape[1], weight.shape[2], weight.shape[3], weight.shape[0]
    y = np.zeros((N, O, H_out, W_out), dtype=x.dtype)
    for n in range(N):
        for o in range(O):
            for i in range(H_out):
                for j in range(W_out):
                    total = 0.0
                    for c in range(C):
                        for u in range(kH):
                            for v in range(kW):
                                total += padded[n, c, i * sH + u * dH, j * sW + v * dW] * weight[o, c, u, v]
                    if bias is not None:
                        total += bias[o]
                    y[n, o, i, j] = total
    return y


def conv2d_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
    H_out, W_out = look_at(x, weight, stride, padding, dilation)
    (sH, sW), (pH, pW), (dH, dW) = pair(stride), pair(padding), pair(dilation)
    padded = torch.nn.functional.pad(x, (pW, pW, pH, pH))
    y = 0
    for u in range(weight.shape[2]):
        for v in range(weight.shape[3]):
            rows = slice(u * dH, u * dH + (H_out - 1) * sH + 1, sH)
            columns = slice(v * dW, v * dW + (W_out - 1) * sW + 1, sW)
            y = y + torch.einsum("nchw,oc->nohw", padded[:, :, rows, columns], weight[:, :, u, v])
    if bias is not None:
        y = y + bias.reshape(1, -1, 1, 1)
    return y


def conv2d_params(in_channels, out_channels, kernel_size, bias=True):
    kH, kW = pair(kernel_size)
    weights = out_channels * in_channels * kH * kW
    return weights + out_channels if bias else weights


def conv2d_macs(in_channels, out_channels, kernel_size, output_size):
    kH, kW = pair(kernel_size)
    H, W = pair(output_size)
    return H * W * kH * kW * in_channels * out_channels


if __name__ == "__main__":
    raise SystemExit("this part is the student's own try-out and must not run")
