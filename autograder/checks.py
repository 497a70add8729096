"""What is asked of each exercise, aspect by aspect, and what a mark means.

`judge` asks a subject and returns a verdict per aspect. The rules of the marks:

- Nothing for nothing. Shape, errors, dtype, unchanged arguments, layout, device and how count only once the
  values hold. A stub, zeros or the input returned earn nothing.
- A mistake costs once. Where an aspect fails and the numbers are exactly those of one mistake, the mistake is
  named, and the aspects after it are judged against that mistake's numbers. An aspect that crashes, or is wrong
  in a way nobody knows, is left out of all-together, so it too costs once.
- dtype and error messages are aspects of their own; no other aspect looks at them.
"""

import functools
from dataclasses import dataclass, field

import numpy as np

from autograder import cases
from autograder.compare import (
    Difference,
    array_difference,
    dtype_name,
    is_count,
    kind_of,
    number_difference,
    tolerance,
)
from autograder.diagnosis import Failure, describe_call, named_arguments, picture
from autograder.exercises import EXERCISES, PUBLIC_SEED
from autograder.mistakes import BANK, applicable, wrong_function

#: Judged by their numbers; a mistake found in one is carried into those after it.
NUMERIC = ("values", "batch", "bias", "rectangle", "stride", "padding", "dilation", "all-together")

#: Those that vary an optional argument of the same name.
OPTIONS = ("bias", "stride", "padding", "dilation")

#: Python lines may grow by this much when the image quadruples: a loop over taps does not grow at all.
LINES_MAY_GROW = 1.2

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


def judge(name, subject, seed=PUBLIC_SEED, aspects=None, device=None):
    """Ask one exercise of one subject.

    Parameters
    ----------
    name : str, the exercise
    subject : Subject
    seed : int or str, names the data
    aspects : sequence of str, optional; all where it is None
    device : "cpu" or "cuda", optional; where a torch kernel is asked. None is the CPU, and for the aspect
        ``device`` every device there is

    Returns
    -------
    list of Verdict, in the order of ``aspects``

    Examples
    --------
    >>> from autograder.subject import Local
    >>> [v.passed for v in judge("conv2d_macs", Local(lambda i, o, k, size: i * o * k**2 * size**2))]
    [True, False, True]
    """
    trial = _Trial(name, subject, seed, device)
    return [trial.verdict(aspect) for aspect in aspects or EXERCISES[name].points]


