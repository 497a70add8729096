"""Calling one subject with the cases of one exercise, and comparing what it returns."""

import contextlib
from dataclasses import dataclass, field

import numpy as np

from autograder.checks.cases import draw
from autograder.checks.mistakes import wrong_function
from autograder.kinds.base import input_dtype_of, reference_arguments
from autograder.model import Exercise

#: Expected results that are remembered: a whole class is asked with the same cases, and each mistake is looked for in
#: each. A result has a few kilobytes at most.
EXPECTED_AT_MOST = 8192


@dataclass
class Trial:
    """A subject and the exercise that it is asked, with the seed and the device."""

    exercise: Exercise
    subject: object
    seed: int | str
    device: str | None = None
    printed: list = field(default_factory=list)

    def cases(self, aspect):
        """The aspect's cases with new arrays."""
        return draw(self.exercise, aspect, self.seed)

    def call(self, case, device=None, observe=()):
        """Call the subject with this case's own arrays; take a new case for every call."""
        outcome = self.exercise.kind.call(self.subject, case, device or self.device or "cpu", observe)
        if outcome.printed and outcome.printed not in self.printed:
            self.printed.append(outcome.printed)
        return outcome

    def runs(self, aspect, change=lambda case: case):
        """(case, outcome) pairs; the case's arrays are a private copy that the subject never saw."""
        mine = map(change, self.cases(aspect))
        theirs = map(change, self.cases(aspect))
        return [(case, self.call(copy)) for case, copy in zip(mine, theirs, strict=True)]

    def expected(self, case, mistakes=()):
        """The right result, or that of these mistakes; None where the mistakes give no numbers for this case."""
        key = (case.key, *(mistake.id for mistake in mistakes))
        with contextlib.suppress(KeyError):
            return _EXPECTED[key]
        if len(_EXPECTED) >= EXPECTED_AT_MOST:
            _EXPECTED.clear()
        result = _EXPECTED[key] = _expected(self.exercise, case, mistakes)
        return result

    def difference(self, case, outcome, mistakes=(), shape_only=False, part=None):
        """None where the outcome is the expected one; a `Difference` where not. It must have returned something."""
        expected = self.expected(case, mistakes)
        return self.exercise.kind.difference(expected, outcome.value, input_dtype_of(case), shape_only, part)

    def agrees(self, case, outcome, mistakes=(), shape_only=False, part=None):
        """True or False where these mistakes give numbers for the case, None where they give none."""
        if self.expected(case, mistakes) is None:
            return None
        return not outcome.raised and self.difference(case, outcome, mistakes, shape_only, part) is None


#: (a case's key, ids of mistakes) -> the result.
_EXPECTED = {}


def _expected(exercise, case, mistakes):
    args, options = reference_arguments(case)
    try:
        return _frozen(wrong_function(exercise, *mistakes)(*args, **options))
    except (IndexError, ValueError):
        return None


def _frozen(result):
    """A copy that nobody can write to: a result may be a view of an argument, and it is remembered."""
    if isinstance(result, tuple):
        return tuple(map(_frozen, result))
    if isinstance(result, np.ndarray):
        result = result.copy()
        result.flags.writeable = False
    return result
