"""The data checks use, drawn from a seed.

`draw(exercise, aspect, seed)` gives the same cases every time, from the smallest to the ugliest. Every case has a
random stream of its own, named by a hash of (seed, exercise, aspect, case), so a new check moves no other and an
old failure can be seen again. The data cannot flatter: sizes differ from one another, values are signed and
without symmetry, and one square case stands among the rectangular ones because some mistakes show only there.
"""

import functools
from dataclasses import replace

import numpy as np

from autograder.course import EXERCISES
from autograder.model import Case
from autograder.sampling import stream
from convolution.cases import counters, kernels

__all__ = ["Case", "draw"]


def draw(name, aspect, seed):
    """The cases of one aspect of one exercise, from the smallest to the ugliest; new arrays at every call.

    Examples
    --------
    >>> [(case.args[0].shape, case.args[1].shape) for case in draw("correlate2d", "values", 20261122)][-1]
    ((6, 6), (3, 3))
    """
    return [_copy(case) for case in _drawn(name, aspect, seed)]


@functools.lru_cache(maxsize=1024)
def _drawn(name, aspect, seed):
    """The cases of which `draw` gives copies: a whole class is asked with the same ones."""

    def rng(*parts):
        return stream(seed, name, aspect, *parts)

    if name in counters.DRAW:
        drawn = counters.DRAW[name](aspect, rng)
    else:
        drawn = kernels.draw(name, aspect, rng)
        if aspect != "dtype":
            # Each library's own habit where nobody says a dtype; only the aspect dtype asks for others.
            natural = np.float64 if EXERCISES[name].kind == "numpy" else np.float32
            drawn = [_cast(case, natural) for case in drawn]
    return [replace(case, key=(name, aspect, seed, number)) for number, case in enumerate(drawn)]


def _copy(case):
    """The case with arrays of its own, laid out in memory as they were."""

    def copy(value):
        if not isinstance(value, np.ndarray):
            return value
        return value.base.copy()[_place(value)] if _is_view(value) else value.copy(order="K")

    return replace(
        case, args=tuple(map(copy, case.args)), options={key: copy(value) for key, value in case.options.items()}
    )


def _cast(case, dtype):
    """The case with its arrays in another dtype and the same layout in memory."""

    def cast(value):
        if not isinstance(value, np.ndarray) or value.dtype == dtype:
            return value
        # A slice of a larger array stays a slice of a larger one.
        return value.base.astype(dtype)[_place(value)] if _is_view(value) else value.astype(dtype)

    options = {key: cast(value) for key, value in case.options.items()}
    return replace(case, args=tuple(map(cast, case.args)), options=options)


def _is_view(array):
    return not (array.flags.c_contiguous or array.flags.f_contiguous)


def _place(view):
    return tuple(slice(1, 2 * size + 1, 2) for size in view.shape)
