"""The course's mistakes as wrong functions, which compose.

A mistake bends a right function: it is called with that function and the arguments, and changes what goes in or what
comes out. A kernel that flips and forgets the bias is one bend around the other, which is how a mistake that is
counted already is not counted again.

A bend that gives no numbers for some arguments (a transposed kernel that is not square would index past its edge)
raises IndexError, as the student's code would.
"""

import functools

from autograder import course

#: Mistakes that an aspect recognises by itself, without comparing numbers.
DTYPE_LOST, DEVICE_LOST, ARGUMENT_CHANGED = "dtype-lost", "device-lost", "argument-changed"


def applicable(exercise):
    """The mistakes that apply to an exercise, in the bank's order.

    Examples
    --------
    >>> from autograder.course import EXERCISES
    >>> [mistake.id for mistake in applicable(EXERCISES["conv2d_params"])][:2]
    ['kernel-height-for-width', 'kernel-not-squared']
    """
    return [mistake for mistake in course.mistakes().values() if exercise.name in mistake.bends]


def sentence(exercise, mistake):
    """The sentence that explains a mistake, by its id; an empty text where the course has none for this exercise."""
    known = course.mistakes().get(mistake)
    return known.sentences.get(exercise.name, "") if known else ""


def wrong_function(exercise, *mistakes):
    """The right function with these mistakes made, the first one innermost.

    Examples
    --------
    >>> from autograder.course import EXERCISES, mistakes
    >>> wrong_function(EXERCISES["conv2d_macs"], mistakes()["flops-not-macs"])(3, 2, 3, 4)
    1728
    """
    function = exercise.right
    for mistake in mistakes:
        function = functools.partial(mistake.bends[exercise.name], function)
    return function


def as_submitted(exercise, *mistakes):
    """The function of a student who made these mistakes, or none; in torch where torch is due."""
    wrong = wrong_function(exercise, *mistakes)

    def function(*args, **options):
        exercise.right(*args, **options)  # bad input raises before any mistake shows
        return wrong(*args, **options)

    keeps_device = all(mistake.id != DEVICE_LOST for mistake in mistakes)
    return exercise.kind.submitted(function, keeps_device)
