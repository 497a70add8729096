"""The command line as outsiders use it: exit codes, what is on standard output, and what a person reads."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from places import ROOT, TESTS

from autograder.__main__ import main
from autograder.checks import mistake_table
from autograder.course import EXERCISES
from autograder.model import Mistake
from autograder.own_file import child_process
from autograder.own_file.check_file import check_file
from autograder.own_file.reading import UnreadableError, python_only, read
from autograder.student_code.walls import WALLS

FILES = TESTS / "student_files"

PAIR = "def pair(v):\n    return v if isinstance(v, tuple) else (v, v)\n"

PARAMS = """def conv2d_params(in_channels, out_channels, kernel_size, bias=True):
    kH, kW = pair(kernel_size)
    return out_channels * (in_channels * kH * kW + bool(bias))
"""

MACS = """def conv2d_macs(in_channels, out_channels, kernel_size, output_size):
    (kH, kW), (H, W) = pair(kernel_size), pair(output_size)
    return in_channels * out_channels * kH * kW * H * W
"""

TORCH = """import torch
def conv2d_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return x
"""

KEYS = ["exercise", "aspect", "passed", "points", "max_points", "message", "mistake"]


@pytest.fixture
def write(tmp_path):
    """Write a .py file from text, or a notebook from cells: strings, or (grade_id, string)."""

    def write(name, *cells, **changes):
        path = tmp_path / name
        if path.suffix != ".ipynb":
            path.write_text("\n".join(cells), encoding="utf-8")
            return path
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
        for cell in cells:
            grade_id, source = cell if isinstance(cell, tuple) else (None, cell)
            metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
            notebook["cells"].append({"cell_type": "code", "metadata": metadata, "outputs": [], "source": source})
        path.write_text(json.dumps(notebook | changes), encoding="utf-8")
        return path

    return write


@pytest.fixture
def printed():
    """What students' code prints while files are checked, in pieces; nothing of it belongs on our screen."""
    return []


@pytest.fixture
def look(printed):
    """Check a file in here, with a short time limit; returns the report."""

    def look(path, *names, limit=20, **options):
        return check_file(path, names, limit=limit, show=printed.append, **options)

    return look


def run(*arguments, **environment):
    """The command as a person runs it."""
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=ROOT, timeout=120, env=os.environ | environment
    )


def outcomes(report, name):
    """aspect -> passed, for one function."""
    return {row["aspect"]: row["passed"] for row in report.rows if row["exercise"] == name}


def message(report, name, aspect="values"):
    (found,) = (row["message"] for row in report.rows if (row["exercise"], row["aspect"]) == (name, aspect))
    return found


# --- exit codes and JSON ----------------------------------------------------------------------------------------------


