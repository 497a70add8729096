"""The gradebook: real databases, results that are entered, and marks that are read."""

import gc
import os
import sqlite3
import threading

import pytest
from nbgrader.api import MissingEntry
from small_course import NAME, POINTS, begin_record, config, notebook, results, small_course
from tornado.log import app_log

from autograder.grading.gradebook import CellMarks, Gradebook, GradebookError, Marks
from autograder.grading.results import CellResult


@pytest.fixture
def folder(tmp_path):
    """A submission's folder."""
    (tmp_path / "submitted").mkdir()
    return tmp_path / "submitted"


@pytest.fixture
def book(tmp_path):
    with small_course(tmp_path) as book:
        yield book


@pytest.fixture
def late_is_zero(tmp_path, folder):
    """A gradebook that takes everything off for a late submission, and a submission that is late."""
    (folder / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    with small_course(tmp_path, penalty="zero") as book:
        yield book


def enter(book, folder, untouched=(), **points):
    return book.save(NAME, "ada", notebook(untouched), folder, results(**points))


def scores(book, student="ada"):
    return {cell: marks.score for cell, marks in book.marks(NAME, student).cells.items()}


def test_the_points_of_the_results_are_entered(book, folder):
    assert book.marks(NAME, "ada") is None and not book.has(NAME, "ada")
    assert enter(book, folder, blur_stride=0.25) == {}
    marks = book.marks(NAME, "ada")
    assert marks.cells == {
        "blur-values": CellMarks(2.0, None, None, 2.0, False),
        "blur-stride": CellMarks(0.25, None, None, 1.0, False),
        "blur-layout": CellMarks(0.0, None, None, 0.0, False),
        "explain-blur": CellMarks(None, None, None, 3.0, True),
    }
    assert (marks.raw_score, marks.score, marks.max_score, marks.penalty, marks.timestamp) == (
        2.25,
        2.25,
        6,
        None,
        None,
    )
    assert marks.comments == {"blur": None, "explain-blur": None}
    assert marks.cells["explain-blur"].waits and not marks.cells["explain-blur"].is_graded
    assert book.has(NAME, "ada") and marks.is_graded


def test_nbgrader_reads_the_same(book, folder):
    enter(book, folder, blur_stride=0.25)
    submission = book.records.find_submission(NAME, "ada")
    assert (submission.score, submission.max_score, submission.needs_manual_grade) == (2.25, 6, True)


def test_graded_again_with_other_points(book, folder):
    enter(book, folder)
    assert enter(book, folder) == {}
    assert enter(book, folder, blur_values=0, explain_blur=0) == {
        "blur-values": (2.0, 0.0),
        "explain-blur": (None, 0.0),
    }
    assert scores(book) == {"blur-values": 0, "blur-stride": 1, "blur-layout": 0, "explain-blur": 0}
    assert not book.marks(NAME, "ada").cells["explain-blur"].waits


@pytest.mark.parametrize(("given", "entered"), [(7.0, 2.0), (-1.0, 0.0), (True, 1.0)])
def test_never_more_than_there_is_to_earn_nor_less_than_nothing(book, folder, given, entered):
    enter(book, folder, blur_values=given)
    assert repr(book.marks(NAME, "ada").cells["blur-values"].auto_score) == repr(entered)


def by_hand(book, cell="blur-values", **values):
    grade = book.records.find_grade(cell, NAME, NAME, "ada")
    for name, value in values.items():
        setattr(grade, name, value)
    book.records.db.commit()


def test_a_mark_by_hand_stays(book, folder):
    enter(book, folder, blur_values=0)
    by_hand(book, manual_score=1.5)
    by_hand(book, "explain-blur", manual_score=3, needs_manual_grade=False)
    comment = book.records.find_comment("blur", NAME, NAME, "ada")
    comment.manual_comment = "See me."
    book.records.db.commit()
    assert enter(book, folder) == {"blur-values": (0.0, 2.0)}
    marks = book.marks(NAME, "ada")
    assert marks.cells["blur-values"] == CellMarks(2.0, 1.5, None, 2.0, True)
    assert marks.cells["explain-blur"] == CellMarks(None, 3.0, None, 3.0, True)  # to be looked at again
    assert not marks.cells["explain-blur"].waits and marks.cells["explain-blur"].is_graded
    assert (marks.score, marks.comments["blur"]) == (1.5 + 1 + 3, "See me.")


def test_extra_credit_counts(book, folder):
    enter(book, folder)
    by_hand(book, extra_credit=0.5)
    enter(book, folder)
    assert scores(book)["blur-values"] == 2.5
    assert book.marks(NAME, "ada").score == book.records.find_submission(NAME, "ada").score == 3.5


def test_an_untouched_cell_gets_nbgraders_comment(book, folder):
    enter(book, folder, untouched=("blur",))
    assert book.marks(NAME, "ada").comments == {"blur": "No response.", "explain-blur": None}
    enter(book, folder)
    assert book.marks(NAME, "ada").comments == {"blur": None, "explain-blur": None}


# ---------------------------------------------------------------- late


def test_a_late_penalty_is_nbgraders(late_is_zero, folder):
    enter(late_is_zero, folder)
    marks = late_is_zero.marks(NAME, "ada")
    assert (str(marks.timestamp), marks.raw_score, marks.penalty, marks.score) == ("2026-11-20 10:00:00", 3, 3, 0)
    assert late_is_zero.records.find_submission(NAME, "ada").late_submission_penalty == 3


def test_a_penalty_goes_where_it_was_not_late_after_all(late_is_zero, folder):
    enter(late_is_zero, folder)
    late_is_zero.records.update_or_create_assignment(NAME, duedate="2026-12-01")
    enter(late_is_zero, folder)
    assert (late_is_zero.marks(NAME, "ada").penalty, late_is_zero.marks(NAME, "ada").score) == (None, 3)


def test_a_score_is_never_less_than_nothing(late_is_zero, folder):
    """The penalty was decided on before a person took points away."""
    enter(late_is_zero, folder)
    by_hand(late_is_zero, manual_score=0)
    marks = late_is_zero.marks(NAME, "ada")
    assert (marks.raw_score, marks.penalty, marks.score) == (1, 3, 0)


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "long", "no time", "empty", "not text"])
def test_a_timestamp_that_is_none_is_as_good_as_no_timestamp(late_is_zero, folder, tmp_path, kind):
    path = folder / "timestamp.txt"
    path.rename(tmp_path / "elsewhere")
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        text = {"long": b"2026-11-20 10:00:00 UTC" + b" " * 300, "no time": b"soon", "empty": b"", "not text": b"\xff"}
        path.write_bytes(text[kind])

    def grade():
        with Gradebook(tmp_path, late_is_zero.config) as book:
            enter(book, folder)

    thread = threading.Thread(target=grade, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "it waits for a FIFO"
    assert (late_is_zero.marks(NAME, "ada").timestamp, late_is_zero.marks(NAME, "ada").score) == (None, 3)


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("wrong", [results()[1:], [*results(), CellResult("blur-speed", "passed", 1, 1)]])
def test_other_graded_cells_than_the_gradebooks(book, folder, wrong):
    with pytest.raises(GradebookError, match=r"other graded cells of 01-blur than the notebook: blur-(values|speed)\."):
        book.save(NAME, "ada", notebook(), folder, wrong)
    assert not book.has(NAME, "ada")


def test_a_solution_cell_is_missing(book, folder):
    without = notebook()
    del without.cells[0]
    with pytest.raises(GradebookError, match=r"other solution cells of 01-blur than the notebook: blur\."):
        book.save(NAME, "ada", without, folder, results())
    assert not book.has(NAME, "ada")


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "gradebook.db").write_text("These are not the marks you are looking for.\n" * 100)
    with pytest.raises(GradebookError, match=r"the gradebook could not be opened: .*file is not a database"):
        Gradebook(tmp_path, config())


