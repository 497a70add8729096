"""The record of grading: what writers leave in it, whole or cut off, and what readers make of it."""

import json
import os
import stat
import subprocess
import sys

import pytest

from autograder.grading.ledger import BusyError, Ledger, alone


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path)


def test_what_is_noted_is_there_and_read_again(tmp_path, ledger):
    ledger.note("ada", "00-start", fingerprint="f", remarks=["late"], reason="", traceback="")
    for each in (ledger, Ledger(tmp_path)):
        assert each.entry("ada", "00-start") == {"fingerprint": "f", "remarks": ["late"]}
        assert each.entry("bob", "00-start") == {}


def test_of_two_notes_the_later_counts(tmp_path, ledger):
    ledger.note("ada", "00-start", fingerprint="f")
    Ledger(tmp_path).note("ada", "00-start", reason="no memory")
    assert Ledger(tmp_path).entry("ada", "00-start") == {"reason": "no memory"}


def test_a_student_may_be_called_anything(tmp_path, ledger):
    for student in ("[1]", "a/b", "zoë\u2028", "a b", '"'):
        ledger.note(student, "00-start", reason=student)
        assert Ledger(tmp_path).entry(student, "00-start") == {"reason": student}


def test_only_the_owner_may_read_it(tmp_path, ledger):
    ledger.note("ada", "00-start", seed="secret")
    for _ in range(2):
        assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
        Ledger(tmp_path).compact()


def test_half_a_line_costs_that_line_only(tmp_path, ledger):
    """A writer was killed; who comes after begins a line of its own."""
    ledger.note("ada", "00-start", fingerprint="f")
    ledger.note("bob", "00-start", fingerprint="f")
    os.truncate(ledger.path, ledger.path.stat().st_size - 10)
    after = Ledger(tmp_path)
    assert after.entries.keys() == {"ada/00-start"}
    after.note("cyd", "00-start", fingerprint="f")
    assert Ledger(tmp_path).entries.keys() == {"ada/00-start", "cyd/00-start"}
    after.compact()
    lines = ledger.path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["submission"] for line in lines] == ["ada/00-start", "cyd/00-start"]


NO_ENTRIES = ["", "nothing", "[]", "1", "{}", '{"fingerprint": "f"}', '{"submission": "ada/', "\x00"]


@pytest.mark.parametrize("line", NO_ENTRIES)
def test_a_line_that_is_no_entry_is_left_out(tmp_path, ledger, line):
    ledger.note("ada", "00-start", fingerprint="f")
    with ledger.path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    ledger.note("bob", "00-start", fingerprint="f")
    assert Ledger(tmp_path).entries.keys() == {"ada/00-start", "bob/00-start"}


def test_bytes_that_are_no_text(tmp_path, ledger):
    ledger.note("ada", "00-start", fingerprint="f")
    with ledger.path.open("ab") as file:
        file.write(b"\xff\xfe\n")
    assert Ledger(tmp_path).entries.keys() == {"ada/00-start"}


def test_without_a_file_nothing_is_known(tmp_path, ledger):
    assert ledger.entries == {}
    ledger.compact()
    assert Ledger(tmp_path).entries == {}


def test_compact_keeps_one_line_for_each_and_changes_nothing(tmp_path, ledger):
    for number in range(5):
        ledger.note("ada", "00-start", fingerprint=str(number))
        ledger.note("bob", "00-start", reason=str(number))
    before = Ledger(tmp_path).entries
    Ledger(tmp_path).compact()
    assert Ledger(tmp_path).entries == before
    assert len(ledger.path.read_text(encoding="utf-8").splitlines()) == 2


# --- the lock ---------------------------------------------------------------------------------------------------------

HOLDS = """
import sys, time
from autograder.grading.ledger import alone
with alone(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_is_held_against_another_process_and_free_once_that_is_killed(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=r"another process grades in .*; wait until it is done"), alone(tmp_path):
            pytest.fail("two hold the lock")
    finally:
        holder.kill()
        holder.communicate()
    with alone(tmp_path):
        pass


def test_the_lock_is_free_after_an_error(tmp_path):
    with pytest.raises(KeyError), alone(tmp_path):
        raise KeyError
    with alone(tmp_path):
        pass
