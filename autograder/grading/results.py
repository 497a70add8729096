"""The results of grading as data: one `CellResult` for each graded cell of a submission.

They cross from the worker to the coordinator, are kept in the ledger, and fill the gradebook, the table, the JSON file
and the feedback. Nothing reads a verdict from the outputs of a notebook.
"""

import json
import textwrap
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from rich.table import Table
from rich.text import Text

from autograder.course import ASSIGNMENTS, graded_cells
from autograder.files import written_whole

#: The outcomes of a cell.
PASSED, FAILED, COULD_NOT_GRADE, BY_HAND = "passed", "failed", "could not grade", "by hand"


@dataclass(frozen=True)
class CellResult:
    """The outcome of one graded cell.

    Attributes
    ----------
    cell : the cell's grade_id, such as "conv2d-stride"
    outcome : "passed", "failed", "could not grade" (our fault or the machine's), or "by hand" (a person gives the mark)
    points : what the cell earned; None where it was not graded
    max_points : what there is to earn; 0 for a further aspect
    message : the whole diagnosis that a student reads; empty where the cell passed
    mistake : id of the mistake whose numbers the student's are, or None
    reason : the message in one line, for tables and JSON

    Examples
    --------
    >>> result = CellResult("conv2d-stride", FAILED, 0, 1.5, "conv2d, stride: wrong", reason="conv2d, stride: wrong")
    >>> CellResult.from_data(result.as_data()) == result
    True
    """

    cell: str
    outcome: str
    points: float | None
    max_points: float
    message: str = ""
    mistake: str | None = None
    reason: str = ""

    def as_data(self):
        """A plain dict, without the fields that are empty; `from_data` reads it."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}

    @classmethod
    def from_data(cls, data):
        """The result that `as_data` wrote; a field that this version does not know is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{"points": None} | {name: value for name, value in data.items() if name in known})


def ungraded(assignment, reason):
    """The results of a submission that could not be graded: no cell has points, and each has the same reason."""
    return [
        CellResult(cell, COULD_NOT_GRADE, None, points, reason, reason=reason)
        for cell, points in graded_cells(assignment).items()
    ]


def kept_results(entry):
    """The results in a ledger's entry, cell -> CellResult; none in one that was written before there were any."""
    return {data["cell"]: CellResult.from_data(data) for data in entry.get("cells", ())}


# ---------------------------------------------------------------- rows: results with the marks that count


#: The status of a row.
GRADED, NEEDS_PERSON, NOT_GRADED = "graded", "needs-manual-grade", "could-not-grade"

#: The reason of a mark whose result the ledger does not have.
NOT_KEPT = "the reason was not kept when this was graded; grade again with --force to see it"


def rows_of(student, assignment, entry, gradebook):
    """The rows of one submission, in the catalogue's order: the gradebook has the marks, the ledger the reasons.

    Parameters
    ----------
    entry : dict, the ledger's of this submission
    gradebook : an open `autograder.grading.gradebook.Gradebook`

    Returns
    -------
    list of dict with the keys student, assignment, cell, score, max_score, status and reason
        score is None until there is one; status is "graded", "needs-manual-grade" or "could-not-grade"
    """
    reason = entry.get("reason")
    marks = None if reason else gradebook.marks(assignment, student)
    if not reason and marks is None:
        reason = "not graded yet: the run was stopped before"
    if reason:
        return [
            row(student, assignment, cell, None, points, NOT_GRADED, reason)
            for cell, points in graded_cells(assignment).items()
        ]
    results = kept_results(entry)
    return [
        _marked(student, assignment, cell, marks.cells[cell], results.get(cell)) for cell in graded_cells(assignment)
    ]


def _marked(student, assignment, cell, mark, result):
    waits, by_hand = mark.needs_manual_grade, mark.manual_score is not None
    if waits:
        reason = "graded by hand before, and submitted again since" if by_hand else "to be graded by hand"
    elif mark.score >= mark.max_score:
        reason = ""
    elif result and result.points == mark.auto_score and (result.message or not by_hand):
        reason = result.reason
    else:
        reason = "graded by hand" if by_hand else NOT_KEPT
    score = mark.score if mark.is_graded else None
    return row(student, assignment, cell, score, mark.max_score, NEEDS_PERSON if waits else GRADED, reason)


def row(student, assignment, cell, score, max_score, status, reason):
    """A row as `rows_of` has it."""
    return {
        "student": student,
        "assignment": assignment,
        "cell": cell,
        "score": score,
        "max_score": max_score,
        "status": status,
        "reason": reason,
    }


def problems(rows):
    """A line for every submission that could not be graded."""
    lines = {
        f"{row['assignment']} {row['student']}: {row['reason']}": None for row in rows if row["status"] == NOT_GRADED
    }
    return list(lines)


def table(rows):
    """The marks, a line per student and a column per assignment, as a rich table."""
    sums = {}  # (student, assignment) -> points, points that wait for a person, whether it could not be graded
    for row in rows:
        points, waiting, ungraded = sums.get((row["student"], row["assignment"]), (0, 0, False))
        is_open = row["score"] is None and row["status"] != NOT_GRADED
        sums[row["student"], row["assignment"]] = (
            points + (row["score"] or 0),
            waiting + (row["max_score"] if is_open else 0),
            ungraded or row["status"] == NOT_GRADED,
        )
    assignments = [name for name in ASSIGNMENTS if any(name == assignment for _, assignment in sums)]
    students = sorted({student for student, _ in sums})
    legend = ["+3: points that wait for a person."] if any(waiting for _, waiting, _ in sums.values()) else []
    legend += ["-: nothing submitted."] if len(sums) < len(students) * len(assignments) else []
    shown = Table(caption=" ".join(legend) or None, caption_justify="left")
    shown.add_column("student", no_wrap=True)
    for assignment in assignments:
        shown.add_column(f"{assignment} ({sum(graded_cells(assignment).values()):g})", justify="right")
    for student in students:
        # Text, because a name may hold what rich takes for markup.
        shown.add_row(Text(student), *(_sum(sums.get((student, assignment))) for assignment in assignments))
    return shown


def _sum(found):
    if found is None:
        return "-"
    points, waiting, ungraded = found
    if ungraded:
        return Text("not graded", "red")
    return Text.assemble(f"{points:g}", (f" +{waiting:g}", "yellow") if waiting else "")


def write_json(rows, path):
    """Write the rows as one JSON list, whole or not at all.

    Something that exists and is no file, such as /dev/stdout, is written to: a file in its place would stay there for
    everybody.
    """
    path = Path(path).resolve()
    rows = [textwrap.indent(json.dumps(row, indent=1, ensure_ascii=False), " ") for row in rows]
    text = "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"
    if path.is_file() or not path.exists():
        with written_whole(path) as part:
            part.write_text(text, encoding="utf-8")
    else:
        path.write_text(text, encoding="utf-8")
