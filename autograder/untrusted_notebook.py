"""Notebooks from anybody, read as plain cells: the one reader for grading and for a file of one's own.

Nothing of the file is believed and nothing in it runs. Its JSON may be of nbformat 3 or 4, and any value may be of any
type: what is not of the type it should be counts as absent. What comes out is bounded in size and made of strings.
"""

import json
import re
import stat
from dataclasses import dataclass, field

from autograder.errors import FixableError

#: Bytes of the largest file that is read.
MAX_FILE = 256 * 2**20

#: Characters of a picture in base64, pasted into a text cell, that is kept.
MAX_PICTURE = 2 * 2**20

#: Types of cells; a cell of another type is read as text.
TYPES = ("code", "markdown", "raw")

#: The remedy for a broken notebook.
FRESH = "Save it again in Jupyter, or download a fresh copy"


class UnreadableError(FixableError):
    """A file that cannot be read as what it should be; the message names it and says what to do."""


@dataclass(frozen=True)
class NotebookCell:
    """A cell of a notebook.

    Attributes
    ----------
    cell_type : "code", "markdown" or "raw"
    source : its text
    id : nbformat's name of the cell, or None
    grade_id : nbgrader's name of the cell, or None
    locked : True where nbgrader's metadata say that the course wrote the cell and nobody else may
    attachments : name -> MIME type -> base64 of the pictures pasted into it
    """

    cell_type: str
    source: str
    id: str | None = None
    grade_id: str | None = None
    locked: bool = False
    attachments: dict = field(default_factory=dict)


@dataclass(frozen=True)
class UntrustedNotebook:
    """A notebook as its file describes it.

    Attributes
    ----------
    cells : list of NotebookCell, in the file's order
    nbformat : the major version of the format, or None
    language : the kernel's language, or None
    """

    cells: list
    nbformat: int | None = None
    language: str | None = None


def content_of(path):
    """The bytes of a stranger's file.

    Raises
    ------
    UnreadableError
        If it is no regular file (a link would show somebody else's), or too large.
    OSError
        If it cannot be read.
    """
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError(f"{path.name} is no regular file but a link or a device, and is not read")
    _must_fit(status.st_size, path.name)
    return path.read_bytes()


def read(content, name="the notebook"):
    """Read the bytes of a notebook's file.

    Parameters
    ----------
    content : bytes
    name : what messages call the file

    Returns
    -------
    UntrustedNotebook

    Raises
    ------
    UnreadableError
        If it is no notebook. Nothing else is raised, whatever the bytes are.

    Examples
    --------
    >>> read(b'{"cells": [{"cell_type": "code", "source": ["x = 1", 2]}]}').cells[0].source
    'x = 1'
    >>> read(b'{"cells": [')
    Traceback (most recent call last):
        ...
    autograder.untrusted_notebook.UnreadableError: the notebook is not a notebook: it ends too early, not JSON at line \
1, column 12 (Expecting value). A Python file must end in .py. Save it again in Jupyter, or download a fresh copy
    """
    _must_fit(len(content), name)
    notebook = _json(content, name)
    if "worksheets" in notebook:  # nbformat 3 and older, before 2015
        cells = [cell for sheet in _dicts(notebook["worksheets"]) for cell in _list(sheet.get("cells"))]
    else:
        cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise UnreadableError(f"{name} is JSON but no notebook: it has no list of cells. {FRESH}")
    version = notebook.get("nbformat")
    return UntrustedNotebook(
        [_cell(cell) for cell in _dicts(cells)], version if isinstance(version, int) else None, _language(notebook)
    )


def _must_fit(size, name):
    if size > MAX_FILE:
        raise UnreadableError(
            f"{name} is {size >> 20} MiB large: clear its outputs (Edit, Clear outputs of all cells) and save it"
        )


def _json(content, name):
    if not content.strip():
        raise UnreadableError(f"{name} is empty. {FRESH}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"{name} is not text in UTF-8 (byte {error.start}): open it in Jupyter and save it again"
        ) from None
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        cut = "it ends too early, " if error.pos >= len(text.rstrip()) else ""
        raise UnreadableError(
            f"{name} is not a notebook: {cut}not JSON at line {error.lineno}, column {error.colno} ({error.msg}). "
            f"A Python file must end in .py. {FRESH}"
        ) from None
    except RecursionError:
        raise UnreadableError(f"{name} is not a notebook: its JSON is nested too deeply") from None
    except (ValueError, MemoryError) as error:  # a number of more digits than Python reads, for one
        raise UnreadableError(f"{name} is not a notebook: {error or 'its JSON does not fit into memory'}") from None
    if not isinstance(notebook, dict):
        raise UnreadableError(f"{name} is JSON but no notebook: it has no list of cells. {FRESH}")
    return notebook


def _cell(cell):
    cell_type = cell.get("cell_type")
    nbgrader = _dict(_dict(cell.get("metadata")).get("nbgrader"))
    return NotebookCell(
        cell_type if isinstance(cell_type, str) and cell_type in TYPES else "markdown",
        _text(cell.get("source", cell.get("input", ""))),
        _name(cell.get("id")),
        _name(nbgrader.get("grade_id")),
        nbgrader.get("locked") is True and nbgrader.get("solution") is not True,
        _pictures(_dict(cell.get("attachments"))),
    )


def _language(notebook):
    metadata = _dict(notebook.get("metadata"))
    for section, key in (("kernelspec", "language"), ("language_info", "name")):
        language = _name(_dict(metadata.get(section)).get(key))
        if language is not None:
            return language
    return None


def _list(value):
    return value if isinstance(value, list) else []


def _dict(value):
    return value if isinstance(value, dict) else {}


def _dicts(values):
    return [value for value in _list(values) if isinstance(value, dict)]


def _text(source):
    """A cell's source, which the file holds as one text or as a list of lines."""
    parts = source if isinstance(source, list) else [source]
    return _encodable("".join(part for part in parts if isinstance(part, str)))


def _name(value):
    return _encodable(value) if isinstance(value, str) else None


def _encodable(text):
    """The text with "?" for half a surrogate pair, which JSON can hold and a file cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _pictures(attachments):
    """The pictures among a cell's attachments: name -> MIME type -> base64."""
    kept = {}
    for name, contents in attachments.items():
        for mime_type, data in _dict(contents).items():
            if mime_type in ("image/png", "image/jpeg") and _is_picture(data) and re.fullmatch(r"[\w. -]{1,100}", name):
                kept.setdefault(name, {})[mime_type] = data
    return kept


def _is_picture(data):
    return isinstance(data, str) and len(data) <= MAX_PICTURE and bool(re.fullmatch(r"[A-Za-z0-9+/=\s]+", data))
