"""One subject asked with the cases of one exercise: private copies, and expected results that are frozen."""

import numpy as np
import pytest
from banked import use_bank

from autograder.checks import trial
from autograder.checks.trial import Trial
from autograder.kinds import ARRAY, TENSOR, Several
from autograder.model import Bank, Case, Exercise
from autograder.student_code.subject import Local, Outcome, Raised


def double(x, add=0):
    return 2 * x + add


def two_cases(aspect, rng):
    return [Case((np.arange(3.0),)), Case((np.ones(2),), {"add": np.array([5.0, 6.0])})]


def exercise_of(right=double, cases=two_cases, kind=ARRAY):
    return Exercise("double", "t0", kind, {"values": 1, "layout": 1}, right=right, cases=cases)


def trial_of(function=double, device=None, **facts):
    return Trial(exercise_of(**facts), Local(function), 1, device)


@pytest.fixture(autouse=True)
def bank(monkeypatch):
    bank = use_bank(monkeypatch, Bank({"double"}))
    bank.mistake("negated", ["double"], "Negated.")(lambda right, x, **options: -right(x, **options))
    bank.mistake("first-only", ["double"], "First.")(lambda right, x, **options: right(x, **options)[:1])
    bank.mistake("no-number", ["double"], "None.")(lambda right, x, **options: right(x, **options)[99])
    return bank


# --- calling -----------------------------------------------------------------------------------------------------


def test_what_a_subject_does_to_its_arguments_is_not_seen_in_the_cases():
    def destructive(x, add=0):
        y = double(x, add)
        x += 100
        if np.ndim(add):
            add += 100
        return y

    runs = trial_of(destructive).runs("values")
    assert [case.args[0].tolist() for case, _ in runs] == [[0, 1, 2], [1, 1]]
    assert runs[1][0].options["add"].tolist() == [5, 6]
    assert runs[0][1].arguments[0].tolist() == [100, 101, 102]
    assert [outcome.value.tolist() for _, outcome in runs] == [[0, 2, 4], [7, 8]]


def test_a_case_may_be_changed_before_it_is_asked():
    def without_options(case):
        return Case(case.args, {}, key=(*case.key, "smaller"))

    runs = trial_of().runs("values", without_options)
    assert [case.options for case, _ in runs] == [{}, {}]
    assert runs[1][1].value.tolist() == [2, 2]


def test_the_device_of_the_trial_is_that_of_its_calls_unless_another_is_asked():
    seen = []

    class Recorder:
        def call(self, x, observe=(), **options):
            seen.append((x.device, observe))
            return Outcome()

    for device, asked in ((None, None), ("cuda", None), ("cuda", "meta")):
        asking = Trial(exercise_of(kind=TENSOR), Recorder(), 1, device)
        asking.call(asking.cases("values")[0], asked, ("lines",))
    assert seen == [("cpu", ("lines",)), ("cuda", ("lines",)), ("meta", ("lines",))]


def test_the_same_print_is_kept_once():
    def function(x, add=0):
        print("thinking" if np.ndim(add) == 0 else "adding")
        return double(x, add)

    asked = trial_of(function)
    asked.runs("values")
    asked.runs("layout")
    assert asked.printed == ["thinking\n", "adding\n"]


# --- expected ----------------------------------------------------------------------------------------------------


def test_an_expected_result_is_computed_once_for_each_case_and_mistake(bank):
    calls = []

    def counted(x, add=0):
        calls.append(x)
        return double(x, add)

    asked = trial_of(right=counted)
    for _ in range(3):
        for case in asked.cases("values"):
            asked.expected(case)
            asked.expected(case, [bank["negated"]])
    assert len(calls) == 4
    again = Trial(asked.exercise, Local(double), 1)  # another student: the cases are the same
    again.expected(again.cases("values")[0])
    assert len(calls) == 4
    other_seed = Trial(asked.exercise, Local(double), 2)
    other_seed.expected(other_seed.cases("values")[0])
    assert len(calls) == 5


