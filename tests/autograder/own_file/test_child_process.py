"""Loops, crashes and floods: what does not come back costs the function that was asked, and nothing stays behind."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from own_files import MACS, PAIR, PARAMS, message, outcomes
from places import ROOT

from autograder.own_file import child_process

LIMIT = 1.5


def test_an_endless_loop_costs_its_function_and_says_where_it_was(look, write):
    file = write("a.ipynb", PAIR, PARAMS.replace("    return", "    while bias:\n        pass\n    return"), MACS)
    began = time.monotonic()
    report = look(file, limit=LIMIT)
    assert time.monotonic() - began < 20
    # The default is bias=True; the aspect values, before it, says bias=False.
    assert outcomes(report, "conv2d_params") == {"values": True, "bias": False, "rectangle": False, "dtype": False}
    assert re.fullmatch(
        r"conv2d_params, bias: still running after 1\.5 s, so it was stopped; is there an endless loop\?\n"
        r"  It was at code cell 2, line [34], in conv2d_params:\n"
        r"      (while bias:|pass)",
        message(report, "conv2d_params", "bias"),
    )
    assert message(report, "conv2d_params", "dtype") == (
        "conv2d_params, dtype: not asked, because conv2d_params-bias did not come back"
    )
    assert set(outcomes(report, "conv2d_macs").values()) == {True}


def test_a_loop_that_swallows_everything_is_ended_too(look, write):
    body = "    while True:\n        try:\n            time.sleep(9)\n        except BaseException:\n            pass\n"
    report = look(write("a.py", "import time\ndef conv2d_macs(*sizes):\n" + body), limit=LIMIT)
    assert "still running after 1.5 s" in message(report, "conv2d_macs")


def test_a_child_that_cannot_stop_itself_is_stopped_from_outside(look, write, monkeypatch):
    monkeypatch.setattr(child_process, "GRACE", 0.2)
    body = "    faulthandler.cancel_dump_traceback_later()\n    while True: pass"
    report = look(write("a.py", "import faulthandler", "def conv2d_macs(*sizes):", body), limit=LIMIT)
    assert message(report, "conv2d_macs") == (
        "conv2d_macs, values: still running after 1.5 s, so it was stopped; is there an endless loop?"
    )


def test_a_cell_that_never_ends_is_left_out_and_the_rest_counts(look, write):
    report = look(write("a.ipynb", PAIR + "while True:\n    pass\nlost = 1", MACS), limit=LIMIT)
    assert set(outcomes(report, "conv2d_macs").values()) == {True}
    assert report.notes[0].startswith("code cell 1, line 3: still running after 1.5 s")


@pytest.mark.parametrize(
    "end, says",
    [
        ("os._exit(3)", "the Python process ended (exit code 3) before there was an answer"),
        ("ctypes.string_at(0)", "SIGSEGV"),
        ("os.kill(os.getpid(), 9)", "the Python process was ended by SIGKILL"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_function_that_ends_the_process_costs_itself(look, write, end, says):
    report = look(write("a.py", PAIR, "import ctypes, os", f"def conv2d_params(*sizes, bias=True): {end}", MACS))
    assert says in message(report, "conv2d_params")
    assert set(outcomes(report, "conv2d_params").values()) == {False}
    assert set(outcomes(report, "conv2d_macs").values()) == {True}


def test_a_cell_that_ends_the_process_is_left_out(look, write):
    report = look(write("a.ipynb", PAIR, "import os\nos._exit(0)", MACS))
    assert report.exit_code == 0
    assert report.notes == [
        "code cell 2, line 2: the Python process ended (exit code 0) before there was an answer; does it call exit?"
    ]


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "GeneratorExit"])
def test_an_exception_that_usually_passes_through_is_a_failure(look, write, error):
    thread = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()"
    began = time.monotonic()
    report = look(write("a.py", PAIR, thread, f"def conv2d_params(*a, **k): raise {error}", MACS))
    assert time.monotonic() - began < 30  # nor does a thread that is left behind hold us up
    assert message(report, "conv2d_params") == f"conv2d_params, values: raised {error}"
    assert set(outcomes(report, "conv2d_macs").values()) == {True}


def test_sys_exit_is_an_error_like_others(look, write):
    report = look(write("a.py", PAIR, "import sys", "sys.exit(0)", MACS, "def conv2d_params(*a, **k): sys.exit(0)"))
    assert report.notes == ["a.py, line 5: SystemExit: 0\n      sys.exit(0)"]
    assert set(outcomes(report, "conv2d_macs").values()) == {True}
    assert set(outcomes(report, "conv2d_params").values()) == {False}


def test_a_file_that_keeps_dying_is_given_up(look, write):
    report = look(write("a.py", "import os", *["os._exit(1)"] * 5, MACS))
    assert report.exit_code == 2
    assert "a.py was given up" in report.problem
    assert set(outcomes(report, "conv2d_macs").values()) == {None}


def test_endless_printing_is_cut(look, write, printed):
    report = look(write("a.py", PAIR, "for i in range(15_000): print('xxxxxxxxxxxxxxxxxxx')", MACS))
    assert report.exit_code == 0
    text = "".join(printed)
    assert len(text) < child_process.MOST_PRINTED + 200
    assert text.endswith("(more than 100,000 characters printed; the rest is not shown)\n")


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_nothing_the_file_started_stays_behind(look, write, tmp_path):
    start = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    file = write("a.py", PAIR, "import subprocess, sys", f"open('pid', 'w').write(str({start}.pid))", MACS)
    began = time.monotonic()
    assert look(file).exit_code == 0
    assert time.monotonic() - began < 30
    pid = (tmp_path / "pid").read_text()
    assert ends_within(10, pid)


def ends_within(seconds, pid):
    """True if a process is gone in time; a busy machine may take a moment to end what was killed."""
    status = Path(f"/proc/{pid}/stat")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            # A zombie that nobody has collected yet is dead, too.
            if status.read_text().rsplit(")")[-1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def interruptible():
    """Processes that hear Ctrl-C, also where these tests run in the background and ignore it.

    A process inherits that a signal is ignored, but no handler.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_the_child_too(write, tmp_path):
    file = write("a.py", "import os, time", "open('pid', 'w').write(str(os.getpid()))", "time.sleep(60)")
    command = [sys.executable, "-m", "autograder", "check", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        began = time.monotonic()
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert time.monotonic() - began < 60 and process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err.strip()) == (130, "")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_nothing_is_left_in_the_temporary_folder(look, write, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    look(write("a.py", PAIR, MACS, "import os", "def conv2d_params(*sizes, bias=True): os._exit(1)"))
    assert list(scratch.iterdir()) == []
