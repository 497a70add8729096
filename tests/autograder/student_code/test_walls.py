"""Every wall holds, and its probe sees it fall."""

import os
import signal
import subprocess
import sys

import pytest
from places import ROOT
from process_tree import left_over, parent, roles

from autograder.student_code import walls
from autograder.student_code.limits import SandboxError
from autograder.student_code.probes import holds, must_hold
from autograder.student_code.sandbox import Sandbox

PROBE = "import autograder.course; from autograder.student_code.probes import must_hold; must_hold(); print('held')"


def test_all_walls_hold():
    must_hold()


#: Walls that stop the same probe, or cannot stand without the one that is taken away.
WITH_IT = {"network": ("system calls",), "processes": ("scratch", "proc"), "scratch": ("limits",)}
if ROOT.is_relative_to("/tmp"):
    WITH_IT["files"] = ("scratch", "limits")


@pytest.mark.parametrize("wall", list(walls.WALLS))
def test_a_wall_holds_by_itself_and_without_it_nothing_does(wall):
    beside = WITH_IT.get(wall, ())
    for taken, held in ((beside, True), ((*beside, wall), False)):
        try:
            with Sandbox(tuple(name for name in walls.WALLS if name not in taken), imports=()) as box:
                assert holds(box, wall) is held
        except SandboxError as error:
            if wall != "files" or os.geteuid() != 0 or "No module named" not in str(error):
                raise
            pytest.skip("this Python lies where only root may read: without the wall it cannot be started")


def test_the_walls_hold_for_an_ordinary_user():
    if os.geteuid() != 0:
        pytest.skip("the other tests run as an ordinary user")
    user = {"user": 54321, "group": 54321, "extra_groups": [], "cwd": "/"}
    try:
        subprocess.run([sys.executable, "-c", "import numpy, autograder"], check=True, capture_output=True, **user)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"an ordinary user may not read {os.path.realpath(sys.executable)}, or this project")
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, **user)
    assert done.stdout == "held\n", done.stderr


def test_a_group_of_processes_ends_at_the_wall():
    """kill(0, ...) is for the caller's group, whatever its namespace; the parent must not be in it."""
    with Sandbox(imports=()) as box:
        with box.notebook() as notebook:
            notebook.run("import os, signal; os.kill(0, signal.SIGKILL); os.kill(os.getppid(), signal.SIGKILL)", 1)
        with box.notebook() as notebook:
            notebook.run("alive = 1", 1)
            assert notebook.value_of("alive") == 1


def test_no_device_keeps_a_time():
    with Sandbox(imports=()) as box, box.notebook() as notebook:
        notebook.run(
            "import os\ntouched = []\n"
            "for name in ('null', 'zero', 'full', 'random', 'urandom', 'tty', 'pts/ptmx'):\n"
            "    try: os.utime('/dev/' + name); touched.append(name)\n"
            "    except OSError: pass",
            1,
        )
        assert notebook.value_of("touched") == []


def test_shared_memory_is_counted():
    with Sandbox(imports=()) as box, box.notebook() as notebook:
        before = box.ask("look", notebook.pid)["memory"]
        notebook.run("import mmap; kept = mmap.mmap(-1, 2**26); kept.write(bytes([1]) * 2**26)", 1)
        assert box.ask("look", notebook.pid)["memory"] - before >= 2**26


def test_a_gpu_is_shown_where_it_is_asked_for():
    """With a file that every machine has in the place of a GPU's; what CUDA itself does there nobody has tried."""
    with Sandbox(devices=("/dev/full",)) as box, box.notebook() as notebook:
        notebook.run(
            "import os, resource; there = os.path.exists('/dev/full'), resource.getrlimit(resource.RLIMIT_AS)", 1
        )
        assert notebook.value_of("there") == (True, (-1, -1))
        assert notebook.remote("f").devices() == ("cpu", "cuda")
    with Sandbox(imports=()) as box, box.notebook() as notebook:
        notebook.run("import resource; there = resource.getrlimit(resource.RLIMIT_AS)[0] > 0", 1)
        assert notebook.value_of("there") is True
        assert notebook.remote("f").devices() == ()


def test_what_a_killed_sandbox_leaves_is_ended():
    """Its notebook would wait for ever: our end of its connection is open, and only its sandbox process ends it."""
    with Sandbox(imports=()) as box, Sandbox(imports=(), sockets=box.server.sockets) as other:
        kept = box.notebook()  # as long as this is there, its connection is open
        (notebook,) = [pid for pid, role in roles(box.server.process.pid).items() if role == "notebook"]
        os.kill(parent(notebook), signal.SIGKILL)
        with kept.channel.connection:
            left_over([notebook])
        with other.notebook() as notebook:  # of another worker, which goes on
            notebook.run("alive = 1", 1)
            assert notebook.value_of("alive") == 1


def test_without_a_course_to_hide_nothing_is_walled(monkeypatch):
    """The course may be installed among the libraries that student code sees, so it must be known."""
    monkeypatch.setattr(walls, "HIDDEN", walls.HIDDEN[:1])
    with pytest.raises(walls.NoWallsError, match=r"import autograder\.course first"):
        walls.bubblewrap(("files",), "/nowhere")
