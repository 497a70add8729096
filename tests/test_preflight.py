"""The first lines of `make test`: what is missing on this machine, and the one line that mends it."""

import os
import shutil
import subprocess

import pytest
from places import ROOT

TOOLS = ("bash", "git", "chromium-headless-shell", "bwrap")


@pytest.fixture
def machine(tmp_path):
    """A machine with everything, of which a test takes something away: (folder, environment)."""
    for tool in TOOLS:
        path = tmp_path / "bin" / tool
        path.parent.mkdir(exist_ok=True)
        path.symlink_to(shutil.which("bash"))
    (tmp_path / "lib" / "here").mkdir(parents=True)
    (tmp_path / "lib" / "here" / "libseccomp.so.2").touch()
    (tmp_path / "fonts" / "truetype" / "dejavu").mkdir(parents=True)
    return tmp_path, {
        "PATH": str(tmp_path / "bin"),
        "LIBRARIES": str(tmp_path / "lib"),
        "FONTS": str(tmp_path / "fonts"),
    }


def missing(environment, *options):
    script = [shutil.which("bash"), str(ROOT / ".ci" / "missing"), *options]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def test_nothing_is_said_where_nothing_is_missing(machine):
    _, environment = machine
    assert missing(environment) == missing(environment, "--explain") == ("", "")


@pytest.mark.parametrize(
    ("gone", "package"),
    [
        ("bin/git", "git"),
        ("bin/chromium-headless-shell", "chromium-headless-shell"),
        ("bin/bwrap", "bubblewrap"),
        ("lib/here/libseccomp.so.2", "libseccomp2"),
        ("fonts/truetype/dejavu", "fonts-dejavu-core"),
    ],
)
def test_what_is_missing_is_named_with_the_line_that_mends_it(machine, gone, package):
    folder, environment = machine
    path = folder / gone
    path.rmdir() if path.is_dir() else path.unlink()
    assert missing(environment) == (f"{package}\n", "")
    output, explanation = missing(environment, "--explain")
    assert output == ""
    first, second = explanation.splitlines()
    assert first.startswith(f"missing on this machine: {package}.")
    assert second == f"To mend it: sudo apt-get install --no-install-recommends {package}"


def test_the_ordinary_chromium_does_too(machine):
    folder, environment = machine
    (folder / "bin" / "chromium-headless-shell").rename(folder / "bin" / "chromium")
    assert missing(environment) == ("", "")


def test_make_says_it_before_it_does_anything_else(tmp_path):
    """Of what `make test` would run, the question comes first, before the environment is made."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    # These tests may run in a make of their own.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--dry-run", "test"], cwd=tmp_path, env=outside, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert lines[0] == ".ci/missing --explain"
    assert any("-m venv" in line for line in lines[1:])
