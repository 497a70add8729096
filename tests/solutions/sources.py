"""The sources of the assignments: their cells, the functions they define, and sources broken on purpose."""

import ast
import functools
import re
from fractions import Fraction

import jupytext
import numpy as np
import torch
from places import ROOT

from autograder.course import EXERCISES


@functools.cache
def source(assignment):
    return (ROOT / "solutions" / assignment / f"{assignment}.md").read_text(encoding="utf-8")


def broken(assignment, old, new):
    """The source with one thing changed, which must occur once in it."""
    text = source(assignment)
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {assignment}"
    return text.replace(old, new)


def broken_solution(name, old, new):
    """The source with one thing changed in the cell of one function: whatever other cells say, it need not differ."""
    text = source(EXERCISES[name].assignment)
    start = text.index(f":tags: [solution:{name}]")
    end = text.index("\n```", start)
    cell = text[start:end]
    assert cell.count(old) == 1, f"{old!r} is {cell.count(old)} times in the cell of {name}"
    return text[:start] + cell.replace(old, new) + text[end:]


def cells(text):
    """The cells of a source. It is read in pieces, each once: a source with one fault is elsewhere as it was."""
    return [cell for piece in re.split(r"^(?=```\{code-cell\}|\+\+\+)", text, flags=re.M) for cell in _cells(piece)]


@functools.cache
def _cells(piece):
    return jupytext.reads(piece, fmt="md:myst").cells


def tag(cell):
    return "".join(cell.metadata.get("tags", []))


def calls(code, *names):
    """The calls of some functions anywhere in a cell."""
    nodes = ast.walk(ast.parse(code))
    return [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", None) in names]


def words(text):
    """Text without the accidents of line breaks and quote marks."""
    return " ".join(re.sub(r"^>", "", text, flags=re.M).split())


# --- running a source -------------------------------------------------------------------------------------------------


def _needs_the_checker(code):
    return "from autograder" in code or calls(code, "check", "check_answer", "reveal", "progress")


def run(text, only="", after_cell=lambda namespace: None):
    """Run a source's code cells from top to bottom, all but those that ask for a verdict; their namespace."""
    namespace = {"np": np, "torch": torch, "Fraction": Fraction}
    for cell in cells(text):
        if cell.cell_type == "code" and only in cell.source and not _needs_the_checker(cell.source):
            exec(compile(cell.source, "<notebook>", "exec"), namespace)
            after_cell(namespace)
    return namespace


def functions(text):
    """The functions that a source defines, given ones and solutions; its examples and asserts are not run."""
    return run(text, only="def ")


@functools.cache
def solved(assignment):
    return functions(source(assignment))
