"""The record of grading beside the gradebook: the outcome of each submission, and the lock of the course.

It is the instructor's, readable by nobody else, and no part of any feedback.
"""

import contextlib
import fcntl
import json
import os
from pathlib import Path

from autograder.files import written_whole

LEDGER_FILE = ".graded.jsonl"  # in autograded/, so that it goes where that goes
LOCK_FILE = ".grading"

#: Stands in the ledger from the moment a submission's grading begins until it ends.
CUT_OFF = "its grading was cut off; grade again"


class Ledger:
    """The outcome of each submission: graded from which bytes, or why it could not be.

    A file of JSON lines, to which each writer adds whole lines; of two about one submission the later one counts.
    An entry has ``fingerprint`` of what decided the marks and ``cells``, the results as data (see
    `autograder.grading.results.CellResult`), or ``reason`` where there are no marks, with a ``traceback`` where that is
    a fault of ours. It also has ``remarks`` for the instructor, ``seed`` of the data, ``walls`` that stood, ``device``,
    and ``feedback``, a fingerprint of what the page shows. Earlier versions wrote no ``cells``.

    Parameters
    ----------
    root : path of the course
    """

    def __init__(self, root):
        self.path = Path(root, "autograded", LEDGER_FILE)
        self.entries = {}
        with contextlib.suppress(OSError):  # without it everything is graded again, to the same marks
            for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                with contextlib.suppress(ValueError, TypeError, AttributeError, LookupError):  # cut off, or no entry
                    entry = json.loads(line)
                    self.entries[str(entry.pop("submission"))] = entry

    def entry(self, student, assignment):
        """The entry of a submission; an empty dict where there is none."""
        return self.entries.get(f"{student}/{assignment}", {})

    def note(self, student, assignment, **entry):
        """Enter the outcome of a submission, in the place of what was noted before; empty values are left out."""
        key = f"{student}/{assignment}"
        self.entries[key] = {name: value for name, value in entry.items() if value}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "ab", closefd=True) as file:
            # A writer that was killed may have left half a line.
            end = os.fstat(descriptor).st_size
            is_cut_off = end and os.pread(descriptor, 1, end - 1) != b"\n"
            file.write(b"\n" * bool(is_cut_off) + _line(key, self.entries[key]).encode())

    def compact(self):
        """Write the file anew, with one line for each submission; only for the process that holds the lock."""
        with written_whole(self.path) as part:
            part.touch(0o600)
            part.write_text("".join(_line(*each) for each in sorted(self.entries.items())), encoding="utf-8")


def _line(key, entry):
    return json.dumps({"submission": key, **entry}) + "\n"


class BusyError(RuntimeError):
    """Another process grades in this folder."""


@contextlib.contextmanager
def alone(root):
    """Hold the course's lock: two runs that grade into one gradebook would spoil each other's work.

    Raises
    ------
    BusyError
        If another process holds it. The lock of a process that was killed is free.
    """
    path = Path(root, "autograded", LOCK_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"another process grades in {root} now; wait until it is done, or stop it") from None
        yield
