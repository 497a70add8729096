"""`pytest` in a student's folder, run as the student runs it: in a process of its own, in that folder."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from own_files import FILES, points
from places import ROOT

from autograder.course import EXERCISES

MACS = """def conv2d_macs(in_channels, out_channels, kernel_size, output_size):
    (kH, kW), (H, W) = ((v, v) if isinstance(v, int) else v for v in (kernel_size, output_size))
    return in_channels * out_channels * kH * kW * H * W
"""


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook from cells of code into the student's folder."""

    def notebook(name, *cells):
        code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in cells]
        content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": code}
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")

    return notebook


@pytest.fixture
def student_pytest(tmp_path):
    """Run pytest in the student's folder, the package installed."""

    def run(*arguments, **environment):
        # Where the package is installed pytest finds the plug-in by itself; -p finds it here in either case.
        blank = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "", "COLUMNS": "80"}
        command = [sys.executable, "-m", "pytest", "-p", "autograder.own_file.pytest_plugin", *arguments]
        return subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            env=os.environ | blank | environment,
        )

    return run


def test_each_aspect_is_a_test_with_the_checks_own_name(notebook, student_pytest):
    notebook("02-regular.ipynb", MACS)
    done = student_pytest("--collect-only", "-q")
    names = done.stdout.splitlines()
    assert names[:3] == [f"02-regular.ipynb::conv2d_macs-{aspect}" for aspect in ("values", "rectangle", "dtype")]
    # What the assignment asks for and the notebook lacks is a test, too.
    assert "02-regular.ipynb::conv2d-all-together" in names


def test_all_right_passes_and_says_the_points(notebook, student_pytest):
    notebook("mine.ipynb", MACS)
    done = student_pytest()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
    assert f"{points('conv2d_macs')} of {points('conv2d_macs')} points; every check passed" in done.stdout


def test_a_failure_is_the_checks_message_and_nothing_else(tmp_path, student_pytest):
    shutil.copy(FILES / "window_half_done.ipynb", tmp_path)
    done = student_pytest("-q", "-k", "convolve2d-values or correlate2d-stride or output_size-values")
    assert done.returncode == 1
    failures = done.stdout.split("= FAILURES =")[1].split("= autograder =")[0]
    assert "convolve2d, values: not written yet\n" in failures
    assert "correlate2d, stride: syntax error in code cell 5, line 2: invalid syntax\n      retrun image" in failures
    assert "Traceback" not in failures and ".py" not in failures
    assert failures.count("Captured cells that stopped") == 1
    asked = {"convolve2d": "values", "correlate2d": "stride", "output_size": "values"}
    most = sum(EXERCISES[name].points[aspect] for name, aspect in asked.items())
    earned = points("output_size", aspects=["values"])
    assert f"{earned} of {most:g} points; 2 checks failed" in done.stdout


def test_one_name_runs_one_test(tmp_path, student_pytest):
    shutil.copy(FILES / "window_half_done.ipynb", tmp_path)
    done = student_pytest("window_half_done.ipynb::output_size-stride")
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_the_file_runs_once_for_all_its_tests(notebook, student_pytest, tmp_path):
    notebook("a.ipynb", "open('runs', 'a').write('x')", MACS)
    assert "3 passed" in student_pytest().stdout
    assert (tmp_path / "runs").read_text() == "x"


def test_only_the_chosen_functions_are_asked(notebook, student_pytest, tmp_path):
    notebook("a.ipynb", MACS, "def conv2d_params(*sizes, bias=True):\n    open('asked', 'w')\n    return 0")
    assert "3 passed" in student_pytest("-k", "conv2d_macs").stdout
    assert not (tmp_path / "asked").exists()
    assert "failed" in student_pytest("-k", "conv2d_params").stdout
    assert (tmp_path / "asked").exists()


def test_a_further_aspect_that_is_not_done_is_no_failure(notebook, student_pytest):
    notebook(
        "a.ipynb",
        "from convolution.reference import correlate2d as right",
        "def correlate2d(image, kernel, stride=1, padding=0, dilation=1):\n"
        "    return right(image, kernel, stride, padding)",
    )
    done = student_pytest()
    assert done.returncode == 0
    assert f"{len(EXERCISES['correlate2d'].points) - 1} passed, 1 skipped" in done.stdout
    assert "further: correlate2d, dilation: wrong for image" in done.stdout
    assert f"{points('correlate2d')} of {points('correlate2d')} points; every check passed" in done.stdout


def test_without_torch_its_tests_are_skipped_with_the_reason(notebook, student_pytest, tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('this machine has none')")
    notebook("a.ipynb", MACS, "def conv2d_torch(x, weight): return x")
    done = student_pytest()
    assert done.returncode == 0
    left_out = len(EXERCISES["conv2d_torch"].points)
    assert f"{len(EXERCISES['conv2d_macs'].points)} passed, {left_out} skipped" in done.stdout
    reason = "conv2d_torch: torch cannot be imported (ImportError: this machine has none); install it: "
    assert done.stdout.count(reason) == 1
    assert f"{reason}python -m pip install torch ({left_out} checks)\n" in done.stdout
    score = f"{points('conv2d_macs')} of {points('conv2d_macs', 'conv2d_torch')}"
    assert f"{score} points; {left_out} could not be made" in done.stdout


def test_an_endless_loop_fails_its_own_function(notebook, student_pytest):
    notebook("a.ipynb", MACS, "def conv2d_params(*sizes, bias=True):\n    while True: pass")
    done = student_pytest(AUTOGRADER_TIME_LIMIT="1.5")
    failed, passed = (len(EXERCISES[name].points) for name in ("conv2d_params", "conv2d_macs"))
    assert f"{failed} failed, {passed} passed" in done.stdout
    assert "conv2d_params, values: still running after 1.5 s" in done.stdout


def test_a_broken_notebook_of_an_assignment_is_an_error(tmp_path, student_pytest):
    (tmp_path / "02-regular.ipynb").write_text('{"cells": [')
    done = student_pytest()
    assert done.returncode == 2
    assert re.search(r"02-regular\.ipynb is not a notebook: it ends too early", done.stdout)
    assert "Traceback" not in done.stdout


def test_somebody_elses_notebooks_and_copies_of_jupyter_are_left_alone(notebook, student_pytest, tmp_path):
    notebook("holiday.ipynb", "photos = 3")
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    notebook(".ipynb_checkpoints/02-regular-checkpoint.ipynb", MACS)
    done = student_pytest()
    assert done.returncode == 5, done.stdout  # pytest's code for: no tests
    assert "autograder =" not in done.stdout


def test_ordinary_tests_beside_it_are_untouched(student_pytest, tmp_path):
    (tmp_path / "test_mine.py").write_text("def test_one():\n    assert 1 + 1 == 2\n")
    done = student_pytest()
    assert (done.returncode, "1 passed" in done.stdout) == (0, True)
    assert "points" not in done.stdout


def test_the_package_offers_the_plug_in():
    """Without this line in pyproject.toml, pytest in a student's folder would find nothing."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"autograder": "autograder.own_file.pytest_plugin"}
