"""A solution beside an oracle: the same calls of both, and every difference in a sentence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import torch


def shape_text(argument):
    return str(np.shape(argument))


def array_shape_text(argument):
    """The text that a refusal must have about an array; of a number it need say nothing."""
    return str(argument.shape) if isinstance(argument, np.ndarray) else ""


@dataclass
class Entry:
    """All that the tests of the solutions know of one exercise.

    Attributes
    ----------
    oracle : the right function of arrays and numbers
    cases : called with nothing; (arguments, optional arguments) of each call
    adapted : called with the solution; the same as a function of arrays and numbers
    named : called with an argument; the text about it that a refusal must contain
    wrong : (old, new), changes of the solution's cell that make it wrong
    fails : (old, new, aspect), changes after which the checks fail that aspect
    errors : (old, new, line), changes after which the line raises the error that the box of the exercise quotes
    """

    oracle: Callable
    cases: Callable
    adapted: Callable = lambda function: function
    named: Callable = shape_text
    wrong: list[tuple[str, str]] = field(default_factory=list)
    fails: list[tuple[str, str, str]] = field(default_factory=list)
    errors: list[tuple[str, str, str]] = field(default_factory=list)
    _asked: list = field(default_factory=list)

    def asked(self):
        """(arguments, optional, copies of them, the oracle's outcome) of all cases: once, not for every function."""
        if not self._asked:
            for arguments, optional in self.cases():
                before = [*map(np.array, (*arguments, *optional.values()))]
                self._asked.append((arguments, optional, before, outcome(self.oracle, arguments, optional)))
        return self._asked

    def faults(self, solution):
        """The faults of a solution, and how many calls the oracle refused."""
        function = self.adapted(solution)
        faults, answered, refused = [], 0, 0
        for arguments, optional, before, expected in self.asked():
            got = outcome(function, arguments, optional)
            refused += isinstance(expected, ValueError)
            answered += not isinstance(expected, Exception)
            call = f"{[*map(np.shape, arguments)]} {optional if not np.shape(arguments[0]) else [*optional]}"
            given = [*arguments, *optional.values()]
            if not all(map(np.array_equal, before, given)):
                faults.append(f"arguments changed: {call}")
                for argument, held in zip(given, before, strict=True):  # the next function gets them as they were
                    if isinstance(argument, np.ndarray):
                        argument[...] = held
            elif isinstance(expected, Exception):
                if not isinstance(got, ValueError) or not all(self.named(each) in str(got) for each in arguments):
                    faults.append(f"should refuse {call} and name both: {got!r}")
            elif fault := difference(got, expected):
                faults.append(f"{fault}: {call}")
        assert answered > 50 and answered + refused == len(self.asked()), "too few cases, or a fault of the oracle's"
        return faults, refused


def outcome(function, arguments, optional):
    """The value of a call, or the exception it raises."""
    try:
        return function(*arguments, **optional)
    except Exception as error:
        return error


def difference(got, expected):
    """The first difference between two results: type, shape, dtype or values; None where nothing does."""
    kinds = (int, np.integer) if type(expected) is int else type(expected)
    if not isinstance(got, kinds) or np.shape(got) != np.shape(expected):
        return f"{type(got)} {np.shape(got)} for {type(expected)} {np.shape(expected)}"
    if getattr(got, "dtype", None) != getattr(expected, "dtype", None):
        return f"dtype {got.dtype} for {expected.dtype}"
    is_same = got == expected if type(expected) is Fraction else _is_close(got, expected)
    return None if is_same else "values differ"


def _is_close(got, expected):
    is_float32 = np.asarray(expected).dtype == np.float32
    return np.allclose(got, expected, rtol=0, atol=1e-4 if is_float32 else 1e-10)


def on_tensors(function):
    """A function of tensors as one of arrays; numbers and pairs stay what they are."""

    def tensor(value):
        return torch.from_numpy(value) if isinstance(value, np.ndarray) else value

    def on_arrays(*arguments, **optional):
        y = function(*map(tensor, arguments), **{name: tensor(value) for name, value in optional.items()})
        assert type(y) is torch.Tensor
        return y.detach().numpy()

    return on_arrays