def test_a_database_that_is_broken_in_the_middle(book, folder, tmp_path):
    enter(book, folder)
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        database.execute("DROP TABLE comment")
    with pytest.raises(GradebookError, match=r"the gradebook could not be written: .*no such table: comment"):
        enter(book, folder, blur_values=0)
    assert book.records.find_grade("blur-values", NAME, NAME, "ada").auto_score == 2  # nothing was half entered
    assert not book.records.db.new and not book.records.db.dirty


def test_a_database_that_takes_nothing_more(book, folder, tmp_path, caplog):
    """nbgrader would log the error with its traceback, and raises it as an InvalidEntry."""
    with sqlite3.connect(tmp_path / "gradebook.db") as database:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON student BEGIN SELECT RAISE(ABORT, 'it is full'); END")
    with pytest.raises(GradebookError, match=r"the gradebook could not be written: .*it is full"):
        enter(book, folder)
    assert caplog.text == "" and not app_log.disabled
    assert not book.has(NAME, "ada")


# ---------------------------------------------------------------- memory, and submissions without marks


@pytest.fixture
def without_garbage_collection():
    """Records that refer to each other stay now, as they would for a while in a run of thousands of submissions."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_garbage_collection")
def test_nothing_of_a_submission_stays_in_memory(book, folder):
    enter(book, folder)
    assert list(book.records.db) == []
    book.marks(NAME, "ada")
    assert list(book.records.db) == []
    with pytest.raises(GradebookError):
        book.save(NAME, "ada", notebook(), folder, [])
    assert list(book.records.db) == []


def test_an_ungraded_submission_leaves_the_gradebook(book, folder):
    """nbgrader makes its record before it grades, and it would count as zero."""
    begin_record(book, "ada")
    assert not book.marks(NAME, "ada").is_graded
    book.forget_ungraded(NAME, "ada")
    assert not book.has(NAME, "ada")
    with pytest.raises(MissingEntry):
        book.records.find_submission(NAME, "ada")
    book.forget_ungraded(NAME, "ada")  # twice is no error


@pytest.mark.parametrize("points", [{}, {"blur_values": 0, "blur_stride": 0}])
def test_a_graded_submission_does_not_leave_it(book, folder, points):
    enter(book, folder, **points)
    book.forget_ungraded(NAME, "ada")
    assert book.has(NAME, "ada")


def test_nothing_but_a_mark_by_hand_is_a_mark(book):
    begin_record(book, "ada")
    by_hand(book, "explain-blur", manual_score=0)
    book.forget_ungraded(NAME, "ada")
    assert book.marks(NAME, "ada").is_graded


def test_the_assignments_that_it_knows(book):
    assert book.knows(NAME) and not book.knows("02-sharpen")
    assert str(book.duedate(NAME)) == "2026-11-19 00:00:00"


def test_no_marks_at_all():
    assert (Marks().score, Marks().max_score, Marks().is_graded) == (0, 0, False)
    assert sum(POINTS.values()) == 6
