"""From an assignment's source to what students get: ``solutions/NN/NN.md`` to ``exercises/NN/NN.ipynb``.

Two steps. Ours turns the MyST text into ``_build/source/NN/NN.ipynb`` and gives every cell the nbgrader
metadata that follow from its form, so that nobody writes metadata by hand:

- a code cell tagged ``solution:NAME`` is what students fill in; its ``### BEGIN SOLUTION`` regions are taken
  out;
- a code cell that is nothing but ``check(NAME, "ID")`` or ``check_answer(NAME, "ID")``, where the catalogue
  knows ID, is graded, with the catalogue's points;
- a Markdown cell tagged ``explain:ID`` is graded by hand;
- every other code cell is locked, unless it is tagged ``scratch``.

nbgrader's own ``generate_assignment`` does the second step, with the configuration of the repository.
"""

import ast
import contextlib
import logging
import os
import re
import sys
import warnings
from pathlib import Path

import nbformat
from jupytext.myst import MystMetadataParsingError, myst_to_notebook
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import PyFileConfigLoader

from autograder.course import ASSIGNMENTS, exercises_of, graded_cells
from autograder.errors import FixableError
from autograder.files import write_if_changed

CONFIG = "nbgrader_config.py"
SOURCE = Path("_build", "source")
EXERCISES = Path("exercises")

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"
ANSWER = "-answer"  # predict-window-answer is where the student answers predict-window


class ReleaseError(FixableError):
    """Something in a source that its author can mend; the message names the place and says how."""


def source(root, assignments=None, report=print):
    """Convert ``solutions/NN/NN.md`` into ``_build/source/NN/NN.ipynb``, nbgrader's source directory.

    Parameters
    ----------
    root : path of the course, where ``solutions/`` is
    assignments : names such as "01-window"; None is all
    report : called with a line about each notebook

    Returns
    -------
    list of Path, the notebooks

    Raises
    ------
    ReleaseError
        With every fault of one source at once: file, line, what to do.
    """
    root = Path(root).resolve()
    written = []
    for assignment in names(assignments):
        text = root / "solutions" / assignment / f"{assignment}.md"
        if not text.is_file():
            raise ReleaseError(f"{text} does not exist; the source of {assignment} belongs there")
        shown = text.relative_to(root).as_posix()
        notebook = convert(text.read_text(encoding="utf-8"), assignment, shown)
        path = root / SOURCE / assignment / f"{assignment}.ipynb"
        changed = write_if_changed(path, nbformat.writes(notebook) + "\n")
        report(f"{shown} -> {path.relative_to(root).as_posix()} {'' if changed else '(unchanged)'}".rstrip())
        written.append(path)
    return written


def release(root, assignments=None, destination=None, report=print):
    """Write what students get, from ``solutions/``, without a gradebook.

    Parameters
    ----------
    root, assignments, report : as in `source`
    destination : a folder instead of ``exercises``

    Returns
    -------
    list of Path, the notebooks

    Raises
    ------
    ReleaseError
        For a fault in a source, or when nbgrader refuses; nothing is written for that assignment then.
    """
    root = Path(root).resolve()
    destination = root / EXERCISES if destination is None else Path(destination).resolve()
    source(root, assignments, report)
    written = []
    for assignment in names(assignments):
        # Not straight into exercises/: nbgrader empties the folder it writes to and leaves it so if it fails.
        generated = generate(root, assignment, root / "_build" / "release", gradebook=False)
        path = destination / assignment / generated.name
        changed = write_if_changed(path, generated.read_text(encoding="utf-8"))
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        report(f"{shown.as_posix()} {'' if changed else '(unchanged)'}".rstrip())
        written.append(path)
    return written


def names(assignments):
    """The assignments asked for, in the catalogue's order; all of them for None or none.

    Examples
    --------
    >>> names(["02-regular", "01-window"])
    ['01-window', '02-regular']
    """
    for name in assignments or ():
        if name not in ASSIGNMENTS:
            raise ReleaseError(f"no assignment is named {name!r}; there are {', '.join(ASSIGNMENTS)}")
    return [name for name in ASSIGNMENTS if not assignments or name in assignments]


def generate(root, assignment, destination, gradebook):
    """Run nbgrader's generate_assignment on a converted source; return the notebook it wrote.

    With ``gradebook`` the assignment and its cells are entered into nbgrader's gradebook as well.
    """
    config = nbgrader_config(root)
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.release_directory = str(destination)
    config.BaseConverter.force = True
    config.GenerateAssignment.no_database = not gradebook
    config.SaveCells.enabled = gradebook
    with nbgrader_says() as said:
        try:
            coursedir = CourseDirectory(config=config, log=said.logger)
            GenerateAssignment(coursedir=coursedir, config=config, log=said.logger).start()
        except NbGraderException as error:
            raise ReleaseError(f"{assignment}: nbgrader could not make it: {said.reason() or error}") from error
    return Path(destination, assignment, f"{assignment}.ipynb")


