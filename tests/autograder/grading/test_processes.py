"""Worker processes that die, and an executor that does not."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import toys

from autograder.grading import processes
from autograder.grading.processes import RestartingProcessPool
from autograder.grading.workers import LostError


def run(folder, tasks, workers=2):
    """name -> the result of a task, or its exception."""
    with RestartingProcessPool(workers) as executor:
        futures = {name: executor.submit(toys.do, (what, name, str(folder))) for what, name in tasks}
        return {name: future.exception() or future.result() for name, future in futures.items()}


def tried(folder):
    """name -> how often it was begun."""
    return Counter((folder / "tried").read_text().split())


def workers(folder):
    """The processes that have done a task and are still there."""
    return [pid for path in folder.glob("worker-*") if is_there(pid := int(path.name.partition("-")[2]))]


def is_there(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_every_task_is_done_once(tmp_path):
    names = [f"t{number}" for number in range(20)]
    assert run(tmp_path, [("", name) for name in names]) == {name: f"{name} done" for name in names}
    assert tried(tmp_path) == dict.fromkeys(names, 1)


def test_no_tasks(tmp_path):
    assert run(tmp_path, []) == {}
    assert list(tmp_path.iterdir()) == []  # and no worker was begun


def test_a_worker_that_is_killed_costs_nothing(tmp_path):
    tasks = [("die once" if number == 3 else "", f"t{number}") for number in range(12)]
    assert run(tmp_path, tasks) == {f"t{number}": f"t{number} done" for number in range(12)}
    assert tried(tmp_path)["t3"] == 2


def test_a_task_that_kills_every_worker_takes_no_other_with_it(tmp_path):
    tasks = [("die" if number in (2, 5) else "", f"t{number}") for number in range(12)]
    results = run(tmp_path, tasks)
    assert {name for name, result in results.items() if isinstance(result, LostError)} == {"t2", "t5"}
    assert all(results[f"t{number}"] == f"t{number} done" for number in range(12) if number not in (2, 5))
    # At last alone; before that another may have ended the worker in which it had to wait.
    assert 2 <= tried(tmp_path)["t2"] <= processes.TOGETHER + 1


def test_tasks_for_which_there_is_only_room_alone_are_done(tmp_path):
    """On a machine without memory for two: each was in flight at every death, and neither is to blame."""
    assert run(tmp_path, [("needs room", "t0"), ("needs room", "t1")]) == {"t0": "t0 done", "t1": "t1 done"}
    assert max(tried(tmp_path).values()) == processes.TOGETHER + 1


def test_an_exception_is_that_of_the_future(tmp_path):
    results = run(tmp_path, [("", "t0"), ("fail", "t1")])
    assert results["t0"] == "t0 done"
    assert repr(results["t1"]) == "ValueError('t1')"


def test_a_worker_that_dies_while_it_waits_is_replaced(tmp_path):
    with RestartingProcessPool(1) as executor:
        assert executor.submit(toys.do, ("", "t0", str(tmp_path))).result() == "t0 done"
        (worker,) = workers(tmp_path)
        os.kill(worker, signal.SIGKILL)
        assert executor.submit(toys.do, ("", "t1", str(tmp_path))).result() == "t1 done"


@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "refused"), EOFError()])
@pytest.mark.parametrize("refusals", [1, processes.REFUSALS])
def test_a_server_that_dies_while_it_is_asked_to_fork_is_replaced(tmp_path, monkeypatch, error, refusals):
    monkeypatch.setattr(processes, "PAUSE", 0.01)
    with RestartingProcessPool(2, make=refuses(refusals, error)) as executor:
        assert executor.submit(toys.do, ("", "t", str(tmp_path))).result(60) == "t done"
    assert set(tried(tmp_path)) == {"t"}


def test_a_machine_that_starts_no_process_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "PAUSE", 0.01)
    with RestartingProcessPool(2, make=refuses(1000, OSError("no more processes"))) as executor:
        futures = [executor.submit(toys.do, ("", f"t{number}", str(tmp_path))) for number in range(3)]
        assert [str(future.exception(60)) for future in futures] == ["no more processes"] * 3


def refuses(times, error):
    """A maker of pools, the first of which refuse a call."""
    refused = []

    def make(count, preload):
        pool = processes.pool(count, preload)

        def start(*arguments):
            refused.append(arguments)
            raise error

        if len(refused) < times:
            pool._adjust_process_count = start
        return pool

    return make


def test_what_waits_is_cancelled_and_what_flies_is_finished(tmp_path):
    with RestartingProcessPool(1) as executor:
        futures = [executor.submit(toys.do, ("", f"t{number}", str(tmp_path))) for number in range(50)]
        assert futures[0].result() == "t0 done"
    assert futures[-1].cancelled()
    done = [future for future in futures if not future.cancelled()]
    assert all(future.result() for future in done)
    assert len(done) == sum(tried(tmp_path).values())
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit(toys.do, ("", "t", str(tmp_path)))


def test_shutdown_without_cancelling_does_it_all(tmp_path):
    executor = RestartingProcessPool(2)
    futures = [executor.submit(toys.do, ("", f"t{number}", str(tmp_path))) for number in range(9)]
    executor.shutdown()
    assert [future.result() for future in futures] == [f"t{number} done" for number in range(9)]
    assert workers(tmp_path) == []


ENDED = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
sys.path[:0] = {path!r}
import toys
from autograder.grading import processes

def unwatched(count, preload):
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("forkserver"))

if __name__ == "__main__":
    executor = processes.RestartingProcessPool(2, make={make})
    tasks = [("sleep", "t%d" % number, {folder!r}) for number in range(2)]
    list(executor.map(toys.do, tasks))
"""


@pytest.mark.parametrize("make", ["processes.pool", "unwatched"])
def test_workers_end_with_a_coordinator_that_is_killed(tmp_path, make):
    """And an executor's own would stay."""
    script = tmp_path / "coordinator.py"
    path = [str(Path(toys.__file__).parent), str(Path(processes.__file__).parents[2])]
    script.write_text(ENDED.format(path=path, folder=str(tmp_path), make=make))
    coordinator = subprocess.Popen([sys.executable, str(script)])
    deadline = time.monotonic() + 60
    while not (tmp_path / "tried").exists() or len(tried(tmp_path)) < 2:
        assert coordinator.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    assert len(workers(tmp_path)) == 2
    coordinator.kill()
    coordinator.wait()
    time.sleep(0.5)
    left = workers(tmp_path)
    for worker in left:
        os.kill(worker, signal.SIGKILL)
    assert (left == []) == (make == "processes.pool")


def test_a_worker_that_does_not_end_is_ended(tmp_path, monkeypatch):
    """Once all is done: a run that hangs there has entered every mark, and nobody can see it."""
    monkeypatch.setattr(processes, "PATIENCE", 0.5)
    assert run(tmp_path, [("stay", "t")]) == {"t": "t done"}
    assert list(tmp_path.glob("worker-*")) and workers(tmp_path) == []


def test_workers_have_the_environment_of_this_run(tmp_path, monkeypatch):
    """The process they are forked from may have begun long before."""
    for word in ("four", "five"):
        monkeypatch.setenv("A_WORD", word)
        assert run(tmp_path, [("environment", word)]) == {word: word}
