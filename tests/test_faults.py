"""What is killed, stopped or refused in the middle of grading costs nobody anything.

Five moments here; `benchmarks/faults.py` tries as many as one has time for.
"""

import shutil
import signal
import subprocess
import sys
import time

import pytest
from courses import configure, course, environment
from faults import Moment, below, disturb, entered, finish, left_over, outcome, start

from autograder import grade
from autograder.ledger import alone

NAMES = ("00-start", "01-window")
WHO = ("flips-the-kernel", "stops-half-way", "warns")
COUNT = len(NAMES) * len(WHO)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A course in which nothing is graded yet, but all is registered."""
    folder = course(tmp_path_factory.mktemp("faults") / "course", NAMES, WHO)
    with grade._quiet():
        grade.register(folder, NAMES, report=lambda line: None)
    return folder


@pytest.fixture(scope="module")
def undisturbed(fresh):
    folder = shutil.copytree(fresh, fresh.parent.parent / "undisturbed" / "course")
    assert finish(start(folder)) == COUNT
    return outcome(folder)


@pytest.fixture
def folder(fresh, tmp_path):
    return shutil.copytree(fresh, tmp_path / "course")


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_run_taken_up_again_is_as_an_undisturbed_one(folder, undisturbed, seed):
    moment = Moment.drawn(seed, COUNT)
    second = disturb(folder, moment)
    assert outcome(folder) == undisturbed
    assert (second is None) == (moment.victim != "coordinator")  # only that ends a run
    if second is not None:
        before, done = second
        assert before + done == COUNT, "what was entered was graded again"


def test_a_difference_is_noticed(folder, undisturbed):
    """The comparison above can fail."""
    finish(start(folder))
    path = folder / "submitted" / "warns" / "00-start" / "00-start.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("return", "return 1 +", 1), encoding="utf-8")
    finish(start(folder))
    assert outcome(folder) != undisturbed


def command(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", "--workers", "1", *arguments],
        cwd=folder,
        env=environment(folder.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_finishes_what_has_begun_and_the_next_run_goes_on(folder):
    process = command(folder)
    while not entered(folder):
        assert process.poll() is None
        time.sleep(0.02)
    processes = below(process.pid)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    done = entered(folder)
    assert 1 <= done < COUNT
    assert "stopping: what has begun is finished first; Ctrl-C again stops at once" in said
    assert f"stopped: {COUNT - done} not graded yet; the same command goes on from here" in said
    left_over(processes)
    process = command(folder)
    process.communicate(timeout=300)
    assert (process.returncode, entered(folder)) == (0, COUNT)


def test_two_at_the_same_time(folder):
    with alone(folder), pytest.raises(grade.GradeError, match=r"another process grades in .*; wait until it is done"):
        grade.grade(folder, report=lambda line: None)
    assert entered(folder) == 0


def test_a_gradebook_that_cannot_be_written(folder):
    """Somebody holds it, as formgrader might: nothing is lost, and it says what is wrong."""
    import sqlite3

    holder = sqlite3.connect(folder / "gradebook.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(grade.GradeError, match=r"the gradebook could not be .*database is locked"):
        grade.grade(folder, NAMES[:1], report=lambda line: None, feedback=False)
    holder.close()
    assert grade.grade(folder, report=lambda line: None, feedback=False).done == COUNT


def test_no_walls_no_grading(folder, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    grade.sandbox.must_hold.cache_clear()
    with pytest.raises(grade.GradeError, match="bubblewrap is not installed, so student code cannot be kept from"):
        grade.grade(folder, report=lambda line: None)
    assert entered(folder) == 0
    said = []
    run = grade.grade(folder, ["00-start"], walls=(), report=said.append, feedback=False)
    assert run.done == len(WHO)
    assert said[0].startswith("warning: Student code runs UNPROTECTED")


def test_an_unknown_limit(folder):
    configure(folder, 'c.Execute.limits = {"patience": 3}')
    with pytest.raises(
        grade.GradeError, match=r"c\.Execute\.limits: patience = 3; limits are positive numbers, by the"
    ):
        grade.grade(folder, report=lambda line: None)
