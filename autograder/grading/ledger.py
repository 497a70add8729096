"""What grading keeps beside the gradebook: the course's own seed, and what became of each submission.

Both are the instructor's, readable by nobody else, and no part of any feedback.
"""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

import autograder
from autograder import course

SEED_FILE = ".autograder-seed"
LEDGER_FILE = ".graded.jsonl"  # in autograded/, so that it goes where that goes
LOCK_FILE = ".grading"

#: Stands in the ledger from the moment a submission's grading begins until it ends.
CUT_OFF = "its grading was cut off; grade again"


def course_seed(root, environment=os.environ):
    """The seed of the data that graded checks use; drawn once, and kept in a file that only its owner may read.

    AUTOGRADER_SEED in the environment wins. A whole number means that number, anything else is a name.
    """
    given = environment.get("AUTOGRADER_SEED")
    if given:
        return as_seed(given)
    path = Path(root, SEED_FILE)
    if not path.exists():
        # Two who draw at the same time agree: the one who comes second finds the first one's file.
        part = path.with_name(f"{SEED_FILE}.{os.getpid()}")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(16) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
    kept = path.read_text(encoding="utf-8").strip()
    if not kept:
        raise ValueError(f"{path} is empty; delete it to draw a new seed (marks may change with it)")
    return as_seed(kept)


def as_seed(text):
    """A seed as `autograder.checks.cases` takes it.

    Examples
    --------
    >>> as_seed("20261122"), as_seed("0a1b")
    (20261122, '0a1b')
    """
    return int(text) if str(text).isascii() and str(text).isdigit() else str(text)


def student_seed(seed, student):
    """A seed of this student's own, from the course's: the same student gets the same data every time.

    Examples
    --------
    >>> student_seed(1, "ada") == student_seed(1, "ada") != student_seed(1, "bob")
    True
    """
    return hmac.new(str(seed).encode(), student.encode(), "sha256").hexdigest()


class Ledger:
    """What became of each submission: graded from which bytes, or why it could not be.

    A file of JSON lines, to which each writer adds whole lines; of two about one submission the later one counts.
    An entry has ``fingerprint`` of what decided the marks, ``reason`` where there are none, ``remarks`` for the
    instructor, ``seed`` of the data, ``walls`` that stood, and ``feedback``, a fingerprint of what its page shows.
    """

    def __init__(self, root):
        self.path = Path(root, "autograded", LEDGER_FILE)
        self.entries = {}
        with contextlib.suppress(OSError):  # without it everything is graded again, to the same marks
            for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                with contextlib.suppress(ValueError, TypeError, AttributeError):  # a line that was cut off
                    entry = json.loads(line)
                    self.entries[str(entry.pop("submission"))] = entry

    def entry(self, student, assignment):
        """What is known of a submission; an empty dict where nothing is."""
        return self.entries.get(f"{student}/{assignment}", {})

    def note(self, student, assignment, **what):
        """Enter what became of a submission; what is empty is left out."""
        key = f"{student}/{assignment}"
        self.entries[key] = {name: value for name, value in what.items() if value}
        line = json.dumps({"submission": key, **self.entries[key]}) + "\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "ab", closefd=True) as file:
            # A writer that was killed may have left half a line.
            end = os.fstat(descriptor).st_size
            broken = end and os.pread(descriptor, 1, end - 1) != b"\n"
            file.write(b"\n" * bool(broken) + line.encode())

    def compact(self):
        """Write the file anew with one line for each submission. Only for who holds the course's lock."""
        lines = [json.dumps({"submission": key, **entry}) + "\n" for key, entry in sorted(self.entries.items())]
        write_whole(self.path, "".join(lines))
        self.path.chmod(0o600)


class BusyError(RuntimeError):
    """Somebody else grades in this folder."""


@contextlib.contextmanager
def alone(root):
    """Hold the course's lock: two that grade into one gradebook would spoil each other's work.

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


def fingerprint(*parts):
    """What decides a result, in one short text: a path counts by what the file holds, anything else by its repr.

    Examples
    --------
    >>> fingerprint(1, "a") == fingerprint(1, "a") != fingerprint("1a")
    True
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            digest.update(b"file")
            if part.is_file():
                with part.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        else:
            data = repr(part).encode()
            digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]


def own_code():
    """A fingerprint of the files of the engine and of the course: another check may give another mark."""
    packages = (Path(autograder.__file__).resolve().parent, course.FOLDER)
    files = sorted(path for package in packages for path in package.rglob("*") if path.suffix in (".py", ".j2"))
    return fingerprint(*files)


def write_whole(path, data):
    """Write a file that is there with all its content or as it was before; ``data``: str or bytes."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    part.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    part.replace(path)
