"""Verdicts on one subject: asked once, put into words, with what was printed; or not to be had on this machine."""

import sys
from dataclasses import dataclass, field

import pytest
import torch
from banked import use_bank
from handwritten import message_of, taps

from autograder.checks import judge, verdicts_on
from autograder.checks.trial import Trial
from autograder.checks.verdicts import SHOWN_CHARACTERS, SHOWN_LINES, NotChecked, Verdict, Verdicts
from autograder.course import EXERCISES
from autograder.kinds import NUMBER, NUMBER_OF_NETWORK
from autograder.model import PUBLIC_SEED, Bank, Case, Exercise
from autograder.student_code.subject import Local, Outcome, Raised


def area(height, width):
    return height * width


POINTS = {"values": 2, "dtype": 0.5, "errors": 0}
CASE = Case((2, 3))


def exercise_of(kind=NUMBER):
    return Exercise("area", "t0", kind, POINTS, right=area, cases=lambda aspect, rng: [CASE])


@pytest.fixture(autouse=True)
def bank(monkeypatch):
    bank = use_bank(monkeypatch, Bank({"area"}))
    for id in ("sum", "product"):
        bank.mistake(id, ["area"], f"Your result is the {id}.")(area)
    bank.mistake("zero", ["area"], "Your result is zero.", stub=True)(area)
    return bank


@dataclass
class Machine:
    """A subject that counts its aspects, on a machine with these devices."""

    have: tuple = ("cpu",)
    aspects: list = field(default_factory=list)

    def devices(self):
        return self.have

    def new_aspect(self):
        self.aspects.append("new")


def verdicts_with(rules, kind=NUMBER, seed=PUBLIC_SEED, device=None, machine=None):
    return Verdicts(Trial(exercise_of(kind), machine or Machine(), seed, device), rules)


def only(rule, **facts):
    """The verdict of one rule on the aspect values."""
    return verdicts_with({"values": rule}, **facts).of("values")


# --- asked once --------------------------------------------------------------------------------------------------


def test_an_aspect_is_asked_once():
    asked = []

    def values(verdicts, aspect):
        asked.append(aspect)
        return verdicts.passed(aspect)

    def dtype(verdicts, aspect):
        asked.append(aspect)
        return verdicts.of("values")

    machine = Machine()
    verdicts = verdicts_with({"values": values, "dtype": dtype}, machine=machine)
    assert verdicts.of("dtype") is verdicts.of("values") is verdicts.of("values")
    assert asked == ["dtype", "values"] and machine.aspects == ["new", "new"]


def test_what_was_printed_is_shown_with_the_aspect_for_which_it_was_printed():
    def values(verdicts, aspect):
        verdicts.trial.printed.append("in values\n")
        return verdicts.passed(aspect)

    def dtype(verdicts, aspect):
        verdicts.trial.printed.append("before\n")
        verdicts.of("values")
        verdicts.trial.printed.append("after\n")
        return verdicts.passed(aspect)

    verdicts = verdicts_with({"values": values, "dtype": dtype})
    assert verdicts.of("dtype").printed == "before\nafter"
    assert verdicts.of("values").printed == "in values"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ([], ""),
        (["one\n", "two\n"], "one\ntwo"),
        (["line\n" * SHOWN_LINES], "\n".join(["line"] * SHOWN_LINES)),
        (["line\n" * (SHOWN_LINES + 2)], "\n".join(["line"] * SHOWN_LINES) + "\n(and 10 more characters)"),
        (["x" * SHOWN_CHARACTERS], "x" * SHOWN_CHARACTERS),
        (["x" * (SHOWN_CHARACTERS + 7)], "x" * SHOWN_CHARACTERS + "\n(and 7 more characters)"),
    ],
    ids=["nothing", "two lines", "as many lines as are shown", "more lines", "as many letters as are shown", "more"],
)
def test_a_long_print_is_cut_and_says_how_much_is_missing(printed, shown):
    def rule(verdicts, aspect):
        verdicts.trial.printed.extend(printed)
        return verdicts.passed(aspect)

    assert only(rule).printed == shown


