"""Grade a folder of submissions into nbgrader's gradebook, write the feedback, and hand back every mark.

This process is the coordinator: it finds what there is to do, hands it to workers (`autograder.grading.worker`), and alone
writes the gradebook, the graded notebooks and the ledger, submission by submission and in that order. So a run that
is stopped or killed at any moment is taken up by the next one, which does again only what was not entered.
"""

import contextlib
import functools
import json as jsonlib
import textwrap
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import MissingEntry
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from autograder.course import ASSIGNMENTS, graded_cells
from autograder.grading import ledger, processes, worker
from autograder.grading.gradebook import Saver, SavingError
from autograder.grading.ledger import Ledger, write_whole
from autograder.grading.nbgrader_steps import UNPROTECTED, Execute, SettingsError, recorded
from autograder.releasing import release
from autograder.releasing.release import ReleaseError, nbgrader_config
from autograder.student_code.fork_server import ForkServer
from autograder.student_code.probes import must_hold
from autograder.student_code.walls import NoWallsError

GRADED, BY_HAND, NOT_GRADED = "graded", "needs-manual-grade", "could-not-grade"

#: What a course's nbgrader_config.py names, so that each worker would import it with the configuration.
IN_CONFIG = ("autograder.grading.nbgrader_steps", "autograder.grading.feedback")

MISPLACED = "there is no {}, but {}"
WORKER_DIED = "the process that graded it was ended from outside, each time it was tried: is the machine out of memory?"


class GradeError(ValueError):
    """Why grading cannot start; the message says what to do."""


@dataclass
class Run:
    """What one call of `grade` came to.

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
        """A row per student, assignment and graded cell, by student; one submission at a time, as many as there are.

        Dicts of student, assignment, cell, score, max_score, status ("graded", "needs-manual-grade",
        "could-not-grade") and reason. score is None until there is one.
        """
        book = Ledger(self.root)
        strays = sorted(self.strays, key=lambda row: (row["student"], row["assignment"]))
        with Saver(self.root, nbgrader_config(self.root)) as saver:
            for student, assignment in sorted(self.found):
                while strays and (strays[0]["student"], strays[0]["assignment"]) < (student, assignment):
                    yield strays.pop(0)
                reason = book.entry(student, assignment).get("reason")
                if not reason and not saver.has(assignment, student):
                    reason = "not graded yet: the run was stopped before"
                if reason:
                    yield from could_not_grade(student, assignment, reason)
                else:
                    yield from marks_of(self.root, student, assignment, saver)
        yield from strays


def grade(
    root,
    assignments=(),
    submitted=None,
    workers=2,
    force=False,
    json=None,
    report=print,
    progress=None,
    stop=lambda: False,
    feedback=True,
    **settings,
):
    """Grade every ``SUBMITTED/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb`` and write its feedback.

    A submission that was graded before, and whose file, checks and rules have not changed since, is not run again.

    Parameters
    ----------
    root : path of the course; gradebook.db, autograded/ and feedback/ go there
    assignments : names such as "01-window"; none is all
    submitted : the folder of submissions; None is ``root/submitted``
    workers : processes that grade at the same time
    force : run unchanged submissions too
    json : file to write the rows to as well
    report : called with a line about what an instructor should know
    progress : see `Progress`
    stop : when it says True, what has begun is finished and the rest is left
    feedback : write the pages
    settings : what stands instead of nbgrader_config.py's: seed, walls, device (see `worker.Settings`)

    Returns
    -------
    Run

    Raises
    ------
    GradeError
        If nothing can be graded at all; nothing has been graded then.
    """
    root = Path(root).resolve()
    submitted = Path(submitted).resolve() if submitted is not None else root / "submitted"
    if json is not None and not Path(json).resolve().parent.is_dir():
        raise GradeError(f"{json} cannot be written: its folder does not exist")
    try:
        wanted = release.names(assignments)
        found, strays = submissions(submitted, wanted, everything=not assignments)
        config = nbgrader_config(root)
        settings = Execute(config=config).settings(root, **settings)
        make = functools.partial(processes.processes, needed=IN_CONFIG)
        crew = processes.Workers(workers, worker.begin, (settings, config), make)
        run = Run(root, [(student, one) for one, student in sorted((one, student) for student, one in found)], strays)
        with ledger.alone(root), contextlib.ExitStack() as until_done:
            names = [name for name in wanted if any(name == one for _, one in found)]
            place = functools.cache(lambda: _put_up_walls(settings, names, report, until_done))
            register(root, names, report)
            job = Job(submitted, settings, config, crew, place, report, progress or Progress(), stop)
            with crew:  # which ends before what its sandboxes were forked from
                _grade_all(run, job, force)
                if feedback and not run.left:
                    _write_feedback(run, job)
    except (ReleaseError, SettingsError, SavingError, NoWallsError, ledger.BusyError) as error:
        raise GradeError(str(error)) from error
    except SQLAlchemyError as error:  # in the middle of a run; what was entered before stays
        raise GradeError(f"the gradebook could not be read: {str(error).splitlines()[0]}") from error
    if json is not None:
        write_json(run.rows(), json)
    return run


@dataclass(frozen=True)
class Job:
    """How a run is done; the names are `grade`'s. ``place()``: where student code is run, from the first call on."""

    submitted: Path
    settings: worker.Settings
    config: object
    workers: processes.Workers
    place: Callable
    report: Callable
    progress: "Progress"
    stop: Callable

    def do(self, function, tasks, **options):
        """Hand tasks to the workers; see `processes.Workers.run`."""
        return contextlib.closing(self.workers.run(function, tasks, stop=self.stop, **options))


