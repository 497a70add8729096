"""One submission's marks: the walk through a rebuilt notebook, cell by cell, with the student's code behind the wall.

Code cells run in the sandbox, in order. A graded cell is taken apart and never run: the check it names is made here,
against the state in which the cells before it left the student's function, and the cell gets the outputs that it
would have had in a notebook: those are what nbgrader makes marks of.

There are two walks. In the first the data are the course's own. Nothing of what student code shows there is kept, but
for which cells passed, because it could show the data. The second, in a process that never saw them, gives what is
shown: the outputs of the cells, and for the graded cells that failed, the message on the data that everybody may see.
"""

import contextlib
import io
import time
from dataclasses import dataclass, field, replace

import nbformat

from autograder.checks import verdicts_on
from autograder.checks.mistakes import sentence
from autograder.course import EXERCISES
from autograder.model import PUBLIC_SEED
from autograder.notebook import CheckFailed, check_answer, said
from autograder.releasing.release import graded_call
from autograder.student_code.limits import CrowdedError, SandboxError
from autograder.student_code.outputs import output


class CouldNotGradeError(RuntimeError):
    """Ours, or the machine's: never the student's. The text says what it was; ``crowded``: the machine had no time."""

    crowded = False


@dataclass(frozen=True)
class Mark:
    """What became of one graded code cell.

    Attributes
    ----------
    passed : bool
    shown : what is printed in its place
    problem : what is wrong, for the student; nothing where it passed
    mistake : the id of the mistake it equals, or None
    """

    passed: bool
    shown: str = ""
    problem: str = ""
    mistake: str | None = None


@dataclass
class Marked:
    """A graded notebook.

    Attributes
    ----------
    notebook : the notebook with the outputs of every cell
    marks : grade_id -> Mark
    remarks : sentences for the instructor: cells that ended the notebook, that were too slow
    seconds : "cells" and "checks", by the clock: running the cells, and asking the functions
    """

    notebook: nbformat.NotebookNode
    marks: dict[str, Mark] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def mark(notebook, sandbox, seed=PUBLIC_SEED, device=None):
    """Mark a rebuilt notebook; the notebook itself is not changed.

    Parameters
    ----------
    notebook : a notebook of `autograder.grading.submission.rebuild`
    sandbox : Sandbox
    seed : the course's
    device : where torch kernels are asked; None is the CPU, and for the aspect ``device`` every device there is

    Raises
    ------
    CouldNotGradeError
        For what is not the student's fault.
    """
    try:
        first = Walk(notebook, sandbox, seed, device)
        marks = first.through()
        if seed == PUBLIC_SEED:
            return first.marked()
        # A prediction is looked at before any check is made, so what is said of it gives nothing away.
        again = {name for name, one in marks.items() if not one.passed and not name.startswith("predict-")}
        second = Walk(notebook, sandbox, PUBLIC_SEED, device, only=again, known=marks)
        second.through()
        second.remarks[:0] = first.remarks
        for what, seconds in first.seconds.items():
            second.seconds[what] += seconds
        return second.marked()
    except CrowdedError as error:
        failure = CouldNotGradeError(str(error))
        failure.crowded = True
        raise failure from error
    except SandboxError as error:
        raise CouldNotGradeError(f"the sandbox failed: {error}") from error


