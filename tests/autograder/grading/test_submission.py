"""Rebuilding: what of a student's file is graded, and what is set right."""

import json

import nbformat
import pytest
from places import ROOT
from write import fill, work

from autograder import untrusted_notebook
from autograder.course import ASSIGNMENTS
from autograder.grading import submission
from autograder.grading.marking import is_graded
from autograder.releasing.graded_cell import graded_call

NAME = "01-window"
PATH = ROOT / "exercises" / NAME / f"{NAME}.ipynb"
RELEASED = submission.read_released(PATH)
SOURCES = {cell.id: cell.source for cell in RELEASED.cells}


def handed_in():
    """A student's file, as a dict."""
    return fill(json.loads(PATH.read_text(encoding="utf-8")), work("vectorises-everything", NAME))


def cell(content, name):
    (found,) = [one for one in content["cells"] if one["id"] == name]
    return found


def read(content):
    return untrusted_notebook.read(json.dumps(content).encode(), "x.ipynb")


def rebuilt(content):
    made = submission.rebuild(read(content), RELEASED)
    nbformat.validate(made.notebook)
    return made


def sources(made):
    return {one.id: one.source for one in made.notebook.cells}


def test_an_honest_file_is_kept_as_it_is():
    content = handed_in()
    made = rebuilt(content)
    assert made.deviations == []
    assert [one.source for one in made.notebook.cells] == ["".join(one["source"]) for one in content["cells"]]


def test_only_the_students_own_is_taken():
    content = handed_in()
    for one in content["cells"]:
        one["metadata"] |= {"tags": ["skip-execution"], "hide_input": True}
        if one["cell_type"] == "code":
            one["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "all tests passed"}]
            one["execution_count"] = 99
    content["metadata"] |= {"kernelspec": {"name": "ir", "display_name": "R"}, "widgets": {"x": 1}}
    made = rebuilt(content)
    assert made.deviations == []
    assert made.notebook.metadata == RELEASED.metadata
    for one, home in zip(made.notebook.cells, RELEASED.cells, strict=True):
        assert one.metadata == home.metadata
        assert one.get("outputs", []) == []
        assert one.get("execution_count") is None


CHANGES = {
    "a graded cell rewritten": (
        lambda content: cell(content, "correlate2d-values").update(source="pass"),
        ["the course's cell correlate2d-values was changed; it is put back"],
    ),
    "a graded cell deleted": (
        lambda content: content["cells"].remove(cell(content, "correlate2d-values")),
        ["the course's cell correlate2d-values is missing; it is put back"],
    ),
    "a graded cell made text": (
        lambda content: cell(content, "correlate2d-values").update(cell_type="markdown"),
        ["the course's cell correlate2d-values was changed; it is put back"],
    ),
    "all cells the other way round": (
        lambda content: content["cells"].reverse(),
        ["the cells stand in another order"],
    ),
    "points raised": (
        lambda content: cell(content, "correlate2d-values")["metadata"]["nbgrader"].update(points=1000),
        [],
    ),
    "a solution deleted": (
        lambda content: content["cells"].remove(cell(content, "correlate2d")),
        ["the cell correlate2d is missing"],
    ),
    "a solution made raw": (
        lambda content: cell(content, "correlate2d").update(cell_type="raw"),
        ["the cell correlate2d was made a raw cell"],
    ),
    "a graded cell copied": (
        lambda content: content["cells"].append(cell(content, "correlate2d-values") | {"id": "copy"}),
        ["there is more than one cell correlate2d-values", "the cells stand in another order"],
    ),
    "no ids, as in an old file": (lambda content: [one.pop("id") for one in content["cells"]], None),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_is_put_back_and_said(what):
    content = handed_in()
    change, said = CHANGES[what]
    change(content)
    made = rebuilt(content)
    if said is not None:
        assert made.deviations == said
    graded = [one for one in made.notebook.cells if is_graded(one)]
    assert [one.source for one in graded] == [one.source for one in RELEASED.cells if is_graded(one)]
    assert [one.metadata for one in graded] == [one.metadata for one in RELEASED.cells if is_graded(one)]


def test_of_a_copied_solution_the_last_counts():
    content = handed_in()
    content["cells"].append(cell(content, "convolve2d") | {"id": "copy", "source": "convolve2d = None"})
    made = rebuilt(content)
    assert sources(made)["convolve2d"] == "convolve2d = None"
    # The first is a cell as any that the student added.
    assert any("def convolve2d" in one.source for one in made.notebook.cells if one.id.startswith("own-"))
    assert made.deviations[0] == "there is more than one cell convolve2d; the last counts"


def test_a_cell_is_found_by_its_id_where_its_metadata_are_gone():
    content = handed_in()
    wrote = cell(content, "convolve2d")
    wrote["metadata"] = {}
    made = rebuilt(content)
    assert sources(made)["convolve2d"] == wrote["source"]
    assert made.deviations == []


def test_a_cell_that_took_another_ones_name_is_that_one():
    """grade_id first, as nbgrader has it; its own place is empty then."""
    content = handed_in()
    cell(content, "convolve2d")["metadata"]["nbgrader"]["grade_id"] = "correlate2d"
    made = rebuilt(content)
    assert "the cell convolve2d is missing" in made.deviations
    assert sources(made)["convolve2d"] == SOURCES["convolve2d"]


def test_the_students_own_cells_stay_in_place():
    content = handed_in()
    at = content["cells"].index(cell(content, "correlate2d"))
    own = {"cell_type": "code", "id": "mine", "metadata": {"nbgrader": "x"}, "source": ["a = 1\n", "b = 2"]}
    content["cells"].insert(at, own | {"outputs": [{"output_type": "display_data"}]})
    content["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": "mine too"})
    made = rebuilt(content)
    assert made.notebook.cells[0].source == "mine too"
    index = [one.id for one in made.notebook.cells].index("correlate2d")
    before = made.notebook.cells[index - 1]
    assert (before.source, before.metadata, before.outputs) == ("a = 1\nb = 2", {}, [])


def of_an_earlier_release(content):
    """The file with the ids that its cells had when they were numbered; the catalogue's own stay."""
    for number, one in enumerate(content["cells"]):
        if one.get("id", "").startswith(f"{NAME}-"):
            one["id"] = f"{NAME}-{one['cell_type']}-{number}"
            if "nbgrader" in one["metadata"]:
                one["metadata"]["nbgrader"]["grade_id"] = one["id"]
    return content


def test_a_notebook_of_an_earlier_release_is_the_same():
    """Its locked cells are the course's, not the student's own: they are not run a second time, nor listed."""
    content = handed_in()
    content["cells"].insert(5, {"cell_type": "code", "metadata": {}, "source": "mine = 1"})
    now, before = rebuilt(content), rebuilt(of_an_earlier_release(content))
    assert before.notebook == now.notebook
    assert before.deviations == []
    assert [one.source for one in before.notebook.cells if one.id.startswith("own-")] == ["mine = 1"]


def test_a_locked_cell_of_an_earlier_release_that_is_another_now_stays_the_students():
    """Whatever depends on it still works; the course's own is put back."""
    content = of_an_earlier_release(handed_in())
    (pair,) = [one for one in content["cells"] if "def pair(" in "".join(one["source"])]
    pair["source"] = "def pair(value):\n    return value, value\n"
    made = rebuilt(content)
    assert made.deviations == [f"the course's cell {NAME}-code-pair is missing; it is put back"]
    assert [one.source for one in made.notebook.cells if one.id.startswith("own-")] == [pair["source"]]


def test_a_copy_of_a_given_cell_is_the_students_own():
    content = handed_in()
    given = cell(content, f"{NAME}-code-pair")
    content["cells"].append({"cell_type": "code", "metadata": {}, "source": given["source"]})
    made = rebuilt(content)
    assert made.notebook.cells[-1].source == "".join(given["source"])
    assert made.deviations == []


def test_an_old_notebook_format():
    content = handed_in()
    old = []
    for one in content["cells"]:
        source = {"input" if one["cell_type"] == "code" else "source": one["source"]}
        old.append({"cell_type": one["cell_type"], "metadata": one["metadata"], **source})
    made = rebuilt({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": old}]})
    solutions = [name for name, one in sources(rebuilt(handed_in())).items() if one != SOURCES.get(name)]
    assert {name: sources(made)[name] for name in solutions if name in SOURCES} == {
        name: sources(rebuilt(handed_in()))[name] for name in solutions if name in SOURCES
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"cells": []}, "x.ipynb has none of this assignment's cells"),
        ({"cells": [1, None, {"source": 3, "metadata": 4, "id": [], "cell_type": {}}]}, "none of this assignment's"),
    ],
)
def test_what_is_none_of_this_assignment(content, said):
    with pytest.raises(untrusted_notebook.UnreadableError, match=said):
        submission.rebuild(read(content), RELEASED, "x.ipynb")


