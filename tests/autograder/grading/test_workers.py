"""Many tasks over executors: this module's promises, on threads, and the same on the processes that grade."""

from collections import Counter
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import pytest
import toys

from autograder.grading.processes import RestartingProcessPool
from autograder.grading.workers import Lost, LostError, do_all


@pytest.fixture(params=[ThreadPoolExecutor, RestartingProcessPool])
def executor(request):
    with request.param(2) as made:
        yield made


def tasks(folder, count, read=None, done=()):
    for number in range(count):
        if read is not None:
            read.append(number - len(done))
        yield "", f"t{number}", str(folder)


def tried(folder):
    """name -> how often it was begun."""
    return Counter((folder / "tried").read_text().split())


def test_every_task_is_done_once(tmp_path, executor):
    results = {name: result for (_, name, _), result in do_all(executor, toys.do, tasks(tmp_path, 20), 4)}
    assert results == {f"t{number}": f"t{number} done" for number in range(20)}
    assert set(tried(tmp_path).values()) == {1}


def test_no_tasks(tmp_path, executor):
    assert list(do_all(executor, toys.do, tasks(tmp_path, 0), 4)) == []


def test_an_error_of_our_own_is_not_swallowed(tmp_path, executor):
    with pytest.raises(ValueError, match="t1"):
        list(do_all(executor, toys.do, [("", "t0", str(tmp_path)), ("fail", "t1", str(tmp_path))], 4))


def test_stop_finishes_what_flies_and_begins_nothing(tmp_path, executor):
    read, done = [], []
    for task, _ in do_all(executor, toys.do, tasks(tmp_path, 100, read), 4, stop=lambda: len(done) >= 5):
        done.append(task)
    assert len(done) == len(read) == sum(tried(tmp_path).values()) < 12


def test_tasks_are_read_as_they_are_needed(tmp_path, executor):
    ahead, done = [], []
    for task, _ in do_all(executor, toys.do, tasks(tmp_path, 30, ahead, done), 4):
        done.append(task)
    assert max(ahead) <= 4


def test_again_is_once_and_last(tmp_path, executor):
    names = [
        task[1]
        for task, _ in do_all(executor, toys.do, tasks(tmp_path, 6), 4, again=lambda result: result == "t0 done")
    ]
    assert names[-1] == "t0" and sorted(names) == [f"t{number}" for number in range(6)]
    assert tried(tmp_path) == {f"t{number}": 1 + (number == 0) for number in range(6)}


def test_again_is_alone(tmp_path):
    """The tasks that are tried once more are in flight one at a time."""
    in_flight, most = set(), []

    class Watched(ThreadPoolExecutor):
        def submit(self, work, task):
            in_flight.add(task)
            most.append(len(in_flight))
            future = super().submit(work, task)
            future.add_done_callback(lambda _: in_flight.discard(task))
            return future

    with Watched(4) as executor:
        list(do_all(executor, toys.do, tasks(tmp_path, 6), 4, again=lambda result: True))
    assert len(most) == 12 and most[6:] == [1] * 6


def test_what_was_tried_again_is_left_where_the_run_is_stopped(tmp_path, executor):
    asked = []

    def again(result):
        asked.append(result)
        return True

    assert list(do_all(executor, toys.do, tasks(tmp_path, 3), 4, stop=lambda: len(asked) == 3, again=again)) == []
    assert set(tried(tmp_path).values()) == {1}


def test_a_lost_task_is_a_result_and_is_not_tried_again():
    class Loses(Executor):
        def submit(self, work, task):
            future = Future()
            if task == "b":
                future.set_exception(LostError("died"))
            else:
                future.set_result(work(task))
            return future

    found = dict(do_all(Loses(), str.upper, "abc", 2, again=lambda result: result == Lost()))
    assert found == {"a": "A", "b": Lost(), "c": "C"}
