"""What is asked of each exercise, aspect by aspect, and what a mark means.

`judge` asks a subject and returns a verdict per aspect. The rules of the marks:

- Nothing for nothing. Shape, errors, dtype, unchanged arguments, layout, device and how count only once the
  values hold. A stub, zeros or the input returned earn nothing.
- A mistake costs once. Where an aspect fails and the numbers are exactly those of one mistake, the mistake is
  named, and the aspects after it are judged against that mistake's numbers. One argument that crashes, or is wrong
  in a way nobody knows, is left out of all-together, so it too costs once.
- dtype and error messages are aspects of their own; no other aspect looks at them.
"""

from autograder.checks.after_values import SIDES
from autograder.checks.numeric import NUMERIC, ask_numbers
from autograder.checks.trial import NotChecked, Trial, Verdict
from autograder.course import EXERCISES
from autograder.model import PUBLIC_SEED

__all__ = ["NotChecked", "Verdict", "begin", "judge"]


def judge(name, subject, seed=PUBLIC_SEED, aspects=None, device=None):
    """Ask one exercise of one subject.

    Parameters
    ----------
    name : str, the exercise
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
    >>> from autograder.student_code.subject import Local
    >>> [v.passed for v in judge("conv2d_macs", Local(lambda i, o, k, size: i * o * k**2 * size**2))]
    [True, False, True]
    """
    trial = begin(name, subject, seed, device)
    return [trial.verdict(aspect) for aspect in aspects or EXERCISES[name].points]


def begin(name, subject, seed=PUBLIC_SEED, device=None):
    """A `Trial`, for asking one aspect after the other: what the earlier ones found is not asked again."""
    return Trial(name, subject, seed, device, _ask)


def _ask(trial, aspect):
    if aspect in NUMERIC:
        return ask_numbers(trial, aspect)
    if not trial.verdict("values").holds:
        return trial.failed(aspect, "get the values right first")
    return SIDES[aspect](trial, aspect)
