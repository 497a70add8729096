"""The results of grading as data: one `CellResult` for each graded cell of a submission.

They cross from the worker to the coordinator, are kept in the ledger, and fill the gradebook, the table, the JSON file
and the feedback. Nothing reads a verdict from the outputs of a notebook.
"""

from dataclasses import asdict, dataclass, fields

from autograder.course import graded_cells

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
