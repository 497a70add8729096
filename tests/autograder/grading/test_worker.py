"""A worker's result is a function of its task: the same result in a process, in a thread, and across a socket."""

import contextlib
import json
import pickle
import shutil
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from courses import course
from socket_executor import SocketExecutor

from autograder.course import graded_cells
from autograder.grading import feedback, marking, worker
from autograder.grading.gradebook import Marks
from autograder.grading.processes import RestartingProcessPool
from autograder.grading.workers import do_all
from autograder.releasing.release import nbgrader_config
from autograder.student_code.limits import CrowdedError, SandboxError

NAME = "01-window"
WHO = ("flips-the-kernel", "stops-half-way", "warns")
SETTINGS = worker.Settings(seed="nobody's", walls=())


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    """Submissions good and bad, of a course that is gone by the time they are graded."""
    root = course(tmp_path_factory.mktemp("worker") / "course", [NAME], WHO)
    config = nbgrader_config(root)
    released = (root / "exercises" / NAME / f"{NAME}.ipynb").read_bytes()
    submitted = {name: (root / "submitted" / name / NAME / f"{NAME}.ipynb").read_bytes() for name in WHO}
    submitted["not json"] = b"{"
    content = json.loads(submitted["warns"])
    ends = {"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "execution_count": 1}
    content["cells"].insert(3, ends | {"source": "import os\nos._exit(0)"})
    submitted["crashes"] = json.dumps(content).encode()
    shutil.rmtree(root)
    return [worker.Task(student, NAME, data, released, SETTINGS, config) for student, data in submitted.items()]


@pytest.fixture(scope="module")
def expected(tasks):
    """student -> what this very thread makes of the task, as data."""
    return {task.student: as_data(worker.grade_one(task)) for task in tasks}


def as_data(graded):
    return replace(graded, seconds={})


@contextlib.contextmanager
def processes(folder):
    with RestartingProcessPool(2) as executor:
        yield executor


@contextlib.contextmanager
def threads(folder):
    with ThreadPoolExecutor(2) as executor:
        yield executor


@contextlib.contextmanager
def across_a_socket(folder):
    with SocketExecutor(2, folder) as executor:
        yield executor


@pytest.mark.parametrize("make", [processes, threads, across_a_socket])
def test_every_executor_gives_the_same_results(make, tasks, expected, tmp_path):
    with make(tmp_path) as executor:
        found = {task.student: as_data(graded) for task, graded in do_all(executor, worker.grade_one, tasks, 4)}
        assert found == expected
        pages = [page(task, found[task.student]) for task in tasks if not found[task.student].reason]
        made = {task.student: shown for task, shown in do_all(executor, worker.feedback_one, pages, 4)}
    assert made.keys() == {*WHO, "crashes"}
    assert made == {task.student: worker.feedback_one(task) for task in pages}
    assert all(shown.html.startswith("<!DOCTYPE html>") and not shown.problem for shown in made.values())


def page(task, graded):
    return worker.FeedbackTask(task.student, NAME, graded.notebook.encode(), Marks(), graded.results, task.config)


def test_the_results_are_what_they_should_be(expected):
    """Or the executors could be equal in nothing."""
    assert expected["not json"].reason.startswith("01-window.ipynb is not a notebook: ")
    assert [result.cell for result in expected["warns"].results] == list(graded_cells(NAME))
    assert {result.outcome for result in expected["crashes"].results} >= {"passed"}
    assert any("cell [" in remark for remark in expected["crashes"].remarks)
    (wrong,) = (result for result in expected["flips-the-kernel"].results if result.cell == "correlate2d-values")
    assert (wrong.outcome, wrong.points, wrong.max_points) == ("failed", 0, 2)
    assert wrong.mistake == "flipped-kernel"
    assert wrong.reason == wrong.message.splitlines()[0]
    assert wrong.reason.startswith("correlate2d, values: wrong for ")


def test_tasks_and_results_are_plain(tasks, expected):
    for task in tasks:
        assert pickle.loads(pickle.dumps(task)) == task
    for graded in expected.values():
        assert pickle.loads(pickle.dumps(graded)) == graded


# --- what fails -------------------------------------------------------------------------------------------------------


def of(tasks, student):
    return next(task for task in tasks if task.student == student)


def test_a_fault_of_ours_costs_nobody_a_zero_and_keeps_its_traceback(tasks, monkeypatch):
    def breaks(*arguments):
        raise KeyError("ours")

    monkeypatch.setattr(worker.submission, "rebuild", breaks)
    graded = worker.grade_one(of(tasks, "warns"))
    assert graded.reason == "the grader failed: KeyError: 'ours'"
    assert "in breaks" in graded.traceback and "KeyError" in graded.traceback
    assert [result.cell for result in graded.results] == list(graded_cells(NAME))
    assert {(result.outcome, result.points) for result in graded.results} == {("could not grade", None)}


def test_where_the_sandbox_has_ended_there_is_a_second_try_in_a_new_one(tasks, expected):
    """It was killed between two submissions: to its owner that is a closed socket."""
    task = of(tasks, "warns")
    worker.grade_one(task)
    (box,) = worker._kept.sandboxes.boxes.values()
    box.control.shutdown(socket.SHUT_RDWR)
    assert as_data(worker.grade_one(task)) == expected["warns"]
    (other,) = worker._kept.sandboxes.boxes.values()
    assert other is not box


@pytest.mark.parametrize(("error", "tries"), [(SandboxError("gone"), 2), (CrowdedError("no time"), 1)])
def test_a_second_failure_is_the_reason_and_a_crowded_machine_is_not_tried_at_once(tasks, monkeypatch, error, tries):
    tried = []

    def fails(*arguments):
        tried.append(arguments)
        failure = marking.CouldNotGradeError(str(error))
        failure.crowded = isinstance(error, CrowdedError)
        raise failure from error

    monkeypatch.setattr(marking, "mark", fails)
    graded = worker.grade_one(of(tasks, "warns"))
    assert (graded.reason, graded.crowded, len(tried)) == (str(error), tries == 1, tries)
    assert graded.traceback == ""


def test_a_thread_that_ends_takes_its_sandboxes_along(tasks):
    with ThreadPoolExecutor(1) as executor:
        assert not executor.submit(worker.grade_one, of(tasks, "warns")).result().reason
        servers = executor.submit(
            lambda: [box.server.process for box in worker._kept.sandboxes.boxes.values()]
        ).result()
        assert servers and all(server.poll() is None for server in servers)
    assert all(server.poll() is not None for server in servers)


def test_other_settings_get_another_sandbox(tasks):
    task = of(tasks, "warns")
    worker.grade_one(task)
    (first,) = worker._kept.sandboxes.boxes.values()
    worker.grade_one(replace(task, settings=replace(SETTINGS, seed=3)))
    (second,) = worker._kept.sandboxes.boxes.values()
    assert second is not first and first.server.process.poll() is not None


# --- feedback ---------------------------------------------------------------------------------------------------------


def test_a_page_that_cannot_be_rendered_is_a_problem(tasks):
    task = worker.FeedbackTask("ada", NAME, b"{", Marks(), [], of(tasks, "warns").config)
    made = worker.feedback_one(task)
    assert made.html == "" and "Error" in made.problem


def test_a_page_that_takes_too_long_is_a_problem(tasks, expected, monkeypatch):
    def forever(*arguments):
        while True:
            pass

    monkeypatch.setattr(feedback, "render", forever)
    monkeypatch.setattr(feedback, "SECONDS", 0.1)
    made = worker.feedback_one(page(of(tasks, "warns"), expected["warns"]))
    assert made.problem.startswith("TimeoutError: stopped after 0.1 s of computing")


def test_a_thread_has_no_time_limit():
    """A signal can only be for a process's main thread: the limit leaves others alone."""
    reached = []

    def renders():
        with feedback.time_limit(0.001):
            reached.append(sum(range(3_000_000)))

    thread = threading.Thread(target=renders)
    thread.start()
    thread.join()
    assert reached
