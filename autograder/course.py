"""The course in use: the one door from the engine to a course's own package.

A course is a package with four modules: ``catalogue`` (`ASSIGNMENTS` and `EXERCISES`), ``predictions``
(`PREDICTIONS`), ``mistakes`` (`BANK`) and, where an exercise takes a network, ``networks`` (`ZOO`). The environment
variable AUTOGRADER_COURSE names another course than this repository's; tests use it for a course of one exercise.
"""

import importlib
import os
from pathlib import Path

from autograder.errors import FixableError
from autograder.model import PREDICTION_POINTS, CourseError
from autograder.student_code import walls
from autograder.student_code.inside import calling, networks

#: The package that holds the course.
NAME = os.environ.get("AUTOGRADER_COURSE") or "convolution"


def _load(module, *names):
    """Objects of one module of the course's package; what is missing is named with the remedy."""
    path = f"{NAME}.{module}"
    try:
        loaded = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if not f"{path}.".startswith(f"{error.name}."):
            raise  # the module is there, and imports something that is not
        raise FixableError(
            f"AUTOGRADER_COURSE is {NAME!r}, and there is no module {path}: a course is a package with the modules "
            "catalogue, predictions and mistakes, in a folder that Python imports from (PYTHONPATH)"
        ) from error
    missing = [name for name in names if not hasattr(loaded, name)]
    if missing:
        raise FixableError(f"AUTOGRADER_COURSE is {NAME!r}, and {path} has no {' and no '.join(missing)}")
    return [getattr(loaded, name) for name in names]


#: name -> Assignment and name -> Exercise, in the order in which a student meets them.
ASSIGNMENTS, EXERCISES = _load("catalogue", "ASSIGNMENTS", "EXERCISES")

#: The folder of the course's package: student code never sees it, and a change in it may change marks.
FOLDER = Path(importlib.import_module(f"{NAME}.catalogue").__file__).resolve().parent

# `autograder.student_code` knows no course. It is told here what it must know of this one: files that student code
# never sees and that no error message quotes as the student's, and the networks that both sides of the wall build.
walls.hide(FOLDER)
calling.NOT_THE_STUDENTS.add(str(FOLDER))
_networks = FOLDER / "networks.py"
networks.use(_networks.read_text(encoding="utf-8") if _networks.exists() else "")


def predictions():
    """The predictions of the course, by the name of their cell."""
    return _load("predictions", "PREDICTIONS")[0]


def mistakes():
    """The course's bank of mistakes, id -> Mistake."""
    return _load("mistakes", "BANK")[0]


def exercises_of(assignment):
    """The exercises of one assignment, in the order the notebook asks them.

    Examples
    --------
    >>> [exercise.name for exercise in exercises_of("01-window")][:2]
    ['output_size', 'correlate2d']
    """
    return [exercise for exercise in EXERCISES.values() if exercise.assignment == assignment]


def graded_cells(assignment):
    """Every graded cell of an assignment and its points, further aspects (0 points) included.

    Examples
    --------
    >>> graded_cells("00-start")
    {'predict-start': 1, 'window_sum-values': 1}
    """
    entry = ASSIGNMENTS[assignment]
    cells = {entry.prediction: PREDICTION_POINTS}
    for exercise in exercises_of(assignment):
        cells |= {f"{exercise.name}-{aspect}": points for aspect, points in exercise.points.items()}
    if entry.explanation:
        cells[entry.explanation] = entry.explanation_points
    return cells


def must_add_up():
    """Compare the points of every assignment with its total.

    Raises
    ------
    CourseError
        If they differ; the message names the assignment and both sums.
    """
    for name, assignment in ASSIGNMENTS.items():
        points = sum(graded_cells(name).values())
        if points != assignment.total:
            raise CourseError(
                f"the cells of {name} have {points:g} points, and its total is {assignment.total:g}: an exercise that "
                "gets points takes them from others in the catalogue"
            )


must_add_up()


def find(cell):
    """Split the name of a check, "conv2d-stride", into its exercise and its aspect; "conv2d" is all aspects.

    Raises
    ------
    ValueError
        If no check has this name; the message lists those there are.

    Examples
    --------
    >>> exercise, aspect = find("conv2d-all-together")
    >>> exercise.name, aspect
    ('conv2d', 'all-together')
    >>> find("conv2d")[1] is None
    True
    >>> find("window_sum-strides")
    Traceback (most recent call last):
        ...
    ValueError: no check is named 'window_sum-strides'; window_sum has values
    """
    if not isinstance(cell, str):
        raise ValueError(f"a check is named by a string such as 'conv2d-stride', not by {cell!r}")
    name, _, aspect = cell.partition("-")
    if name not in EXERCISES:
        raise ValueError(f"no exercise is named {name!r}; there are {', '.join(EXERCISES)}")
    exercise = EXERCISES[name]
    if aspect and aspect not in exercise.points:
        raise ValueError(f"no check is named {cell!r}; {name} has {', '.join(exercise.points)}")
    return exercise, aspect or None
