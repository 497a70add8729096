"""Everything a student needs, in one zip: the wheel, the exercises, and how to begin. No solutions."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from autograder.course import ASSIGNMENTS
from autograder.errors import FixableError
from autograder.files import written_whole

FOLDER = "convolution-exercises"  # what the zip unpacks into; "convolution" there would shadow the package

#: What building the wheel reads.
PACKAGE = ("pyproject.toml", "README.md", "LICENSE", "autograder", "convolution")

README = """\
Convolution: the exercises

You need Python 3.11, 3.12 or 3.13. Open a terminal in this folder.

1. Install, once

   Linux, macOS:   python3 -m venv .venv
                   . .venv/bin/activate
   Windows:        py -m venv .venv
                   .venv\\Scripts\\activate

   then:           python -m pip install {wheel} jupyterlab

   02-regular and the notebooks after it also use torch:

                   python -m pip install torch

   On Linux this is a download of several GB with support for GPUs. The book's page "For students" says how to
   get the small build for the CPU.

2. Do

   jupyter lab exercises

   Begin with 00-start/00-start.ipynb: a rehearsal of {minutes} minutes. In a new terminal, activate again first
   (the second line above).

3. Check

   In the notebook, the cells with check(...) say at once whether you are right. Without a notebook:

   python -m autograder check exercises/00-start/00-start.ipynb

4. Hand in

   One file for each assignment, under the name it has, in the way your course tells you:

{assignments}
"""

CHAPTERS = """
The book's chapters lie in chapters/, as notebooks to run and to change. They use torch and matplotlib too:

   python -m pip install torch matplotlib
   jupyter lab chapters

They are not handed in.
"""


class StudentZipError(FixableError):
    """Why the zip could not be made; the message says what to do."""


def build_zip(root, destination=None, report=print, chapters=None):
    """Write the zip for students.

    Parameters
    ----------
    root : path of the course
    destination : the zip; None is ``root/_build/student.zip``
    report : called with a line about what is in it
    chapters : dict, optional; the book's chapters as notebooks, file name -> text, which only the book's build has

    Returns
    -------
    Path of the zip. The same files give the same zip, byte for byte.

    Raises
    ------
    StudentZipError
        If an exercise is missing or the wheel cannot be built; the old zip is left as it was then.
    """
    root = Path(root).resolve()
    destination = root / "_build" / "student.zip" if destination is None else Path(destination).resolve()
    notebooks = [Path("exercises", name, f"{name}.ipynb") for name in ASSIGNMENTS]
    for path in notebooks:
        if not (root / path).is_file():
            raise StudentZipError(f"{root / path} does not exist; run `make exercises` first")
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(root, Path(folder))
        readme = README.format(
            wheel=wheel.name,
            minutes=ASSIGNMENTS["00-start"].minutes,
            assignments="\n".join(f"   {path.as_posix()}" for path in notebooks),
        )
        readme += CHAPTERS if chapters else ""
        content = {"README.txt": readme.encode(), wheel.name: wheel.read_bytes()}
        content |= {path.as_posix(): (root / path).read_bytes() for path in notebooks}
        content |= {f"chapters/{name}": text.encode() for name, text in (chapters or {}).items()}
        _write_zip(destination, content)
    report(f"{destination} ({destination.stat().st_size / 1024:.0f} kB)")
    return destination


def wheel_name(root):
    """The name that the package's wheel will have."""
    about = tomllib.loads(Path(root, "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{about['name'].replace('-', '_')}-{about['version']}-py3-none-any.whl"


def build_wheel(root, folder):
    """Build the package's wheel into a folder; its path.

    From a copy, because setuptools leaves its own folders behind where it builds.
    """
    copy = folder / "package"
    copy.mkdir()
    for name in PACKAGE:
        if (root / name).is_dir():
            shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.part"))
        elif (root / name).is_file():
            shutil.copy(root / name, copy)
        else:
            raise StudentZipError(f"{root / name} does not exist; the wheel is built from it")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    if _builds_here(copy / "pyproject.toml"):
        command.append("--no-build-isolation")  # pip would fetch the same from the network
    command += ["--wheel-dir", str(folder), str(copy)]
    # A wheel is a zip too; without this its files would have the time of the build.
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1577836800"}
    built = subprocess.run(command, env=environment, capture_output=True, text=True)
    if built.returncode:
        last = (built.stderr or built.stdout).strip().splitlines()[-1:]
        raise StudentZipError(f"pip could not build the wheel: {' '.join(last)}; try: {' '.join(command)}")
    [wheel] = folder.glob("*.whl")
    return wheel


def _builds_here(pyproject):
    """Whether this environment has what builds the package."""
    for wanted in tomllib.loads(pyproject.read_text(encoding="utf-8"))["build-system"]["requires"]:
        requirement = Requirement(wanted)
        try:
            if not requirement.specifier.contains(version(requirement.name)):
                return False
        except PackageNotFoundError:
            return False
    return True


def _write_zip(destination, content):
    """Write a zip whole or not at all, with nothing in it of the machine or the time it was made."""
    with written_whole(destination) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", date_time=(2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
