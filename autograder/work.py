"""What a worker process does: grade one submission, and render one page of feedback.

`grade_one` is a function from bytes to a result. It runs in the processes of any `concurrent.futures` executor whose
workers were begun with `begin`; only plain data come in and go out.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder import marking, sandbox, submission

#: This process's sandbox, and how it is made: what `begin` was given.
_here = {}


@dataclass(frozen=True)
class Task:
    """One submission to grade: where it lies, what it is a submission of, and the seed of its data."""

    path: str
    released: str
    seed: int | str
    device: str | None = None


@dataclass
class Graded:
    """What came of one submission.

    Attributes
    ----------
    notebook : the graded notebook as JSON; nothing where there is none
    reason : why it could not be graded
    remarks : sentences for the instructor
    passed : how many graded cells passed, by cell
    seconds : "all", and of these "student": in which the student's code ran or was waited for
    """

    notebook: str = ""
    reason: str = ""
    remarks: list[str] = field(default_factory=list)
    passed: dict[str, bool] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def begin(walls, limits, devices=()):
    """Prepare this process to grade; the sandbox itself comes with the first submission."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the coordinator, which lets us finish
    _here.update(walls=walls, limits=limits, devices=devices, sandbox=None, released={})


def end():
    """Close this process's sandbox."""
    if _here.get("sandbox") is not None:
        with contextlib.suppress(Exception):
            _here["sandbox"].close()
        _here["sandbox"] = None


def grade_one(task):
    """Grade one submission; a `Graded`."""
    began = time.perf_counter()
    try:
        rebuilt = submission.rebuild(submission.load(Path(task.path)), _released(task.released), Path(task.path).name)
    except (submission.UnreadableError, OSError) as error:
        return Graded(reason=str(error))
    for last in (False, True):
        try:
            if _here["sandbox"] is None:
                _here["sandbox"] = sandbox.Sandbox(_here["walls"], _here["limits"], devices=_here["devices"])
            marked = marking.mark(rebuilt.notebook, _here["sandbox"], task.seed, task.device)
            break
        except (marking.CouldNotGradeError, sandbox.SandboxError) as error:
            # Once more, with a new sandbox: this one may have been killed.
            end()
            if last:
                return Graded(reason=str(error), remarks=rebuilt.deviations)
    return Graded(
        nbformat.writes(marked.notebook),
        remarks=[*rebuilt.deviations, *marked.remarks],
        passed={name: one.passed for name, one in marked.marks.items()},
        seconds={"all": time.perf_counter() - began, "student": marked.student_seconds},
    )


def _released(path):
    """A released notebook; read once."""
    if path not in _here["released"]:
        _here["released"][path] = submission.read_released(path)
    return _here["released"][path]


def feedback_one(task):
    """Write one page of feedback; see `autograder.feedback.write`."""
    from autograder import feedback

    return feedback.write(*task)


def who():
    """This worker's process number."""
    return os.getpid()
