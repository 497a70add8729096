"""The vocabulary of a course: assignments, exercises, cases, mistakes and predictions, as data.

A course's package fills these classes in and the engine reads them. Nothing here computes a convolution, and nothing
here imports another module of ours, so a course and the engine can both build on it.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: Points for making a prediction, whatever it says.
PREDICTION_POINTS = 1

#: The seed of the data that students see. The course's own seed draws other shapes and values from the same cases.
PUBLIC_SEED = 20261122

#: The aspects that count only once the values hold; `autograder.checks` knows how to ask each of them.
AFTER_VALUES = ("shape", "dtype", "unchanged", "layout", "errors", "how", "device", "parameters")


class CourseError(ValueError):
    """A course contradicts itself; the message names the exercise and says what to write where."""


@dataclass(frozen=True)
class Assignment:
    """A notebook: minutes for a first-timer, 1 to 3 for how hard it is, and what it asks beside functions.

    ``total`` is the sum of all its points, to be checked: who gives an aspect a point takes it from another.
    """

    name: str
    title: str
    minutes: int
    difficulty: int
    prediction: str
    explanation: str | None = None  # graded by hand where it has points
    explanation_points: float = 0
    total: float = 20


@dataclass(frozen=True)
class Prediction:
    """A question with lettered options.

    Attributes
    ----------
    prompt : the question, as the notebook prints it
    options : letter -> the option's text, as the notebook prints it
    answer : the letter of the right option
    reasons : letter -> why this option is right, or which thought in it is wrong

    Examples
    --------
    >>> Prediction("2 + 2?", {"a": "4", "b": "5"}, "a", {"a": "Count.", "b": "One too many."}).options["a"]
    '4'
    """

    prompt: str
    options: dict[str, str]
    answer: str
    reasons: dict[str, str]


# ---------------------------------------------------------------- cases


def is_about(aspect, option):
    """True if an aspect is about an optional argument; "bias" is about every bias.

    Examples
    --------
    >>> is_about("bias", "depthwise_bias"), is_about("stride", "stride"), is_about("stride", "padding")
    (True, True, False)
    >>> is_about("multiplier", "channel_multiplier")
    True
    """
    return option == aspect or option.endswith(f"_{aspect}")


@dataclass(frozen=True)
class Case:
    """A call of a student's function.

    Attributes
    ----------
    args : what is passed by position
    options : what is passed by keyword
    must_mention : texts that the ValueError must contain; None where a result is expected
    key : the case's name among all of every exercise and seed: two cases of one key have the same numbers
    """

    args: tuple
    options: dict = field(default_factory=dict)
    must_mention: tuple[str, ...] | None = None
    key: tuple = ()


def without_option(case, aspect):
    """The case without the optional arguments that an aspect is about.

    Examples
    --------
    >>> without_option(Case((3,), {"stride": 2, "padding": 1}), "stride").options
    {'padding': 1}
    """
    kept = {name: value for name, value in case.options.items() if not is_about(aspect, name)}
    return replace(case, options=kept, key=(*case.key, aspect))


@dataclass(frozen=True)
class Aspects:
    """The aspects that a course judges by numbers, and what the engine has to know of them.

    Attributes
    ----------
    numeric : in the order in which a mistake found in one is carried into those after it; "values" comes first
    options : those that vary an optional argument of the same name (see `is_about`)
    mixed : those whose cases use what another aspect asks for by itself
    leave_out : called with a case and an aspect; the case with that aspect's matter left at its default
    """

    numeric: tuple[str, ...] = ("values",)
    options: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()
    leave_out: Callable[[Case, str], Case] = without_option


# ---------------------------------------------------------------- how a result may be computed


@dataclass(frozen=True)
class OnlyNumPy:
    """A rule: apart from NumPy and Python's standard library no package is called."""

    headline: str
    advice: str


@dataclass(frozen=True)
class NeverReaches:
    """A rule: no operation of torch is reached whose name contains ``operation``."""

    operation: str
    headline: str
    advice: str


