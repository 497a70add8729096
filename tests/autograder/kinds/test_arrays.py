"""Arrays and tensors as results."""

import re

import numpy as np
import pytest
import torch

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.kinds import ARRAY, TENSOR
from autograder.kinds.arrays import as_tensor, on_tensors
from autograder.model import Case
from autograder.student_code.subject import Local, Outcome, Tensor


def on_gpu(array, dtype=None):
    """A tensor that says of itself that it is on a GPU; none is needed to compare one."""
    return Tensor(array, "cuda", dtype or str(array.dtype), array.shape)


# --- the form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (ARRAY, np.zeros(2), None),
        (ARRAY, None, "expected a numpy.ndarray, got None; is a return missing?"),
        (ARRAY, 3.0, "expected a numpy.ndarray, got float"),
        (ARRAY, Tensor.of(np.zeros(2)), "expected a numpy.ndarray, got Tensor"),
        (TENSOR, Tensor.of(np.zeros(2)), None),
        (TENSOR, None, "expected a Tensor, got None; is a return missing?"),
        (TENSOR, np.zeros(2), "expected a Tensor, got numpy.ndarray"),
    ],
)
def test_the_form_is_one_array_of_the_library_that_is_due(kind, value, text):
    found = kind.form_difference(value)
    assert (found and found.text) == text
    assert found is None or found.shape_differs
    if text:
        assert kind.difference(np.zeros(2), value, "float64").text == text
        assert kind.dtype_fault(Case((np.zeros(2),)), None, None, value).text == text


def test_a_namesake_is_told_from_the_real_thing():
    ndarray = type("ndarray", (), {"__module__": "numpy"})
    text = ARRAY.form_difference(ndarray()).text
    assert text == "expected a numpy.ndarray, got something else that is called numpy.ndarray"


# --- the numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("input_dtype", "dtype", "gap", "agree"),
    [
        ("float64", np.float64, 0.9e-9, True),
        ("float64", np.float64, 1.1e-9, False),
        ("float64", np.float32, 0.9e-4, True),
        ("float64", np.float32, 1.2e-4, False),
        ("float32", np.float64, 0.9e-4, True),
        ("float64", np.float16, 0.09, True),
        ("float64", np.float16, 0.2, False),
    ],
)
def test_the_coarser_of_input_and_result_sets_the_tolerance_of_arrays(input_dtype, dtype, gap, agree):
    value = np.array([1, 1 + gap, 1], dtype)
    assert (ARRAY.difference(np.ones(3), value, input_dtype) is None) == agree


@pytest.mark.parametrize(
    ("device", "dtype", "gap", "agree"),
    [
        ("cpu", np.float32, 0.04, False),
        ("cuda", np.float32, 0.04, True),
        ("cuda", np.float32, 0.06, False),
        ("cuda", np.float64, 1e-6, False),
    ],
)
def test_only_float32_on_a_gpu_may_be_as_coarse_as_tf32(device, dtype, gap, agree):
    array = np.array([1, 1 + gap, 1], dtype)
    value = Tensor(array, device, str(array.dtype), array.shape)
    assert (TENSOR.difference(np.ones(3), value, str(array.dtype)) is None) == agree


def test_bfloat16_is_judged_by_its_own_name():
    """Its numbers come as float32, because NumPy has no bfloat16."""
    value = Tensor(np.float32([1.4]), "cpu", "bfloat16", (1,))
    assert TENSOR.difference(np.ones(1), value, "float32") is None
    assert TENSOR.difference(np.ones(1), Tensor.of(np.float32([1.4])), "float32") is not None


@pytest.mark.parametrize("dtype", [bool, complex])
def test_what_holds_no_real_numbers_is_no_result(dtype):
    found = ARRAY.difference(np.ones(2), np.ones(2, dtype), "float64")
    assert found.shape_differs and found.text == f"expected numbers, got an array of {np.dtype(dtype)}"


def test_whole_numbers_are_numbers():
    assert ARRAY.difference(np.ones(2), np.ones(2, np.uint8), "float64") is None
    assert TENSOR.difference(np.ones(2), Tensor.of(np.ones(2, np.int64)), "float32") is None


def test_a_tensor_without_numbers_is_compared_with_nothing():
    found = TENSOR.difference(np.ones(2), Tensor(None, "meta", "float32", (2,)), "float32")
    assert found.text == "expected a tensor with numbers, got one on meta"


@pytest.mark.parametrize("kind", [ARRAY, TENSOR])
def test_where_only_the_shape_is_asked_the_numbers_do_not_matter(kind):
    def made(array):
        return Tensor.of(array) if kind is TENSOR else array

    assert kind.difference(np.ones((2, 3)), made(np.full((2, 3), np.nan)), "float64", shape_only=True) is None
    found = kind.difference(np.ones((2, 3)), made(np.ones((3, 2))), "float64", shape_only=True)
    assert found.text == "expected shape (2, 3), got (3, 2)"
    # But it is an array of numbers that has a shape.
    assert kind.difference(np.ones(2), made(np.ones(2, bool)), "float64", shape_only=True) is not None