class Progress:
    """What may be told of a run while it goes on; this one tells nobody."""

    def begin(self, what, total):
        """So many submissions are to do: "grading" or "feedback"."""

    def advance(self):
        """One of them is done."""


def _put_up_walls(settings, assignments, report, until_done):
    """Begin what sandboxes are forked from, and try the walls; where workers find it."""
    kinds = sorted({worker.kind_of(name) for name in assignments}, key=len)
    server = ForkServer(settings.walls, settings.limits, kinds, settings.devices())
    until_done.enter_context(server)
    if settings.walls:
        try:
            must_hold(settings.walls, settings.limits, kinds[0], server.sockets)
        except NoWallsError as error:
            raise NoWallsError(f"{error}. The last the sandbox said: {server.last_words()}") from error
        report(f"student code runs behind walls: {', '.join(settings.walls)}")
    else:
        report(f"warning: {UNPROTECTED}")
    return str(server.sockets)


def _grade_all(run, job, force):
    """The first half: every submission that is new or changed into the gradebook."""
    book = Ledger(run.root)
    book.compact()
    with _quiet(), Saver(run.root, job.config) as saver:
        prints = {}

        def to_do():
            for student, assignment in run.found:
                place = job.submitted / student / assignment
                released = _registered(run.root, assignment)
                due = saver.duedate(assignment)
                prints[student, assignment] = job.settings.fingerprint(place, assignment, student, released, due)
                if not force and _is_graded(run.root, student, assignment, prints[student, assignment], book, saver):
                    job.progress.advance()
                    continue
                path = place / f"{assignment}.ipynb"
                if path.is_file() and not path.is_symlink():  # a link may lead to another's work
                    yield worker.Task(student, assignment, str(path), str(released), job.place())
                    continue
                others = ", ".join(sorted(repr(found.name)[1:-1] for found in place.glob("*.ipynb"))) or "no notebook"
                _enter(run, job, book, saver, student, assignment, worker.Graded(reason=MISPLACED.format(path, others)))
                job.progress.advance()

        job.progress.begin("grading", len(run.found))
        with job.do(worker.grade_one, to_do(), again=lambda graded: graded.crowded) as results:
            for task, graded in results:
                if isinstance(graded, processes.Lost):
                    graded = worker.Graded(reason=WORKER_DIED)
                fingerprint = prints.pop((task.student, task.assignment))
                began = time.perf_counter()
                _enter(run, job, book, saver, task.student, task.assignment, graded, fingerprint)
                run.seconds["entering"] += time.perf_counter() - began
                job.progress.advance()
        if job.stop():
            run.left = sum(
                not saver.has(assignment, student) and not book.entry(student, assignment).get("reason")
                for student, assignment in run.found
            )


def _is_graded(root, student, assignment, fingerprint, book, saver):
    """Whether this very submission was graded in this very way, and what came of it is all there."""
    entry = book.entry(student, assignment)
    is_same = entry.get("fingerprint") == fingerprint and not entry.get("reason")
    return is_same and _graded(root, student, assignment).is_file() and saver.has(assignment, student)


def _enter(run, job, book, saver, student, assignment, graded, fingerprint=None):
    """Keep what became of one submission: its notebook, then its marks, then that all of it is there."""
    kept = {"remarks": graded.remarks, **recorded(job.settings, student)}
    run.done += 1
    run.seconds.update(graded.seconds)
    if graded.reason:
        book.note(student, assignment, reason=graded.reason, **kept)
        job.report(f"{assignment} {student}: could not be graded: {graded.reason}")
        return
    write_whole(_graded(run.root, student, assignment), graded.notebook)
    notebook = nbformat.v4.reads(graded.notebook)
    for cell, (before, now) in saver.save(assignment, student, notebook, job.submitted / student / assignment).items():
        run.changed.append((assignment, student, cell, before, now))
        job.report(f"{assignment} {student}: {cell} was {_points(before)}, is {_points(now)} now")
    book.note(student, assignment, fingerprint=fingerprint, **kept)
    for remark in graded.remarks:
        job.report(f"{assignment} {student}: {remark}")


