"""The marks of one submission: a walk through a rebuilt notebook, with the student's code behind the wall.

Code cells run in the sandbox, in order. A graded cell is taken apart and never run: the check it names is made here,
against the state in which the cells before it left the student's function, and the outcome is a `CellResult`. The cell
also gets the outputs that it would have had in a notebook: people read them, and nbgrader's own commands.

There are two walks. In the first the data are the course's own. Nothing that student code shows there is kept except
which cells passed, because it could show the data. The second walk, in a process that never saw them, gives what is
shown: the outputs of the cells, and for the graded cells that failed, the message on the data that everybody may see.
"""

import time
from dataclasses import dataclass, field, replace

import nbformat

from autograder.checks import verdicts_on
from autograder.checks.mistakes import sentence
from autograder.course import EXERCISES, predictions
from autograder.grading.results import BY_HAND, FAILED, PASSED, CellResult
from autograder.model import PUBLIC_SEED
from autograder.notebook import CheckFailed, answer_recorded, cell_output
from autograder.releasing.graded_cell import graded_call
from autograder.student_code.limits import CrowdedError, SandboxError
from autograder.student_code.outputs import output

#: Characters of a reason: what a student's code raises may be one line of any length.
LONGEST_LINE = 1000


class CouldNotGradeError(RuntimeError):
    """A fault of ours or of the machine, never the student's; the text says which.

    ``crowded``: the machine had no time for the student's code.
    """

    crowded = False


@dataclass(frozen=True)
class Mark:
    """The outcome of asking one graded code cell.

    Attributes
    ----------
    passed : bool
    shown : what the cell prints
    problem : what is wrong, for the student; empty where it passed
    mistake : id of the mistake whose numbers the student's are, or None
    cause : why there is no function to ask, in one line: the error of the cell that should have defined it
    """

    passed: bool
    shown: str = ""
    problem: str = ""
    mistake: str | None = None
    cause: str = ""


@dataclass
class Marked:
    """A graded notebook.

    Attributes
    ----------
    notebook : the notebook with the outputs of every cell
    results : a CellResult for each graded cell, in the notebook's order, which is the catalogue's
    remarks : sentences for the instructor: cells that ended the notebook, that were too slow
    seconds : "cells" and "checks", by the clock: running the cells, and asking the functions
    """

    notebook: nbformat.NotebookNode
    results: list[CellResult] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def mark(notebook, sandbox, seed=PUBLIC_SEED, device=None):
    """Mark a rebuilt notebook, and leave the notebook itself as it is; a `Marked`.

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
        # A prediction is read before any check is made, so its message gives nothing away.
        again = {name for name, mark in marks.items() if not mark.passed and name not in predictions()}
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
    """A walk through a notebook.

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
        self.process, self.verdicts = None, {}
        self.deadly = {}  # position of a cell -> why the process was lost with it; such a cell is not run again
        self.errors = {}  # grade_id of a solution cell -> the first line of its error
        self.marks, self.remarks, self.number = {}, [], 0
        self.seconds = {"cells": 0.0, "checks": 0.0}

    def through(self):
        """Walk through all cells; grade_id -> Mark."""
        try:
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
        finally:
            self._close()
        return self.marks

    def marked(self):
        """The `Marked` notebook of this walk."""
        notebook = nbformat.from_dict(
            {"cells": self.cells, "metadata": self.metadata, "nbformat": 4, "nbformat_minor": 5}
        )
        results = [
            result_of(cell, self.marks.get(cell.metadata.nbgrader.grade_id))
            for cell in self.cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        ]
        return Marked(notebook, results, list(dict.fromkeys(self.remarks)), self.seconds)

    # --- the state ---

    def _run(self, at, cell):
        self.verdicts.clear()  # what a function does may depend on everything
        process = self._alive(at)
        if process is None:
            cell.outputs = [_error(self._gone())]
            return
        cell.outputs = process.run(cell.source, self.number)
        if process.lost:
            self.deadly[at] = process.lost
            self.remarks.append(f"cell {_name(cell, self.number)}: {process.lost}")
            cell.outputs = [_error(process.lost)]
        self.errors[_name(cell, self.number)] = first_error(cell.outputs)

    def _alive(self, until):
        """The process that has run the cells before ``until``: a new one where the last was lost, None at the limit."""
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
                found = self._check(process, name, grade_id, at)
            self.marks[grade_id] = in_public(self.known[grade_id], found, grade_id) if self.known else found
        mark = self.marks[grade_id]
        cell.outputs = [output("stream", name="stdout", text=mark.shown)] if mark.shown else []
        if not mark.passed:
            cell.outputs.append(_error(mark.problem))

    def _check(self, process, name, grade_id, at):
        if name not in self.verdicts:
            what = process.what_is(name)
            if not process.lost and not what["callable"]:
                cause = "" if what["defined"] else self.errors.get(name, "")
                return Mark(False, problem=not_there(name, what), cause=cause)
            self.verdicts[name] = verdicts_on(EXERCISES[name], process.remote(name), self.seed, self.device)
        verdict = self.verdicts[name].of(grade_id.removeprefix(f"{name}-"))
        if process.lost:
            # The process has ended: nothing that it answered for the other aspects can be trusted.
            self.verdicts.clear()
            self.remarks.append(f"{grade_id}: {process.lost}")
            self.deadly[at] = process.lost
        elif process.late.get(name):
            self.remarks.append(f"{name}: too slow in {process.late[name]} graded cells")
        if verdict.passed is None:
            raise CouldNotGradeError(verdict.message)
        if self.seed != PUBLIC_SEED:
            # What student code prints could be the data it was given.
            verdict = replace(verdict, printed="")
        shown, problem = cell_output([verdict])
        return Mark(verdict.passed, shown, problem, verdict.mistake)


