"""What the drawings accept, and what they say when they are given something else."""

import numpy as np

from .canvas import WIDTH


def whole(function, name, value, least):
    """Return `value` as an int, or say what was passed."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{function}: {name} must be a whole number, at least {least}, got {value!r}")
    return int(value)


def whole_pair(function, name, value, least):
    """Return an int or an (H, W) pair as a pair of ints, or say what was passed."""
    values = tuple(value) if isinstance(value, tuple | list) else (value, value)
    try:
        first, second = (whole(function, name, one, least) for one in values)
    except ValueError:
        raise ValueError(
            f"{function}: {name} must be a whole number or an (H, W) pair, at least {least}, got {value!r}"
        ) from None
    return first, second


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


def fits(function, what, width):
    """Refuse a drawing that a phone would shrink until it cannot be read."""
    if width > WIDTH:
        raise ValueError(
            f"{function}: {what} would be {width:.0f} units wide, more than the {WIDTH} that can be read "
            "on a phone; take a smaller example or shorter numbers"
        )
