"""A graded notebook into nbgrader's gradebook: what its own SaveAutoGrades and AssignLatePenalties enter.

nbgrader's functions decide what a cell is worth and how late somebody is; here they are asked with one connection and
one transaction a submission, where nbgrader opens four and commits after every cell. Only one process may do this.
Manual marks and comments are never touched.
"""

import contextlib
import logging
import stat
from pathlib import Path

from nbgrader import utils
from nbgrader.api import BaseCell, Comment, Grade, Gradebook, GradeCell, InvalidEntry, MissingEntry, Notebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from tornado.log import app_log

#: Bytes of a timestamp.txt that is read.
MAX_TIMESTAMP = 200


_nbgraders = CourseDirectory.get_existing_timestamp


def timestamp(coursedir, place):
    """What a submission's timestamp.txt says; None where there is none, or whatever else a student put there.

    nbgrader's own method follows a link, waits for a FIFO, and gives up on a submission whose text is no time.
    """
    with contextlib.suppress(Exception):
        about = (Path(place) / "timestamp.txt").lstat()
        if stat.S_ISREG(about.st_mode) and about.st_size <= MAX_TIMESTAMP:
            return _nbgraders(coursedir, str(place))
    return None


class SavingError(RuntimeError):
    """The gradebook could not be written."""


class Saver:
    """An open gradebook.

    Parameters
    ----------
    root : path of the course
    config : what nbgrader_config.py says
    """

    def __init__(self, root, config):
        self.config = config
        self.log = logging.Logger("nbgrader")
        self.url = f"sqlite:///{Path(root).resolve() / 'gradebook.db'}"
        self.coursedir = CourseDirectory(config=config, log=self.log)
        try:
            self.gradebook = Gradebook(self.url, self.coursedir.course_id)
        except SQLAlchemyError as error:
            raise SavingError(f"the gradebook could not be opened: {str(error).splitlines()[0]}") from error
        self.most = {}  # assignment -> points by cell, see `_most`

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gradebook.close()

    def save(self, assignment, student, notebook, place, results):
        """Enter one graded notebook; cell -> (mark before, mark now) of the machine's marks that changed.

        ``place``: the submission's folder, for timestamp.txt; one that cannot be read is as good as none.
        """
        try:
            with _unlogged():
                return self._save(
                    assignment, student, notebook, place, {result.cell: result.points for result in results}
                )
        except (SQLAlchemyError, InvalidEntry) as error:  # the second is nbgrader's name for some of the first
            self.gradebook.db.rollback()
            raise SavingError(f"the gradebook could not be written: {str(error).splitlines()[0]}") from error

    def _save(self, assignment, student, notebook, place, points):
        gradebook = self.gradebook
        gradebook.update_or_create_student(student)
        known = self.has(assignment, student)
        when = timestamp(self.coursedir, place)
        submitted = gradebook.update_or_create_submission(assignment, student, **({"timestamp": when} if when else {}))
        (record,) = [one for one in submitted.notebooks if one.name == assignment]
        cells = {cell.metadata.nbgrader.get("grade_id"): cell for cell in notebook.cells if "nbgrader" in cell.metadata}
        changed = {}
        for name, grade in self._of(Grade, record.id):
            if name not in points:
                raise SavingError(f"the gradebook has a cell {name!r} of {assignment}, the notebook has none")
            before, grade.auto_score = grade.auto_score, points[name]
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
            if known and before != grade.auto_score:
                changed[name] = (before, grade.auto_score)
        for name, comment in self._of(Comment, record.id):
            cell = cells[name]
            is_untouched = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
            comment.auto_comment = "No response." if is_untouched else None
        late = submitted.total_seconds_late > 0 or record.late_submission_penalty is not None
        gradebook.db.commit()
        if late:
            self._penalise(assignment, student, notebook)
        gradebook.db.expunge_all()  # or every submission of the course stays in memory
        return changed

    def _of(self, table, notebook):
        """(name of its cell, row) of the grades or the comments of one submitted notebook, in one query."""
        query = select(BaseCell.name, table).join(BaseCell, table.cell_id == BaseCell.id)
        return self.gradebook.db.execute(query.where(table.notebook_id == notebook)).all()

    def _penalise(self, assignment, student, notebook):
        about = {"notebook": assignment, "assignment": assignment, "student": student, "db_url": self.url}
        AssignLatePenalties(config=self.config, log=self.log).preprocess(notebook, {"nbgrader": about})

    def has(self, assignment, student):
        """Whether a student's submission is in the gradebook."""
        with contextlib.suppress(MissingEntry):
            self.gradebook.find_submission(assignment, student)
            return True
        return False

    def scores(self, assignment, student):
        """What feedback shows: dict of score, max_score, late_penalty, and by cell its score, points and comment."""
        record = self.gradebook.find_submission_notebook(assignment, assignment, student)
        penalty = record.late_submission_penalty or 0
        cells, most = {}, self._most(assignment)
        for name, grade in self._of(Grade, record.id):
            waits = grade.needs_manual_grade and grade.manual_score is None
            cells[name] = {"score": _score(grade), "points": most[name], "waits": waits}
        for name, comment in self._of(Comment, record.id):
            cells.setdefault(name, {})["comment"] = comment.comment
        shown = {
            "score": sum(cell.get("score", 0) for cell in cells.values()) - penalty,
            "max_score": sum(most.values()),
            "late_penalty": penalty,
            "cells": cells,
        }
        self.gradebook.db.expunge_all()
        return shown

    def grades(self, assignment, student):
        """cell -> dict of score, auto_score, manual_score, max_score and needs_manual_grade."""
        record = self.gradebook.find_submission_notebook(assignment, assignment, student)
        most, found = self._most(assignment), {}
        for name, grade in self._of(Grade, record.id):
            found[name] = {
                "score": _score(grade),
                "auto_score": grade.auto_score,
                "manual_score": grade.manual_score,
                "max_score": most[name],
                "needs_manual_grade": grade.needs_manual_grade,
            }
        self.gradebook.db.expunge_all()
        return found

    def duedate(self, assignment):
        """When an assignment is due, if that is known."""
        return self.gradebook.find_assignment(assignment).duedate

    def _most(self, assignment):
        """cell -> the points it is worth."""
        if assignment not in self.most:
            query = select(GradeCell).join(Notebook, GradeCell.notebook_id == Notebook.id)
            query = query.where(Notebook.name == assignment)
            self.most[assignment] = {cell.name: cell.max_score for cell in self.gradebook.db.execute(query).scalars()}
        return self.most[assignment]


def _score(grade):
    """A mark as nbgrader adds it up: by hand where somebody gave one, and what was given beyond."""
    given = grade.manual_score if grade.manual_score is not None else grade.auto_score
    return (given or 0.0) + (grade.extra_credit or 0.0)


@contextlib.contextmanager
def _unlogged():
    """nbgrader logs a database's error with all its traceback, and raises it too: once is enough."""
    before, app_log.disabled = app_log.disabled, True
    try:
        yield
    finally:
        app_log.disabled = before
