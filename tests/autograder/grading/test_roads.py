"""Three ways to grade the same submissions: ``grade``, nbgrader with our plug-ins, and nbgrader as it is shipped.

The first two are one road, and leave the same gradebook, notebooks, feedback and export. The third runs student code
and checks in one process, by nbgrader's own means: with the same data the marks of honest work are the same there.
"""

import csv
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from courses import AS_SHIPPED, configure, course, gradebook, judged_by_nbgrader, nbgrader
from marks import expected_marks
from nbgrader.api import Gradebook
from write import STUDENTS

from autograder.course import ASSIGNMENTS, graded_cells
from autograder.grading import grade
from autograder.grading.ledger import Ledger
from autograder.grading.register import register
from autograder.grading.results import kept_results
from autograder.model import PUBLIC_SEED

SMALL = ("00-start", "01-window")
WHO = ("flips-the-kernel", "helper-cells", "stops-half-way", "warns")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A course with something of everything: late, with a comment by hand, ended by a cell, and unreadable."""
    folder = course(tmp_path_factory.mktemp("small") / "course", SMALL, WHO)
    configure(folder, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    (folder / "submitted" / "warns" / "00-start" / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    (folder / "submitted" / "stops-half-way" / "00-start" / "00-start.ipynb").write_bytes(b'{"cells": [')
    path = folder / "submitted" / "flips-the-kernel" / "01-window" / "01-window.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    ends = {"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "execution_count": 1}
    notebook["cells"].insert(3, ends | {"source": "import os\nos._exit(0)"})
    path.write_text(json.dumps(notebook), encoding="utf-8")
    for name in SMALL:
        nbgrader(folder, "generate_assignment", name, "--force")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        book.update_or_create_assignment("00-start", duedate="2026-11-19")
    return folder


def by_hand(folder):
    """Add a mark and a comment, as a person would."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        book.find_grade("output_size-errors", "01-window", "01-window", "warns").manual_score = 0.25
        book.find_comment("output_size", "01-window", "01-window", "warns").manual_comment = "See me."
        book.db.commit()


@pytest.fixture(scope="module")
def ours(small, tmp_path_factory):
    """Graded by `grade`, marked by hand, and graded again; and what was there before that."""
    folder = shutil.copytree(small, tmp_path_factory.mktemp("ours") / "course")
    grade.grade(folder, seed=PUBLIC_SEED, report=lambda line: None)
    before = gradebook(folder)
    by_hand(folder)
    run = grade.grade(folder, seed=PUBLIC_SEED, report=lambda line: None, force=True)
    nbgrader(folder, "export")
    return folder, before, list(run.rows())


@pytest.fixture(scope="module")
def theirs(small, tmp_path_factory):
    """The same by nbgrader's commands."""
    folder = shutil.copytree(small, tmp_path_factory.mktemp("theirs") / "course")
    for again in ((), ("--force",)):
        for name in SMALL:
            nbgrader(folder, "autograde", name, *again, fails=name == "00-start")
        if not again:
            before = gradebook(folder)
            by_hand(folder)
    for name in SMALL:
        nbgrader(folder, "generate_feedback", name)
    nbgrader(folder, "export")
    return folder, before


def test_the_same_gradebook(ours, theirs):
    assert ours[1] == theirs[1]
    assert gradebook(ours[0]) == gradebook(theirs[0])
    assert len(ours[1]) == len(SMALL) * len(WHO) - 1  # all but the unreadable one


def test_the_gradebook_has_what_it_should(ours):
    folder, before, _ = ours
    late = before["00-start", "warns"]["late"]
    assert (str(late[0]), late[1]) == ("2026-11-20 10:00:00", 2)
    assert before["00-start", "helper-cells"]["late"] == (None, None)
    now = gradebook(folder)["01-window", "warns"]
    assert now["grades"]["output_size-errors"] == (1, 0.25, None, True)
    assert now["comments"]["output_size"] == (None, "See me.")
    assert before["01-window", "stops-half-way"]["comments"]["convolve2d"][0] == "No response."


@pytest.mark.parametrize("assignment", SMALL)
@pytest.mark.parametrize("student", WHO)
def test_the_same_notebooks_and_feedback(ours, theirs, student, assignment):
    unreadable = (student, assignment) == ("stops-half-way", "00-start")
    for name in (
        f"autograded/{student}/{assignment}/{assignment}.ipynb",
        f"feedback/{student}/{assignment}/{assignment}.html",
    ):
        first, second = ours[0] / name, theirs[0] / name
        assert first.is_file() == second.is_file() == (not unreadable)
        if not unreadable:
            assert first.read_text(encoding="utf-8").rstrip() == second.read_text(encoding="utf-8").rstrip()


