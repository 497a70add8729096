"""One notebook's process: its state, the calls made to it, and what becomes of those that end or never do."""

import pytest

from autograder.student_code.limits import Limits
from autograder.student_code.notebook_process import Clock
from autograder.student_code.sandbox import Sandbox

LIMITS = Limits(cell_seconds=1, call_seconds=0.5, submission_seconds=60, wall_factor=20, memory=2**28, late=2)


@pytest.fixture(scope="module")
def box():
    with Sandbox(limits=LIMITS, imports=()) as sandbox:
        yield sandbox


@pytest.fixture
def process(box):
    with box.notebook() as process:
        process.new_aspect()
        yield process


def ask(process, name, *args):
    process.new_aspect()
    return process.remote(name).call(*args)


def test_cells_make_a_state_and_show_what_they_show(process):
    assert process.run("x = 3\nprint('a')\nx", 1) == [
        {"output_type": "stream", "name": "stdout", "text": "a\n"},
        {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}, "execution_count": 1},
    ]
    assert process.value_of("x") == 3
    assert process.value_of("y") is None
    assert process.what_is("x") == {"defined": True, "callable": False, "kind": "int"}
    assert process.what_is("y")["defined"] is False
    (error,) = process.run("x = 4\n1 / 0\nx = 5", 2)
    assert (error.ename, process.value_of("x")) == ("ZeroDivisionError", 4)


def test_calls_leave_the_state_as_it_was(process):
    process.run("count = [0]\ndef counts():\n    count[0] += 1\n    return count[0]", 1)
    assert [ask(process, "counts").value for _ in range(2)] == [1, 2], "one fork makes the calls"
    assert process.value_of("count") == [0]
    assert ask(process, "counts").value == 1, "and another one the next"


THREADS = """
import threading, time
def starts_threads():
    try:
        while True:
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    except RuntimeError:
        return threading.active_count()
count = starts_threads()
"""


def test_threads_that_a_cell_leaves_do_not_keep_its_functions_from_being_called():
    """They use up what is allowed, and the fork that makes the calls is one process more."""
    with Sandbox(limits=Limits(processes=8, memory=2**30), imports=()) as box, box.notebook() as process:
        process.run(THREADS, 1)
        assert process.value_of("count") == 8
        assert ask(process, "starts_threads").value == 1
        assert process.value_of("count") == 8 and not process.lost


def test_a_name_that_is_not_there_is_called_all_the_same(process):
    assert "not callable" in str(ask(process, "nothing").raised)


def test_a_cell_that_never_ends_is_interrupted_and_keeps_what_it_had(process):
    (error,) = process.run("x = 1\nwhile True: pass\nx = 2", 1)
    assert error.ename == "KeyboardInterrupt"
    assert (process.lost, process.value_of("x")) == ("", 1)


def test_a_cell_that_cannot_be_interrupted_loses_the_process(process):
    process.run("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", 1)
    assert process.lost.startswith("stopped after 1 s of computing: an endless loop")
    assert process.run("1", 2) == []
    assert str(ask(process, "f").raised) == process.lost


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import os; os._exit(3)", "the notebook's process ended"),
        ("import os; os.kill(1, 9); os.abort()", "the notebook's process ended"),
        ("import os; os.write(3, b'x' * 100)", "did not answer as one does"),
    ],
)
def test_a_cell_that_ends_the_process_loses_it_with_the_reason(process, source, why):
    process.run(source, 1)
    assert why in process.lost


def test_too_much_memory_of_all_processes_together_loses_them(process):
    """Each by itself stays below the limit."""
    process.run("import os, time\nos.fork()\nkept = b'x' * (180 * 2**20)\ntime.sleep(100)", 1)
    assert process.lost == "stopped: it took more than 256 MiB of memory"


def test_a_call_that_ends_its_process_costs_that_call(process):
    process.run(
        "import os\ndef ends(code): os._exit(code)\ndef dies(): os.kill(os.getpid(), 11)\ndef fine(): return 1", 1
    )
    assert str(ask(process, "ends", 3).raised) == "the call ended the process that made it: exit code 3"
    assert ask(process, "fine").value == 1
    assert "SIGSEGV" in str(ask(process, "dies").raised)
    assert process.lost == "" and ask(process, "fine").value == 1


def test_a_function_that_is_too_slow_too_often_is_not_called_again(process):
    process.run("def slow():\n    while True: pass\ndef fine():\n    return 1", 1)
    for times in (1, 2):
        assert "stopped after 0.5 s of computing" in str(ask(process, "slow").raised)
        assert process.late == {"slow": times}
    assert str(ask(process, "slow").raised) == "not called again: it was too slow 2 times"
    assert ask(process, "fine").value == 1


def test_a_call_that_sleeps_is_stopped_by_the_clock():
    with Sandbox(limits=Limits(call_seconds=0.5, wall_factor=2), imports=()) as quick, quick.notebook() as process:
        process.run("import time\ndef sleeps():\n    time.sleep(1000)", 1)
        assert "of waiting: for a sleep, or for something to come" in str(ask(process, "sleeps").raised)


def test_calls_of_one_aspect_share_their_time():
    clock = Clock(Limits(call_seconds=10, submission_seconds=15))
    clock.new_aspect()
    clock.spend(7)
    assert (clock.used, clock.left_for_calls, clock.left) == (7, 3, 8)
    clock.new_aspect()
    assert clock.left_for_calls == 8, "no more than is left of the submission"
    clock.spend(20)
    assert clock.left == 0.1, "so that what is asked next is told to be too slow"


def test_time_is_counted(process):
    process.run("for _ in range(10**7): pass", 1)
    before = process.clock.used
    assert before > 0
    process.run("for _ in range(10**7): pass", 2)
    assert process.clock.used > before


def test_nothing_of_one_notebook_is_in_another(box):
    with box.notebook() as first, box.notebook() as second:
        first.run("import os\nx = 1\nopen('/tmp/x', 'w').write('1')\nthere = os.listdir('/tmp')", 1)
        second.run("import os\nthere = os.listdir('/tmp')", 1)
        assert "x" in first.value_of("there")
        assert (second.value_of("x"), "x" in second.value_of("there")) == (None, False)
