"""The walls around a Python wherever it lies: all of them hold, the course is not seen, and late imports work."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import pytest
from places import ROOT

from autograder.student_code import walls
from autograder.student_code.walls import NoWallsError

UGLY = """a b [c] 'd' "e" {f} %s $HOME; ü"""

#: Run by the Python of an environment; what student code sees there is printed.
SCRIPT = """
import json, sys
import autograder.course
from autograder.student_code.probes import must_hold
from autograder.student_code.sandbox import Sandbox

must_hold(imports=())
with Sandbox(imports=()) as box, box.notebook() as notebook:
    outputs = notebook.run(sys.argv[1], 1)
    print(json.dumps({"outputs": outputs, **(notebook.value_of("seen") or {})}))
"""

#: Student code that looks around.
LOOK = """
import os, sys

def is_writable(folder):
    try:
        with open(folder + "/tried", "x"):
            pass
        os.remove(folder + "/tried")
        return True
    except OSError:
        return False

folders = [sys.prefix + "/lib", "/usr"]
for at, below, _ in os.walk("/"):
    below[:] = [name for name in below if name not in ("usr", "proc", "dev", "site-packages", "dist-packages")]
    folders.append(at)
scratch = os.stat("/tmp").st_dev
import colorsys, numpy, of_this_environment

seen = {
    "prefix": sys.prefix,
    "writable": sorted({at for at in folders if is_writable(at) and os.stat(at).st_dev != scratch}),
    "scratch": is_writable("/tmp"),
    "read_only": bool(os.statvfs(sys.prefix + "/lib").f_flag & os.ST_RDONLY),
    "secrets": [name for name in SECRETS if os.path.exists(name)],
    "beside": sorted(set(os.listdir(os.path.dirname(sys.prefix))) - {"tried"}),
    "late": of_this_environment.WHERE,
}
"""


def clone(folder):
    """A copy of what a course needs, in another folder, with something that no student may see."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in ("autograder", "convolution"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for secret in ("solutions/secret.md", "submitted/ada/secret.ipynb", "gradebook.db"):
        (folder / secret).parent.mkdir(parents=True, exist_ok=True)
        (folder / secret).write_text("secret")
    return folder


def environment(folder, course):
    """A virtual environment that finds this one's packages, and the course in another folder."""
    venv.EnvBuilder(symlinks=True).create(folder)
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    others = [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    (packages / "others.pth").write_text("\n".join([*others, str(course)]), encoding="utf-8")
    (packages / "of_this_environment.py").write_text("WHERE = __file__")
    return folder / "bin" / "python"


def seen(python, course, **user):
    """The files that student code sees when this Python runs it."""
    secrets = ["solutions", "submitted", "gradebook.db", "autograder/course.py", "convolution/reference.py"]
    secrets = [str(folder / name) for folder in {course, course.resolve()} for name in secrets]
    done = subprocess.run(
        [python, "-c", SCRIPT, LOOK.replace("SECRETS", repr(secrets))],
        cwd=course,
        env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        **user,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def tmp():
    """A folder in /tmp itself, whatever TMPDIR is, that everybody may enter."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="course-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.fixture
def elsewhere():
    """A folder that is not in /tmp."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="course-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def assert_walled(found, prefix):
    assert found["outputs"] == []
    assert found["prefix"] == str(prefix)
    assert found["late"].startswith(f"{prefix}/lib")
    assert (found["writable"], found["scratch"], found["read_only"], found["secrets"]) == ([], True, True, [])


def test_in_tmp(tmp):
    course = clone(tmp / "course")
    found = seen(environment(course / ".venv", course), course)
    assert_walled(found, course / ".venv")
    assert found["beside"] == [".venv"], "of the course's folder there is what leads to the environment"


@pytest.mark.parametrize("where", ["tmp", "elsewhere"])
def test_under_a_path_with_blanks_brackets_quotes_and_umlauts(where, request):
    course = clone(request.getfixturevalue(where) / UGLY / "course")
    found = seen(environment(course / f".venv {UGLY}", course), course)
    assert_walled(found, course / f".venv {UGLY}")


def test_an_environment_behind_a_link(tmp, elsewhere):
    course = clone(elsewhere / "course")
    environment(tmp / UGLY / "environment", course)
    (course / ".venv").symlink_to(tmp / UGLY / "environment")
    assert_walled(seen(course / ".venv" / "bin" / "python", course), course / ".venv")


def test_everything_behind_a_link(tmp, elsewhere):
    """An engine installed in an environment behind a link is hidden under both paths, the link's and the real one."""
    real = tmp / "real"
    environment(real / ".venv", elsewhere)
    clone(next((real / ".venv" / "lib").glob("python*")) / "site-packages")
    (elsewhere / "linked").symlink_to(real)
    packages = next((elsewhere / "linked" / ".venv" / "lib").glob("python*")) / "site-packages"
    for secret in ("solutions", "submitted", "gradebook.db"):
        path = packages / secret
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    found = seen(elsewhere / "linked" / ".venv" / "bin" / "python", packages)
    assert_walled(found, elsewhere / "linked" / ".venv")
    found = seen(real / ".venv" / "bin" / "python", next((real / ".venv" / "lib").glob("python*")) / "site-packages")
    assert_walled(found, real / ".venv")


def test_an_environment_of_links(tmp, elsewhere):
    """Its libraries lie in another folder, and its Python is found by way of a third."""
    course = clone(elsewhere / "course")
    python = environment(course / ".venv", course)
    (course / ".venv" / "lib").rename(tmp / "libraries")
    (course / ".venv" / "lib").symlink_to(tmp / "libraries")
    (elsewhere / "tools").mkdir()
    (elsewhere / "tools" / "link").symlink_to(os.path.realpath(python))
    python.unlink()
    python.symlink_to("../../../tools/link")
    assert_walled(seen(python, course), course / ".venv")


@pytest.mark.parametrize("where", ["tmp", "elsewhere"])
def test_an_environment_in_the_very_folder_of_the_course(where, request):
    course = clone(request.getfixturevalue(where) / "course")
    assert_walled(seen(environment(course, course), course), course)


def test_a_course_of_another_user(tmp):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away, and run as somebody else")
    course = clone(tmp / "course")
    python = environment(course / ".venv", course)
    for folder, _, files in os.walk(course):
        for name in (".", *files):
            os.lchown(os.path.join(folder, name), 54321, 54321)
    assert_walled(seen(python, course), course / ".venv")
    assert_walled(seen(python, course, user=54322, group=54322, extra_groups=[]), course / ".venv")


def test_what_only_its_owner_may_read_is_refused_with_the_remedy(tmp):
    if os.geteuid() != 0:
        pytest.skip("student code runs as the user who grades, who may read it")
    inside = tmp / "it's mine" / "inside"
    shutil.copytree(Path(walls.__file__).parent / "inside", inside)
    os.chmod(inside, 0o700)
    with pytest.raises(NoWallsError, match=r"may be read by its owner only.*chmod -R o\+rX '/tmp/.*mine/inside'"):
        walls.bubblewrap(tuple(walls.WALLS), str(inside))
    os.chmod(inside, 0o755)
    walls.bubblewrap(tuple(walls.WALLS), str(inside))
