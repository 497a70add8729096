"""The words of a course: what it says about its assignments, exercises, cases and predictions, as data.

Nothing here computes or imports anything of ours. A course's package fills these classes in, the engine reads them.
"""

from dataclasses import dataclass, field, replace

#: Points for making a prediction, whatever it says.
PREDICTION_POINTS = 1

#: What students see. The course's own seed draws other shapes and values from the same cases.
PUBLIC_SEED = 20261122


@dataclass(frozen=True)
class Exercise:
    """One function a student writes.

    Attributes
    ----------
    name : the function's name, its solution cell's grade_id
    assignment : the assignment it belongs to, such as "02-regular"
    kind : "counter" (plain numbers in, one out), "numpy" or "torch" (arrays in, one out; `separate` gives two),
        "module" (a class of torch modules)
    points : aspect -> points, in the order the aspects are judged
    """

    name: str
    assignment: str
    kind: str
    points: dict[str, float]


@dataclass(frozen=True)
class Assignment:
    """One notebook: minutes for a first-timer, 1 to 3 for how hard, and what it asks beside functions."""

    name: str
    title: str
    minutes: int
    difficulty: int
    prediction: str
    explanation: str | None = None  # graded by hand where it has points
    explanation_points: float = 0


@dataclass(frozen=True)
class Prediction:
    """One question with lettered options.

    Attributes
    ----------
    prompt : the question, as the notebook prints it
    options : letter -> the option's text, as the notebook prints it
    answer : the letter of the right option
    reasons : letter -> why this option is right, or which thought in it is wrong

    Examples
    --------
    >>> from autograder.course import predictions
    >>> question = predictions()["predict-regular"]
    >>> question.options[question.answer]
    'Two maps, 108 weights.'
    """

    prompt: str
    options: dict[str, str]
    answer: str
    reasons: dict[str, str]


@dataclass(frozen=True)
class Case:
    """One call: what is passed by position, what by keyword, and which errors it must raise.

    ``key`` names the case among all of every exercise and seed: two cases of one key have the same numbers.
    """

    args: tuple
    options: dict = field(default_factory=dict)
    #: Texts the ValueError must contain; None where a result is expected.
    must_mention: tuple[str, ...] | None = None
    key: tuple = ()

    def without(self, name):
        """The same case without one thing: an option, "bias" (all of them, or not counted), or "batch" (one image)."""
        key = (*self.key, name)
        if name == "batch":
            return replace(self, args=(self.args[0][:1], *self.args[1:]), key=key)
        kept = {key: value for key, value in self.options.items() if not is_about(name, key)}
        if name == "bias" and type(self.options.get("bias")) is bool:
            kept["bias"] = False  # a counter's bias is on where nothing is said
        return replace(self, options=kept, key=key)


def is_about(aspect, option):
    """Whether an aspect is about an optional argument; "bias" is about every bias.

    Examples
    --------
    >>> is_about("bias", "depthwise_bias"), is_about("stride", "stride"), is_about("stride", "padding")
    (True, True, False)
    >>> is_about("multiplier", "channel_multiplier")
    True
    """
    return option == aspect or option.endswith(f"_{aspect}")
