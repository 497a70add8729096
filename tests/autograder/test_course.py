"""The door to a course: looking up exercises and checks, and a course that is another, or none."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from places import ROOT

from autograder import course
from autograder.course import ASSIGNMENTS, EXERCISES, exercises_of, find, graded_cells
from autograder.model import PREDICTION_POINTS, CourseError


def python(code, course=None, *folders):
    """Run code with another course; the exit code and all that was printed."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, *folders)))}
    environment.pop("AUTOGRADER_COURSE", None)
    if course is not None:
        environment["AUTOGRADER_COURSE"] = course
    done = subprocess.run([sys.executable, *code], env=environment, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


# --- look-ups ----------------------------------------------------------------------------------------------------


def test_every_exercise_belongs_to_an_assignment_and_is_found_there():
    assert [each for assignment in ASSIGNMENTS for each in exercises_of(assignment)] == list(EXERCISES.values())
    assert all(EXERCISES[name].name == name for name in EXERCISES)
    assert all(ASSIGNMENTS[name].name == name for name in ASSIGNMENTS)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_graded_cells_of_an_assignment_and_their_points(assignment):
    entry, cells = ASSIGNMENTS[assignment], graded_cells(assignment)
    checks = {
        f"{each.name}-{aspect}": each.points[aspect] for each in exercises_of(assignment) for aspect in each.points
    }
    by_hand = {entry.explanation: entry.explanation_points} if entry.explanation else {}
    assert cells == {entry.prediction: PREDICTION_POINTS} | checks | by_hand
    assert next(iter(cells)) == entry.prediction


@pytest.mark.parametrize("name", EXERCISES)
def test_every_check_is_found_by_its_name(name):
    assert find(name) == (EXERCISES[name], None)
    for aspect in EXERCISES[name].points:
        assert find(f"{name}-{aspect}") == (EXERCISES[name], aspect)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("conv9d", f"no exercise is named 'conv9d'; there are {', '.join(EXERCISES)}"),
        ("conv9d-values", "no exercise is named 'conv9d'; there are "),
        ("", "no exercise is named ''; there are "),
        ("-values", "no exercise is named ''; there are "),
        ("conv2d-strides", f"no check is named 'conv2d-strides'; conv2d has {', '.join(EXERCISES['conv2d'].points)}"),
        ("conv2d-values-", "no check is named 'conv2d-values-'; conv2d has "),
        (None, "a check is named by a string such as 'conv2d-stride', not by None"),
        (len, "a check is named by a string such as 'conv2d-stride', not by <built-in function len>"),
    ],
)
def test_a_name_that_there_is_not_lists_those_there_are(cell, text):
    with pytest.raises(ValueError) as refusal:
        find(cell)
    assert str(refusal.value).startswith(text)


def test_the_course_in_use_is_this_repositorys():
    assert course.FOLDER == ROOT / "convolution"
    assert course.predictions().keys() >= {entry.prediction for entry in ASSIGNMENTS.values()}
    assert "flipped-kernel" in course.mistakes()


# --- another course ----------------------------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path):
    """A package with these modules, in a folder of its own: {module: source}."""

    def write(**modules):
        (tmp_path / "a_course").mkdir()
        for name, source in {"__init__": "", **modules}.items():
            (tmp_path / "a_course" / f"{name}.py").write_text(source, "utf-8")
        return tmp_path

    return write


ONE_EXERCISE = {
    "catalogue": """
from autograder.kinds import NUMBER
from autograder.model import Assignment, Case, Exercise

ASSIGNMENTS = {"t0": Assignment("t0", "Rectangles", 10, 1, "predict-t0", total=2)}
EXERCISES = {
    "area": Exercise(
        "area", "t0", NUMBER, {"values": 1}, right=lambda a, b: a * b, cases=lambda aspect, rng: [Case((2, 3))]
    )
}
""",
    "predictions": "PREDICTIONS = {'predict-t0': None}",
    "mistakes": "BANK = {'sum': None}",
}

ASK_IT = """
import sys
from autograder import check, course
assert list(course.EXERCISES) == ["area"] and list(course.ASSIGNMENTS) == ["t0"]
assert list(course.predictions()) == ["predict-t0"] and list(course.mistakes()) == ["sum"]
check(lambda height, width: height * width, "area")
print(course.FOLDER)
assert "convolution" not in sys.modules
"""


def test_the_environment_names_another_course(package):
    folder = package(**ONE_EXERCISE)
    assert python(["-c", ASK_IT], "a_course", folder) == (0, f"area, values: right\n{folder / 'a_course'}\n")


def test_an_empty_name_is_none():
    assert python(["-c", "from autograder import course; print(course.NAME)"], "") == (0, "convolution\n")


def test_a_course_that_is_not_there_is_named_with_the_remedy():
    code, said = python(["-m", "autograder", "mistakes"], "no_such_course")
    assert code == 2
    assert said == (
        "error: AUTOGRADER_COURSE is 'no_such_course', and there is no module no_such_course.catalogue: a course is a "
        "package with the modules catalogue, predictions and mistakes, in a folder that Python imports from "
        "(PYTHONPATH)\n"
    )


def test_a_package_without_a_catalogue_is_no_course(package):
    code, said = python(["-m", "autograder", "mistakes"], "a_course", package())
    assert code == 2
    assert said.startswith(
        "error: AUTOGRADER_COURSE is 'a_course', and there is no module a_course.catalogue: a course"
    )


def test_a_catalogue_without_exercises_is_no_catalogue(package):
    code, said = python(["-m", "autograder", "mistakes"], "a_course", package(catalogue="ASSIGNMENTS = {}"))
    assert (code, said) == (2, "error: AUTOGRADER_COURSE is 'a_course', and a_course.catalogue has no EXERCISES\n")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("predictions", "and there is no module a_course.predictions: a course is a package with the modules"),
        ("mistakes", "and a_course.mistakes has no BANK"),
    ],
)
def test_what_else_is_missing_is_named_when_it_is_asked_for(package, call, text):
    folder = package(catalogue="ASSIGNMENTS, EXERCISES = {}, {}", mistakes="")
    code, said = python(["-c", f"from autograder import course; course.{call}()"], "a_course", folder)
    assert code == 1 and f"FixableError: AUTOGRADER_COURSE is 'a_course', {text}" in said


def test_what_a_course_itself_cannot_import_keeps_its_own_error(package):
    """The module is there: that something else is missing is what its author has to read."""
    folder = package(catalogue="import no_such_package")
    code, said = python(["-m", "autograder", "mistakes"], "a_course", folder)
    assert code == 1 and said.endswith("ModuleNotFoundError: No module named 'no_such_package'\n")


def test_a_course_that_contradicts_itself_keeps_its_traceback(package):
    source = "from autograder.model import Exercise\nASSIGNMENTS, EXERCISES = {}, {}\nExercise('area', 't0', None, {})"
    code, said = python(["-m", "autograder", "mistakes"], "a_course", package(catalogue=source))
    assert code == 1
    assert "catalogue.py" in said
    assert said.endswith(
        "CourseError: the exercise 'area' has no right; give it the right function: right=reference.NAME\n"
    )


def test_points_that_do_not_add_up_are_an_error_at_import(monkeypatch):
    course.must_add_up()
    first = next(iter(course.ASSIGNMENTS.values()))
    monkeypatch.setitem(course.ASSIGNMENTS, first.name, replace(first, total=first.total + 1))
    with pytest.raises(CourseError, match=rf"the cells of {first.name} have 2 points, and its total is 3"):
        course.must_add_up()
