"""Reading what a student's code returned: its kind, its numbers, and whether they are the expected ones."""

import numpy as np

from autograder.kinds.compare import Difference, array_difference, dtype_name, kind_of, number_difference, tolerance
from autograder.student_code.inside.data import Tensor
from convolution import reference


def difference(exercise, expected, value, input_dtype, shape_only=False):
    """Why a returned value is not the expected one: its kind first, then its shape, then its numbers; else None."""
    if np.ndim(expected) == 0:
        return number_difference(expected, value)
    if exercise.name == "separate":
        return _factors_difference(expected, value, input_dtype)
    not_an_array = kind_difference(exercise, value)
    if not_an_array:
        return not_an_array
    name = dtype_name(value)
    if not name.startswith(("float", "bfloat", "int", "uint")):
        return Difference(f"expected numbers, got an array of {name}", shape_differs=True)
    if type(value) is Tensor and value.array is None:
        return Difference(f"expected a tensor with numbers, got one on {value.device}", shape_differs=True)
    actual = as_numpy(value)
    if shape_only:
        expected, actual = np.zeros(expected.shape), np.zeros(actual.shape)
    device = value.device if type(value) is Tensor else "cpu"
    return array_difference(expected, actual, tolerance(input_dtype, name, device))


def kind_difference(exercise, value):
    """What is wrong with the kind of a value where an array or a tensor is due; else None."""
    want, kind = ("numpy.ndarray", np.ndarray) if exercise.kind == "numpy" else ("Tensor", Tensor)
    if type(value) is kind:
        return None
    forgot = "; is a return missing?" if value is None else ""
    # A class can be given the name of another.
    got = f"something else that is called {want}" if kind_of(value) == want else kind_of(value)
    return Difference(f"expected a {want}, got {got}{forgot}", shape_differs=True)


def _factors_difference(expected, value, input_dtype):
    """Two factors are judged by what they make together: sign and scale are free between them."""
    is_pair = isinstance(value, (tuple, list)) and [type(factor) for factor in value] == [Tensor, Tensor]
    if not is_pair:
        got = f"{kind_of(value)} of {', '.join(map(kind_of, value))}" if isinstance(value, tuple) else kind_of(value)
        return Difference(f"expected a tuple of two Tensors, got {got}", shape_differs=True)
    if any(factor.array is None for factor in value):
        return Difference("expected two tensors with numbers", shape_differs=True)
    depthwise, pointwise = map(as_numpy, value)
    O, C, kH, kW = expected.shape  # noqa: E741
    if (depthwise.shape, pointwise.shape) != ((C, 1, kH, kW), (O, C, 1, 1)):
        text = f"expected shapes {(C, 1, kH, kW)} and {(O, C, 1, 1)}, got {depthwise.shape} and {pointwise.shape}"
        return Difference(text, shape_differs=True)
    allowed = tolerance(input_dtype, dtype_name(value[0]), value[0].device)
    return array_difference(expected, reference.merge(depthwise, pointwise), allowed)


def as_numpy(value):
    """A student's array or tensor as a NumPy array; numbers as they are."""
    if type(value) is Tensor:
        if value.array is None:  # on "meta"
            return np.array(np.nan)
        return value.array.astype(np.float64) if value.array.dtype.kind == "f" else value.array
    return np.asarray(value)


def as_tensor(value, device):
    """An array as the recipe of a tensor on a device; anything else as it is."""
    return Tensor.of(value, device) if isinstance(value, np.ndarray) else value


def in_float64(case):
    """A case's arguments and options with every array in float64: what the reference is asked with."""

    def wide(value):
        return np.array(value, np.float64) if isinstance(value, np.ndarray) else value

    return [wide(value) for value in case.args], {key: wide(value) for key, value in case.options.items()}


def dtype_of(case):
    """The dtype of the first array that goes in; plain numbers count as float64."""
    return dtype_name(case.args[0]) if isinstance(case.args[0], np.ndarray) else "float64"
