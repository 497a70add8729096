"""What is killed, stopped or refused in the middle of grading costs nobody anything.

Five moments here; `benchmarks/faults.py` tries as many as one has time for.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from courses import configure, course, environment
from faults import Moment, below, disturb, entered, finish, left_over, nothing_stays, outcome, start
from nbgrader.api import Gradebook

from autograder import grade
from autograder.ledger import alone

NAMES = ("00-start", "01-window")
WHO = ("flips-the-kernel", "stops-half-way", "warns")
COUNT = len(NAMES) * len(WHO)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A course in which nothing is graded yet, but all is registered."""
    folder = course(tmp_path_factory.mktemp("faults") / "course", NAMES, WHO)
    configure(folder, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    for name in NAMES:
        (folder / "submitted" / "warns" / name / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    with grade._quiet():
        grade.register(folder, NAMES, report=lambda line: None)
        with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
            for name in NAMES:
                book.update_or_create_assignment(name, duedate="2026-11-19")
    return folder


@pytest.fixture(scope="module")
def graded(fresh):
    """The same after a run that nothing disturbed."""
    folder = shutil.copytree(fresh, fresh.parent.parent / "undisturbed" / "course")
    assert finish(start(folder)) == COUNT
    return folder


@pytest.fixture(scope="module")
def undisturbed(graded):
    return outcome(graded)


@pytest.fixture
def folder(fresh, tmp_path):
    return shutil.copytree(fresh, tmp_path / "course")


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_run_taken_up_again_is_as_an_undisturbed_one(folder, undisturbed, seed):
    moment = Moment.drawn(seed, COUNT // 2 + 1)  # in the first half, so that there is something left to kill
    came = disturb(folder, moment)
    assert came.struck
    assert outcome(folder) == undisturbed
    if moment.victim == "coordinator":  # only that ends a run
        assert came.first is None
        assert came.entered + came.second == COUNT, "what was entered was graded again"
    else:
        assert (came.first, came.entered) == (COUNT, COUNT)


def test_the_undisturbed_run_has_what_could_be_lost(undisturbed):
    book, notebooks, ledger = undisturbed
    assert len(book) == len(notebooks) == len(ledger) == COUNT
    assert {who for (_, who), entry in book.items() if entry["late"][1]} == {"warns"}
    assert any(auto for entry in book.values() for auto, _ in entry["comments"].values())


def test_what_stays_is_noticed():
    """A process that its parent left behind, as a killed coordinator might its workers."""
    with pytest.raises(AssertionError, match="sleep"), nothing_stays():
        left = subprocess.run(["sh", "-c", "sleep 30 >&- 2>&- & echo $!"], capture_output=True, check=True).stdout
    os.kill(int(left), signal.SIGKILL)


def test_a_difference_is_noticed(graded, undisturbed, tmp_path):
    """The comparison above can fail."""
    folder = shutil.copytree(graded, tmp_path / "course")
    path = folder / "submitted" / "warns" / "00-start" / "00-start.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("return", "return 1 +", 1), encoding="utf-8")
    assert finish(start(folder)) == 1
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
    holder = sqlite3.connect(folder / "gradebook.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(grade.GradeError, match=r"the gradebook could not be .*database is locked"):
        grade.grade(folder, NAMES[:1], report=lambda line: None, feedback=False)
    holder.close()
    assert grade.grade(folder, report=lambda line: None, feedback=False).done == COUNT


def test_a_gradebook_that_is_locked_in_the_middle(folder):
    """Between two submissions: what was entered stays, and the next run goes on."""
    holder = sqlite3.connect(folder / "gradebook.db", isolation_level=None)

    class Lock(grade.Progress):
        def advance(self):
            if not holder.in_transaction:
                holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(grade.GradeError, match=r"the gradebook could not be .*database is locked"):
        grade.grade(folder, report=lambda line: None, workers=1, progress=Lock(), feedback=False)
    holder.close()
    assert entered(folder) == 1
    assert grade.grade(folder, report=lambda line: None, feedback=False).done == COUNT - 1


def on_a_disk_of_its_own(folder, script):
    """A copy of a course on a small disk, and a shell script there: what it says, and the course in ``folder``.

    ``grade`` in the script is the command, without walls: there are some around it already.
    """
    disk = folder.parent / "disk"
    disk.mkdir()
    grading = f'grade() {{ {sys.executable} -m autograder grade --sandbox none --workers 1 "$@"; }}'
    moved = f"cp -r {folder}/. {disk}; cd {disk}; {grading}; {script}; cp -r {disk}/. {folder}"
    walls = ["bwrap", "--dev-bind", "/", "/", "--size", str(24 * 2**20), "--tmpfs", str(disk)]
    done = subprocess.run(
        [*walls, "sh", "-c", moved], env=environment(folder.parent), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk(folder):
    """At once, and with room for a little: it says so, and once there is room the next run goes on."""
    said = on_a_disk_of_its_own(
        folder,
        "head -c 24K /dev/zero > room; cat /dev/zero > ballast 2> /dev/null; grade 2>&1; echo full: $?; "
        "rm room; grade 2>&1; echo nearly: $?; rm ballast; grade > /dev/null 2>&1; echo then: $?",
    )
    assert "full: 2" in said and "nearly: 2" in said and "then: 0" in said, said
    assert "Traceback" not in said, said
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    assert len(errors) == 2 and all("full" in error or "No space left" in error for error in errors), errors
    assert entered(folder) == COUNT
    assert not list((folder / "autograded").rglob(".*.part"))


def test_a_gradebook_that_is_read_only(folder):
    read_only = f"--dev-bind / / --ro-bind {folder}/gradebook.db {folder}/gradebook.db"
    done = subprocess.run(
        ["bwrap", *read_only.split(), sys.executable, "-m", "autograder", "grade", "--sandbox", "none"],
        cwd=folder,
        env=environment(folder.parent),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert "error: the gradebook could not be written" in done.stderr and "readonly database" in done.stderr
    assert entered(folder) == 0
    assert grade.grade(folder, report=lambda line: None, feedback=False).done == COUNT


def test_no_walls_no_grading(folder, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
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
