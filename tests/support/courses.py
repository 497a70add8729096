"""Course folders to try things in, and nbgrader's own commands there."""

import os
import shutil
import sys
from pathlib import Path

import nbformat
from kernels import run_with_kernels
from nbgrader.utils import determine_grade, is_grade
from places import ROOT
from write import STUDENTS, write

from autograder.course import ASSIGNMENTS
from autograder.model import PUBLIC_SEED
from autograder.releasing import release


def course(folder, assignments=tuple(ASSIGNMENTS), students=STUDENTS):
    """A course folder as a clone has it, with what some of the eight students handed in."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / release.CONFIG, folder)
    for name in ("solutions", "exercises"):
        for assignment in assignments:
            shutil.copytree(ROOT / name / assignment, folder / name / assignment)
    release.source(folder, assignments, report=lambda line: None)
    write(folder / "submitted", list(assignments), students=students)
    return Path(folder)


def configure(folder, lines):
    """Add lines to a course's nbgrader_config.py."""
    with (folder / release.CONFIG).open("a", encoding="utf-8") as file:
        file.write(f"\n{lines}\n")


#: nbgrader as it is shipped: its own steps in its own process, no rebuilding, no walls.
AS_SHIPPED = """
c.Autograde.sanitize_preprocessors = Autograde.sanitize_preprocessors.default()
c.Autograde.autograde_preprocessors = Autograde.autograde_preprocessors.default()
from nbconvert.exporters import NotebookExporter
c.Autograde.exporter_class = NotebookExporter
c.Execute = type(c)(timeout=60, extra_arguments=["--log-level=ERROR"])
"""


def environment(folder, seed=PUBLIC_SEED):
    """The environment of nbgrader's commands: its helpers, this package, the course's seed, nobody's configuration."""
    return os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "AUTOGRADER_SEED": str(seed),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter"),
        "IPYTHONDIR": str(folder / "ipython"),
        "OMP_NUM_THREADS": "1",  # the arrays are small and there are other processes
    }


def nbgrader(folder, *arguments, fails=False, seed=PUBLIC_SEED):
    """Run one of nbgrader's commands in a course; what it printed."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    code, printed = run_with_kernels(command, folder, environment(folder.parent, seed))
    assert (code != 0) == fails, f"nbgrader {' '.join(arguments)}\n{printed}"
    return printed


def gradebook(folder):
    """All that a gradebook says of submissions, without the numbers that are drawn: to compare two."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        return {
            (assignment.name, submitted.student.id): {
                "late": (submitted.timestamp, notebook.late_submission_penalty),
                "grades": {
                    grade.name: (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade)
                    for grade in notebook.grades
                },
                "comments": {
                    comment.name: (comment.auto_comment, comment.manual_comment) for comment in notebook.comments
                },
            }
            for assignment in book.assignments
            for submitted in assignment.submissions
            for notebook in submitted.notebooks
        }


def judged_by_nbgrader(folder, student, assignment):
    """cell -> (points, most) that nbgrader's own `determine_grade` reads from a graded notebook's outputs."""
    path = folder / "autograded" / student / assignment / f"{assignment}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    return {cell.metadata.nbgrader.grade_id: determine_grade(cell, None) for cell in cells if is_grade(cell)}
