"""The zip for students: complete, installable, without a solution, the same byte for byte."""

import shutil
import zipfile
from pathlib import Path

import pytest
from places import ROOT

from autograder.course import ASSIGNMENTS
from autograder.releasing import release, student_zip


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


def secrets(name):
    """Lines of an assignment's solution regions that stand nowhere in what students are given to build on."""
    source = (ROOT / "solutions" / name / f"{name}.md").read_text(encoding="utf-8")
    first, *blocks = source.split(release.BEGIN)
    regions = [block.split(release.END)[0] for block in blocks]
    given = {
        line.strip()
        for part in (first, *(block.split(release.END)[1] for block in blocks))
        for line in part.splitlines()
    }
    # Long enough to be nobody's by chance.
    secret = {line.strip() for region in regions for line in region.splitlines() if len(line.strip()) > 40} - given
    assert secret
    return secret


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
    notebooks = [f"convolution/exercises/{name}/{name}.ipynb" for name in ASSIGNMENTS]
    assert sorted(files) == sorted(["convolution/README.txt", wheel, *notebooks])
    assert made == course.resolve() / "_build" / "student_zip.zip"
    for name in notebooks:
        assert files[name] == (course / name.removeprefix("convolution/")).read_bytes()
    readme = files["convolution/README.txt"].decode()
    assert f"pip install {Path(wheel).name} jupyterlab" in readme
    for name in notebooks:
        assert name.removeprefix("convolution/") in readme


def test_no_solution_is_in_it(made, tmp_path):
    files = content(made)
    [wheel] = [name for name in files if name.endswith(".whl")]
    (tmp_path / "wheel.zip").write_bytes(files[wheel])
    package = content(tmp_path / "wheel.zip")
    notebooks = {name: data for name, data in files.items() if name.endswith(".ipynb")}
    assert not leaks(notebooks)
    assert not any(release.BEGIN.encode() in data for data in notebooks.values())
    assert not [name for name in package if not name.startswith(("autograder/", "convolution_course-"))]
    solutions = {path.name: path.read_bytes() for path in ROOT.glob("solutions/*/*.md")}
    assert len(leaks(solutions)) > len(ASSIGNMENTS)


def test_the_wheel_has_every_module(made, tmp_path):
    files = content(made)
    [wheel] = [name for name in files if name.endswith(".whl")]
    (tmp_path / "wheel.zip").write_bytes(files[wheel])
    modules = {name for name in content(tmp_path / "wheel.zip") if name.startswith("autograder/")}
    here = [path for path in (ROOT / "autograder").rglob("*") if path.suffix in (".py", ".j2")]
    assert modules == {path.relative_to(ROOT).as_posix() for path in here}


def test_made_again_it_is_the_same(made, course, tmp_path):
    again = student_zip.build_zip(course, tmp_path / "new" / "student_zip.zip", report=lambda line: None)
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
    assert (root / "_build" / "student_zip.zip").read_bytes() == made.read_bytes()
    (root / "README.md").unlink()
    with pytest.raises(student_zip.StudentZipError, match=r"README\.md does not exist; the wheel is built from it"):
        student_zip.build_zip(root)
