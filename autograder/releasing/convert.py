"""An assignment's source, MyST text, as a notebook with nbgrader's metadata; or the list of its faults.

Every cell gets the metadata that follow from its form, so that nobody writes them by hand:

- a code cell tagged ``solution:NAME`` is what students fill in; its ``### BEGIN SOLUTION`` regions are taken out when
  it is released;
- a code cell that is nothing but ``check(NAME, "ID")`` or ``check_answer(NAME, "ID")``, where the catalogue knows ID,
  is graded, with the catalogue's points;
- a Markdown cell tagged ``explain:ID`` is graded by hand;
- every other code cell is locked, unless it is tagged ``scratch``.
"""

import nbformat
from jupytext.myst import MystMetadataParsingError, myst_to_notebook

from autograder.course import ASSIGNMENTS, exercises_of, find, graded_cells
from autograder.errors import FixableError
from autograder.releasing.cell_ids import cell_ids
from autograder.releasing.graded_cell import ANSWER, graded_call

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"


class ReleaseError(FixableError):
    """A fault in a source that its author can mend; the message says where and how."""


def convert(text, assignment, name):
    """Turn an assignment's MyST text into a notebook with nbgrader's metadata.

    Cells that have a ``grade_id`` carry it as their id. For the others see `autograder.releasing.cell_ids`.

    Parameters
    ----------
    text : str, the source
    assignment : str, its name in the catalogue
    name : str, what messages call the file

    Returns
    -------
    NotebookNode, nbformat 4

    Raises
    ------
    ReleaseError
        With every fault of the source at once: file, line, what to do.
    """
    faults, cells, owners = [], [], {}
    for cell, line in _cells(text, name):
        where = f"{name}, line {line + 1}"
        try:
            cell.metadata = nbgrader_metadata(cell, assignment)
            _must_be_new(cell, owners)
            # After a fault a solution may seem to be missing that is only misspelt.
            if not faults:
                _must_be_asked_for(cell, owners)
        except ReleaseError as error:
            faults.append(f"{where}: {error}")
            continue
        if _grade_id(cell):
            owners[_grade_id(cell)] = where
        cells.append(cell)
    if not faults:  # a fault above is the likely reason for what is missing here
        faults += [f"{name}: {fault}" for fault in missing(owners, assignment)]
    if faults:
        raise ReleaseError("\n".join(faults))
    _name_cells(cells, assignment)
    return nbformat.v4.new_notebook(
        cells=cells,
        # Only what Jupyter needs to open it: anything else depends on the machine it was made on.
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )


def _cells(text, name):
    """The cells of a source, each with its line."""
    try:
        notebook = myst_to_notebook(text.replace("\r\n", "\n"), add_source_map=True)
    except MystMetadataParsingError as error:
        raise ReleaseError(f"{name}: {error}; tags are written as `:tags: [solution:conv2d]`") from error
    return zip(notebook.cells, notebook.metadata["source_map"], strict=True)


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _name_cells(cells, assignment):
    """Give every cell its id, and the locked ones among those that the catalogue does not name a grade_id too."""
    unnamed = [cell for cell in cells if not _grade_id(cell)]
    ids = cell_ids([(cell.cell_type, cell.source) for cell in unnamed], assignment)
    for cell, cell_id in zip(unnamed, ids, strict=True):
        cell.id = cell_id
        if cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] = cell_id
    for cell in cells:
        cell.id = _grade_id(cell) or cell.id


# --- the metadata of one cell -----------------------------------------------------------------------------------------


def nbgrader_metadata(cell, assignment):
    """The metadata of one cell; empty where the cell is the student's own, or plain text.

    Raises
    ------
    ReleaseError
        If the cell has a form or a tag that means nothing.
    """
    tag, name = _tag(cell)
    if _has_region(cell) and tag not in ("solution", "explain"):
        raise ReleaseError("a solution region in a cell that students get as it is; tag it solution:NAME")
    if tag == "solution":
        return _solution(cell, name, assignment)
    if tag == "explain":
        return _explanation(cell, name, assignment)
    if tag == "scratch" and not name:
        if cell.cell_type != "code":
            raise ReleaseError("scratch is for code cells; students may change text anyway")
        return {}
    if tag:
        raise ReleaseError(f"the tag {_tags(cell)[0]!r} is unknown; there are solution:NAME, explain:ID and scratch")
    return _locked(cell, assignment) if cell.cell_type == "code" else {}


def _tags(cell):
    return cell.metadata.get("tags", [])


def _tag(cell):
    """The cell's tag as (kind, name); two empty strings where there is none."""
    if extra := set(cell.metadata) - {"tags"}:
        raise ReleaseError(
            f"{', '.join(sorted(extra))} is set; only tags may be, nbgrader's metadata follow from the form"
        )
    tags = _tags(cell)
    if len(tags) > 1:
        raise ReleaseError(f"the cell has the tags {', '.join(tags)}; one at most")
    kind, _, name = tags[0].partition(":") if tags else ("", "", "")
    return kind, name


