"""The columns of `nbgrader export`, with quotes where a name needs them, and one more column.

A submission that could not be graded has no score in the file, where nbgrader's own has zero; the last column says why.
"""

import csv
from pathlib import Path

from nbgrader.plugins import CsvExportPlugin

from autograder.grading.gradebook import Gradebook
from autograder.grading.ledger import Ledger

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score", "could_not_grade"),
)

NOT_YET = "handed in, and not graded yet"


class Export(CsvExportPlugin):
    """The plug-in of `nbgrader export`."""

    def export(self, gradebook):
        coursedir = self.parent.coursedir
        destination = self.to or "grades.csv"
        self.log.info("Exporting grades to %s", destination)
        with (
            Gradebook(coursedir.root, self.config, coursedir.db_url) as book,
            open(destination, "w", encoding="utf-8", newline="") as file,
        ):
            table = csv.DictWriter(file, COLUMNS)
            table.writeheader()
            table.writerows(rows(book, coursedir, [str(name) for name in self.assignment], set(map(str, self.student))))


def rows(book, coursedir, assignments=(), students=()):
    """A dict of COLUMNS for each assignment and student; an empty column is left out.

    Parameters
    ----------
    book : an open `Gradebook`
    coursedir : nbgrader's CourseDirectory
    assignments, students : names to export; none is all
    """
    ledger = Ledger(Path(coursedir.root).resolve())
    people = {
        student.id: {key: getattr(student, key) for key in ("last_name", "first_name", "email")}
        for student in book.records.students
    }
    known = [
        {"assignment": record.name, "duedate": record.duedate, "max_score": record.max_score}
        for record in book.records.assignments
        if not assignments or record.name in assignments
    ]
    for columns in known:
        assignment = columns["assignment"]
        reasons = _reasons(ledger, assignment)
        for student in sorted({*people, *reasons}):
            if students and student not in students:
                continue
            reason = reasons.get(student)
            marks = {"could_not_grade": reason} if reason else _marks(book, coursedir, assignment, student)
            yield columns | {"student_id": student} | people.get(student, {}) | marks


def _reasons(ledger, assignment):
    """Student -> why their submission could not be graded."""
    named = ((key.rpartition("/"), entry.get("reason")) for key, entry in ledger.entries.items())
    return {student: reason for (student, _, name), reason in named if name == assignment and reason}


def _marks(book, coursedir, assignment, student):
    """The columns of one submission; zeros where nothing was submitted, as in nbgrader's own file."""
    marks = book.marks(assignment, student)
    if marks is None and not Path(coursedir.format_path(coursedir.submitted_directory, student, assignment)).is_dir():
        return {"raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0}
    if marks is None or not marks.is_graded:
        return {"could_not_grade": NOT_YET}
    return {
        "timestamp": marks.timestamp,
        "raw_score": marks.raw_score,
        "late_submission_penalty": marks.penalty,
        "score": marks.score,
    }
