"""The one line of a graded cell, taken apart without running it, and without what releasing needs."""

import subprocess
import sys

import pytest
from places import ROOT

from autograder.course import ASSIGNMENTS
from autograder.releasing.graded_cell import graded_call


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ('check(conv2d, "conv2d-stride")', ("check", "conv2d", "conv2d-stride")),
        ("check(conv2d, 'conv2d-stride')", ("check", "conv2d", "conv2d-stride")),
        ('check_answer(prediction, "predict-start")', ("check_answer", "prediction", "predict-start")),
    ],
)
def test_a_graded_line(code, call):
    assert graded_call(code) == call


@pytest.mark.parametrize(
    "code",
    [
        "",
        "check(",
        "x = 1",
        "check",
        "check(conv2d)",
        'check(conv2d, name="conv2d-stride")',
        'check(conv2d, "conv2d-stride", 3)',
        "check(conv2d, 3)",
        'check(f(), "conv2d-stride")',
        'check(conv2d, f"conv2d-{x}")',
        'print(conv2d, "conv2d-stride")',
        'autograder.check(conv2d, "conv2d-stride")',
        'x = check(conv2d, "conv2d-stride")',
        'check(conv2d, "conv2d-stride");',
        'check(conv2d, "conv2d-stride")\n',
        'check(conv2d, "conv2d-stride")  # right',
        ' check(conv2d, "conv2d-stride")',
        'check(conv2d,"conv2d-stride")',
        'check(conv2d, "conv2d-stride")\ncheck(conv2d, "conv2d-stride")',
    ],
)
def test_anything_else_is_not_graded(code):
    assert graded_call(code) is None


def loaded_with(module):
    """The packages that are imported with a module, in a fresh Python."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT).stdout.split())


def test_marking_takes_cells_apart_without_loading_what_makes_them():
    heavy = {"nbgrader", "jupytext", "nbconvert", "sqlalchemy"}
    assert not heavy & loaded_with("autograder.grading.marking")
    assert heavy <= loaded_with("autograder.releasing.release")


def test_every_line_of_the_catalogue_is_a_graded_one():
    from autograder.course import find, graded_cells

    for assignment, entry in ASSIGNMENTS.items():
        for name in graded_cells(assignment):
            if name not in (entry.prediction, entry.explanation):
                exercise, _ = find(name)
                assert graded_call(f'check({exercise.name}, "{name}")') == ("check", exercise.name, name)
