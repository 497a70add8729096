"""The work of a worker: grade one submission, render one page of feedback.

`grade_one` and `feedback_one` are functions from plain data to plain data: they read no file of the course and write
none, so they run on any executor of `concurrent.futures`, in a process, in a thread, or on another machine. A thread
keeps its sandboxes and nbgrader's steps from one task to the next; that is a cache, and changes no result.
"""

import contextlib
import functools
import threading
import time
import traceback
import weakref
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
from traitlets.config import Config

import autograder
from autograder import course, untrusted_notebook
from autograder.files import fingerprint
from autograder.grading import feedback, marking, nbgrader_compat, submission
from autograder.grading.gradebook import Marks
from autograder.grading.results import CellResult, ungraded
from autograder.grading.seeds import student_seed
from autograder.student_code.fork_server import IMPORTS, WITHOUT_TORCH
from autograder.student_code.limits import Limits, SandboxError
from autograder.student_code.probes import must_hold
from autograder.student_code.sandbox import Sandbox
from autograder.student_code.walls import WALLS, NoWallsError


@dataclass(frozen=True)
class Settings:
    """The rules by which student code is run and asked.

    Attributes
    ----------
    seed : the course's own, of the data that graded checks use
    own_data : True where each student gets other data
    walls : those that stand around student code; none at all where it runs unprotected
    limits : Limits
    device : "cpu" or "cuda", where torch kernels are asked; None is the CPU, and every device for the aspect device
    """

    seed: int | str
    own_data: bool = False
    walls: tuple[str, ...] = tuple(WALLS)
    limits: Limits = field(default_factory=Limits)
    device: str | None = None

    def seed_for(self, student):
        """The seed of the data that one student's work is asked with."""
        return student_seed(self.seed, student) if self.own_data else self.seed

    def devices(self):
        """Device files to show behind the walls: those of a GPU, where torch kernels may be asked on one."""
        return () if self.device == "cpu" else tuple(str(path) for path in sorted(Path("/dev").glob("nvidia*")))

    def fingerprint(self, folder, assignment, student, released, *more):
        """Everything that decides the marks of a submission, in one short text.

        Parameters
        ----------
        folder : path of the submission's folder
        released : path of the notebook that the submission is rebuilt from
        more : what else decides, such as the due date. The walls do not: they only keep things out.
        """
        files = (Path(folder, f"{assignment}.ipynb"), Path(folder, "timestamp.txt"), Path(released))
        rules = (self.seed_for(student), sorted(asdict(self.limits).items()), self.device)
        return fingerprint(own_code(), rules, *files, *more)


@functools.cache
def own_code():
    """A fingerprint of the files of the engine and of the course: another check may give another mark."""
    packages = (Path(autograder.__file__).resolve().parent, course.FOLDER)
    return fingerprint(*sorted(path for each in packages for path in each.rglob("*") if path.suffix in (".py", ".j2")))


@dataclass(frozen=True)
class Task:
    """A submission to grade.

    Attributes
    ----------
    student, assignment : whose, and of what
    submitted, released : the student's notebook, and the one that it is rebuilt from, as their files hold them
    settings : Settings
    config : nbgrader's configuration, which says what steps of its own stand around ours
    sockets : folder of the sockets of a fork server that runs on the worker's machine; empty where there is none
    """

    student: str
    assignment: str
    submitted: bytes = field(repr=False)
    released: bytes = field(repr=False)
    settings: Settings
    config: Config = field(repr=False)
    sockets: str = ""


@dataclass
class Graded:
    """The outcome of one submission.

    Attributes
    ----------
    results : a CellResult for each graded cell, in the catalogue's order
    notebook : the graded notebook as JSON; empty where there is none
    reason : why the submission could not be graded; empty where it was
    traceback : of an exception of ours, for the instructor
    crowded : True where it could not be graded because the machine had no time for it
    remarks : sentences for the instructor
    seconds : "all" that it took here; of these "start", until there was a sandbox, "cells", running the cells, and
        "checks", asking the functions
    """

    results: list[CellResult] = field(default_factory=list)
    notebook: str = ""
    reason: str = ""
    traceback: str = ""
    crowded: bool = False
    remarks: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def failed(cls, assignment, reason, **more):
        """A submission that could not be graded."""
        return cls(ungraded(assignment, reason), reason=reason, **more)


