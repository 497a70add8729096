"""The steps of `nbgrader autograde` that are this course's own, and the exporter that keeps the ledger beside them.

nbgrader_config.py puts them in nbgrader's lists, so formgrader's button and the command line go the same way as
``python -m autograder grade``.
"""

import functools
import traceback
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict, Enum

from autograder.grading import ledger, submission, worker
from autograder.grading.gradebook import Gradebook
from autograder.grading.ledger import Ledger
from autograder.grading.marking import CouldNotGradeError
from autograder.grading.nbgrader_compat import course_directory, exporter_of, is_sanitizing
from autograder.grading.results import CellResult
from autograder.grading.seeds import course_seed
from autograder.grading.settings import UNPROTECTED, checked_limits, recorded
from autograder.student_code.limits import SandboxError
from autograder.student_code.probes import must_hold
from autograder.student_code.walls import WALLS, NoWallsError
from autograder.untrusted_notebook import UnreadableError, UntrustedNotebook, content_of, read


class Rebuild(NbGraderPreprocessor):
    """The submission, rebuilt from the notebook that was released; see `autograder.grading.submission`."""

    is_ours = True

    def preprocess(self, nb, resources):
        names, exporter = resources["nbgrader"], exporter_of(self)
        released = submission.read_released(released_notebook(course_directory(exporter), names["assignment"]))
        rebuilt = submission.rebuild(exporter.work.content, released, f"{names['notebook']}.ipynb")
        for deviation in rebuilt.deviations:
            self.log.warning("%s %s: %s", names["student"], names["assignment"], deviation)
        exporter.work.remarks += rebuilt.deviations
        return rebuilt.notebook, resources


class Execute(NbGraderPreprocessor):
    """The notebook, run and checked with the student's code behind walls; see `autograder.grading.marking`."""

    is_ours = True

    sandbox = Enum(
        ("auto", "bubblewrap", "none"),
        "auto",
        help="The walls between student code and this machine. auto and bubblewrap refuse to grade where they cannot "
        "be put up; none does without, and warns.",
    ).tag(config=True)
    limits = Dict(help="Limits of student code: names of autograder.student_code.limits.Limits and numbers.").tag(
        config=True
    )
    own_data = Bool(False, help="True: each student's work is checked with data of its own.").tag(config=True)

    def settings(self, root, **given):
        """The `worker.Settings` that this configuration means, with what was given instead.

        Raises
        ------
        SettingsError
            If a limit has no meaning.
        """
        limits = checked_limits(self.limits)
        settings = worker.Settings(
            seed=given.pop("seed", None) or course_seed(root),
            own_data=self.own_data,
            walls=tuple(WALLS) if self.sandbox != "none" else (),
            limits=limits,
        )
        return replace(settings, **given)

    def preprocess(self, nb, resources):
        names, exporter = resources["nbgrader"], exporter_of(self)
        settings = self.settings(Path(course_directory(exporter).root).resolve())
        _put_up(settings.walls, settings.limits, self.log)
        marked = worker.mark(nb, names["student"], names["assignment"], settings)
        for remark in marked.remarks:
            self.log.warning("%s %s: %s", names["student"], names["assignment"], remark)
        exporter.work.remarks += marked.remarks
        exporter.work.settings, exporter.work.results = settings, marked.results
        return marked.notebook, resources


@functools.cache
def _put_up(walls, limits, log):
    """Try the walls and log what protects this machine, once in a process."""
    if walls:
        must_hold(walls, limits)
        log.info("Student code runs behind walls: %s", ", ".join(walls))
    else:
        log.warning(UNPROTECTED)


@dataclass
class Work:
    """The state of the submission in hand, for later steps: the file between nbgrader's two stages cannot carry it.

    Attributes
    ----------
    content : the student's file, an `UntrustedNotebook`
    remarks : sentences for the instructor
    settings : the `worker.Settings` that it was graded with; None until it is graded
    results : a CellResult for each graded cell
    """

    content: UntrustedNotebook | None = None
    remarks: list[str] = field(default_factory=list)
    settings: worker.Settings | None = None
    results: list[CellResult] = field(default_factory=list)


class Converted(NotebookExporter):
    """nbgrader's exporter for autograding, which also enters the outcome of the submission into the ledger.

    It stands around the reading of the file, all steps, and every failure among them. A submission that could not be
    graded, and was not graded before, leaves the gradebook again: there it would count as zero.
    """

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.work = Work()

    def from_filename(self, filename, resources=None, **options):
        names = resources["nbgrader"]
        student, assignment = names["student"], names["assignment"]
        coursedir = course_directory(self)
        book = Ledger(Path(coursedir.root).resolve())
        try:
            if is_sanitizing(self):
                return self._sanitized(Path(filename), book, resources)
            done = super().from_filename(filename, resources=resources, **options)
        except (Exception, KeyboardInterrupt) as error:
            book.note(student, assignment, remarks=self.work.remarks, **_failure(error))
            with Gradebook(coursedir.root, self.config, names["db_url"]) as gradebook:
                gradebook.forget_ungraded(assignment, student)
            raise
        if self.work.settings:  # unless the configuration leaves `Execute` out
            self._note(book, coursedir, names)
        return done

    def _sanitized(self, path, book, resources):
        """The first stage, in which no step but `Rebuild` sees the file, and nbformat never does."""
        self.work = Work()
        book.note(resources["nbgrader"]["student"], resources["nbgrader"]["assignment"], reason=ledger.CUT_OFF)
        self.work.content = read(content_of(path), path.name)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(nbformat.v4.new_notebook(), resources=resources)

    def _note(self, book, coursedir, names):
        """Enter a graded submission, under the fingerprint with which ``grade`` would know it again."""
        student, assignment, settings = names["student"], names["assignment"], self.work.settings
        folder = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
        with Gradebook(coursedir.root, self.config, names["db_url"]) as gradebook:
            due = gradebook.duedate(assignment)
        released = released_notebook(coursedir, assignment)
        book.note(
            student,
            assignment,
            fingerprint=settings.fingerprint(folder, assignment, student, released, due),
            cells=[result.as_data() for result in self.work.results],
            remarks=self.work.remarks,
            **recorded(settings, student),
        )


def released_notebook(coursedir, assignment):
    """Path of the notebook that students got."""
    return Path(coursedir.format_path(coursedir.release_directory, ".", assignment), f"{assignment}.ipynb").resolve()


def _failure(error):
    """The ledger's entry of a failure: the reason, and for a fault of the grader its traceback too."""
    if isinstance(error, KeyboardInterrupt):
        return {"reason": ledger.CUT_OFF}
    if isinstance(error, (UnreadableError, CouldNotGradeError, SandboxError, NoWallsError)):
        return {"reason": str(error)}
    text = "".join(traceback.format_exception(error))
    return {"reason": f"the grader failed: {type(error).__name__}: {error}", "traceback": text}
