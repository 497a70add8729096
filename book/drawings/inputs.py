"""What the drawings accept, and what they say when they are given something else."""

import numpy as np


def whole(function, name, value, least):
    """Return `value` as an int, or say what was passed."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{function}: {name} must be a whole number, at least {least}, got {value!r}")
    return int(value)


def whole_pair(function, name, value, least):
    """Return an int or an (H, W) pair as a pair of ints, or say what was passed."""
    values = tuple(value) if isinstance(value, tuple | list | np.ndarray) and np.ndim(value) == 1 else (value, value)
    if len(values) != 2:
        raise ValueError(f"{function}: {name} must be a whole number or an (H, W) pair, got {value!r}")
    try:
        return tuple(whole(function, name, one, least) for one in values)
    except ValueError:
        raise ValueError(
            f"{function}: {name} must be a whole number or an (H, W) pair, each at least {least}, got {value!r}"
        ) from None


def matrix(function, name, value):
    """Return `value` as a float array of shape (rows, columns), or say what was passed."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{function}: {name} must be a 2-D array of numbers, got {value!r}") from None
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{function}: {name} must be a 2-D array of numbers, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{function}: {name} must hold finite numbers, got {value!r}")
    return array


def legible(function, cell, least, what):
    """Refuse a drawing whose cells would be too small to read."""
    if cell < least:
        raise ValueError(f"{function}: {what} is too large to draw legibly; take a smaller example")
