"""Asking one exercise of one subject, aspect by aspect, and the rules of the marks.

`judge` asks a subject and returns a verdict per aspect. The rules:

- Nothing for nothing. Shape, errors, dtype, unchanged arguments, layout, device and how count only once the values
  hold. A stub, zeros or the input returned earn nothing.
- A mistake costs once. Where an aspect fails and the numbers are exactly those of one mistake, the mistake is named,
  and the aspects after it are judged against that mistake's numbers. One argument that crashes, or is wrong in a way
  that no mistake explains, is left out of all-together, so it too costs once.
- dtype and error messages are aspects of their own; no other aspect looks at them.

The modules, from the bottom up: `cases` and `mistakes` (the data, and the right function with mistakes made), `trial`
(calling a subject and comparing), `diagnosis` (a failure in words), `verdicts` (asked once, remembered), `numeric`,
`how` and `after_values` (the rules by which each aspect is asked), `mistake_table` (every mistake against every check).
"""

from autograder.checks.after_values import RULES
from autograder.checks.numeric import ask_numbers
from autograder.checks.trial import Trial
from autograder.checks.verdicts import NotChecked, Verdict, Verdicts
from autograder.model import PUBLIC_SEED

__all__ = ["NotChecked", "Verdict", "Verdicts", "judge", "verdicts_on"]


def judge(exercise, subject, seed=PUBLIC_SEED, aspects=None, device=None):
    """Ask one exercise of one subject.

    Parameters
    ----------
    exercise : Exercise
    subject : Subject
    seed : int or str, names the data
    aspects : sequence of str, optional; all where it is None
    device : "cpu" or "cuda", optional; where a torch kernel is asked. None is the CPU, and for the aspect
        ``device`` every device there is

    Returns
    -------
    list of Verdict, in the order of ``aspects``

    Examples
    --------
    >>> from autograder.course import EXERCISES
    >>> from autograder.student_code.subject import Local
    >>> wrong_for_rectangles = Local(lambda C_in, C_out, k, size: C_in * C_out * k**2 * size**2)
    >>> [verdict.passed for verdict in judge(EXERCISES["conv2d_macs"], wrong_for_rectangles)]
    [True, False, True]
    """
    verdicts = verdicts_on(exercise, subject, seed, device)
    return [verdicts.of(aspect) for aspect in aspects or exercise.points]


def verdicts_on(exercise, subject, seed=PUBLIC_SEED, device=None):
    """The `Verdicts` on a subject, for asking one aspect after the other; see `judge`."""
    rules = dict.fromkeys(exercise.aspects.numeric, ask_numbers) | {name: _once_values_hold for name in RULES}
    return Verdicts(Trial(exercise, subject, seed, device), rules)


def _once_values_hold(verdicts, aspect):
    if not verdicts.of("values").holds:
        return verdicts.failed(aspect, "get the values right first")
    return RULES[aspect](verdicts, aspect)