def test_a_notebook_of_another_assignment_is_named():
    other = json.loads((ROOT / "exercises" / "04-pointwise" / "04-pointwise.ipynb").read_text(encoding="utf-8"))
    message = "none of this assignment's cells; it looks like 04-pointwise"
    with pytest.raises(untrusted_notebook.UnreadableError, match=message):
        submission.rebuild(read(other), RELEASED)


def test_too_large():
    content = handed_in()
    cell(content, "convolve2d")["source"] = "#" * (submission.MAX_CELL + 1)
    content["cells"] += [{"cell_type": "code", "source": "pass"}] * submission.MAX_CELLS
    made = rebuilt(content)
    assert sources(made)["convolve2d"] == SOURCES["convolve2d"]
    assert "the cell convolve2d holds 1 MiB; it is left out" in made.deviations
    assert any("only the first 1000 are looked at" in said for said in made.deviations)
    assert len(made.notebook.cells) < 1000 + len(RELEASED.cells)


def test_half_a_letter_is_no_reason_to_fail():
    content = handed_in()
    cell(content, "convolve2d")["source"] += "\n# \ud800"
    json.dumps(rebuilt(content).notebook).encode("utf-8")


def test_pictures_in_text_are_kept_and_nothing_else():
    content = handed_in()
    own = {"cell_type": "markdown", "metadata": {}, "source": "![](attachment:a.png)"}
    pictures = {"a.png": {"image/png": "iVBORw0=", "text/html": "<script>"}, "b.svg": {"image/svg+xml": "<svg>"}}
    content["cells"].append(own | {"attachments": pictures})
    last = rebuilt(content).notebook.cells[-1]
    assert last.attachments == {"a.png": {"image/png": "iVBORw0="}}


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_course_cell_is_locked_and_every_graded_one_is_one_line(assignment):
    """The grader takes graded cells apart and runs none; and no cell that others depend on is a student's to change."""
    released = submission.read_released(ROOT / "exercises" / assignment / f"{assignment}.ipynb")
    for one in released.cells:
        about = one.metadata.get("nbgrader", {})
        if one.cell_type == "code":
            assert about.get("locked") or about.get("solution") or about == {}, one.id
        if is_graded(one):
            checker, _, name = graded_call(one.source)
            assert (about["locked"], name) == (True, about["grade_id"])
            assert checker == ("check_answer" if name.startswith("predict-") else "check")
