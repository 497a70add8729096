"""What cases are made of: random streams, sizes that differ, signed values, memory layouts."""

import hashlib
import random
from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True)
class Case:
    """One call: what is passed by position, what by keyword, and which errors it must raise.

    ``key`` names the case among all of every exercise and seed: two cases of one key have the same numbers.
    """

    args: tuple
    options: dict = field(default_factory=dict)
    #: Texts the ValueError must contain; None where a result is expected.
    must_mention: tuple[str, ...] | None = None
    key: tuple = ()

    def without(self, name):
        """The same case without one thing: an option, "bias" (all of them, or not counted), or "batch" (one image)."""
        key = (*self.key, name)
        if name == "batch":
            return replace(self, args=(self.args[0][:1], *self.args[1:]), key=key)
        kept = {key: value for key, value in self.options.items() if not is_about(name, key)}
        if name == "bias" and type(self.options.get("bias")) is bool:
            kept["bias"] = False  # a counter's bias is on where nothing is said
        return replace(self, options=kept, key=key)


def is_about(aspect, option):
    """Whether an aspect is about an optional argument; "bias" is about every bias.

    Examples
    --------
    >>> is_about("bias", "depthwise_bias"), is_about("stride", "stride"), is_about("stride", "padding")
    (True, True, False)
    >>> is_about("multiplier", "channel_multiplier")
    True
    """
    return option == aspect or option.endswith(f"_{aspect}")


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
