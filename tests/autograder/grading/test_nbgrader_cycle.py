"""nbgrader's own commands on eight students' notebooks: release, validate, autograde, feedback, export, formgrader."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from browsers import MISSING, find_browser, launched
from courses import ROOT, course, environment, nbgrader
from marks import EXPECTED, expected_marks
from write import STUDENTS

from autograder.course import graded_cells
from autograder.grading import grade
from autograder.grading.ledger import Ledger
from autograder.releasing import release

#: assignment -> who hands it in here: one assignment in NumPy alone, and one with torch and an explanation, where the
#: most can go wrong. `test_roads` has the marks of all eight for every assignment.
HANDED_IN = {
    "00-start": ["stops-half-way", "syntax-error", "warns"],
    "02-regular": STUDENTS,
}


def cycle(folder, assignment):
    """A course folder from a clone's files to feedback and an export, by nbgrader's own commands."""
    course(folder, [assignment], HANDED_IN[assignment])
    shutil.rmtree(folder / "exercises")
    [source] = release.source(folder, [assignment], report=lambda line: None)
    said = {"generate_assignment": nbgrader(folder, "generate_assignment", assignment)}
    released = folder / "exercises" / assignment / f"{assignment}.ipynb"
    said["validate"] = nbgrader(folder, "validate", str(released), str(source))
    said["autograde"] = nbgrader(folder, "autograde", assignment)
    said["generate_feedback"] = nbgrader(folder, "generate_feedback", assignment)
    said["export"] = nbgrader(folder, "export")
    return said


@pytest.fixture(scope="module")
def courses(tmp_path_factory):
    """assignment -> (course folder, what nbgrader said), the whole cycle done.

    A course folder for each, because nbgrader does not survive two writers to one gradebook.
    """
    base = tmp_path_factory.mktemp("courses")
    longest_first = sorted(HANDED_IN, reverse=True)
    with ThreadPoolExecutor(2) as pool:  # the work is done by processes; more would only wait for each other
        said = dict(zip(longest_first, pool.map(lambda name: cycle(base / name, name), longest_first), strict=True))
    return {name: (base / name, words) for name, words in said.items()}


EVERY = [(assignment, student) for assignment in HANDED_IN for student in HANDED_IN[assignment]]


# --- before students have it -----------------------------------------------------------------------------------


@pytest.mark.parametrize("assignment", HANDED_IN)
def test_generate_assignment_gives_what_is_committed(courses, assignment):
    folder, _ = courses[assignment]
    name = f"exercises/{assignment}/{assignment}.ipynb"
    assert (folder / name).read_bytes() == (ROOT / name).read_bytes()


@pytest.mark.parametrize("assignment", HANDED_IN)
def test_validate(courses, assignment):
    _, said = courses[assignment]
    of_the_release, of_the_solution = said["validate"].split("Success! Your notebook passes all the tests.")
    assert f"VALIDATION FAILED ON {len(graded_cells(assignment))} CELL(S)!" in of_the_release
    assert "not written yet" in of_the_release
    assert "VALIDATION FAILED" not in of_the_solution


# --- marks -----------------------------------------------------------------------------------------------------


def wrong_marks(rows, student, assignment, book=EXPECTED):
    """The cells whose mark is not the expected one."""
    marks, total = expected_marks(student, assignment, book)
    assert [row["cell"] for row in rows] == list(marks), "a row for each graded cell, in order"
    wrong = [
        f"{row['cell']}: {row['score']} instead of {marks[row['cell']]} ({row['reason']})"
        for row in rows
        if row["score"] != marks[row["cell"]]
    ]
    if sum(row["score"] or 0 for row in rows) != total:
        wrong.append(f"total: {sum(row['score'] or 0 for row in rows)} instead of {total}")
    return wrong


@pytest.mark.parametrize(("assignment", "student"), EVERY)
def test_marks(courses, assignment, student):
    folder, _ = courses[assignment]
    rows = grade.rows(folder, [(student, assignment)])
    assert not wrong_marks(rows, student, assignment)
    for row in rows:
        by_hand = row["score"] is None
        assert row["status"] == ("needs-manual-grade" if by_hand else "graded")
        assert bool(row["reason"]) == (by_hand or row["score"] < row["max_score"])
        assert row["max_score"] == graded_cells(assignment)[row["cell"]]


def test_a_wrong_mark_is_found(courses):
    book = json.loads(json.dumps(EXPECTED))
    folder, _ = courses["02-regular"]
    rows = grade.rows(folder, [("flips-the-kernel", "02-regular")])
    del book["flips-the-kernel"]["02-regular"]["conv2d-values"]
    assert wrong_marks(rows, "flips-the-kernel", "02-regular", book) == [
        f"conv2d-values: 0.0 instead of 1 ({rows[1]['reason']})",
        "total: 15.5 instead of 16.5",
    ]
    assert rows[1]["reason"].startswith("conv2d, values: wrong for x (1, 1, ")


@pytest.mark.parametrize(("assignment", "student"), EVERY)
def test_export(courses, assignment, student):
    folder, _ = courses[assignment]
    with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows[student]["score"]) == expected_marks(student, assignment)[1]
    assert float(rows[student]["max_score"]) == sum(graded_cells(assignment).values())


# --- feedback --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("assignment", "student"), EVERY)
def test_feedback(courses, assignment, student):
    folder, _ = courses[assignment]
    page = (folder / "feedback" / student / assignment / f"{assignment}.html").read_text(encoding="utf-8")
    total, most = expected_marks(student, assignment)[1], sum(graded_cells(assignment).values())
    assert re.search(rf"<strong>{total:g}</strong> of {most:g} points( so far)?<", page)


def test_feedback_says_what_is_wrong(courses):
    folder, _ = courses["02-regular"]
    page = (folder / "feedback" / "flips-the-kernel" / "02-regular" / "02-regular.html").read_text(encoding="utf-8")
    assert "conv2d, values: wrong for x (1, 1, " in page
    assert "Your numbers are those of a kernel flipped in both directions." in page
    assert "conv2d, stride: right, given what is already counted: flipped-kernel" in page
    # The diagnosis is the whole message: no frame of the checker's own code stands before it.
    assert "autograder/checks/" not in page


def test_feedback_shows_the_syntax_error(courses):
    folder, _ = courses["00-start"]
    page = (folder / "feedback" / "syntax-error" / "00-start" / "00-start.html").read_text(encoding="utf-8")
    assert "SyntaxError" in page
    rows = {row["cell"]: row for row in grade.rows(folder, [("syntax-error", "00-start")])}
    assert rows["window_sum-values"]["reason"] == (
        "no function window_sum: the cell that defines it did not run to its end "
        "(its cell: SyntaxError: incomplete input, line 7)"
    )


# --- formgrader ------------------------------------------------------------------------------------------------


class Formgrader:
    """A Jupyter server on one course, on loopback, with formgrader in it."""

    token = "a-token-for-this-test-only"

    def __init__(self, folder):
        self.folder = folder
        self.log = folder.parent / "jupyter.log"
        command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--ip=127.0.0.1", "--port=0"]
        command += [f"--IdentityProvider.token={self.token}", "--ServerApp.port_retries=50"]
        command += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        runtime = folder.parent / "jupyter"
        shutil.rmtree(runtime, ignore_errors=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=environment(folder.parent), stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not list(runtime.glob("jpserver-*.json")):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)
        [about] = runtime.glob("jpserver-*.json")
        # The server writes this file a moment before it listens.
        while True:
            try:
                self.url = json.loads(about.read_text())["url"]
                self.ask("api/status")
                break
            except (ValueError, OSError):
                assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.1)

    def ask(self, path, data=None):
        """The answer to a request, as text; ``data`` makes it a POST."""
        request = urllib.request.Request(self.url + path, data=data, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def close(self):
        """Stop the server."""
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def formgrader(courses):
    folder, _ = courses["02-regular"]
    server = Formgrader(folder)
    yield server
    server.close()


def test_formgrader_lists_the_assignments(formgrader):
    answer = formgrader.ask("formgrader/api/assignments")
    listed = {about["name"]: about for about in json.loads(answer)}
    assert "02-regular" in listed, answer + formgrader.log.read_text()
    assert listed["02-regular"]["source_path"] == os.path.join("_build", "source", "02-regular")
    assert listed["02-regular"]["release_path"] == os.path.join("exercises", "02-regular")
    assert listed["02-regular"]["max_score"] == 20
    assert listed["02-regular"]["num_submissions"] == len(STUDENTS)


def submissions(formgrader):
    notebooks = json.loads(formgrader.ask("formgrader/api/submitted_notebooks/02-regular/02-regular"))
    return {about["student"]: about for about in notebooks}


def test_formgrader_has_the_marks(formgrader):
    listed = submissions(formgrader)
    assert {name: about["score"] for name, about in listed.items()} == {
        student: expected_marks(student, "02-regular")[1] for student in STUDENTS
    }
    assert [name for name, about in listed.items() if not about["needs_manual_grade"]] == ["stops-half-way"]


def test_formgrader_pages_answer(formgrader):
    for page in ("", "manage_assignments", "manage_submissions/02-regular", "gradebook", "manage_students"):
        assert "nbgrader" in formgrader.ask(f"formgrader/{page}")
    with urllib.request.urlopen(formgrader.url + "formgrader/api/assignments", timeout=60) as answer:
        assert "/login?" in answer.url  # without the token nobody sees a mark


@pytest.mark.browser
def test_formgrader_in_a_browser(formgrader):
    assert find_browser(), MISSING
    problems = []
    with launched() as browser:
        page = browser.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{formgrader.url}login?token={formgrader.token}")
        page.goto(f"{formgrader.url}formgrader/manage_submissions/02-regular")
        line = page.locator("tr", has_text="flips-the-kernel")
        line.get_by_text("15.5 / 20").wait_for()
        assert "needs manual grading" in line.inner_text()
        about = submissions(formgrader)["flips-the-kernel"]
        page.goto(f"{formgrader.url}formgrader/submissions/{about['id']}")
        page.locator("code", has_text="conv2d-values").first.wait_for()
        # A box for points beside each graded cell, filled in with the mark.
        boxes = page.locator("input.score")
        page.wait_for_function("document.querySelectorAll('input.score')[1]?.placeholder !== ''")
        assert boxes.count() == len(graded_cells("02-regular"))
        marks = expected_marks("flips-the-kernel", "02-regular")[0]
        shown = [boxes.nth(number).get_attribute("placeholder") for number in range(boxes.count())]
        assert [float(mark) for mark in shown[:-1]] == list(marks.values())[:-1]
    # Without a network formgrader misses MathJax, which our notebooks do not use.
    assert [problem for problem in problems if "MathJax" not in problem] == []


def mark_by_hand(formgrader, student, cell, points):
    """As formgrader's page does it; what the gradebook had before."""
    about = submissions(formgrader)[student]
    grades = json.loads(formgrader.ask(f"formgrader/api/grades?submission_id={about['id']}"))
    [mark] = [mark for mark in grades if mark["name"] == cell]
    body = json.dumps({"manual_score": points, "extra_credit": None}).encode()
    request = urllib.request.Request(
        f"{formgrader.url}formgrader/api/grade/{mark['id']}",
        data=body,
        method="PUT",
        headers={"Authorization": f"token {formgrader.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert json.loads(answer.read())["manual_score"] == points
    return mark


def test_a_person_marks_the_explanation(formgrader):
    """The mark counts, and the page of feedback that formgrader's button makes has it."""
    about = submissions(formgrader)["flips-the-kernel"]
    page = formgrader.ask(f"formgrader/submissions/{about['id']}")
    assert "So with six" not in page and "6 channels need 6 slices in each filter." in page
    assert mark_by_hand(formgrader, "flips-the-kernel", "explain-regular", 2)["needs_manual_grade"]
    rows = {row["cell"]: row for row in grade.rows(formgrader.folder, [("flips-the-kernel", "02-regular")])}
    row = rows["explain-regular"]
    assert (row["score"], row["status"], row["reason"]) == (2, "graded", "graded by hand")
    path = formgrader.folder / "feedback" / "flips-the-kernel" / "02-regular" / "02-regular.html"
    before = path.read_text(encoding="utf-8")
    assert "15.5</strong> of 20 points so far<" in before
    formgrader.ask("formgrader/api/assignment/02-regular/flips-the-kernel/generate_feedback", data=b"")
    after = path.read_text(encoding="utf-8")
    assert "17.5</strong> of 20 points<" in after
    nbgrader(formgrader.folder, "generate_feedback", "02-regular", "--student", "flips-the-kernel", "--force")
    assert path.read_text(encoding="utf-8") == after  # the button and the command make the same page


def test_grading_again_from_formgraders_button_leaves_the_mark_by_hand(formgrader):
    mark_by_hand(formgrader, "flips-the-kernel", "explain-regular", 2)
    before = grade.rows(formgrader.folder, [("flips-the-kernel", "02-regular")])
    assert before[-1]["score"] == 2
    formgrader.ask("formgrader/api/submission/02-regular/flips-the-kernel/autograde", data=b"")
    after = grade.rows(formgrader.folder, [("flips-the-kernel", "02-regular")])
    assert after[-1] == before[-1] | {
        "status": "needs-manual-grade",
        "reason": "graded by hand before, and submitted again since",
    }
    assert after[:-1] == before[:-1]
    # It went behind the walls, and that is on record.
    entry = Ledger(formgrader.folder).entry("flips-the-kernel", "02-regular")
    assert entry["walls"].startswith("files, network, processes")
    assert entry["fingerprint"]
