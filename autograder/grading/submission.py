"""A student's notebook made safe to grade: rebuilt from the released one.

The released notebook is what is graded. Into it go the source of the student's solution cells, the text of their text
cells, and the cells they added, each after the released cell that it followed. Nothing else of theirs goes in: no
metadata, no order, no outputs, no kernel. Every other difference is listed, and has no effect.
"""

from dataclasses import dataclass, field

import nbformat

from autograder.course import ASSIGNMENTS, graded_cells
from autograder.untrusted_notebook import UnreadableError

#: Characters of the longest cell that is run, and the number of cells that are looked at.
MAX_CELL, MAX_CELLS = 2**20, 1000


@dataclass
class Rebuilt:
    """A submission as it is graded.

    Attributes
    ----------
    notebook : the notebook, in nbformat 4, without outputs
    deviations : a sentence about everything that differed and was set right
    """

    notebook: nbformat.NotebookNode
    deviations: list[str] = field(default_factory=list)


def rebuild(submitted, released, name="the notebook"):
    """Rebuild a submission.

    Parameters
    ----------
    submitted : UntrustedNotebook
    released : the released notebook, nbformat 4
    name : what messages call the student's file

    Returns
    -------
    Rebuilt

    Raises
    ------
    UnreadableError
        If the notebook is none of this assignment.
    """
    theirs, deviations = submitted.cells[:MAX_CELLS], []
    if len(submitted.cells) > MAX_CELLS:
        deviations.append(f"{len(submitted.cells)} cells; only the first {MAX_CELLS} are looked at")
    matches = _matches(theirs, released)
    if not any(match is not None and _is_solution(match) for match in matches):
        raise UnreadableError(f"{name} has none of this assignment's cells{_likely_assignment(theirs)}")
    written, added = _sort(theirs, matches, deviations)
    deviations += _order(matches, released)

    cells = [_added(cell, deviations) for cell in added.get(None, ())]
    for original in released.cells:
        cells.append(_rebuilt(original, written.get(original.id), deviations))
        cells += [_added(cell, deviations) for cell in added.get(original.id, ())]
    cells = [cell for cell in cells if cell is not None]
    for number, cell in enumerate(cells):
        cell.setdefault("id", f"own-{number}")
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=nbformat.from_dict(released.metadata))
    return Rebuilt(notebook, list(dict.fromkeys(deviations)))


def read_released(path):
    """The released notebook of an assignment."""
    return nbformat.read(path, as_version=4)


def _matches(theirs, released):
    """The released cell that each of the student's cells is, or None for one that they added.

    A cell is found by its grade_id, else by its id. A notebook of an earlier release may have other ids in cells that
    nobody fills in: those are found by their source, so that they are not taken for cells that the student added.
    """
    by_name = {}
    for cell in released.cells:
        by_name[cell.id] = cell
        if _grade_id(cell):
            by_name[_grade_id(cell)] = cell
    matches = [by_name.get(cell.grade_id) or by_name.get(cell.id) for cell in theirs]
    found = {match.id for match in matches if match is not None}
    by_source = {}
    for cell in reversed(released.cells):
        if cell.id not in found and not _is_solution(cell):
            by_source.setdefault((cell.cell_type, cell.source.rstrip()), []).append(cell)
    for at, cell in enumerate(theirs):
        if matches[at] is None and (left := by_source.get((cell.cell_type, cell.source.rstrip()))):
            matches[at] = left.pop()
    return matches


def _sort(theirs, matches, deviations):
    """The student's cells as (id of a released cell -> their version, id of a released cell -> what they added to it).

    What they added before the first released cell is under None.
    """
    last = {match.id: at for at, match in enumerate(matches) if match is not None}
    written, added, previous = {}, {}, None
    for at, (cell, match) in enumerate(zip(theirs, matches, strict=True)):
        if match is None:
            added.setdefault(previous, []).append(cell)
        elif last[match.id] == at:
            written[match.id] = cell
            previous = match.id
        elif _is_theirs(match):
            # Of copies the last counts; the others are cells like any that the student added.
            deviations.append(f"there is more than one cell {_name(match)}; the last counts")
            added.setdefault(previous, []).append(cell)
        else:
            deviations.append(f"there is more than one cell {_name(match)}")
    return written, added


def _rebuilt(original, theirs, deviations):
    """A released cell with what the student wrote into it, where it is theirs to write."""
    cell = nbformat.from_dict(original)
    if theirs is None and _is_solution(cell):
        deviations.append(f"the cell {_name(cell)} is missing")
    elif theirs is None and cell.metadata.get("nbgrader", {}).get("locked"):
        deviations.append(f"the course's cell {_name(cell)} is missing; it is put back")
    elif theirs is not None and _is_theirs(cell):
        _take(cell, theirs, deviations)
    elif theirs is not None and (theirs.source.rstrip(), theirs.cell_type) != (cell.source.rstrip(), cell.cell_type):
        deviations.append(f"the course's cell {_name(cell)} was changed; it is put back")
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    return cell


def _take(cell, theirs, deviations):
    """Put what the student wrote into a released cell."""
    if theirs.cell_type != cell.cell_type:
        deviations.append(f"the cell {_name(cell)} was made a {theirs.cell_type} cell")
    source = _bounded(theirs.source, _name(cell), deviations)
    if source is not None:
        cell.source = source
    if cell.cell_type == "markdown" and theirs.attachments:
        cell.attachments = theirs.attachments


def _added(cell, deviations):
    """A cell that the student added; None for one that is too long."""
    source = _bounded(cell.source, "of the student's own", deviations)
    if source is None:
        return None
    made = {"cell_type": cell.cell_type, "metadata": {}, "source": source}
    if cell.cell_type == "code":
        made |= {"outputs": [], "execution_count": None}
    if cell.cell_type == "markdown" and cell.attachments:
        made["attachments"] = cell.attachments
    return nbformat.from_dict(made)


def _bounded(source, name, deviations):
    if len(source) <= MAX_CELL:
        return source
    deviations.append(f"the cell {name} holds {len(source) >> 20} MiB; it is left out")
    return None


def _order(matches, released):
    """A sentence in a list where the course's cells have another order; of copies the last counts."""
    position = {cell.id: at for at, cell in enumerate(released.cells)}
    last = {position[match.id]: at for at, match in enumerate(matches) if match is not None}
    return [] if sorted(last) == sorted(last, key=last.get) else ["the cells stand in another order"]


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _is_solution(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _is_theirs(cell):
    """True where the content of a released cell is the student's: solutions, text, and cells without metadata."""
    return _is_solution(cell) or "nbgrader" not in cell.metadata


def _name(cell):
    return _grade_id(cell) or cell.id


def _likely_assignment(theirs):
    """The assignment that a notebook may be of, in words."""
    names = {cell.grade_id for cell in theirs} | {cell.id for cell in theirs}
    for assignment in ASSIGNMENTS:
        if names & set(graded_cells(assignment)):
            return f"; it looks like {assignment}"
    return ""
