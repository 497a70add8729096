"""Exercises that return an array: a NumPy array, or a torch tensor on the device of the arguments."""

import numpy as np

from autograder.kinds.base import Fault, Kind, as_numpy, wrong_form
from autograder.kinds.compare import array_difference, dtype_name, kind_of, tolerance
from autograder.student_code.subject import Tensor


class Array(Kind):
    """A function of NumPy arrays that returns one."""

    form, form_name = np.ndarray, "numpy.ndarray"

    def form_difference(self, value):
        if type(value) is self.form:
            return None
        forgot = "; is a return missing?" if value is None else ""
        # A class can be given the name of another.
        is_namesake = kind_of(value) == self.form_name
        got = f"something else that is called {self.form_name}" if is_namesake else kind_of(value)
        return wrong_form(f"expected a {self.form_name}, got {got}{forgot}")

    def difference(self, expected, value, input_dtype, shape_only=False, part=None):
        wrong = self.form_difference(value)
        if wrong:
            return wrong
        name = dtype_name(value)
        if not name.startswith(("float", "bfloat", "int", "uint")):
            return wrong_form(f"expected numbers, got an array of {name}")
        if type(value) is Tensor and value.array is None:
            return wrong_form(f"expected a tensor with numbers, got one on {value.device}")
        actual = as_numpy(value)
        if shape_only:
            expected, actual = np.zeros(np.shape(expected)), np.zeros(actual.shape)
        (device,) = self.devices_of(value)
        return array_difference(np.asarray(expected), actual, tolerance(input_dtype, name, device))

    def dtype_fault(self, case, expected, given, value):
        """An array keeps the dtype of the first array that went in."""
        wrong = self.form_difference(value)
        if wrong:
            return Fault(wrong.text)
        want = dtype_name(case.args[0])
        if dtype_name(value) != want:
            return Fault(f"x is {want}, your result is {dtype_name(value)}", "dtype-lost")
        return None


class Tensors(Array):
    """A function of torch tensors that returns one, on the device it got."""

    imports = ("numpy", "torch")
    natural_dtype = np.float32
    form, form_name = Tensor, "Tensor"

    def call(self, subject, case, device="cpu", observe=()):
        options = {key: as_tensor(value, device) for key, value in case.options.items()}
        return subject.call(*(as_tensor(value, device) for value in case.args), observe=observe, **options)

    def devices_of(self, value):
        return (value.device,)

    def submitted(self, function, keeps_device=True):
        return on_tensors(function, keeps_device)


def as_tensor(value, device):
    """An array as the recipe of a tensor on a device; anything else as it is."""
    return Tensor.of(value, device) if isinstance(value, np.ndarray) else value


def on_tensors(function, keeps_device=True):
    """A function on NumPy arrays, made to take tensors and to return one (or a tuple of them)."""
    import torch

    def array(value):
        if not isinstance(value, torch.Tensor):
            return value
        # A meta tensor has a shape and no numbers: any will do, only the shape of the result is asked.
        return value.numpy() if value.device.type == "cpu" else np.zeros(tuple(value.shape), np.float32)

    def tensor(result, device):
        if isinstance(result, tuple):
            return tuple(tensor(part, device) for part in result)
        made = torch.from_numpy(np.array(result))
        return made.to(device) if keeps_device else made

    def takes_tensors(*args, **options):
        result = function(*map(array, args), **{key: array(value) for key, value in options.items()})
        return tensor(result, args[0].device)

    return takes_tensors


ARRAY, TENSOR = Array(), Tensors()
