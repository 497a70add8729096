"""Grade a folder of submissions into nbgrader's gradebook, write the feedback, and hand back every mark.

This process is the coordinator: it finds what there is to do, hands it to workers (`autograder.grading.worker`), and
alone writes the gradebook, the graded notebooks and the ledger, submission by submission. So a run that is stopped or
killed at any moment is taken up by the next one, which does again only what was not entered.
"""

import contextlib
import functools
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import FixableError
from autograder.files import fingerprint, write_whole
from autograder.grading import results, worker
from autograder.grading.gradebook import Gradebook
from autograder.grading.ledger import BusyError, Ledger, alone
from autograder.grading.nbgrader_steps import Execute
from autograder.grading.processes import RestartingProcessPool
from autograder.grading.register import register, registered_notebook
from autograder.grading.settings import UNPROTECTED, recorded
from autograder.grading.submitted import submissions, submitted_notebook
from autograder.grading.watch import Watch
from autograder.grading.workers import Lost, do_all
from autograder.releasing import release
from autograder.releasing.release import nbgrader_config
from autograder.student_code.fork_server import ForkServer
from autograder.student_code.probes import must_hold
from autograder.student_code.walls import NoWallsError
from autograder.untrusted_notebook import UnreadableError

#: Modules that worker processes find imported: their own work, and what a course's nbgrader_config.py names.
PRELOAD = (
    *("autograder.grading.worker", "autograder.grading.nbgrader_steps", "autograder.grading.feedback"),
    *("autograder.grading.exchange.nbgrader_csv", "autograder.releasing.clear_solutions"),
)

WORKER_DIED = "the process that graded it was ended from outside, each time it was tried: is the machine out of memory?"


class GradeError(FixableError):
    """Grading cannot start, or not go on; the message says what to do."""


@dataclass
class Run:
    """The outcome of one call of `grade`.

    Attributes
    ----------
    root : path of the course
    found : (student, assignment) pairs that were looked at
    strays : rows for what lies where no submission belongs
    done : how many were graded now; the others were graded before, and have not changed
    left : how many were not looked at, because the run was stopped
    changed : (assignment, student, cell, mark before, mark now) of each mark that is another one now
    seconds : summed over submissions: in the workers "all", and of these "cells", "checks" and "start"; here "entering"
    """

    root: Path
    found: list = field(default_factory=list)
    strays: list = field(default_factory=list)
    done: int = 0
    left: int = 0
    changed: list = field(default_factory=list)
    seconds: Counter = field(default_factory=Counter)

    def rows(self):
        """The rows of every submission, by student, read from gradebook and ledger; see `results.rows_of`."""
        return sorted([*rows(self.root, self.found), *self.strays], key=lambda row: (row["student"], row["assignment"]))


def rows(root, found):
    """The rows of these (student, assignment) pairs; see `autograder.grading.results.rows_of`."""
    ledger = Ledger(root)
    with Gradebook(root, nbgrader_config(root)) as gradebook:
        return [
            row
            for student, assignment in found
            for row in results.rows_of(student, assignment, ledger.entry(student, assignment), gradebook)
        ]


