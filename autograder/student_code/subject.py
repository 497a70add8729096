"""The function that is checked. A check never calls a bare function: it calls a Subject and gets an Outcome.

Plain data (numbers, texts, arrays, tensors, and tuples, lists and dicts of them) comes back as the value itself;
anything else, such as a module the student's class made, stays where it is and is asked through a handle. `Local` is
a function of this process; one behind the wall is `autograder.student_code.remote.Remote`.
"""

from typing import Protocol

from autograder.student_code.inside.calling import Handle, Local, Outcome, Raised
from autograder.student_code.inside.data import Foreign, Network, Tensor

__all__ = ["Foreign", "Handle", "Local", "Network", "Outcome", "Raised", "Subject", "Tensor"]


class Subject(Protocol):
    """A function to check, wherever it lives."""

    def call(self, *args, observe=(), **options) -> Outcome:
        """Call the function once; ``observe`` names watchers of `autograder.student_code.inside.observe`."""

    def devices(self) -> tuple[str, ...]:
        """The devices tensors can be on, "cpu" and "cuda"; none without torch."""

    def new_aspect(self) -> None:
        """Begin another aspect: its calls have their full time."""