def _write_feedback(run, job):
    """The second half: a page for every submission whose marks or comments are not yet on it."""
    book, code = Ledger(run.root), ledger.own_code()
    with _quiet(), Saver(run.root, job.config) as saver:
        prints = {}

        def to_do():
            for student, assignment in run.found:
                entry = book.entry(student, assignment)
                page = run.root / "feedback" / student / assignment / f"{assignment}.html"
                if entry.get("reason") or not saver.has(assignment, student):
                    page.unlink(missing_ok=True)  # it would show the marks of another submission
                    job.progress.advance()
                    continue
                scores = saver.scores(assignment, student)
                graded = _graded(run.root, student, assignment)
                prints[student, assignment] = ledger.fingerprint(graded, scores, job.config, code)
                if page.is_file() and entry.get("feedback") == prints[student, assignment]:
                    job.progress.advance()
                    continue
                yield str(graded), str(page), assignment, student, scores

        job.progress.begin("feedback", len(run.found))
        with job.do(worker.feedback_one, to_do()) as results:
            for (_, _, assignment, student, _), problem in results:
                if problem:
                    problem = WORKER_DIED if isinstance(problem, processes.Lost) else problem
                    job.report(f"{assignment} {student}: graded, but its feedback could not be written: {problem}")
                else:
                    shown = {"feedback": prints.pop((student, assignment))}
                    book.note(student, assignment, **book.entry(student, assignment) | shown)
                job.progress.advance()


@contextlib.contextmanager
def _quiet():
    """nbgrader builds its records in an order that newer versions of SQLAlchemy warn of, to no effect."""
    with release.nbgrader_says(), warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


