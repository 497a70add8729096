"""The sentences about cells that do not run: the right line, and nothing that a student's own class can break."""

import ast
import linecache

import pytest

from autograder.own_file.reading import Cell
from autograder.own_file.sentences import error_sentence, short_repr, syntax_sentence


class Unspeakable(Exception):
    """An error, and a value, that raises when it is asked for its text."""

    def __str__(self):
        raise ValueError("no")

    __repr__ = __str__


def raised_in(source, name="a cell", namespace=None):
    """The last statement of a source, and the error that running all of it raised."""
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    with pytest.raises(Exception) as raised:
        exec(compile(source, name, "exec"), namespace or {})
    return ast.parse(source).body[-1], raised.value


def test_an_error_is_told_at_the_deepest_line_of_its_cell():
    cell = Cell("code cell 2", "")
    statement, error = raised_in("def f(x):\n    return x / 0\n\nf(1)\n")
    assert error_sentence(cell, "a cell", statement, error) == (
        "code cell 2, line 2: ZeroDivisionError: division by zero\n      return x / 0"
    )


def test_an_error_from_elsewhere_is_told_at_its_statement():
    statement, error = raised_in("x = 1\nint('a')\n")
    sentence = error_sentence(Cell("code cell 2", ""), "another cell", statement, error)
    assert sentence.startswith("code cell 2, line 2: ValueError: invalid literal")


def test_an_error_whose_text_raises_is_told_by_its_class():
    statement, error = raised_in("raise E()\n", namespace={"E": Unspeakable})
    assert "Unspeakable" in error_sentence(Cell("code cell 1", ""), "a cell", statement, error)


def test_what_is_no_syntax_error_but_cannot_be_read_is_told():
    sentence = syntax_sentence(Cell("code cell 1", ""), ValueError("null bytes"))
    assert sentence == "code cell 1 is not Python that can be read: null bytes"


def test_a_value_whose_repr_raises_is_told_by_its_class():
    assert short_repr(Unspeakable()) == "a value (a Unspeakable)"
