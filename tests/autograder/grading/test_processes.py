"""Many tasks, few workers, and workers that die."""

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


def run(folder, tasks, workers=2, **options):
    """name -> result."""
    results = processes.run(
        toys.do, ((what, name, str(folder)) for what, name in tasks), workers, toys.begin, (str(folder),), **options
    )
    return {task[1]: result for task, result in results}


def tried(folder):
    """name -> how often it was begun."""
    return Counter((folder / "tried").read_text().split())


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
    assert {name for name, result in results.items() if isinstance(result, processes.Lost)} == {"t2", "t5"}
    assert all(results[f"t{number}"] == f"t{number} done" for number in range(12) if number not in (2, 5))
    # At last alone; before that another may have ended the worker in which it had to wait.
    assert 2 <= tried(tmp_path)["t2"] <= processes.TOGETHER + 1


def test_an_error_of_our_own_is_not_swallowed(tmp_path):
    with pytest.raises(ValueError, match="t1"):
        run(tmp_path, [("", "t0"), ("fail", "t1")])


def test_stop_finishes_what_flies_and_begins_nothing(tmp_path):
    read = []

    def tasks():
        for number in range(100):
            read.append(number)
            yield "", f"t{number}", str(tmp_path)

    done = []
    for task, _ in processes.run(toys.do, tasks(), 2, toys.begin, (str(tmp_path),), stop=lambda: len(done) >= 5):
        done.append(task[1])
    assert len(done) == len(read) == sum(tried(tmp_path).values()) < 12


def test_tasks_are_read_as_they_are_needed(tmp_path):
    ahead = []

    def tasks():
        for number in range(30):
            ahead.append(number - len(done))
            yield "", f"t{number}", str(tmp_path)

    done = []
    for task, _ in processes.run(toys.do, tasks(), 2, toys.begin, (str(tmp_path),)):
        done.append(task)
    assert max(ahead) <= 4


def test_again_is_alone_and_last(tmp_path):
    flying = []

    def again(result):
        flying.append(result)
        return result == "t0 done" and flying.count(result) == 1

    results = run(tmp_path, [("", f"t{number}") for number in range(6)], again=again)
    assert list(results)[-1] == "t0"
    assert tried(tmp_path)["t0"] == 2


ENDED = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
sys.path[:0] = {path!r}
import toys
from autograder.grading import processes

def unwatched(workers, begin, arguments):
    context = multiprocessing.get_context("forkserver")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=begin, initargs=arguments)

if __name__ == "__main__":
    tasks = [("sleep", "t%d" % number, {folder!r}) for number in range(2)]
    list(processes.run(toys.do, tasks, 2, toys.begin, ({folder!r},), make={make}))
"""


@pytest.mark.parametrize("make", ["processes.processes", "unwatched"])
def test_workers_end_with_a_coordinator_that_is_killed(tmp_path, make):
    """And an executor's own would stay."""
    script = tmp_path / "coordinator.py"
    path = [str(Path(toys.__file__).parent), str(Path(processes.__file__).parents[1])]
    script.write_text(ENDED.format(path=path, folder=str(tmp_path), make=make))
    coordinator = subprocess.Popen([sys.executable, str(script)])
    deadline = time.monotonic() + 60
    while not (tmp_path / "tried").exists() or len(tried(tmp_path)) < 2:
        assert coordinator.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    workers = [int(path.name.partition("-")[2]) for path in tmp_path.glob("worker-*")]
    coordinator.kill()
    coordinator.wait()
    time.sleep(0.5)
    left = [worker for worker in workers if is_there(worker)]
    for worker in left:
        os.kill(worker, signal.SIGKILL)
    assert len(workers) == 2
    assert (left == []) == (make == "processes.processes")


def test_a_worker_that_does_not_end_is_ended(tmp_path, monkeypatch):
    """Once all is done: a run that hangs there has entered every mark, and nobody can see it."""
    monkeypatch.setattr(processes, "PATIENCE", 0.5)
    task = ("", "t", str(tmp_path))
    assert list(processes.run(toys.do, [task], 2, toys.begin_and_stay, (str(tmp_path),))) == [(task, "t done")]
    workers = [int(path.name.partition("-")[2]) for path in tmp_path.glob("worker-*")]
    assert workers and not [worker for worker in workers if is_there(worker)]


def test_workers_have_the_environment_of_this_run(tmp_path, monkeypatch):
    """The process they are forked from may have begun long before."""
    for word in ("four", "five"):
        monkeypatch.setenv("A_WORD", word)
        assert run(tmp_path, [("environment", word)]) == {word: word}


def is_there(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
