"""The aspects judged by their numbers: against the truth, then against what is already counted, then diagnosed."""

import functools

import numpy as np

from autograder.checks.diagnosis import picture
from autograder.kinds.results import as_numpy, kind_difference
from autograder.model import is_about
from convolution.mistakes import BANK, applicable

#: In the order in which a mistake found in one is carried into those after it.
NUMERIC = (
    "values",
    "batch",
    "bias",
    "rectangle",
    "stride",
    "padding",
    "dilation",
    "multiplier",
    "all-together",
)

#: Those that vary an optional argument of the same name.
OPTIONS = ("bias", "stride", "padding", "dilation", "multiplier")

#: Those whose cases use what another aspect asks for by itself.
MIXED = ("multiplier", "all-together")


def ask_numbers(trial, aspect, shape_only=False):
    """Compare every case with the truth, then with the truth bent by what is already counted."""
    runs = trial.runs(aspect)
    wrong = _first_wrong(trial, runs, (), shape_only)
    if wrong is None:
        return trial.passed(aspect)
    counted, unexplained = found_before(trial, aspect)
    if counted:
        verdicts = [trial.agrees(case, outcome, counted, shape_only) for case, outcome in runs]
        if True in verdicts and False not in verdicts:
            return trial.passed(aspect, [mistake.id for mistake in counted])
        wrong = _first_wrong(trial, runs, counted, shape_only) or wrong
    # One argument that fails by itself is left out; with two there is little left to go together.
    if aspect in MIXED and len(unexplained) == 1:
        given = _right_without(trial, aspect, unexplained, counted)
        if given:
            return trial.passed(aspect, given)
    mistake = None if shape_only else _diagnose(trial, aspect, runs, counted)
    return numbers_failed(trial, aspect, *wrong, counted, mistake, shape_only)


def found_before(trial, aspect):
    """What the earlier aspects found: the mistakes already counted, and what failed unexplained.

    Only the aspects whose argument this one uses too; the aspects that are not numeric use none.
    """
    counted, unexplained = [], []
    position = NUMERIC.index(aspect) if aspect in NUMERIC else 1
    used = {option for case in trial.fresh(aspect) for option in case.options}
    for earlier in NUMERIC[:position]:
        is_unused = earlier in OPTIONS and not any(is_about(earlier, option) for option in used)
        if earlier not in trial.exercise.points or is_unused:
            continue
        verdict = trial.verdict(earlier)
        if verdict.mistake and verdict.holds:
            counted.append(BANK[verdict.mistake])
        elif verdict.passed is False:
            unexplained.append(earlier)
    return counted, unexplained


def runs_with_numbers(trial, aspect):
    """The runs for which the mistakes already counted give numbers, if there are any; else all."""
    counted = found_before(trial, aspect)[0]
    runs = trial.runs(aspect)
    return [run for run in runs if trial.expected(run[0], counted) is not None] or runs


def _first_wrong(trial, runs, mistakes, shape_only):
    for case, outcome in runs:
        if trial.agrees(case, outcome, mistakes, shape_only) is False:
            return case, outcome
    return None


def _diagnose(trial, aspect, runs, counted):
    """The one more mistake whose numbers these are in every case it gives numbers for, or None."""
    known = [trial.agrees(case, outcome, counted) for case, outcome in runs]
    for mistake in applicable(trial.name):
        if mistake in counted or (aspect != "values" and _shows_in_values(trial, mistake)):
            continue
        explains = False
        for (case, outcome), before in zip(runs, known, strict=True):
            now = trial.agrees(case, outcome, [*counted, mistake])
            if now is False:  # as soon as the first case says so, for most mistakes: to compare costs most of a check
                break
            explains = explains or (now and not before)
        else:
            if explains:
                return mistake
    return None


def _shows_in_values(trial, mistake):
    """Whether a mistake would have changed the numbers of values, which hold: then it was not made."""
    verdict = trial.verdict("values")
    if not verdict.holds:
        return False
    seen = [BANK[verdict.mistake]] if verdict.mistake else []
    for case in trial.fresh("values"):
        before, after = trial.expected(case, seen), trial.expected(case, [*seen, mistake])
        if before is not None and after is not None and not np.array_equal(before, after):
            return True
    return False


def _right_without(trial, aspect, unexplained, counted):
    """What to say where all is right once what failed by itself is left at its default."""

    def leave_out(case):
        return functools.reduce(lambda smaller, name: smaller.without(name), unexplained, case)

    runs = trial.runs(aspect, leave_out)
    if "values" not in unexplained and all(trial.agrees(case, outcome, counted) is not False for case, outcome in runs):
        return [*(mistake.id for mistake in counted), *unexplained]
    return None


def numbers_failed(trial, aspect, case, outcome, counted, mistake=None, shape_only=False):
    """The verdict on numbers that are not the expected ones, with the mistake they equal where one is known."""
    if outcome.raised:
        return trial.crashed(aspect, case, outcome, mistake.id if mistake else None)
    difference = trial.difference(case, outcome, counted, shape_only)
    shown = ""
    is_one_array = kind_difference(trial.exercise, outcome.value) is None
    if is_one_array and not shape_only and difference.index is not None:
        shown = picture(trial.name, case, trial.expected(case, counted), as_numpy(outcome.value), difference.index)
    findings = [difference.text]
    if counted:
        findings.append(f"(already counted, and judged apart: {', '.join(wrong.id for wrong in counted)})")
    return trial.failed(aspect, "wrong", case, findings, shown, mistake.id if mistake else None)
