"""Exercises that return a tuple of arrays: each is compared by itself, under its own name."""

from dataclasses import dataclass, replace

from autograder.kinds.arrays import ARRAY, Array
from autograder.kinds.base import Fault, Kind, wrong_form
from autograder.kinds.compare import kind_of


@dataclass(frozen=True)
class Several(Kind):
    """A function that returns several arrays, or several tensors.

    Attributes
    ----------
    parts : their names, such as ("grad_x", "grad_weight", "grad_bias")
    of : the kind of each
    """

    parts: tuple[str, ...] = ()
    of: Array = ARRAY

    @property
    def imports(self):
        return self.of.imports

    @property
    def natural_dtype(self):
        return self.of.natural_dtype

    def call(self, subject, case, device="cpu", observe=()):
        return self.of.call(subject, case, device, observe)

    def form_difference(self, value):
        if type(value) is not tuple or len(value) != len(self.parts):
            listed = f"a tuple of {len(self.parts)}: {', '.join(self.parts)}"
            forgot = "; is a return missing?" if value is None else ""
            size = f" of {len(value)}" if type(value) in (tuple, list) else ""
            return wrong_form(f"expected {listed}; got {kind_of(value)}{size}{forgot}")
        return self._first(lambda at: self.of.form_difference(value[at]), None)

    def difference(self, expected, value, input_dtype, shape_only=False, part=None):
        if not isinstance(expected, tuple):
            # A mistake, such as returning the input, may give one array where several are due.
            return self.of.difference(expected, value, input_dtype, shape_only)
        if type(value) is not tuple or not len(value) == len(expected) == len(self.parts):
            return self.form_difference(value) or wrong_form(f"expected {len(expected)} results, got {len(value)}")
        return self._first(lambda at: self.of.difference(expected[at], value[at], input_dtype, shape_only), part)

    def dtype_fault(self, case, expected, given, value):
        wrong = self.form_difference(value)
        if wrong:
            return Fault(wrong.text)
        for name, each in zip(self.parts, value, strict=True):
            fault = self.of.dtype_fault(case, expected, given, each)
            if fault:
                return replace(fault, text=f"{name}: {fault.text}")
        return None

    def devices_of(self, value):
        return tuple(device for each in value for device in self.of.devices_of(each))

    def submitted(self, function, keeps_device=True):
        return self.of.submitted(function, keeps_device)

    def _first(self, difference, part):
        """The first part's difference, under the part's name; ``part`` is the only one looked at, unless it is None."""
        for at, name in enumerate(self.parts):
            found = difference(at) if part in (None, at) else None
            if found:
                return replace(found, text=f"{name}: {found.text}", part=at)
        return None
