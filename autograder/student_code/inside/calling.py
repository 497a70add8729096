"""Calls of student code in this process, and their outcomes as data."""

import contextlib
import io
import os
import sys
import traceback
import warnings
from dataclasses import dataclass, field, replace
from typing import Any

from . import networks
from .data import Foreign, Network, as_data, from_data, is_module
from .observe import WATCHERS

#: The characters of printed text that are kept of one call.
MAX_PRINTED = 20_000


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
        line = f", at {self.where}" if self.where else ""
        return f"{self.name}: {self.text}{line}" if self.text else f"{self.name}{line}"


@dataclass
class Outcome:
    """The outcome of one call.

    Attributes
    ----------
    value : the returned value; None if it raised
    raised : the exception, or None
    arguments : the arguments as they are after the call
    options : the keyword arguments as they are after the call
    printed : the text on stdout and stderr, warnings last
    observed : watcher -> what it saw, for the watchers named in ``observe``
    """

    value: Any = None
    raised: Raised | None = None
    arguments: tuple = ()
    options: dict = field(default_factory=dict)
    printed: str = ""
    observed: dict = field(default_factory=dict)


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

    def new_aspect(self):
        """Do nothing: calls in this process have all the time there is."""

    def devices(self):
        """The devices tensors can be on here; none without torch."""
        try:
            import torch
        except ImportError:
            return ()
        return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)

    def call(self, *args, observe=(), **options):
        """Call it once; see `autograder.student_code.subject.Subject.call`.

        Raises
        ------
        UnknownNetworkError
            If the course's zoo has no network of an argument's name.
        """
        given = [Argument(value) for value in (*args, *options.values())]
        positional = [argument.made for argument in given[: len(args)]]
        named = {key: argument.made for key, argument in zip(options, given[len(args) :], strict=True)}
        outcome = Outcome()
        printed = Printed()
        with contextlib.ExitStack() as around:
            around.enter_context(contextlib.redirect_stdout(printed))
            around.enter_context(contextlib.redirect_stderr(printed))
            warned = around.enter_context(warnings.catch_warnings(record=True))
            warnings.simplefilter("always")
            returned = None
            with contextlib.ExitStack() as watching:
                saw = {name: watching.enter_context(WATCHERS[name]()) for name in observe}
                try:
                    returned = self.function(*positional, **named)
                except (Exception, SystemExit) as error:  # KeyboardInterrupt is the reader's own, and passes through
                    outcome.raised = _as_data(error)
                outcome.observed = {name: seen() for name, seen in saw.items()}
            outcome.value = as_data(returned, Handle)
            after = [argument.after() for argument in given]
            outcome.arguments, outcome.options = (
                tuple(after[: len(args)]),
                dict(zip(options, after[len(args) :], strict=True)),
            )
        lines = [f"{warning.category.__name__}: {_text_of(warning.message)}" for warning in warned[:20]]
        outcome.printed = printed.getvalue() + "".join(line + "\n" for line in lines)
        return outcome


class Argument:
    """An argument of a call, before it and after it."""

    def __init__(self, value):
        self.recipe, self.made = value, from_data(value)
        self.before = networks.describe(self.made) if type(value) is Network else None

    def after(self):
        """The argument after the call, as data; of a network its recipe, with what the call has changed."""
        if self.before is None:
            return as_data(self.made, Handle)
        return replace(self.recipe, changed=networks.changes(self.before, self.made))


class Printed(io.StringIO):
    """A stream that keeps the beginning of what is written and drops the rest."""

    def write(self, text):
        super().write(text[: MAX_PRINTED - self.tell()])
        return len(text)


_INSIDE = os.path.dirname(os.path.abspath(__file__))

#: Beginnings of file names that are not the student's: the engine (behind the wall only this package), Python and its
#: libraries. `autograder.course` adds the course.
NOT_THE_STUDENTS = {
    os.path.dirname(os.path.dirname(_INSIDE)) if __package__.startswith("autograder") else _INSIDE,
    sys.prefix,
    sys.base_prefix,
    "<frozen",
}


def _as_data(error):
    where = None
    for frame in traceback.extract_tb(error.__traceback__):
        # The deepest line that is the student's own: not ours, not a library's.
        theirs = not frame.filename.startswith(tuple(NOT_THE_STUDENTS))
        if theirs and frame.line:
            where = f"line {frame.lineno}: {frame.line[:80]}"
    bases = tuple(base.__name__ for base in type(error).__mro__)
    return Raised(type(error).__name__, bases, _text_of(error), where)


def _text_of(error):
    try:
        return str(error)[:2000]
    except Exception:  # a student's exception class may be broken too
        return ""


class Handle(Foreign):
    """A returned thing that is no plain data, such as a module: it can be called and asked, not looked into.

    Examples
    --------
    >>> made = Local(lambda: {3, 1}).call().value
    >>> made.kind, made.is_module
    ('set', False)
    """

    def __init__(self, thing, kind):
        super().__init__(kind, is_module(thing))
        object.__setattr__(self, "thing", thing)

    def call(self, *args, observe=(), **options):
        """Call the thing; see `Subject.call`."""
        return Local(self.thing).call(*args, observe=observe, **options)

    def parameters(self):
        """An Outcome whose value is name -> shape of every parameter of a module."""
        return Local(lambda: {name: tuple(value.shape) for name, value in self.thing.named_parameters()}).call()

    def assign(self, numbers):
        """Give parameters these values, name -> ndarray of the parameter's shape."""
        return Local(self._assign).call(numbers)

    def _assign(self, numbers):
        import torch

        held = dict(self.thing.named_parameters())
        with torch.no_grad():
            for name, array in numbers.items():
                held[name].copy_(torch.from_numpy(array))

    def to(self, device):
        """Move a module to a device."""
        return Local(lambda: bool(self.thing.to(device) is None)).call()
