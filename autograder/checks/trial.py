"""One subject asked one exercise: calling it, comparing, and putting a verdict into words."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from autograder.checks import cases
from autograder.checks.diagnosis import Failure, describe_call
from autograder.course import EXERCISES
from autograder.kinds import modules, results
from convolution.mistakes import BANK, wrong_function

#: How much of what a subject printed for one aspect is kept.
SHOWN_LINES, SHOWN_CHARACTERS = 12, 2000


@dataclass(frozen=True)
class Verdict:
    """What became of one aspect.

    Attributes
    ----------
    passed : True, False, or None where it could not be checked
    points, max_points : earned, and to be had; max_points 0 is a further aspect
    message : one line where it passed, the whole diagnosis where not
    mistake : the id of the mistake the numbers equal, or None
    printed : what the subject printed or warned while it was asked, capped
    """

    exercise: str
    aspect: str
    passed: bool | None
    points: float
    max_points: float
    message: str
    mistake: str | None = None
    printed: str = ""

    @property
    def holds(self):
        """Whether the numbers are right, or exactly those of one honest mistake."""
        return bool(self.passed) or (self.mistake is not None and not BANK[self.mistake].stub)


class NotChecked(Exception):
    """This machine cannot make the check; the text says why."""


@dataclass
class Trial:
    """One subject asked one exercise: what was asked already, and what was found."""

    name: str
    subject: object
    seed: int | str
    device: str | None
    ask: Callable
    verdicts: dict = field(default_factory=dict)
    printed: list = field(default_factory=list)

    @property
    def exercise(self):
        return EXERCISES[self.name]

    @property
    def is_torch(self):
        return self.exercise.kind in ("torch", "module")

    # --- verdicts in words ---

    def verdict(self, aspect):
        """The verdict on an aspect; asked once, then remembered."""
        if aspect not in self.verdicts:
            before, self.printed = self.printed, []
            try:
                if self.is_torch:
                    self._need_torch()
                self.subject.new_aspect()
                self.verdicts[aspect] = self.ask(self, aspect)
            except NotChecked as reason:
                text = f"{self.name}, {aspect}: could not be checked: {reason}"
                self.verdicts[aspect] = self._result(aspect, None, text)
            finally:
                self.printed = before
        return self.verdicts[aspect]

    def passed(self, aspect, given=()):
        note = "right"
        if given:
            note += f", given what is already counted: {', '.join(given)}"
        if self.exercise.points[aspect] == 0:
            note += " (further: beyond what was asked)"
        return self._result(aspect, True, f"{self.name}, {aspect}: {note}")

    def failed(self, aspect, headline, case=None, findings=(), picture="", mistake=None):
        call = describe_call(self.name, case) if case else ""
        sentence = BANK[mistake].sentences[self.name] if mistake else ""
        if case and self.exercise.points[aspect] == 0:
            findings = (*findings, "this aspect is further: it carries no points")
        failure = Failure(self.name, aspect, headline, call, tuple(findings), picture, sentence, self.seed)
        return self._result(aspect, False, str(failure), mistake)

    def crashed(self, aspect, case, outcome, mistake=None):
        raised = outcome.raised
        if raised.name == "NotImplementedError" and not raised.text:
            return self.failed(aspect, "not written yet")
        headline = f"raised {raised.name}" if raised.name else "wrong"
        return self.failed(aspect, headline, case, [str(raised)], mistake=mistake)

    def _result(self, aspect, passed, message, mistake=None):
        worth = self.exercise.points[aspect]
        printed = _capped(self.printed)
        return Verdict(self.name, aspect, passed, worth if passed else 0, worth, message, mistake, printed)

    def _need_torch(self):
        devices = self.subject.devices()
        if not devices:
            raise NotChecked("torch is not installed; pip install torch")
        if self.device and self.device not in devices:
            raise NotChecked(f"this machine has no {self.device.upper()} device")

    # --- calling ---

    def fresh(self, aspect):
        """The aspect's cases with new arrays."""
        return cases.draw(self.name, aspect, self.seed)

    def call(self, case, device=None, observe=()):
        """Call the subject with this case's own arrays; use a fresh case for every call."""
        device = device or self.device or "cpu"
        if self.exercise.kind == "module":
            outcome = modules.make_and_call(self.subject, case, device, observe)
        else:
            place = (lambda value: results.as_tensor(value, device)) if self.is_torch else (lambda value: value)
            options = {key: place(value) for key, value in case.options.items()}
            outcome = self.subject.call(*map(place, case.args), observe=observe, **options)
        if outcome.printed and outcome.printed not in self.printed:
            self.printed.append(outcome.printed)
        return outcome

    def runs(self, aspect, change=lambda case: case):
        """(case, outcome) pairs; the case's arrays are a private copy the subject never saw."""
        mine = map(change, self.fresh(aspect))
        theirs = map(change, self.fresh(aspect))
        return [(case, self.call(copy)) for case, copy in zip(mine, theirs, strict=True)]

    # --- comparing ---

    def expected(self, case, mistakes=()):
        """The right result, or that of these mistakes; None where the mistakes give no numbers for this case."""
        # Remembered, because a whole class is asked with the same cases, and each mistake is looked for in each.
        key = (case.key, *(mistake.id for mistake in mistakes))
        if key not in _EXPECTED:
            if len(_EXPECTED) >= EXPECTED_AT_MOST:
                _EXPECTED.clear()
            _EXPECTED[key] = _expected(self.name, case, mistakes)
        return _EXPECTED[key]

    def difference(self, case, outcome, mistakes=(), shape_only=False):
        """None where the outcome is the expected one; `Difference` where not. It must have returned something."""
        expected = self.expected(case, mistakes)
        return results.difference(self.exercise, expected, outcome.value, results.dtype_of(case), shape_only)

    def agrees(self, case, outcome, mistakes=(), shape_only=False):
        """True or False where these mistakes give numbers for the case, None where they give none."""
        if self.expected(case, mistakes) is None:
            return None
        return not outcome.raised and self.difference(case, outcome, mistakes, shape_only) is None


#: (a case's key, ids of mistakes) -> the result. Cleared when it has so many; a result has a few kilobytes at most.
_EXPECTED, EXPECTED_AT_MOST = {}, 8192


def _expected(name, case, mistakes):
    args, options = results.in_float64(case)
    try:
        result = wrong_function(name, *mistakes)(*args, **options)
    except (IndexError, ValueError):
        return None
    if isinstance(result, np.ndarray):
        # What an argument of the case looks through to, and what anybody may write to, is no result to remember.
        result = result.copy()
        result.flags.writeable = False
    return result


def _capped(texts):
    """What the subject printed for one aspect, no more of it than helps."""
    lines = "".join(texts).splitlines()
    text = "\n".join(lines[:SHOWN_LINES])[:SHOWN_CHARACTERS]
    left = len("\n".join(lines)) - len(text)
    return text + (f"\n(and {left} more characters)" if left else "")
