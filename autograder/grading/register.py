"""Assignments in nbgrader's gradebook: nbgrader grades only the cells that it knows from there."""

from autograder.errors import FixableError
from autograder.files import fingerprint, write_whole
from autograder.grading.gradebook import Gradebook
from autograder.grading.worker import own_code
from autograder.releasing import release
from autograder.releasing.release import ReleaseError, nbgrader_config


class RegisterError(FixableError):
    """The gradebook cannot take an assignment; the message says what to do."""


def register(root, assignments, report=print):
    """Enter assignments into the gradebook, where they have changed since the last time or are not there.

    Parameters
    ----------
    root : path of the course
    assignments : names
    report : called with a line about each notebook in exercises/ that is not current

    Raises
    ------
    RegisterError
        If the gradebook holds submissions of an assignment with other cells.
    """
    for source in release.source(root, assignments, report=lambda line: None):
        assignment = source.stem
        made = registered_notebook(root, assignment)
        mark, database = made.with_suffix(".registered"), root / "gradebook.db"
        is_known = made.is_file() and mark.is_file() and database.is_file() and _knows(root, assignment)
        wanted = fingerprint(source, root / release.CONFIG, own_code())
        if not is_known or mark.read_text(encoding="utf-8") != wanted:
            try:
                release.generate(root, assignment, root / "_build" / "registered", gradebook=True)
            except ReleaseError as error:
                if "there are submissions associated" not in str(error):
                    raise
                raise RegisterError(
                    f"{database} holds submissions of an earlier {assignment}, with other cells. Grade "
                    "with the version of the course that students got, or move gradebook.db and autograded/ away"
                ) from error
            write_whole(mark, wanted)
        released = root / release.EXERCISES / assignment / made.name
        if not released.is_file() or released.read_bytes() != made.read_bytes():
            report(f"note: {released} is not what solutions/ gives now; run `make exercises`")


def registered_notebook(root, assignment):
    """Path of the notebook that the gradebook knows, from which submissions are rebuilt."""
    return root / "_build" / "registered" / assignment / f"{assignment}.ipynb"


def _knows(root, assignment):
    with Gradebook(root, nbgrader_config(root)) as gradebook:
        return gradebook.knows(assignment)