def test_the_same_export_which_is_empty_where_it_could_not_be_graded(ours, theirs):
    read = []
    for folder in (ours[0], theirs[0]):
        with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
            read.append(list(csv.DictReader(file)))
    assert read[0] == read[1]
    rows = {(row["student_id"], row["assignment"]): row for row in read[0]}
    ungraded = rows["stops-half-way", "00-start"]
    assert [ungraded[name] for name in ("raw_score", "late_submission_penalty", "score")] == ["", "", ""]
    assert ungraded["could_not_grade"].startswith("00-start.ipynb is not a notebook: ")
    assert (rows["warns", "00-start"]["raw_score"], rows["warns", "00-start"]["score"]) == ("2.0", "0.0")
    assert rows["warns", "01-window"]["could_not_grade"] == ""


def test_the_same_ledger(ours, theirs):
    assert Ledger(ours[0]).entries.keys() == Ledger(theirs[0]).entries.keys()
    for key, entry in Ledger(ours[0]).entries.items():
        entry.pop("feedback", None)  # nbgrader's command does not say that it wrote a page
        kept = ("reason", "remarks") if "reason" in entry else entry
        assert {name: Ledger(theirs[0]).entries[key].get(name) for name in kept} == {
            name: entry.get(name) for name in kept
        }


def test_what_nbgrader_graded_is_not_graded_again(theirs):
    run = grade.grade(theirs[0], seed=PUBLIC_SEED, report=lambda line: None, feedback=False)
    assert run.done == 1  # the one that could not be


# ---------------------------------------------------------------- nbgrader as it is shipped


#: It takes a third of nbgrader's own time and changes no mark.
NO_SCHEMA = "c.CheckCellMetadata.enabled = False\n"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """assignment -> course folder in which plain nbgrader graded all eight; two at a time, a gradebook for each."""
    base = tmp_path_factory.mktemp("shipped")

    folders = {}
    for name in sorted(ASSIGNMENTS, reverse=True):  # the longest first
        folders[name] = course(base / name, [name])
        configure(folders[name], AS_SHIPPED + NO_SCHEMA)
        register(folders[name], [name], report=lambda line: None)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: nbgrader(folders[name], "autograde", name), folders))
    return folders


@pytest.fixture(scope="module")
def walled(tmp_path_factory):
    """All of it by ``grade``."""
    folder = course(tmp_path_factory.mktemp("walled") / "course")
    grade.grade(folder, seed=PUBLIC_SEED, report=lambda line: None, feedback=False)
    return folder


@pytest.fixture(scope="module")
def walled_marks(walled):
    return gradebook(walled)


@pytest.fixture(scope="module")
def walled_private(walled, walled_marks):
    """And with data that nobody sees, once what there was before is read."""
    return grade.grade(walled, seed="nobody's", report=lambda line: None, feedback=False)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_honest_marks_are_those_of_nbgrader_as_it_is_shipped(shipped, walled_marks, assignment):
    plain = gradebook(shipped[assignment])
    for student in STUDENTS:
        assert walled_marks[assignment, student] == plain[assignment, student], student
    assert (shipped[assignment] / "autograded" / ".graded.jsonl").exists() is False  # our road was not taken there


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("student", STUDENTS)
def test_marks_are_the_expected_ones(walled_marks, student, assignment):
    marks, _ = expected_marks(student, assignment)
    found = walled_marks[assignment, student]["grades"]
    assert {cell: found[cell][0] for cell in graded_cells(assignment)} == marks


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("student", STUDENTS)
def test_nbgrader_reads_the_same_marks_from_the_outputs(walled, walled_marks, student, assignment):
    """The results are what counts; nbgrader's own functions, asked of the graded notebook, must agree with them."""
    results = kept_results(Ledger(walled).entry(student, assignment))
    assert list(results) == list(graded_cells(assignment))
    assert judged_by_nbgrader(walled, student, assignment) == {
        cell: (result.points, result.max_points) for cell, result in results.items()
    }


def test_hidden_data_change_no_honest_mark(walled_private):
    assert walled_private.done == len(STUDENTS) * len(ASSIGNMENTS)
    assert walled_private.changed == []
