"""The one reader of notebooks from anybody: plain cells come out, or one error that says what to do."""

import json
import os
import random
import re

import pytest
from places import ROOT

from autograder import untrusted_notebook
from autograder.untrusted_notebook import NotebookCell, UnreadableError, UntrustedNotebook, content_of, read

NOTEBOOK = ROOT / "exercises" / "01-window" / "01-window.ipynb"


def cells(*cells, **more):
    return json.dumps({"nbformat": 4, "cells": cells, **more}).encode()


# --- what is read -----------------------------------------------------------------------------------------------------


def test_a_released_notebook_has_the_cells_that_nbformat_reads():
    import nbformat

    expected = nbformat.read(NOTEBOOK, as_version=4)
    notebook = read(NOTEBOOK.read_bytes())
    assert (notebook.nbformat, notebook.language, len(notebook.cells)) == (4, "python", len(expected.cells))
    for cell, other in zip(notebook.cells, expected.cells, strict=True):
        nbgrader = other.metadata.get("nbgrader", {})
        assert (cell.cell_type, cell.source, cell.id) == (other.cell_type, other.source, other.id)
        assert cell.grade_id == nbgrader.get("grade_id")
        assert cell.locked == bool(nbgrader.get("locked"))
    assert {cell.locked for cell in notebook.cells} == {True, False}


def test_format_3_has_worksheets_and_inputs():
    sheets = [{"cells": [{"cell_type": "code", "input": ["a = 1\n", "b"]}]}, {"cells": [{"source": "text"}]}, 7, {}]
    notebook = read(json.dumps({"nbformat": 3, "worksheets": sheets}).encode())
    assert notebook.cells == [NotebookCell("code", "a = 1\nb"), NotebookCell("markdown", "text")]
    assert read(b'{"worksheets": 7}').cells == []


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({}, NotebookCell("markdown", "")),
        ({"cell_type": "heading", "source": "x"}, NotebookCell("markdown", "x")),
        ({"cell_type": ["code"], "source": 3}, NotebookCell("markdown", "")),
        ({"cell_type": "raw", "source": ["a", None, "b", ["c"]]}, NotebookCell("raw", "ab")),
        ({"id": 7, "metadata": []}, NotebookCell("markdown", "")),
        ({"id": "a", "metadata": {"nbgrader": "x"}}, NotebookCell("markdown", "", "a")),
        ({"metadata": {"nbgrader": {"grade_id": {}, "locked": True}}}, NotebookCell("markdown", "", locked=True)),
        (
            {"metadata": {"nbgrader": {"grade_id": "b", "locked": True, "solution": True}}},
            NotebookCell("markdown", "", grade_id="b"),
        ),
        ({"source": "half \ud800", "id": "\udfff"}, NotebookCell("markdown", "half ?", "?")),
        (
            {"attachments": {"a.png": {"image/png": "iVBORw0=", "text/html": "<b>"}, "b": {"image/svg+xml": "<svg>"}}},
            NotebookCell("markdown", "", attachments={"a.png": {"image/png": "iVBORw0="}}),
        ),
        ({"attachments": {"../a": {"image/png": "aa"}, "b": {"image/png": '"'}, "c": 3}}, NotebookCell("markdown", "")),
    ],
)
def test_a_value_of_another_type_is_absent(cell, expected):
    assert read(cells(cell, 7, None, [cell])).cells == [expected]


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"language": "R"}, "language_info": {"name": "python"}}, "R"),
        ({"kernelspec": 3, "language_info": {"name": "julia"}}, "julia"),
        ({"kernelspec": {"language": 7}}, None),
        ([], None),
    ],
)
def test_the_language_is_the_kernels(metadata, language):
    assert read(cells(metadata=metadata)).language == language


def test_a_picture_that_is_too_large_is_left_out(monkeypatch):
    picture = {"attachments": {"a.png": {"image/png": "a" * 9}}}
    assert read(cells(picture)).cells[0].attachments
    monkeypatch.setattr(untrusted_notebook, "MAX_PICTURE", 8)
    assert not read(cells(picture)).cells[0].attachments


# --- what is not ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "x.ipynb is empty. Save it again in Jupyter, or download a fresh copy"),
        (b"  \n", "x.ipynb is empty."),
        (b"{", "x.ipynb is not a notebook: it ends too early, not JSON at line 1, column 2"),
        (b"def f(): pass", "not JSON at line 1, column 1 (Expecting value). A Python file must end in .py."),
        (b"[1]", "x.ipynb is JSON but no notebook: it has no list of cells."),
        (b"null", "x.ipynb is JSON but no notebook"),
        (b"{}", "x.ipynb is JSON but no notebook"),
        (b'{"cells": {}}', "x.ipynb is JSON but no notebook"),
        ("ä".encode("latin-1"), "x.ipynb is not text in UTF-8 (byte 0): open it in Jupyter and save it again"),
        (b"[" * 100_000, "x.ipynb is not a notebook: its JSON is nested too deeply"),
        (b'{"cells": [' + b"9" * 5000 + b"]}", "x.ipynb is not a notebook: Exceeds the limit"),
    ],
)
def test_a_file_that_is_no_notebook(content, message):
    with pytest.raises(UnreadableError, match=f".*{re.escape(message)}"):
        read(content, "x.ipynb")


