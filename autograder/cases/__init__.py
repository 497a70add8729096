"""The data checks use, drawn from a seed.

`draw(exercise, aspect, seed)` gives the same cases every time, from the smallest to the ugliest. Every case has a
random stream of its own, named by a hash of (seed, exercise, aspect, case), so a new check moves no other and an
old failure can be seen again. The data cannot flatter: sizes differ from one another, values are signed and
without symmetry, and one square case stands among the rectangular ones because some mistakes show only there.
"""

from dataclasses import replace

import numpy as np

from autograder.cases import counters, kernels
from autograder.cases.drawing import Case, stream
from autograder.exercises import EXERCISES

__all__ = ["Case", "draw"]


def draw(name, aspect, seed):
    """The cases of one aspect of one exercise, from the smallest to the ugliest; new arrays at every call.

    Examples
    --------
    >>> [(case.args[0].shape, case.args[1].shape) for case in draw("correlate2d", "values", 20261122)][-1]
    ((6, 6), (3, 3))
    """

    def rng(*parts):
        return stream(seed, name, aspect, *parts)

    if name in counters.DRAW:
        return counters.DRAW[name](aspect, rng)
    drawn = kernels.draw(name, aspect, rng)
    # Each library's own habit where nobody says a dtype; only the aspect dtype asks for others.
    natural = np.float64 if EXERCISES[name].kind == "numpy" else np.float32
    return drawn if aspect == "dtype" else [_cast(case, natural) for case in drawn]


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