def grade(
    root,
    assignments=(),
    submitted=None,
    workers=2,
    force=False,
    feedback=True,
    report=print,
    watch=None,
    executor=None,
    **settings,
):
    """Grade every ``SUBMITTED/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb`` and write its feedback.

    A submission that was graded before, and whose file, checks and rules have not changed since, is not run again.

    Parameters
    ----------
    root : path of the course; gradebook.db, autograded/ and feedback/ go there
    assignments : names such as "01-window"; none is all
    submitted : the folder of submissions; None is ``root/submitted``
    workers : how many submissions are graded at the same time
    force : run unchanged submissions too
    feedback : write the pages
    report : called with a line for each thing that an instructor should know
    watch : Watch
    executor : concurrent.futures.Executor, of which each worker starts its own fork server; None is processes here,
        which share one
    settings : what replaces nbgrader_config.py's: seed, walls, device (see `autograder.grading.worker.Settings`)

    Returns
    -------
    Run

    Raises
    ------
    GradeError
        If nothing can be graded at all; nothing has been graded then. Or if the gradebook fails in the middle; what
        was entered before stays.
    """
    root = Path(root).resolve()
    try:
        wanted = release.names(assignments)
        submitted = Path(submitted).resolve() if submitted is not None else root / "submitted"
        found, strays = submissions(submitted, wanted, everything=not assignments)
        config = nbgrader_config(root)
        settings = Execute(config=config).settings(root, **settings)
        run = Run(root, sorted(found, key=lambda pair: (pair[1], pair[0])), strays)
        names = [name for name in wanted if any(name == assignment for _, assignment in found)]
        with alone(root), contextlib.ExitStack() as until_done:
            register(root, names, report)
            gradebook = until_done.enter_context(Gradebook(root, config))
            server = until_done.enter_context(SharedForkServer(settings, names, report, executor is None))
            if executor is None:
                executor = until_done.enter_context(RestartingProcessPool(workers, PRELOAD))  # ends before the server
            watch = watch or Watch()
            coordinator = Coordinator(run, submitted, settings, config, gradebook, executor, server, report, watch)
            coordinator.at_once = 2 * workers
            coordinator.grade_all(force)
            if feedback and not run.left:
                coordinator.write_feedback()
    except (FixableError, NoWallsError, BusyError) as error:
        raise GradeError(str(error)) from error
    except SQLAlchemyError as error:  # in the middle of a run; what was entered before stays
        raise GradeError(f"the gradebook could not be read: {str(error).splitlines()[0]}") from error
    return run


class SharedForkServer:
    """The fork server of a run, started for the first submission that needs it, and the walls tried then.

    With ``is_shared`` False it only says if there are walls: each worker starts a fork server of its own.
    """

    def __init__(self, settings, assignments, report, is_shared=True):
        self.settings, self.assignments, self.report, self.is_shared = settings, assignments, report, is_shared
        self.server = None

    @functools.cached_property
    def sockets(self):
        """The folder in which workers find it; empty where it is not shared.

        Raises
        ------
        NoWallsError
            If a wall cannot be put up here, or does not hold.
        """
        walls, limits = self.settings.walls, self.settings.limits
        if self.is_shared:
            imports = sorted({worker.imports_of(name) for name in self.assignments}, key=len)
            self.server = ForkServer(walls, limits, imports, self.settings.devices())
            if walls:
                try:
                    must_hold(walls, limits, imports[0], self.server.sockets)
                except NoWallsError as error:
                    raise NoWallsError(f"{error}. The last the sandbox said: {self.server.last_words()}") from error
        self.report(f"student code runs behind walls: {', '.join(walls)}" if walls else f"warning: {UNPROTECTED}")
        return str(self.server.sockets) if self.server else ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server:
            self.server.close()


