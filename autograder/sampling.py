"""The material of cases: random streams, sizes that differ, signed values, memory layouts."""

import hashlib
import random

import numpy as np


def stream(seed, *names):
    """A random stream of its own for every name; `random.Random.random` does not change between versions.

    Examples
    --------
    >>> stream(1, "conv2d", "stride", 0).random() == stream(1, "conv2d", "stride", 0).random()
    True
    >>> stream(1, "conv2d", "stride", 0).random() == stream(1, "conv2d", "stride", 1).random()
    False
    """
    digest = hashlib.sha256("|".join(map(str, (seed, *names))).encode()).digest()
    return random.Random(int.from_bytes(digest, "big"))


def whole(rng, low, high, *others):
    """A whole number from low to high that is none of the others."""
    choices = [number for number in range(low, high + 1) if number not in others]
    return choices[int(rng.random() * len(choices))]


def values(rng, *shape):
    """Random signed numbers with two decimals, between 0.1 and 2 in size, so that none vanishes from a sum."""
    count = int(np.prod(shape))
    numbers = [round(0.1 + 1.9 * rng.random(), 2) * (1 if rng.random() < 0.5 else -1) for _ in range(count)]
    return np.array(numbers).reshape(shape)


def in_memory_order(array, order):
    """The same numbers, laid out another way: "F" (Fortran), or "view" (every second number of a larger array)."""
    if order == "F":
        return np.asfortranarray(array)
    larger = np.full([2 * size + 1 for size in array.shape], 7.5, array.dtype)
    view = larger[tuple(slice(1, 2 * size + 1, 2) for size in array.shape)]
    view[...] = array
    return view
