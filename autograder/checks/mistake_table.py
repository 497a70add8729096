"""The kill table: every mistake of the bank submitted as if a student had made it, and the checks that reject it."""

from rich.text import Text

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.model import PUBLIC_SEED
from autograder.student_code.subject import Local
from convolution.mistakes import applicable, as_submitted

#: passed -> what stands in the table
MARKS = {True: "·", False: "x", None: "?"}


def kill_table(seed=PUBLIC_SEED):
    """Ask every check of every mistake.

    Returns
    -------
    list of dict, one per exercise and mistake
        exercise, mistake : str
        aspects : aspect -> True (passed), False (rejected) or None (could not be checked)
        rejected_by : the aspects that rejected it
        named_by : the aspects whose message names this mistake
        named_otherwise : ids of other mistakes that were named instead
    """
    return [
        one_kill(name, mistake, seed)
        for name, exercise in EXERCISES.items()
        if exercise.kind not in ("torch", "module") or _has_torch()
        for mistake in applicable(name)
    ]


def one_kill(name, mistake, seed=PUBLIC_SEED):
    """What the checks of one exercise say to one mistake; see `kill_table`.

    Examples
    --------
    >>> from convolution.mistakes import BANK
    >>> one_kill("conv2d_macs", BANK["flops-not-macs"])["named_by"]
    ['values']
    """
    verdicts = judge(name, Local(as_submitted(name, mistake)), seed=seed)
    named = {verdict.aspect: verdict.mistake for verdict in verdicts if verdict.mistake}
    return {
        "exercise": name,
        "mistake": mistake.id,
        "aspects": {verdict.aspect: verdict.passed for verdict in verdicts},
        "rejected_by": [verdict.aspect for verdict in verdicts if verdict.passed is False],
        "named_by": [aspect for aspect, id_ in named.items() if id_ == mistake.id],
        "named_otherwise": sorted(set(named.values()) - {mistake.id}),
    }


def _has_torch():
    try:
        import torch  # noqa: F401
    except ImportError:
        return False
    return True


def show(kills, out):
    """Print the table on a rich console: mistakes down, aspects across, the first letters of each on top."""
    for name in dict.fromkeys(kill["exercise"] for kill in kills):
        rows = [kill for kill in kills if kill["exercise"] == name]
        aspects = list(EXERCISES[name].points)
        width = max(len(kill["mistake"]) for kill in rows) + 1
        heads = " ".join(f"{aspect[:3]:<3}" for aspect in aspects)
        out.print(Text(name, "bold"))
        out.print(Text(f" {'':<{width}}{heads}"), soft_wrap=True)
        for kill in rows:
            marks = " ".join(f"{MARKS[kill['aspects'][aspect]]:<3}" for aspect in aspects)
            line = f" {kill['mistake']:<{width}}{marks}".rstrip()
            out.print(Text(line + _remark(kill), "" if kill["rejected_by"] else "bold red"), soft_wrap=True)
        out.print()
    for line in summary(kills):
        out.print(line, soft_wrap=True)


def _remark(kill):
    """What is worth a second look: a mistake that gets through, or is not called by its name."""
    if not kill["rejected_by"]:
        return "  NOT REJECTED"
    if kill["named_otherwise"]:
        return f"  called {', '.join(kill['named_otherwise'])}"
    return "" if kill["named_by"] else "  not named"


def summary(kills):
    """How many mistakes there are, how many are rejected, and how many are called by their name.

    Examples
    --------
    >>> kill = {"exercise": "f", "mistake": "m", "rejected_by": ["values"], "named_by": [], "named_otherwise": []}
    >>> print(*summary([kill]), sep="\\n")
    x rejected, · let pass, ? could not be checked
    1 mistake, tried on 1 exercise in 1 pair: 1 rejected, 0 named, 0 called by another name
    """
    mistakes, exercises = ({kill[key] for kill in kills} for key in ("mistake", "exercise"))
    counts = {key: sum(bool(kill[key]) for kill in kills) for key in ("rejected_by", "named_by", "named_otherwise")}
    return [
        "x rejected, · let pass, ? could not be checked",
        f"{_count(len(mistakes), 'mistake')}, tried on {_count(len(exercises), 'exercise')} in "
        f"{_count(len(kills), 'pair')}: {counts['rejected_by']} rejected, {counts['named_by']} named, "
        f"{counts['named_otherwise']} called by another name",
    ]


def _count(number, word):
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
