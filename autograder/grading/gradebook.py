"""nbgrader's gradebook, written from results and read as marks.

The marks are those of the results (`autograder.grading.results`); how late a submission is, and what that costs, is
nbgrader's to say. All of a submission is entered in one transaction, where nbgrader commits after every cell. Only one
process may write. Manual marks and comments are never touched.
"""

import contextlib
import datetime
import logging
from dataclasses import dataclass, field
from pathlib import Path

import nbgrader.api
from nbgrader.api import InvalidEntry, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import FixableError
from autograder.grading import nbgrader_compat
from autograder.releasing.release import quiet_nbgrader


class GradebookError(FixableError):
    """The gradebook cannot be opened or written, or has other cells than the notebook; the message says what to do."""


@dataclass(frozen=True)
class CellMarks:
    """The marks of one graded cell.

    Attributes
    ----------
    auto_score, manual_score : points by the machine and by a person; None where there are none
    extra_credit : points that a person gave beyond those
    max_score : what there is to earn
    needs_manual_grade : True where a person has to look at it, or to look again
    """

    auto_score: float | None
    manual_score: float | None
    extra_credit: float | None
    max_score: float
    needs_manual_grade: bool

    @property
    def score(self):
        """The points as nbgrader adds them up: a person's where there are any, and the extra credit."""
        given = self.manual_score if self.manual_score is not None else self.auto_score
        return (given or 0.0) + (self.extra_credit or 0.0)

    @property
    def is_graded(self):
        """False until the machine or a person has given points."""
        return self.auto_score is not None or self.manual_score is not None

    @property
    def waits(self):
        """True where a person has to give the points, and has not done so yet."""
        return self.needs_manual_grade and self.manual_score is None


@dataclass(frozen=True)
class Marks:
    """The marks of one submission.

    Attributes
    ----------
    cells : graded cell -> CellMarks
    comments : solution cell -> the comment on it, or None
    penalty : points taken off because it was late; None where nothing was decided
    timestamp : when it was handed in, in UTC; None where that is not known
    """

    cells: dict[str, CellMarks] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    penalty: float | None = None
    timestamp: datetime.datetime | None = None

    @property
    def raw_score(self):
        """The sum of the cells' points."""
        return sum(cell.score for cell in self.cells.values())

    @property
    def score(self):
        """The points that count: the sum less the penalty, and never less than zero.

        Examples
        --------
        >>> cell = CellMarks(1.0, None, extra_credit=0.5, max_score=2.0, needs_manual_grade=False)
        >>> Marks({"conv2d-values": cell}, penalty=1.0).score, Marks({"conv2d-values": cell}, penalty=4.0).score
        (0.5, 0.0)
        """
        return max(0.0, self.raw_score - (self.penalty or 0.0))

    @property
    def max_score(self):
        """The sum of what there is to earn."""
        return sum(cell.max_score for cell in self.cells.values())

    @property
    def is_graded(self):
        """False where no cell has points yet: a submission of which nbgrader has only begun to make a record."""
        return any(cell.is_graded for cell in self.cells.values())