@dataclass
class _Trial:
    """One subject asked one exercise: what was called already, and what was found."""

    name: str
    subject: object
    seed: int | str
    device: str | None
    verdicts: dict = field(default_factory=dict)
    printed: list = field(default_factory=list)

    @property
    def exercise(self):
        return EXERCISES[self.name]

    @property
    def is_torch(self):
        return self.exercise.kind == "torch"

    def verdict(self, aspect):
        if aspect not in self.verdicts:
            before, self.printed = self.printed, []
            try:
                self.verdicts[aspect] = self._ask(aspect)
            except NotChecked as reason:
                text = f"{self.name}, {aspect}: could not be checked: {reason}"
                self.verdicts[aspect] = self._result(aspect, None, text)
            finally:
                self.printed = before
        return self.verdicts[aspect]

    def _ask(self, aspect):
        if self.is_torch:
            _need_torch(self.device)
        if aspect in NUMERIC:
            return _ask_numbers(self, aspect)
        values = self.verdict("values")
        if not values.holds:
            return self.failed(aspect, "get the values right first")
        return _SIDES[aspect](self, aspect)

    def _result(self, aspect, passed, message, mistake=None):
        worth = self.exercise.points[aspect]
        printed = _capped(self.printed)
        return Verdict(self.name, aspect, passed, worth if passed else 0, worth, message, mistake, printed)

    def passed(self, aspect, given=()):
        note = "right"
        if given:
            note += f", given what is already counted: {', '.join(given)}"
        if self.exercise.points[aspect] == 0:
            note += " (further: beyond what was asked)"
        return self._result(aspect, True, f"{self.name}, {aspect}: {note}")

    def failed(self, aspect, headline, case=None, findings=(), picture="", mistake=None):
        call = describe_call(self.name, case) if case else ""
        sentence = BANK[mistake].sentence if mistake else ""
        if case and self.exercise.points[aspect] == 0:
            findings = (*findings, "this aspect is further: it carries no points")
        failure = Failure(self.name, aspect, headline, call, tuple(findings), picture, sentence, self.seed)
        return self._result(aspect, False, str(failure), mistake)

    def crashed(self, aspect, case, outcome, mistake=None):
        raised = outcome.raised
        if raised.name == "NotImplementedError" and not raised.text:
            return self.failed(aspect, "not written yet")
        return self.failed(aspect, f"raised {raised.name}", case, [str(raised)], mistake=mistake)

    # --- calling ----------------------------------------------------------------------------------------------

    def fresh(self, aspect):
        """The aspect's cases with new arrays, as the subject gets them on the CPU."""
        return cases.draw(self.name, aspect, self.seed)

    def call(self, case, device=None, observe=()):
        """Call the subject with this case's own arrays; use a fresh case for every call."""
        if self.is_torch:
            args = [_tensor(value, device or self.device or "cpu") for value in case.args]
            options = {key: _tensor(v, device or self.device or "cpu") for key, v in case.options.items()}
        else:
            args, options = case.args, case.options
        outcome = self.subject.call(*args, observe=observe, **options)
        if outcome.printed and outcome.printed not in self.printed:
            self.printed.append(outcome.printed)
        return outcome

    def runs(self, aspect, change=lambda case: case):
        """(case, outcome) pairs; the case's arrays are a private copy the subject never saw."""
        mine = map(change, self.fresh(aspect))
        theirs = map(change, self.fresh(aspect))
        return [(case, self.call(copy)) for case, copy in zip(mine, theirs, strict=True)]

    def runs_with_numbers(self, aspect):
        """The runs for which the mistakes already counted give numbers, if there are any; else all."""
        counted = self.found_before(aspect)[0]
        runs = self.runs(aspect)
        return [run for run in runs if self.expected(run[0], counted) is not None] or runs

    # --- comparing --------------------------------------------------------------------------------------------

    def expected(self, case, mistakes=()):
        """The right result, or that of these mistakes; None where the mistakes give no numbers for this case."""
        args, options = _in_float64(case)
        try:
            return wrong_function(self.name, *mistakes)(*args, **options)
        except (IndexError, ValueError):
            return None

    def difference(self, case, outcome, mistakes=(), shape_only=False):
        """None where the outcome is the expected one; `Difference` where not. It must have returned something."""
        return _difference(self.expected(case, mistakes), outcome.value, self.is_torch, _dtype_of(case), shape_only)

    def agrees(self, case, outcome, mistakes, shape_only=False):
        """True or False where these mistakes give numbers for the case, None where they give none."""
        expected = self.expected(case, mistakes)
        if expected is None:
            return None
        if outcome.raised:
            return False
        return _difference(expected, outcome.value, self.is_torch, _dtype_of(case), shape_only) is None

    def found_before(self, aspect):
        """What the earlier aspects found: the mistakes already counted, and what failed unexplained.

        Only the aspects whose argument this one uses too; the aspects that are not numeric use none.
        """
        counted, unexplained = [], []
        position = NUMERIC.index(aspect) if aspect in NUMERIC else 1
        used = {option for case in self.fresh(aspect) for option in case.options}
        for earlier in NUMERIC[:position]:
            is_unused_option = earlier in OPTIONS and earlier not in used
            if earlier not in self.exercise.points or is_unused_option:
                continue
            verdict = self.verdict(earlier)
            if verdict.mistake and verdict.holds:
                counted.append(BANK[verdict.mistake])
            elif verdict.passed is False:
                unexplained.append(earlier)
        return counted, unexplained


