"""What a notebook calls: `check`, `check_answer`, `reveal`, `progress`."""

import textwrap

from autograder.model import PUBLIC_SEED


class CheckFailed(AssertionError):
    """A check that did not pass; its text is the whole diagnosis."""

    def _render_traceback_(self):
        # Jupyter asks for this: the diagnosis says where to look, the frames of our own code do not.
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
    # The course and the checks import NumPy: `import autograder` does without until something is asked.
    from autograder.checks import judge
    from autograder.course import find
    from autograder.student_code.subject import Local

    exercise, aspect = find(name)
    if not callable(function):
        raise ValueError(f"check({type(function).__name__}, {name!r}): pass the function itself, without calling it")
    verdicts = judge(exercise, Local(function), seed, [aspect] if aspect else None)
    shown, problem = said(verdicts)
    print(shown, end="")
    if problem:
        raise CheckFailed(problem)


def said(verdicts):
    """What a cell shows of these verdicts: (what is printed, the problem or nothing)."""
    printed = next((verdict.printed for verdict in verdicts if verdict.printed), "")
    lines = [f"(your code printed)\n{printed.rstrip()}"] if printed else []
    lines += [verdict.message for verdict in verdicts if verdict.passed]
    problems = [verdict.message for verdict in verdicts if not verdict.passed]
    # A stub fails everything in the same way: say it once.
    problems = [*problems[:1], *(text for text in problems[1:] if not text.endswith(_SAID_BY_VALUES))]
    return "".join(f"{line}\n" for line in lines), "\n\n".join(problems)


#: What the other aspects of a function say while its values are not there.
_SAID_BY_VALUES = ("get the values right first", "not written yet")


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
    print(recorded(answer, name))


def recorded(answer, name):
    """The line that `check_answer` prints.

    Raises
    ------
    CheckFailed
        If the answer is none of the options.
    """
    return f"{name}: your answer {_letter(answer, name)!r} is recorded"


def reveal(answer, name):
    """Say which option was right, and why each other one is not. For after the work, not before."""
    question = _question(name)
    letter = _letter(answer, name)
    verdict = "That is right." if letter == question.answer else f"The right one is {question.answer!r}."
    print(f"{name}: you predicted {letter!r}. {verdict}")
    for option, text in question.options.items():
        mark = "right" if option == question.answer else "wrong"
        for first, rest, line in ((f"  {option}) ", 5, text), (f"     {mark}: ", 12, question.reasons[option])):
            # Some pages cut long lines off instead of breaking them.
            print(textwrap.fill(line, 88, initial_indent=first, subsequent_indent=" " * rest))


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
    from autograder.checks import judge
    from autograder.course import ASSIGNMENTS, exercises_of, graded_cells
    from autograder.student_code.subject import Local

    if assignment not in ASSIGNMENTS:
        raise ValueError(f"no assignment is named {assignment!r}; there are {', '.join(ASSIGNMENTS)}")
    worth = graded_cells(assignment)
    about = ASSIGNMENTS[assignment]
    earned = 0
    answered = namespace.get("prediction") in _question(about.prediction).options
    earned += worth[about.prediction] if answered else 0
    rows = [
        (
            about.prediction,
            worth[about.prediction] if answered else 0,
            worth[about.prediction],
            "" if answered else "no answer yet",
        )
    ]
    for exercise in exercises_of(assignment):
        verdicts = []
        if callable(namespace.get(exercise.name)):
            verdicts = judge(exercise, Local(namespace[exercise.name]))
        points = sum(verdict.points for verdict in verdicts)
        earned += points
        rows.append((exercise.name, points, sum(exercise.points.values()), _missing(exercise, verdicts)))
    if about.explanation_points:
        rows.append((about.explanation, None, about.explanation_points, "read by your instructor"))
    width = max(len(row[0]) for row in rows)
    for name, points, most, missing in rows:
        score = f"{'-' if points is None else f'{points:g}':>4} of {most:<4g}"
        print(f"{name:<{width}} {score} {missing}".rstrip())
    machine = sum(worth.values()) - about.explanation_points
    print(f"{'together':<{width}} {earned:>4g} of {machine:<4g}" + (" checked here" if machine < 20 else ""))


def _missing(exercise, verdicts):
    if not verdicts:
        return f"no function {exercise.name} yet"
    if all(verdict.message.endswith("not written yet") for verdict in verdicts if verdict.aspect == "values"):
        return "not written yet"
    missing = [v.aspect for v in verdicts if not v.passed and v.max_points]
    further = [v.aspect for v in verdicts if not v.passed and not v.max_points]
    said = ["done" if not missing else f"missing: {', '.join(missing)}"]
    if further:
        said.append(f"further: {', '.join(further)}")
    return "; ".join(said)
