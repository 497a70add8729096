"""Grade a folder of submissions into nbgrader's gradebook, write the feedback, and hand back every mark.

nbgrader does the work, with the repository's configuration: it runs each notebook, saves the marks, renders
the feedback. What is added here: the assignments are entered into the gradebook first, one submission that
cannot be graded does not stop the others, and what could not be graded is listed instead of being a zero.

The notebooks run in nbgrader's own way, with no sandbox: student code can read and write what you can.
"""

import contextlib
import hashlib
import json as jsonlib
import os
import re
import time
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from rich.table import Table
from rich.text import Text

from autograder import release
from autograder.exercises import ASSIGNMENTS, graded_cells
from autograder.release import ReleaseError, nbgrader_config, nbgrader_says

GRADED, BY_HAND, NOT_GRADED = "graded", "needs-manual-grade", "could-not-grade"

ENDED = "the notebook's Python ended before the notebook did: os._exit, a crash, or out of memory"

SEEN = ".graded.json"  # in autograded/: which bytes were graded, so that unchanged submissions cost nothing


class GradeError(ValueError):
    """Why grading cannot start; the message says what to do."""


def grade(root, assignments=(), submitted=None, force=False, json=None, report=print):
    """Grade every ``SUBMITTED/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb`` and write its feedback.

    A submission that was graded before and has not changed since is not run again.

    Parameters
    ----------
    root : path of the course; gradebook.db, autograded/ and feedback/ go there
    assignments : names such as "01-window"; none is all
    submitted : the folder of submissions; None is ``root/submitted``
    force : run unchanged submissions too
    json : file to write the rows to as well
    report : called with a line about each submission

    Returns
    -------
    list of dict, a row per student, assignment and graded cell: student, assignment, cell, score, max_score,
    status ("graded", "needs-manual-grade", "could-not-grade") and reason. score is None until there is one.

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
        found, rows = submissions(submitted, wanted, everything=not assignments)
        register(root, [name for name in wanted if any(name == one for _, one in found)], report)
    except ReleaseError as error:
        raise GradeError(str(error)) from error

    seen = _read_seen(root)
    for number, (assignment, student) in enumerate(sorted((one, who) for who, one in found), 1):
        began = time.perf_counter()
        place = submitted / student / assignment
        key, fingerprint = f"{student}/{assignment}", _fingerprint(root, place, assignment)
        unchanged = not force and seen.get(key) == fingerprint
        reason = "" if unchanged else autograde(root, submitted, student, assignment)
        reason = reason or feedback(root, submitted, student, assignment)
        if reason:
            seen.pop(key, None)
            rows += could_not_grade(student, assignment, reason)
            outcome = f"could not be graded: {reason}"
        else:
            seen[key] = fingerprint
            marks = marks_of(root, student, assignment)
            rows += marks
            outcome = ("unchanged, " if unchanged else "") + total(marks)
        _write(root / "autograded" / SEEN, jsonlib.dumps(seen, indent=1, sort_keys=True))
        seconds = time.perf_counter() - began
        report(f"[{number}/{len(found)}] {assignment} {student}: {outcome} ({seconds:.1f} s)")
    rows.sort(key=lambda row: (row["student"], row["assignment"]))
    if json is not None:
        write_json(rows, json)
    return rows


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
    release.source(root, assignments, report=lambda line: None)
    for assignment in assignments:
        try:
            made = release.generate(root, assignment, root / "_build" / "registered", gradebook=True)
        except ReleaseError as error:
            if "there are submissions associated" not in str(error):
                raise
            raise GradeError(
                f"{root / 'gradebook.db'} holds submissions of an earlier {assignment}, with other cells. Grade "
                "with the version of the course that students got, or move gradebook.db and autograded/ away"
            ) from error
        released = root / release.EXERCISES / assignment / made.name
        if not released.is_file() or released.read_bytes() != made.read_bytes():
            report(f"note: {released} is not what solutions/ gives now; run `make exercises`")


def autograde(root, submitted, student, assignment):
    """Run one submission through nbgrader; the reason why that was not possible, or nothing."""
    if set(student) & set("*?["):
        return f"nbgrader takes *, ? and [ in the folder's name {student!r} for a pattern; rename the folder"
    place = submitted / student / assignment
    notebook = place / f"{assignment}.ipynb"
    if not notebook.is_file():
        others = ", ".join(sorted(path.name for path in place.glob("*.ipynb"))) or "no notebook"
        return f"there is no {notebook.name} in {place}, but {others}"
    try:
        nbformat.validate(nbformat.read(notebook, as_version=4))
    except Exception as error:
        # Whatever a file from outside can do to a parser, the others are graded.
        return f"{notebook} is not a notebook ({_first_line(error)})"
    known = _has_submission(root, student, assignment)
    reason = _run(Autograde, root, submitted, student, assignment)
    if reason == ENDED or "Kernel didn't respond" in reason:
        # Once more: two kernels that start at the same time may be given the same port.
        reason = _run(Autograde, root, submitted, student, assignment)
    if reason and not known:
        # nbgrader has entered the student with zeros before it failed.
        with Gradebook(_gradebook(root)) as gradebook, contextlib.suppress(MissingEntry):
            gradebook.remove_submission(assignment, student)
    return reason


def feedback(root, submitted, student, assignment):
    """Write one submission's feedback as a page; the reason why that was not possible, or nothing."""
    return _run(GenerateFeedback, root, submitted, student, assignment)


