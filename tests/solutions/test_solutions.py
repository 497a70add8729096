"""The solutions are right: beside an oracle, by the course's own checks, and in the notebook's tiny examples."""

import re

import numpy as np
import pytest
from solutions.entries import ENTRIES
from solutions.sources import broken, broken_solution, functions, run, solved, source, words

from autograder.checks import judge
from autograder.course import ASSIGNMENTS, EXERCISES
from autograder.student_code.subject import Local


def changes(kind):
    """A parameter for each change of one kind that the entries list, in their order."""
    found = [(name, *change) for name, entry in ENTRIES.items() for change in getattr(entry, kind)]
    return pytest.mark.parametrize("change", found, ids=[f"{change[0]}-{at}" for at, change in enumerate(found)])


def test_there_is_an_entry_for_each_exercise():
    assert [*ENTRIES] == [*EXERCISES], "add an entry in entries.py, at the exercise's place in the catalogue"
    assert [name for name, entry in ENTRIES.items() if not entry.wrong] == []


# --- tiny examples ----------------------------------------------------------------------------------------------------


def example_faults(text):
    """Each tiny example's expected value is what the solution gives, of the same type."""
    faults = []

    def compare(namespace):
        if "expected" in namespace:
            yours, expected = namespace.pop("yours"), namespace.pop("expected")
            # NumPy's own ints are as good as Python's; an array is not as good as a list.
            kinds = (int, np.integer) if type(expected) is int else type(expected)
            if not isinstance(yours, kinds) or not np.array_equal(yours, expected):
                faults.append(f"{yours!r} for {expected!r}")

    run(text, after_cell=compare)
    return faults


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_tiny_examples(assignment, capsys):
    assert example_faults(source(assignment)) == []


@pytest.mark.parametrize(
    ("assignment", "old", "new"),
    [
        ("00-start", "expected = 87", "expected = 88"),
        ("01-window", "expected = np.array([[12.0, 24.0]])", "expected = [[12.0, 24.0]]"),
        ("02-regular", "expected = 864", "expected = 864.0"),
        ("02-regular", "expected = torch.tensor([[[[4321.0, 6452.0]]]])", "expected = torch.zeros(1, 1, 1, 2)"),
        ("03-depthwise", "expected = 432", "expected = 433"),
        ("04-pointwise", "expected = np.array([[[[31.0,", "expected = np.array([[[[32.0,"),
        ("05-separable", "expected = Fraction(11, 18)", "expected = 11 / 18"),
        ("05-separable", "expected = torch.Size([1, 2, 4, 4])", "expected = torch.Size([1, 2, 4, 5])"),
        ("05-separable", "expected = weight", "expected = 2 * weight"),
    ],
)
def test_a_wrong_tiny_example_is_found(assignment, old, new, capsys):
    assert len(example_faults(broken(assignment, old, new))) == 1


# --- beside an oracle -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_is_right(name, capsys):
    faults, refused = ENTRIES[name].faults(solved(EXERCISES[name].assignment)[name])
    assert faults == []
    # Where the function must refuse, the cases have let it.
    raises = "errors" in EXERCISES[name].points or name == "window_sum"
    assert (refused > 10) == raises


@changes("wrong")
def test_a_wrong_solution_is_found(change):
    name, old, new = change
    faults, _ = ENTRIES[name].faults(functions(broken_solution(name, old, new))[name])
    assert faults


# --- by the course's own checks ---------------------------------------------------------------------------------------


def not_passed(name, namespace):
    verdicts = judge(EXERCISES[name], Local(namespace[name]))
    return {verdict.aspect: verdict.message for verdict in verdicts if not verdict.passed}


@pytest.mark.parametrize("name", EXERCISES)
def test_every_aspect_passes(name):
    assert not_passed(name, solved(EXERCISES[name].assignment)) == {}


@changes("fails")
def test_an_aspect_that_fails(change):
    name, old, new, aspect = change
    assert aspect in not_passed(name, functions(broken_solution(name, old, new)))


# --- the errors in the boxes ------------------------------------------------------------------------------------------


@changes("errors")
def test_the_boxes_quote_real_errors(change):
    name, old, new, line = change
    text = broken_solution(name, old, new) if old else source(EXERCISES[name].assignment)
    with pytest.raises(Exception) as raised:
        exec(line, functions(text))
    quoted = f"`{raised.type.__name__}: {str(raised.value).strip()}`"
    assert quoted in words(text), quoted


def test_every_quoted_error_is_tried():
    quoted = [error for name in ASSIGNMENTS for error in re.findall(r"`(\w+Error): ", source(name))]
    # The one more says that autograder is not installed, which cannot be had here.
    assert len(quoted) == sum(len(entry.errors) for entry in ENTRIES.values()) + 1
