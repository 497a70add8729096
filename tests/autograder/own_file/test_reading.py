"""Files as Python source: notebooks and .py files, and the message about a file that is neither."""

import json
import re
import sys

import pytest
from own_files import FILES, MACS, PAIR, outcomes

from autograder.__main__ import main
from autograder.own_file.reading import python_only, read

NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


@pytest.mark.parametrize(
    "name, content, says",
    [
        ("gone.ipynb", None, r"there is no file .*gone\.ipynb \(looked in /.*\)"),
        ("notes.txt", b"conv2d", r"notes\.txt is neither a notebook \(\.ipynb\) nor a Python file \(\.py\)"),
        ("empty.ipynb", b"", r"empty\.ipynb is empty\. Save it again in Jupyter, or download a fresh copy"),
        ("empty.py", b" \n", r"empty\.py is empty"),
        ("code.ipynb", b"def conv2d(): pass", r"not JSON at line 1, column 1 .* A Python file must end in \.py"),
        ("cut.ipynb", b'{"cells": [{"cell_type":', r"cut\.ipynb is not a notebook: it ends too early"),
        ("latin.ipynb", b'{"cells": "\xe9"}', r"latin\.ipynb is not text in UTF-8 \(byte 11\): open it in Jupyter"),
        ("latin.py", b"# caf\xe9\n", r"latin\.py is not text in UTF-8 .* save it with the encoding UTF-8"),
        ("list.ipynb", b"[1, 2]", r"list\.ipynb is JSON but no notebook: it has no list of cells"),
        ("object.ipynb", b'{"a": 1}', r"object\.ipynb is JSON but no notebook: it has no list of cells"),
        ("deep.ipynb", b"[" * 100_000, r"deep\.ipynb is not a notebook: its JSON is nested too deeply"),
        ("new.ipynb", json.dumps(NOTEBOOK | {"nbformat": 5}).encode(), r"notebook format 5, newer than this reads"),
        ("none.ipynb", json.dumps(NOTEBOOK).encode(), r"none\.ipynb has no code cells"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(tmp_path, capsys, name, content, says):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert main(["check", str(path), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"results": []}
    assert re.fullmatch(f"error: .*{says}.*\n", err), err


def test_a_folder_is_no_file(tmp_path, capsys):
    assert main(["check", str(tmp_path)]) == 2
    assert "is a folder: name the notebook or .py file inside it" in capsys.readouterr().err


def test_another_languages_notebook_is_refused(capsys):
    assert main(["check", str(FILES / "in_r.ipynb")]) == 2
    assert "in_r.ipynb is a notebook for R" in capsys.readouterr().err


def test_a_notebook_of_2014_is_read(look):
    report = look(FILES / "old_format_3.ipynb")
    assert report.exit_code == 0
    assert set(outcomes(report, "conv2d_macs").values()) == {True}


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path, look):
    path = tmp_path / "a.py"
    path.write_bytes(b"\xef\xbb\xbf" + (PAIR + MACS).replace("\n", "\r\n").encode())
    assert look(path).exit_code == 0


def test_magics_are_blanked_where_there_is_no_ipython(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython.core.inputtransformer2", None)
    source = "%matplotlib inline\nfor i in range(2):\n    !ls\nx = 5 \\\n  % 3\nfiles = !ls\n"
    assert python_only(source) == "pass\nfor i in range(2):\n    pass\nx = 5 \\\n  % 3\nfiles = None\n"
    assert python_only("%time\nretrun 3") == "pass\nretrun 3"


def test_read_finds_the_names_of_nbgrader(write):
    cells = read(write("a.ipynb", ("conv2d", "x = 1"), "y = 2"))
    assert not any(cell.given for cell in cells)
    assert [(cell.label, cell.grade_id) for cell in cells] == [("code cell 1", "conv2d"), ("code cell 2", None)]
