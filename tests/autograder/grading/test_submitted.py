"""A folder of submissions: what is found in it, and what is complained about."""

import pytest

from autograder.grading import results
from autograder.grading.submitted import SubmittedError, submissions, submitted_notebook
from autograder.untrusted_notebook import UnreadableError

WANTED = ["01-window"]


def lay(folder, *paths):
    """Make files, and their folders."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("{}", encoding="utf-8")


def test_submissions_are_found_by_student_and_assignment(tmp_path):
    lay(
        tmp_path,
        "bob/01-window/01-window.ipynb",
        "ada/01-window/x.txt",
        "ada/02-regular/a",
        "marks.csv",
        ".git/01-window/a",
    )
    assert submissions(tmp_path, WANTED) == ([("ada", "01-window"), ("bob", "01-window")], [])


def test_what_lies_elsewhere_is_a_row_unless_only_some_were_asked_for(tmp_path):
    lay(tmp_path, "ada/01-window/a", "ada/window.ipynb", "ada/notes.txt", "ada/week1/a")
    _, strays = submissions(tmp_path, WANTED)
    assert [(row["student"], row["assignment"], row["status"]) for row in strays] == [
        ("ada", "week1", results.NOT_GRADED),
        ("ada", "window.ipynb", results.NOT_GRADED),
    ]
    assert submissions(tmp_path, WANTED, everything=False)[1] == []


def test_no_folder_and_no_submission_say_how_they_should_lie(tmp_path):
    with pytest.raises(SubmittedError, match=r"no folder .* STUDENT/ASSIGNMENT/ASSIGNMENT\.ipynb"):
        submissions(tmp_path / "none", WANTED)
    lay(tmp_path, "ada/02-regular/a")
    with pytest.raises(SubmittedError, match=r"no submission of 01-window in .* STUDENT/ASSIGNMENT"):
        submissions(tmp_path, WANTED, everything=False)


def test_a_notebook_is_read_by_its_name_and_never_through_a_link(tmp_path):
    lay(tmp_path, "ada/01-window.ipynb", "bob/copy.ipynb")
    assert submitted_notebook(tmp_path / "ada", "01-window") == b"{}"
    with pytest.raises(UnreadableError, match=r"there is no .*01-window\.ipynb, but copy\.ipynb"):
        submitted_notebook(tmp_path / "bob", "01-window")
    (tmp_path / "bob/01-window.ipynb").symlink_to(tmp_path / "ada/01-window.ipynb")
    with pytest.raises(UnreadableError):
        submitted_notebook(tmp_path / "bob", "01-window")
