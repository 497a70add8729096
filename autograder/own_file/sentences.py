"""The sentences about a cell that does not run, and about a value that is no function."""

import linecache
import traceback


def syntax_sentence(cell, error):
    """The line at which a cell is not Python, and the reason.

    Examples
    --------
    >>> from autograder.own_file.reading import Cell
    >>> syntax_sentence(Cell("code cell 1", ""), SyntaxError("invalid syntax", ("x", 2, 1, "retrun x")))
    'syntax error in code cell 1, line 2: invalid syntax\\n      retrun x'
    """
    if not isinstance(error, SyntaxError):
        return f"{cell.label} is not Python that can be read: {error}"
    line = (error.text or "").strip()
    quoted = f"\n      {line}" if line else ""
    where = f"{cell.label}, line {error.lineno}" if error.lineno else cell.label
    return f"syntax error in {where}: {error.msg}{quoted}"


def error_sentence(cell, filename, statement, error):
    """The error of a statement, with the deepest line of its cell that was being run.

    Parameters
    ----------
    cell : Cell
    filename : str, the cell's name in tracebacks
    statement : ast.stmt
    error : BaseException
    """
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
    line = lines[-1] if lines else statement.lineno
    try:
        text = traceback.format_exception_only(type(error), error)[-1].strip().removeprefix("student_work.")
    except Exception:  # an error's own text may raise
        text = type(error).__name__
    source = linecache.getline(filename, line).strip()
    return f"{cell.label}, line {line}: {text}\n      {source}"


def short_repr(value):
    """A value in a few words.

    Examples
    --------
    >>> short_repr(4), short_repr("x" * 100)[57:]
    ('4 (a int)', 'xxx… (a str)')
    """
    try:
        text = repr(value)
    except Exception:  # a student's own class may raise
        text = "a value"
    return f"{text[:60]}… (a {type(value).__name__})" if len(text) > 60 else f"{text} (a {type(value).__name__})"
