"""What nbgrader plugs in, where its own step does not do for this course; nbgrader_config.py says where.

`Rebuild` and `Execute` stand in the lists of `nbgrader autograde`, so formgrader's button and the command line go the
same way as ``python -m autograder grade``. `Converted` keeps the ledger beside them, and `Export` asks it.
"""

import csv
import functools
import logging
import os
import stat
from dataclasses import fields, replace
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader import preprocessors
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import base
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import CsvExportPlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import find_all_files
from traitlets import Bool, Dict, Enum, Unicode

from autograder.grading import ledger, submission, worker
from autograder.grading.gradebook import timestamp
from autograder.grading.ledger import Ledger
from autograder.grading.marking import CouldNotGradeError
from autograder.grading.seeds import course_seed
from autograder.grading.submission import UnreadableError
from autograder.releasing.release import ANSWER
from autograder.student_code import walls
from autograder.student_code.limits import Limits, SandboxError
from autograder.student_code.probes import must_hold


class ClearSolutions(preprocessors.ClearSolutions):
    """nbgrader's own, but a prediction is replaced by a comment: a stub that raises would stop its cell."""

    answer_stub = Unicode("# YOUR ANSWER HERE", help="What replaces a prediction.").tag(config=True)

    def preprocess_cell(self, cell, resources, cell_index):
        code_stub = self.code_stub
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith(ANSWER):
            self.code_stub = {**code_stub, "python": self.answer_stub}
        try:
            return super().preprocess_cell(cell, resources, cell_index)
        finally:
            self.code_stub = code_stub


class Rebuild(NbGraderPreprocessor):
    """The submission, rebuilt from the notebook that was released; see `autograder.grading.submission`."""

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        coursedir = _coursedir(self)
        released = released_notebook(coursedir, about["assignment"])
        submitted = _exporter(self).submitted
        rebuilt = submission.rebuild(submitted, submission.read_released(released), f"{about['notebook']}.ipynb")
        for deviation in rebuilt.deviations:
            self.log.warning("%s %s: %s", about["student"], about["assignment"], deviation)
        # What the next stage enters into the ledger; it reads the notebook from a file, which cannot carry it.
        _exporter(self).remarks = list(rebuilt.deviations)
        return rebuilt.notebook, resources


class SettingsError(ValueError):
    """What nbgrader_config.py says has no meaning."""


class Execute(NbGraderPreprocessor):
    """The notebook, run and checked with the student's code behind walls; see `autograder.grading.marking`."""

    sandbox = Enum(
        ("auto", "bubblewrap", "none"),
        "auto",
        help="What keeps student code from this machine. auto and bubblewrap refuse to grade where the walls cannot "
        "be put up; none puts up none, and warns.",
    ).tag(config=True)
    limits = Dict(help="What student code may use: names of autograder.student_code.limits.Limits and numbers.").tag(
        config=True
    )
    own_data = Bool(False, help="Whether each student's work is asked with data of its own.").tag(config=True)

    def settings(self, root, **given):
        """The `worker.Settings` that this configuration means, with what was given instead.

        Raises
        ------
        SettingsError
            If a limit has no meaning.
        """
        known = {field.name for field in fields(Limits)}
        for name, value in self.limits.items():
            if name not in known or type(value) not in (int, float) or value <= 0:
                raise SettingsError(
                    f"c.Execute.limits: {name} = {value!r}; limits are positive numbers, by the names "
                    + ", ".join(sorted(known))
                )
        settings = worker.Settings(
            seed=given.pop("seed", None) or course_seed(root),
            own_data=self.own_data,
            walls=tuple(walls.WALLS) if self.sandbox != "none" else (),
            limits=Limits(**self.limits),
        )
        return replace(settings, **given)

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        root = Path(_coursedir(self).root).resolve()
        settings = self.settings(root)
        _put_up(settings.walls, settings.limits, self.log)
        marked = worker.mark(nb, about["student"], about["assignment"], settings)
        for remark in marked.remarks:
            self.log.warning("%s %s: %s", about["student"], about["assignment"], remark)
        exporter = _exporter(self)
        exporter.remarks += marked.remarks
        exporter.settings, exporter.results = settings, marked.results
        return marked.notebook, resources


