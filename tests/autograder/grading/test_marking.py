"""The walk through a notebook, with a process that does what a word in a cell says; with real ones see test_worker."""

import nbformat
import pytest
from nbgrader.utils import compute_checksum, determine_grade

from autograder.checks import Verdict
from autograder.grading import marking
from autograder.grading.marking import CouldNotGradeError, Mark, Walk, first_error, in_public, mark, result_of
from autograder.grading.results import CellResult
from autograder.model import PUBLIC_SEED
from autograder.student_code.limits import CrowdedError, Limits, SandboxError
from autograder.student_code.outputs import output


class Process:
    """A notebook's process: ``die`` ends it, ``fail`` raises, ``stderr`` warns, ``NAME = VALUE`` assigns."""

    def __init__(self, sandbox):
        self.sandbox, self.lost, self.late, self.names, self.ran = sandbox, "", {}, {}, []
        sandbox.processes.append(self)

    def run(self, source, number):
        self.ran.append((source, number))
        word, _, value = source.partition(" = ")
        if word == "die":
            self.lost = "it died"
        elif value:
            self.names[word] = value
        elif word == "fail":
            return [output("error", ename="SyntaxError", evalue="not like this\nbut", traceback=[])]
        elif word == "stderr":
            return [output("stream", name="stderr", text="careful\n")]
        return []

    def value_of(self, name):
        return self.names.get(name)

    def what_is(self, name):
        return {"defined": name in self.names, "callable": False, "kind": "str"}

    def close(self):
        self.sandbox.closed += 1


class Sandbox:
    def __init__(self, **limits):
        self.limits, self.processes, self.closed = Limits(**limits), [], 0

    def notebook(self):
        return Process(self)


def cell(source, grade_id=None, points=None, solution=False, kind="code"):
    metadata = {}
    if grade_id:
        metadata["nbgrader"] = {"grade_id": grade_id, "solution": solution, "grade": points is not None}
        metadata["nbgrader"] |= {"schema_version": 3, "task": False, "locked": not solution}
        if points is not None:
            metadata["nbgrader"]["points"] = points
    made = {"cell_type": kind, "id": grade_id or source[:8], "metadata": metadata, "source": source}
    return nbformat.from_dict(made | ({"outputs": [], "execution_count": None} if kind == "code" else {}))


def notebook(*cells):
    return nbformat.from_dict({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


PREDICTION = cell('check_answer(prediction, "predict-start")', "predict-start", points=1)
VALUES = cell('check(window_sum, "window_sum-values")', "window_sum-values", points=1.5)


def results(*cells, sandbox=None, **options):
    return {each.cell: each for each in mark(notebook(*cells), sandbox or Sandbox(), **options).results}


@pytest.mark.parametrize("seed", [PUBLIC_SEED, "nobody's"])
def test_a_prediction_is_marked_for_being_made(seed):
    made = results(cell("prediction = b"), PREDICTION, seed=seed)
    assert made == {"predict-start": CellResult("predict-start", "passed", 1, 1)}
    (missing,) = results(PREDICTION, seed=seed).values()
    assert (missing.outcome, missing.points) == ("failed", 0)
    assert missing.message == missing.reason == "predict-start: no answer yet; choose one of 'a', 'b', 'c', 'd'"


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("fail", " (its cell: SyntaxError: not like this)"),
        ("stderr", " (its cell: printed to stderr: careful)"),
        ("nothing", ""),
        ("die", " (its cell: it died)"),
    ],
)
@pytest.mark.parametrize("seed", [PUBLIC_SEED, "nobody's"])
def test_why_there_is_no_function_is_part_of_the_reason(source, cause, seed):
    (found,) = results(cell(source, "window_sum", solution=True), VALUES, seed=seed).values()
    assert found.message == "no function window_sum: the cell that defines it did not run to its end"
    assert found.reason == found.message + cause
    assert (found.outcome, found.points, found.max_points) == ("failed", 0, 1.5)


def test_what_is_no_function_has_another_reason():
    (found,) = results(cell("window_sum = 3", "window_sum", solution=True), VALUES).values()
    assert found.reason == "window_sum is no function but str: was it given another value in a later cell?"


@pytest.mark.parametrize(
    ("now", "expected"), [("*Write here.*", ("failed", 0, "no answer")), ("Sums.", ("by hand", None, ""))]
)
def test_an_explanation_is_for_a_person_unless_nothing_was_written(now, expected):
    released = cell("*Write here.*", "explain-start", points=3, solution=True, kind="markdown")
    released.metadata.nbgrader.checksum = compute_checksum(released)
    released.source = now
    (found,) = results(released).values()
    assert (found.outcome, found.points, found.reason) == expected
    assert found.max_points == 3


def test_results_are_in_the_notebooks_order():
    explanation = cell("Because.", "explain-start", points=3, solution=True, kind="markdown")
    assert list(results(VALUES, explanation, PREDICTION)) == ["window_sum-values", "explain-start", "predict-start"]


