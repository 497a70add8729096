"""The cases of every exercise, whichever module draws them: there is one for whatever carries points, with any luck."""

import numpy as np
import pytest
from unlucky import UNLUCKY, Constant

from autograder.checks.cases import draw
from autograder.course import EXERCISES
from autograder.model import AFTER_VALUES, PUBLIC_SEED, is_about
from convolution.aspects import ASPECTS

SEEDS = (PUBLIC_SEED, 7, "a private seed")


def assert_right_has_an_answer(exercise, case):
    """The right function has a result, or refuses what must be refused and names it."""
    if case.must_mention is None:
        exercise.right(*case.args, **case.options)
        return
    with pytest.raises(ValueError) as refusal:
        exercise.right(*case.args, **case.options)
    assert all(text in str(refusal.value) for text in case.must_mention)


@pytest.mark.parametrize("number", UNLUCKY)
@pytest.mark.parametrize("name", EXERCISES)
def test_an_unlucky_seed_draws_cases_like_another(name, number):
    """No aspect runs out of sizes that differ, whatever is drawn."""
    for aspect in EXERCISES[name].points:
        drawn = EXERCISES[name].cases(aspect, lambda *names: Constant(number))
        assert drawn
        for case in drawn:
            assert_right_has_an_answer(EXERCISES[name], case)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EXERCISES)
def test_the_right_function_has_an_answer_to_every_case(name, seed):
    for aspect in EXERCISES[name].points:
        for case in draw(EXERCISES[name], aspect, seed):
            assert_right_has_an_answer(EXERCISES[name], case)


@pytest.mark.parametrize("name", EXERCISES)
def test_no_number_is_zero(name):
    """A number that is 0, or nearly, hides a product that is missing; values of arrays are at least 0.1 in size."""
    for seed in SEEDS:
        for aspect in EXERCISES[name].points:
            for case in draw(EXERCISES[name], aspect, seed):
                for value in (*case.args, *case.options.values()):
                    if isinstance(value, np.ndarray):
                        assert np.abs(value).min() > 0.099, aspect


@pytest.mark.parametrize("name", EXERCISES)
def test_an_aspect_about_an_option_uses_it_and_those_before_it_do_not(name):
    """Each option is met first in the aspect of its own, so that what is wrong there is told there."""
    for aspect in EXERCISES[name].points:
        if aspect not in ASPECTS.numeric or aspect in ASPECTS.mixed:
            continue
        uses = [option for case in draw(EXERCISES[name], aspect, PUBLIC_SEED) for option in case.options]
        for other in ASPECTS.options:
            used = any(is_about(other, option) for option in uses)
            if other == aspect:
                assert used, aspect
            elif other != "bias":  # a counter says in every case whether there are biases
                assert not used, (aspect, other)


@pytest.mark.parametrize("name", EXERCISES)
def test_what_no_exercise_asks_for_is_an_empty_list_and_no_error(name):
    """The engine turns it into an error that names exercise and aspect; see `autograder.checks.cases.draw`."""
    for aspect in {*ASPECTS.numeric, *AFTER_VALUES, "colour"} - set(EXERCISES[name].points):
        assert isinstance(EXERCISES[name].cases(aspect, lambda *names: Constant(0.5)), list)
