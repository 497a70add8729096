"""What a worker process does: grade one submission, and render one page of feedback.

`grade_one` is a function from bytes to a result. It runs in the processes of any `concurrent.futures` executor whose
workers were begun with `begin`; only plain data come in and go out.
"""

import contextlib
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat

from autograder.course import exercises_of
from autograder.grading import marking, submission
from autograder.grading.ledger import fingerprint, own_code, student_seed
from autograder.student_code.fork_server import IMPORTS, WITHOUT_TORCH
from autograder.student_code.limits import Limits, SandboxError
from autograder.student_code.sandbox import Sandbox
from autograder.student_code.walls import WALLS


@dataclass(frozen=True)
class Settings:
    """How student code is run and asked.

    Attributes
    ----------
    seed : the course's own, of the data that graded checks use
    own_data : whether each student gets other data
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

    def fingerprint(self, place, assignment, student, released, *more):
        """What decides the marks of a submission, in one short text.

        ``place``: its folder; ``released``: path of the notebook it is rebuilt from. Walls only keep things out.
        """
        files = (Path(place, f"{assignment}.ipynb"), Path(place, "timestamp.txt"), Path(released))
        rules = (self.seed_for(student), sorted(asdict(self.limits).items()), self.device)
        return fingerprint(_own_code(), rules, *files, *more)


@dataclass(frozen=True)
class Task:
    """One submission to grade: whose, of what, where it lies, what it is rebuilt from, and where its code may run.

    ``place``: the ``sockets`` of a `ForkServer`; nothing where the worker has to make its own.
    """

    student: str
    assignment: str
    path: str
    released: str
    place: str = ""


@dataclass
class Graded:
    """What came of one submission.

    Attributes
    ----------
    notebook : the graded notebook as JSON; nothing where there is none
    reason : why it could not be graded
    crowded : whether that was because the machine had no time for it
    remarks : sentences for the instructor
    passed : whether a graded code cell passed, by cell
    seconds : "all" that it took here; of these "cells" and "checks", see `marking.Marked`, and "start", until there was
        a sandbox
    """

    notebook: str = ""
    reason: str = ""
    crowded: bool = False
    remarks: list[str] = field(default_factory=list)
    passed: dict[str, bool] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def kind_of(assignment):
    """The modules that an assignment's notebooks find imported: those without torch do without it."""
    with_torch = any("torch" in exercise.kind.imports for exercise in exercises_of(assignment))
    return IMPORTS if with_torch else WITHOUT_TORCH


class Worker:
    """What a worker process keeps from one task to the next: its sandboxes, nbgrader's steps, what was released."""

    def __init__(self, settings, config):
        self.settings, self.config = settings, config
        self.boxes, self.released, self.steps = {}, {}, None
        self.waited = 0.0  # seconds, for sandboxes

    def sandbox(self, assignment, place=""):
        """This process's sandbox for an assignment; another one after `close`. ``place``: see `Task`."""
        kind = kind_of(assignment)
        if kind not in self.boxes:
            about = (self.settings.walls, self.settings.limits, kind, self.settings.devices())
            began = time.perf_counter()
            try:
                self.boxes[kind] = Sandbox(*about, sockets=place)
            except SandboxError:
                if not place:
                    raise
                self.boxes[kind] = Sandbox(*about)  # the one that all share has ended
            self.waited += time.perf_counter() - began
        return self.boxes[kind]

    def close(self):
        """End the sandboxes there are."""
        for box in self.boxes.values():
            with contextlib.suppress(Exception):
                box.close()
        self.boxes.clear()

    def mark(self, notebook, student, assignment, place=""):
        """`marking.mark`, once more with a new sandbox where it fails: the first one may have been killed."""
        for last in (False, True):
            try:
                seed = self.settings.seed_for(student)
                return marking.mark(notebook, self.sandbox(assignment, place), seed, self.settings.device)
            except (marking.CouldNotGradeError, SandboxError) as error:
                self.close()
                if last or getattr(error, "crowded", False):
                    raise

    def grade(self, task):
        """Grade one submission; a `Graded`."""
        began, waited = time.perf_counter(), self.waited
        try:
            rebuilt = submission.rebuild(
                submission.load(Path(task.path)), self._released(task.released), Path(task.path).name
            )
        except (submission.UnreadableError, OSError) as error:
            return Graded(reason=str(error))
        except Exception as error:
            return Graded(reason=f"it could not be read: {type(error).__name__}: {error}")
        before, after = self._steps()
        about = {"notebook": task.assignment, "assignment": task.assignment, "student": task.student}
        resources = {"nbgrader": about, "unique_key": task.assignment}
        try:
            notebook = rebuilt.notebook
            for step in before:
                notebook, resources = step(notebook, resources)
            marked = self.mark(notebook, task.student, task.assignment, task.place)
            notebook = marked.notebook
            for step in after:
                notebook, resources = step(notebook, resources)
        except (marking.CouldNotGradeError, SandboxError) as error:
            return Graded(reason=str(error), crowded=getattr(error, "crowded", False), remarks=rebuilt.deviations)
        except Exception as error:
            # Ours: it must cost this submission only, and nobody a zero.
            return Graded(reason=f"the grader failed: {type(error).__name__}: {error}", remarks=rebuilt.deviations)
        return Graded(
            nbformat.v4.writes(notebook),
            remarks=[*rebuilt.deviations, *marked.remarks],
            passed={name: one.passed for name, one in marked.marks.items()},
            seconds={"all": time.perf_counter() - began, "start": self.waited - waited, **marked.seconds},
        )

    def _released(self, path):
        """A released notebook; read once."""
        if path not in self.released:
            self.released[path] = submission.read_released(path)
        return self.released[path]

    def _steps(self):
        """nbgrader's own steps, as configured, around ours; without those that write to the gradebook."""
        if self.steps is None:
            from autograder.grading import nbgrader_steps

            self.steps = nbgrader_steps.steps_around(self.config)
        return self.steps


#: The `Worker` of this process, if it is a worker.
_here = []


def begin(settings, config):
    """Make this process a worker; its sandbox comes with the first submission."""
    _here.append(Worker(settings, config))


def grade_one(task):
    """Grade one submission; a `Graded`."""
    return _here[0].grade(task)


def feedback_one(task):
    """Write one page of feedback; see `autograder.grading.feedback.write`."""
    from autograder.grading import feedback

    return feedback.write(*task, _here[0].config)


_own = []


def _own_code():
    if not _own:
        _own.append(own_code())
    return _own[0]
