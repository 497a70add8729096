"""What grading keeps beside the gradebook: the course's own seed, and what became of each submission.

Both are the instructor's, readable by nobody else, and no part of any feedback.
"""

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

SEED_FILE = ".autograder-seed"
LEDGER_FILE = ".graded.json"  # in autograded/, so that it goes where that goes


def course_seed(root, environment=os.environ):
    """The seed of the data that graded checks use; drawn once, and kept in a file that only its owner may read.

    AUTOGRADER_SEED in the environment wins. A whole number means that number, anything else is a name.
    """
    given = environment.get("AUTOGRADER_SEED")
    if given:
        return as_seed(given)
    path = Path(root, SEED_FILE)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text(encoding="utf-8").strip()
        if not kept:
            raise ValueError(f"{path} is empty; delete it to draw a new seed (marks may change with it)") from None
        return as_seed(kept)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(drawn := secrets.token_hex(16))
    return as_seed(drawn)


def as_seed(text):
    """A seed as `autograder.cases` takes it.

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

    Entries are dicts of ``fingerprint`` and, where it could not be graded, ``reason``; by "STUDENT/ASSIGNMENT".
    """

    def __init__(self, root):
        self.path = Path(root, "autograded", LEDGER_FILE)
        try:
            entries = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            entries = {}  # without it everything is graded again, to the same marks
        self.entries = {key: entry for key, entry in entries.items() if isinstance(entry, dict)}

    def is_graded(self, student, assignment, fingerprint):
        """Whether this very submission was graded in this very way."""
        entry = self.entries.get(f"{student}/{assignment}", {})
        return entry.get("fingerprint") == fingerprint and not entry.get("reason")

    def reason(self, student, assignment):
        """Why a submission could not be graded; nothing where it could, or is not known."""
        return self.entries.get(f"{student}/{assignment}", {}).get("reason", "")

    def note(self, student, assignment, fingerprint=None, reason="", remarks=()):
        """Enter what became of a submission, and keep it."""
        entry = {"fingerprint": fingerprint, "reason": reason, "remarks": list(remarks)}
        self.entries[f"{student}/{assignment}"] = {key: value for key, value in entry.items() if value}
        self.save()

    def save(self):
        """Write the file, whole or not at all."""
        write_whole(self.path, json.dumps(self.entries, indent=1, sort_keys=True) + "\n")


def fingerprint(*parts):
    """What decides a result, in one short text: paths count by what they hold, anything else by its repr."""
    digest = hashlib.sha256()
    for part in parts:
        is_file = isinstance(part, Path) and part.is_file()
        data = part.read_bytes() if is_file else repr(part).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def own_code():
    """A fingerprint of this package's own files: another check may give another mark."""
    here = Path(__file__).resolve().parent
    return fingerprint(*sorted(here.rglob("*.py")))


def write_whole(path, data):
    """Write a file that is there with all its content or as it was before; ``data``: str or bytes."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    part.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    part.replace(path)
