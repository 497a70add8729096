"""The course's mistakes as wrong functions, which compose, and as the functions of students who made them."""

import numpy as np
import pytest
from banked import use_bank

from autograder.checks.mistakes import applicable, as_submitted, sentence, wrong_function
from autograder.course import EXERCISES
from autograder.kinds import TENSOR
from autograder.model import Bank, Case, Exercise
from convolution.mistakes import BANK


def half(x):
    if x.ndim != 1:
        raise ValueError(f"one axis, not {x.shape}")
    return x / 2


EXERCISE = Exercise("half", "t0", TENSOR, {"values": 1}, right=half, cases=lambda aspect, rng: [Case((np.ones(2),))])


@pytest.fixture
def bank(monkeypatch):
    bank = use_bank(monkeypatch, Bank({"half", "other"}))
    bank.mistake("plus-one", ["half"], "One too many.")(lambda right, x: right(x) + 1)
    bank.mistake("elsewhere", ["other"], "Elsewhere.")(lambda right, x: right(x))
    bank.mistake("input-doubled", ["half", "other"], "Doubled.")(lambda right, x: right(2 * x))
    bank.mistake("input-returned", ["half"], "Returned.", stub=True)(lambda right, x: x)
    bank.mistake("device-lost", ["half"], "Lost.")(lambda right, x: right(x))
    return bank


def test_the_mistakes_of_an_exercise_come_in_the_banks_order(bank):
    assert [mistake.id for mistake in applicable(EXERCISE)] == [
        "plus-one",
        "input-doubled",
        "input-returned",
        "device-lost",
    ]


def test_a_mistake_without_a_sentence_for_the_exercise_has_none(bank):
    assert sentence(EXERCISE, "plus-one") == "One too many."
    assert sentence(EXERCISE, "elsewhere") == ""
    assert sentence(EXERCISE, "no such mistake") == ""


def test_without_a_mistake_the_function_is_right():
    assert wrong_function(EXERCISE) is half


def test_the_first_mistake_is_the_innermost(bank):
    """An output bend composes in the order given; an input bend reaches the right function through the others."""
    x = np.array([4.0])
    assert wrong_function(EXERCISE, bank["plus-one"])(x) == 3
    assert wrong_function(EXERCISE, bank["plus-one"], bank["input-doubled"])(x) == 5
    assert wrong_function(EXERCISE, bank["plus-one"], bank["plus-one"])(x) == 4
    assert wrong_function(EXERCISE, bank["input-returned"], bank["input-doubled"])(x) == 8
    assert wrong_function(EXERCISE, bank["input-doubled"], bank["input-returned"])(x) == 4


def test_bad_input_is_refused_before_any_mistake_shows(bank):
    import torch

    submitted = as_submitted(EXERCISE, bank["input-returned"])
    assert submitted(torch.ones(2)).tolist() == [1, 1]
    with pytest.raises(ValueError, match=r"one axis, not \(2, 2\)"):
        submitted(torch.ones(2, 2))


def test_only_the_mistake_of_that_name_loses_the_device(bank):
    import torch

    elsewhere = torch.empty(2, device="meta")
    for mistakes, device in (([], "meta"), (["plus-one"], "meta"), (["plus-one", "device-lost"], "cpu")):
        submitted = as_submitted(EXERCISE, *(bank[each] for each in mistakes))
        assert submitted(elsewhere).device.type == device


@pytest.mark.parametrize("name", EXERCISES)
def test_the_mistakes_of_the_course_apply_where_they_have_a_sentence(name):
    exercise = EXERCISES[name]
    assert applicable(exercise) == [mistake for mistake in BANK.values() if sentence(exercise, mistake.id)]
    assert applicable(exercise), "no exercise without a mistake that would be found"
