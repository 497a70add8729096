"""The course's small modules of data: catalogue, aspects, rules, predictions, and the numbers that are worked out."""

import numpy as np
import pytest

from autograder.checks.cases import draw
from autograder.course import graded_cells
from autograder.model import PUBLIC_SEED, Case
from convolution import catalogue, worked
from convolution.aspects import ASPECTS, leave_out
from convolution.catalogue import ASSIGNMENTS, EXERCISES
from convolution.predictions import PREDICTIONS
from convolution.rules import WITH_NUMPY, WITHOUT_CONVOLUTION

# --- catalogue ---------------------------------------------------------------------------------------------------


def test_points_are_read_in_the_order_in_which_they_are_judged():
    assert catalogue._points("values 1, all-together 0.5, dilation 0") == {
        "values": 1,
        "all-together": 0.5,
        "dilation": 0,
    }
    assert [type(points) for points in catalogue._points("values 1, stride 0.5").values()] == [int, float]


@pytest.mark.parametrize("name", EXERCISES)
def test_values_come_first_and_points_are_halves(name):
    points = EXERCISES[name].points
    assert next(iter(points)) == "values"
    assert all(worth >= 0 and worth * 2 == int(worth * 2) for worth in points.values())
    assert EXERCISES[name].aspects is ASPECTS and EXERCISES[name].assignment in ASSIGNMENTS


def test_an_assignment_is_worth_twenty_points_but_the_first():
    worth = {name: sum(graded_cells(name).values()) for name in ASSIGNMENTS}
    assert {name: points for name, points in worth.items() if name != next(iter(worth))} == dict.fromkeys(
        list(worth)[1:], 20
    )


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_assignment_asks_for_a_prediction_of_its_own_and_some_functions(name):
    entry = ASSIGNMENTS[name]
    assert entry.prediction in PREDICTIONS and entry.difficulty in (1, 2, 3) and entry.minutes > 0
    assert [each.prediction for each in ASSIGNMENTS.values()].count(entry.prediction) == 1
    assert any(exercise.assignment == name for exercise in EXERCISES.values())
    assert bool(entry.explanation) == bool(entry.explanation_points)


# --- predictions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PREDICTIONS)
def test_every_option_of_a_prediction_has_its_reason(name):
    prediction = PREDICTIONS[name]
    assert list(prediction.options) == list(prediction.reasons) == sorted(prediction.options)
    assert prediction.answer in prediction.options and len(prediction.options) >= 3
    assert len(set(prediction.options.values())) == len(prediction.options)
    assert all(text.endswith(".") for text in (*prediction.options.values(), *prediction.reasons.values()))
    assert prediction.prompt.endswith("?")


def test_right_answers_are_not_always_the_same_letter():
    assert len({prediction.answer for prediction in PREDICTIONS.values()}) >= 3


# --- aspects and rules -------------------------------------------------------------------------------------------


def test_aspects_are_asked_in_an_order_in_which_options_come_before_what_mixes_them():
    order = ASPECTS.numeric
    assert order[0] == "values" and len(set(order)) == len(order)
    assert set(ASPECTS.options) | set(ASPECTS.mixed) <= set(order)
    assert order[-1] == "all-together" and ASPECTS.leave_out is leave_out


X, WEIGHT, BIAS = np.ones((3, 2, 4, 4)), np.ones((5, 2, 2, 2)), np.ones(5)
MIXED = Case((X, WEIGHT), {"stride": 2, "bias": BIAS}, key=("conv2d", "all-together", 7, 0))


@pytest.mark.parametrize(
    ("aspect", "images", "options"),
    [("batch", 1, {"stride": 2, "bias": BIAS}), ("bias", 3, {"stride": 2}), ("stride", 3, {"bias": BIAS})],
)
def test_what_failed_by_itself_is_left_out_of_a_case(aspect, images, options):
    smaller = leave_out(MIXED, aspect)
    assert smaller.args[0].shape[0] == images and smaller.args[1] is WEIGHT and smaller.options == options
    # Another case: what is expected of the whole one is remembered under its key.
    assert smaller.key == (*MIXED.key, aspect) and MIXED.args[0] is X and len(MIXED.options) == 2


def test_a_counters_bias_is_left_out_by_saying_so():
    """A counter counts the bias unless it is told not to."""
    counted = Case((3, 4), {"bias": True, "channel_multiplier": 5})
    assert leave_out(counted, "bias").options == {"bias": False, "channel_multiplier": 5}
    assert leave_out(Case((3, 4), {}), "bias").options == {}
    assert leave_out(counted, "multiplier").options == {"bias": True}


def test_the_rules_say_what_to_do_instead():
    for rule in (*WITH_NUMPY, *WITHOUT_CONVOLUTION):
        assert rule.headline and rule.advice
    never, lines = WITHOUT_CONVOLUTION
    assert never.operation == "conv" and "aten.convolution" in never.advice.format("aten.convolution")
    assert lines.factor == 1.2


# --- numbers worked out ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [(0, 0), (1, 0), (0, 1)])
@pytest.mark.parametrize(
    ("name", "write", "options"),
    [
        ("correlate2d", worked.window, {}),
        ("correlate2d", worked.window, {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2)}),
        ("convolve2d", worked.flipped_window, {}),
    ],
)
def test_the_sum_that_is_written_out_is_the_right_number(name, write, options, index):
    case = Case((np.arange(20.0).reshape(4, 5), np.array([[1.0, -2], [3, 0.5]])), options)
    expected = EXERCISES[name].right(*case.args, **case.options)[index]
    terms, total = write(case, index).splitlines()[1].split(" = ")
    assert float(total) == expected
    assert sum(np.prod([float(n) for n in term.split("*")]) for term in terms.split(" + ")) == expected


def test_the_bias_is_the_last_term():
    case = Case((np.ones((1, 1, 2, 2)), np.ones((1, 1, 1, 2))), {"bias": np.array([0.25])})
    assert worked.window(case, (0, 0, 1, 0)) == "the window at [1, 0]:\n1*1 + 1*1 + bias 0.25 = 2.25"
    flipped = Case((np.ones((2, 2)), np.array([[3.0, 4.0]])))
    assert worked.flipped_window(flipped, (0, 0)).startswith(
        "the window at [0, 0] with the kernel flipped:\n1*4 + 1*3 ="
    )


@pytest.mark.parametrize("name", [name for name in EXERCISES if EXERCISES[name].worked])
def test_every_exercise_that_is_worked_out_shows_the_number_that_it_expects(name):
    """On the smallest case of its own values, which is the one that is shown."""
    case = draw(EXERCISES[name], "values", PUBLIC_SEED)[0]
    if any(array.size != array.shape[-1] * array.shape[-2] for array in case.args):
        case = Case(tuple(array[:1, :1] for array in case.args))
    expected = EXERCISES[name].right(*map(np.float64, case.args))
    total = EXERCISES[name].worked(case, (0,) * expected.ndim).rpartition(" = ")[2]
    assert float(total) == pytest.approx(expected.flat[0], abs=5e-4 * abs(expected.flat[0]))
