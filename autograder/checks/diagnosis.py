"""A failure as data, and the text a student reads.

An error says what was called, with which shapes, what was expected and what was returned, where they first differ,
and the likely cause. Where the case is small enough it shows the numbers themselves.
"""

from dataclasses import dataclass

import numpy as np

from autograder.model import PUBLIC_SEED

#: The largest image and kernel that are printed number by number.
SMALL_IMAGE, SMALL_KERNEL = 30, 9


@dataclass(frozen=True)
class Failure:
    """The reason why one aspect of one exercise did not pass.

    Attributes
    ----------
    exercise, aspect : what was asked
    headline : "wrong", "not written yet", or what else happened
    call : the arguments in words, such as "x (1, 1, 4, 5), weight (1, 1, 3, 2)"; empty where no call matters
    findings : what was seen, a line each
    picture : the numbers themselves, where they are few
    sentence : the mistake this equals, explained; empty where none does
    seed : the seed the case was drawn from
    """

    exercise: str
    aspect: str
    headline: str
    call: str = ""
    findings: tuple[str, ...] = ()
    picture: str = ""
    sentence: str = ""
    seed: int = PUBLIC_SEED

    def __str__(self):
        heading = f"{self.exercise}, {self.aspect}: {self.headline}"
        lines = [f"{heading} for {self.call}" if self.call else heading]
        lines += [f"  {line}" for line in self.findings]
        lines += [f"  {line}" if line else "" for line in self.picture.splitlines()]
        if self.sentence:
            lines.append(f"  {self.sentence}")
        if self.call:
            again = "" if self.seed == PUBLIC_SEED else f", seed={self.seed!r}"
            lines.append(f'  To see this case again: check({self.exercise}, "{self.exercise}-{self.aspect}"{again})')
        return "\n".join(lines)


def named_arguments(exercise, case):
    """The (name, value) pairs of a call, those passed by position first.

    Examples
    --------
    >>> from autograder.course import EXERCISES
    >>> from autograder.model import Case
    >>> named_arguments(EXERCISES["output_size"], Case((6, 3), {"stride": 2}))
    [('size', 6), ('kernel_size', 3), ('stride', 2)]
    """
    return [*zip(exercise.parameters, case.args, strict=False), *case.options.items()]


def describe_call(exercise, case):
    """A call in words: shapes of arrays, values of numbers, under the arguments' names.

    Examples
    --------
    >>> from autograder.course import EXERCISES
    >>> from autograder.model import Case
    >>> call = Case((np.zeros((1, 3, 6, 6)), np.zeros((2, 3, 3, 3))), {"stride": 2})
    >>> describe_call(EXERCISES["conv2d"], call)
    'x (1, 3, 6, 6), weight (2, 3, 3, 3), stride 2'
    """
    words = []
    for name, value in named_arguments(exercise, case):
        words.append(f"{name} {tuple(value.shape) if np.ndim(value) and hasattr(value, 'shape') else value}")
    return ", ".join(words)


def picture(exercise, case, expected, actual, index):
    """The numbers of a small case: the arguments, both results, and how the expected number comes about.

    Returns an empty text where the exercise does not work it out, the case is too large to help, or an argument is no
    single plane.
    """
    if exercise.worked is None or not all(isinstance(value, np.ndarray) for value in case.args):
        return ""
    planes = [_plane(array) for array in case.args]
    if any(plane is None for plane in planes) or planes[0].size > SMALL_IMAGE:
        return ""
    if any(plane.size > SMALL_KERNEL for plane in planes[1:]):
        return ""
    parts = [_side_by_side(dict(zip(exercise.parameters, planes, strict=False)))]
    results = {"yours": _plane(actual), "expected": _plane(expected)}
    if all(plane is not None and plane.size <= 2 * SMALL_IMAGE for plane in results.values()):
        parts.append(_side_by_side(results))
    parts.append(exercise.worked(case, index))
    return "\n\n".join(parts)


def _plane(array):
    """The single plane of an array, or None where it has several."""
    array = np.asarray(array)
    if array.ndim < 2 or array.size != array.shape[-1] * array.shape[-2] or array.size == 0:
        return None
    return array.reshape(array.shape[-2:])


def _side_by_side(planes):
    """Titled grids of numbers, side by side."""
    blocks = []
    for title, plane in planes.items():
        cells = [[f"{number:.4g}" for number in row] for row in plane]
        width = max(len(cell) for row in cells for cell in row)
        rows = ["  ".join(cell.rjust(width) for cell in row) for row in cells]
        blocks.append([title, *rows])
    height = max(map(len, blocks))
    widths = [max(map(len, block)) for block in blocks]
    lines = []
    for i in range(height):
        line = [(block[i] if i < len(block) else "").ljust(w) for block, w in zip(blocks, widths, strict=True)]
        lines.append("     ".join(line).rstrip())
    return "\n".join(lines)
