"""The aspect "how": rules about how a result was computed. What is seen is testimony, so it carries few points."""

from autograder import course
from autograder.model import LinesStay, NeverReaches, OnlyNumPy


def ask_how(verdicts, aspect):
    """Ask every rule of the exercise, in their order; the first that does not hold is the verdict."""
    for rule in verdicts.exercise.how:
        verdict = _ASK[type(rule)](verdicts, aspect, rule)
        if verdict:
            return verdict
    return verdicts.passed(aspect)


def _ask_packages(verdicts, aspect, rule):
    case, outcome = _watched(verdicts, aspect, 0, "packages")
    if outcome.raised:
        return verdicts.crashed(aspect, case, outcome)
    # The course's package is no third one, whether it is installed or lies in the clone.
    others = [name for name in outcome.observed["packages"] if name != course.NAME]
    if not others:
        return None
    return verdicts.failed(aspect, rule.headline, case, [f"it called {', '.join(others)}; {rule.advice}"])


def _ask_operations(verdicts, aspect, rule):
    case, outcome = _watched(verdicts, aspect, 0, "operations")
    if outcome.raised:
        return verdicts.crashed(aspect, case, outcome)
    reached = sorted({name for name in outcome.observed["operations"] if rule.operation in name})
    if not reached:
        return None
    return verdicts.failed(aspect, rule.headline, case, [rule.advice.format(", ".join(reached))])


def _ask_lines(verdicts, aspect, rule):
    watched = [_watched(verdicts, aspect, number, "lines") for number in (0, 1)]
    for case, outcome in watched:
        if outcome.raised:
            return verdicts.crashed(aspect, case, outcome)
    few, many = (outcome.observed["lines"] for _, outcome in watched)
    if many <= rule.factor * few:
        return None
    sizes = [" x ".join(map(str, case.args[0].shape[2:])) for case, _ in watched]
    findings = [f"an image of {sizes[0]} runs {few} lines of Python, one of {sizes[1]} runs {many}", rule.advice]
    return verdicts.failed(aspect, rule.headline, watched[1][0], findings)


def _watched(verdicts, aspect, number, watcher):
    """A case of the aspect and the outcome of a watched call; the case's own arrays were never handed over."""
    trial = verdicts.trial
    outcome = trial.call(trial.cases(aspect)[number], observe=(watcher,))
    return trial.cases(aspect)[number], outcome


_ASK = {OnlyNumPy: _ask_packages, NeverReaches: _ask_operations, LinesStay: _ask_lines}
