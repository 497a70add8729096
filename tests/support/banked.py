"""The verdicts of the checks on the mistakes of the course; and another bank of mistakes in its place."""

import functools

from autograder import course
from autograder.checks import judge, trial
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.student_code.subject import Local
from convolution.mistakes import BANK


@functools.cache
def verdicts(name, wrong_id):
    """The verdicts of the checks on one mistake; several tests ask for them."""
    return judge(EXERCISES[name], Local(as_submitted(EXERCISES[name], BANK[wrong_id])))


def use_bank(monkeypatch, bank):
    """Have the checks look for these mistakes, in exercises that are not the course's, and remember nothing."""
    monkeypatch.setattr(course, "mistakes", lambda: bank)
    monkeypatch.setattr(trial, "_EXPECTED", {})
    return bank
