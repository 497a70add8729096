"""A gradebook of one assignment with four cells, and notebooks and results to enter into it; nothing is graded."""

import functools
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbgrader.utils import compute_checksum
from traitlets.config import Config

from autograder.grading.gradebook import Gradebook
from autograder.grading.results import BY_HAND, FAILED, PASSED, CellResult
from autograder.releasing.release import quiet_nbgrader

NAME = "01-blur"
#: graded cell -> points; the last is read by a person, the third is worth nothing.
POINTS = {"blur-values": 2.0, "blur-stride": 1.0, "blur-layout": 0.0, "explain-blur": 3.0}
SOLUTIONS = ("blur", "explain-blur")
DUE = "2026-11-19"


def config(penalty="none"):
    """A configuration; ``penalty``: nbgrader's method, "none" or "zero"."""
    return Config(LateSubmissionPlugin={"penalty_method": penalty}, CourseDirectory={"course_id": "blurring"})


def small_course(folder, penalty="none"):
    """An open `Gradebook` in a folder, which knows the assignment and nobody's submission."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(_new(), folder / "gradebook.db")
    return Gradebook(folder, config(penalty))


@functools.cache
def _new():
    folder = Path(tempfile.mkdtemp(prefix="small-course-"))
    with quiet_nbgrader(), Gradebook(folder, config()) as book:
        book.records.update_or_create_assignment(NAME, duedate=DUE)
        book.records.update_or_create_notebook(NAME, NAME)
        for cell, points in POINTS.items():
            kind = "markdown" if cell in SOLUTIONS else "code"
            book.records.update_or_create_grade_cell(cell, NAME, NAME, max_score=points, cell_type=kind)
        for cell in SOLUTIONS:
            book.records.update_or_create_solution_cell(cell, NAME, NAME)
    return folder / "gradebook.db"


def begin_record(book, student):
    """Enter what nbgrader does of a submission before it grades it."""
    with quiet_nbgrader():
        book.records.update_or_create_student(student)
        book.records.update_or_create_submission(NAME, student)


def notebook(untouched=()):
    """A graded notebook; ``untouched``: the solution cells that are as they were released."""
    cells = [_cell("code", "blur", solution=True)]
    cells += [_cell("code", cell, grade=True, points=POINTS[cell]) for cell in POINTS if cell not in SOLUTIONS]
    cells.append(_cell("markdown", "explain-blur", grade=True, solution=True, points=POINTS["explain-blur"]))
    for cell in cells:
        if cell.metadata.nbgrader["solution"]:
            cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
            cell.source += "" if cell.metadata.nbgrader["grade_id"] in untouched else "\nmine"
    return nbformat.v4.new_notebook(cells=cells)


def _cell(kind, name, grade=False, solution=False, **more):
    metadata = {"grade_id": name, "grade": grade, "solution": solution, "locked": False, "task": False, **more}
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make("released", metadata={"nbgrader": {"schema_version": 3, **metadata}})


def results(**points):
    """Results with these points, of cells named with _ for -; the others are right, and the last is for a person."""
    points = {name.replace("_", "-"): value for name, value in points.items()}
    given = {cell: None if cell == "explain-blur" else most for cell, most in POINTS.items()} | points
    return [
        CellResult(cell, BY_HAND if value is None else PASSED if value >= POINTS[cell] else FAILED, value, POINTS[cell])
        for cell, value in given.items()
    ]
