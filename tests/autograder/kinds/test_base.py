"""The base of all kinds: the answers of the base class, and results and arguments in float64."""

import numpy as np
import pytest

from autograder.kinds import ARRAY, NUMBER, NUMBER_OF_NETWORK, TENSOR, Kind, Several
from autograder.kinds.base import as_numpy, input_dtype_of, reference_arguments, same, wrong_form
from autograder.model import Case
from autograder.student_code.subject import Local, Tensor
from convolution.factors import FACTORS
from convolution.layers import SEPARABLE_LAYER

KINDS = {
    "number": NUMBER,
    "number of a network": NUMBER_OF_NETWORK,
    "array": ARRAY,
    "tensor": TENSOR,
    "several arrays": Several(("one", "other")),
    "several tensors": Several(("one", "other"), TENSOR),
    "layer": SEPARABLE_LAYER,
    "factors": FACTORS,
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_answers_what_the_checks_ask_of_it(kind):
    assert kind.imports[0] == "numpy"
    assert kind.keyword in ("def", "class")
    assert kind.natural_dtype in (np.float64, np.float32)
    for nonsense in (None, "text", [1, 2, 3], {}, lambda: 0):
        wrong = kind.form_difference(nonsense)
        assert wrong.shape_differs and wrong.text.startswith("expected ")
        fault = kind.dtype_fault(Case((np.zeros(2),)), np.zeros(2), np.zeros(2), nonsense)
        assert fault.text.startswith("expected ")


def test_the_base_class_leaves_the_comparison_to_the_kinds():
    for ask in (
        lambda: Kind().form_difference(1),
        lambda: Kind().difference(1, 1, "float64"),
        lambda: Kind().dtype_fault(Case((1,)), 1, 1, 1),
    ):
        with pytest.raises(NotImplementedError):
            ask()
    assert Kind().devices_of(3) == ("cpu",)
    assert Kind().submitted(len) is len


def test_a_call_hands_over_the_arguments_as_they_are():
    x = np.arange(3.0)
    seen = []

    def function(*args, **options):
        seen.append((args, options))
        return args[0] * 2

    outcome = Kind().call(Local(function), Case((x, 4), {"stride": 2}))
    assert seen[0][0][0] is x and seen[0] == ((x, 4), {"stride": 2})
    assert outcome.value.tolist() == [0, 2, 4]


# --- results as numbers ------------------------------------------------------------------------------------------


def test_a_result_as_numbers():
    x = np.arange(3)
    assert as_numpy(x) is x
    made = as_numpy(Tensor.of(np.float32([0.5, 0.25])))
    assert made.dtype == np.float64 and made.tolist() == [0.5, 0.25]
    assert as_numpy(Tensor.of(np.int32([1, 2]))).dtype == np.int32
    assert as_numpy(3.5) == 3.5
    assert np.isnan(as_numpy(Tensor(None, "meta", "float32", (2, 3))))


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (3, 3, True),
        (3, 4, False),
        (np.ones(3), np.ones(3), True),
        (np.ones(3), np.ones((1, 3)), False),
        (np.ones(3), np.array([1, 1, 2]), False),
        ((np.ones(2), np.zeros(3)), (np.ones(2), np.zeros(3)), True),
        ((np.ones(2), np.zeros(3)), (np.ones(2), np.ones(3)), False),
        ((np.ones(2), np.zeros(3)), (np.zeros(2), np.zeros(3)), False),
        ((np.ones(2), np.zeros(3)), (np.ones(2),), False),
        # One array for several, as a mistake may give.
        ((np.ones(2), np.ones(2)), np.ones((2, 2)), False),
        (np.ones((2, 2)), (np.ones(2), np.ones(2)), False),
    ],
)
def test_two_results_of_the_course_are_the_same(one, other, agree):
    assert same(one, other) is agree


# --- arguments of the right function -----------------------------------------------------------------------------


def test_the_right_function_gets_copies_in_float64_and_everything_else_as_it_is():
    x, bias, shape = np.float32([1, 2]), np.arange(2), (3, 4)
    args, options = reference_arguments(Case((x, 5, shape), {"bias": bias, "stride": (1, 2), "flag": True}))
    assert [args[0].dtype, options["bias"].dtype] == [np.float64, np.float64]
    assert args[1:] == [5, shape] and options["stride"] == (1, 2) and options["flag"] is True
    args[0][:] = 9
    assert x.tolist() == [1, 2]
    already_wide = np.zeros(2)
    reference_arguments(Case((already_wide,)))[0][0][:] = 9
    assert already_wide.tolist() == [0, 0], "a copy, also where the dtype is the same"


def test_the_dtype_that_went_in_is_that_of_the_first_array():
    assert input_dtype_of(Case((3, np.zeros(2, np.float32), np.zeros(2)))) == "float32"
    assert input_dtype_of(Case((3, (2, 4)))) == "float64"
    assert input_dtype_of(Case((3,), {"bias": np.zeros(2, np.float16)})) == "float64"


def test_a_wrong_form_cannot_be_compared_by_number():
    difference = wrong_form("expected a number")
    assert difference.shape_differs and difference.index is None and difference.text == "expected a number"
