"""Fixtures of the tests that check a student's file."""

import json

import pytest

from autograder.own_file.check_file import check_file


@pytest.fixture
def write(tmp_path):
    """Write a .py file from text, or a notebook from cells: strings, or (grade_id, string)."""

    def write(name, *cells, **changes):
        path = tmp_path / name
        if path.suffix != ".ipynb":
            path.write_text("\n".join(cells), encoding="utf-8")
            return path
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
        for cell in cells:
            grade_id, source = cell if isinstance(cell, tuple) else (None, cell)
            metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
            notebook["cells"].append({"cell_type": "code", "metadata": metadata, "outputs": [], "source": source})
        path.write_text(json.dumps(notebook | changes), encoding="utf-8")
        return path

    return write


@pytest.fixture
def printed():
    """The pieces of text that students' code prints while files are checked; none of it belongs on our screen."""
    return []


@pytest.fixture
def look(printed):
    """Check a file in here, with a short time limit; returns the report."""

    def look(path, *names, limit=20, **options):
        return check_file(path, names, limit=limit, show=printed.append, **options)

    return look
