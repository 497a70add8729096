"""Names of cells follow from the cells themselves: other cells that come, go or move change none of them."""

import re

import pytest
from places import ROOT

from autograder.course import ASSIGNMENTS
from autograder.releasing.cell_ids import cell_ids
from autograder.releasing.convert import convert

WINDOW = "01-window"


def source(assignment):
    return (ROOT / "solutions" / assignment / f"{assignment}.md").read_text(encoding="utf-8")


def unnamed(assignment):
    """The (cell_type, source) pairs of a source that the catalogue does not name."""
    cells = convert(source(assignment), assignment, "x.md").cells
    return [(cell.cell_type, cell.source) for cell in cells if cell.id.startswith(f"{assignment}-")]


def counted(cells, assignment):
    """Names by number, as the cells had them once."""
    return [f"{assignment}-{cell_type}-{number}" for number, (cell_type, _) in enumerate(cells)]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_names_are_ids_and_no_cell_needs_its_content_to_be_told_apart(assignment):
    ids = cell_ids(unnamed(assignment), assignment)
    assert len(ids) == len(set(ids)) > 10
    for name in ids:
        assert re.fullmatch(rf"{assignment}-(text|code)-[\w-]+", name, re.A) and len(name) <= 64
        assert not re.search(r"-[0-9a-f]{6}$", name), "two cells of this source begin alike"


# --- other cells come, go and move ------------------------------------------------------------------------------------

NEW = [("markdown", "## 7. Another question\n\nText."), ("code", "another = 1"), ("markdown", "A paragraph more.")]


def after_a_change(naming, assignment):
    """Pairs of names that cells had before and have after another cell was inserted, removed or moved."""
    cells = unnamed(assignment)
    before = naming(cells, assignment)
    for at in range(len(cells) + 1):
        for cell in NEW:
            after = naming([*cells[:at], cell, *cells[at:]], assignment)
            yield before, [*after[:at], *after[at + 1 :]]
    for at in range(len(cells)):
        yield [*before[:at], *before[at + 1 :]], naming([*cells[:at], *cells[at + 1 :]], assignment)
    yield before[::-1], naming(cells[::-1], assignment)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_no_other_cell_changes_a_name(assignment):
    assert all(before == after for before, after in after_a_change(cell_ids, assignment))


def test_names_that_shift_are_found():
    assert not all(before == after for before, after in after_a_change(counted, WINDOW))


def test_a_cell_inserted_into_a_source_changes_no_other_id():
    """The same through the whole conversion: a text, a locked and a scratch cell, behind each cell of a source."""
    text = source(WINDOW)
    before = [cell.id for cell in convert(text, WINDOW, "x.md").cells]
    pieces = re.split(r"^(?=```\{code-cell\}|\+\+\+)", text, flags=re.M)
    assert len(pieces) > 40
    fence = "```"
    for at in range(1, len(pieces)):
        inserted = f"+++\n\nA text.\n\n{fence}{{code-cell}}\nlocked = 1\n{fence}\n\n"
        inserted += f"{fence}{{code-cell}}\n:tags: [scratch]\nfree = 1\n{fence}\n\n"
        after = convert("".join([*pieces[:at], inserted, *pieces[at:]]), WINDOW, "x.md").cells
        new = {f"{WINDOW}-text-a-text", f"{WINDOW}-code-locked-1", f"{WINDOW}-code-free-1"}
        assert [cell.id for cell in after if cell.id not in new] == before
        assert len(after) == len(before) + 3


# --- the cell itself changes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell_type", "source", "name"),
    [
        ("markdown", "# 01 A window that slides\n\nText", "text-a-window-that-slides"),
        ("markdown", "# 01 A window that slides\n\nOther text", "text-a-window-that-slides"),
        ("markdown", "Before it.\n\n## 2. How `often`?\n\n## And\n", "text-how-often"),
        ("markdown", "## 3) How `often`?", "text-how-often"),
        ("markdown", "Back to the **same** cell, now with stride", "text-back-to-the-same-cell-now-with-stride"),
        ("markdown", "<details><summary>Hint</summary>\n\nCut it.\n\n</details>", "text-hint-cut-it"),
        ("markdown", "", "text-cell"),
        ("markdown", "\N{HORIZONTAL ELLIPSIS}", "text-cell"),
        ("raw", "Raw", "text-raw"),
        ("code", "import numpy as np\n\ndef pair(value):\n    return 2", "code-pair"),
        ("code", "class Layer:\n    def forward(self):\n        ...\n\nasync def f(): ...", "code-Layer-f"),
        ("code", "# A comment\n  # and another\nyours = f(1, 2.5)", "code-yours-f-1-2-5"),
        ("code", "# Another comment\nyours = f(1, 2.5)", "code-yours-f-1-2-5"),
        ("code", "# This cell is yours.", "code-This-cell-is-yours"),
        ("code", "%%time\nx = (", "code-time-x"),
        ("code", "a" * 100, "code-" + "a" * (64 - 10 - len("01-window-code-"))),
    ],
)
def test_the_name_is_the_heading_the_definitions_or_the_first_words(cell_type, source, name):
    assert cell_ids([(cell_type, source)], WINDOW) == [f"{WINDOW}-{name}"]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_change_behind_the_first_words_leaves_the_name(assignment):
    long = [(cell_type, f"{source}\nand = so * on{' + on' * 20}") for cell_type, source in unnamed(assignment)]
    changed = [(cell_type, f"{source} + changed") for cell_type, source in long]
    assert cell_ids(changed, assignment) == cell_ids(long, assignment)


# --- cells that begin alike -------------------------------------------------------------------------------------------

ALIKE = [("code", f"# {number}\nx = 1") for number in range(5)]


def test_cells_that_begin_alike_are_told_apart_by_their_content():
    ids = cell_ids(ALIKE, WINDOW)
    assert len(set(ids)) == 5
    assert all(re.fullmatch(f"{WINDOW}-code-x-1-[0-9a-f]{{6}}", name) for name in ids)
    assert cell_ids(ALIKE[::-1], WINDOW) == ids[::-1]
    assert cell_ids(ALIKE[1:], WINDOW) == ids[1:]


def test_cells_that_are_the_same_are_counted():
    name = f"{WINDOW}-text-your-answer"
    assert cell_ids([("markdown", "*Your answer*")] * 3, WINDOW) == [name, f"{name}-2", f"{name}-3"]


def test_a_name_has_room_for_what_tells_it_apart():
    cells = [("code", f"{'word ' * 30}{number}") for number in (1, 2, 2)]
    ids = cell_ids(cells, "05-separable")
    assert len(set(ids)) == 3 and all(len(name) <= 64 for name in ids)