@pytest.mark.parametrize("right", [double, lambda x, add=0: x, lambda x, add=0: x[::-1]], ids=["new", "input", "view"])
def test_an_expected_result_cannot_be_written_to(right):
    asked = trial_of(right=right)
    case = asked.cases("values")[0]
    expected = asked.expected(case)
    with pytest.raises(ValueError, match="read-only"):
        expected[0] = 9
    assert not np.shares_memory(expected, case.args[0])
    case.args[0][:] = 9
    assert (asked.expected(asked.cases("values")[0]) == right(np.arange(3.0))).all()


def test_each_of_several_expected_arrays_is_frozen():
    asked = trial_of(right=lambda x, add=0: (x, 2 * x), kind=Several(("one", "other")))
    for part in asked.expected(asked.cases("values")[0]):
        with pytest.raises(ValueError, match="read-only"):
            part[0] = 9


def test_a_right_function_that_writes_into_its_argument_changes_no_case():
    def careless(x, add=0):
        x *= 2
        return x

    asked = trial_of(right=careless)
    case = asked.cases("values")[0]
    assert asked.expected(case).tolist() == [0, 2, 4] and case.args[0].tolist() == [0, 1, 2]


def test_the_right_function_computes_in_float64():
    seen = []

    def right(x, add=0):
        seen.append(x.dtype)
        return 2 * x

    asked = trial_of(right=right, kind=TENSOR)
    assert asked.cases("values")[0].args[0].dtype == np.float32
    asked.expected(asked.cases("values")[0])
    assert seen == [np.float64]


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(trial, "EXPECTED_AT_MOST", 2)
    for seed in range(5):
        asked = Trial(exercise_of(), Local(double), seed)
        for case in asked.cases("values"):
            assert asked.expected(case) is not None
            assert len(trial._EXPECTED) <= 2
    assert trial._EXPECTED


def test_mistakes_without_numbers_expect_nothing(bank):
    asked = trial_of()
    case = asked.cases("values")[0]
    assert asked.expected(case, [bank["no-number"]]) is None
    bank["no-number"].bends["double"] = lambda right, x, **options: right(x.reshape(7, 7), **options)
    trial._EXPECTED.clear()
    assert asked.expected(case, [bank["no-number"]]) is None, "ValueError is as good as IndexError"


def test_any_other_error_of_a_mistake_is_a_fault_of_the_course(bank):
    bank["no-number"].bends["double"] = lambda right, x, **options: right(x, colour=3)
    asked = trial_of()
    with pytest.raises(TypeError, match="colour"):
        asked.expected(asked.cases("values")[0], [bank["no-number"]])


def test_mistakes_are_made_one_after_the_other(bank):
    asked = trial_of()
    case = asked.cases("values")[1]
    assert asked.expected(case).tolist() == [7, 8]
    assert asked.expected(case, [bank["negated"], bank["first-only"]]).tolist() == [-7]


# --- comparing ---------------------------------------------------------------------------------------------------


def test_agreement_is_yes_no_or_not_to_be_told(bank):
    asked = trial_of()
    case = asked.cases("values")[0]
    right, negated, crashed = (
        Outcome(np.array([0.0, 2, 4])),
        Outcome(np.array([0.0, -2, -4])),
        Outcome(raised=Raised("IndexError", ("IndexError",), "")),
    )
    assert asked.agrees(case, right) is True and asked.agrees(case, negated) is False
    assert asked.agrees(case, negated, [bank["negated"]]) is True
    assert asked.agrees(case, crashed) is False
    assert asked.agrees(case, right, [bank["no-number"]]) is None
    assert asked.agrees(case, crashed, [bank["no-number"]]) is None
    assert asked.agrees(case, negated, shape_only=True) is True
    assert asked.difference(case, negated).index == (1,)


def test_the_dtype_that_went_in_sets_the_tolerance():
    nearly = Outcome(np.array([0.0, 2 + 5e-5, 4]))
    for kind, agrees in ((ARRAY, False), (TENSOR, True)):
        case = trial_of(kind=kind).cases("values")[0]
        assert trial_of().agrees(case, nearly) is agrees