class Converted(NotebookExporter):
    """nbgrader's exporter for autograding, which also enters into the ledger what became of the submission.

    It stands around the reading of the file, all steps, and every failure among them. A submission that could not be
    graded, and was not graded before, leaves the gradebook again: there it would count as zero.
    """

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.submitted, self.remarks, self.settings, self.results = None, [], None, []

    def from_filename(self, filename, resources=None, **options):
        about = resources["nbgrader"]
        student, assignment = about["student"], about["assignment"]
        root = Path(self.parent.coursedir.root).resolve()
        is_first = self.parent._sanitizing
        try:
            if is_first:
                self.remarks, self.settings = [], None
                Ledger(root).note(student, assignment, reason=ledger.CUT_OFF)
                # No step but Rebuild sees anything of the file, and nbformat nothing of one that it cannot read.
                self.submitted = submission.load(Path(filename))
                resources["metadata"] = {"name": Path(filename).stem, "path": str(Path(filename).parent)}
                return self.from_notebook_node(nbformat.v4.new_notebook(), resources=resources)
            done = super().from_filename(filename, resources=resources, **options)
        except (Exception, KeyboardInterrupt) as error:
            reason = ledger.CUT_OFF if isinstance(error, KeyboardInterrupt) else _reason(error)
            Ledger(root).note(student, assignment, reason=reason, remarks=self.remarks)
            _forget_ungraded(about)
            raise
        if self.settings:  # else this is the first stage, and there are no marks yet
            coursedir = self.parent.coursedir
            place = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
            with Gradebook(about["db_url"]) as gradebook:
                due = gradebook.find_assignment(assignment).duedate
            released = released_notebook(coursedir, assignment)
            fingerprint = self.settings.fingerprint(place, assignment, student, released, due)
            kept = recorded(self.settings, student)
            kept["cells"] = [result.as_data() for result in self.results]
            Ledger(root).note(student, assignment, fingerprint=fingerprint, remarks=self.remarks, **kept)
        return done


