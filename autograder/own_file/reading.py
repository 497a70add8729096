"""A student's file, read robustly: a list of cells comes out, or a sentence about what to do.

Nothing here runs anything. What cannot be read raises `UnreadableError` with a message that names the file.
"""

import ast
import importlib.util
import json
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from autograder.course import EXERCISES

#: Calls that ask for a verdict. Whoever runs the file gives the verdicts, so these statements are left out.
ASKING = {"check", "check_answer", "reveal", "progress"}

#: Cell magics whose body is Python that would run; the body of any other cell magic is left out.
RUNS_ITS_BODY = {"time", "capture", "prun", "timeit"}


#: What helps with every broken notebook.
FRESH = "Save it again in Jupyter, or download a fresh copy"


class UnreadableError(ValueError):
    """The file is not one that can be checked; the message says why and what to do."""


@dataclass(frozen=True)
class Cell:
    """One cell of code, or a whole .py file.

    Attributes
    ----------
    label : how messages call it: "code cell 3"; a .py file is called by its name
    source : plain Python, its line numbers those the student sees
    grade_id : nbgrader's name of the cell, or None
    given : whether the course wrote it and locked it; what it defines is a tool, not the student's work
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
    if not content.strip():
        raise UnreadableError(f"{path} is empty. {FRESH}")
    return _python_file(path, content) if suffix == ".py" else _notebook(path, content)


def _python_file(path, content):
    try:
        source = importlib.util.decode_source(content)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path} is not text in UTF-8 ({error}): save it with the encoding UTF-8") from None
    return [Cell(path.name, source)]


def _notebook(path, content):
    notebook = _json(path, content)
    version = notebook.get("nbformat")
    if isinstance(version, int) and version > 4:
        raise UnreadableError(f"{path} has notebook format {version}, newer than this reads: save it as format 4")
    if "worksheets" in notebook:  # format 3 and older, before 2015
        sheets = notebook["worksheets"] if isinstance(notebook["worksheets"], list) else []
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells", ())]
    else:
        cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise UnreadableError(f"{path} is JSON but no notebook: it has no list of cells. {FRESH}")

    language = _language(notebook)
    if language and language.lower() not in ("python", "python3", "ipython"):
        raise UnreadableError(
            f"{path} is a notebook for {language}, the course is in Python: "
            "in Jupyter choose Kernel > Change Kernel > Python 3, then save"
        )
    code = [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    if not code:
        raise UnreadableError(f"{path} has no code cells, so nothing to check. {FRESH}")
    return [
        Cell(f"code cell {number}", python_only(_source(cell)), *_nbgrader(cell)) for number, cell in enumerate(code, 1)
    ]


def _json(path, content):
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"{path} is not text in UTF-8 (byte {error.start}): open it in Jupyter and save it again"
        ) from None
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        cut = "it ends too early, " if error.pos >= len(text.rstrip()) else ""
        raise UnreadableError(
            f"{path} is not a notebook: {cut}not JSON at {where} ({error.msg}). A Python file must end in .py. {FRESH}"
        ) from None
    except RecursionError:
        raise UnreadableError(f"{path} is not a notebook: its JSON is nested too deeply") from None
    if not isinstance(notebook, dict):
        raise UnreadableError(f"{path} is JSON but no notebook: it has no list of cells. {FRESH}")
    return notebook


def _language(notebook):
    metadata = notebook.get("metadata")
    for section, key in (("kernelspec", "language"), ("language_info", "name")):
        about = metadata.get(section) if isinstance(metadata, dict) else None
        if isinstance(about, dict) and isinstance(about.get(key), str):
            return about[key]
    return None


def _source(cell):
    source = cell.get("source", cell.get("input", ""))
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _nbgrader(cell):
    """What nbgrader says of a cell: its grade_id, and whether the course gave it."""
    about = cell.get("metadata")
    about = about.get("nbgrader") if isinstance(about, dict) else None
    if not isinstance(about, dict):
        return None, False
    name = about.get("grade_id")
    return name if isinstance(name, str) else None, bool(about.get("locked") and not about.get("solution"))


# --- notebook code that is not Python -----------------------------------------------------------------------


def parses(source):
    """Whether Python can read this source.

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
    r"""A cell's source without magics and shell lines; line numbers stay. Plain Python comes back as it is.

    IPython does the translation where it is installed; `get_ipython()` then answers with a stand-in.

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
    """Blank the lines that Python trips over, as long as they are magics; `5 \\` and then `% 3` is none."""
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


# --- what a file is about -----------------------------------------------------------------------------------


def writes(cell, name):
    """Whether this cell is where the student writes `name`: nbgrader says so, or the text defines it."""
    return cell.grade_id == name or (defines(cell, name) and not cell.given)


def defines(cell, name):
    """Whether the text of a cell defines `name`.

    A text search and not a parser, because the cell with the syntax error is asked too. ``output_size = 4`` is a
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
    """Whether a top-level statement only asks for a verdict: `check(conv2d, "conv2d-stride")`.

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
