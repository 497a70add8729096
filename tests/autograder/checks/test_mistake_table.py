"""Every mistake against every check, as rows and as the table that is printed.

That the course's own mistakes are rejected and named is tested with the course, in `tests/convolution/mistakes`.
"""

import io

import numpy as np
import pytest
from banked import use_bank
from rich.console import Console

from autograder.checks import mistake_table as tables
from autograder.checks.mistake_table import mistake_table, row, show, summary
from autograder.course import EXERCISES
from autograder.kinds import ARRAY, TENSOR
from autograder.model import Bank, Case, Exercise


def double(x):
    return 2 * x


def exercise(name, kind=ARRAY):
    points = {"values": 1, "shape": 1}
    return Exercise(name, "t0", kind, points, right=double, cases=lambda aspect, rng: [Case((np.arange(1.0, 4),))])


@pytest.fixture
def bank(monkeypatch):
    """Two exercises and four mistakes: one that is named, one named otherwise, one not named, one let through."""
    exercises = {"double": exercise("double"), "twice": exercise("twice", TENSOR)}
    monkeypatch.setattr(tables, "EXERCISES", exercises)
    bank = use_bank(monkeypatch, Bank(exercises))
    bank.mistake("negated", ["double", "twice"], "Negated.")(lambda right, x: -right(x))
    bank.mistake("minus-one", ["double"], "Times -1.")(lambda right, x: -right(x))
    bank.mistake("no-mistake", ["double"], "None.")(lambda right, x: right(x))
    bank.mistake("crash", ["double"], "It crashes.")(lambda right, x: right(x)[99])
    return bank


def test_a_row_says_which_checks_reject_a_mistake_and_what_they_call_it(bank):
    assert mistake_table(["double"]) == [
        {
            "exercise": "double",
            "mistake": "negated",
            "aspects": {"values": False, "shape": True},
            "rejected_by": ["values"],
            "named_by": ["values"],
            "named_otherwise": [],
        },
        {
            "exercise": "double",
            "mistake": "minus-one",
            "aspects": {"values": False, "shape": True},
            "rejected_by": ["values"],
            "named_by": [],
            "named_otherwise": ["negated"],
        },
        {
            "exercise": "double",
            "mistake": "no-mistake",
            "aspects": {"values": True, "shape": True},
            "rejected_by": [],
            "named_by": [],
            "named_otherwise": [],
        },
        {
            "exercise": "double",
            "mistake": "crash",
            "aspects": {"values": False, "shape": False},
            "rejected_by": ["values", "shape"],
            "named_by": [],
            "named_otherwise": [],
        },
    ]


def test_one_exercise_only(bank):
    assert {each["exercise"] for each in mistake_table(["twice"])} == {"twice"}
    assert [each["exercise"] for each in mistake_table(["twice", "double"])] == ["twice", *["double"] * 4]


def test_without_a_name_all_that_this_machine_can_ask(bank, monkeypatch):
    assert {each["exercise"] for each in mistake_table()} == {"double", "twice"}
    find_spec = tables.importlib.util.find_spec
    monkeypatch.setattr(tables.importlib.util, "find_spec", lambda name: None if name == "torch" else find_spec(name))
    assert {each["exercise"] for each in mistake_table()} == {"double"}


def test_a_name_that_there_is_not_is_refused_with_those_there_are(bank):
    with pytest.raises(ValueError, match=r"^no exercise is named 'triple', 'half'; there are double, twice$"):
        mistake_table(["double", "triple", "half"])


def test_the_seed_names_the_data(bank, monkeypatch):
    seeds = []
    judge = tables.judge
    monkeypatch.setattr(tables, "judge", lambda *args, seed: seeds.append(seed) or judge(*args, seed=seed))
    mistake_table(["twice"], seed=7)
    assert seeds == [7]


def printed(table):
    out = Console(file=io.StringIO(), width=40, color_system=None)
    show(table, out)
    return out.file.getvalue()


def test_the_table_as_it_is_printed(bank):
    assert printed(mistake_table(["double"])) == (
        "double\n"
        "            val sha\n"
        " negated    x   ·\n"
        " minus-one  x   ·  called negated\n"
        " no-mistake ·   ·  NOT REJECTED\n"
        " crash      x   x  not named\n"
        "\n"
        "x rejected, · let pass, ? could not be checked\n"
        "4 mistakes, tried on 1 exercise in 4 pairs: 3 rejected, 1 named, 1 called by another name\n"
    )


def test_what_could_not_be_checked_is_neither_rejected_nor_let_pass(bank, monkeypatch):
    monkeypatch.setattr("autograder.student_code.subject.Local.devices", lambda subject: ())
    made = row(tables.EXERCISES["twice"], bank["negated"])
    assert made["aspects"] == {"values": None, "shape": None} and made["rejected_by"] == []
    assert " negated ?   ?  NOT REJECTED\n" in printed([made])


def test_a_summary_counts_mistakes_once_however_many_exercises_they_are_for(bank):
    assert summary(mistake_table())[1] == (
        "4 mistakes, tried on 2 exercises in 5 pairs: 4 rejected, 2 named, 1 called by another name"
    )


def test_an_exercise_of_the_course():
    table = mistake_table(["conv2d_macs"])
    assert {each["exercise"] for each in table} == {"conv2d_macs"}
    assert all(list(each["aspects"]) == list(EXERCISES["conv2d_macs"].points) for each in table)
    assert all(each["named_by"] == each["rejected_by"] for each in table)