def test_a_number_may_be_expected_where_a_mistake_gives_one():
    assert ARRAY.difference(np.float64(3), np.array(3.0), "float64") is None
    assert ARRAY.difference(3, np.array([3.0]), "float64").text == "expected shape (), got (1,)"


# --- dtype and device --------------------------------------------------------------------------------------------


def test_an_array_keeps_the_dtype_of_the_first_that_went_in():
    case = Case((np.zeros(2, np.float32), np.zeros(2)))
    assert ARRAY.dtype_fault(case, None, None, np.zeros(2, np.float32)) is None
    fault = ARRAY.dtype_fault(case, None, None, np.zeros(2))
    assert (fault.text, fault.mistake) == ("x is float32, your result is float64", "dtype-lost")
    assert TENSOR.dtype_fault(case, None, None, Tensor.of(np.zeros(2, np.float32))) is None
    assert TENSOR.dtype_fault(case, None, None, Tensor.of(np.zeros(2))).mistake == "dtype-lost"


def test_the_devices_of_a_result():
    assert ARRAY.devices_of(np.zeros(2)) == ("cpu",)
    assert TENSOR.devices_of(on_gpu(np.zeros(2))) == ("cuda",)


# --- tensors go in and come out ----------------------------------------------------------------------------------


def test_arrays_are_handed_over_as_tensors_and_nothing_else_is():
    seen = {}

    class Recorder:
        def call(self, *args, observe=(), **options):
            seen.update(args=args, options=options, observe=observe)
            return Outcome()

    x, bias = np.ones((1, 2)), np.ones(2, np.float32)
    TENSOR.call(Recorder(), Case((x, 3), {"bias": bias, "stride": (1, 2)}), "cuda", ("lines",))
    recipe, number = seen["args"]
    assert (recipe.array is x, recipe.device, recipe.dtype, recipe.shape) == (True, "cuda", "float64", (1, 2))
    assert number == 3 and seen["options"]["stride"] == (1, 2) and seen["observe"] == ("lines",)
    assert (seen["options"]["bias"].dtype, seen["options"]["bias"].device) == ("float32", "cuda")
    assert as_tensor("text", "cpu") == "text"


def test_a_function_on_arrays_as_one_on_tensors():
    def function(x, weight, bias=None, stride=1):
        assert type(x) is np.ndarray and type(bias) is np.ndarray and stride == 2
        return x * weight + bias

    x, weight, bias = torch.ones(2, 3), torch.full((3,), 2.0), torch.arange(3.0)
    made = on_tensors(function)(x, weight, bias=bias, stride=2)
    assert torch.equal(made, x * weight + bias) and made.dtype is torch.float32
    both = on_tensors(lambda x: (x, 2 * x))(x)
    assert type(both) is tuple and torch.equal(both[1], 2 * x)


def test_a_function_on_arrays_keeps_the_device_unless_it_shall_lose_it():
    elsewhere = torch.empty(2, 3, device="meta")
    kept = TENSOR.submitted(lambda x: x + 1)(elsewhere)
    assert (kept.device.type, tuple(kept.shape)) == ("meta", (2, 3))
    assert TENSOR.submitted(lambda x: x + 1, keeps_device=False)(elsewhere).device.type == "cpu"


def test_what_a_function_on_arrays_returns_is_a_copy():
    x = torch.ones(2)
    on_tensors(lambda x: x)(x)[0] = 5
    assert x.tolist() == [1, 1]


# --- through the checks ------------------------------------------------------------------------------------------


class LiesAboutItsClass:
    """Equal to everything, and raises when asked what it is."""

    @property
    def __class__(self):
        raise RuntimeError("never ask")

    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "got None; is a return missing"),
        ([1.0], "got list"),
        (float("nan"), "got float"),
        (True, "got bool"),
        ("right", "got str"),
        (np.full((1, 1, 3, 3), np.nan), "values differ|expected shape"),
        (np.full((1, 1, 3, 3), True), "got an array of bool"),
        (np.full((1, 1, 3, 3), None), "got numpy.ndarray of object"),
        (LiesAboutItsClass(), "got .*LiesAboutItsClass"),
    ],
    ids=["none", "list", "nan", "bool", "text", "array of nan", "array of bool", "array of objects", "liar"],
)
def test_what_is_no_array_of_numbers_is_rejected(value, text):
    verdict = judge(EXERCISES["conv2d"], Local(lambda *args, **options: value), aspects=["values"])[0]
    assert verdict.passed is False
    assert re.search(text, verdict.message)
