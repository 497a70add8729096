"""Several arrays as a result: their form, and each compared by itself under its own name.

How several mistakes in several parts are told apart is tested beside `autograder.checks.numeric`.
"""

import numpy as np
import pytest
import torch

from autograder.kinds import ARRAY, TENSOR, Several
from autograder.model import Case
from autograder.student_code.subject import Local, Tensor

PAIR = Several(("left", "right"))
TENSORS = Several(("left", "right"), TENSOR)
RIGHT = (np.ones((2, 3)), np.zeros(3))


# --- the form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "expected a tuple of 2: left, right; got None; is a return missing?"),
        ((), "expected a tuple of 2: left, right; got tuple of 0"),
        (RIGHT[:1], "expected a tuple of 2: left, right; got tuple of 1"),
        ((*RIGHT, np.ones(1)), "expected a tuple of 2: left, right; got tuple of 3"),
        (list(RIGHT), "expected a tuple of 2: left, right; got list of 2"),
        (np.ones((2, 3)), "expected a tuple of 2: left, right; got numpy.ndarray"),
        (3, "expected a tuple of 2: left, right; got int"),
        ("ab", "expected a tuple of 2: left, right; got str"),
        ((np.ones((2, 3)), None), "right: expected a numpy.ndarray, got None; is a return missing?"),
        ((3.0, np.zeros(3)), "left: expected a numpy.ndarray, got float"),
        ((RIGHT, np.zeros(3)), "left: expected a numpy.ndarray, got tuple"),
    ],
)
def test_what_is_no_tuple_of_arrays_is_named(value, text):
    for found in (PAIR.form_difference(value), PAIR.difference(RIGHT, value, "float64")):
        assert found.text == text and found.shape_differs
    assert PAIR.dtype_fault(Case((np.ones(2),)), RIGHT, RIGHT, value).text == text


def test_the_right_form_differs_in_nothing():
    assert PAIR.form_difference(RIGHT) is None
    assert PAIR.difference(RIGHT, RIGHT, "float64") is None


# --- the numbers -------------------------------------------------------------------------------------------------


def test_the_first_part_that_differs_is_told_under_its_name():
    found = PAIR.difference(RIGHT, (RIGHT[0], RIGHT[1] + 2), "float64")
    assert found.text.startswith("right: first difference at [0]: expected 0, got 2; 3 of 3 values differ")
    assert (found.part, found.index, found.expected, found.actual) == (1, (0,), 0, 2)
    found = PAIR.difference(RIGHT, (-RIGHT[0], RIGHT[1] + 2), "float64")
    assert found.text.startswith("left: first difference at [0, 0]") and found.part == 0


def test_one_part_can_be_looked_at_alone():
    wrong = (-RIGHT[0], RIGHT[1] + 2)
    assert PAIR.difference(RIGHT, wrong, "float64", part=1).part == 1
    assert PAIR.difference(RIGHT, (-RIGHT[0], RIGHT[1]), "float64", part=1) is None
    assert PAIR.difference(RIGHT, (RIGHT[0], RIGHT[1] + 2), "float64", part=0) is None


def test_each_part_has_its_own_shape():
    found = PAIR.difference(RIGHT, (RIGHT[0], np.zeros(4)), "float64", shape_only=True)
    assert found.text == "right: expected shape (3,), got (4,)" and found.shape_differs
    assert PAIR.difference(RIGHT, (RIGHT[0] + 9, RIGHT[1] + 9), "float64", shape_only=True) is None


@pytest.mark.parametrize("mistaken", [np.ones((2, 3)), np.ones((1, 3)), (np.ones((2, 3)),), 3], ids=str)
def test_a_mistake_may_give_something_else_than_the_parts(mistaken):
    """The input handed back, or one part forgotten: the comparison is False, and no error."""
    for part in (None, 0, 1):
        assert PAIR.difference(mistaken, RIGHT, "float64", part=part).shape_differs


def test_what_is_wrong_as_a_mistake_is_agrees_with_it():
    """The input handed back, where several arrays are due, is the mistake of that name."""
    handed_back = np.arange(6.0).reshape(2, 3)
    assert PAIR.difference(handed_back, handed_back.copy(), "float64") is None
    assert PAIR.difference(handed_back, handed_back + 1, "float64").index == (0, 0)


# --- dtype, devices, and what the parts are --------------------------------------------------------------------


def test_every_part_keeps_the_dtype_of_the_input():
    case = Case((np.zeros(2, np.float32),))
    kept = tuple(part.astype(np.float32) for part in RIGHT)
    assert PAIR.dtype_fault(case, RIGHT, RIGHT, kept) is None
    fault = PAIR.dtype_fault(case, RIGHT, RIGHT, (kept[0], RIGHT[1]))
    assert (fault.text, fault.mistake) == ("right: x is float32, your result is float64", "dtype-lost")


def test_several_arrays_are_as_each_of_them():
    assert (PAIR.imports, PAIR.natural_dtype) == (ARRAY.imports, ARRAY.natural_dtype)
    assert (TENSORS.imports, TENSORS.natural_dtype) == (TENSOR.imports, TENSOR.natural_dtype)
    assert PAIR.parts == ("left", "right")


def test_every_part_has_a_device():
    array = np.zeros(2)
    value = (Tensor.of(array), Tensor(array, "cuda", "float64", (2,)))
    assert TENSORS.devices_of(value) == ("cpu", "cuda")
    assert PAIR.devices_of(RIGHT) == ("cpu", "cpu")


def test_tensors_go_in_and_come_out():
    def halves(x):
        return x[:, :1], 2 * x[:, 1:]

    function = TENSORS.submitted(halves)
    case = Case((np.float32([[1, 2, 3]]),))
    value = TENSORS.call(Local(function), case).value
    assert TENSORS.difference(halves(case.args[0]), value, "float32") is None
    assert function(torch.ones(1, 3))[1].tolist() == [[2, 2]]
    elsewhere = torch.empty(1, 3, device="meta")
    assert [part.device.type for part in function(elsewhere)] == ["meta", "meta"]
    assert [part.device.type for part in TENSORS.submitted(halves, keeps_device=False)(elsewhere)] == ["cpu", "cpu"]