class Export(CsvExportPlugin):
    """nbgrader's CSV file, with quotes where a name needs them, and nothing where something could not be graded.

    A submission that could not be graded has no score there; the last column says why.
    """

    def export(self, gradebook):
        book = Ledger(Path(self.parent.coursedir.root).resolve())
        columns = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"]
        columns += ["raw_score", "late_submission_penalty", "score", "max_score", "could_not_grade"]
        destination = self.to or "grades.csv"
        self.log.info("Exporting grades to %s", destination)
        with open(destination, "w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, columns)
            table.writeheader()
            known = {student.id: student for student in gradebook.students}
            for assignment in gradebook.assignments:
                ungraded = {
                    name: entry["reason"]
                    for name, of, entry in _entries(book)
                    if of == assignment.name and entry.get("reason")
                }
                for name in sorted({*known, *ungraded}):
                    if self.student and name not in map(str, self.student):
                        continue
                    if self.assignment and assignment.name not in map(str, self.assignment):
                        continue
                    row = {"assignment": assignment.name, "duedate": assignment.duedate, "student_id": name}
                    student = known.get(name)
                    row |= {key: getattr(student, key, None) for key in ("last_name", "first_name", "email")}
                    row |= {"max_score": assignment.max_score}
                    if name in ungraded:
                        row["could_not_grade"] = ungraded[name]
                    else:
                        row |= _scores(gradebook, assignment.name, name, self.parent.coursedir)
                    table.writerow(row)


def _entries(book):
    for key, entry in book.entries.items():
        student, _, assignment = key.rpartition("/")
        yield student, assignment, entry


def _scores(gradebook, assignment, student, coursedir):
    """The columns of one submission; zeros where nothing was submitted, as in nbgrader's own file."""
    try:
        submitted = gradebook.find_submission(assignment, student)
        if _is_ungraded(submitted):
            return {"could_not_grade": "handed in, and not graded yet"}
    except MissingEntry:
        if Path(coursedir.format_path(coursedir.submitted_directory, student, assignment)).is_dir():
            return {"could_not_grade": "handed in, and not graded yet"}
        return {"raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0}
    penalty = submitted.late_submission_penalty
    return {
        "timestamp": submitted.timestamp,
        "raw_score": submitted.score,
        "late_submission_penalty": penalty,
        "score": max(0.0, submitted.score - (penalty or 0)),
    }


def guard():
    """Keep nbgrader's own commands from what they do with a submission's other files before any plug-in is asked.

    They stop at a timestamp.txt that is none, wait for a FIFO, and copy what a link leads to, also into feedback.
    """
    CourseDirectory.get_existing_timestamp = timestamp
    base.find_all_files = _only_files


def _only_files(path, exclude=None):
    return [found for found in find_all_files(path, exclude) if stat.S_ISREG(os.lstat(found).st_mode)]


# ---------------------------------------------------------------- what both roads use


#: nbgrader's steps that ``grade`` does without: `autograder.grading.gradebook` writes to the gradebook in their place, and a
#: rebuilt notebook has the released one's metadata, which nbgrader has checked. To check them again, twice, took more
#: time than all else that is done for a submission.
_NOT_NEEDED = (
    preprocessors.CheckCellMetadata,
    preprocessors.OverwriteKernelspec,
    preprocessors.OverwriteCells,
    preprocessors.SaveAutoGrades,
    preprocessors.AssignLatePenalties,
)


def steps_around(config):
    """nbgrader's configured steps before ours and after, made: what ``grade`` runs in their order."""
    from nbgrader.converters import Autograde

    converter = Autograde(coursedir=None, config=config, log=logging.Logger("nbgrader"))
    parts = []
    for steps in (converter.sanitize_preprocessors, converter.autograde_preprocessors):
        ours = [at for at, step in enumerate(steps) if issubclass(step, (Rebuild, Execute))]
        others = [step for step in steps if not issubclass(step, (Rebuild, Execute, *_NOT_NEEDED))]
        parts.append([step(parent=converter) for step in others] if ours else [])
    return parts


def released_notebook(coursedir, assignment):
    """Path of the notebook that students got."""
    return Path(coursedir.format_path(coursedir.release_directory, ".", assignment), f"{assignment}.ipynb").resolve()


def recorded(settings, student):
    """What the instructor's record keeps of how a submission was graded: to see a case again, and to be honest."""
    return {
        "seed": settings.seed_for(student),
        "walls": ", ".join(settings.walls) or "none",
        "device": settings.device,
    }


@functools.cache
def _put_up(walls, limits, log):
    """Try the walls and log what protects this machine, once in a process."""
    if walls:
        must_hold(walls, limits)
        log.info("Student code runs behind walls: %s", ", ".join(walls))
    else:
        log.warning(UNPROTECTED)


UNPROTECTED = "Student code runs UNPROTECTED: it can read and write whatever you can, and reach the network."


def _coursedir(step):
    return step.parent.parent.coursedir


def _exporter(step):
    return step.parent


def _reason(error):
    if isinstance(error, (UnreadableError, CouldNotGradeError, SandboxError, walls.NoWallsError)):
        return str(error)
    return f"the grader failed: {type(error).__name__}: {error}"


def _forget_ungraded(about):
    """Take a submission out of the gradebook into which only nbgrader's beginning has come."""
    with Gradebook(about["db_url"]) as gradebook:
        try:
            submitted = gradebook.find_submission(about["assignment"], about["student"])
        except MissingEntry:
            return
        if _is_ungraded(submitted):
            gradebook.remove_submission(about["assignment"], about["student"])


def _is_ungraded(submitted):
    """Whether there is no mark yet in a submission of the gradebook, by the machine or by hand."""
    grades = [grade for notebook in submitted.notebooks for grade in notebook.grades]
    return all(grade.auto_score is None and grade.manual_score is None for grade in grades)