def grade_one(task):
    """Grade one submission; a `Graded`, whatever happens."""
    began, remarks = time.perf_counter(), []
    try:
        submitted = untrusted_notebook.read(task.submitted, f"{task.assignment}.ipynb")
        rebuilt = submission.rebuild(submitted, _released(task.released), f"{task.assignment}.ipynb")
        remarks += rebuilt.deviations
        before, after = _steps(task.config)
        resources = {
            "nbgrader": {"notebook": task.assignment, "assignment": task.assignment, "student": task.student},
            "unique_key": task.assignment,
        }
        notebook = rebuilt.notebook
        for step in before:
            notebook, resources = step(notebook, resources)
        marked = mark(notebook, task.student, task.assignment, task.settings, task.sockets)
        notebook = marked.notebook
        for step in after:
            notebook, resources = step(notebook, resources)
    except (untrusted_notebook.UnreadableError, marking.CouldNotGradeError, SandboxError, NoWallsError) as error:
        crowded = getattr(error, "crowded", False)
        return Graded.failed(task.assignment, str(error), crowded=crowded, remarks=remarks)
    except Exception as error:  # a fault of ours must cost this submission only, and nobody a zero
        reason = f"the grader failed: {type(error).__name__}: {error}"
        return Graded.failed(task.assignment, reason, traceback=traceback.format_exc(), remarks=remarks)
    return Graded(
        marked.results,
        nbformat.v4.writes(notebook),
        remarks=[*remarks, *marked.remarks],
        seconds={"all": time.perf_counter() - began, **marked.seconds},
    )


def mark(notebook, student, assignment, settings, sockets=""):
    """`marking.mark` in a sandbox of this thread; once more, in a new one, where the first was killed.

    Parameters
    ----------
    notebook : a rebuilt notebook
    settings : Settings
    sockets : see `Task`

    Raises
    ------
    CouldNotGradeError, SandboxError, NoWallsError
        For what is not the student's fault.
    """
    for last in (False, True):
        began = time.perf_counter()
        try:
            box = _kept.sandboxes.get(settings, imports_of(assignment), sockets)
            start = time.perf_counter() - began
            marked = marking.mark(notebook, box, settings.seed_for(student), settings.device)
            marked.seconds["start"] = start
            return marked
        except (marking.CouldNotGradeError, SandboxError) as error:
            _kept.sandboxes.close()
            if last or getattr(error, "crowded", False):
                raise


def imports_of(assignment):
    """The modules that an assignment's notebooks find imported: those without torch start sooner."""
    with_torch = any("torch" in exercise.kind.imports for exercise in course.exercises_of(assignment))
    return IMPORTS if with_torch else WITHOUT_TORCH


@dataclass(frozen=True)
class FeedbackTask:
    """A page of feedback to render.

    Attributes
    ----------
    student, assignment : whose, and of what
    notebook : the graded notebook, as its file holds it
    marks : `autograder.grading.gradebook.Marks`
    results : a CellResult for each graded cell
    config : nbgrader's configuration
    """

    student: str
    assignment: str
    notebook: bytes = field(repr=False)
    marks: Marks = field(repr=False)
    results: list[CellResult] = field(repr=False)
    config: Config = field(repr=False)


@dataclass(frozen=True)
class Feedback:
    """A page of feedback as HTML, or the problem that left it unwritten."""

    html: str = field(default="", repr=False)
    problem: str = ""


def feedback_one(task):
    """Render one page of feedback; a `Feedback`, whatever a notebook does to the template."""
    try:
        with feedback.time_limit():
            html = feedback.render(task.notebook, task.assignment, task.student, task.marks, task.results, task.config)
    except Exception as error:
        return Feedback(problem=f"{type(error).__name__}: {error}")
    return Feedback(html)


# ---------------------------------------------------------------- what a thread keeps


class Sandboxes:
    """The sandboxes of one thread, which all have the same settings; they end with the thread."""

    def __init__(self):
        self.key, self.boxes = None, {}
        weakref.finalize(self, _close, self.boxes)

    def get(self, settings, imports, sockets=""):
        """The sandbox in which notebooks find these modules imported; see `Task` for ``sockets``.

        Raises
        ------
        NoWallsError
            If there is no fork server yet, and walls do not hold on this machine.
        """
        if self.key != (settings, sockets):
            self.close()
            self.key = settings, sockets
        if imports not in self.boxes:
            self.boxes[imports] = _sandbox(settings, imports, sockets)
        return self.boxes[imports]

    def close(self):
        """End the sandboxes there are."""
        _close(self.boxes)


def _sandbox(settings, imports, sockets):
    arguments = (settings.walls, settings.limits, imports, settings.devices())
    if sockets:
        # Where the fork server that all workers share has ended, this one gets a fork server of its own.
        with contextlib.suppress(SandboxError):
            return Sandbox(*arguments, sockets=sockets)
    elif settings.walls:
        must_hold(settings.walls, settings.limits)
    return Sandbox(*arguments)


def _close(boxes):
    for box in boxes.values():
        with contextlib.suppress(Exception):
            box.close()
    boxes.clear()


class _Kept(threading.local):
    def __init__(self):
        self.sandboxes, self.steps = Sandboxes(), {}


_kept = _Kept()


def _steps(config):
    """nbgrader's own steps, as configured, before and after ours; without those that write to the gradebook."""
    key = repr(config)
    if key not in _kept.steps:
        _kept.steps = {key: nbgrader_compat.steps_around(config)}
    return _kept.steps[key]


@functools.lru_cache(16)
def _released(data):
    """A released notebook, which nobody changes."""
    return nbformat.reads(data.decode("utf-8"), as_version=4)
