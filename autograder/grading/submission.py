"""A student's notebook made safe to grade: rebuilt from the released one.

The released notebook is what is graded. Into it go the source of the student's solution cells, the text of their
text cells, and the cells they added, each after the released cell it stood behind. Nothing else of theirs: no
metadata, no order, no outputs, no kernel. Whatever differs beyond that is listed, and has no effect.
"""

import json
import re
import stat
from dataclasses import dataclass, field

import nbformat

#: The largest file that is read, the longest cell and the most cells that are run.
MAX_FILE, MAX_CELL, MAX_CELLS = 256 * 2**20, 2**20, 1000

#: Pictures pasted into a text cell are kept, up to this size in base64.
MAX_PICTURE = 2 * 2**20

KINDS = ("code", "markdown", "raw")


class UnreadableError(ValueError):
    """A file that is no submission of this assignment; the text says why, for the instructor."""


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


def load(path):
    """The content of a student's file; see `read`."""
    return read(content_of(path), path.name)


def content_of(path):
    """The bytes of a student's file.

    Raises
    ------
    UnreadableError
        If it is no file, or too large.
    """
    about = path.lstat()
    if not stat.S_ISREG(about.st_mode):
        raise UnreadableError(f"{path.name} is no file but a link, or a thing that only looks like one; it is not read")
    if about.st_size > MAX_FILE:
        raise UnreadableError(
            f"{path.name} is {about.st_size >> 20} MiB large; "
            "clear its outputs (Edit, Clear outputs of all cells) and save it"
        )
    return path.read_bytes()


def read(submitted, shown="the notebook"):
    """The content of a student's file, from its bytes: a dict, of which nothing else is known.

    Raises
    ------
    UnreadableError
        If it is not JSON, as notebooks are.
    """
    if not submitted.strip():
        raise UnreadableError(f"{shown} is empty")
    try:
        content = json.loads(submitted.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableError(f"{shown} is not UTF-8, as notebooks are; open it in Jupyter and save it again") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{shown} is not a notebook: {_shortly(error)}") from None
    if not isinstance(content, dict):
        raise UnreadableError(f"{shown} is not a notebook: it holds a {type(content).__name__}")
    return content


def rebuild(submitted, released, shown="the notebook"):
    """Rebuild a submission.

    Parameters
    ----------
    submitted : dict, what `read` gives
    released : the released notebook, nbformat 4
    shown : what messages call the file

    Raises
    ------
    UnreadableError
        If it is no notebook, or none of this assignment.
    """
    theirs = list(_cells(submitted, shown))
    deviations = []
    place = {}  # id or grade_id of a released cell -> the cell
    for cell in released.cells:
        place[cell.id] = cell
        if _grade_id(cell):
            place[_grade_id(cell)] = cell
    if len(theirs) > MAX_CELLS:
        deviations.append(f"{len(theirs)} cells; only the first {MAX_CELLS} are looked at")
        del theirs[MAX_CELLS:]

    found = [_released(cell, place) for cell in theirs]
    if not any(cell is not None and _is_solution(cell) for cell in found):
        raise UnreadableError(f"{shown} has none of this assignment's cells{_whose(theirs)}")
    last = {cell.id: at for at, cell in enumerate(found) if cell is not None}
    wrote, added, behind = {}, {None: []}, None
    for at, (cell, home) in enumerate(zip(theirs, found, strict=True)):
        if home is None:
            added.setdefault(behind, []).append(cell)
        elif last[home.id] == at:
            wrote[home.id] = cell
            behind = home.id
        elif _is_own(home):
            # Of copies the last counts; the others are cells like any that the student added.
            deviations.append(f"there is more than one cell {_name(home)}; the last counts")
            added.setdefault(behind, []).append(cell)
        else:
            deviations.append(f"there is more than one cell {_name(home)}")
    deviations += _order(found, released)

    cells = [_own(cell, deviations) for cell in added[None]]
    for home in released.cells:
        cell = nbformat.from_dict(home)
        if home.id in wrote:
            _take(cell, wrote[home.id], deviations)
        elif _is_solution(home):
            deviations.append(f"the cell {_name(home)} is missing")
        elif home.metadata.get("nbgrader", {}).get("locked"):
            deviations.append(f"the course's cell {_name(home)} is missing; it is put back")
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        cells += [cell, *(_own(own, deviations) for own in added.get(home.id, ()))]
    cells = [cell for cell in cells if cell is not None]
    for number, cell in enumerate(cells):
        cell.setdefault("id", f"own-{number}")
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=nbformat.from_dict(released.metadata))
    return Rebuilt(notebook, list(dict.fromkeys(deviations)))