@dataclass
class Coordinator:
    """The one process of a run that writes; for the attributes see `grade`."""

    run: Run
    submitted: Path
    settings: worker.Settings
    config: object
    gradebook: Gradebook
    executor: Executor
    server: SharedForkServer
    report: Callable
    watch: Watch
    at_once: int = 4

    def __post_init__(self):
        self.ledger = Ledger(self.run.root)
        self.fingerprints = {}  # (student, assignment) -> of what is in flight

    # --- the first half: every submission that is new or changed into the gradebook ---

    def grade_all(self, force):
        """Grade what is new or changed; all of it, where ``force`` is True."""
        self.ledger.compact()
        self.watch.begin("grading", len(self.run.found))
        tasks = self._submissions_to_grade(force)
        for task, graded in self._do(worker.grade_one, tasks, again=lambda graded: graded.crowded):
            if graded == Lost():
                graded = worker.Graded.failed(task.assignment, WORKER_DIED)
            began = time.perf_counter()
            self._enter(task.student, task.assignment, graded)
            self.run.seconds["entering"] += time.perf_counter() - began
            self.watch.advance()
        if self.watch.stop():
            self.run.left = sum(
                not self.gradebook.has(assignment, student) and not self.ledger.entry(student, assignment).get("reason")
                for student, assignment in self.run.found
            )

    def _do(self, work, tasks, **options):
        return do_all(self.executor, work, tasks, self.at_once, self.watch.stop, **options)

    def _submissions_to_grade(self, force):
        for student, assignment in self.run.found:
            folder = self.submitted / student / assignment
            released = registered_notebook(self.run.root, assignment)
            due = self.gradebook.duedate(assignment)
            try:
                mark = self.settings.fingerprint(folder, assignment, student, released, due)
                if not force and self._is_graded(student, assignment, mark):
                    self.watch.advance()
                    continue
                data = submitted_notebook(folder, assignment)
            except (UnreadableError, OSError) as error:
                self._enter(student, assignment, worker.Graded.failed(assignment, str(error)))
                self.watch.advance()
                continue
            self.fingerprints[student, assignment] = mark
            yield worker.Task(
                student, assignment, data, released.read_bytes(), self.settings, self.config, self.server.sockets
            )

    def _is_graded(self, student, assignment, mark):
        """True where this very submission was graded by these very rules, and all that came of it is there."""
        entry = self.ledger.entry(student, assignment)
        is_same = entry.get("fingerprint") == mark and not entry.get("reason")
        return is_same and self._graded(student, assignment).is_file() and self.gradebook.has(assignment, student)

    def _graded(self, student, assignment):
        return self.run.root / "autograded" / student / assignment / f"{assignment}.ipynb"

    def _enter(self, student, assignment, graded):
        """Keep the outcome of one submission: its notebook, then its marks, then that all of it is there."""
        mark = self.fingerprints.pop((student, assignment), None)
        kept = {"remarks": graded.remarks, **recorded(self.settings, student)}
        self.run.done += 1
        self.run.seconds.update(graded.seconds)
        if graded.reason:
            self.ledger.note(student, assignment, reason=graded.reason, traceback=graded.traceback, **kept)
            self.report(f"{assignment} {student}: could not be graded: {graded.reason}")
            return
        write_whole(self._graded(student, assignment), graded.notebook)
        folder, notebook = self.submitted / student / assignment, nbformat.v4.reads(graded.notebook)
        changed = self.gradebook.save(assignment, student, notebook, folder, graded.results)
        for cell, (before, now) in changed.items():
            self.run.changed.append((assignment, student, cell, before, now))
            self.report(f"{assignment} {student}: {cell} was {_points(before)}, is {_points(now)} now")
        cells = [result.as_data() for result in graded.results]
        self.ledger.note(student, assignment, fingerprint=mark, cells=cells, **kept)
        for remark in graded.remarks:
            self.report(f"{assignment} {student}: {remark}")

    # --- the second half: a page for every submission whose marks or comments are not yet on it ---

    def write_feedback(self):
        """Write the pages that are not current, and remove those of submissions that could not be graded."""
        self.watch.begin("feedback", len(self.run.found))
        for task, feedback in self._do(worker.feedback_one, self._pages_to_write()):
            student, assignment = task.student, task.assignment
            problem = WORKER_DIED if feedback == Lost() else feedback.problem
            if problem:
                self.report(f"{assignment} {student}: graded, but its feedback could not be written: {problem}")
            else:
                write_whole(self._page(student, assignment), feedback.html)
                shown = {"feedback": self.fingerprints.pop((student, assignment))}
                self.ledger.note(student, assignment, **self.ledger.entry(student, assignment) | shown)
            self.watch.advance()

    def _pages_to_write(self):
        for student, assignment in self.run.found:
            entry, page = self.ledger.entry(student, assignment), self._page(student, assignment)
            if entry.get("reason") or not self.gradebook.has(assignment, student):
                page.unlink(missing_ok=True)  # it would show the marks of another submission
                self.watch.advance()
                continue
            marks, cells = self.gradebook.marks(assignment, student), results.kept_results(entry)
            graded = self._graded(student, assignment)
            mark = fingerprint(graded, marks, cells, self.config, worker.own_code())
            if page.is_file() and entry.get("feedback") == mark:
                self.watch.advance()
                continue
            self.fingerprints[student, assignment] = mark
            yield worker.FeedbackTask(
                student, assignment, graded.read_bytes(), marks, list(cells.values()), self.config
            )

    def _page(self, student, assignment):
        return self.run.root / "feedback" / student / assignment / f"{assignment}.html"


def _points(mark):
    return "not marked" if mark is None else f"{mark:g}"
