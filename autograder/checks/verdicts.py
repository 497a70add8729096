"""The verdicts on one subject: asked once, remembered, and put into words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autograder import course
from autograder.checks.diagnosis import Failure, describe_call
from autograder.checks.mistakes import sentence
from autograder.checks.trial import Trial

#: The most lines and characters kept of what a subject printed for one aspect.
SHOWN_LINES, SHOWN_CHARACTERS = 12, 2000


@dataclass(frozen=True)
class Verdict:
    """The outcome of one aspect.

    Attributes
    ----------
    passed : True, False, or None where it could not be checked
    points, max_points : earned, and to be had; max_points 0 is a further aspect
    message : one line where it passed, the whole diagnosis where not
    mistakes : ids of the mistakes that explain the numbers; several only where several arrays came back
    printed : what the subject printed or warned while it was asked, capped
    """

    exercise: str
    aspect: str
    passed: bool | None
    points: float
    max_points: float
    message: str
    mistakes: tuple[str, ...] = ()
    printed: str = ""

    @property
    def mistake(self):
        """The id of the mistake that the numbers equal, or None."""
        return self.mistakes[0] if self.mistakes else None

    @property
    def holds(self):
        """True if the numbers are right, or exactly those of honest mistakes."""
        bank = course.mistakes()
        return bool(self.passed) or (bool(self.mistakes) and not any(bank[each].stub for each in self.mistakes))


class NotChecked(Exception):
    """A check that this machine cannot make; the text says why."""


@dataclass
class Verdicts:
    """The verdicts on one subject, aspect by aspect.

    The rules ask each other: an aspect that fails is judged given the mistakes found in the aspects before it, so a
    rule may ask for another aspect's verdict. That is why the rules are handed over here, by `autograder.checks`, and
    get these verdicts as an argument.

    Attributes
    ----------
    trial : Trial
    rules : aspect -> rule(verdicts, aspect), which returns a Verdict
    """

    trial: Trial
    rules: Mapping[str, Callable]
    known: dict = field(default_factory=dict)

    @property
    def exercise(self):
        return self.trial.exercise

    def of(self, aspect):
        """The verdict on an aspect; asked once, then remembered."""
        if aspect not in self.known:
            before, self.trial.printed = self.trial.printed, []
            try:
                self._need_device()
                self.trial.subject.new_aspect()
                self.known[aspect] = self.rules[aspect](self, aspect)
            except NotChecked as reason:
                text = f"{self.exercise.name}, {aspect}: could not be checked: {reason}"
                self.known[aspect] = self._verdict(aspect, None, text)
            finally:
                self.trial.printed = before
        return self.known[aspect]

    def passed(self, aspect, given=()):
        """The verdict on an aspect that passed; ``given``: what is counted already, and did not count again."""
        note = "right"
        if given:
            note += f", given what is already counted: {', '.join(given)}"
        if self.exercise.points[aspect] == 0:
            note += " (further: beyond what was asked)"
        return self._verdict(aspect, True, f"{self.exercise.name}, {aspect}: {note}")

    def failed(self, aspect, headline, case=None, findings=(), picture="", mistakes=(), explains=None):
        """The verdict on an aspect that failed; ``explains``: mistakes to explain where not all is explained."""
        call = describe_call(self.exercise, case) if case else ""
        sentences = [sentence(self.exercise, each) for each in mistakes or explains or ()]
        if case and self.exercise.points[aspect] == 0:
            findings = (*findings, "this aspect is further: it carries no points")
        failure = Failure(
            self.exercise.name,
            aspect,
            headline,
            call,
            tuple(findings),
            picture,
            "\n  ".join(filter(None, sentences)),
            self.trial.seed,
        )
        return self._verdict(aspect, False, str(failure), tuple(filter(self._is_known, mistakes)))

    def crashed(self, aspect, case, outcome, mistakes=()):
        """The verdict on an aspect for which the subject raised an exception."""
        raised = outcome.raised
        if raised.name == "NotImplementedError" and not raised.text:
            return self.failed(aspect, "not written yet")
        headline = f"raised {raised.name}" if raised.name else "wrong"
        return self.failed(aspect, headline, case, [str(raised)], mistakes=mistakes)

    def _is_known(self, mistake):
        """True if the course has this mistake for the exercise; some ids come from the engine's own aspects."""
        return bool(sentence(self.exercise, mistake))

    def _verdict(self, aspect, passed, message, mistakes=()):
        worth = self.exercise.points[aspect]
        earned = worth if passed else 0
        printed = _capped(self.trial.printed)
        return Verdict(self.exercise.name, aspect, passed, earned, worth, message, mistakes, printed)

    def _need_device(self):
        if "torch" not in self.exercise.kind.imports:
            return
        devices = self.trial.subject.devices()
        if not devices:
            raise NotChecked("torch is not installed; pip install torch")
        if self.trial.device and self.trial.device not in devices:
            raise NotChecked(f"this machine has no {self.trial.device.upper()} device")


def _capped(texts):
    """The text that the subject printed for one aspect, cut to the lines that help."""
    lines = "".join(texts).splitlines()
    text = "\n".join(lines[:SHOWN_LINES])[:SHOWN_CHARACTERS]
    left = len("\n".join(lines)) - len(text)
    return text + (f"\n(and {left} more characters)" if left else "")
