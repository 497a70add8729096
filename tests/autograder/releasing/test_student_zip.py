"""The zip for students: complete, without a solution, the same byte for byte; and it works away from the clone."""

import io
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from leaks import secrets
from places import ROOT

from autograder.course import ASSIGNMENTS, exercises_of
from autograder.releasing import student_zip
from autograder.releasing.convert import BEGIN


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of what the zip is made from."""
    root = tmp_path_factory.mktemp("course")
    for name in (*student_zip.PACKAGE, "exercises", "solutions"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root)
    return root


@pytest.fixture(scope="module")
def made(course):
    return student_zip.build_zip(course, report=lambda line: None)


def content(path):
    """name -> bytes of a zip's files."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def leaks(files):
    """Lines of an assignment's solution regions that stand in that assignment's notebook among these files."""
    found = set()
    for name in ASSIGNMENTS:
        handed_out = b"".join(data for path, data in files.items() if Path(path).stem == name).decode()
        found |= {line for line in secrets(name) if line in handed_out}
    return found


def test_what_is_in_it(made, course):
    files = content(made)
    [wheel] = [name for name in files if name.endswith(".whl")]
    assert student_zip.FOLDER == "convolution-exercises" and wheel.startswith(
        f"{student_zip.FOLDER}/convolution_course-"
    )
    notebooks = [f"exercises/{name}/{name}.ipynb" for name in ASSIGNMENTS]
    assert set(files) == {wheel, *(f"{student_zip.FOLDER}/{name}" for name in ("README.txt", *notebooks))}
    assert made == course.resolve() / "_build" / "student.zip"
    readme = files[f"{student_zip.FOLDER}/README.txt"].decode()
    assert f"pip install {Path(wheel).name} jupyterlab" in readme
    assert "Begin with 00-start/00-start.ipynb, which takes 15 minutes." in readme
    assert "02-regular and the notebooks after it also use torch" in readme
    for name in notebooks:
        assert files[f"{student_zip.FOLDER}/{name}"] == (course / name).read_bytes()
        assert f"   {name}\n" in readme


def test_no_solution_is_in_it(made):
    notebooks = {name: data for name, data in content(made).items() if name.endswith(".ipynb")}
    assert not leaks(notebooks)
    assert not any(BEGIN.encode() in data for data in notebooks.values())
    solutions = {path.name: path.read_bytes() for path in ROOT.glob("solutions/*/*.md")}
    assert len(leaks(solutions)) > len(ASSIGNMENTS)


# --- the wheel, away from the clone -----------------------------------------------------------------------------------

#: Imports every module of the wheel, and uses both packages.
USE = """
import importlib, pkgutil, sys
import autograder, convolution
from convolution.reference import conv2d
for package in (autograder, convolution):
    assert package.__file__.startswith(sys.prefix), package.__file__
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
autograder.check(conv2d, "conv2d")
"""


@pytest.fixture(scope="module")
def unpacked(made, tmp_path_factory):
    """The zip as a student has it, in a folder whose name is not plain."""
    folder = tmp_path_factory.mktemp("student") / "a b [1] 'q' ü"
    with zipfile.ZipFile(made) as archive:
        archive.extractall(folder)
    return folder / student_zip.FOLDER


@pytest.fixture(scope="module")
def python(unpacked, tmp_path_factory):
    """A Python of its own, elsewhere, in which the wheel is installed; what it needs is this environment's."""
    venv = tmp_path_factory.mktemp("venv") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, *unpacked.glob("*.whl")], check=True)
    [packages] = venv.glob("lib/*/site-packages")
    # After the wheel, and without the .pth files there, one of which may lead to the clone.
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def run(python, folder, *arguments):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    command = [python, *arguments]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, encoding="utf-8", timeout=200)


def test_the_wheel_has_every_module(made):
    files = content(made)
    [wheel] = [data for name, data in files.items() if name.endswith(".whl")]
    inside = [name for name in content(io.BytesIO(wheel)) if ".dist-info/" not in name]
    packages = [path for name in ("autograder", "convolution") for path in (ROOT / name).rglob("*")]
    assert sorted(inside) == sorted(
        path.relative_to(ROOT).as_posix() for path in packages if path.suffix in (".py", ".j2")
    )
    assert "autograder/grading/feedback.html.j2" in inside


def test_the_installed_wheel_imports_and_checks(python, unpacked):
    done = run(python, unpacked, "-c", USE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("conv2d, values: right\n")


def test_a_file_is_checked_away_from_the_clone(python, unpacked):
    done = run(python, unpacked, "-m", "autograder", "check", "exercises/01-window/01-window.ipynb", "--json")
    assert done.returncode == 1, done.stderr
    messages = {
        row["exercise"]: row["message"] for row in json.loads(done.stdout)["results"] if row["aspect"] == "values"
    }
    assert messages == {
        exercise.name: f"{exercise.name}, values: not written yet" for exercise in exercises_of("01-window")
    }


def test_pytest_finds_the_notebooks_away_from_the_clone(python, unpacked, tmp_path):
    folder = tmp_path / "a b 'q' ü"  # pytest itself starts in no folder with brackets
    shutil.copytree(unpacked / "exercises" / "00-start", folder)
    done = run(python, folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "00-start.ipynb::window_sum-values" in done.stdout and "window_sum, values: not written yet" in done.stdout


# --- made again, or not at all ----------------------------------------------------------------------------------------


def test_made_again_it_is_the_same(made, course, tmp_path):
    again = student_zip.build_zip(course, tmp_path / "new" / "student.zip", report=lambda line: None)
    assert again.read_bytes() == made.read_bytes()
    # Neither setuptools nor pip left anything where it was built.
    assert {path.name for path in course.iterdir()} == {*student_zip.PACKAGE, "exercises", "solutions", "_build"}


def test_a_missing_exercise(course, tmp_path):
    root = shutil.copytree(course, tmp_path / "course")
    (root / "exercises" / "01-window" / "01-window.ipynb").unlink()
    with pytest.raises(
        student_zip.StudentZipError, match=r"01-window\.ipynb does not exist; run `make exercises` first"
    ):
        student_zip.build_zip(root)


def test_a_package_that_does_not_build(course, made, tmp_path):
    root = shutil.copytree(course, tmp_path / "course")
    (root / "pyproject.toml").write_text('[build-system]\nrequires = []\nbuild-backend = "nothing"\n')
    with pytest.raises(student_zip.StudentZipError, match="pip could not build the wheel"):
        student_zip.build_zip(root)
    assert (root / "_build" / "student.zip").read_bytes() == made.read_bytes()
    (root / "README.md").unlink()
    with pytest.raises(student_zip.StudentZipError, match=r"README\.md does not exist; the wheel is built from it"):
        student_zip.build_zip(root)
