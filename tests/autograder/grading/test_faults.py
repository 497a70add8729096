"""Runs that are killed, stopped or refused in the middle of grading, which must cost nobody anything.

Five moments here; `benchmarks/faults.py` tries as many as one has time for.
"""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import nbformat
import pytest
from courses import configure, course, environment
from faults import Moment, disturb, entered, outcome, run_here
from nbgrader.api import Gradebook
from process_tree import below, left_over

from autograder.__main__ import main
from autograder.grading import grade
from autograder.grading.ledger import alone
from autograder.grading.register import register
from autograder.grading.watch import Watch
from autograder.releasing.release import quiet_nbgrader

NAMES = ("00-start", "01-window")
WHO = ("flips-the-kernel", "stops-half-way", "warns")
COUNT = len(NAMES) * len(WHO)
FEW = COUNT - len(NAMES)  # without the first of them


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A course in which nothing is graded yet, but all is registered."""
    folder = course(tmp_path_factory.mktemp("faults") / "course", NAMES, WHO)
    configure(folder, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    for name in NAMES:
        (folder / "submitted" / "warns" / name / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    # The last one takes its time, so that a run goes on when its moment has come, however late the tests notice that.
    path = folder / "submitted" / WHO[-1] / NAMES[-1] / f"{NAMES[-1]}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("import time\ntime.sleep(1)", id="waits"))
    nbformat.write(notebook, path)
    register(folder, NAMES, report=lambda line: None)
    with quiet_nbgrader(), Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for name in NAMES:
            book.update_or_create_assignment(name, duedate="2026-11-19")
    return folder


@pytest.fixture(scope="module")
def graded(fresh):
    """The same after a run that nothing disturbed."""
    folder = shutil.copytree(fresh, fresh.parent.parent / "undisturbed" / "course")
    assert run_here(folder) == COUNT
    return folder


@pytest.fixture(scope="module")
def undisturbed(graded):
    return outcome(graded)


@pytest.fixture
def folder(fresh, tmp_path):
    return shutil.copytree(fresh, tmp_path / "course")


def fewer(folder):
    """Leave the first student out, where it does not matter how many there are."""
    shutil.rmtree(folder / "submitted" / WHO[0])
    return folder


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


def test_a_difference_is_noticed(graded, undisturbed, tmp_path):
    """The comparison above can fail."""
    folder = shutil.copytree(graded, tmp_path / "course")
    path = folder / "submitted" / "warns" / "00-start" / "00-start.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("return", "return 1 +", 1), encoding="utf-8")
    assert run_here(folder) == 1
    assert outcome(folder) != undisturbed


def test_ctrl_c_finishes_what_has_begun_and_the_next_run_goes_on(folder, monkeypatch):
    arguments = ["grade", "--workers", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=folder,
        env=environment(folder.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
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
    monkeypatch.chdir(folder)
    assert (main(arguments), entered(folder)) == (0, COUNT)


def test_two_at_the_same_time(folder):
    with alone(folder), pytest.raises(grade.GradeError, match=r"another process grades in .*; wait until it is done"):
        grade.grade(folder, report=lambda line: None)
    assert entered(folder) == 0


def test_a_gradebook_that_cannot_be_written(folder):
    """Somebody holds it, as formgrader might: nothing is lost, and it says what is wrong."""
    holder = sqlite3.connect(fewer(folder) / "gradebook.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(grade.GradeError, match=r"the gradebook could not be .*database is locked"):
        grade.grade(folder, NAMES[:1], report=lambda line: None, feedback=False)
    holder.close()
    assert grade.grade(folder, report=lambda line: None, feedback=False).done == FEW


def test_a_gradebook_that_is_locked_in_the_middle(folder):
    """Between two submissions: what was entered stays, and the next run goes on."""
    holder = sqlite3.connect(fewer(folder) / "gradebook.db", isolation_level=None)

    class Lock(Watch):
        def advance(self):
            if not holder.in_transaction:
                holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(grade.GradeError, match=r"the gradebook could not be .*database is locked"):
        grade.grade(folder, report=lambda line: None, workers=1, watch=Lock(), feedback=False)
    holder.close()
    assert entered(folder) == 1
    assert grade.grade(folder, report=lambda line: None, feedback=False).done == FEW - 1


#: A course on a small disk of its own, which is full, then nearly, then not; and one whose gradebook is read-only. The
#: command is run without walls, for there are some around it already, and by one process, for each start takes long.
SCRIPT = """
import contextlib, io, json, os, shutil, subprocess, sys
from autograder.__main__ import main

def grade(folder):
    os.chdir(folder)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(["grade", "--sandbox", "none", "--workers", "1"])
    return code, said.getvalue()

if __name__ == "__main__":
    course, disk, read_only = sys.argv[1:]
    shutil.copytree(course, disk, dirs_exist_ok=True)
    os.chdir(disk)
    subprocess.run("head -c 24K /dev/zero > room; cat /dev/zero > ballast 2> /dev/null", shell=True)
    came = {"full": grade(disk)}
    os.remove("room")
    came["nearly"] = grade(disk)
    os.remove("ballast")
    came["then"] = grade(disk)
    shutil.copytree(disk, course, dirs_exist_ok=True)
    came["read-only"] = grade(read_only)
    print(json.dumps(came))
"""


@pytest.fixture(scope="module")
def disks(fresh, tmp_path_factory):
    """(what came of each run of the script: exit code and what it said; the two courses)."""
    base = tmp_path_factory.mktemp("disks")
    courses = [fewer(shutil.copytree(fresh, base / name / "course")) for name in ("small", "read-only")]
    disk, script = base / "disk", base / "script.py"
    disk.mkdir()
    script.write_text(SCRIPT, encoding="utf-8")
    gradebook = courses[1] / "gradebook.db"
    walls = ["bwrap", "--dev-bind", "/", "/", "--size", str(24 * 2**20), "--tmpfs", str(disk)]
    walls += ["--ro-bind", str(gradebook), str(gradebook)]
    done = subprocess.run(
        [*walls, sys.executable, str(script), str(courses[0]), str(disk), str(courses[1])],
        env=environment(base),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout), *courses


def test_a_full_disk(disks):
    """At once, and with room for a little: it says so, and once there is room the next run goes on."""
    came, folder, _ = disks
    assert [came[when][0] for when in ("full", "nearly", "then")] == [2, 2, 0], came
    said = "".join(came[when][1] for when in ("full", "nearly"))
    assert "Traceback" not in said, said
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    assert len(errors) == 2 and all("full" in error or "No space left" in error for error in errors), errors
    assert entered(folder) == FEW
    assert not list((folder / "autograded").rglob(".*.part"))


def test_a_gradebook_that_is_read_only(disks):
    came, _, folder = disks
    code, said = came["read-only"]
    assert code == 2, said
    assert "Traceback" not in said, said
    assert "error: the gradebook could not be written" in said and "readonly database" in said
    assert entered(folder) == 0
    assert grade.grade(folder, report=lambda line: None, feedback=False).done == FEW


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
