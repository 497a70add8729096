"""What the eight students should get: expected.toml, cell by cell."""

import tomllib
from pathlib import Path

from autograder.course import ASSIGNMENTS, EXERCISES, graded_cells

EXPECTED = tomllib.loads((Path(__file__).parent / "expected.toml").read_text(encoding="utf-8"))
STUDENTS = sorted(EXPECTED)


def expected_marks(student, assignment, book=EXPECTED):
    """cell -> points, None where a person decides, as expected.toml has them; and their total."""
    marks = {cell: points for cell, points in graded_cells(assignment).items()}
    if ASSIGNMENTS[assignment].explanation:
        marks[ASSIGNMENTS[assignment].explanation] = None
    named = dict(book[student][assignment])
    total = named.pop("total")
    for name, points in named.items():
        cells = [name] if name in marks else [f"{name}-{aspect}" for aspect in EXERCISES[name].points]
        marks |= dict.fromkeys(cells, points)
    return marks, total
