"""The insides of nbgrader and nbconvert that grading needs, in one module: a new version is work on this file only.

Their documented interfaces are used where they are needed. Every assumption that is made here has a test in
``test_nbgrader_compat.py``, which says what has changed and what depends on it. This module imports nothing of ours.
"""

import contextlib
import logging
import os
import stat

import nbformat
import nbgrader
from nbconvert.filters.markdown_mistune import IPythonRenderer
from nbgrader import preprocessors, utils
from nbgrader.api import BaseCell, Comment, Grade, GradeCell, Notebook, SolutionCell
from nbgrader.converters import Autograde, GenerateFeedback, base
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import select
from tornado.log import app_log

#: The largest timestamp.txt that is read, in bytes.
MAX_TIMESTAMP = 200

#: nbgrader's steps that ``python -m autograder grade`` leaves out: only the coordinator writes to the gradebook,
#: through `autograder.grading.gradebook`, and a rebuilt notebook has the released one's cells, metadata and kernel.
LEFT_OUT = (
    preprocessors.CheckCellMetadata,
    preprocessors.OverwriteKernelspec,
    preprocessors.OverwriteCells,
    preprocessors.SaveAutoGrades,
    preprocessors.AssignLatePenalties,
)


class NbgraderChangedError(RuntimeError):
    """The installed nbgrader lacks something that this course relies on."""


# ---------------------------------------------------------------- a submission's other files


def timestamp(folder):
    """The time in a submission's timestamp.txt, in UTC; None where there is no such file, or no time in it.

    nbgrader's own method follows a link, waits for a FIFO, and gives up on a submission whose text is no time.
    """
    with contextlib.suppress(Exception):  # whatever a student puts there
        descriptor = os.open(os.path.join(folder, "timestamp.txt"), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_TIMESTAMP:
                return utils.parse_utc(os.read(descriptor, MAX_TIMESTAMP).decode("utf-8").strip())
        finally:
            os.close(descriptor)
    return None


def _existing_timestamp(coursedir, dest_path):
    return timestamp(dest_path)


def _regular_files(path, exclude=None):
    return [found for found in utils.find_all_files(path, exclude) if stat.S_ISREG(os.lstat(found).st_mode)]


def guard():
    """Protect nbgrader's own commands from a submission's other files, which they use before any plug-in is asked.

    They stop at a timestamp.txt that holds no time, wait for a FIFO, and copy what a link leads to, into feedback too.

    Raises
    ------
    NbgraderChangedError
        If nbgrader no longer has what is replaced: without the guard its commands must not run.
    """
    for owner, name, replacement in (
        (CourseDirectory, "get_existing_timestamp", _existing_timestamp),
        (base, "find_all_files", _regular_files),
    ):
        if not hasattr(owner, name):
            raise NbgraderChangedError(
                f"nbgrader {nbgrader.__version__} has no {owner.__name__}.{name}, which this course replaces for "
                "safety from links and FIFOs in submissions; install the version that requirements.txt names"
            )
        setattr(owner, name, replacement)


# ---------------------------------------------------------------- steps, exporters and converters


def is_sanitizing(exporter):
    """The stage of `nbgrader autograde`: True while it cleans a submission, False while it grades the cleaned one."""
    return exporter.parent._sanitizing


def exporter_of(step):
    """The exporter that runs a step."""
    return step.parent


def course_directory(exporter):
    """nbgrader's CourseDirectory of the command that made an exporter."""
    return exporter.parent.coursedir


def steps_around(config):
    """nbgrader's configured steps before and after ours, as two lists of instances, for ``grade`` to run in order.

    A step of ours has a class attribute ``is_ours``. What ours do, the worker does between the two lists.
    """
    converter = Autograde(coursedir=None, config=config, log=logging.Logger("nbgrader"))
    around = []
    for steps in (converter.sanitize_preprocessors, converter.autograde_preprocessors):
        others = [step for step in steps if not is_ours(step) and not issubclass(step, LEFT_OUT)]
        around.append([step(parent=converter) for step in others] if any(map(is_ours, steps)) else [])
    return around


def is_ours(step):
    """True for a class that is a step of this course's own."""
    return getattr(step, "is_ours", False)


def feedback_exporter(config):
    """The configured exporter for feedback, with its steps; the marks must be in a notebook's metadata already."""
    converter = GenerateFeedback(coursedir=None, config=config)
    exporter = converter.exporter_class(parent=converter, config=converter.config)
    for step in converter.preprocessors:
        if not is_ours(step) and not issubclass(step, preprocessors.GetGrades):
            exporter.register_preprocessor(step)
    return exporter


def is_untouched(cell):
    """True for a solution cell that is as it was released, by the checksum that nbgrader put there."""
    return cell.metadata["nbgrader"].get("checksum") == utils.compute_checksum(cell) and not utils.is_task(cell)


# ---------------------------------------------------------------- the gradebook's tables


def grades_in(session, notebook_id):
    """[(name of its cell, Grade)] of one submitted notebook, in one query."""
    return _by_cell(session, Grade, notebook_id)


def comments_in(session, notebook_id):
    """[(name of its cell, Comment)] of one submitted notebook, in one query."""
    return _by_cell(session, Comment, notebook_id)


def _by_cell(session, table, notebook_id):
    query = select(BaseCell.name, table).join(BaseCell, table.cell_id == BaseCell.id)
    return session.execute(query.where(table.notebook_id == notebook_id)).all()


def points_of(session, assignment):
    """Cell -> the points that it is worth, for the graded cells of an assignment."""
    query = select(GradeCell.name, GradeCell.max_score).join(Notebook, GradeCell.notebook_id == Notebook.id)
    return {name: points for name, points in session.execute(query.where(Notebook.name == assignment))}


def solutions_of(session, assignment):
    """The names of the solution cells of an assignment."""
    query = select(SolutionCell.name).join(Notebook, SolutionCell.notebook_id == Notebook.id)
    return set(session.execute(query.where(Notebook.name == assignment)).scalars())


def assign_late_penalty(url, config, log, assignment, student):
    """Let nbgrader's configured plug-in enter the penalty of one submission that has its marks."""
    names = {"notebook": assignment, "assignment": assignment, "student": student, "db_url": url}
    step = preprocessors.AssignLatePenalties(config=config, log=log)
    step.preprocess(nbformat.v4.new_notebook(), {"nbgrader": names})


@contextlib.contextmanager
def database_errors_unlogged():
    """Keep nbgrader from logging a database's error with all its traceback: it raises the error too."""
    before, app_log.disabled = app_log.disabled, True
    try:
        yield
    finally:
        app_log.disabled = before


# ---------------------------------------------------------------- text cells


class MarkdownRenderer(IPythonRenderer):
    """nbconvert's HTML of a text cell, which does without a picture that is not there instead of failing."""

    def __init__(self, attachments=None):
        super().__init__(escape=False, attachments=attachments or {}, exclude_anchor_links=True)

    def _embed_image_or_attachment(self, src):
        is_missing = src.startswith("attachment:") and src.removeprefix("attachment:") not in self.attachments
        return "" if is_missing else super()._embed_image_or_attachment(src)