def _run(converter, root, submitted, student, assignment):
    """Let one of nbgrader's steps do its work for one student and one assignment; the reason if it fails."""
    config = nbgrader_config(root)
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.submitted_directory = str(submitted)
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = student
    config.BaseConverter.force = True
    with nbgrader_says() as said, _same_package():
        try:
            coursedir = CourseDirectory(config=config, log=said.logger)
            converter(coursedir=coursedir, config=config, log=said.logger).start()
        except Exception as error:
            reason = said.reason() or _first_line(error)
            if "DeadKernelError" in reason:
                return ENDED
            return reason
    return ""


@contextlib.contextmanager
def _same_package():
    """Let kernels import this very autograder: another one, or none, would be our fault and their zero."""
    before = os.environ.get("PYTHONPATH")
    ours = str(Path(__file__).resolve().parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join([ours, before] if before else [ours])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def marks_of(root, student, assignment):
    """The rows of one graded submission, as the gradebook has them, in the notebook's order."""
    failures = _failures(root / "autograded" / student / assignment / f"{assignment}.ipynb")
    with Gradebook(_gradebook(root)) as gradebook:
        notebooks = gradebook.find_submission(assignment, student).notebooks
        grades = {mark.name: mark for notebook in notebooks for mark in notebook.grades}
        rows = []
        for cell in graded_cells(assignment):
            mark = grades[cell]
            waits = mark.needs_manual_grade
            if not waits and mark.score < mark.max_score:
                reason = failures.get(cell) or ("no answer" if mark.manual_score is None else "graded by hand")
            elif not waits:
                reason = ""
            elif mark.manual_score is not None:
                reason = "graded by hand before, and submitted again since"
            elif cell in failures:
                reason = "to be graded by hand"
            else:
                reason = "the cell is missing from the submission"
            score = None if mark.auto_score is None and mark.manual_score is None else mark.score
            status = BY_HAND if waits else GRADED
            rows.append(_row(student, assignment, cell, score, mark.max_score, status, reason))
    return rows


def could_not_grade(student, assignment, reason):
    """The rows of a submission without marks."""
    return [
        _row(student, assignment, cell, None, points, NOT_GRADED, reason)
        for cell, points in graded_cells(assignment).items()
    ]


def total(rows):
    """A submission's marks in a few words.

    Examples
    --------
    >>> total([{"score": 1.5, "max_score": 2}, {"score": None, "max_score": 3}])
    '1.5 of 5, 3 to be graded by hand'
    """
    waiting = sum(row["max_score"] for row in rows if row["score"] is None)
    points = sum(row["score"] or 0 for row in rows)
    text = f"{points:g} of {sum(row['max_score'] for row in rows):g}"
    return f"{text}, {waiting:g} to be graded by hand" if waiting else text


def table(rows):
    """The marks, a line per student and a column per assignment, as a rich table."""
    assignments = [name for name in ASSIGNMENTS if any(row["assignment"] == name for row in rows)]
    shown = Table(caption="+3: points that wait for a person. -: nothing submitted.", caption_justify="left")
    shown.add_column("student", no_wrap=True)
    for assignment in assignments:
        shown.add_column(f"{assignment} ({sum(graded_cells(assignment).values()):g})", justify="right")
    for student in sorted({row["student"] for row in rows}):
        line = []
        for assignment in assignments:
            theirs = [row for row in rows if (row["student"], row["assignment"]) == (student, assignment)]
            if not theirs:
                line.append("-")
            elif any(row["status"] == NOT_GRADED for row in theirs):
                line.append(Text("not graded", "red"))
            else:
                waiting = sum(row["max_score"] for row in theirs if row["score"] is None)
                points = sum(row["score"] or 0 for row in theirs)
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
    """Write the rows as one JSON list, whole or not at all."""
    _write(Path(path).resolve(), jsonlib.dumps(rows, indent=1, ensure_ascii=False) + "\n")


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
    for cell in nbformat.read(notebook, as_version=4).cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id is None:
            continue
        reasons[grade_id] = ""
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                shown = output.evalue if output.ename == "CheckFailed" else f"{output.ename}: {output.evalue}"
                # IPython names a cell's file by a number that says nothing to anybody.
                reasons[grade_id] = re.sub(r" \(\d+\.py, (line \d+)\)", r", \1", _first_line(shown))
                break
            if output.output_type == "stream" and output.name == "stderr":
                reasons[grade_id] = "printed to stderr: " + _first_line(output.text)
        # What a check could not find: the cell that should have made it says why.
        cause = reasons.get(grade_id.partition("-")[0])
        if cause and reasons[grade_id].startswith("NameError"):
            reasons[grade_id] += f" (its cell: {cause})"
    return reasons


def _has_submission(root, student, assignment):
    with Gradebook(_gradebook(root)) as gradebook:
        try:
            gradebook.find_submission(assignment, student)
        except MissingEntry:
            return False
    return True


def _gradebook(root):
    config = nbgrader_config(root)
    config.CourseDirectory.root = str(root)
    return CourseDirectory(config=config).db_url


def _fingerprint(root, place, assignment):
    """What decides a mark, hashed: the files that were submitted and the assignment they are graded as."""
    digest = hashlib.sha256((root / release.SOURCE / assignment / f"{assignment}.ipynb").read_bytes())
    for path in sorted(path for path in place.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(place).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read_seen(root):
    try:
        return jsonlib.loads((root / "autograded" / SEEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # everything is graded again then


def _write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _first_line(error):
    """A message's first line that says something, without a traceback's colours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
