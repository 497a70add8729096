"""Every mistake of the course, submitted as if a student had made it, and the checks that reject it."""

import importlib.util

from rich.text import Text

from autograder.checks import judge
from autograder.checks.mistakes import applicable, as_submitted
from autograder.course import EXERCISES
from autograder.model import PUBLIC_SEED
from autograder.student_code.subject import Local

#: passed -> its mark in the table
MARKS = {True: "·", False: "x", None: "?"}


def mistake_table(exercises=(), seed=PUBLIC_SEED):
    """Ask every check of every mistake.

    Parameters
    ----------
    exercises : names; none is all that this machine can ask
    seed : of the data

    Returns
    -------
    list of dict, one per exercise and mistake
        exercise, mistake : str
        aspects : aspect -> True (passed), False (rejected) or None (could not be checked)
        rejected_by : the aspects that rejected it
        named_by : the aspects whose message names this mistake
        named_otherwise : ids of other mistakes that were named instead

    Raises
    ------
    ValueError
        If there is no exercise of a name.
    """
    unknown = [name for name in exercises if name not in EXERCISES]
    if unknown:
        raise ValueError(f"no exercise is named {', '.join(map(repr, unknown))}; there are {', '.join(EXERCISES)}")
    asked = [EXERCISES[name] for name in exercises] or [
        exercise for exercise in EXERCISES.values() if _can_ask(exercise)
    ]
    return [row(exercise, mistake, seed) for exercise in asked for mistake in applicable(exercise)]


def row(exercise, mistake, seed=PUBLIC_SEED):
    """The verdicts of one exercise's checks on one mistake; see `mistake_table`.

    Examples
    --------
    >>> from autograder.course import mistakes
    >>> row(EXERCISES["conv2d_macs"], mistakes()["flops-not-macs"])["named_by"]
    ['values']
    """
    verdicts = judge(exercise, Local(as_submitted(exercise, mistake)), seed=seed)
    named = {verdict.aspect: verdict.mistake for verdict in verdicts if verdict.mistake}
    return {
        "exercise": exercise.name,
        "mistake": mistake.id,
        "aspects": {verdict.aspect: verdict.passed for verdict in verdicts},
        "rejected_by": [verdict.aspect for verdict in verdicts if verdict.passed is False],
        "named_by": [aspect for aspect, name in named.items() if name == mistake.id],
        "named_otherwise": sorted(set(named.values()) - {mistake.id}),
    }


def _can_ask(exercise):
    """True if this machine has the modules that an exercise needs."""
    return all(importlib.util.find_spec(module) for module in exercise.kind.imports)


def show(table, out):
    """Print the table on a rich console: mistakes down, aspects across, the first letters of each on top."""
    for name in dict.fromkeys(row["exercise"] for row in table):
        rows = [row for row in table if row["exercise"] == name]
        aspects = list(EXERCISES[name].points)
        width = max(len(row["mistake"]) for row in rows) + 1
        heads = " ".join(f"{aspect[:3]:<3}" for aspect in aspects)
        out.print(Text(name, "bold"))
        out.print(Text(f" {'':<{width}}{heads}"), soft_wrap=True)
        for row in rows:
            marks = " ".join(f"{MARKS[row['aspects'][aspect]]:<3}" for aspect in aspects)
            line = f" {row['mistake']:<{width}}{marks}".rstrip()
            out.print(Text(line + _remark(row), "" if row["rejected_by"] else "bold red"), soft_wrap=True)
        out.print()
    for line in summary(table):
        out.print(line, soft_wrap=True)


def _remark(row):
    """A remark on a mistake that gets through, or is not called by its name; else an empty text."""
    if not row["rejected_by"]:
        return "  NOT REJECTED"
    if row["named_otherwise"]:
        return f"  called {', '.join(row['named_otherwise'])}"
    return "" if row["named_by"] else "  not named"


def summary(table):
    """The numbers of mistakes, of those rejected, and of those called by their name, as lines of text.

    Examples
    --------
    >>> row = {"exercise": "f", "mistake": "m", "rejected_by": ["values"], "named_by": [], "named_otherwise": []}
    >>> print(*summary([row]), sep="\\n")
    x rejected, · let pass, ? could not be checked
    1 mistake, tried on 1 exercise in 1 pair: 1 rejected, 0 named, 0 called by another name
    """
    mistakes, exercises = ({row[key] for row in table} for key in ("mistake", "exercise"))
    counts = {key: sum(bool(row[key]) for row in table) for key in ("rejected_by", "named_by", "named_otherwise")}
    return [
        "x rejected, · let pass, ? could not be checked",
        f"{_count(len(mistakes), 'mistake')}, tried on {_count(len(exercises), 'exercise')} in "
        f"{_count(len(table), 'pair')}: {counts['rejected_by']} rejected, {counts['named_by']} named, "
        f"{counts['named_otherwise']} called by another name",
    ]


def _count(number, word):
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