def nbgrader_config(root):
    """What the course's own ``nbgrader_config.py`` says, and nothing from anybody's home directory."""
    if not Path(root, CONFIG).is_file():
        raise ReleaseError(f"there is no {CONFIG} in {root}; run this in the folder of the course")
    return PyFileConfigLoader(CONFIG, path=str(root)).load_config()


class Said(logging.Handler):
    """What nbgrader logged, kept instead of shown."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.errors = []
        self.logger = logging.Logger("nbgrader")
        self.logger.addHandler(self)

    def emit(self, record):
        self.errors.append(record.getMessage().strip())

    def reason(self):
        """The exception of the first traceback, else the first error: what went wrong, without where."""
        for text in self.errors:
            if "Traceback (most recent call last)" in text:
                # Of chained exceptions the last; its text may run over several lines.
                return " ".join(re.split(r"^(?=[\w.]+(?:Error|Exception|Exit|Entry)\b)", text, flags=re.M)[-1].split())
        return self.errors[0] if self.errors else ""


@contextlib.contextmanager
def nbgrader_says():
    """Let nbgrader work quietly; a `Said`.

    nbgrader calls ``alembic`` by name, so this Python's own scripts come first in PATH meanwhile. It builds its
    records in an order that newer versions of SQLAlchemy warn of, to no effect.
    """
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)
            yield Said()
    finally:
        os.environ["PATH"] = before


def convert(text, assignment, shown):
    """Turn an assignment's MyST text into a notebook with nbgrader's metadata; see the module.

    Cells that have a ``grade_id`` carry it as their id. The others are counted, text and code apart, so that
    a paragraph more does not rename the locked cells that a gradebook already knows.

    Parameters
    ----------
    text : the source
    assignment : its name in the catalogue
    shown : what messages call the file
    """
    try:
        notebook = myst_to_notebook(text.replace("\r\n", "\n"), add_source_map=True)
    except MystMetadataParsingError as error:
        raise ReleaseError(f"{shown}: {error}; tags are written as `:tags: [solution:conv2d]`") from error

    faults, owners, counted = [], {}, {"text": 0, "code": 0}
    cells = []
    for cell, line in zip(notebook.cells, notebook.metadata["source_map"], strict=True):
        where = f"{shown}, line {line + 1}"
        try:
            metadata = nbgrader_metadata(cell, assignment)
            grade_id = metadata.get("grade_id")
            if grade_id in owners:
                raise ReleaseError(f"there is a second cell for {grade_id!r}; the first is at {owners[grade_id]}")
            # After a fault a solution may seem to be missing that is only misspelt.
            if not faults and metadata.get("grade") and not metadata["solution"]:
                check_order(cell, owners)
        except ReleaseError as error:
            faults.append(f"{where}: {error}")
            continue
        if grade_id:
            owners[grade_id] = where
        else:
            kind = "code" if cell.cell_type == "code" else "text"
            counted[kind] += 1
            grade_id = f"{assignment}-{kind}-{counted[kind]}"
        if metadata:
            cell.metadata = {"nbgrader": {**metadata, "grade_id": grade_id}}
        else:
            cell.metadata = {}
        cell.id = grade_id
        cells.append(cell)

    if not faults:  # a fault above is the likely reason for what is missing here
        faults += [f"{shown}: {what}" for what in missing(owners, assignment)]
    if faults:
        raise ReleaseError("\n".join(faults))
    return nbformat.v4.new_notebook(
        cells=cells,
        # Only what Jupyter needs to open it: anything else depends on the machine it was made on.
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )


def nbgrader_metadata(cell, assignment):
    """nbgrader's metadata for one cell; empty where the cell is the student's own or plain text."""
    about = ASSIGNMENTS[assignment]
    points = graded_cells(assignment)
    tags = cell.metadata.get("tags", [])
    if extra := set(cell.metadata) - {"tags"}:
        raise ReleaseError(
            f"{', '.join(sorted(extra))} is set; only tags may be, nbgrader's metadata follow from the form"
        )
    if len(tags) > 1:
        raise ReleaseError(f"the cell has the tags {', '.join(tags)}; one at most")
    kind, _, name = tags[0].partition(":") if tags else ("", "", "")

    has_region = BEGIN in cell.source or END in cell.source
    if has_region and kind not in ("solution", "explain"):
        raise ReleaseError("a solution region in a cell that students get as it is; tag it solution:NAME")

    if kind == "solution":
        allowed = [*(exercise.name for exercise in exercises_of(assignment)), about.prediction + ANSWER]
        if cell.cell_type != "code":
            raise ReleaseError(f"solution:{name} is for code cells; text graded by hand is tagged explain:ID")
        if name not in allowed:
            raise ReleaseError(f"{assignment} does not ask for solution:{name}, but for {', '.join(allowed)}")
        check_regions(cell.source, name)
        return nbgrader(name, solution=True)
    if kind == "explain":
        if cell.cell_type != "markdown":
            raise ReleaseError(f"explain:{name} is for Markdown cells")
        if name != about.explanation:
            asked = f"for {about.explanation}" if about.explanation else "for no explanation"
            raise ReleaseError(f"{assignment} does not ask for explain:{name}, but {asked}")
        if has_region:
            check_regions(cell.source, name)
        return nbgrader(name, solution=True, grade=True, points=points[name])
    if kind == "scratch" and not name:
        if cell.cell_type != "code":
            raise ReleaseError("scratch is for code cells; students may change text anyway")
        return {}
    if kind:
        raise ReleaseError(f"the tag {tags[0]!r} is unknown; there are solution:NAME, explain:ID and scratch")

    if cell.cell_type != "code":
        return {}
    call = graded_call(cell.source)
    if call is None or call[2] in (exercise.name for exercise in exercises_of(assignment)):
        return nbgrader(None, locked=True)
    checker, subject, grade_id = call
    if grade_id not in points:
        raise ReleaseError(f"{assignment} has no graded cell {grade_id!r}; it has {', '.join(points)}")
    expected = "check_answer" if grade_id == about.prediction else "check"
    if checker != expected or grade_id == about.explanation:
        raise ReleaseError(f"{checker}({subject}, {grade_id!r}) should be {expected}")
    return nbgrader(grade_id, locked=True, grade=True, points=points[grade_id])


def nbgrader(grade_id, *, grade=False, solution=False, locked=False, points=None):
    """nbgrader's metadata of a cell, in its schema 3."""
    metadata = {"schema_version": 3, "grade": grade, "solution": solution, "locked": locked, "task": False}
    if grade_id:
        metadata["grade_id"] = grade_id
    if grade:
        metadata["points"] = points
    return metadata