@dataclass(frozen=True)
class LinesStay:
    """A rule: a second, larger case runs at most ``factor`` times the Python lines of the first."""

    headline: str
    advice: str
    factor: float = 1.2


# ---------------------------------------------------------------- exercises


@dataclass(frozen=True, eq=False)
class Exercise:
    """A function, or class, that a student writes, with everything that is particular about it.

    Attributes
    ----------
    name : the function's name, its solution cell's grade_id
    assignment : the assignment it belongs to, such as "02-regular"
    kind : what is handed over and what comes back, see `autograder.kinds`
    points : aspect -> points, in the order the aspects are judged; an aspect of 0 points is *further*
    right : the right function, in NumPy and plain numbers
    cases : called with (aspect, rng); the `Case`s of that aspect, from the smallest to the ugliest. ``rng(*names)`` is
        the random stream of that name, see `autograder.sampling.stream`
    how : rules about how the result is computed, for the aspect "how"
    aspects : the course's aspects
    worked : called with (case, index); the text that works out the expected number at that index, for cases small
        enough to be shown

    Raises
    ------
    CourseError
        If a part is missing, or an aspect is none that can be asked.
    """

    name: str
    assignment: str
    kind: Any
    points: Mapping[str, float]
    right: Callable | None = None
    cases: Callable[[str, Callable], list[Case]] | None = None
    how: tuple = ()
    aspects: Aspects = field(default_factory=Aspects)
    worked: Callable[[Case, tuple], str] | None = None

    def __post_init__(self):
        for part, remedy in (
            ("right", "give it the right function: right=reference.NAME"),
            ("cases", "say what data it is asked with: cases=FUNCTION, called with (aspect, rng)"),
        ):
            if not callable(getattr(self, part)):
                raise CourseError(f"the exercise {self.name!r} has no {part}; {remedy}")
        known = (*self.aspects.numeric, *AFTER_VALUES)
        unknown = [aspect for aspect in self.points if aspect not in known]
        if unknown:
            raise CourseError(
                f"the exercise {self.name!r} has points for {', '.join(unknown)}; there are {', '.join(known)}"
            )
        if ("how" in self.points) != bool(self.how):
            raise CourseError(
                f"the exercise {self.name!r} has {'points for' if not self.how else 'rules in'} how and no "
                f"{'rules in how=' if not self.how else 'points for it'}; it needs both or neither"
            )

    @functools.cached_property
    def parameters(self):
        """The names of the right function's parameters, in order."""
        return tuple(inspect.signature(self.right).parameters)


# ---------------------------------------------------------------- mistakes


@dataclass
class Mistake:
    """A wrong thought, as a change of the right function.

    Attributes
    ----------
    id : the fixed name, such as "flipped-kernel"
    bends : exercise -> bend(right, *args, **options), which calls the right function and returns the wrong result
    sentences : exercise -> what a student reads; it explains and does not hand over the answer
    stub : True for what earns nothing and is never carried over (zeros, the input returned)
    """

    id: str
    bends: dict[str, Callable] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)
    stub: bool = False


class Bank(dict):
    """A course's mistakes, id -> `Mistake`, in the order in which a diagnosis looks for them.

    Parameters
    ----------
    exercises : names of the exercises there are
    """

    def __init__(self, exercises):
        super().__init__()
        self.exercises = exercises

    def mistake(self, id, exercises, sentence, stub=False):
        """Decorate a bend for some exercises; the same id may have other bends for other exercises."""

        def add(bend):
            entry = self.setdefault(id, Mistake(id, stub=stub))
            for name in exercises:
                if name in entry.bends:
                    raise CourseError(f"{name} has a mistake {id!r} already")
                if name not in self.exercises:
                    raise CourseError(f"the mistake {id!r} is for {name!r}, which is no exercise")
                entry.bends[name] = bend
                entry.sentences[name] = sentence
            return bend

        return add
