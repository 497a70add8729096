"""From an assignment's source to what students get: ``solutions/NN/NN.md`` to ``exercises/NN/NN.ipynb``.

Two steps. `autograder.releasing.convert` turns the MyST text into ``_build/source/NN/NN.ipynb``, a notebook with the
solutions and nbgrader's metadata. nbgrader's own ``generate_assignment`` does the second, with the configuration of the
repository: it takes the solutions out.
"""

import contextlib
import logging
import os
import re
import shlex
import sys
import tempfile
import warnings
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import PyFileConfigLoader

from autograder.course import ASSIGNMENTS
from autograder.files import write_if_changed
from autograder.releasing.convert import ReleaseError, convert

CONFIG = "nbgrader_config.py"
SOURCE = Path("_build", "source")
EXERCISES = Path("exercises")


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
        report(f"{shown} -> {path.relative_to(root).as_posix()}{'' if changed else ' (unchanged)'}")
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
        report(f"{shown.as_posix()}{'' if changed else ' (unchanged)'}")
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


class Generate(GenerateAssignment):
    """nbgrader's generate_assignment of one notebook, in a folder of any name.

    nbgrader looks for the notebook with a glob pattern, in which `[` and `*` of a folder's name mean something.
    """

    def init_notebooks(self):
        folder = self.coursedir.format_path(
            self.coursedir.source_directory, self.coursedir.student_id, self.coursedir.assignment_id
        )
        self.assignments = {folder: [os.path.join(folder, f"{self.coursedir.assignment_id}.ipynb")]}
        self.notebooks = []


def generate(root, assignment, destination, gradebook):
    """Run nbgrader's generate_assignment on a converted source.

    Parameters
    ----------
    root : path of the course
    assignment : its name
    destination : path of the folder in which nbgrader writes ``ASSIGNMENT/ASSIGNMENT.ipynb``
    gradebook : True to enter the assignment and its cells into nbgrader's gradebook as well

    Returns
    -------
    Path of the notebook

    Raises
    ------
    ReleaseError
        If nbgrader refuses; the message has its reason.
    """
    config = nbgrader_config(root)
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = "."
    config.CourseDirectory.release_directory = str(destination)
    config.BaseConverter.force = True
    config.GenerateAssignment.no_database = not gradebook
    config.SaveCells.enabled = gradebook
    with quiet_nbgrader() as errors:
        try:
            coursedir = CourseDirectory(config=config, log=errors.logger)
            Generate(coursedir=coursedir, config=config, log=errors.logger).start()
        except NbGraderException as error:
            raise ReleaseError(f"{assignment}: nbgrader could not make it: {errors.reason() or error}") from error
    return Path(destination, assignment, f"{assignment}.ipynb")


def nbgrader_config(root):
    """The configuration in the course's own ``nbgrader_config.py``, and nothing from anybody's home directory.

    Raises
    ------
    ReleaseError
        If there is no such file.
    """
    if not Path(root, CONFIG).is_file():
        raise ReleaseError(f"there is no {CONFIG} in {root}; run this in the folder of the course")
    return PyFileConfigLoader(CONFIG, path=str(root)).load_config()


class LoggedErrors(logging.Handler):
    """The errors that nbgrader logs, kept instead of shown.

    Attributes
    ----------
    logger : the logger to hand to nbgrader
    """

    def __init__(self):
        super().__init__(logging.ERROR)
        self.texts = []
        self.logger = logging.Logger("nbgrader")
        self.logger.addHandler(self)

    def emit(self, record):
        self.texts.append(record.getMessage().strip())

    def reason(self):
        """The exception of the first traceback, without the traceback; else the first error, or an empty text."""
        for text in self.texts:
            if "Traceback (most recent call last)" in text:
                # Of chained exceptions the last; its text may run over several lines.
                return " ".join(re.split(r"^(?=[\w.]+(?:Error|Exception|Exit|Entry)\b)", text, flags=re.M)[-1].split())
        return self.texts[0] if self.texts else ""


@contextlib.contextmanager
def quiet_nbgrader():
    """A block in which nbgrader can work and prints nothing; `LoggedErrors`.

    nbgrader calls ``alembic`` by name, so a script of this name that starts this very Python comes first in PATH
    meanwhile: the environment's own does not start where the environment was moved, or under some paths. nbgrader
    builds its records in an order that newer versions of SQLAlchemy warn about, to no effect.
    """
    before = os.environ.get("PATH", "")
    with tempfile.TemporaryDirectory(prefix="alembic-") as folder:
        script = Path(folder, "alembic")
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m alembic "$@"\n', encoding="utf-8")
        script.chmod(0o700)
        os.environ["PATH"] = os.pathsep.join([folder, str(Path(sys.executable).parent), before])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)
                yield LoggedErrors()
        finally:
            os.environ["PATH"] = before
