"""The material of cases: streams that never change, and data that flatter nobody."""

import numpy as np
import pytest
from unlucky import UNLUCKY, Constant

from autograder.model import PUBLIC_SEED
from autograder.sampling import in_memory_order, stream, values, whole

# --- streams -----------------------------------------------------------------------------------------------------


def test_streams_do_not_change_between_versions():
    """Every drawn case depends on these numbers. If one of them is another, so is every mark that was ever given."""
    assert stream(PUBLIC_SEED, "conv2d", "values", 0).random() == 0.8173839476655462
    assert stream(7, "output_size", "stride", 1, "windows").random() == 0.05397059577904828
    assert stream("a private seed").random() == 0.4607368266554326


def test_every_name_has_a_stream_of_its_own():
    names = [(1,), (2,), (1, "conv2d"), (1, "conv2d", "values"), (1, "conv2d", 0), (1, "conv2d", 1), ("1", "conv2d", 2)]
    assert len({stream(*each).random() for each in names}) == len(names)


def test_a_stream_goes_on():
    rng = stream(1)
    assert len({rng.random() for _ in range(100)}) == 100


# --- numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", UNLUCKY)
def test_no_drawn_number_vanishes_from_a_sum(number):
    drawn = values(Constant(number), 3, 4)
    assert drawn.shape == (3, 4)
    assert (np.abs(drawn) >= 0.1).all() and (np.abs(drawn) <= 2).all()


def test_drawn_numbers_have_both_signs_and_two_decimals():
    drawn = values(stream("signs"), 1000)
    assert 400 < (drawn > 0).sum() < 600
    assert (drawn == drawn.round(2)).all()
    assert 0.1 <= np.abs(drawn).min() < 0.2 and 1.9 < np.abs(drawn).max() <= 2
    assert len(set(np.abs(drawn))) > 150, "no few numbers that come again and again"


def test_numbers_without_axes_and_without_numbers():
    assert values(stream(1)).shape == ()
    assert values(stream(1), 0, 3).shape == (0, 3)


@pytest.mark.parametrize("number", UNLUCKY)
def test_a_whole_number_is_in_its_range_and_none_of_the_others(number):
    assert whole(Constant(number), 2, 5) in (2, 3, 4, 5)
    assert whole(Constant(number), 2, 5, 2, 5) in (3, 4)
    assert whole(Constant(number), 4, 4) == 4


def test_every_whole_number_is_drawn_the_ends_too():
    rng = stream("ends")
    assert {whole(rng, 2, 5) for _ in range(100)} == {2, 3, 4, 5}
    assert {whole(rng, 2, 5, 4) for _ in range(100)} == {2, 3, 5}


# --- memory ------------------------------------------------------------------------------------------------------


def test_the_same_numbers_in_the_order_of_columns():
    array = values(stream(1), 3, 4)
    laid = in_memory_order(array, "F")
    assert (laid == array).all() and laid.flags.f_contiguous and not laid.flags.c_contiguous


@pytest.mark.parametrize("shape", [(3,), (3, 4), (2, 3, 4, 1)])
def test_the_same_numbers_as_a_view_of_a_larger_array(shape):
    array = values(stream(1), *shape).astype(np.float32)
    laid = in_memory_order(array, "view")
    assert (laid == array).all() and laid.dtype == np.float32
    assert not laid.flags.c_contiguous and not laid.flags.f_contiguous
    # What lies between is 7.5: who reads it gets other numbers.
    assert laid.base.size - laid.size == (laid.base == 7.5).sum() > 0
