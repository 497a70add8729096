"""The folder of submissions: what lies in it, and what should not."""

from autograder.course import ASSIGNMENTS
from autograder.errors import FixableError
from autograder.grading import results
from autograder.untrusted_notebook import UnreadableError, content_of

LAYOUT = "STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb, for example ada/01-window/01-window.ipynb"
MISPLACED = "there is no {path}, but {others}"


class SubmittedError(FixableError):
    """There is nothing to grade; the message says how submissions should lie."""


def submissions(submitted, wanted, everything=True):
    """The submissions in a folder: (student, assignment) pairs, and a row for what lies elsewhere.

    ``everything``: also complain about folders that are none of the assignments.
    """
    if not submitted.is_dir():
        raise SubmittedError(
            f"no folder {submitted}; put the submissions there as {LAYOUT}, or name another with --submitted"
        )
    found, strays = [], []
    for student in sorted(submitted.iterdir()):
        if student.name.startswith(".") or not student.is_dir():
            continue
        for entry in sorted(student.iterdir()):
            if entry.name.startswith("."):
                continue
            if entry.name in wanted and entry.is_dir():
                found.append((student.name, entry.name))
            elif everything and entry.name not in ASSIGNMENTS and (entry.is_dir() or entry.suffix == ".ipynb"):
                reason = f"{entry} is in no assignment's folder; it belongs in {student.name}/ASSIGNMENT/"
                strays.append(results.row(student.name, entry.name, None, None, None, results.NOT_GRADED, reason))
    if not found:
        asked = "" if everything else f" of {', '.join(wanted)}"
        raise SubmittedError(f"no submission{asked} in {submitted}; they should lie there as {LAYOUT}")
    return found, strays


def submitted_notebook(folder, assignment):
    """The bytes of a student's notebook.

    Raises
    ------
    UnreadableError
        If there is none of this name, or it is no file.
    """
    path = folder / f"{assignment}.ipynb"
    if not path.is_file() or path.is_symlink():  # a link may lead to another's work
        others = ", ".join(sorted(repr(found.name)[1:-1] for found in folder.glob("*.ipynb"))) or "no notebook"
        raise UnreadableError(MISPLACED.format(path=path, others=others))
    return content_of(path)
