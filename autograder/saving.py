"""A graded notebook into nbgrader's gradebook: what its own SaveAutoGrades and AssignLatePenalties enter.

nbgrader's functions decide what a cell is worth and how late somebody is; here they are asked with one connection and
one transaction a submission, where nbgrader opens four and commits after every cell. Only one process may do this.
Manual marks and comments are never touched.
"""

import contextlib
import logging
from pathlib import Path

from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import SQLAlchemyError


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
        self.gradebook = Gradebook(self.url, self.coursedir.course_id)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gradebook.close()

    def save(self, assignment, student, notebook, place):
        """Enter one graded notebook; cell -> (mark before, mark now) of the machine's marks that changed.

        ``place``: the submission's folder, for timestamp.txt; one that cannot be read is as good as none.
        """
        try:
            return self._save(assignment, student, notebook, place)
        except SQLAlchemyError as error:
            self.gradebook.db.rollback()
            raise SavingError(f"the gradebook could not be written: {str(error).splitlines()[0]}") from error

    def _save(self, assignment, student, notebook, place):
        gradebook = self.gradebook
        gradebook.update_or_create_student(student)
        known = self.has(assignment, student)
        when = {}
        with contextlib.suppress(Exception):  # whatever a student may write into a timestamp
            timestamp = self.coursedir.get_existing_timestamp(str(place))
            when = {"timestamp": timestamp} if timestamp else {}
        submitted = gradebook.update_or_create_submission(assignment, student, **when)
        (record,) = [one for one in submitted.notebooks if one.name == assignment]
        cells = {cell.metadata.nbgrader.get("grade_id"): cell for cell in notebook.cells if "nbgrader" in cell.metadata}
        changed = {}
        for grade in record.grades:
            before, grade.auto_score = grade.auto_score, utils.determine_grade(cells[grade.name], self.log)[0]
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
            if known and before != grade.auto_score:
                changed[grade.name] = (before, grade.auto_score)
        for comment in record.comments:
            cell = cells[comment.name]
            is_untouched = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
            comment.auto_comment = "No response." if is_untouched else None
        late = submitted.total_seconds_late > 0 or record.late_submission_penalty is not None
        gradebook.db.commit()
        if late:
            self._penalise(assignment, student, notebook)
        gradebook.db.expunge_all()  # or every submission of the course stays in memory
        return changed

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
        cells = {grade.name: {"score": grade.score, "points": grade.max_score} for grade in record.grades}
        for comment in record.comments:
            cells.setdefault(comment.name, {})["comment"] = comment.comment
        shown = {
            "score": record.score - penalty,
            "max_score": record.max_score,
            "late_penalty": penalty,
            "cells": cells,
        }
        self.gradebook.db.expunge_all()
        return shown

    def grades(self, assignment, student):
        """cell -> dict of score, auto_score, manual_score, max_score and needs_manual_grade."""
        record = self.gradebook.find_submission_notebook(assignment, assignment, student)
        names = ("score", "auto_score", "manual_score", "max_score", "needs_manual_grade")
        found = {grade.name: {name: getattr(grade, name) for name in names} for grade in record.grades}
        self.gradebook.db.expunge_all()
        return found
