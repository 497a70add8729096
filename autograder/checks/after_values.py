"""The aspects that count only once the values hold: shape, dtype, errors, arguments, layout, device, parameters."""

import numpy as np

from autograder.checks.diagnosis import named_arguments
from autograder.checks.how import ask_how
from autograder.checks.mistakes import ARGUMENT_CHANGED, DEVICE_LOST
from autograder.checks.numeric import ask_numbers, found_before, numbers_failed, runs_with_numbers
from autograder.kinds.base import as_numpy
from autograder.kinds.compare import kind_of
from autograder.kinds.layers import shapes_held
from autograder.model import is_about


def _ask_shape(verdicts, aspect):
    return ask_numbers(verdicts, aspect, shape_only=True)


def _ask_dtype(verdicts, aspect):
    """An array keeps the dtype of the input; a count is an exact whole number."""
    trial, kind = verdicts.trial, verdicts.exercise.kind
    counted = found_before(verdicts, aspect)[0]
    for case, outcome in runs_with_numbers(verdicts, aspect):
        if outcome.raised:
            return verdicts.crashed(aspect, case, outcome)
        fault = kind.dtype_fault(case, trial.expected(case), trial.expected(case, counted), outcome.value)
        if fault:
            mistakes = (fault.mistake,) if fault.mistake else ()
            return verdicts.failed(aspect, "wrong", case, [fault.text], mistakes=mistakes)
    return verdicts.passed(aspect)


def _asks_again(verdicts, case):
    """True if a case uses an argument whose own aspect did not pass: that is counted there."""
    return any(
        is_about(aspect, option) and not verdicts.of(aspect).passed
        for aspect in verdicts.exercise.aspects.options
        for option in case.options
        if aspect in verdicts.exercise.points
    )


def _ask_unchanged(verdicts, aspect):
    """The arguments are after the call what they were before it."""
    for case, outcome in runs_with_numbers(verdicts, aspect):
        if _asks_again(verdicts, case):
            continue
        if outcome.raised:
            return verdicts.crashed(aspect, case, outcome)
        after = [*outcome.arguments, *outcome.options.values()]
        for (name, before), now in zip(named_arguments(verdicts.exercise, case), after, strict=True):
            finding = _change(name, before, now)
            if finding:
                return verdicts.failed(aspect, "wrong", case, [finding], mistakes=(ARGUMENT_CHANGED,))
    return verdicts.passed(aspect)


def _change(name, before, now):
    """A line about an argument that a call changed; an empty text for one that is as it was."""
    changed = getattr(now, "changed", None)  # a network says itself what is not as it was built
    if changed is not None:
        return f"{name} is not what it was before the call: {'; '.join(changed)}" if changed else ""
    return "" if np.array_equal(before, as_numpy(now)) else f"{name} is not what it was before the call"


def _ask_errors(verdicts, aspect):
    """Every bad input that is asked raises a ValueError; an argument that failed by itself is not asked again."""
    for case, outcome in verdicts.trial.runs(aspect):
        if _asks_again(verdicts, case):
            continue
        wanted = " and ".join(case.must_mention)
        if outcome.raised is None:
            findings = [f"expected a ValueError that names {wanted}; nothing was raised"]
            return verdicts.failed(aspect, "no error", case, findings)
        if "ValueError" not in outcome.raised.bases:
            findings = [f"expected a ValueError that names {wanted}, got {outcome.raised}"]
            return verdicts.failed(aspect, "another error", case, findings)
        if not all(text in outcome.raised.text for text in case.must_mention):
            findings = [f"the text should name {wanted}; it says: {outcome.raised.text or '(nothing)'}"]
            return verdicts.failed(aspect, "an error that does not say enough", case, findings)
    return verdicts.passed(aspect)


def _ask_device(verdicts, aspect):
    """Right on every device there is, and on "meta", where a tensor made on the wrong device shows without a GPU."""
    trial, kind = verdicts.trial, verdicts.exercise.kind
    counted = found_before(verdicts, aspect)[0]
    for device in [trial.device] if trial.device else trial.subject.devices():
        case = trial.cases(aspect)[0]
        outcome = trial.call(trial.cases(aspect)[0], device)
        if outcome.raised:
            return verdicts.crashed(aspect, case, outcome)
        wrong_form = kind.form_difference(outcome.value)
        if wrong_form:
            return verdicts.failed(aspect, "wrong", case, [wrong_form.text])
        elsewhere = [found for found in kind.devices_of(outcome.value) if found != device]
        if elsewhere:
            findings = [f"x is on {device}, your result is on {elsewhere[0]}"]
            return verdicts.failed(aspect, "wrong", case, findings, mistakes=(DEVICE_LOST,))
        if trial.agrees(case, outcome, counted) is False:
            return numbers_failed(verdicts, aspect, (case, outcome), counted)
    return _ask_meta(verdicts, aspect)


def _ask_meta(verdicts, aspect):
    """The same on "meta", whose tensors have shapes and no numbers."""
    trial, kind = verdicts.trial, verdicts.exercise.kind
    case = trial.cases(aspect)[0]
    outcome = trial.call(trial.cases(aspect)[0], "meta", observe=("one_device",))
    if outcome.raised:
        return _judge_meta_error(verdicts, aspect, case, outcome)
    has_form = kind.form_difference(outcome.value) is None
    devices = kind.devices_of(outcome.value) if has_form else (kind_of(outcome.value),)
    elsewhere = [found for found in devices if found != "meta"]
    if elsewhere:
        findings = [f"x is on another device, your result is on {elsewhere[0]}"]
        return verdicts.failed(aspect, "wrong", case, findings, mistakes=(DEVICE_LOST,))
    return verdicts.passed(aspect)


#: Parts of torch's errors about code that asks a "meta" tensor for a number: legal on a GPU, so "meta" cannot judge it.
_NEEDS_NUMBERS = ("no data", "item() cannot be called", "_local_scalar_dense", "data-dependent", "nonzero")


def _judge_meta_error(verdicts, aspect, case, outcome):
    raised = outcome.raised
    if raised.name != "DeviceMix" and any(text in raised.text for text in _NEEDS_NUMBERS):
        return verdicts.passed(aspect)
    findings = [
        f"where x is on another device it raised {raised}",
        "A tensor made without device=x.device is on the CPU; x.new_zeros(...) makes one beside x.",
    ]
    return verdicts.failed(aspect, "two devices met", case, findings)


def _ask_parameters(verdicts, aspect):
    """A layer holds what its steps learn, under their names, and nothing else."""
    trial, kind = verdicts.trial, verdicts.exercise.kind
    for case in trial.cases(aspect):
        if _asks_again(verdicts, case):
            continue
        made = kind.make(trial.subject, case)
        if made.raised:
            return verdicts.crashed(aspect, case, made)
        held = shapes_held(made.value)
        if held.raised:
            return verdicts.crashed(aspect, case, held)
        problem = kind.parameters_problem(case, held.value)
        if problem:
            return verdicts.failed(aspect, "wrong", case, [problem])
    return verdicts.passed(aspect)


#: aspect -> rule; the names are `autograder.model.AFTER_VALUES`. Layout is judged by its numbers, of arrays that do not
#: lie row by row in memory.
RULES = {
    "shape": _ask_shape,
    "dtype": _ask_dtype,
    "unchanged": _ask_unchanged,
    "layout": ask_numbers,
    "errors": _ask_errors,
    "how": ask_how,
    "device": _ask_device,
    "parameters": _ask_parameters,
}
