"""The four functions that a notebook calls: `check`, `check_answer`, `reveal`, `progress`."""

import textwrap

from autograder.model import PREDICTION_POINTS, PUBLIC_SEED

#: Characters in a line that `reveal` prints: some pages cut long lines off instead of breaking them.
WIDTH = 88


class CheckFailed(AssertionError):
    """A check that did not pass; its text is the whole diagnosis."""

    def _render_traceback_(self):
        # Jupyter calls this. The diagnosis says where to look; the frames of our own code do not.
        return [str(self)]


def check(function, name, seed=PUBLIC_SEED):
    """Check one aspect of a function, or all of them.

    Parameters
    ----------
    function : callable, the student's
    name : str, "conv2d-stride" for one aspect, "conv2d" for all
    seed : int, names the data; only needed to see a case of another seed again

    Raises
    ------
    CheckFailed
        With the diagnosis, where an aspect does not pass.
    ValueError
        If no check has this name; the message lists those there are.

    Examples
    --------
    >>> check(lambda C_in, C_out, k, out: C_in * C_out * k * k * out * out, "conv2d_macs-values")
    conv2d_macs, values: right
    """
    # The course and the checks import NumPy: `import autograder` does without it until something is asked.
    from autograder.checks import judge
    from autograder.course import find
    from autograder.student_code.subject import Local

    exercise, aspect = find(name)
    if not callable(function):
        raise ValueError(f"check({type(function).__name__}, {name!r}): pass the function itself, without calling it")
    output, problem = cell_output(judge(exercise, Local(function), seed, [aspect] if aspect else None))
    print(output, end="")
    if problem:
        raise CheckFailed(problem)


def cell_output(verdicts):
    """The output of a cell that asks for these verdicts: what it prints, and the problem, or an empty text."""
    printed = next((verdict.printed for verdict in verdicts if verdict.printed), "")
    lines = [f"(your code printed)\n{printed.rstrip()}"] if printed else []
    lines += [verdict.message for verdict in verdicts if verdict.passed]
    problems = [verdict.message for verdict in verdicts if not verdict.passed]
    # A stub fails every aspect in the same way: once is enough.
    problems = [*problems[:1], *(text for text in problems[1:] if not text.endswith(_FOLLOWS_FROM_VALUES))]
    return "".join(f"{line}\n" for line in lines), "\n\n".join(problems)


#: Endings of the messages of other aspects while the values of a function are not right.
_FOLLOWS_FROM_VALUES = ("get the values right first", "not written yet")


def check_answer(answer, name):
    """Record a prediction: any of the options counts, for being made.

    Examples
    --------
    >>> check_answer("b", "predict-window")
    predict-window: your answer 'b' is recorded
    >>> check_answer(None, "predict-window")
    Traceback (most recent call last):
        ...
    autograder.notebook.CheckFailed: predict-window: no answer yet; choose one of 'a', 'b', 'c', 'd'
    """
    print(answer_recorded(answer, name))


def answer_recorded(answer, name):
    """The line that `check_answer` prints.

    Raises
    ------
    CheckFailed
        If the answer is none of the options.
    """
    return f"{name}: your answer {_letter(answer, name)!r} is recorded"


def reveal(answer, name):
    """Print which option was right, and why each of the others is not: after the work, not before it."""
    question = _question(name)
    letter = _letter(answer, name)
    verdict = "That is right." if letter == question.answer else f"The right one is {question.answer!r}."
    print(f"{name}: you predicted {letter!r}. {verdict}")
    for option, text in question.options.items():
        mark = "right" if option == question.answer else "wrong"
        for first, indent, line in ((f"  {option}) ", 5, text), (f"     {mark}: ", 12, question.reasons[option])):
            print(textwrap.fill(line, WIDTH, initial_indent=first, subsequent_indent=" " * indent))


def _question(name):
    from autograder.course import predictions

    known = predictions()
    if name not in known:
        raise ValueError(f"no prediction is named {name!r}; there are {', '.join(known)}")
    return known[name]


def _letter(answer, name):
    options = list(_question(name).options)
    choose = f"choose one of {', '.join(map(repr, options))}"
    if answer is None or answer is ...:
        raise CheckFailed(f"{name}: no answer yet; {choose}")
    if not isinstance(answer, str) or answer.strip().lower() not in options:
        raise CheckFailed(f"{name}: {answer!r} is not one of the options; {choose}")
    return answer.strip().lower()


# --- progress ---------------------------------------------------------------------------------------------------------


def progress(assignment, namespace):
    """Print what of an assignment is done and what is missing, function by function.

    Parameters
    ----------
    assignment : str, such as "02-regular"
    namespace : dict, the notebook's globals()

    Raises
    ------
    ValueError
        If there is no such assignment.
    """
    from autograder.course import ASSIGNMENTS, exercises_of

    if assignment not in ASSIGNMENTS:
        raise ValueError(f"no assignment is named {assignment!r}; there are {', '.join(ASSIGNMENTS)}")
    entry = ASSIGNMENTS[assignment]
    rows = [_prediction_row(entry.prediction, namespace)]
    rows += [_exercise_row(exercise, namespace.get(exercise.name)) for exercise in exercises_of(assignment)]
    together = ("together", sum(row[1] for row in rows), sum(row[2] for row in rows), "")
    if entry.explanation_points:
        rows.append((entry.explanation, None, entry.explanation_points, "read by your instructor"))
        together = (*together[:3], "checked here")
    width = max(len(row[0]) for row in rows)
    for name, points, most, remark in [*rows, together]:
        score = f"{'-' if points is None else f'{points:g}':>4} of {most:<4g}"
        print(f"{name:<{width}} {score} {remark}".rstrip())


def _prediction_row(name, namespace):
    """The row of a prediction: its name, points, most points, what is missing."""
    try:
        _letter(namespace.get("prediction"), name)
    except CheckFailed:
        return name, 0, PREDICTION_POINTS, "no answer yet"
    return name, PREDICTION_POINTS, PREDICTION_POINTS, ""


def _exercise_row(exercise, function):
    """The row of an exercise: its name, points, most points, what is missing."""
    from autograder.checks import judge
    from autograder.student_code.subject import Local

    verdicts = judge(exercise, Local(function)) if callable(function) else []
    points = sum(verdict.points for verdict in verdicts)
    return exercise.name, points, sum(exercise.points.values()), _missing(exercise, verdicts)


def _missing(exercise, verdicts):
    """The part of an exercise that is missing, in words."""
    if not verdicts:
        return f"no function {exercise.name} yet"
    if all(verdict.message.endswith("not written yet") for verdict in verdicts if verdict.aspect == "values"):
        return "not written yet"
    missing = [verdict.aspect for verdict in verdicts if not verdict.passed and verdict.max_points]
    further = [verdict.aspect for verdict in verdicts if not verdict.passed and not verdict.max_points]
    parts = ["done" if not missing else f"missing: {', '.join(missing)}"]
    if further:
        parts.append(f"further: {', '.join(further)}")
    return "; ".join(parts)
