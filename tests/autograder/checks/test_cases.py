"""The cases of an aspect: the same every time, copies that keep their layout in memory, and a case for every aspect."""

from functools import partial

import numpy as np
import pytest

from autograder.checks.cases import draw
from autograder.course import EXERCISES
from autograder.kinds import ARRAY, NUMBER, TENSOR
from autograder.model import AFTER_VALUES, PUBLIC_SEED, Case, CourseError, Exercise, OnlyNumPy
from autograder.sampling import in_memory_order, values, whole

ANY_ASPECT = dict.fromkeys(("values", *AFTER_VALUES), 1)


def exercise_of(cases, kind=ARRAY):
    """An exercise with these cases in every aspect."""
    how = (OnlyNumPy("not by NumPy", "NumPy only"),)
    return Exercise("double", "t0", kind, ANY_ASPECT, right=lambda x, **options: 2 * x, cases=cases, how=how)


def exercise_with(make, kind=ARRAY):
    """An exercise whose one case has this array; it is made anew at every draw."""
    return exercise_of(lambda aspect, rng: [Case((make(),), {"bias": make()})], kind)


def drawn_array(make, kind=ARRAY, aspect="values"):
    return draw(exercise_with(make, kind), aspect, 1)[0].args[0]


def in_order(shape=(3, 4)):
    return np.arange(np.prod(shape), dtype=float).reshape(shape).copy()


# --- drawn from a seed -------------------------------------------------------------------------------------------


def random_cases(aspect, rng):
    return [Case((values(rng(index), 2),), {"number": whole(rng(index, "n"), 1, 10**6)}) for index in range(2)]


def numbers(exercise, aspect, seed):
    return [(case.args[0].tolist(), case.options["number"]) for case in draw(exercise, aspect, seed)]


def test_the_same_seed_draws_the_same_cases():
    one, other = exercise_of(random_cases), exercise_of(random_cases)
    assert numbers(one, "values", 7) == numbers(one, "values", 7) == numbers(other, "values", 7)


def test_seed_aspect_and_case_name_the_stream():
    exercise = exercise_of(random_cases)
    drawn = [*numbers(exercise, "values", 7), *numbers(exercise, "values", "7b"), *numbers(exercise, "layout", 7)]
    assert len({number for _, number in drawn}) == 6


def test_every_case_has_a_key_of_its_own():
    keys = [case.key for aspect in ("values", "layout") for case in draw(exercise_of(random_cases), aspect, 7)]
    assert keys == [("double", aspect, 7, number) for aspect in ("values", "layout") for number in (0, 1)]


# --- a copy is a copy --------------------------------------------------------------------------------------------

LAYOUTS = {
    "in order": in_order,
    "fortran": lambda: in_memory_order(in_order(), "F"),
    "view": lambda: in_memory_order(in_order(), "view"),
    "view of four axes": lambda: in_memory_order(in_order((2, 3, 4, 5)), "view"),
    "no axes": lambda: np.array(3.0),
    "empty": lambda: np.zeros((0, 3)),
}


@pytest.mark.parametrize("make", LAYOUTS.values(), ids=LAYOUTS)
def test_every_call_draws_arrays_of_its_own(make):
    exercise = exercise_with(make)
    first = draw(exercise, "values", 1)[0]
    for array in (first.args[0], first.options["bias"]):
        array[...] = 99
    second = draw(exercise, "values", 1)[0]
    for array in (second.args[0], second.options["bias"]):
        assert np.array_equal(array, make())
        assert not any(np.shares_memory(array, other) for other in (first.args[0], first.options["bias"]))