def test_a_file_that_is_too_large(monkeypatch, tmp_path):
    monkeypatch.setattr(untrusted_notebook, "MAX_FILE", 2**20)
    path = tmp_path / "x.ipynb"
    path.write_bytes(b" " * (2**20 + 1))
    message = r"x\.ipynb is 1 MiB large: clear its outputs \(Edit, Clear outputs of all cells\) and save it"
    with pytest.raises(UnreadableError, match=message):
        read(path.read_bytes(), "x.ipynb")
    with pytest.raises(UnreadableError, match=message):
        content_of(path)
    path.write_bytes(b"{}")
    assert content_of(path) == b"{}"


def test_a_link_or_a_pipe_is_not_followed(tmp_path):
    (tmp_path / "link.ipynb").symlink_to(NOTEBOOK)
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name in ("link.ipynb", "pipe.ipynb"):
        with pytest.raises(UnreadableError, match=f"{name} is no regular file but a link or a device"):
            content_of(tmp_path / name)


# --- whatever the bytes are -------------------------------------------------------------------------------------------

#: Values in the place of others.
ODD = [None, True, -1, 10**400, 1e308, "", "\ud800", "x" * 1000, [], [[]], {}, {"a": 1}, [None, {}], "code", "\0"]


def mutated_values(content, rng):
    """A notebook with some of its values replaced, removed or repeated, anywhere."""
    root = json.loads(content)
    for _ in range(rng.randrange(1, 6)):
        at = root
        while isinstance(at, (dict, list)) and at:
            key = rng.choice(list(at)) if isinstance(at, dict) else rng.randrange(len(at))
            if rng.random() < 0.3 or not isinstance(at[key], (dict, list)) or not at[key]:
                kind = rng.randrange(3)
                if kind == 0:
                    at[key] = rng.choice(ODD)
                elif kind == 1:
                    del at[key]
                elif isinstance(at, list):
                    at.append(at[key])
                else:
                    at[rng.choice(["cells", "source", "metadata", "id", "worksheets", "attachments"])] = at[key]
                break
            at = at[key]
    return json.dumps(root).encode()


def mutated_bytes(content, rng):
    """A notebook with some of its bytes changed, removed or repeated."""
    content = bytearray(content)
    for _ in range(rng.randrange(1, 8)):
        start = rng.randrange(len(content))
        end = min(len(content), start + rng.randrange(1, 40))
        repeated = content[start:end] * 2
        content[start:end] = rng.choice([b"", rng.randbytes(3), repeated, b'"', b"{", b"]", b"\xff", b"9"])
        if not content:
            break
    return bytes(content)


def small_notebook():
    """Some cells of a real notebook, with every part that the reader looks at."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    notebook["cells"] = notebook["cells"][:5]
    notebook["cells"][0]["attachments"] = {"a.png": {"image/png": "iVBORw0="}}
    notebook["metadata"]["language_info"] = {"name": "python"}
    return json.dumps(notebook).encode()


def is_plain(cell):
    """True if a cell is what the rest of the program may rely on."""
    texts = [cell.source, cell.id, cell.grade_id, *cell.attachments, *map(str, cell.attachments.values())]
    for text in texts:
        if text is not None:
            text.encode("utf-8")
    return cell.cell_type in untrusted_notebook.TYPES and type(cell.locked) is bool and type(cell.source) is str


def faults_of(reader, count):
    """Read mutated notebooks; the exceptions that are no UnreadableError, and how many were read, and refused."""
    rng, small = random.Random(20261122), small_notebook()
    faults, done, refused = [], 0, 0
    for number in range(count):
        content = (mutated_values if number % 2 else mutated_bytes)(small, rng)
        try:
            notebook = reader(content, "x.ipynb")
            assert isinstance(notebook, UntrustedNotebook) and all(map(is_plain, notebook.cells))
            done += 1
        except UnreadableError:
            refused += 1
        except Exception as error:
            faults.append((type(error).__name__, str(error)[:80], content[:200]))
    return faults, done, refused


def test_mutated_notebooks_are_read_or_refused():
    faults, done, refused = faults_of(read, 4000)
    assert faults == []
    assert done > 1000 and refused > 1000


@pytest.mark.parametrize("guard", ["_dict", "_list", "_encodable"])
def test_a_missing_guard_is_found(monkeypatch, guard):
    monkeypatch.setattr(untrusted_notebook, guard, lambda value: value)
    assert faults_of(read, 4000)[0]
