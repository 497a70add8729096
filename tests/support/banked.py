"""The verdicts of the checks on the mistakes of the course."""

import functools

from autograder.checks import judge
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.student_code.subject import Local
from convolution.mistakes import BANK


@functools.cache
def verdicts(name, wrong_id):
    """What the checks say to one mistake; asked by several tests."""
    return judge(EXERCISES[name], Local(as_submitted(EXERCISES[name], BANK[wrong_id])))