def _solution(cell, name, assignment):
    """A code cell that students fill in."""
    answer = ASSIGNMENTS[assignment].prediction + ANSWER
    allowed = [*(exercise.name for exercise in exercises_of(assignment)), answer]
    if cell.cell_type != "code":
        raise ReleaseError(f"solution:{name} is for code cells; text graded by hand is tagged explain:ID")
    if name not in allowed:
        raise ReleaseError(f"{assignment} does not ask for solution:{name}, but for {', '.join(allowed)}")
    _check_regions(cell.source, name)
    return _nbgrader(name, solution=True)


def _explanation(cell, name, assignment):
    """A text cell that students fill in and a person grades."""
    asked = ASSIGNMENTS[assignment].explanation
    if cell.cell_type != "markdown":
        raise ReleaseError(f"explain:{name} is for Markdown cells")
    if name != asked:
        instead = f"for {asked}" if asked else "for no explanation"
        raise ReleaseError(f"{assignment} does not ask for explain:{name}, but {instead}")
    if _has_region(cell):
        _check_regions(cell.source, name)
    return _nbgrader(name, solution=True, grade=True, points=graded_cells(assignment)[name])


def _locked(cell, assignment):
    """A code cell that students run and do not change: one that is graded, or one that is given."""
    call = graded_call(cell.source)
    # check(conv2d, "conv2d") asks everything at once, and has no points.
    if call is None or call[2] in (exercise.name for exercise in exercises_of(assignment)):
        return _nbgrader(None, locked=True)
    checker, subject, grade_id = call
    points, entry = graded_cells(assignment), ASSIGNMENTS[assignment]
    if grade_id not in points:
        raise ReleaseError(f"{assignment} has no graded cell {grade_id!r}; it has {', '.join(points)}")
    expected = "check_answer" if grade_id == entry.prediction else "check"
    if checker != expected or grade_id == entry.explanation:
        raise ReleaseError(f"{checker}({subject}, {grade_id!r}) should be {expected}")
    return _nbgrader(grade_id, locked=True, grade=True, points=points[grade_id])


def _nbgrader(grade_id, *, grade=False, solution=False, locked=False, points=None):
    """A cell's metadata in nbgrader's schema 3."""
    metadata = {"schema_version": 3, "grade": grade, "solution": solution, "locked": locked, "task": False}
    if grade_id:
        metadata["grade_id"] = grade_id
    if grade:
        metadata["points"] = points
    return {"nbgrader": metadata}


# --- regions, order, completeness -------------------------------------------------------------------------------------


def _has_region(cell):
    return BEGIN in cell.source or END in cell.source


def _check_regions(code, name):
    """Raise unless the cell has solution regions, each begun and ended."""
    inside = False
    for line in code.splitlines():
        if BEGIN in line or END in line:
            if (BEGIN in line) == inside:
                raise ReleaseError(f"solution:{name}: `### {BEGIN}` and `### {END}` do not pair up")
            inside = not inside
    if inside or BEGIN not in code:
        raise ReleaseError(
            f"solution:{name}: put the solution between `### {BEGIN}` and `### {END}`, else all is taken out"
        )


def _must_be_new(cell, owners):
    """Raise if an earlier cell has this cell's grade_id."""
    if _grade_id(cell) in owners:
        raise ReleaseError(f"there is a second cell for {_grade_id(cell)!r}; the first is at {owners[_grade_id(cell)]}")


def _must_be_asked_for(cell, owners):
    """Raise if a graded cell checks something that no cell before it asks for."""
    metadata = cell.metadata.get("nbgrader", {})
    if not metadata.get("grade") or metadata["solution"]:
        return
    checker, subject, grade_id = graded_call(cell.source)
    name = grade_id + ANSWER if checker == "check_answer" else find(grade_id)[0].name
    if checker == "check" and subject != name:
        raise ReleaseError(f"check({subject}, {grade_id!r}) should check {name}")
    if name not in owners:
        raise ReleaseError(f"{grade_id} is checked, but no cell before it is tagged solution:{name}")


def missing(owners, assignment):
    """A sentence for everything that the catalogue promises and the source lacks."""
    entry = ASSIGNMENTS[assignment]
    for exercise in exercises_of(assignment):
        if exercise.name not in owners:
            yield f"no cell is tagged solution:{exercise.name}; {assignment} asks for it"
    if entry.prediction + ANSWER not in owners:
        yield f"no cell is tagged solution:{entry.prediction + ANSWER}; {assignment} asks for a prediction"
    for grade_id in graded_cells(assignment):
        if grade_id in owners:
            continue
        if grade_id == entry.explanation:
            yield f"no Markdown cell is tagged explain:{grade_id}; {assignment} asks for an explanation"
        elif grade_id == entry.prediction:
            yield f'{grade_id} is not graded; add a cell of one line: check_answer(prediction, "{grade_id}")'
        else:
            yield f'{grade_id} is not graded; add a cell of one line: check({find(grade_id)[0].name}, "{grade_id}")'
