"""The elements of a question, as they stand in a page before it is written, and the error that all of them share."""

from docutils import nodes

LETTERS = "ABCDEFGH"


class Mistake(Exception):
    """A question that cannot be asked, or has no other form; the text says what to mend."""


class QuestionNode(nodes.General, nodes.Element):
    """Holds a prompt, options, explanations, in this order; `kind` is question, prediction or revisit."""


class PromptNode(nodes.General, nodes.Element):
    """The prompt of a question."""


class ChoiceNode(nodes.General, nodes.Element):
    """An option; `number` counts them as they are written, from 0, `letter` is the one that is shown."""


class ExplanationsNode(nodes.General, nodes.Element):
    """The fold below the options."""


class ExplanationNode(nodes.General, nodes.Element):
    """The reason why an option is right or wrong."""


class AnswerNode(nodes.General, nodes.Element):
    """The position of a prediction's explanations."""


class RevisitNode(nodes.General, nodes.Element):
    """The position of questions of earlier chapters."""