def test_a_rule_that_breaks_leaves_what_was_printed_to_its_caller():
    def values(verdicts, aspect):
        verdicts.trial.printed.append("in values\n")
        raise KeyError("a fault of the course")

    verdicts = verdicts_with({"values": values})
    verdicts.trial.printed.append("before\n")
    with pytest.raises(KeyError):
        verdicts.of("values")
    assert verdicts.trial.printed == ["before\n"]
    assert "values" not in verdicts.known


# --- in words ----------------------------------------------------------------------------------------------------


def test_a_verdict_that_passed():
    assert only(lambda verdicts, aspect: verdicts.passed(aspect)) == Verdict(
        "area", "values", True, 2, 2, "area, values: right"
    )
    given = only(lambda verdicts, aspect: verdicts.passed(aspect, ["sum", "stride"]))
    assert given.message == "area, values: right, given what is already counted: sum, stride"


def test_a_further_aspect_is_praised_and_earns_nothing():
    further = verdicts_with({"errors": lambda verdicts, aspect: verdicts.passed(aspect)}).of("errors")
    assert (further.passed, further.points, further.max_points) == (True, 0, 0)
    assert further.message == "area, errors: right (further: beyond what was asked)"
    rule = {"errors": lambda verdicts, aspect: verdicts.failed(aspect, "wrong", CASE, ["expected an error"])}
    assert verdicts_with(rule).of("errors").message == (
        "area, errors: wrong for height 2, width 3\n  expected an error\n"
        "  this aspect is further: it carries no points\n"
        '  To see this case again: check(area, "area-errors")'
    )


def test_a_verdict_that_failed():
    made = only(
        lambda verdicts, aspect: verdicts.failed(aspect, "wrong", CASE, ["expected 6, got 5"], mistakes=("sum",))
    )
    assert (made.passed, made.points, made.max_points, made.mistakes) == (False, 0, 2, ("sum",))
    assert made.message == (
        "area, values: wrong for height 2, width 3\n  expected 6, got 5\n  Your result is the sum.\n"
        '  To see this case again: check(area, "area-values")'
    )


def test_without_a_case_there_is_nothing_to_see_again():
    made = only(lambda verdicts, aspect: verdicts.failed(aspect, "get the values right first"))
    assert made.message == "area, values: get the values right first"


def test_what_explains_something_is_told_and_counts_as_no_mistake():
    made = only(lambda verdicts, aspect: verdicts.failed(aspect, "wrong", CASE, explains=("sum", "product")))
    assert made.mistakes == () and made.mistake is None and not made.holds
    assert "\n  Your result is the sum.\n  Your result is the product.\n" in made.message


def test_a_mistake_that_the_course_does_not_have_for_the_exercise_is_none():
    """The engine's own aspects know a few by name, such as a dtype that was lost."""
    made = only(lambda verdicts, aspect: verdicts.failed(aspect, "wrong", CASE, ["x"], mistakes=("dtype-lost", "sum")))
    assert made.mistakes == ("sum",)
    assert "\n  x\n  Your result is the sum.\n" in made.message


@pytest.mark.parametrize(
    ("passed", "mistakes", "mistake", "holds"),
    [
        (True, (), None, True),
        (False, (), None, False),
        (None, (), None, False),
        (False, ("sum",), "sum", True),
        (False, ("sum", "product"), "sum", True),
        (False, ("zero",), "zero", False),
        (False, ("sum", "zero"), "sum", False),
    ],
)
def test_values_hold_where_they_are_right_or_those_of_honest_mistakes(passed, mistakes, mistake, holds):
    verdict = Verdict("area", "values", passed, 0, 2, "", mistakes)
    assert verdict.mistake == mistake and verdict.holds is holds


