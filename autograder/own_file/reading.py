"""A student's file as Python source: the cells of a notebook, or a .py file, without magics; and the names in them.

Nothing here runs anything. What cannot be read raises `UnreadableError` with a message that names the file.
"""

import ast
import importlib.util
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from autograder import untrusted_notebook
from autograder.course import EXERCISES
from autograder.untrusted_notebook import FRESH, UnreadableError

#: Calls that ask for a verdict. Checking a file asks for every verdict itself, so these statements are left out.
ASKING = {"check", "check_answer", "reveal", "progress"}

#: Cell magics whose body is Python that would run; the body of any other cell magic is left out.
RUNS_ITS_BODY = {"time", "capture", "prun", "timeit"}


@dataclass(frozen=True)
class Cell:
    """A cell of code, or a whole .py file.

    Attributes
    ----------
    label : its name in messages: "code cell 3", or the name of the .py file
    source : plain Python, with the line numbers that the student sees
    grade_id : nbgrader's name of the cell, or None
    given : True where the course wrote and locked it; what it defines is a tool, not the student's work
    """

    label: str
    source: str
    grade_id: str | None = None
    given: bool = False


def read(path):
    """The cells of code of a notebook or a .py file, in order.

    Parameters
    ----------
    path : str or Path, ending in .ipynb or .py

    Returns
    -------
    list of Cell, at least one

    Raises
    ------
    UnreadableError
        If there is no such file, or no Python in it.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if path.is_dir():
        raise UnreadableError(f"{path} is a folder: name the notebook or .py file inside it")
    if not path.exists():
        raise UnreadableError(f"there is no file {path} (looked in {path.absolute().parent})")
    if suffix not in (".ipynb", ".py"):
        raise UnreadableError(f"{path} is neither a notebook (.ipynb) nor a Python file (.py)")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from None
    return _python_file(path, content) if suffix == ".py" else _notebook(path, content)


def _python_file(path, content):
    if not content.strip():
        raise UnreadableError(f"{path} is empty")
    try:
        source = importlib.util.decode_source(content)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path} is not text in UTF-8 ({error}): save it with the encoding UTF-8") from None
    return [Cell(path.name, source)]


def _notebook(path, content):
    notebook = untrusted_notebook.read(content, str(path))
    if notebook.nbformat is not None and notebook.nbformat > 4:
        raise UnreadableError(
            f"{path} has notebook format {notebook.nbformat}, newer than this reads: save it as format 4"
        )
    if (notebook.language or "python").lower() not in ("python", "python3", "ipython"):
        raise UnreadableError(
            f"{path} is a notebook for {notebook.language}, the course is in Python: "
            "in Jupyter choose Kernel > Change Kernel > Python 3, then save"
        )
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not code:
        raise UnreadableError(f"{path} has no code cells, so nothing to check. {FRESH}")
    return [
        Cell(f"code cell {number}", python_only(cell.source), cell.grade_id, cell.locked)
        for number, cell in enumerate(code, 1)
    ]


# --- notebook code that is not Python -----------------------------------------------------------------------


def parses(source):
    """True if Python can read this source.

    Examples
    --------
    >>> parses("x = 1"), parses("%matplotlib inline")
    (True, False)
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def python_only(source):
    r"""A cell's source without magics and shell lines, on the same line numbers. Plain Python comes back as it is.

    IPython translates it where it is installed; `get_ipython()` then returns a stand-in.

    Examples
    --------
    >>> python_only("%%time\nx = 1\n")
    '\nx = 1\n'
    >>> python_only("%%bash\nls\n")
    ''
    """
    if parses(source):
        return source
    first, _, body = source.lstrip().partition("\n")
    if first.startswith("%%"):
        if first[2:].split(maxsplit=1)[:1] not in ([name] for name in RUNS_ITS_BODY):
            return ""
        source = "\n" * (source.count("\n") - body.count("\n")) + body
        if parses(source):
            return source
    return _without_magics(source)


def _without_magics(source):
    try:
        from IPython.core.inputtransformer2 import TransformerManager

        return TransformerManager().transform_cell(source)
    except (ImportError, SyntaxError):
        return _blank_magics(source)


def _blank_magics(source):
    """Blank the lines that Python cannot read, as long as they are magics; `5 \\` and then `% 3` is none."""
    lines = source.splitlines(keepends=True)
    for _ in lines:
        try:
            ast.parse("".join(lines))
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            if not 0 <= at < len(lines):
                break
            # `pass` keeps the meaning of an indented line.
            blanked = re.sub(r"^([ \t]*)[%!].*", r"\1pass", lines[at])
            blanked = re.sub(r"=\s*[%!].*", "= None", blanked) if blanked == lines[at] else blanked
            if blanked == lines[at]:
                break
            lines[at] = blanked
        except (ValueError, RecursionError, MemoryError):
            break
    return "".join(lines)


# --- the names in a file --------------------------------------------------------------------------------------


def writes(cell, name):
    """True if the student writes `name` in this cell: nbgrader says so, or the text defines it."""
    return cell.grade_id == name or (defines(cell, name) and not cell.given)


def defines(cell, name):
    """True if the text of a cell defines `name`.

    This is a text search and no parser, because a cell with a syntax error is looked at too. ``output_size = 4`` is a
    variable like any other.

    Examples
    --------
    >>> defines(Cell("code cell 1", "def conv2d(x) return x"), "conv2d")
    True
    >>> defines(Cell("code cell 1", "y = conv2d(x, w)"), "conv2d")
    False
    """
    pattern = rf"(?m)^(?:async\s+def|def|class)\s+{name}\b|^{name}\s*=\s*lambda\b"
    return re.search(pattern, cell.source) is not None


def known_names(cells):
    """The course's functions these cells seem to write, in the catalogue's order.

    Examples
    --------
    >>> known_names([Cell("code cell 1", "def conv2d(x): ..."), Cell("code cell 2", "output_size = lambda: 1")])
    ['output_size', 'conv2d']
    """
    return [name for name in EXERCISES if any(writes(cell, name) for cell in cells)]


def asks(statement):
    """True if a top-level statement only asks for a verdict: `check(conv2d, "conv2d-stride")`.

    Examples
    --------
    >>> [asks(statement) for statement in ast.parse("check(f, 'a')\\ny = check(f, 'a')").body]
    [True, False]
    """
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    called = statement.value.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
    return name in ASKING