def is_graded(cell):
    """Tell a graded code cell of the course, which is locked, and asked instead of run."""
    metadata = cell.metadata.get("nbgrader", {})
    return bool(metadata.get("grade")) and not metadata.get("solution") and cell.cell_type == "code"


def result_of(cell, mark):
    """The CellResult of a graded cell; ``mark`` is None for a cell that a person grades.

    An explanation that is as it was released earns nothing: nobody has to read it.
    """
    name, points = cell.metadata.nbgrader.grade_id, cell.metadata.nbgrader.points
    if mark is None:
        from autograder.grading.nbgrader_compat import is_untouched  # imports nbgrader, which takes a second

        if is_untouched(cell):
            return CellResult(name, FAILED, 0, points, reason="no answer")
        return CellResult(name, BY_HAND, None, points)
    if mark.passed:
        return CellResult(name, PASSED, points, points)
    reason = first_line(mark.problem) + (f" (its cell: {mark.cause})" if mark.cause else "")
    return CellResult(name, FAILED, 0, points, mark.problem, mark.mistake, reason)


def answered(process, name, grade_id):
    """The Mark of a prediction, which is marked for being made."""
    try:
        return Mark(True, answer_recorded(process.value_of(name), grade_id) + "\n")
    except CheckFailed as error:
        return Mark(False, problem=str(error))


def not_there(name, what):
    """The reason, in words for the student, why a function cannot be asked."""
    if what["defined"]:
        return f"{name} is no function but {what['kind']}: was it given another value in a later cell?"
    return f"no function {name}: the cell that defines it did not run to its end"


def in_public(private, public, grade_id):
    """A Mark that the course's own data decide, in words that give nothing of those data away."""
    if private.passed:
        return private
    if not public.passed:
        return replace(public, mistake=private.mistake)
    exercise, _, aspect = grade_id.partition("-")
    text = f"{exercise}, {aspect}: right on the example you can see, wrong on others of its kind"
    if private.mistake:
        text += f"\n  {sentence(EXERCISES[exercise], private.mistake)}"
    return Mark(False, problem=text, mistake=private.mistake)


def _error(text):
    return output("error", ename="CheckFailed", evalue=text, traceback=[text])


def _name(cell, number):
    return cell.metadata.get("nbgrader", {}).get("grade_id") or f"[{number}]"


def first_error(outputs):
    """The error that ended a cell, in one line; else what the cell printed to stderr; else nothing."""
    for shown in outputs:
        if shown.output_type == "error":
            return first_line(shown.evalue if shown.ename == "CheckFailed" else f"{shown.ename}: {shown.evalue}")
    printed = [shown.text for shown in outputs if shown.output_type == "stream" and shown.name == "stderr"]
    return f"printed to stderr: {first_line(printed[-1])}" if printed else ""


def first_line(text):
    """The first line of a text that is not blank, cut off where it is very long.

    Examples
    --------
    >>> first_line("\\n  conv2d, values: wrong\\n  expected 1")
    'conv2d, values: wrong'
    """
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:LONGEST_LINE]