# --- what was raised ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (Raised("NotImplementedError", (), ""), "area, values: not written yet"),
        (
            Raised("NotImplementedError", (), "yet to come"),
            "area, values: raised NotImplementedError for height 2, width 3\n  NotImplementedError: yet to come\n"
            '  To see this case again: check(area, "area-values")',
        ),
        (
            Raised("KeyError", (), "'x'", "line 3: d['x']"),
            "area, values: raised KeyError for height 2, width 3\n  KeyError: 'x', at line 3: d['x']\n"
            '  To see this case again: check(area, "area-values")',
        ),
        (
            Raised("", (), "the module has no scale"),
            "area, values: wrong for height 2, width 3\n  the module has no scale\n"
            '  To see this case again: check(area, "area-values")',
        ),
    ],
)
def test_a_crash_in_words(raised, message):
    assert only(lambda verdicts, aspect: verdicts.crashed(aspect, CASE, Outcome(raised=raised))).message == message


def test_sys_exit_in_student_code_is_a_failure_like_another():
    assert "raised SystemExit" in message_of(lambda *args: sys.exit(0), "window_sum-values")


# --- could not be checked ----------------------------------------------------------------------------------------


def test_what_could_not_be_checked_is_neither_right_nor_wrong():
    def rule(verdicts, aspect):
        raise NotChecked("there is no such machine")

    made = only(rule)
    assert (made.passed, made.points, made.max_points, made.holds) == (None, 0, 2, False)
    assert made.message == "area, values: could not be checked: there is no such machine"


@pytest.mark.parametrize(
    ("kind", "have", "device", "reason"),
    [
        (NUMBER, (), None, None),  # NumPy needs no device
        (NUMBER_OF_NETWORK, ("cpu",), None, None),
        (NUMBER_OF_NETWORK, ("cpu",), "cpu", None),
        (NUMBER_OF_NETWORK, ("cpu", "cuda"), "cuda", None),
        (NUMBER_OF_NETWORK, (), None, "torch is not installed; pip install torch"),
        (NUMBER_OF_NETWORK, (), "cuda", "torch is not installed; pip install torch"),
        (NUMBER_OF_NETWORK, ("cpu",), "cuda", "this machine has no CUDA device"),
    ],
)
def test_an_exercise_in_torch_needs_torch_and_the_device_that_is_asked(kind, have, device, reason):
    made = only(lambda verdicts, aspect: verdicts.passed(aspect), kind=kind, device=device, machine=Machine(have))
    assert made.passed is (None if reason else True)
    assert made.message == f"area, values: {f'could not be checked: {reason}' if reason else 'right'}"


def test_without_torch_or_cuda_a_torch_check_could_not_be_made(monkeypatch):
    if not torch.cuda.is_available():
        verdict = judge(EXERCISES["conv2d_torch"], Local(taps), aspects=["values"], device="cuda")[0]
        assert verdict.passed is None and verdict.points == 0
        assert verdict.message == "conv2d_torch, values: could not be checked: this machine has no CUDA device"
    monkeypatch.setitem(sys.modules, "torch", None)
    verdict = judge(EXERCISES["conv2d_torch"], Local(taps), aspects=["values"])[0]
    assert verdict.passed is None
    assert "could not be checked: torch is not installed" in verdict.message


def test_the_seed_is_part_of_what_is_seen_again():
    made = only(lambda verdicts, aspect: verdicts.failed(aspect, "wrong", CASE), seed=7)
    assert made.message.endswith('check(area, "area-values", seed=7)')


def test_a_seed_that_is_a_text_can_be_pasted():
    wrong = Local(lambda *args: 0)
    text = verdicts_on(EXERCISES["conv2d_macs"], wrong, "0a1b").of("values").message
    assert text.endswith("""check(conv2d_macs, "conv2d_macs-values", seed='0a1b')""")