def graded_call(code):
    """Take a graded cell apart: the checker, what it checks, the ID; None for any other code.

    Examples
    --------
    >>> graded_call('check(conv2d, "conv2d-stride")')
    ('check', 'conv2d', 'conv2d-stride')
    >>> graded_call('print(1); check(conv2d, "conv2d-stride")') is None
    True
    """
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return None
    match body:
        case [
            ast.Expr(
                ast.Call(
                    ast.Name("check" | "check_answer" as checker),
                    [ast.Name(subject), ast.Constant(str(grade_id))],
                    [],
                )
            )
        ]:
            # The form is one line with nothing beside it, no comment either.
            return (checker, subject, grade_id) if ast.unparse(body[0]) == code.replace('"', "'") else None
    return None


def check_regions(code, name):
    """Raise unless the cell has solution regions, each begun and ended."""
    inside = False
    for line in code.splitlines():
        if BEGIN in line or END in line:
            if (BEGIN in line) == inside:
                raise ReleaseError(f"solution:{name}: `### {BEGIN}` and `### {END}` do not pair up")
            inside = not inside
    if inside or BEGIN not in code:
        raise ReleaseError(
            f"solution:{name}: put the solution between `### {BEGIN}` and `### {END}`, else all is taken out"
        )


def check_order(cell, owners):
    """Raise unless what a graded cell checks was asked for before it."""
    checker, subject, grade_id = graded_call(cell.source)
    name = grade_id + ANSWER if checker == "check_answer" else grade_id.partition("-")[0]
    if checker == "check" and subject != name:
        raise ReleaseError(f"check({subject}, {grade_id!r}) should check {name}")
    if name not in owners:
        raise ReleaseError(f"{grade_id} is checked, but no cell before it is tagged solution:{name}")


def missing(owners, assignment):
    """What the catalogue promises and the source lacks, a sentence each."""
    about = ASSIGNMENTS[assignment]
    for exercise in exercises_of(assignment):
        if exercise.name not in owners:
            yield f"no cell is tagged solution:{exercise.name}; {assignment} asks for it"
    if about.prediction + ANSWER not in owners:
        yield f"no cell is tagged solution:{about.prediction + ANSWER}; {assignment} asks for a prediction"
    for grade_id in graded_cells(assignment):
        if grade_id in owners:
            continue
        if grade_id == about.explanation:
            yield f"no Markdown cell is tagged explain:{grade_id}; {assignment} asks for an explanation"
        elif grade_id == about.prediction:
            yield f'{grade_id} is not graded; add a cell of one line: check_answer(prediction, "{grade_id}")'
        else:
            name = grade_id.partition("-")[0]
            yield f'{grade_id} is not graded; add a cell of one line: check({name}, "{grade_id}")'
