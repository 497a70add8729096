"""Checks of what the drawings are given, and the errors that say what was wrong with it."""

import numpy as np

from convolution import reference

from .canvas import WIDTH


def whole(function, name, value, least):
    """Return `value` as an int, or raise a ValueError that shows what was passed."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{function}: {name} must be a whole number, at least {least}, got {value!r}")
    return int(value)


def whole_pair(function, name, value, least):
    """Return an int or an (H, W) pair as a pair of ints, or raise a ValueError that shows what was passed."""
    values = tuple(value) if isinstance(value, tuple | list) else (value, value)
    try:
        first, second = (whole(function, name, number, least) for number in values)
    except ValueError:
        raise ValueError(
            f"{function}: {name} must be a whole number or an (H, W) pair, at least {least}, got {value!r}"
        ) from None
    return first, second


def channels(function, value, most):
    """Return a number of input channels as an int; there are only `most` looks to tell channels apart."""
    value = whole(function, "in_channels", value, 1)
    if value > most:
        raise ValueError(f"{function}: in_channels must be at most {most} to be drawn, got {value}")
    return value


def geometry(function, size, kernel_size):
    """Return (H, W), (kH, kW) and (H_out, W_out) at stride 1 without padding, or say what does not fit."""
    H, W = whole_pair(function, "size", size, 1)
    kH, kW = whole_pair(function, "kernel_size", kernel_size, 1)
    try:
        H_out, W_out = reference.output_size(H, kH), reference.output_size(W, kW)
    except ValueError as error:
        raise ValueError(f"{function}: {error}: size {(H, W)}, kernel_size {(kH, kW)}") from None
    return (H, W), (kH, kW), (H_out, W_out)


def matrix(function, name, value):
    """Return `value` as a float array of shape (rows, columns), or raise a ValueError that shows what was passed."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{function}: {name} must be a 2-D array of numbers, got {value!r}") from None
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{function}: {name} must be a 2-D array of numbers, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{function}: {name} must hold finite numbers, got {value!r}")
    return array


def fits(function, what, width):
    """Refuse a drawing that a phone would shrink until it cannot be read."""
    if width > WIDTH:
        raise ValueError(
            f"{function}: {what} would be {width:.0f} units wide, more than the {WIDTH} that can be read "
            "on a phone; take a smaller example or shorter numbers"
        )
