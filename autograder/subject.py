"""What is being checked. A check never calls a bare function: it calls a Subject and gets an Outcome.

What comes back as plain data (numbers, texts, arrays, tensors, and tuples, lists and dicts of them) is the value
itself; anything else, such as a module the student's class made, stays where it is and is asked through a `Handle`.
"""

import contextlib
import io
import os
import sys
import traceback
import warnings
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from autograder.observe import WATCHERS


@dataclass(frozen=True)
class Raised:
    """An exception as data: its class and the classes above it, its text, and the student's line that raised it.

    A call that could not be made as it should, without an exception, has a text and no name.
    """

    name: str
    bases: tuple[str, ...]
    text: str
    where: str | None = None

    def __str__(self):
        if not self.name:
            return self.text
        place = f", at {self.where}" if self.where else ""
        return f"{self.name}: {self.text}{place}" if self.text else f"{self.name}{place}"


@dataclass
class Outcome:
    """What came of one call.

    Attributes
    ----------
    value : what was returned; None where it raised
    raised : the exception, or None
    arguments : the arguments as they are after the call
    options : the keyword arguments as they are after the call
    printed : what was printed, on stdout and stderr, warnings last
    observed : watcher -> what it saw, for what was asked in observe
    """

    value: Any = None
    raised: Raised | None = None
    arguments: tuple = ()
    options: dict = field(default_factory=dict)
    printed: str = ""
    observed: dict = field(default_factory=dict)


class Subject(Protocol):
    """A function to check, wherever it lives."""

    def call(self, *args, observe=(), **options) -> Outcome:
        """Call the function once; ``observe`` names watchers of `autograder.observe`."""


class Local:
    """A function of this process.

    Examples
    --------
    >>> Local(lambda size: size + 1).call(3).value
    4
    >>> str(Local(lambda size: size / 0).call(3).raised).split(",")[0]
    'ZeroDivisionError: division by zero'
    """

    def __init__(self, function):
        self.function = function

    def call(self, *args, observe=(), **options):
        outcome = Outcome(arguments=args, options=options)
        printed = io.StringIO()
        with contextlib.ExitStack() as around:
            around.enter_context(contextlib.redirect_stdout(printed))
            around.enter_context(contextlib.redirect_stderr(printed))
            warned = around.enter_context(warnings.catch_warnings(record=True))
            warnings.simplefilter("always")
            saw = {name: around.enter_context(WATCHERS[name]()) for name in observe}
            try:
                outcome.value = _data_or_handle(self.function(*args, **options))
            except (
                Exception,
                SystemExit,
            ) as error:  # KeyboardInterrupt is the reader's own, and passes through
                outcome.raised = _as_data(error)
            outcome.observed = {name: seen() for name, seen in saw.items()}
        lines = [f"{warning.category.__name__}: {warning.message}" for warning in warned]
        outcome.printed = printed.getvalue() + "".join(line + "\n" for line in lines)
        return outcome


_HERE = os.path.dirname(os.path.abspath(__file__))


def _as_data(error):
    where = None
    for frame in traceback.extract_tb(error.__traceback__):
        # The deepest line that is the student's own: not ours, not a library's.
        theirs = not frame.filename.startswith((_HERE, sys.prefix, sys.base_prefix, "<frozen"))
        if theirs and frame.line:
            where = f"line {frame.lineno}: {frame.line[:80]}"
    bases = tuple(base.__name__ for base in type(error).__mro__)
    return Raised(type(error).__name__, bases, _text_of(error), where)


def _text_of(error):
    try:
        return str(error)
    except Exception:  # a student's exception class may be broken too
        return ""


_PLAIN = (type(None), bool, int, float, str, Fraction)


def _data_or_handle(value):
    """Plain data as it is, exact types only; a handle for everything else."""
    kind = type(value)
    if kind in _PLAIN or kind.__module__ == "numpy" or (kind.__module__, kind.__name__) == ("torch", "Tensor"):
        return value
    if kind in (tuple, list):
        return kind(map(_data_or_handle, value))
    if kind is dict:
        return {key: _data_or_handle(item) for key, item in value.items()}
    return Handle(value)


class Handle:
    """Something a student's code returned that is no plain data: it can be called and asked, not looked into.

    Attributes
    ----------
    kind : the name of its class, with the module where it is not the student's own
    is_module : whether it is a torch.nn.Module

    Examples
    --------
    >>> made = Local(lambda: {3, 1}).call().value
    >>> made.kind, made.is_module
    ('set', False)
    """

    def __init__(self, thing):
        self._thing = thing
        kind = type(thing)
        own = kind.__module__ in ("builtins", "__main__", "student")
        self.kind = kind.__name__ if own else f"{kind.__module__}.{kind.__name__}"
        torch = sys.modules.get("torch")
        self.is_module = torch is not None and issubclass(kind, torch.nn.Module)

    def call(self, *args, observe=(), **options):
        """Call the thing; see `Subject.call`."""
        return Local(self._thing).call(*args, observe=observe, **options)

    def parameters(self):
        """name -> shape of every parameter of a module."""
        return {name: tuple(value.shape) for name, value in self._thing.named_parameters()}

    def assign(self, numbers):
        """Give parameters these values, name -> ndarray of the parameter's shape."""
        import torch

        held = dict(self._thing.named_parameters())
        with torch.no_grad():
            for name, array in numbers.items():
                held[name].copy_(torch.from_numpy(array))

    def to(self, device):
        """Move a module to a device."""
        self._thing.to(device)