def submissions(submitted, wanted, everything=True):
    """What lies in the folder of submissions: (student, assignment) pairs, and a row for what lies elsewhere.

    ``everything``: also complain about folders that are none of the assignments.
    """
    layout = "STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb, for example ada/01-window/01-window.ipynb"
    if not submitted.is_dir():
        raise GradeError(
            f"no folder {submitted}; put the submissions there as {layout}, or name another with --submitted"
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
                strays.append(_row(student.name, entry.name, None, None, None, NOT_GRADED, reason))
    if not found:
        asked = "" if everything else f" of {', '.join(wanted)}"
        raise GradeError(f"no submission{asked} in {submitted}; they should lie there as {layout}")
    return found, strays


def register(root, assignments, report=print):
    """Enter assignments into the gradebook; nbgrader grades only cells that it knows from there."""
    for source in release.source(root, assignments, report=lambda line: None):
        assignment = source.stem
        made, mark = _registered(root, assignment), _registered(root, assignment).with_suffix(".registered")
        database = root / "gradebook.db"
        is_known = made.is_file() and mark.is_file() and database.is_file() and _knows(root, assignment)
        wanted = ledger.fingerprint(source, root / release.CONFIG, ledger.own_code())
        if not is_known or mark.read_text(encoding="utf-8") != wanted:
            try:
                release.generate(root, assignment, root / "_build" / "registered", gradebook=True)
            except ReleaseError as error:
                if "there are submissions associated" not in str(error):
                    raise
                raise GradeError(
                    f"{database} holds submissions of an earlier {assignment}, with other cells. Grade "
                    "with the version of the course that students got, or move gradebook.db and autograded/ away"
                ) from error
            write_whole(mark, wanted)
        released = root / release.EXERCISES / assignment / made.name
        if not released.is_file() or released.read_bytes() != made.read_bytes():
            report(f"note: {released} is not what solutions/ gives now; run `make exercises`")


def _registered(root, assignment):
    """The notebook that the gradebook knows, from which submissions are rebuilt."""
    return root / "_build" / "registered" / assignment / f"{assignment}.ipynb"


def _graded(root, student, assignment):
    return root / "autograded" / student / assignment / f"{assignment}.ipynb"


def _knows(root, assignment):
    """Whether the gradebook has an assignment."""
    with _quiet(), Saver(root, nbgrader_config(root)) as saver:
        try:
            saver.duedate(assignment)
        except MissingEntry:
            return False
    return True


def marks_of(root, student, assignment, saver=None):
    """The rows of one graded submission, as the gradebook has them, in the notebook's order."""
    if saver is None:
        with _quiet(), Saver(root, nbgrader_config(root)) as saver:
            return marks_of(root, student, assignment, saver)
    failures = _failures(_graded(Path(root), student, assignment))
    grades = saver.grades(assignment, student)
    rows = []
    for cell in graded_cells(assignment):
        mark = grades[cell]
        waits = mark["needs_manual_grade"]
        if not waits and mark["score"] < mark["max_score"]:
            reason = failures.get(cell) or ("no answer" if mark["manual_score"] is None else "graded by hand")
        elif not waits:
            reason = ""
        elif mark["manual_score"] is not None:
            reason = "graded by hand before, and submitted again since"
        else:
            reason = "to be graded by hand"
        score = None if mark["auto_score"] is None and mark["manual_score"] is None else mark["score"]
        status = BY_HAND if waits else GRADED
        rows.append(_row(student, assignment, cell, score, mark["max_score"], status, reason))
    return rows


def could_not_grade(student, assignment, reason):
    """The rows of a submission without marks."""
    return [
        _row(student, assignment, cell, None, points, NOT_GRADED, reason)
        for cell, points in graded_cells(assignment).items()
    ]


def table(rows):
    """The marks, a line per student and a column per assignment, as a rich table."""
    cells = {}  # (student, assignment) -> points, points that wait for a person, whether it could not be graded
    for row in rows:
        points, waiting, ungraded = cells.get((row["student"], row["assignment"]), (0, 0, False))
        is_open = row["score"] is None and row["status"] != NOT_GRADED
        cells[row["student"], row["assignment"]] = (
            points + (row["score"] or 0),
            waiting + (row["max_score"] if is_open else 0),
            ungraded or row["status"] == NOT_GRADED,
        )
    assignments = [name for name in ASSIGNMENTS if any(name == assignment for _, assignment in cells)]
    shown = Table(caption="+3: points that wait for a person. -: nothing submitted.", caption_justify="left")
    shown.add_column("student", no_wrap=True)
    for assignment in assignments:
        shown.add_column(f"{assignment} ({sum(graded_cells(assignment).values()):g})", justify="right")
    for student in sorted({student for student, _ in cells}):
        line = []
        for assignment in assignments:
            points, waiting, ungraded = cells.get((student, assignment), (None, 0, False))
            if ungraded:
                line.append(Text("not graded", "red"))
            elif points is None:
                line.append("-")
            else:
                line.append(Text.assemble(f"{points:g}", (f" +{waiting:g}", "yellow") if waiting else ""))
        # Text, because a name may hold what rich takes for markup.
        shown.add_row(Text(student), *line)
    return shown


def problems(rows):
    """A line for every submission that could not be graded."""
    lines = {
        f"{row['assignment']} {row['student']}: {row['reason']}": None for row in rows if row["status"] == NOT_GRADED
    }
    return list(lines)


def write_json(rows, path):
    """Write the rows as one JSON list, whole or not at all, one row at a time.

    What is there and no file, such as /dev/stdout, is written to: in its place a file would stay for everybody.
    """
    path = Path(path).resolve()
    is_file = path.is_file() or not path.exists()
    part = path.with_name(f".{path.name}.part") if is_file else path
    with part.open("w", encoding="utf-8") as file:
        separator = "["
        for row in rows:
            file.write(separator + "\n" + textwrap.indent(jsonlib.dumps(row, indent=1, ensure_ascii=False), " "))
            separator = ","
        file.write("[]\n" if separator == "[" else "\n]\n")
    if is_file:
        part.replace(path)


def _points(mark):
    return "not marked" if mark is None else f"{mark:g}"


def _row(student, assignment, cell, score, max_score, status, reason):
    return {
        "student": student,
        "assignment": assignment,
        "cell": cell,
        "score": score,
        "max_score": max_score,
        "status": status,
        "reason": reason,
    }


def _failures(notebook):
    """grade_id -> why nbgrader gave no full marks, "" where it saw nothing wrong, for the cells there are."""
    reasons = {}
    for cell in nbformat.v4.reads(notebook.read_text(encoding="utf-8")).cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id is None:
            continue
        reasons[grade_id] = ""
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                shown = output.evalue if output.ename == "CheckFailed" else f"{output.ename}: {output.evalue}"
                reasons[grade_id] = _first_line(shown)
                break
            if output.output_type == "stream" and output.name == "stderr":
                reasons[grade_id] = "printed to stderr: " + _first_line(output.text)
        # What a check could not find: the cell that should have made it says why.
        cause = reasons.get(grade_id.partition("-")[0])
        if cause and reasons[grade_id].startswith("no function "):
            reasons[grade_id] += f" (its cell: {cause})"
    return reasons


def _first_line(error):
    """A message's first line that says something, without a traceback's colours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