def test_the_outputs_give_the_same_marks_to_nbgrader():
    """People and nbgrader's own commands read the outputs; they may not say anything else."""
    explanation = cell("Because.", "explain-start", points=3, solution=True, kind="markdown")
    marked = mark(notebook(cell("prediction = b"), PREDICTION, VALUES, explanation), Sandbox())
    for found in marked.results:
        (graded,) = (each for each in marked.notebook.cells if each.id == found.cell)
        assert determine_grade(graded, None) == (found.points, found.max_points)
    assert [found.points for found in marked.results] == [1, 0, None]


# --- cells that end the process ---------------------------------------------------------------------------------------


def test_after_a_loss_the_cells_before_are_run_again_but_not_the_deadly_one():
    sandbox = Sandbox()
    walk = Walk(notebook(cell("x = 1"), cell("die"), cell("prediction = a"), PREDICTION), sandbox, 1, None)
    assert walk.through()["predict-start"].passed
    first, second = sandbox.processes
    assert first.ran == [("x = 1", 1), ("die", 2)]
    assert second.ran == [("x = 1", 1), ("prediction = a", 3)]
    assert sandbox.closed == 2
    assert walk.marked().remarks == ["cell [2]: it died"]
    assert walk.cells[1].outputs[0].evalue == "it died"


def test_a_notebook_that_ends_its_process_too_often_is_given_up():
    sandbox = Sandbox(lost=2)
    marked = mark(notebook(cell("die"), cell("die"), cell("prediction = a"), PREDICTION), sandbox)
    assert len(sandbox.processes) == 2
    (found,) = marked.results
    assert found.reason == "not run: 2 cells before it ended the notebook's process"
    assert marked.notebook.cells[2].outputs[0].evalue == found.reason


def test_a_check_that_ends_the_process_is_one_of_the_deadly_cells(monkeypatch):
    """Counted by where it is in the notebook, as every other cell."""

    class Dies:
        def __init__(self, process):
            self.process = process

        def of(self, aspect):
            self.process.lost = "it died"
            return Verdict("window_sum", aspect, False, 0, 1, f"window_sum, {aspect}: it died")

    sandbox = Sandbox()
    monkeypatch.setattr(Process, "what_is", lambda *_: {"defined": True, "callable": True, "kind": ""})
    monkeypatch.setattr(Process, "remote", lambda process, name: process, raising=False)
    monkeypatch.setattr(marking, "verdicts_on", lambda exercise, process, *_: Dies(process))
    walk = Walk(notebook(cell("x = 1"), VALUES, cell("prediction = a"), PREDICTION), sandbox, 1, None)
    marks = walk.through()
    assert walk.deadly == {1: "it died"}
    assert marks["predict-start"].passed
    assert sandbox.processes[1].ran == [("x = 1", 1), ("prediction = a", 3)]


# --- what the machine does --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "text", "crowded"),
    [(SandboxError("gone"), "the sandbox failed: gone", False), (CrowdedError("too busy"), "too busy", True)],
)
def test_what_is_not_the_students_fault_is_no_mark(error, text, crowded):
    class Fails(Sandbox):
        def notebook(self):
            raise error

    with pytest.raises(CouldNotGradeError, match=text) as raised:
        mark(notebook(cell("x = 1")), Fails())
    assert raised.value.crowded == crowded


# --- two walks --------------------------------------------------------------------------------------------------------

NAME = "conv2d-stride"


def test_the_courses_own_data_decide_and_the_public_data_speak():
    passed, failed = Mark(True, "right\n"), Mark(False, problem="wrong for x (1, 1)", mistake="stride-ignored")
    public = Mark(False, "(printed)", "wrong for the public x", "zeros", "a cause")
    assert in_public(passed, public, NAME) is passed
    assert in_public(failed, public, NAME) == Mark(
        False, "(printed)", "wrong for the public x", "stride-ignored", "a cause"
    )
    told = in_public(failed, passed, NAME)
    assert told.problem.startswith("conv2d, stride: right on the example you can see, wrong on others of its kind\n  ")
    assert "(1, 1)" not in told.problem and told.mistake == "stride-ignored" and not told.passed


def test_a_result_has_the_whole_message_and_a_reason_of_one_line():
    found = result_of(VALUES, Mark(False, problem="\nwrong\n  expected 1", mistake="zeros"))
    assert found == CellResult("window_sum-values", "failed", 0, 1.5, "\nwrong\n  expected 1", "zeros", "wrong")
    assert result_of(VALUES, Mark(True, "right\n")) == CellResult("window_sum-values", "passed", 1.5, 1.5)


def test_an_error_counts_before_what_was_printed():
    warned, failed = output("stream", name="stderr", text="careful"), output("error", ename="CheckFailed", evalue="no")
    assert first_error([output("stream", name="stdout", text="hello")]) == ""
    assert first_error([warned]) == "printed to stderr: careful"
    assert first_error([warned, failed]) == "no"
    assert len(first_error([output("error", ename="E", evalue="x" * 10_000)])) == marking.LONGEST_LINE