@pytest.mark.parametrize("kind", [ARRAY, TENSOR], ids=["float64", "float32"])
@pytest.mark.parametrize("make", LAYOUTS.values(), ids=LAYOUTS)
def test_a_copy_lies_in_memory_as_the_array_did(make, kind):
    array, made = drawn_array(make, kind), make()
    assert array.dtype == kind.natural_dtype and np.array_equal(array, made)
    assert np.array(array.strides).tolist() == [stride * array.itemsize // 8 for stride in made.strides]
    for flag in ("c_contiguous", "f_contiguous"):
        assert getattr(array.flags, flag) == getattr(made.flags, flag)


@pytest.mark.parametrize("kind", [ARRAY, TENSOR], ids=["float64", "float32"])
def test_what_lies_between_the_numbers_of_a_view_is_copied_too(kind):
    """Code that reads a view's memory in order reads what lies between; it must be the same in every copy."""
    array = drawn_array(LAYOUTS["view"], kind)
    assert array.base.shape == (7, 9) and (array.base == 7.5).sum() == 63 - 12
    array.base[...] = 0
    assert (drawn_array(LAYOUTS["view"], kind).base == 7.5).sum() == 63 - 12


@pytest.mark.parametrize(
    "make",
    [
        lambda: in_order((4, 6))[:, ::-1],
        lambda: in_order((4, 6))[1:, 2:],
        lambda: in_order((5, 7))[::2, ::2],
        lambda: in_order((3, 4, 5)).transpose(0, 2, 1),
        lambda: in_order((3, 9))[1:2, 1:8:2][:, :2],
    ],
    ids=["backwards", "corner", "every second", "axes moved", "other slice"],
)
def test_a_view_that_could_not_be_copied_as_it_lies_is_refused(make):
    """Taken for the other view, it would be other numbers, and of another shape, without a word."""
    with pytest.raises(CourseError) as refusal:
        drawn_array(make)
    assert str(refusal.value) == (
        "double has a case for values with an array that is a view of another; "
        "use autograder.sampling.in_memory_order(array, 'view'), or a copy"
    )


def test_what_is_no_array_is_handed_on():
    shape, network = (3, 4), object()
    exercise = exercise_of(lambda aspect, rng: [Case((shape, network, 3), {"stride": (1, 2)})], NUMBER)
    case = draw(exercise, "values", 1)[0]
    assert case.args == (shape, network, 3) and case.args[1] is network and case.options == {"stride": (1, 2)}


def test_texts_that_an_error_must_mention_are_kept():
    exercise = exercise_of(lambda aspect, rng: [Case((in_order(),), {}, ("(3, 4)",))])
    assert draw(exercise, "errors", 1)[0].must_mention == ("(3, 4)",)


# --- dtypes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aspect", [aspect for aspect in ANY_ASPECT if aspect != "dtype"])
def test_arrays_are_of_the_kinds_own_dtype(aspect):
    for dtype in (np.float64, np.float32, np.int64):
        make = partial(np.ones, (2, 3), dtype)
        assert drawn_array(make, ARRAY, aspect).dtype == np.float64
        assert drawn_array(make, TENSOR, aspect).dtype == np.float32


def test_only_the_aspect_dtype_asks_for_others():
    for kind in (ARRAY, TENSOR):
        for dtype in (np.float64, np.float32, np.float16):
            assert drawn_array(partial(np.ones, 3, dtype), kind, "dtype").dtype == dtype


# --- no aspect without a case ------------------------------------------------------------------------------------


def test_an_aspect_without_a_case_is_an_error_of_the_course():
    exercise = exercise_of(lambda aspect, rng: [] if aspect == "layout" else [Case((in_order(),))])
    assert draw(exercise, "values", 1)
    with pytest.raises(CourseError, match=r"^double has points for layout and no case that asks for it$"):
        draw(exercise, "layout", 1)


@pytest.mark.parametrize("seed", [PUBLIC_SEED, 7, "a private seed"])
@pytest.mark.parametrize("name", EXERCISES)
def test_every_aspect_with_points_has_a_case(name, seed):
    for aspect in EXERCISES[name].points:
        cases = draw(EXERCISES[name], aspect, seed)
        assert len(cases) >= 1
        assert all((case.must_mention is not None) == (aspect == "errors") for case in cases)
