"""The processes of a run are told apart by their places in the tree, and what stays is noticed."""

import os
import signal
import subprocess

import pytest
from process_tree import adopting, behind_walls, below, left_over, nothing_stays, parent, roles

from autograder.student_code.sandbox import Sandbox


def test_the_roles_of_a_sandbox_that_holds_a_notebook():
    before = roles(os.getpid())  # another test of this process may have left a server that Python keeps for the next
    with Sandbox(imports=()) as box:
        assert behind_walls(os.getpid())
        with box.notebook() as notebook:
            notebook.run("import os, time\nif not os.fork(): time.sleep(60)", 1)  # a child of its own has no role
            found = {role: pid for pid, role in roles(os.getpid()).items() if pid not in before}
            assert set(found) == {"notebook", "sandbox", "fork server"}
            assert len(below(found["notebook"])) == 1
            assert parent(found["notebook"]) == found["sandbox"]
            assert parent(found["sandbox"]) == found["fork server"]
    left_over(found.values())
    assert behind_walls(os.getpid()) == []


LEAVES_A_CHILD = ["sh", "-c", "sleep 30 >&- 2>&- & echo $!"]


def test_what_stays_is_noticed():
    """A process that its parent left behind, as a killed coordinator might its workers."""
    with pytest.raises(AssertionError, match="sleep"), nothing_stays():
        left = subprocess.run(LEAVES_A_CHILD, capture_output=True, check=True).stdout
    os.kill(int(left), signal.SIGKILL)


def test_what_a_process_leaves_behind_is_adopted():
    with adopting():
        left = int(subprocess.run(LEAVES_A_CHILD, capture_output=True, check=True).stdout)
        assert left in below(os.getpid())
        os.kill(left, signal.SIGKILL)
        os.waitpid(left, 0)
