"""The aspects judged by their numbers: against the truth, then against what is already counted, then diagnosed."""

import functools

from autograder import course
from autograder.checks.diagnosis import picture
from autograder.checks.mistakes import applicable
from autograder.kinds.base import as_numpy, same
from autograder.model import is_about


def ask_numbers(verdicts, aspect, shape_only=False):
    """Compare every case with the truth, then with the truth bent by what is already counted."""
    trial, aspects = verdicts.trial, verdicts.exercise.aspects
    runs = trial.runs(aspect)
    wrong = _first_wrong(trial, runs, (), shape_only)
    if wrong is None:
        return verdicts.passed(aspect)
    counted, unexplained = found_before(verdicts, aspect)
    if counted:
        if _agree(trial, runs, counted, shape_only):
            return verdicts.passed(aspect, [mistake.id for mistake in counted])
        wrong = _first_wrong(trial, runs, counted, shape_only) or wrong
    # One argument that fails by itself is left out; with two there is little left to go together.
    if aspect in aspects.mixed and len(unexplained) == 1:
        given = _right_without(verdicts, aspect, unexplained, counted)
        if given:
            return verdicts.passed(aspect, given)
    mistakes, explains = ((), ()) if shape_only else _diagnose(verdicts, aspect, runs, counted)
    return numbers_failed(verdicts, aspect, wrong, counted, mistakes, explains, shape_only)


def found_before(verdicts, aspect):
    """The mistakes that earlier aspects found, and the earlier aspects that failed without an explanation.

    Only the aspects whose argument this one uses too; the aspects that are not numeric use none.
    """
    aspects, bank = verdicts.exercise.aspects, course.mistakes()
    counted, unexplained = [], []
    position = aspects.numeric.index(aspect) if aspect in aspects.numeric else 1
    used = {option for case in verdicts.trial.cases(aspect) for option in case.options}
    for earlier in aspects.numeric[:position]:
        is_unused = earlier in aspects.options and not any(is_about(earlier, option) for option in used)
        if earlier not in verdicts.exercise.points or is_unused:
            continue
        verdict = verdicts.of(earlier)
        if verdict.mistakes and verdict.holds:
            counted += [bank[mistake] for mistake in verdict.mistakes]
        elif verdict.passed is False:
            unexplained.append(earlier)
    return counted, unexplained


def runs_with_numbers(verdicts, aspect):
    """The runs for which the mistakes already counted give numbers, if there are any; else all."""
    trial = verdicts.trial
    counted = found_before(verdicts, aspect)[0]
    runs = trial.runs(aspect)
    return [run for run in runs if trial.expected(run[0], counted) is not None] or runs


def _agree(trial, runs, mistakes, shape_only=False):
    """True if every run for which these mistakes give numbers has them, and there is one."""
    agreements = [trial.agrees(case, outcome, mistakes, shape_only) for case, outcome in runs]
    return True in agreements and False not in agreements


def _first_wrong(trial, runs, mistakes, shape_only):
    for case, outcome in runs:
        if trial.agrees(case, outcome, mistakes, shape_only) is False:
            return case, outcome
    return None


def _diagnose(verdicts, aspect, runs, counted):
    """The ids of the mistakes whose numbers these are: (those that explain everything, else those that explain a part).

    One result has one mistake beside those counted, or none. Of several results each that is wrong has its own.
    """
    trial, parts = verdicts.trial, verdicts.exercise.kind.parts
    if not parts:
        found = _mistake_of(verdicts, aspect, runs, counted, None)
        return ((found.id,), ()) if found else ((), ())
    explained = {}
    for part in range(len(parts)):
        if all(trial.agrees(case, outcome, counted, part=part) is not False for case, outcome in runs):
            continue
        found = _mistake_of(verdicts, aspect, runs, counted, part)
        if found:
            explained[found.id] = found
    # A part that no single mistake explains may be that of several together.
    if _agree(trial, runs, [*counted, *explained.values()]):
        return tuple(explained), ()
    return (), tuple(explained)


def _mistake_of(verdicts, aspect, runs, counted, part):
    """The mistake, beside those counted, whose numbers these are in every case for which it has some; or None."""
    trial = verdicts.trial
    known = [trial.agrees(case, outcome, counted, part=part) for case, outcome in runs]
    for mistake in applicable(verdicts.exercise):
        if mistake in counted or (aspect != "values" and _shows_in_values(verdicts, mistake)):
            continue
        explains = False
        for (case, outcome), before in zip(runs, known, strict=True):
            now = trial.agrees(case, outcome, [*counted, mistake], part=part)
            if now is False:  # the first case says so for most mistakes, and comparing costs most of a check
                break
            explains = explains or (now and not before)
        else:
            if explains:
                return mistake
    return None


def _shows_in_values(verdicts, mistake):
    """True if a mistake would have changed the numbers of values, which hold; so it was not made."""
    verdict = verdicts.of("values")
    if not verdict.holds:
        return False
    trial, bank = verdicts.trial, course.mistakes()
    seen = [bank[each] for each in verdict.mistakes]
    for case in trial.cases("values"):
        before, after = trial.expected(case, seen), trial.expected(case, [*seen, mistake])
        if before is not None and after is not None and not same(before, after):
            return True
    return False


def _right_without(verdicts, aspect, unexplained, counted):
    """The mistakes and aspects given which all is right, once what failed by itself is left at its default."""
    trial, leave_out = verdicts.trial, verdicts.exercise.aspects.leave_out
    runs = trial.runs(aspect, lambda case: functools.reduce(leave_out, unexplained, case))
    if "values" not in unexplained and _agree(trial, runs, counted):
        return [*(mistake.id for mistake in counted), *unexplained]
    return None


def numbers_failed(verdicts, aspect, run, counted, mistakes=(), explains=(), shape_only=False):
    """The verdict on a run whose numbers are not the expected ones, with the mistakes they equal where known."""
    case, outcome = run
    trial, exercise = verdicts.trial, verdicts.exercise
    if outcome.raised:
        return verdicts.crashed(aspect, case, outcome, mistakes)
    difference = trial.difference(case, outcome, counted, shape_only)
    shown = ""
    has_form = exercise.kind.form_difference(outcome.value) is None
    if has_form and not shape_only and difference.index is not None and difference.part is None:
        shown = picture(exercise, case, trial.expected(case, counted), as_numpy(outcome.value), difference.index)
    findings = [difference.text]
    if counted:
        findings.append(f"(already counted, and judged apart: {', '.join(wrong.id for wrong in counted)})")
    return verdicts.failed(aspect, "wrong", case, findings, shown, mistakes, explains)
