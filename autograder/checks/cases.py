"""The cases of an aspect, drawn from a seed.

`draw(exercise, aspect, seed)` gives the same cases every time, from the smallest to the ugliest. Every case has random
streams of its own, named by a hash of (seed, exercise, aspect, case), so a new check moves no other and an old failure
can be seen again.
"""

import functools
from dataclasses import replace

import numpy as np

from autograder.model import CourseError
from autograder.sampling import stream


def draw(exercise, aspect, seed):
    """The cases of one aspect of one exercise, from the smallest to the ugliest; new arrays at every call.

    Raises
    ------
    CourseError
        If the exercise has no case for this aspect, or one with an array whose layout in memory cannot be copied.

    Examples
    --------
    >>> from autograder.course import EXERCISES
    >>> cases = draw(EXERCISES["correlate2d"], "values", 20261122)
    >>> [array.shape for array in cases[-1].args]
    [(6, 6), (3, 3)]
    """
    return [_copy(case) for case in _drawn(exercise, aspect, seed)]


@functools.lru_cache(maxsize=1024)
def _drawn(exercise, aspect, seed):
    """The cases of which `draw` gives copies: a whole class is asked with the same ones."""

    def rng(*names):
        return stream(seed, exercise.name, aspect, *names)

    drawn = exercise.cases(aspect, rng)
    if not drawn:
        raise CourseError(f"{exercise.name} has points for {aspect} and no case that asks for it")
    if not all(_can_be_copied(value) for case in drawn for value in (*case.args, *case.options.values())):
        raise CourseError(
            f"{exercise.name} has a case for {aspect} with an array that is a view of another; "
            "use autograder.sampling.in_memory_order(array, 'view'), or a copy"
        )
    if aspect != "dtype":
        # The dtype that each library makes by default; only the aspect dtype asks for others.
        drawn = [_cast(case, exercise.kind.natural_dtype) for case in drawn]
    return [replace(case, key=(exercise.name, aspect, seed, number)) for number, case in enumerate(drawn)]


def _copy(case):
    """The case with arrays of its own, laid out in memory as they were."""
    return _with_arrays(case, lambda array: array.base.copy() if _is_view(array) else array.copy(order="K"))


def _cast(case, dtype):
    """The case with its arrays in another dtype and the same layout in memory."""

    def cast(array):
        return array.base.astype(dtype) if _is_view(array) else array.astype(dtype)

    return _with_arrays(case, lambda array: array if array.dtype == dtype else cast(array))


def _with_arrays(case, change):
    """The case with every array changed; a slice of a larger array stays the same slice of the changed larger one."""

    def changed(value):
        if not isinstance(value, np.ndarray):
            return value
        made = change(value)
        return made[_slices(value)] if made is not value and _is_view(value) else made

    options = {key: changed(value) for key, value in case.options.items()}
    return replace(case, args=tuple(map(changed, case.args)), options=options)


def _is_view(array):
    return not (array.flags.c_contiguous or array.flags.f_contiguous)


def _can_be_copied(value):
    """True for an array in order, and for a view that `_slices` describes; others would be copied as other numbers."""
    if not isinstance(value, np.ndarray) or not _is_view(value):
        return True
    if value.base is None or value.base.ndim != value.ndim:
        return False
    view = value.base[_slices(value)]
    return view.shape == value.shape and view.__array_interface__ == value.__array_interface__


def _slices(view):
    """The slices by which `autograder.sampling.in_memory_order` takes a view out of a larger array."""
    return tuple(slice(1, 2 * size + 1, 2) for size in view.shape)
