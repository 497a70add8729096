"""Seeds of the data that graded checks use: the course's own, and one for each student."""

import contextlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from autograder.errors import FixableError

SEED_FILE = ".autograder-seed"


class SeedError(FixableError):
    """The file of the course's seed has none."""


def course_seed(root, environment=os.environ):
    """The course's own seed: drawn once, and kept in a file that only its owner may read.

    AUTOGRADER_SEED in the environment wins. A whole number means that number, anything else is a name.

    Raises
    ------
    SeedError
        If the file is empty.
    """
    given = environment.get("AUTOGRADER_SEED")
    if given:
        return as_seed(given)
    path = Path(root, SEED_FILE)
    if not path.exists():
        descriptor, part = tempfile.mkstemp(prefix=SEED_FILE, dir=root)  # for its owner only
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(16) + "\n")
        with contextlib.suppress(FileExistsError):  # two that draw at the same time agree on the first one's
            os.link(part, path)
        os.unlink(part)
    kept = path.read_text(encoding="utf-8").strip()
    if not kept:
        raise SeedError(f"{path} is empty; delete it to draw a new seed (marks may change with it)")
    return as_seed(kept)


def as_seed(text):
    """A seed as `autograder.checks.cases` takes it: an int where the text is a whole number, else the text.

    Examples
    --------
    >>> as_seed("20261122"), as_seed("0a1b")
    (20261122, '0a1b')
    """
    return int(text) if str(text).isascii() and str(text).isdigit() else str(text)


def student_seed(seed, student):
    """A student's own seed, derived from the course's: the same student gets the same data every time.

    Examples
    --------
    >>> student_seed(1, "ada") == student_seed(1, "ada") != student_seed(1, "bob")
    True
    """
    return hmac.new(str(seed).encode(), student.encode(), "sha256").hexdigest()
