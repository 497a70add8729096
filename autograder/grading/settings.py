"""The settings of grading that a course's nbgrader_config.py makes: checked, and as the ledger keeps them."""

from dataclasses import fields

from autograder.errors import FixableError
from autograder.student_code.limits import Limits

UNPROTECTED = "Student code runs UNPROTECTED: it can read and write whatever you can, and reach the network."


class SettingsError(FixableError):
    """Something in nbgrader_config.py has no meaning."""


def checked_limits(given):
    """The Limits with what ``c.Execute.limits`` gives instead of the defaults.

    Parameters
    ----------
    given : dict of names of `Limits` and positive numbers

    Raises
    ------
    SettingsError
        If a name or a number has no meaning; the text lists the names.

    Examples
    --------
    >>> checked_limits({"call_seconds": 5}).call_seconds
    5
    """
    known = {field.name for field in fields(Limits)}
    for name, value in given.items():
        if name not in known or type(value) not in (int, float) or value <= 0:
            raise SettingsError(
                f"c.Execute.limits: {name} = {value!r}; limits are positive numbers, by the names "
                + ", ".join(sorted(known))
            )
    return Limits(**given)


def recorded(settings, student):
    """The part of a submission's `worker.Settings` that the ledger keeps: enough to see a case again."""
    return {
        "seed": settings.seed_for(student),
        "walls": ", ".join(settings.walls) or "none",
        "device": settings.device,
    }
