"""Everything a student needs, in one zip: the wheel, the exercises, and how to begin. No solutions."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

from autograder import course
from autograder.course import ASSIGNMENTS, exercises_of
from autograder.errors import FixableError
from autograder.files import written_whole

#: The folder in the zip. If it had the name of the course's package, it would shadow it.
FOLDER = f"{course.NAME}-exercises"

#: The files and folders that the wheel is built from.
PACKAGE = ("pyproject.toml", "README.md", "LICENSE", "autograder", course.NAME)

README = """\
The exercises

You need Python 3.11, 3.12 or 3.13. Open a terminal in this folder.

1. Install, once

   Linux, macOS:   python3 -m venv .venv
                   . .venv/bin/activate
   Windows:        py -m venv .venv
                   .venv\\Scripts\\activate

   then:           python -m pip install {wheel} jupyterlab
{torch}
2. Do

   jupyter lab exercises

   Begin with {first}/{first}.ipynb, which takes {minutes} minutes. In a new terminal, activate again first
   (the second line above).

3. Check

   In the notebook, the cells with check(...) say at once whether you are right. Without a notebook:

   python -m autograder check exercises/{first}/{first}.ipynb

4. Hand in

   One file for each assignment, under the name it has, in the way your course tells you:

{assignments}
"""

TORCH = """
   {assignment} and the notebooks after it also use torch:

                   python -m pip install torch

   On Linux this is a download of several GB with support for GPUs. The book's page "For students" says how to
   get the small build for the CPU.
"""

CHAPTERS = """
The book's chapters lie in chapters/, as notebooks to run and to change. They use torch and matplotlib too:

   python -m pip install torch matplotlib
   jupyter lab chapters

They are not handed in.
"""


class StudentZipError(FixableError):
    """The zip could not be made; the message says why and what to do."""


def build_zip(root, destination=None, report=print, chapters=None):
    """Write the zip for students.

    Parameters
    ----------
    root : path of the course
    destination : the zip; None is ``root/_build/student.zip``
    report : called with a line that names the zip and its size
    chapters : dict, optional; the book's chapters as notebooks, file name -> text, which only the book's build has

    Returns
    -------
    Path of the zip. The same files give the same zip, byte for byte.

    Raises
    ------
    StudentZipError
        If an exercise is missing or the wheel cannot be built; an older zip stays as it was then.
    """
    root = Path(root).resolve()
    destination = root / "_build" / "student.zip" if destination is None else Path(destination).resolve()
    notebooks = [Path("exercises", name, f"{name}.ipynb") for name in ASSIGNMENTS]
    for path in notebooks:
        if not (root / path).is_file():
            raise StudentZipError(f"{root / path} does not exist; run `make exercises` first")
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(root, Path(folder))
        readme = _readme(wheel.name, notebooks) + (CHAPTERS if chapters else "")
        content = {"README.txt": readme.encode(), wheel.name: wheel.read_bytes()}
        content |= {path.as_posix(): (root / path).read_bytes() for path in notebooks}
        content |= {f"chapters/{name}": text.encode() for name, text in (chapters or {}).items()}
        _write_zip(destination, content)
    report(f"{destination} ({destination.stat().st_size / 1024:.0f} kB)")
    return destination


def _readme(wheel, notebooks):
    first = next(iter(ASSIGNMENTS))
    with_torch = [
        name for name in ASSIGNMENTS if any("torch" in exercise.kind.imports for exercise in exercises_of(name))
    ]
    return README.format(
        wheel=wheel,
        first=first,
        minutes=ASSIGNMENTS[first].minutes,
        torch=TORCH.format(assignment=with_torch[0]) if with_torch else "",
        assignments="\n".join(f"   {path.as_posix()}" for path in notebooks),
    )


def wheel_name(root):
    """The file name of the package's wheel."""
    project = tomllib.loads(Path(root, "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl"


def build_wheel(root, folder):
    """Build the package's wheel into a folder.

    It is built from a copy, because setuptools leaves folders of its own beside what it builds.

    Returns
    -------
    Path of the wheel

    Raises
    ------
    StudentZipError
        If something that the wheel is built from is missing, or pip cannot build it.
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
    # A wheel is a zip too; without this its files would have the time of the build.
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1577836800"}
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--wheel-dir", str(folder), str(copy)]
    # With what is installed here; where that does not do, pip fetches setuptools from the network.
    for options in (["--no-build-isolation", "--check-build-dependencies"], []):
        build = subprocess.run([*command, *options], env=environment, capture_output=True, text=True)
        if not build.returncode:
            [wheel] = folder.glob("*.whl")
            return wheel
    last_line = " ".join((build.stderr or build.stdout).strip().splitlines()[-1:])
    raise StudentZipError(f"pip could not build the wheel: {last_line}; try: {' '.join(command)}")


def _write_zip(destination, content):
    """Write a zip whole or not at all; every entry has the date that zip files begin with, so equal files are equal."""
    with written_whole(destination) as part, zipfile.ZipFile(part, "w") as archive:
        for name, data in sorted(content.items()):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}")
            entry.external_attr = 0o644 << 16  # else unzip makes files that nobody may read
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
