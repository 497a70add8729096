"""Processes seen from outside, held against processes that are known: a parent, its child, and none."""

import signal
import subprocess
import sys

import pytest

from autograder.student_code.inside import processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

PARENT = """
import subprocess, sys
waits = "import sys; print('ready', flush=True); sys.stdin.read(); print('alive')"
child = subprocess.Popen([sys.executable, "-c", waits])
print(child.pid, flush=True)
child.wait()
"""


@pytest.fixture
def family():
    """A process and the number of its child, both of which wait until their input ends."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with parent:
        lines = {parent.stdout.readline().strip(), parent.stdout.readline().strip()}
        yield parent, int(*(lines - {"ready"}))
        parent.stdin.close()


def test_a_child_is_below_its_parent(family):
    parent, child = family
    assert processes.below(parent.pid) == [child]
    assert processes.below(child) == []


def test_a_look_counts_both_and_adds_up_their_memory(family):
    parent, child = family
    both, one = processes.look(parent.pid), processes.look(child)
    assert (both["processes"], one["processes"]) == (2, 1)
    assert both["memory"] > one["memory"] > 2**20
    assert both["seconds"] >= one["seconds"] >= 0


def test_the_end_of_a_process_is_the_end_of_what_it_started(family):
    parent, _ = family
    assert processes.end(parent.pid) == {"stopped": 1}
    assert processes.look(parent.pid)["processes"] == 0
    assert processes.end(parent.pid) == {"stopped": 0}
    parent.stdin.close()  # a child that had survived would say so now
    assert parent.stdout.read() == ""


def test_a_process_that_is_gone_uses_nothing_and_takes_no_signal():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert processes.look(gone.pid) == {"seconds": 0.0, "memory": 0, "runs": False, "processes": 0}
    assert processes.below(gone.pid) == []
    assert processes.send_signal(gone.pid, signal.SIGINT) == {"stopped": 0}