def _ask_numbers(trial, aspect, shape_only=False):
    """Compare every case with the truth, then with the truth bent by what is already counted."""
    runs = trial.runs(aspect)
    wrong = _first_wrong(trial, runs, (), shape_only)
    if wrong is None:
        return trial.passed(aspect)
    counted, unexplained = trial.found_before(aspect)
    if counted:
        verdicts = [trial.agrees(case, outcome, counted, shape_only) for case, outcome in runs]
        if True in verdicts and False not in verdicts:
            return trial.passed(aspect, [wrong.id for wrong in counted])
        wrong = _first_wrong(trial, runs, counted, shape_only) or wrong
    mistake = None if shape_only else _diagnose(trial, runs, counted)
    if mistake is None and aspect == "all-together" and unexplained:
        given = _right_without(trial, aspect, unexplained, counted)
        if given:
            return trial.passed(aspect, given)
    return _numbers_failed(trial, aspect, *wrong, counted, mistake, shape_only)


def _first_wrong(trial, runs, mistakes, shape_only):
    for case, outcome in runs:
        if trial.agrees(case, outcome, mistakes, shape_only) is False:
            return case, outcome
    return None


def _diagnose(trial, runs, counted):
    """The one more mistake whose numbers these are in every case it gives numbers for, or None."""
    known = [trial.agrees(case, outcome, counted) for case, outcome in runs]
    for mistake in applicable(trial.name):
        if mistake in counted:
            continue
        verdicts = [trial.agrees(case, outcome, [*counted, mistake]) for case, outcome in runs]
        explains = any(now and not before for now, before in zip(verdicts, known, strict=True))
        if explains and False not in verdicts:
            return mistake
    return None


def _right_without(trial, aspect, unexplained, counted):
    """What to say where all is right once the arguments that failed by themselves are left at their defaults."""

    def leave_out(case):
        return functools.reduce(lambda smaller, name: smaller.without(name), unexplained, case)

    runs = trial.runs(aspect, leave_out)
    if "values" in unexplained or not any(case.options for case, _ in runs):
        return None
    if all(trial.agrees(case, outcome, counted) is not False for case, outcome in runs):
        return [*(mistake.id for mistake in counted), *unexplained]
    return None


def _numbers_failed(trial, aspect, case, outcome, counted, mistake, shape_only):
    if outcome.raised:
        return trial.crashed(aspect, case, outcome, mistake.id if mistake else None)
    difference = trial.difference(case, outcome, counted, shape_only)
    shown = ""
    if not shape_only and not difference.shape_differs and difference.index is not None:
        shown = picture(trial.name, case, trial.expected(case, counted), _as_numpy(outcome.value), difference.index)
    findings = [difference.text]
    if counted:
        findings.append(f"(already counted, and judged apart: {', '.join(wrong.id for wrong in counted)})")
    return trial.failed(aspect, "wrong", case, findings, shown, mistake.id if mistake else None)


# --- the aspects that count only once the values hold ----------------------------------------------------------


def _ask_shape(trial, aspect):
    return _ask_numbers(trial, aspect, shape_only=True)


def _ask_dtype(trial, aspect):
    """An array keeps the dtype of the input; a count is an exact whole number."""
    for case, outcome in trial.runs_with_numbers(aspect):
        if outcome.raised:
            return trial.crashed(aspect, case, outcome)
        if trial.exercise.kind == "counter":
            if not is_count(outcome.value):
                findings = [f"expected an int, got {kind_of(outcome.value)} {outcome.value!r:.40}"]
                return trial.failed(aspect, "wrong", case, findings)
            continue
        want = dtype_name(case.args[0])
        not_an_array = _kind_difference(outcome.value, trial.is_torch)
        if not_an_array:
            return trial.failed(aspect, "wrong", case, [not_an_array.text])
        if dtype_name(outcome.value) != want:
            findings = [f"x is {want}, your result is {dtype_name(outcome.value)}"]
            return trial.failed(aspect, "wrong", case, findings, mistake="dtype-lost")
    return trial.passed(aspect)


def _ask_unchanged(trial, aspect):
    for case, outcome in trial.runs_with_numbers(aspect):
        if outcome.raised:
            return trial.crashed(aspect, case, outcome)
        after = [*outcome.arguments, *outcome.options.values()]
        for (name, before), now in zip(named_arguments(trial.name, case), after, strict=True):
            if not np.array_equal(before, _as_numpy(now)):
                findings = [f"{name} is not what it was before the call"]
                return trial.failed(aspect, "wrong", case, findings, mistake="argument-changed")
    return trial.passed(aspect)


