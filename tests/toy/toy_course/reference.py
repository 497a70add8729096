"""The right functions of the toy course."""

import math

import numpy as np


def area(height, width):
    """The area of a rectangle."""
    return height * width


def count_elements(x_shape, weight_shape):
    """The number of elements of two arrays, from their shapes."""
    return math.prod(x_shape) + math.prod(weight_shape)


def count_weights(network):
    """The number of elements of all weights of a network; biases do not count."""
    return sum(values.numel() for name, values in network.named_parameters() if name.endswith("weight"))


def halves(x):
    """An array's left and right half, the right one doubled."""
    middle = x.shape[1] // 2
    return x[:, :middle].copy(), 2 * x[:, middle:]


def scale_backward(grad_output, x, weight):
    """The gradients of sum(grad_output * weight * x), for x (N, C) and weight (C,)."""
    if grad_output.shape != x.shape:
        raise ValueError(f"grad_output {grad_output.shape} is not of the output's shape {x.shape}")
    return grad_output * weight, (grad_output * x).sum(axis=0)


def affine(x, scale, shift=None):
    """Every feature multiplied by its scale and moved by its shift."""
    y = x * scale
    return y if shift is None else y + np.asarray(shift)
