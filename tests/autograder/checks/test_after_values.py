"""The aspects that count once the values hold: arguments, layout, devices."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from banked import use_bank
from handwritten import message_of, taps

from autograder.checks import judge
from autograder.checks.after_values import RULES, _change, _judge_meta_error
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.kinds import ARRAY
from autograder.model import AFTER_VALUES, Aspects, Bank, Case, Exercise
from autograder.student_code.subject import Local, Outcome, Raised, Tensor

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


# --- the rules, on an exercise of one line -----------------------------------------------------------------------


def scaled(x, stride=1, bias=0):
    if np.ndim(stride) or stride < 1:
        raise ValueError(f"stride {stride} for {x.shape}")
    return stride * x + bias


def cases(aspect, rng):
    x = np.arange(1.0, 4)
    return {
        "stride": [Case((x,), {"stride": 2})],
        "dtype": [Case((x.astype(dtype),)) for dtype in (np.float64, np.float32)],
        "unchanged": [Case((x,)), Case((x,), {"bias": np.ones(3)}), Case((x,), {"stride": 3})],
        "errors": [Case((x,), {"stride": 0}, ("0", "(3,)"))],
    }.get(aspect, [Case((x,))])


EXERCISE = Exercise(
    "scaled",
    "t0",
    ARRAY,
    dict.fromkeys(("values", "stride", "shape", "dtype", "unchanged", "layout", "errors"), 1),
    right=scaled,
    cases=cases,
    aspects=Aspects(("values", "stride"), ("stride",)),
)


@pytest.fixture
def bank(monkeypatch):
    bank = use_bank(monkeypatch, Bank({"scaled"}))
    bank.mistake("dtype-lost", ["scaled"], "Another dtype.")(lambda right, x, **options: right(x, **options))
    bank.mistake("argument-changed", ["scaled"], "It was changed.")(lambda right, x, **options: right(x, **options))
    bank.mistake("first-forgotten", ["scaled"], "First.")(lambda right, x, **options: right(x, **options)[1:])
    return bank


def failed(function):
    return {v.aspect: v for v in judge(EXERCISE, Local(function)) if not v.passed}


def test_every_aspect_after_values_has_its_rule():
    assert set(RULES) == set(AFTER_VALUES)


def test_the_right_function_passes(bank):
    assert failed(scaled) == {}


def test_nothing_counts_before_the_values_hold(bank):
    found = failed(lambda x, **options: scaled(x, **options) + 1)
    for aspect in set(EXERCISE.points) & set(AFTER_VALUES):
        assert found[aspect].message == f"scaled, {aspect}: get the values right first"


def test_an_honest_mistake_in_the_values_leaves_the_other_aspects_to_be_earned(bank):
    found = failed(lambda x, **options: scaled(x, **options)[1:])
    assert {aspect: verdict.mistake for aspect, verdict in found.items()} == {"values": "first-forgotten"}


def test_another_dtype_is_named(bank):
    found = failed(lambda x, **options: scaled(x, **options).astype(np.float64))
    assert list(found) == ["dtype"] and found["dtype"].mistake == "dtype-lost"
    assert "  x is float32, your result is float64\n  Another dtype.\n" in found["dtype"].message


def test_a_crash_for_another_dtype_costs_dtype(bank):
    found = failed(lambda x, **options: scaled(x, **options) if x.dtype == np.float64 else x[99])
    assert list(found) == ["dtype"] and "raised IndexError for x (3,)" in found["dtype"].message


def changing(x, stride=1, bias=0):
    y = scaled(x, stride, bias)
    if np.ndim(bias):
        bias[0] = 7
    return y


def test_every_argument_is_the_same_after_the_call(bank):
    found = failed(changing)
    assert list(found) == ["unchanged"] and found["unchanged"].mistake == "argument-changed"
    assert "unchanged: wrong for x (3,), bias (3,)\n  bias is not what it was before the call\n" in (
        found["unchanged"].message
    )


def test_an_argument_whose_own_aspect_failed_is_not_asked_again(bank):
    """The third case of unchanged has a stride, as bad input has: one that crashes costs stride alone."""

    def crashes(x, stride=1, bias=0):
        return {1: lambda: scaled(x, stride, bias)}[stride]()

    assert list(failed(crashes)) == ["stride"]


def test_only_cases_for_which_the_counted_mistake_has_numbers_are_asked(bank):
    """Code with an index of its own raises where the mistake gives no numbers; that has cost its points already."""

    def bend(right, x, bias=0, **options):
        return -right(x, **options) if np.ndim(bias) == 0 else x[99]

    bank.mistake("negated", ["scaled"], "Negated.")(bend)
    found = failed(lambda x, **options: bend(scaled, x, **options))
    assert {aspect: verdict.mistake for aspect, verdict in found.items()} == {"values": "negated"}


def test_where_the_counted_mistake_has_no_numbers_at_all_every_case_is_asked(bank):
    def bend(right, x, bias=0, **options):
        return -right(x, **options) if bias == 0 else x[99]

    bank.mistake("negated", ["scaled"], "Negated.")(bend)
    biased = dataclasses.replace(
        EXERCISE, cases=lambda aspect, rng: [Case((np.arange(1.0, 4),), {"bias": 1} if aspect == "dtype" else {})]
    )
    subject = Local(lambda x, **options: bend(scaled, x, **options))
    values, dtype = judge(biased, subject, aspects=["values", "dtype"])
    assert values.mistake == "negated"
    assert dtype.message.startswith("scaled, dtype: raised IndexError")


def test_a_network_says_itself_what_was_changed():
    assert _change("network", object(), SimpleNamespace(changed=())) == ""
    changed = SimpleNamespace(changed=("fc.weight was set", "it is in eval mode"))
    assert _change("network", object(), changed) == (
        "network is not what it was before the call: fc.weight was set; it is in eval mode"
    )


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (np.ones(2), np.ones(2), ""),
        (np.ones(2), np.ones((1, 2)), "x is not what it was before the call"),
        (np.ones(2), np.array([1, 2.0]), "x is not what it was before the call"),
        (np.ones(2, np.float32), Tensor.of(np.ones(2, np.float32)), ""),
        (np.ones(2, np.float32), Tensor.of(np.zeros(2, np.float32)), "x is not what it was before the call"),
        (3, 3, ""),
        ((1, 2), (1, 2), ""),
    ],
)
def test_an_argument_before_and_after(before, now, text):
    assert _change("x", before, now) == text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            None,
            "no error for x (3,), stride 0\n  expected a ValueError that names 0 and (3,); nothing was raised\n",
        ),
        (
            TypeError("0 for (3,)"),
            "another error for x (3,), stride 0\n  expected a ValueError that names 0 and (3,), got TypeError: 0 ",
        ),
        (
            ValueError("stride 0"),
            "errors: an error that does not say enough for x (3,), stride 0\n  the text should name 0 and (3,); it "
            "says: stride 0\n",
        ),
        (ValueError(), "the text should name 0 and (3,); it says: (nothing)\n"),
        (ValueError("stride 0 for (3,)"), None),
        (type("OwnError", (ValueError,), {})("0 (3,)"), None),
    ],
    ids=["none", "another class", "too little", "no text", "right", "a subclass"],
)
def test_bad_input_raises_a_value_error_that_names_it(bank, error, text):
    def refuses(x, stride=1, bias=0):
        if stride == 0:
            if error:
                raise error
            return x
        return scaled(x, stride, bias)

    found = failed(refuses)
    assert list(found) == ([] if text is None else ["errors"])
    assert text is None or text in found["errors"].message


def test_another_shape_costs_values_and_no_more(bank):
    """A right sum of a wrong shape is no right result; and shape is asked once the values hold."""
    found = failed(lambda x, **options: scaled(x, **options)[None])
    assert found["shape"].message == "scaled, shape: get the values right first"
    assert "expected shape (3,), got (1, 3)" in found["values"].message


# --- arguments and layout ----------------------------------------------------------------------------------------


def test_the_argument_that_changed_is_named():
    def conv2d(x, weight, bias=None, **options):
        if bias is not None:
            bias *= 2
            return as_submitted(EXERCISES["conv2d"])(x, weight, bias=bias / 2, **options)
        return as_submitted(EXERCISES["conv2d"])(x, weight, **options)

    assert "bias is not what it was before the call" in message_of(conv2d, "conv2d-unchanged")


def test_code_that_relies_on_memory_order_fails_layout_alone():
    def conv2d(x, weight, **options):
        x = x if x.flags.c_contiguous else np.ascontiguousarray(x)[..., ::-1]
        return as_submitted(EXERCISES["conv2d"])(x, weight, **options)

    failed = [v.aspect for v in judge(EXERCISES["conv2d"], Local(conv2d)) if not v.passed]
    assert failed == ["layout"]


def test_a_view_of_a_torch_tensor_that_is_not_contiguous_fails_layout():
    def conv2d_torch(x, weight, *args, **options):
        x.view(-1)  # refuses a tensor whose memory is not in order
        return taps(x, weight, *args, **options)

    failed = [v.aspect for v in judge(EXERCISES["conv2d_torch"], Local(conv2d_torch)) if not v.passed]
    assert failed == ["layout"]


# --- devices -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", DEVICES)
def test_a_right_torch_kernel_passes_on_every_device(device):
    assert [v.message for v in judge(EXERCISES["conv2d_torch"], Local(taps), device=device) if not v.passed] == []


#: Slips that pass on a CPU and fail on a GPU: each makes or leaves a tensor on the wrong device.
SLIPS = {
    "zeros": lambda x, y: torch.zeros(y.shape) + y,
    "zeros, in place": lambda x, y: torch.zeros(y.shape).add_(y),
    "zeros, then moved back": lambda x, y: torch.zeros(y.shape).add_(y).to(x.device),
    "empty, written by pixel": lambda x, y: _written(torch.empty(y.shape), y),
    "arange": lambda x, y: y * (torch.arange(y.shape[-1]) >= 0),
    "ones": lambda x, y: y * torch.ones(y.shape[-1]),
    "tensor": lambda x, y: y + torch.tensor([0.0] * y.shape[-1]),
    "cat": lambda x, y: torch.cat([y, torch.zeros(y.shape)])[: y.shape[0]],
    "stack": lambda x, y: torch.stack([y, torch.zeros(y.shape)])[0],
    "where": lambda x, y: torch.where(torch.ones(y.shape) > 0, y, y),
    "eye": lambda x, y: y @ torch.eye(y.shape[-1]),
    "index_select": lambda x, y: torch.index_select(y, 3, torch.arange(y.shape[3])),
    "index_select and add": lambda x, y: torch.zeros_like(y).index_add(3, torch.arange(y.shape[3]), y),
    "written at an index": lambda x, y: _put(torch.zeros_like(y), torch.zeros(y.shape)) + y,
    "result on the CPU": lambda x, y: torch.ones(y.shape),
    "numpy": lambda x, y: torch.from_numpy(y.numpy()),
}


def _put(out, values):
    out[:, torch.arange(out.shape[1])] = values
    return out


def _written(out, y):
    for row in range(y.shape[2]):
        out[:, :, row] = y[:, :, row]
    return out


@pytest.mark.parametrize("slip", SLIPS)
def test_every_slip_between_devices_is_caught_without_a_gpu(slip):
    def conv2d_torch(x, weight, *args, **options):
        y = taps(x, weight, *args, **options)
        return y if slip == "result on the CPU" and x.device.type == "cpu" else SLIPS[slip](x, y)

    verdicts = {
        v.aspect: v for v in judge(EXERCISES["conv2d_torch"], Local(conv2d_torch), aspects=["values", "device"])
    }
    assert verdicts["values"].passed
    assert verdicts["device"].passed is False


LEGAL = {
    "new_zeros": lambda x, y: x.new_zeros(y.shape) + y,
    "device=": lambda x, y: torch.zeros(y.shape, device=x.device) + y,
    "zeros_like": lambda x, y: torch.zeros_like(y) + y,
    "a number": lambda x, y: y * torch.tensor(1.0),
    "an index on the CPU": lambda x, y: y[:, torch.arange(y.shape[1])],
    "written at an index on the CPU": lambda x, y: _put(torch.zeros_like(y), y),
    "brought over": lambda x, y: y + torch.zeros(y.shape).to(x.device),
    "asks for a number": lambda x, y: y if float(y.sum()) < 1e9 else y * 2,
}


@pytest.mark.parametrize("way", LEGAL)
def test_legal_code_passes_the_device_check(way):
    verdict = judge(
        EXERCISES["conv2d_torch"], Local(lambda x, *a, **o: LEGAL[way](x, taps(x, *a, **o))), aspects=["device"]
    )[0]
    assert verdict.passed, verdict.message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (lambda y: y.numpy(), "expected a Tensor, got numpy.ndarray"),
        (lambda y: None, "expected a Tensor, got None; is a return missing?"),
    ],
)
def test_what_is_no_tensor_where_the_device_is_asked_is_named(value, text):
    """Only a square is asked for its device: what goes wrong there alone is told as what it is."""

    def conv2d_torch(x, weight, *args, **options):
        y = taps(x, weight, *args, **options)
        is_device_case = x.shape == (1, 3, 6, 6) and weight.shape == (3, 3, 3, 3) and not (args or options)
        return value(y) if is_device_case and seen.pop(0) else y

    # The square of values comes first, then that of device.
    seen = [False, True]
    verdict = judge(EXERCISES["conv2d_torch"], Local(conv2d_torch), aspects=["device"])[0]
    assert verdict.passed is False and text in verdict.message


def test_two_devices_that_met_are_two_devices_whatever_the_operation_is_called():
    """The words by which torch's legal errors are known may stand in what the watcher says of two devices."""
    said = []
    verdicts = SimpleNamespace(passed=lambda aspect: "passed", failed=lambda *args: said.append(args) or "failed")
    for name, outcome in (("DeviceMix", "failed"), ("RuntimeError", "passed")):
        raised = Outcome(raised=Raised(name, (), "aten.index_put_ met nonzero on the CPU"))
        assert _judge_meta_error(verdicts, "device", Case(()), raised) == outcome
    assert said[0][1] == "two devices met"


def test_errors_on_another_device_that_ask_for_numbers_are_legal_and_others_are_not():
    def raising(text):
        def conv2d_torch(x, weight, *args, **options):
            if x.device.type == "meta":
                raise RuntimeError(text)
            return taps(x, weight, *args, **options)

        return judge(EXERCISES["conv2d_torch"], Local(conv2d_torch), aspects=["device"])[0]

    assert raising("Tensor.item() cannot be called on meta tensors").passed
    verdict = raising("expected all tensors to be on the same device")
    assert verdict.passed is False
    assert "two devices met for x" in verdict.message
    assert "where x is on another device it raised RuntimeError: expected all tensors" in verdict.message
    assert (
        "A tensor made without device=x.device is on the CPU; x.new_zeros(...) makes one beside x." in verdict.message
    )
