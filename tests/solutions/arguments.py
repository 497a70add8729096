"""Random arguments of the functions that students write, among them some that must be refused.

They are drawn here and not by the course's own cases: a fault there would hide a fault of a solution.
"""

import numpy as np
import torch


def random_generator():
    return np.random.default_rng(20261122)


def either(rng, low, high):
    """An int, or a pair of ints."""
    return int(rng.integers(low, high)) if rng.random() < 0.3 else tuple(map(int, rng.integers(low, high, 2)))


def array(rng, shape, dtype):
    """Random signed values, contiguous or not."""
    values = rng.standard_normal((*shape[:-1], 2 * shape[-1])).astype(dtype)[..., ::2]
    return [values, np.ascontiguousarray(values), np.asfortranarray(values)][rng.integers(3)]


def windows(rng, count):
    """Arguments of window_sum."""
    for _ in range(count):
        image = array(rng, tuple(rng.integers(2, 8, 2)), [np.float32, np.float64][rng.integers(2)])
        row, column = map(int, rng.integers(-1, 4, 2))
        yield (image, row, column, *map(int, rng.integers(0, 5, 2))), {}


def axes(rng, count):
    """Arguments of output_size."""
    for _ in range(count):
        low = -1 if rng.random() < 0.2 else 1
        size, kernel_size, stride, dilation = map(int, rng.integers(low, [12, 6, 4, 4]))
        padding = int(rng.integers(min(low, 0), 3))
        yield (size, kernel_size), {"stride": stride, "padding": padding, "dilation": dilation}


def layers(rng, count):
    """Arguments of conv2d: most fit, some have a kernel too large, channels that disagree, a number out of range."""
    for _ in range(count):
        dtype = [np.float32, np.float64][rng.integers(2)]
        N, C, O = rng.integers(1, 4, 3)  # noqa: E741
        H, W = rng.integers(3, 10, 2)
        kH, kW = rng.integers(1, 4, 2)
        x = array(rng, (N, C, H, W), dtype)
        weight = array(rng, (O, C + (rng.random() < 0.1), kH, kW), dtype)
        optional = {"stride": either(rng, 1, 4), "padding": either(rng, 0, 3), "dilation": either(rng, 1, 4)}
        if rng.random() < 0.1:
            optional |= [{"stride": (1, 0)}, {"dilation": 0}, {"padding": -1}][rng.integers(3)]
        if rng.random() < 0.7:
            optional["bias"] = array(rng, (O,), dtype)
        yield (x, weight), optional


def images(rng, count):
    """Arguments of correlate2d."""
    for (x, weight), optional in layers(rng, count):
        optional.pop("bias", None)
        yield (x[0, 0], weight[0, 0]), optional


def images_either_way(rng, count):
    """Arguments of convolve2d: every fourth the other way round, so that the kernel is the larger one."""
    for number, (arrays, _) in enumerate(images(rng, count)):
        yield arrays if number % 4 else arrays[::-1], {}


def depthwise_layers(rng, count):
    """Arguments of depthwise_conv2d: up to three kernels a channel; in some, numbers that do not fit."""
    for (x, weight), optional in layers(rng, count):
        C, dtype = x.shape[1], x.dtype
        kernels = C * int(rng.integers(1, 4)) + (rng.random() < 0.1)
        weight = array(rng, (kernels, 1 + (rng.random() < 0.1), *weight.shape[2:]), dtype)
        if "bias" in optional:
            optional["bias"] = array(rng, (kernels,), dtype)
        yield (x, weight), optional


def pointwise_layers(rng, count):
    """Arguments of pointwise_conv2d: in some the channels disagree or the kernel is larger than a pixel."""
    for (x, weight), optional in layers(rng, count):
        size = weight.shape[2:] if rng.random() < 0.1 else (1, 1)
        weight = array(rng, (*weight.shape[:2], *size), x.dtype)
        yield (x, weight), {name: optional[name] for name in optional if name == "bias"}


def separable_layers(rng, count):
    """Arguments of separable_conv2d: in some, one of the two weights does not fit."""
    for (x, weight), optional in depthwise_layers(rng, count):
        O, maps = int(rng.integers(1, 4)), weight.shape[0] + (rng.random() < 0.1)  # noqa: E741
        size = (1, 1) if rng.random() < 0.9 else (2, 1)
        if "bias" in optional:
            optional["depthwise_bias"] = optional.pop("bias")
        if rng.random() < 0.7:
            optional["pointwise_bias"] = array(rng, (O,), x.dtype)
        yield (x, weight, array(rng, (O, maps, *size), x.dtype)), optional


def separable_modules(rng, count):
    """Arguments of the separable layer's module, as a function: they fit, and both steps have a bias or none has."""
    for (x, weight, _), optional in separable_layers(rng, count):
        C = x.shape[1]
        for name in [name for name in optional if name.endswith("bias")]:
            optional.pop(name)
        arrays = x, weight[:C, :1], array(rng, (2, C, 1, 1), x.dtype)
        if rng.random() < 0.5:
            biases = array(rng, (C,), x.dtype), array(rng, (2,), x.dtype)
            optional |= dict(zip(("depthwise_bias", "pointwise_bias"), biases, strict=True))
        try:
            separable_by_torch(*arrays, **optional)
        except (ValueError, RuntimeError):
            continue
        yield arrays, optional


def two_weights(rng, count):
    """Arguments of merge: the depthwise weight has a kernel a channel, or one too many."""
    return ((arrays[1:], {}) for arrays, _ in separable_layers(rng, count))


def regular_weights(rng, count):
    """Arguments of separate."""
    return (((weight,), {}) for (_, weight), _ in layers(rng, count))


def counters(rng, count):
    """Numbers for counters: (channels, channels, kernel size), and 0 or 1."""
    for _ in range(count):
        C, O = map(int, rng.integers(1, 9, 2))  # noqa: E741
        yield (C, O, either(rng, 1, 6)), int(rng.integers(2))


# --- torch's own answers ----------------------------------------------------------------------------------------------


def by_torch(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """torch's own result for NumPy arguments; its refusals as ValueError."""
    try:
        y = torch.nn.functional.conv2d(
            *(None if a is None else torch.from_numpy(a) for a in (x, weight, bias)), stride, padding, dilation, groups
        )
    except RuntimeError as error:
        raise ValueError(error) from error
    return y.numpy()


def depthwise_by_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return by_torch(x, weight, bias, stride, padding, dilation, groups=x.shape[1])


def pointwise_by_torch(x, weight, bias=None):
    if weight.shape[2:] != (1, 1):
        raise ValueError("not pointwise")
    return by_torch(x, weight, bias)


def separable_by_torch(x, depthwise_weight, pointwise_weight, depthwise_bias=None, pointwise_bias=None, **slides):
    maps = depthwise_by_torch(x, depthwise_weight, depthwise_bias, **slides)
    return pointwise_by_torch(maps, pointwise_weight, pointwise_bias)
