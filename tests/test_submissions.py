"""The eight students: what they do not mention is the solution, and what they mention is there."""

import json

import pytest
from places import ROOT, TESTS
from write import STUDENTS, fill, parts, solution, work, write

from autograder.course import ASSIGNMENTS


def released(assignment):
    return json.loads((ROOT / "exercises" / assignment / f"{assignment}.ipynb").read_text(encoding="utf-8"))


def test_a_cell_that_is_not_mentioned_is_the_solution():
    cells = {heading: source for heading, _, source in work("forgets-the-bias", "01-window")}
    source = (ROOT / "solutions" / "01-window" / "01-window.md").read_text(encoding="utf-8")
    assert "### BEGIN SOLUTION" in source and "SOLUTION" not in cells["correlate2d"]
    assert all(line in source for line in cells["correlate2d"].splitlines())
    assert cells["predict-window-answer"] == 'prediction = "b"'  # mentioned


def test_a_heading_with_nothing_below_it_leaves_the_cell_as_it_was_released():
    notebook = fill(released("01-window"), work("stops-half-way", "01-window"))
    [cell] = [cell for cell in notebook["cells"] if cell["id"] == "convolve2d"]
    [before] = [cell for cell in released("01-window")["cells"] if cell["id"] == "convolve2d"]
    assert cell["source"] == before["source"]
    assert "convolve2d" in dict(part[::2] for part in solution("01-window"))


def test_an_assignment_without_a_file_is_handed_in_as_the_solution(monkeypatch, tmp_path):
    monkeypatch.setattr("write.HERE", tmp_path)
    assert work("warns", "00-start") == solution("00-start")


@pytest.mark.parametrize("student", STUDENTS)
def test_every_file_is_of_an_assignment_and_every_heading_of_a_cell(student, tmp_path):
    assert {path.stem for path in (TESTS / "submissions" / student).glob("*.md")} <= set(ASSIGNMENTS)
    assert len(write(tmp_path, students=[student])) == len(ASSIGNMENTS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## predict\n", "the notebook has 0 cells named 'predict'"),
        ("## beside window_sum\n", "the notebook has 1 cells named 'window_sum'"),
        ("## window_sum-values\n", "students cannot write there, the cell is locked"),
    ],
)
def test_a_heading_that_names_no_cell_to_write_in_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        fill(released("00-start"), parts(text))


def test_an_unknown_student_is_refused():
    with pytest.raises(ValueError, match="there is no student 'nobody'; there are flips-the-kernel, "):
        work("nobody", "00-start")
