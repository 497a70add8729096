"""Forks of a warm process do as a new process would: what they print, how they end, and that they end."""

import os
import socket
import time
from contextlib import closing

import pytest
from faults import below
from warm import Warm


@pytest.fixture(scope="module")
def warm():
    with closing(Warm("json")) as process:
        yield process


SAID = """
import os, sys

def main():
    print(os.environ["WORD"], sys.argv)
    return 3
"""


def test_a_module_and_a_function_are_run(warm, tmp_path):
    (tmp_path / "said.py").write_text(SAID)
    done = warm.run("said:main", ["a", "b"], tmp_path, os.environ | {"WORD": "hello"})
    assert done == (3, "hello ['said:main', 'a', 'b']\n")
    (tmp_path / "ends.py").write_text("import sys\nif __name__ == '__main__':\n    sys.exit(4)\n")
    assert warm.run("ends", [], tmp_path, dict(os.environ)) == (4, "")


def test_who_asks_for_nothing_costs_nobody_else_anything(warm, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(str(warm.place))
    (tmp_path / "ends.py").write_text("import sys\nsys.exit(5)\n")
    assert warm.run("ends", [], tmp_path, dict(os.environ), patience=20) == (5, "")


def test_what_takes_too_long_is_ended(warm, tmp_path):
    (tmp_path / "sleeps.py").write_text("import time\ntime.sleep(60)\n")
    with pytest.raises(TimeoutError):
        warm.run("sleeps", [], tmp_path, dict(os.environ), patience=0.5)
    deadline = time.monotonic() + 5
    while below(warm.process.pid):
        assert time.monotonic() < deadline, "it goes on"
        time.sleep(0.02)