def test_a_right_file_exits_0_and_shows_every_point():
    done = run("check", FILES / "regular_all_right.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("16 of 16 points; every check passed\n")
    assert re.search(r"^conv2d  6\.5 of 6\.5 points\n  ✓ values       1/1 ", done.stdout, re.M)
    assert "✓ dilation     further" in done.stdout
    assert done.stderr == ""


def test_a_half_done_notebook_exits_1_and_the_rest_counts():
    done = run("check", FILES / "window_half_done.ipynb", "--json")
    assert done.returncode == 1
    printed = json.loads(done.stdout)
    assert list(printed) == ["results"]
    assert all(list(row) == KEYS for row in printed["results"])
    points = {}
    for row in printed["results"]:
        points[row["exercise"]] = points.get(row["exercise"], 0) + row["points"]
    assert points == {"output_size": 5, "correlate2d": 0, "convolve2d": 0}
    messages = [row["message"] for row in printed["results"] if row["exercise"] == "correlate2d"]
    assert all("syntax error in code cell 5, line 2: invalid syntax" in text for text in messages)
    assert all("retrun image" in text for text in messages)
    stub = [row for row in printed["results"] if row["exercise"] == "convolve2d"]
    assert [row["passed"] for row in stub] == [False] * len(EXERCISES["convolve2d"].points)
    assert stub[0]["message"] == "convolve2d, values: not written yet"


def test_a_known_mistake_has_its_id_and_costs_its_own_aspect(look, write):
    file = write("a.py", PAIR, PARAMS, MACS.replace("return ", "return 2 * "))
    report = look(file)
    assert report.exit_code == 1
    rows = {row["aspect"]: row for row in report.rows if row["exercise"] == "conv2d_macs"}
    assert rows["values"]["mistake"] == "flops-not-macs"
    assert [row["passed"] for row in rows.values()] == [False, True, True]
    assert set(outcomes(report, "conv2d_params").values()) == {True}


def test_json_is_one_object_whatever_the_student_prints(write):
    forged = json.dumps({"results": [{"exercise": "conv2d_macs", "aspect": "values", "passed": True}]})
    file = write(
        "loud.py",
        PAIR,
        "import os, subprocess, sys",
        f"print({forged!r})",
        f"os.write(1, {forged!r}.encode())",
        f"sys.__stdout__.write({forged!r})",
        "subprocess.run([sys.executable, '-c', 'print(\"from a child\")'])",
        "def conv2d_macs(*sizes):",
        f"    print({forged!r})",
        f"    os.write(1, {forged!r}.encode())",
        "    return 0",
    )
    done = run("check", file, "--json")
    assert done.returncode == 1
    assert [row["passed"] for row in json.loads(done.stdout)["results"]] == [False, False, False]
    assert forged in done.stderr and "from a child" in done.stderr


def test_exercise_chooses_and_may_be_given_again(write, capsys):
    file = write("a.py", PAIR, PARAMS, MACS)
    assert main(["check", str(file), "--exercise", "conv2d_macs", "--exercise", "conv2d_macs", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["results"]
    assert [row["exercise"] for row in rows] == ["conv2d_macs"] * 3


def test_a_function_asked_for_and_not_there_could_not_be_checked(look, write):
    report = look(write("a.py", PAIR, MACS), "conv2d_macs", "conv2d_params")
    assert report.exit_code == 2
    assert set(outcomes(report, "conv2d_macs").values()) == {True}
    assert set(outcomes(report, "conv2d_params").values()) == {None}
    assert message(report, "conv2d_params") == "conv2d_params, values: a.py does not define conv2d_params"


def test_the_seed_draws_other_data(look, write):
    file = write("a.py", "def conv2d_macs(*sizes): return 0")
    first, again, other = (message(look(file, seed=seed), "conv2d_macs") for seed in (1, 1, 2))
    assert first == again != other


def test_a_failing_further_aspect_fails_the_run_and_costs_nothing(look, write):
    file = write(
        "a.py",
        "import numpy as np",
        "from convolution.reference import correlate2d as right",
        "def correlate2d(image, kernel, stride=1, padding=0, dilation=1):",
        "    return right(image, kernel, stride, padding)",
    )
    report = look(file)
    assert [row["aspect"] for row in report.rows if not row["passed"]] == ["dilation"]
    assert report.exit_code == 1
    assert sum(row["points"] for row in report.rows) == sum(EXERCISES["correlate2d"].points.values())


# --- files that are none ----------------------------------------------------------------------------------------------

NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


@pytest.mark.parametrize(
    "name, content, says",
    [
        ("gone.ipynb", None, r"there is no file .*gone\.ipynb \(looked in /.*\)"),
        ("notes.txt", b"conv2d", r"notes\.txt is neither a notebook \(\.ipynb\) nor a Python file \(\.py\)"),
        ("empty.ipynb", b"", r"empty\.ipynb is empty\. Save it again in Jupyter, or download a fresh copy"),
        ("empty.py", b" \n", r"empty\.py is empty"),
        ("code.ipynb", b"def conv2d(): pass", r"not JSON at line 1, column 1 .* A Python file must end in \.py"),
        ("cut.ipynb", b'{"cells": [{"cell_type":', r"cut\.ipynb is not a notebook: it ends too early"),
        ("latin.ipynb", b'{"cells": "\xe9"}', r"latin\.ipynb is not text in UTF-8 \(byte 11\): open it in Jupyter"),
        ("latin.py", b"# caf\xe9\n", r"latin\.py is not text in UTF-8 .* save it with the encoding UTF-8"),
        ("list.ipynb", b"[1, 2]", r"list\.ipynb is JSON but no notebook: it has no list of cells"),
        ("object.ipynb", b'{"a": 1}', r"object\.ipynb is JSON but no notebook: it has no list of cells"),
        ("deep.ipynb", b"[" * 100_000, r"deep\.ipynb is not a notebook: its JSON is nested too deeply"),
        ("new.ipynb", json.dumps(NOTEBOOK | {"nbformat": 5}).encode(), r"notebook format 5, newer than this reads"),
        ("none.ipynb", json.dumps(NOTEBOOK).encode(), r"none\.ipynb has no code cells"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(tmp_path, capsys, name, content, says):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert main(["check", str(path), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"results": []}
    assert re.fullmatch(f"error: .*{says}.*\n", err), err


def test_a_folder_is_no_file(tmp_path, capsys):
    assert main(["check", str(tmp_path)]) == 2
    assert "is a folder: name the notebook or .py file inside it" in capsys.readouterr().err


def test_another_languages_notebook_is_refused(capsys):
    assert main(["check", str(FILES / "in_r.ipynb")]) == 2
    assert "in_r.ipynb is a notebook for R" in capsys.readouterr().err


def test_a_notebook_of_2014_is_read(look):
    report = look(FILES / "old_format_3.ipynb")
    assert report.exit_code == 0
    assert set(outcomes(report, "conv2d_macs").values()) == {True}


def test_a_file_with_none_of_the_functions_has_nothing_to_check(write, capsys):
    assert main(["check", str(write("a.py", "def convolution(x): return x")), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"results": []}
    assert "a.py defines none of the course's functions (window_sum, output_size, " in err


def test_a_python_file_with_a_syntax_error_does_not_run_at_all(write, capsys):
    assert main(["check", str(write("a.py", PAIR, MACS, "x = = 1")), "--json"]) == 2
    out, err = capsys.readouterr()
    assert [row["passed"] for row in json.loads(out)["results"]] == [None, None, None]
    assert err.count("syntax error") == 1
    assert "a.py does not run at all: syntax error in a.py, line 8: invalid syntax" in err


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path, look):
    path = tmp_path / "a.py"
    path.write_bytes(b"\xef\xbb\xbf" + (PAIR + MACS).replace("\n", "\r\n").encode())
    assert look(path).exit_code == 0


@pytest.mark.parametrize("arguments", [["check"], ["chekc"], ["check", "a.py", "--device", "tpu"], ["check", "--x"]])
def test_what_is_typed_wrong_is_one_line(arguments, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: .* \(help: python -m autograder --help\)\n", err)


def test_an_unknown_exercise_lists_the_known_ones(write, capsys):
    assert main(["check", str(write("a.py", MACS)), "--exercise", "conv3d"]) == 2
    assert capsys.readouterr().err == f"error: no exercise is named 'conv3d'; there are {', '.join(EXERCISES)}\n"


# --- how the file runs ------------------------------------------------------------------------------------------------


def test_a_cell_that_fails_does_not_stop_the_others(look, write):
    file = write("a.ipynb", "import nowhere_to_be_found", PAIR + "1 / 0\nleft = out", MACS, "conv2d_macs(3, 2)")
    report = look(file)
    assert report.exit_code == 0
    assert report.notes[1] == "code cell 2, line 3: ZeroDivisionError: division by zero\n      1 / 0"
    assert [note.split(",")[0] for note in report.notes] == ["code cell 1", "code cell 2", "code cell 4"]


def test_a_python_file_goes_on_after_an_error(look, write):
    report = look(write("a.py", PAIR, "1 / 0", MACS, "", "oops", PARAMS))
    assert report.exit_code == 0
    assert [note.splitlines()[0] for note in report.notes] == [
        "a.py, line 4: ZeroDivisionError: division by zero",
        "a.py, line 10: NameError: name 'oops' is not defined",
    ]


def test_a_cell_that_stops_before_its_function_says_so(look, write):
    report = look(write("a.ipynb", "1 / 0\n" + PAIR + MACS))
    assert report.exit_code == 1
    assert message(report, "conv2d_macs") == (
        "conv2d_macs, values: conv2d_macs was never defined, because its cell stopped before. "
        "code cell 1, line 1: ZeroDivisionError: division by zero\n      1 / 0"
    )


def test_an_emptied_solution_cell_is_failed(look, write):
    report = look(write("a.ipynb", PAIR, ("conv2d_macs", "# later"), ("conv2d_params", PARAMS)))
    assert "code cell 2 does not define conv2d_macs" in message(report, "conv2d_macs")
    assert set(outcomes(report, "conv2d_macs").values()) == {False}
    assert set(outcomes(report, "conv2d_params").values()) == {True}


def test_a_name_that_is_no_function_any_more_is_explained(look, write):
    report = look(write("a.ipynb", PAIR, MACS, "conv2d_macs = conv2d_macs(3, 5, 7, 11)"))
    assert "conv2d_macs is 88935 (a int), not a function" in message(report, "conv2d_macs")


def test_a_variable_with_a_functions_name_is_no_exercise(look, write):
    report = look(write("a.ipynb", PAIR, MACS, "output_size = 4"))
    assert {row["exercise"] for row in report.rows} == {"conv2d_macs"}


def test_what_is_imported_from_the_course_is_a_tool_unless_it_is_all_there_is(look, write):
    tool = "from convolution.reference import conv2d_params\n"
    assert {row["exercise"] for row in look(write("a.py", tool, PAIR, MACS)).rows} == {"conv2d_macs"}
    assert {row["exercise"] for row in look(write("b.py", tool)).rows} == {"conv2d_params"}


def test_what_a_locked_cell_gives_is_a_tool(look):
    """02-regular builds on output_size, and gives it."""
    report = look(ROOT / "exercises" / "02-regular" / "02-regular.ipynb")
    assert {row["exercise"] for row in report.rows if row["message"].endswith("not written yet")} == {
        "conv2d",
        "conv2d_torch",
        "conv2d_params",
        "conv2d_macs",
    }
    assert {row["exercise"] for row in report.rows} == {name for name in EXERCISES if name.startswith("conv2d")}


def test_graded_cells_and_the_scripts_own_part_are_left_out(look, write, printed):
    file = write(
        "a.ipynb",
        "from autograder import check, check_answer, progress, reveal\nprediction = None",
        'check(conv2d_macs, "conv2d_macs-values")',
        'check_answer(prediction, "predict-regular")',
        'reveal(prediction, "predict-regular")',
        'progress("02-regular", globals())',
        PAIR + MACS + 'if __name__ == "__main__":\n    print("as a script")\n',
    )
    report = look(file)
    assert (report.exit_code, report.notes, printed) == (0, [], [])


def test_magics_shell_lines_and_notebook_tools_do_no_harm(look, write, printed):
    file = write(
        "a.ipynb",
        "%matplotlib inline\n%load_ext autoreload\n!ls /\nfiles = !ls\nimport math",
        "%%bash\nrm -rf /tmp/nothing",
        "%%time\n" + PAIR,
        "display('shown')\nget_ipython().run_line_magic('matplotlib', 'inline')\n" + MACS,
    )
    report = look(file)
    assert (report.exit_code, report.notes) == (0, [])
    assert "".join(printed) == "shown\n"


def test_magics_are_blanked_where_there_is_no_ipython(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython.core.inputtransformer2", None)
    source = "%matplotlib inline\nfor i in range(2):\n    !ls\nx = 5 \\\n  % 3\nfiles = !ls\n"
    assert python_only(source) == "pass\nfor i in range(2):\n    pass\nx = 5 \\\n  % 3\nfiles = None\n"
    assert python_only("%time\nretrun 3") == "pass\nretrun 3"


def test_input_says_that_nobody_is_there(look, write):
    report = look(write("a.py", "size = int(input('size? '))", "def conv2d_macs(*sizes): return input()"))
    assert "input('size? ') waits for somebody to type, and nobody is there" in report.notes[0]
    assert "nobody is there" in message(report, "conv2d_macs")


def test_files_beside_it_are_found_and_do_not_replace_the_courses_modules(look, write, tmp_path):
    write("mine.py", PAIR)
    write("random.py", "raise ImportError('not the real one')")
    (tmp_path / "data.csv").write_text("1,2")
    report = look(write("a.py", "from mine import pair", "open('data.csv').close()", MACS))
    assert (report.exit_code, report.notes) == (0, [])


def test_a_future_import_and_dataclasses_work_as_in_one_piece(look, write):
    file = write(
        "a.ipynb",
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Layer:\n    next: Layer | None = None\n" + PAIR + MACS,
    )
    report = look(file)
    assert (report.exit_code, report.notes) == (0, [])


def test_a_plot_needs_no_screen(look, write):
    pytest.importorskip("matplotlib")
    file = write("a.py", PAIR, MACS, "import matplotlib", "assert matplotlib.get_backend().lower() == 'agg'")
    assert look(file).notes == []


def test_tracebacks_show_the_cell(look, write):
    report = look(write("a.ipynb", PAIR, "def conv2d_macs(*sizes):\n    return sizes[17]"))
    assert "at line 2: return sizes[17]" in message(report, "conv2d_macs")


# --- loops, crashes, floods -------------------------------------------------------------------------------------------

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


def test_what_a_function_prints_is_shown_once(look, write, printed):
    look(write("a.py", PAIR, "def conv2d_params(*sizes, bias=True): print('again'); return 0"))
    assert "".join(printed) == "(conv2d_params printed)\nagain\n"


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
    """Whether a process is gone in time; a busy machine may take a moment to end what was killed."""
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


@pytest.mark.skipif(os.name != "posix", reason="signals")
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


def test_a_full_disk_is_one_line(write, monkeypatch, capsys):
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/to/write")
    assert main(["check", str(write("a.py", MACS))]) == 2
    assert re.fullmatch(r"error: .*No such file or directory: '/nowhere/to/write/.*\n", capsys.readouterr().err)


def test_nothing_is_left_in_the_temporary_folder(look, write, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    look(write("a.py", PAIR, MACS, "import os", "def conv2d_params(*sizes, bias=True): os._exit(1)"))
    assert list(scratch.iterdir()) == []


# --- torch ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def without_torch(tmp_path_factory, monkeypatch):
    """A machine where torch cannot be imported."""
    folder = tmp_path_factory.mktemp("no_torch")
    (folder / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.mark.usefixtures("without_torch")
def test_without_torch_its_exercises_could_not_be_checked_and_the_others_count(look, write):
    report = look(write("a.ipynb", PAIR + MACS, TORCH))
    assert report.exit_code == 2
    assert set(outcomes(report, "conv2d_macs").values()) == {True}
    assert set(outcomes(report, "conv2d_torch").values()) == {None}
    assert "torch cannot be imported" in message(report, "conv2d_torch")
    assert "python -m pip install torch" in message(report, "conv2d_torch")


@pytest.mark.usefixtures("without_torch")
def test_a_numpy_function_in_a_cell_that_imports_torch_could_not_be_checked(look, write):
    report = look(write("a.ipynb", "import torch\n" + PAIR + MACS))
    assert report.exit_code == 2
    assert "No module named 'torch'" in message(report, "conv2d_macs")
    assert "move the import out of the cell of conv2d_macs" in message(report, "conv2d_macs")


@pytest.mark.usefixtures("without_torch")
def test_a_failed_check_outweighs_one_that_could_not_be_made(look, write):
    assert look(write("a.py", TORCH, "def conv2d_macs(*sizes): return 0")).exit_code == 1


def test_without_a_gpu_cuda_could_not_be_checked(look, write, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("torch_without_cuda")
    (folder / "torch.py").write_text("class cuda:\n    is_available = staticmethod(lambda: False)\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    report = look(write("a.py", TORCH, PAIR, MACS), device="cuda")
    assert set(outcomes(report, "conv2d_torch").values()) == {None}
    assert "no CUDA device" in message(report, "conv2d_torch")
    assert set(outcomes(report, "conv2d_macs").values()) == {True}


def test_help_needs_neither_numpy_nor_torch():
    code = "import sys, autograder.__main__ as m; m.main(['check', '--help']); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout.endswith("False\n"), done.stderr
    assert "Usage: python -m autograder check" in done.stdout
    assert "python -m autograder check 02-regular.ipynb --json" in done.stdout


# --- what a person reads ----------------------------------------------------------------------------------------------


def test_a_failure_reads_well_in_80_columns_without_colours(write):
    file = write(
        "a.py",
        "from convolution.reference import correlate2d",
        "def convolve2d(image, kernel):",
        "    result = correlate2d(image, kernel[::-1])",
        "    image += 1",
        "    return result",
    )
    done = run("check", file, FORCE_COLOR="", COLUMNS="80")
    assert "\x1b" not in done.stdout + done.stderr
    assert all(len(line) <= 80 and line == line.rstrip() for line in done.stdout.splitlines())
    assert done.stdout.startswith(
        "convolve2d  1.5 of 5 points\n"
        "  ✗ values       0/3       ✓ shape        0.5/0.5   ✓ errors       0.5/0.5\n"
        "  ✓ dtype        0.5/0.5   ✗ unchanged    0/0.5\n"
        "\n  convolve2d, values: wrong for image ("
    )
    assert done.stdout.endswith("\n  also failed: unchanged\n\n1.5 of 5 points; 2 checks failed\n")


def test_a_stub_takes_three_lines(write, capsys):
    assert main(["check", str(write("a.py", "def convolve2d(image, kernel): raise NotImplementedError"))]) == 1
    assert capsys.readouterr().out == (
        "convolve2d  0 of 5 points\n  ✗ all 5 checks failed\n\n  convolve2d, values: not written yet\n\n"
        "0 of 5 points; 5 checks failed\n"
    )


def test_a_console_without_the_letters_gets_others(write):
    done = run("check", write("a.py", PAIR, MACS, "def conv2d_params(*a, **k): return 0"), PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "  + values       1/1" in done.stdout
    assert "  x all 4 checks failed" in done.stdout


def test_no_command_shows_the_help(capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert all(command in out for command in ("check", "mistakes", "release", "student", "grade"))


@pytest.mark.parametrize("command", ["check", "mistakes", "release", "student", "grade"])
def test_every_command_has_help_with_an_example(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"    python -m autograder {command}" in capsys.readouterr().out


# --- mistakes ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def few_exercises(monkeypatch):
    monkeypatch.setattr(mistake_table, "EXERCISES", {name: EXERCISES[name] for name in ("convolve2d", "conv2d_macs")})


@pytest.mark.usefixtures("few_exercises")
def test_the_mistake_table_has_mistakes_down_and_aspects_across(capsys):
    assert main(["mistakes"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^convolve2d\n +val sha err dty unc$", out, re.M)
    assert re.search(r"^ kernel-not-flipped +x   ·   ·   ·   ·$", out, re.M)
    assert re.search(r"^ argument-changed +·   ·   ·   ·   x$", out, re.M)
    assert re.search(r" (\d+) pairs: \1 rejected, \1 named, 0 called by another name$", out, re.M)


@pytest.mark.usefixtures("few_exercises")
def test_the_mistake_table_as_json(capsys):
    assert main(["mistakes", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["mistakes"]
    (flops,) = (row for row in rows if row["mistake"] == "flops-not-macs")
    assert flops == {
        "exercise": "conv2d_macs",
        "mistake": "flops-not-macs",
        "aspects": {"values": False, "rectangle": True, "dtype": True},
        "rejected_by": ["values"],
        "named_by": ["values"],
        "named_otherwise": [],
    }


def test_the_mistakes_of_one_exercise(capsys):
    assert main(["mistakes", "conv2d_macs", "--json"]) == 0
    assert {row["exercise"] for row in json.loads(capsys.readouterr().out)["mistakes"]} == {"conv2d_macs"}


def test_the_mistakes_of_an_exercise_that_there_is_not(capsys):
    assert main(["mistakes", "conv2d_macs", "conv3d"]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert re.fullmatch(r"error: no exercise is named 'conv3d'; there are window_sum, .*\n", err)


@pytest.mark.usefixtures("few_exercises")
def test_a_mistake_that_gets_through_stands_out(monkeypatch, capsys):
    harmless = Mistake(
        "harmless", {"conv2d_macs": lambda right, *sizes: right(*sizes)}, {"conv2d_macs": "No mistake at all."}
    )
    monkeypatch.setattr(
        mistake_table, "applicable", lambda exercise: [harmless] if exercise.name == "conv2d_macs" else []
    )
    assert main(["mistakes"]) == 1
    assert re.search(r"^ harmless +·   ·   ·  NOT REJECTED$", capsys.readouterr().out, re.M)


# --- release, student, grade ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["release", "student", "grade"])
def test_outside_the_courses_folder_nothing_starts(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([command]) == 2
    assert re.fullmatch(r"error: .* is not the course's folder \(it has no solutions/\).*\n", capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An empty course's folder, stood in."""
    (tmp_path / "solutions").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_an_instructor_can_mend_is_one_line(course, monkeypatch, capsys):
    grade = pytest.importorskip("autograder.grading.grade")

    def refuse(*arguments, **options):
        raise grade.GradeError("no folder submitted")

    monkeypatch.setattr(grade, "grade", refuse)
    assert main(["grade", "02-regular"]) == 2
    assert capsys.readouterr().err == "error: no folder submitted\n"


@pytest.mark.parametrize(
    ("command", "module", "function"),
    [
        ("release", "releasing.release", "release"),
        ("student", "releasing.student_zip", "build_zip"),
        ("grade", "grading.grade", "grade"),
    ],
)
def test_a_fault_of_ours_keeps_its_traceback(course, monkeypatch, command, module, function):
    """A ValueError was one line for the user once, whoever raised it."""

    def breaks(*arguments, **options):
        raise ValueError("ours")

    monkeypatch.setattr(pytest.importorskip(f"autograder.{module}"), function, breaks)
    with pytest.raises(ValueError, match="ours"):
        main([command])


def test_a_json_file_that_cannot_be_written_is_said_before_anything_is_graded(course, monkeypatch, capsys):
    grade = pytest.importorskip("autograder.grading.grade")
    monkeypatch.setattr(grade, "grade", lambda *arguments, **options: pytest.fail("it was graded"))
    assert main(["grade", "--json", "nowhere/rows.json"]) == 2
    assert "nowhere/rows.json cannot be written: its folder does not exist" in capsys.readouterr().err


def test_what_is_not_installed_is_named_with_the_remedy(course, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "autograder.releasing.release", None)
    assert main(["release"]) == 2
    assert re.fullmatch(r"error: this needs .*: python -m pip install '.*\[grade\]'\n", capsys.readouterr().err)


@pytest.mark.parametrize("status, code", [("graded", 0), ("needs-manual-grade", 0), ("could-not-grade", 1)])
def test_grade_prints_the_table_writes_the_json_and_says_what_was_not_graded(course, monkeypatch, capsys, status, code):
    grade = pytest.importorskip("autograder.grading.grade")
    rows = [
        {
            "student": "ada",
            "assignment": "02-regular",
            "cell": "conv2d-values",
            "score": None if status == "could-not-grade" else 1.0,
            "max_score": 1.0,
            "status": status,
            "reason": "no memory" if status == "could-not-grade" else "",
        }
    ]
    asked = {}

    def pretend(root, assignments=(), **options):
        asked.update(options, root=root, assignments=assignments)
        return SimpleNamespace(rows=lambda: rows, left=0)

    monkeypatch.setattr(grade, "grade", pretend)
    assert main(["grade", "02-regular", "--submitted", "in", "--force", "--json", "marks.json"]) == code
    out, err = capsys.readouterr()
    assert "ada" in out
    assert ("no memory" in err) == bool(code)
    assert callable(asked.pop("report")) and not asked.pop("watch").stop()
    cores = len(os.sched_getaffinity(0))
    wanted = {"root": course, "assignments": ("02-regular",), "force": True, "workers": cores}
    assert asked == wanted | {"submitted": Path("in")}
    assert json.loads((course / "marks.json").read_text(encoding="utf-8")) == rows


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        (["--seed", "7"], {"seed": 7}),
        (["--seed", "a name"], {"seed": "a name"}),
        (["--device", "cpu"], {"device": "cpu"}),
        (["--workers", "3"], {"workers": 3}),
        (["--sandbox", "none"], {"walls": ()}),
        (["--sandbox", "bubblewrap"], {"walls": tuple(WALLS)}),
        ([], {}),
    ],
)
def test_grade_hands_on_what_was_typed(course, monkeypatch, capsys, typed, given):
    grade = pytest.importorskip("autograder.grading.grade")
    asked = {}

    def pretend(root, assignments=(), **options):
        asked.update(options)
        return SimpleNamespace(rows=list, left=0)

    monkeypatch.setattr(grade, "grade", pretend)
    assert main(["grade", *typed]) == 0
    for name in ("seed", "device", "walls"):
        assert asked.get(name, "not given") == given.get(name, "not given")
    assert asked["workers"] == given.get("workers", len(os.sched_getaffinity(0)))


def test_grade_says_that_it_was_stopped(course, monkeypatch, capsys):
    grade = pytest.importorskip("autograder.grading.grade")

    def pretend(root, assignments=(), **options):
        os.kill(os.getpid(), signal.SIGINT)
        assert options["watch"].stop()
        return SimpleNamespace(rows=list, left=4)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(grade, "grade", pretend)
    assert main(["grade"]) == 130
    assert "stopped: 4 not graded yet; the same command goes on from here" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_read_finds_the_names_of_nbgrader(write):
    cells = read(write("a.ipynb", ("conv2d", "x = 1"), "y = 2"))
    assert not any(cell.given for cell in cells)
    assert [(cell.label, cell.grade_id) for cell in cells] == [("code cell 1", "conv2d"), ("code cell 2", None)]


def test_a_check_that_fails_itself_is_never_the_students_fault(write, monkeypatch, capsys, tmp_path_factory):
    """Our own bug: could not be made, exit 2, and the message says whose fault it is."""
    folder = tmp_path_factory.mktemp("broken")
    broken = "import autograder.checks\ndef judge(*a, **k): raise KeyError('ours')\nautograder.checks.judge = judge\n"
    (folder / "breaks_the_checks.py").write_text(broken)
    file = write("a.py", "import breaks_the_checks", PAIR, MACS)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    assert main(["check", str(file), "--json"]) == 2
    rows = json.loads(capsys.readouterr().out)["results"]
    assert [row["passed"] for row in rows] == [None] * 3
    assert "the check itself failed (KeyError: 'ours'); please report this" in rows[0]["message"]


def test_no_known_function_and_not_readable_are_different_things(write):
    with pytest.raises(UnreadableError, match="neither a notebook"):
        check_file(write("a.md", "# nothing"))