def read_released(path):
    """The released notebook of an assignment."""
    return nbformat.read(path, as_version=4)


def _cells(content, shown):
    """The cells of a file, dicts of kind, id, grade_id, source and attachments, from nbformat 3 and 4."""
    if "worksheets" in content:
        sheets = content["worksheets"]
        cells = [cell for sheet in _dicts(sheets) for cell in _list(sheet.get("cells"))]
    else:
        cells = content.get("cells")
    if not isinstance(cells, list):
        raise UnreadableError(f"{shown} is not a notebook: it has no cells")
    for cell in _dicts(cells):
        kind = cell.get("cell_type")
        metadata = cell.get("metadata")
        nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
        yield {
            "kind": kind if kind in KINDS else "markdown",
            "id": cell.get("id") if isinstance(cell.get("id"), str) else None,
            "grade_id": grade_id if isinstance(grade_id, str) else None,
            "source": _text(cell.get("source", cell.get("input", ""))),
            "attachments": _pictures(cell.get("attachments")),
        }


def _dicts(items):
    return [item for item in _list(items) if isinstance(item, dict)]


def _list(items):
    return items if isinstance(items, list) else []


def _text(source):
    """A cell's source, kept as one text or as a list of lines; half of a surrogate pair has no place in a file."""
    parts = source if isinstance(source, list) else [source]
    text = "".join(part for part in parts if isinstance(part, str))
    return text.encode("utf-8", "replace").decode("utf-8")


def _pictures(attachments):
    """name -> MIME type -> base64 of the pictures pasted into a text cell."""
    kept = {}
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        for kind, data in kinds.items() if isinstance(kinds, dict) else ():
            is_picture = kind in ("image/png", "image/jpeg") and isinstance(data, str) and len(data) <= MAX_PICTURE
            if is_picture and re.fullmatch(r"[A-Za-z0-9+/=\s]+", data) and re.fullmatch(r"[\w. -]{1,100}", name):
                kept.setdefault(name, {})[kind] = data
    return kept


def _released(cell, place):
    """The released cell that a student's cell is: by its grade_id, else by its id."""
    by_grade_id = place.get(cell["grade_id"]) if cell["grade_id"] else None
    return by_grade_id if by_grade_id is not None else place.get(cell["id"])


def _take(cell, theirs, deviations):
    """Put what the student wrote into a released cell, where it is theirs to write."""
    if not _is_own(cell):
        if theirs["source"].rstrip() != cell.source.rstrip() or theirs["kind"] != cell.cell_type:
            deviations.append(f"the course's cell {_name(cell)} was changed; it is put back")
        return
    if theirs["kind"] != cell.cell_type:
        deviations.append(f"the cell {_name(cell)} was made a {theirs['kind']} cell")
    source = _bounded(theirs["source"], _name(cell), deviations)
    if source is not None:
        cell.source = source
    if cell.cell_type == "markdown" and theirs["attachments"]:
        cell.attachments = theirs["attachments"]


def _own(cell, deviations):
    """A cell that the student added."""
    source = _bounded(cell["source"], "of the student's own", deviations)
    if source is None:
        return None
    if cell["kind"] == "code":
        return nbformat.from_dict(
            {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        )
    made = nbformat.from_dict({"cell_type": cell["kind"], "metadata": {}, "source": source})
    if cell["attachments"] and cell["kind"] == "markdown":
        made.attachments = cell["attachments"]
    return made


def _bounded(source, name, deviations):
    if len(source) <= MAX_CELL:
        return source
    deviations.append(f"the cell {name} holds {len(source) >> 20} MiB; it is left out")
    return None


def _order(found, released):
    """A sentence where the course's cells stand in another order."""
    place = {cell.id: at for at, cell in enumerate(released.cells)}
    seen = [place[cell.id] for cell in found if cell is not None]
    last = [at for number, at in enumerate(seen) if at not in seen[number + 1 :]]
    return [] if last == sorted(last) else ["the cells stand in another order"]


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _is_solution(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _is_own(cell):
    """Whether what stands in a released cell is the student's: solutions, text, and cells that nbgrader leaves be."""
    return _is_solution(cell) or "nbgrader" not in cell.metadata


def _name(cell):
    return _grade_id(cell) or cell.id


def _whose(theirs):
    """Which assignment a notebook may be of, in words."""
    from autograder.course import ASSIGNMENTS, graded_cells

    seen = {cell["grade_id"] for cell in theirs} | {cell["id"] for cell in theirs}
    for assignment in ASSIGNMENTS:
        if seen & set(graded_cells(assignment)):
            return f"; it looks like {assignment}"
    return ""


def _shortly(error):
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