def _ask_layout(trial, aspect):
    """Arrays that do not lie row by row in memory: a Fortran-ordered one and a slice of a larger one."""
    return _ask_numbers(trial, aspect)


def _ask_errors(trial, aspect):
    """Every bad input that is asked raises a ValueError; an argument that failed by itself is not asked again."""
    for case, outcome in trial.runs(aspect):
        if any(name in trial.exercise.points and not trial.verdict(name).passed for name in case.options):
            continue
        wanted = " and ".join(case.must_mention)
        if outcome.raised is None:
            findings = [f"expected a ValueError that names {wanted}; nothing was raised"]
            return trial.failed(aspect, "no error", case, findings)
        if "ValueError" not in outcome.raised.bases:
            findings = [f"expected a ValueError that names {wanted}, got {outcome.raised}"]
            return trial.failed(aspect, "another error", case, findings)
        if not all(text in outcome.raised.text for text in case.must_mention):
            findings = [f"the text should name {wanted}; it says: {outcome.raised.text or '(nothing)'}"]
            return trial.failed(aspect, "an error that does not say enough", case, findings)
    return trial.passed(aspect)


def _ask_how(trial, aspect):
    return (_ask_how_torch if trial.is_torch else _ask_how_numpy)(trial, aspect)


def _ask_how_numpy(trial, aspect):
    """A NumPy kernel uses NumPy only."""
    case, copy = trial.fresh(aspect)[0], trial.fresh(aspect)[0]
    outcome = trial.call(copy, observe=("packages",))
    if outcome.raised:
        return trial.crashed(aspect, case, outcome)
    others = outcome.observed["packages"]
    if others:
        findings = [f"it called {', '.join(others)}; this exercise is done with NumPy alone"]
        return trial.failed(aspect, "not by NumPy", case, findings)
    return trial.passed(aspect)


def _ask_how_torch(trial, aspect):
    """Never torch's own convolution, by whatever name, and no Python loop over pixels."""
    small, large = trial.fresh(aspect)
    outcome = trial.call(trial.fresh(aspect)[0], observe=("operations",))
    if outcome.raised:
        return trial.crashed(aspect, small, outcome)
    own = sorted({name for name in outcome.observed["operations"] if "conv" in name})
    if own:
        findings = [f"it reached torch's own convolution ({', '.join(own)}); here you write the kernel yourself"]
        return trial.failed(aspect, "torch's convolution was called", small, findings)
    few, many = (trial.call(case, observe=("lines",)) for case in (small, large))
    for case, outcome in zip(trial.fresh(aspect), (few, many), strict=True):
        if outcome.raised:
            return trial.crashed(aspect, case, outcome)
    few, many = few.observed["lines"], many.observed["lines"]
    if many > LINES_MAY_GROW * few:
        sizes = [" x ".join(map(str, case.args[0].shape[2:])) for case in (small, large)]
        findings = [
            f"an image of {sizes[0]} runs {few} lines of Python, one of {sizes[1]} runs {many}",
            "A loop over pixels grows with the image. Loop over the kernel's taps; torch does all pixels at once.",
        ]
        return trial.failed(aspect, "a Python loop over pixels", large, findings)
    return trial.passed(aspect)


def _ask_device(trial, aspect):
    """Right on every device there is, and on "meta", where a tensor made on the wrong device shows without a GPU."""
    import torch

    counted = trial.found_before(aspect)[0]
    devices = [trial.device] if trial.device else ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    for device in devices:
        case = trial.fresh(aspect)[0]
        outcome = trial.call(trial.fresh(aspect)[0], device)
        if outcome.raised:
            return trial.crashed(aspect, case, outcome)
        if outcome.value.device.type != device:
            findings = [f"x is on {device}, your result is on {outcome.value.device}"]
            return trial.failed(aspect, "wrong", case, findings, mistake="device-lost")
        if trial.agrees(case, outcome, counted) is False:
            return _numbers_failed(trial, aspect, case, outcome, counted, None, False)
    case = trial.fresh(aspect)[0]
    outcome = trial.call(trial.fresh(aspect)[0], "meta", observe=("one_device",))
    if outcome.raised:
        return _judge_meta_error(trial, aspect, case, outcome)
    if kind_of(outcome.value) != "Tensor" or outcome.value.device.type != "meta":
        where = getattr(outcome.value, "device", kind_of(outcome.value))
        findings = [f"x is on another device, your result is on {where}"]
        return trial.failed(aspect, "wrong", case, findings, mistake="device-lost")
    return trial.passed(aspect)


