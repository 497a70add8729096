"""The base class of kinds: what the checks ask of every kind, with the answers that most kinds share."""

from dataclasses import dataclass

import numpy as np

from autograder.kinds.compare import Difference, dtype_name
from autograder.student_code.inside import networks
from autograder.student_code.subject import Network


@dataclass(frozen=True)
class Fault:
    """A result of the wrong dtype, or a count that is not exact.

    Attributes
    ----------
    text : one line for the student
    mistake : the id of the mistake that this is, if it has one
    """

    text: str
    mistake: str | None = None


class Kind:
    """The arguments and the result of an exercise: how they are handed over, read and compared.

    Attributes
    ----------
    imports : the modules that a notebook with such an exercise finds imported
    natural_dtype : the dtype of arrays in the cases, unless an aspect asks for another
    parts : the names of what comes back, where several arrays do
    keyword : "def" or "class", with which a student defines it
    """

    imports = ("numpy",)
    natural_dtype = np.float64
    parts = ()
    keyword = "def"

    def call(self, subject, case, device="cpu", observe=()):
        """Call a subject with a case; its `Outcome`."""
        return subject.call(*case.args, observe=observe, **case.options)

    def form_difference(self, value):
        """A `Difference` where a value is not of the form that comes back, such as a list for an array; else None."""
        raise NotImplementedError

    def difference(self, expected, value, input_dtype, shape_only=False, part=None):
        """The first `Difference` between a value and the expected one; None where they agree.

        Parameters
        ----------
        expected : what the right function returned, in float64
        value : what the student's function returned, as data
        input_dtype : name of the dtype that went in, which sets the tolerance
        shape_only : compare shapes and not numbers
        part : index of the one part to compare; None compares all
        """
        raise NotImplementedError

    def dtype_fault(self, case, expected, given, value):
        """A `Fault` where a value is not of the dtype or the exact type that it should have; else None.

        ``expected`` is the right result of this case, ``given`` the result of the mistakes that are already counted.
        """
        raise NotImplementedError

    def devices_of(self, value):
        """The devices on which the parts of a value are; values that are on none count as the CPU's."""
        return ("cpu",)

    def submitted(self, function, keeps_device=True):
        """A function on arrays and numbers, as a student of this kind of exercise would have written it.

        ``keeps_device=False`` leaves the result on the CPU.
        """
        return function


def as_numpy(value):
    """A student's array or tensor as a NumPy array of its numbers; a tensor on "meta" has none and gives nan."""
    array = getattr(value, "array", value)
    if array is None:
        return np.array(np.nan)
    array = np.asarray(array)
    return array.astype(np.float64) if array is not value and array.dtype.kind == "f" else array


def same(one, other):
    """True if two results of the right function, or of mistakes, hold the same numbers."""
    if isinstance(one, tuple) or isinstance(other, tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return np.array_equal(one, other)


def reference_arguments(case):
    """A case's arguments and options as the right function is asked with them: arrays in float64, networks built."""

    def prepared(value):
        if type(value) is Network:
            return networks.build(value)
        return np.array(value, np.float64) if isinstance(value, np.ndarray) else value

    return [prepared(value) for value in case.args], {key: prepared(value) for key, value in case.options.items()}


def input_dtype_of(case):
    """The name of the dtype of the first array that goes in; plain numbers count as float64."""
    return next((dtype_name(value) for value in case.args if isinstance(value, np.ndarray)), "float64")


def wrong_form(text):
    """A `Difference` of two things that cannot be compared number by number."""
    return Difference(text, shape_differs=True)
