"""The vocabulary of a course: what contradicts itself is refused where it is written, with what to write instead."""

import numpy as np
import pytest

from autograder.kinds import NUMBER
from autograder.model import (
    AFTER_VALUES,
    Aspects,
    Assignment,
    Bank,
    Case,
    CourseError,
    Exercise,
    LinesStay,
    Mistake,
    OnlyNumPy,
    is_about,
    without_option,
)

RULE = OnlyNumPy("not by NumPy", "NumPy only")


def area(height, width):
    """The area of a rectangle."""
    return height * width


def cases(aspect, rng):
    """One rectangle."""
    return [Case((2, 3))]


def exercise(points=None, **facts):
    facts = {"right": area, "cases": cases} | facts
    return Exercise("area", "t0", NUMBER, {"values": 1} if points is None else points, **facts)


# --- exercises ---------------------------------------------------------------------------------------------------


def test_an_exercise_carries_its_facts():
    made = exercise(
        {"values": 2, "how": 0.5, "scale": 0}, how=(RULE,), aspects=Aspects(("values", "scale"), ("scale",))
    )
    assert made.parameters == ("height", "width")
    assert list(made.points) == ["values", "how", "scale"]
    assert made.worked is None and made.right is area


@pytest.mark.parametrize(
    ("points", "facts", "text"),
    [
        (
            None,
            {"right": None},
            "the exercise 'area' has no right; give it the right function: right=reference.NAME",
        ),
        (None, {"right": 6}, "the exercise 'area' has no right; give it the right function"),
        (
            None,
            {"cases": None},
            "the exercise 'area' has no cases; say what data it is asked with: cases=FUNCTION, called with",
        ),
        (None, {"cases": [Case((2, 3))]}, "the exercise 'area' has no cases; say what data it is asked with"),
        (
            {"values": 1, "strides": 1, "colour": 0},
            {},
            "the exercise 'area' has points for strides, colour; there are values, shape, dtype, unchanged, layout, "
            "errors, how, device, parameters",
        ),
        (
            {"values": 1, "stride": 1},
            {"aspects": Aspects(("values", "padding"))},
            "the exercise 'area' has points for stride; there are values, padding, shape",
        ),
        (
            {"values": 1, "how": 1},
            {},
            "the exercise 'area' has points for how and no rules in how=; it needs both or neither",
        ),
        (
            {"values": 1, "how": 0},
            {},
            "the exercise 'area' has points for how and no rules in how=; it needs both or neither",
        ),
        (None, {"how": (RULE,)}, "the exercise 'area' has rules in how and no points for it; it needs both or neither"),
    ],
)
def test_an_exercise_that_lacks_something_is_refused_when_it_is_made(points, facts, text):
    with pytest.raises(CourseError) as refusal:
        exercise(points, **facts)
    assert str(refusal.value).startswith(text)


def test_without_right_or_cases_there_is_no_exercise():
    """Not giving them is what it is to forget them."""
    with pytest.raises(CourseError, match="has no right"):
        Exercise("area", "t0", NUMBER, {"values": 1}, cases=cases)
    with pytest.raises(CourseError, match="has no cases"):
        Exercise("area", "t0", NUMBER, {"values": 1}, right=area)


@pytest.mark.parametrize("aspect", ["values", *(aspect for aspect in AFTER_VALUES if aspect != "how")])
def test_every_aspect_that_the_engine_knows_may_have_points(aspect):
    assert exercise({aspect: 1}).points == {aspect: 1}


def test_an_error_of_a_course_is_a_value_error():
    assert issubclass(CourseError, ValueError)


def test_exercises_are_told_apart_and_can_be_remembered():
    """Drawn cases are remembered by exercise; two of one name, of two courses, are two."""
    one, other = exercise(), exercise()
    assert one != other and len({one, other}) == 2


def test_lines_may_grow_by_a_fifth_unless_a_rule_says_otherwise():
    assert LinesStay("a loop", "no loops").factor == 1.2
    assert LinesStay("a loop", "no loops", 2).factor == 2


def test_an_assignment_needs_no_explanation():
    made = Assignment("t0", "Rectangles", 10, 1, "predict-t0")
    assert made.explanation is None and made.explanation_points == 0


# --- cases -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aspect", "option", "about"),
    [
        ("bias", "bias", True),
        ("bias", "depthwise_bias", True),
        ("bias", "biased", False),
        ("bias", "unbias", False),
        ("bias", "bias_scale", False),
        ("stride", "padding", False),
        ("multiplier", "channel_multiplier", True),
    ],
)
def test_an_aspect_is_about_the_options_that_end_in_its_name(aspect, option, about):
    assert is_about(aspect, option) is about


def test_a_case_without_an_option_is_another_case():
    case = Case((3,), {"stride": 2, "depthwise_bias": 1, "bias": 0}, key=("f", "all-together", 7, 0))
    smaller = without_option(case, "bias")
    assert smaller.options == {"stride": 2} and smaller.args == (3,)
    assert smaller.key == ("f", "all-together", 7, 0, "bias")
    assert case.options == {"stride": 2, "depthwise_bias": 1, "bias": 0}, "the case itself stays as it is"


def test_cases_have_options_of_their_own():
    Case((1,)).options["stride"] = 2
    assert Case((1,)).options == {}


# --- mistakes ----------------------------------------------------------------------------------------------------


def test_a_bank_keeps_mistakes_in_the_order_in_which_they_were_added():
    bank = Bank({"area", "volume"})

    @bank.mistake("sum", ["area"], "Your sides are added.")
    def of_two(right, height, width):
        return height + width

    @bank.mistake("zero", ["area", "volume"], "Your result is zero.", stub=True)
    def zero(right, *sides):
        return 0

    @bank.mistake("sum", ["volume"], "Your three sides are added.")
    def of_three(right, *sides):
        return sum(sides)

    assert list(bank) == ["sum", "zero"]
    assert bank["sum"].bends == {"area": of_two, "volume": of_three}
    assert bank["sum"].sentences == {"area": "Your sides are added.", "volume": "Your three sides are added."}
    assert (bank["sum"].stub, bank["zero"].stub) == (False, True)
    assert of_two(area, 2, 3) == 5, "the decorator gives the function back"


def test_a_mistake_made_twice_or_in_no_exercise_is_refused():
    bank = Bank({"area"})
    bank.mistake("sum", ["area"], "Your sides are added.")(min)
    with pytest.raises(CourseError, match=r"^area has a mistake 'sum' already$"):
        bank.mistake("sum", ["area"], "Again.")(max)
    with pytest.raises(CourseError, match=r"^the mistake 'sum' is for 'volume', which is no exercise$"):
        bank.mistake("sum", ["volume"], "Your sides are added.")(min)
    assert bank["sum"] == Mistake("sum", {"area": min}, {"area": "Your sides are added."})


def test_mistakes_have_exercises_of_their_own():
    Mistake("one").bends["area"] = np.add
    assert Mistake("other").bends == {}