class Walk:
    """One walk through a notebook.

    Parameters
    ----------
    only : graded cells to ask; None is all
    known : grade_id -> Mark of an earlier walk with the course's own data; it decides, this walk has the words
    """

    def __init__(self, notebook, sandbox, seed, device, only=None, known=None):
        self.cells = [nbformat.from_dict(cell) for cell in notebook.cells]
        self.metadata = notebook.metadata
        self.sandbox, self.seed, self.device = sandbox, seed, device
        self.only, self.known = only, known or {}
        self.process, self.deadly, self.trials = None, {}, {}
        self.marks, self.remarks, self.number = {}, [], 0
        self.seconds = {"cells": 0.0, "checks": 0.0}

    def through(self):
        """Walk; grade_id -> Mark."""
        with contextlib.ExitStack() as open_things:
            open_things.callback(self._close)
            for at, cell in enumerate(self.cells):
                if cell.cell_type != "code":
                    continue
                self.number += 1
                cell.execution_count = self.number
                began = time.perf_counter()
                if is_graded(cell):
                    self._ask(at, cell)
                    self.seconds["checks"] += time.perf_counter() - began
                else:
                    self._run(at, cell)
                    self.seconds["cells"] += time.perf_counter() - began
        return self.marks

    def marked(self):
        """What the walk came to."""
        notebook = nbformat.from_dict(
            {"cells": self.cells, "metadata": self.metadata, "nbformat": 4, "nbformat_minor": 5}
        )
        return Marked(notebook, self.marks, list(dict.fromkeys(self.remarks)), self.seconds)

    # --- the state ---

    def _run(self, at, cell):
        self.trials.clear()  # what a function does may depend on everything
        process = self._alive(at)
        if process is None:
            cell.outputs = [_error(self._gone())]
            return
        cell.outputs = process.run(cell.source, self.number)
        if process.lost:
            self.deadly[at] = process.lost
            self.remarks.append(f"cell {_name(cell, self.number)}: {process.lost}")
            cell.outputs = [_error(process.lost)]

    def _alive(self, until):
        """The process that has run the cells before ``until``; another one where the last was lost."""
        while self.process is None or self.process.lost:
            if len(self.deadly) >= self.sandbox.limits.lost:
                return None
            self._close()
            self.process = self.sandbox.notebook()
            number = 0
            for at, cell in enumerate(self.cells[:until]):
                number += cell.cell_type == "code"
                if cell.cell_type != "code" or is_graded(cell) or at in self.deadly:
                    continue
                self.process.run(cell.source, number)
                if self.process.lost:
                    self.deadly[at] = self.process.lost
                    self.remarks.append(f"cell {_name(cell, number)}: {self.process.lost}")
                    break
        return self.process

    def _gone(self):
        return f"not run: {len(self.deadly)} cells before it ended the notebook's process"

    def _close(self):
        if self.process is not None:
            self.process.close()
            self.process = None

    # --- a graded cell ---

    def _ask(self, at, cell):
        checker, name, grade_id = graded_call(cell.source)
        if self.only is not None and grade_id not in self.only:
            self.marks[grade_id] = self.known[grade_id]
        else:
            process = self._alive(at)
            if process is None:
                found = Mark(False, problem=self._gone())
            elif checker == "check_answer":
                found = answered(process, name, grade_id)
            else:
                found = self._check(process, name, grade_id)
            self.marks[grade_id] = in_public(self.known[grade_id], found, grade_id) if self.known else found
        mark = self.marks[grade_id]
        cell.outputs = [output("stream", name="stdout", text=mark.shown)] if mark.shown else []
        if not mark.passed:
            cell.outputs.append(_error(mark.problem))

    def _check(self, process, name, grade_id):
        if name not in self.trials:
            what = process.what_is(name)
            if not process.lost and not what["callable"]:
                return Mark(False, problem=not_there(name, what))
            self.trials[name] = verdicts_on(EXERCISES[name], process.remote(name), self.seed, self.device)
        verdict = self.trials[name].of(grade_id.removeprefix(f"{name}-"))
        if process.lost:
            # Asked in a process that is gone: what it knows of the other aspects is not to be trusted.
            self.trials.clear()
            self.remarks.append(f"{grade_id}: {process.lost}")
            self.deadly[grade_id] = process.lost
        elif process.late.get(name):
            self.remarks.append(f"{name}: too slow in {process.late[name]} graded cells")
        if verdict.passed is None:
            raise CouldNotGradeError(verdict.message)
        if self.seed != PUBLIC_SEED:
            # What student code prints could be the data it was given.
            verdict = replace(verdict, printed="")
        shown, problem = said([verdict])
        return Mark(verdict.passed, shown, problem, verdict.mistake)


def is_graded(cell):
    """Whether a cell is a graded code cell of the course: one that is locked, and asked instead of run."""
    about = cell.metadata.get("nbgrader", {})
    return bool(about.get("grade")) and not about.get("solution") and cell.cell_type == "code"


def answered(process, name, grade_id):
    """The Mark of a prediction, which is marked for being made."""
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        try:
            check_answer(process.value_of(name), grade_id)
        except CheckFailed as error:
            return Mark(False, problem=str(error))
    return Mark(True, shown.getvalue())


def not_there(name, what):
    """Why a function cannot be asked."""
    if what["defined"]:
        return f"{name} is no function but {what['kind']}: was it given another value in a later cell?"
    return f"no function {name}: the cell that defines it did not run to its end"


def in_public(private, public, grade_id):
    """A Mark that the course's own data decide, in words that give nothing of them away."""
    if private.passed:
        return private
    if not public.passed:
        return Mark(False, public.shown, public.problem, private.mistake)
    exercise, _, aspect = grade_id.partition("-")
    text = f"{exercise}, {aspect}: right on the example you can see, wrong on others of its kind"
    if private.mistake:
        text += f"\n  {sentence(EXERCISES[exercise], private.mistake)}"
    return Mark(False, problem=text, mistake=private.mistake)


def _error(text):
    return output("error", ename="CheckFailed", evalue=text, traceback=[text])


def _name(cell, number):
    return cell.metadata.get("nbgrader", {}).get("grade_id") or f"[{number}]"
