"""The command line as outsiders use it: exit codes, what is on standard output, and what is typed wrong.

What checking a file says of the file is in `own_file/`.
"""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from own_files import FILES, MACS, PAIR, PARAMS, points, run
from places import ROOT

from autograder.__main__ import main
from autograder.checks import mistake_table
from autograder.course import EXERCISES
from autograder.model import Mistake
from autograder.student_code.walls import WALLS

pytestmark = pytest.mark.slow

KEYS = ["exercise", "aspect", "passed", "points", "max_points", "message", "mistake"]


def test_a_right_file_exits_0_and_shows_every_point():
    done = run("check", FILES / "regular_all_right.py")
    assert done.returncode == 0, done.stderr
    together = points(*(name for name in EXERCISES if f"def {name}(" in (FILES / "regular_all_right.py").read_text()))
    assert done.stdout.endswith(f"{together} of {together} points; every check passed\n")
    most, values = points("conv2d"), points("conv2d", aspects=["values"])
    assert f"\nconv2d  {most} of {most} points\n  ✓ values       {values}/{values} " in f"\n{done.stdout}"
    assert "✓ dilation     further" in done.stdout
    assert done.stderr == ""


def test_a_half_done_notebook_exits_1_and_the_rest_counts():
    done = run("check", FILES / "window_half_done.ipynb", "--json")
    assert done.returncode == 1
    printed = json.loads(done.stdout)
    assert list(printed) == ["results"]
    assert all(list(row) == KEYS for row in printed["results"])
    earned = {}
    for row in printed["results"]:
        earned[row["exercise"]] = earned.get(row["exercise"], 0) + row["points"]
    assert earned == {"output_size": float(points("output_size")), "correlate2d": 0, "convolve2d": 0}
    messages = [row["message"] for row in printed["results"] if row["exercise"] == "correlate2d"]
    assert all("syntax error in code cell 5, line 2: invalid syntax" in text for text in messages)
    assert all("retrun image" in text for text in messages)
    stub = [row for row in printed["results"] if row["exercise"] == "convolve2d"]
    assert [row["passed"] for row in stub] == [False] * len(EXERCISES["convolve2d"].points)
    assert stub[0]["message"] == "convolve2d, values: not written yet"


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


def test_a_full_disk_is_one_line(write, monkeypatch, capsys):
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/to/write")
    assert main(["check", str(write("a.py", MACS))]) == 2
    assert re.fullmatch(r"error: .*No such file or directory: '/nowhere/to/write/.*\n", capsys.readouterr().err)


@pytest.mark.parametrize("arguments", [["check"], ["chekc"], ["check", "a.py", "--device", "tpu"], ["check", "--x"]])
def test_what_is_typed_wrong_is_one_line(arguments, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: .* \(help: python -m autograder --help\)\n", err)


def test_an_unknown_exercise_lists_the_known_ones(write, capsys):
    assert main(["check", str(write("a.py", MACS)), "--exercise", "conv3d"]) == 2
    assert capsys.readouterr().err == f"error: no exercise is named 'conv3d'; there are {', '.join(EXERCISES)}\n"


def test_help_needs_neither_numpy_nor_torch():
    code = "import sys, autograder.__main__ as m; m.main(['check', '--help']); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout.endswith("False\n"), done.stderr
    assert "Usage: python -m autograder check" in done.stdout
    assert "python -m autograder check 02-regular.ipynb --json" in done.stdout


def test_no_command_shows_the_help(capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert all(command in out for command in ("check", "mistakes", "release", "student", "grade"))


@pytest.mark.parametrize("command", ["check", "mistakes", "release", "student", "grade"])
def test_every_command_has_help_with_an_example(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"    python -m autograder {command}" in capsys.readouterr().out


# --- mistakes, release, student, grade --------------------------------------------------------------------------------


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
    """Only errors that a person can mend become one line; a ValueError of ours keeps its traceback."""

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