#: "meta" tensors have no numbers. Code that asks for one is legal on a GPU, so it is not judged by this.
_NEEDS_NUMBERS = ("no data", "item() cannot be called", "_local_scalar_dense", "data-dependent", "nonzero")


def _judge_meta_error(trial, aspect, case, outcome):
    raised = outcome.raised
    if raised.name != "DeviceMix" and any(text in raised.text for text in _NEEDS_NUMBERS):
        return trial.passed(aspect)
    findings = [
        f"where x is on another device it raised {raised}",
        "A tensor made without device=x.device is on the CPU; x.new_zeros(...) makes one beside x.",
    ]
    return trial.failed(aspect, "two devices met", case, findings)


_SIDES = {
    "shape": _ask_shape,
    "dtype": _ask_dtype,
    "unchanged": _ask_unchanged,
    "layout": _ask_layout,
    "errors": _ask_errors,
    "how": _ask_how,
    "device": _ask_device,
}


# --- small helpers ---------------------------------------------------------------------------------------------


def _capped(texts):
    """What the subject printed for one aspect, no more of it than helps."""
    lines = "".join(texts).splitlines()
    text = "\n".join(lines[:SHOWN_LINES])[:SHOWN_CHARACTERS]
    left = len("\n".join(lines)) - len(text)
    return text + (f"\n(and {left} more characters)" if left else "")


def _need_torch(device):
    try:
        import torch
    except ImportError as error:
        raise NotChecked(f"torch is not installed ({error}); pip install torch") from None
    if device == "cuda" and not torch.cuda.is_available():
        raise NotChecked("this machine has no CUDA device")


def _tensor(value, device):
    """An array as a tensor with the same memory layout; anything else as it is."""
    if not isinstance(value, np.ndarray):
        return value
    import torch

    return torch.from_numpy(value).to(device)


def _in_float64(case):
    def wide(value):
        return np.array(value, np.float64) if isinstance(value, np.ndarray) else value

    return [wide(value) for value in case.args], {key: wide(value) for key, value in case.options.items()}


def _as_numpy(value):
    """A student's array or tensor as a NumPy array; numbers as they are."""
    if kind_of(value) == "Tensor":
        value = value.detach().cpu()
        return value.double().numpy() if value.is_floating_point() else value.numpy()
    return np.asarray(value)


def _dtype_of(case):
    """The dtype of the first array that goes in; plain numbers count as float64."""
    return dtype_name(case.args[0]) if isinstance(case.args[0], np.ndarray) else "float64"


def _kind_difference(value, is_torch):
    want = "Tensor" if is_torch else "numpy.ndarray"
    if kind_of(value) == want:
        return None
    forgot = "; is a return missing?" if value is None else ""
    return Difference(f"expected a {want}, got {kind_of(value)}{forgot}", shape_differs=True)


def _difference(expected, value, is_torch, input_dtype, shape_only=False):
    """Why a returned value is not the expected one: its kind first, then its shape, then its numbers."""
    if np.ndim(expected) == 0:
        return number_difference(expected, value)
    not_an_array = _kind_difference(value, is_torch)
    if not_an_array:
        return not_an_array
    name = dtype_name(value)
    if not name.startswith(("float", "bfloat", "int", "uint")):
        return Difference(f"expected numbers, got an array of {name}", shape_differs=True)
    actual = _as_numpy(value)
    if shape_only:
        expected, actual = np.zeros(expected.shape), np.zeros(actual.shape)
    device = value.device.type if is_torch else "cpu"
    return array_difference(expected, actual, tolerance(input_dtype, name, device))
