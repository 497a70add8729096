"""The steps of `nbgrader autograde` and the exporter around them, without a notebook that is run."""

import logging

import nbformat
import pytest
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from small_course import NAME, begin_record, config, notebook, results, small_course
from traitlets.config import Config

from autograder.grading import ledger, nbgrader_steps, submission
from autograder.grading.gradebook import Gradebook
from autograder.grading.ledger import Ledger
from autograder.grading.marking import CouldNotGradeError
from autograder.grading.nbgrader_steps import Converted, Execute, Rebuild, released_notebook
from autograder.grading.settings import SettingsError
from autograder.student_code.limits import Limits
from autograder.student_code.walls import WALLS


class Course:
    """A course's folder in which nbgrader has just begun to grade ada's submission."""

    def __init__(self, folder):
        small_course(folder).__exit__()
        self.folder, self.config = folder, config()
        self.coursedir = CourseDirectory(config=self.config, root=str(folder), release_directory="exercises")
        self.path = folder / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
        self.path.parent.mkdir(parents=True)
        self.autograde = Autograde(coursedir=self.coursedir, config=self.config, log=logging.Logger("nbgrader"))
        self.exporter = Converted(parent=self.autograde, config=self.config)
        with self.gradebook() as book:
            begin_record(book, "ada")

    def gradebook(self):
        return Gradebook(self.folder, self.config)

    def convert(self):
        names = {"student": "ada", "assignment": NAME, "notebook": NAME, "db_url": self.coursedir.db_url}
        return self.exporter.from_filename(str(self.path), resources={"nbgrader": names})

    def entry(self):
        return Ledger(self.folder).entry("ada", NAME)

    def is_in_the_gradebook(self):
        with self.gradebook() as book:
            return book.has(NAME, "ada")


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def test_what_cannot_be_read_leaves_the_gradebook_and_has_a_reason(course):
    course.path.write_text('{"cells": [')
    with pytest.raises(submission.UnreadableError):
        course.convert()
    assert course.entry()["reason"].startswith("01-blur.ipynb is not a notebook: ")
    assert "traceback" not in course.entry()
    assert not course.is_in_the_gradebook()


def test_what_was_graded_before_stays_in_the_gradebook(course):
    with course.gradebook() as book:
        book.save(NAME, "ada", notebook(), course.path.parent, results())
    course.path.write_text("")
    with pytest.raises(submission.UnreadableError):
        course.convert()
    assert course.is_in_the_gradebook() and course.entry()["reason"].startswith("01-blur.ipynb is empty")


@pytest.mark.parametrize(
    ("error", "reason", "has_traceback"),
    [
        (CouldNotGradeError("the machine is busy"), "the machine is busy", False),
        (KeyError("x"), "the grader failed: KeyError: 'x'", True),
        (KeyboardInterrupt(), ledger.CUT_OFF, False),
    ],
)
def test_what_a_step_raises_is_entered(course, error, reason, has_traceback):
    def fails(nb, resources):
        assert course.entry()["reason"] == ledger.CUT_OFF  # for the person who looks after a kill
        course.exporter.work.remarks.append("cell [1]: it ended the process")
        raise error

    course.path.write_text(nbformat.writes(notebook()))
    course.exporter.register_preprocessor(fails, enabled=True)
    with pytest.raises(type(error)):
        course.convert()
    assert (course.entry()["reason"], course.entry()["remarks"]) == (reason, ["cell [1]: it ended the process"])
    assert ("in fails" in course.entry().get("traceback", "")) == has_traceback
    assert not course.is_in_the_gradebook()


def test_nothing_of_the_submission_before_is_left(course):
    """nbgrader has one exporter for all submissions of a command."""
    course.exporter.work.remarks.append("of somebody else")
    course.path.write_text("")
    with pytest.raises(submission.UnreadableError):
        course.convert()
    assert list(course.entry()) == ["reason"]


def test_only_the_rebuilt_notebook_goes_on(course):
    """No other step sees anything of the file, and what differed is a remark."""
    released = released_notebook(course.coursedir, NAME)
    released.parent.mkdir(parents=True)
    nbformat.write(notebook(untouched=("blur", "explain-blur")), released)
    theirs = notebook()
    theirs.cells[1].source = "check(nothing)"
    theirs.metadata["secret"] = 1
    course.path.write_text(nbformat.writes(theirs))
    seen = []
    course.exporter.register_preprocessor(lambda nb, resources: (seen.append(nb) or nb, resources), enabled=True)
    course.exporter.register_preprocessor(Rebuild, enabled=True)
    text, resources = course.convert()
    rebuilt = nbformat.reads(text, as_version=4)
    assert seen[0].cells == [] and resources["metadata"]["name"] == NAME
    assert [cell.source for cell in rebuilt.cells] == ["released\nmine", *["released"] * 3, "released\nmine"]
    assert "secret" not in rebuilt.metadata
    assert any("blur-values" in remark for remark in course.exporter.work.remarks)


def test_a_graded_submission_is_entered_as_grade_would(course, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "a seed")
    released = released_notebook(course.coursedir, NAME)
    released.parent.mkdir(parents=True)
    nbformat.write(notebook(), released)
    nbformat.write(notebook(), course.path)
    course.autograde._sanitizing = False
    settings = Execute(config=Config(Execute={"sandbox": "none"})).settings(course.folder)

    def executes(nb, resources):
        work = course.exporter.work
        work.settings, work.results, work.remarks = settings, results(blur_values=0), ["too slow"]
        return nb, resources

    course.exporter.register_preprocessor(executes, enabled=True)
    course.convert()
    entry = course.entry()
    with course.gradebook() as book:
        due = book.duedate(NAME)
    assert entry.pop("fingerprint") == settings.fingerprint(course.path.parent, NAME, "ada", released, due)
    assert entry == {
        "cells": [result.as_data() for result in results(blur_values=0)],
        "remarks": ["too slow"],
        "seed": "a seed",
        "walls": "none",
    }


# ---------------------------------------------------------------- settings


def test_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SEED", "7")
    settings = Execute(config=Config(Execute={"limits": {"call_seconds": 5}, "own_data": True})).settings(tmp_path)
    assert (settings.seed, settings.own_data, settings.limits) == (7, True, Limits(call_seconds=5))
    assert settings.walls == tuple(WALLS) and settings.device is None
    given = Execute(config=Config(Execute={"sandbox": "none"})).settings(tmp_path, seed="other", device="cpu")
    assert (given.seed, given.walls, given.device) == ("other", (), "cpu")


@pytest.mark.parametrize("limits", [{"calls": 5}, {"call_seconds": 0}, {"call_seconds": "5"}, {"memory": True}])
def test_limits_without_a_meaning(tmp_path, limits):
    [(name, value)] = limits.items()
    with pytest.raises(SettingsError, match=rf"c\.Execute\.limits: {name} = {value!r}; limits are positive numbers"):
        Execute(config=Config(Execute={"limits": limits})).settings(tmp_path)


def test_what_protects_the_machine_is_logged_once(caplog, monkeypatch):
    tried = []
    monkeypatch.setattr(nbgrader_steps, "must_hold", lambda walls, limits: tried.append(walls))
    log = logging.getLogger("a log of this test")
    with caplog.at_level("INFO"):
        for walls in ((), ("files",)) * 2:
            nbgrader_steps._put_up(walls, Limits(), log)
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "Student code runs UNPROTECTED",
        "Student code runs behind walls",
    ]
    assert tried == [("files",)]