class Gradebook:
    """An open gradebook of nbgrader's.

    Parameters
    ----------
    root : path of the course
    config : the configuration of its nbgrader_config.py
    url : of the database; None is gradebook.db in the course's folder

    Attributes
    ----------
    records : nbgrader.api.Gradebook

    Raises
    ------
    GradebookError
        If it cannot be opened.
    """

    def __init__(self, root, config, url=None):
        self.config = config
        self.log = logging.Logger("nbgrader")
        self.url = url or f"sqlite:///{Path(root).resolve() / 'gradebook.db'}"
        self.points = {}  # assignment -> points by cell, see `_points_of`
        course = CourseDirectory(config=config, log=self.log).course_id
        try:
            with _quiet():
                self.records = nbgrader.api.Gradebook(self.url, course)
        except SQLAlchemyError as error:
            raise GradebookError(f"the gradebook could not be opened: {_first_line(error)}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.records.close()

    # ------------------------------------------------------------ writing

    def save(self, assignment, student, notebook, folder, results):
        """Enter one graded submission; cell -> (points before, points now) of the machine's points that changed.

        Parameters
        ----------
        notebook : the graded notebook; a solution cell that is as it was released gets nbgrader's comment on that
        folder : the submission's, for timestamp.txt
        results : list of CellResult, one for each graded cell

        Raises
        ------
        GradebookError
            If the gradebook could not be written, or has other cells than the notebook; no mark was entered then.
        """
        points = {result.cell: _points(result) for result in results}
        untouched = {
            cell.metadata.nbgrader["grade_id"]: nbgrader_compat.is_untouched(cell)
            for cell in notebook.cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }
        try:
            with _quiet():
                self._check_cells(assignment, "graded", self._points_of(assignment), points)
                solutions = nbgrader_compat.solutions_of(self.records.db, assignment)
                self._check_cells(assignment, "solution", solutions, untouched)
                return self._save(assignment, student, folder, points, untouched)
        except (SQLAlchemyError, InvalidEntry) as error:  # the second is nbgrader's name for some of the first
            self.records.db.rollback()
            raise GradebookError(f"the gradebook could not be written: {_first_line(error)}") from error

    def _check_cells(self, assignment, kind, in_gradebook, in_notebook):
        if set(in_gradebook) != set(in_notebook):
            differ = ", ".join(sorted(set(in_gradebook) ^ set(in_notebook)))
            raise GradebookError(
                f"the gradebook has other {kind} cells of {assignment} than the notebook: {differ}. Grade with the "
                "version of the course that students got, or move gradebook.db and autograded/ away"
            )

    def _save(self, assignment, student, folder, points, untouched):
        is_known = self.has(assignment, student)
        self.records.update_or_create_student(student)
        when = nbgrader_compat.timestamp(folder)
        submission = self.records.update_or_create_submission(
            assignment, student, **({"timestamp": when} if when else {})
        )
        notebook = self.records.find_submission_notebook(assignment, assignment, student)
        changed = {}
        for name, grade in nbgrader_compat.grades_in(self.records.db, notebook.id):
            before, grade.auto_score = grade.auto_score, points[name]
            grade.needs_manual_grade = grade.manual_score is not None or points[name] is None
            if is_known and before != points[name]:
                changed[name] = (before, points[name])
        for name, comment in nbgrader_compat.comments_in(self.records.db, notebook.id):
            comment.auto_comment = "No response." if untouched[name] else None
        is_late = submission.total_seconds_late > 0 or notebook.late_submission_penalty is not None
        self.records.db.commit()
        if is_late:
            nbgrader_compat.assign_late_penalty(self.url, self.config, self.log, assignment, student)
        return changed

    def forget_ungraded(self, assignment, student):
        """Take a submission out again of which nbgrader has only begun to make a record: it would count as zero."""
        marks = self.marks(assignment, student)
        if marks is not None and not marks.is_graded:
            self.records.remove_submission(assignment, student)

    # ------------------------------------------------------------ reading

    def has(self, assignment, student):
        """True where there is a record of a student's submission."""
        return self._found(self.records.find_submission, assignment, student) is not None

    def marks(self, assignment, student):
        """The `Marks` of a student's submission; None where there is no record of one."""
        submission = self._found(self.records.find_submission, assignment, student)
        if submission is None:
            return None
        notebook = self.records.find_submission_notebook(assignment, assignment, student)
        points = self._points_of(assignment)
        cells = {
            name: CellMarks(
                grade.auto_score, grade.manual_score, grade.extra_credit, points[name], bool(grade.needs_manual_grade)
            )
            for name, grade in nbgrader_compat.grades_in(self.records.db, notebook.id)
        }
        comments = {
            name: comment.comment for name, comment in nbgrader_compat.comments_in(self.records.db, notebook.id)
        }
        return Marks(cells, comments, notebook.late_submission_penalty, submission.timestamp)

    def knows(self, assignment):
        """True where an assignment was entered; nbgrader grades no other."""
        return self._found(self.records.find_assignment, assignment) is not None

    def duedate(self, assignment):
        """When an assignment is due, in UTC; None where nobody has said so."""
        return self.records.find_assignment(assignment).duedate

    def _found(self, find, *names):
        with contextlib.suppress(MissingEntry):
            return find(*names)
        return None

    def _points_of(self, assignment):
        if assignment not in self.points:
            self.points[assignment] = nbgrader_compat.points_of(self.records.db, assignment)
        return self.points[assignment]


def _points(result):
    """The points of a result, within what there is to earn; None where a person gives them."""
    return None if result.points is None else min(max(float(result.points), 0.0), float(result.max_points))


@contextlib.contextmanager
def _quiet():
    """nbgrader at work, without its log, and with the scripts that it calls by name."""
    with quiet_nbgrader(), nbgrader_compat.database_errors_unlogged():
        yield


def _first_line(error):
    return str(error).splitlines()[0]
