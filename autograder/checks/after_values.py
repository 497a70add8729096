"""The aspects that count only once the values hold: shape, dtype, errors, layout, device, and how it was computed."""

from fractions import Fraction

import numpy as np

from autograder.checks.diagnosis import named_arguments
from autograder.checks.numeric import OPTIONS, ask_numbers, found_before, numbers_failed, runs_with_numbers
from autograder.kinds import modules
from autograder.kinds.compare import dtype_name, is_count, kind_of
from autograder.kinds.results import as_numpy, kind_difference
from autograder.model import is_about
from autograder.student_code.inside.data import Tensor

#: Python lines may grow by this much when the image quadruples: a loop over taps does not grow at all.
LINES_MAY_GROW = 1.2


def _ask_shape(trial, aspect):
    return ask_numbers(trial, aspect, shape_only=True)


def _ask_dtype(trial, aspect):
    """An array keeps the dtype of the input; a count is an exact whole number."""
    for case, outcome in runs_with_numbers(trial, aspect):
        if outcome.raised:
            return trial.crashed(aspect, case, outcome)
        if trial.exercise.kind == "counter":
            want = "a Fraction" if isinstance(trial.expected(case), Fraction) else "an int"
            is_exact = type(outcome.value) is Fraction if want == "a Fraction" else is_count(outcome.value)
            if not is_exact:
                findings = [f"expected {want}, got {kind_of(outcome.value)} {outcome.value!r:.40}"]
                return trial.failed(aspect, "wrong", case, findings)
            exact = trial.expected(case, found_before(trial, aspect)[0])
            if want == "a Fraction" and outcome.value != exact:
                findings = [f"expected exactly {exact}, got {outcome.value}: was it made from floats?"]
                return trial.failed(aspect, "wrong", case, findings)
            continue
        want = dtype_name(case.args[0])
        not_an_array = kind_difference(trial.exercise, outcome.value)
        if not_an_array:
            return trial.failed(aspect, "wrong", case, [not_an_array.text])
        if dtype_name(outcome.value) != want:
            findings = [f"x is {want}, your result is {dtype_name(outcome.value)}"]
            return trial.failed(aspect, "wrong", case, findings, mistake="dtype-lost")
    return trial.passed(aspect)


def _asks_again(trial, case):
    """Whether a case uses an argument whose own aspect did not pass: that is counted there."""
    return any(
        is_about(aspect, option) and not trial.verdict(aspect).passed
        for aspect in OPTIONS
        for option in case.options
        if aspect in trial.exercise.points
    )


def _ask_unchanged(trial, aspect):
    for case, outcome in runs_with_numbers(trial, aspect):
        if _asks_again(trial, case):
            continue
        if outcome.raised:
            return trial.crashed(aspect, case, outcome)
        after = [*outcome.arguments, *outcome.options.values()]
        for (name, before), now in zip(named_arguments(trial.name, case), after, strict=True):
            if not np.array_equal(before, as_numpy(now)):
                findings = [f"{name} is not what it was before the call"]
                return trial.failed(aspect, "wrong", case, findings, mistake="argument-changed")
    return trial.passed(aspect)


def _ask_layout(trial, aspect):
    """Arrays that do not lie row by row in memory: a Fortran-ordered one and a slice of a larger one."""
    return ask_numbers(trial, aspect)


def _ask_errors(trial, aspect):
    """Every bad input that is asked raises a ValueError; an argument that failed by itself is not asked again."""
    for case, outcome in trial.runs(aspect):
        if _asks_again(trial, case):
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
    counted = found_before(trial, aspect)[0]
    for device in [trial.device] if trial.device else trial.subject.devices():
        case = trial.fresh(aspect)[0]
        outcome = trial.call(trial.fresh(aspect)[0], device)
        if outcome.raised:
            return trial.crashed(aspect, case, outcome)
        not_a_tensor = kind_difference(trial.exercise, outcome.value)
        if not_a_tensor:
            return trial.failed(aspect, "wrong", case, [not_a_tensor.text])
        if outcome.value.device != device:
            findings = [f"x is on {device}, your result is on {outcome.value.device}"]
            return trial.failed(aspect, "wrong", case, findings, mistake="device-lost")
        if trial.agrees(case, outcome, counted) is False:
            return numbers_failed(trial, aspect, case, outcome, counted)
    case = trial.fresh(aspect)[0]
    outcome = trial.call(trial.fresh(aspect)[0], "meta", observe=("one_device",))
    if outcome.raised:
        return _judge_meta_error(trial, aspect, case, outcome)
    where = outcome.value.device if type(outcome.value) is Tensor else kind_of(outcome.value)
    if where != "meta":
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


def _ask_parameters(trial, aspect):
    """A module holds what its two steps learn, under their names, and nothing else."""
    for case in trial.fresh(aspect):
        if _asks_again(trial, case):
            continue
        made, numbers = modules.make(trial.subject, case)
        if made.raised:
            return trial.crashed(aspect, case, made)
        held = modules.held_by(made.value)
        if held.raised:
            return trial.crashed(aspect, case, held)
        problem = modules.parameters_differ(held.value, numbers)
        if problem:
            return trial.failed(aspect, "wrong", case, [problem])
    return trial.passed(aspect)


SIDES = {
    "shape": _ask_shape,
    "dtype": _ask_dtype,
    "unchanged": _ask_unchanged,
    "layout": _ask_layout,
    "errors": _ask_errors,
    "how": _ask_how,
    "device": _ask_device,
    "parameters": _ask_parameters,
}
