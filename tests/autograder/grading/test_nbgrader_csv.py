"""The CSV file of `nbgrader export`, from a real gradebook and a ledger."""

import csv

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import CsvExportPlugin
from small_course import NAME, begin_record, config, notebook, results, small_course

from autograder.grading.exchange.nbgrader_csv import COLUMNS, NOT_YET, Export, rows
from autograder.grading.ledger import Ledger
from autograder.releasing.release import quiet_nbgrader


@pytest.fixture
def coursedir(tmp_path):
    return CourseDirectory(config=config(), root=str(tmp_path))


@pytest.fixture
def book(tmp_path):
    """Ada and Bob were graded, Cyd was too late, Dee's file was broken, Eve handed in nothing, Fay waits."""
    with small_course(tmp_path, penalty="zero") as book:
        for student in ("ada", "bob", "cyd"):
            folder = tmp_path / "submitted" / student / NAME
            folder.mkdir(parents=True)
            if student == "cyd":
                (folder / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
            book.save(NAME, student, notebook(), folder, results(blur_values=0 if student == "bob" else 2))
        with quiet_nbgrader():
            book.records.update_or_create_student("ada", last_name='Lovelace, "Countess"', first_name="Ada\nAugusta")
            book.records.update_or_create_student("eve")
            book.records.update_or_create_student("fay")
        Ledger(tmp_path).note("dee", NAME, reason="01-blur.ipynb is empty")
        (tmp_path / "submitted" / "fay" / NAME).mkdir(parents=True)
        yield book


def test_every_student_has_a_row(book, coursedir):
    found = {row["student_id"]: row for row in rows(book, coursedir)}
    assert list(found) == ["ada", "bob", "cyd", "dee", "eve", "fay"]
    assert all(set(row) <= set(COLUMNS) for row in found.values())
    assert {row["max_score"] for row in found.values()} == {6}
    marks = ("raw_score", "late_submission_penalty", "score")
    assert [found["ada"][name] for name in marks] == [3, None, 3]
    assert [found["bob"][name] for name in marks] == [1, None, 1]
    assert [found["cyd"][name] for name in marks] == [3, 3, 0] and str(found["cyd"]["timestamp"])[:10] == "2026-11-20"
    assert [found["eve"][name] for name in marks] == [0, 0, 0]  # nothing was handed in
    for student, reason in (("dee", "01-blur.ipynb is empty"), ("fay", NOT_YET)):
        assert found[student]["could_not_grade"] == reason
        assert not set(found[student]) & set(marks), "what could not be graded is no zero"
    assert not any("could_not_grade" in found[student] for student in ("ada", "bob", "cyd", "eve"))


def test_a_score_is_never_negative(book, coursedir):
    """A person took points away after the penalty had been decided on."""
    book.records.find_grade("blur-stride", NAME, NAME, "cyd").manual_score = 0
    book.records.db.commit()
    [row] = rows(book, coursedir, students=["cyd"])
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == (2, 3, 0)


def test_a_record_without_marks_is_no_zero(book, coursedir):
    begin_record(book, "eve")
    [row] = rows(book, coursedir, students=["eve"])
    assert row["could_not_grade"] == NOT_YET and "score" not in row


def test_a_submission_that_could_not_be_graded_again_has_no_old_marks(book, coursedir, tmp_path):
    Ledger(tmp_path).note("ada", NAME, reason="01-blur.ipynb is empty")
    [row] = rows(book, coursedir, students=["ada"])
    assert row["could_not_grade"] == "01-blur.ipynb is empty" and "score" not in row


def test_what_was_asked_for(book, coursedir):
    assert [row["student_id"] for row in rows(book, coursedir, [NAME], ["bob", "nobody"])] == ["bob"]
    assert list(rows(book, coursedir, ["02-sharpen"])) == []


class Command(CsvExportPlugin):
    """Stands for nbgrader's command, which is the plug-in's parent."""

    def __init__(self, coursedir):
        super().__init__(config=config())
        self.coursedir = coursedir


@pytest.mark.parametrize("of", [[], ["ada"]])
def test_the_file(book, coursedir, tmp_path, of):
    """Its names need quotes, which nbgrader's own file has not."""
    plugin = Export(parent=Command(coursedir), to=str(tmp_path / "grades.csv"), student=of)
    plugin.export(book.records)
    with open(tmp_path / "grades.csv", encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert tuple(found[0]) == COLUMNS
    assert len(found) == (1 if of else 6)
    assert (found[0]["last_name"], found[0]["first_name"]) == ('Lovelace, "Countess"', "Ada\nAugusta")
    assert (found[0]["raw_score"], found[0]["late_submission_penalty"], found[0]["score"]) == ("3.0", "", "3.0")
    assert (found[0]["duedate"], found[0]["could_not_grade"]) == ("2026-11-19 00:00:00", "")
