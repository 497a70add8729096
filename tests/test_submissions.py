"""The eight students' marks for every assignment, asked in this process: no kernel, no gradebook, the same checks.

`test_nbgrader_cycle` sends a part of them through nbgrader itself.
"""

import contextlib
import json
import warnings

import pytest
from submissions.marks import EXPECTED, STUDENTS, expected_marks
from submissions.write import write

from autograder.checks import judge
from autograder.exercises import ASSIGNMENTS, exercises_of, graded_cells
from autograder.notebook import CheckFailed, check_answer
from autograder.subject import Local


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    """(student, assignment) -> the filled notebook."""
    paths = write(tmp_path_factory.mktemp("submitted"))
    return {(path.parts[-3], path.stem): json.loads(path.read_text(encoding="utf-8")) for path in paths}


def defined_by(notebook):
    """What the code cells define, run in order; a cell that raises keeps what it did before."""
    namespace = {"__name__": "notebook"}
    for cell in notebook["cells"]:
        metadata = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] != "code" or (metadata.get("grade") and not metadata.get("solution")):
            continue
        source = "".join(cell["source"])
        with contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(source, cell["id"], "exec"), namespace)
    return namespace


def marks(notebook, assignment):
    """cell -> points, None where a person decides."""
    namespace = defined_by(notebook)
    earned = dict.fromkeys(graded_cells(assignment), 0)
    about = ASSIGNMENTS[assignment]
    with contextlib.suppress(CheckFailed):
        check_answer(namespace.get("prediction"), about.prediction)
        earned[about.prediction] = graded_cells(assignment)[about.prediction]
    for exercise in exercises_of(assignment):
        if callable(namespace.get(exercise.name)):
            for verdict in judge(exercise.name, Local(namespace[exercise.name])):
                earned[f"{exercise.name}-{verdict.aspect}"] = verdict.points
    if about.explanation:
        earned[about.explanation] = None
    return earned


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("student", STUDENTS)
def test_marks(notebooks, student, assignment):
    expected, total = expected_marks(student, assignment)
    if EXPECTED[student][assignment].get(ASSIGNMENTS[assignment].explanation) == 0:
        expected[ASSIGNMENTS[assignment].explanation] = None  # that nothing was written, nbgrader sees
    earned = marks(notebooks[student, assignment], assignment)
    assert earned == expected
    assert sum(points or 0 for points in earned.values()) == total


def test_a_wrong_mark_is_found(notebooks):
    expected, _ = expected_marks("flips-the-kernel", "02-regular")
    earned = marks(notebooks["vectorises-everything", "02-regular"], "02-regular")
    assert {cell for cell in earned if earned[cell] != expected[cell]} == {"conv2d-values", "conv2d_torch-values"}
