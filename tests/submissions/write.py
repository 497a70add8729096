"""Fill the released notebooks with the work of eight students.

    python tests/submissions/write.py submitted
    python tests/submissions/write.py submitted 02-regular

A student is a folder, an assignment a Markdown file in it. What a student does not mention is the course's own
solution, so a file holds only what makes this student another one, and a new exercise needs no edit here. A solution
may call another one of its notebook: where a student's is missing, mention those that need it too. The headings name
cells:

- ``## NAME`` replaces the solution cell NAME; with nothing below it the cell stays as it was released;
- ``## before NAME`` and ``## after NAME`` add a cell of the student's own beside the cell NAME.

Under a heading stands one ``python`` fence, for a code cell, or text, for a Markdown cell. What comes before the
first heading says who the student is.
"""

import argparse
import functools
import json
import re
from pathlib import Path

from autograder.course import ASSIGNMENTS
from autograder.releasing.convert import BEGIN, END, convert

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STUDENTS = sorted(path.name for path in HERE.iterdir() if path.is_dir() and list(path.glob("*.md")))


def work(student, assignment):
    """All that a student hands in: (heading, "code" or "markdown", source) for each cell, inherited ones included.

    Raises
    ------
    ValueError
        If there is no such student.
    """
    if student not in STUDENTS:
        raise ValueError(f"there is no student {student!r}; there are {', '.join(STUDENTS)}")
    file = HERE / student / f"{assignment}.md"
    own = parts(file.read_text(encoding="utf-8")) if file.is_file() else []
    mentioned = {heading for heading, _, _ in own}
    return own + [part for part in solution(assignment) if part[0] not in mentioned]


def parts(text):
    """Take a student's file apart: (heading, "code" or "markdown", source).

    Examples
    --------
    >>> parts("Stops early.\\n\\n## mean\\n\\n```python\\nmean = 2\\n```\\n\\n## median\\n")
    [('mean', 'code', 'mean = 2'), ('median', 'markdown', '')]
    """
    found = []
    for block in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = block.partition("\n")
        fence = re.fullmatch(r"\s*```python\n(.*?)\n?```\s*", body, flags=re.DOTALL)
        kind, source = ("code", fence[1]) if fence else ("markdown", body.strip())
        found.append((heading.strip(), kind, source))
    return found


@functools.cache
def solution(assignment):
    """The solution cells of an assignment's source, as a student would have written them."""
    source = ROOT / "solutions" / assignment / f"{assignment}.md"
    notebook = convert(source.read_text(encoding="utf-8"), assignment, source.name)
    return [
        (_name(cell), cell["cell_type"], _without_markers(cell["source"]))
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    ]


def _without_markers(source):
    lines = source.splitlines()
    return "\n".join(line for line in lines if BEGIN not in line and END not in line)


def fill(notebook, written):
    """Put the cells of a student into a released notebook, as Jupyter would have saved it.

    Raises
    ------
    ValueError
        If a heading names no cell of the notebook, or a cell that is locked.
    """
    for heading, kind, source in written:
        beside, _, name = heading.rpartition(" ")
        at = [index for index, cell in enumerate(notebook["cells"]) if _name(cell) == name]
        if len(at) != 1 or beside not in ("", "before", "after"):
            raise ValueError(f"## {heading}: the notebook has {len(at)} cells named {name!r}")
        if beside:
            own = {"cell_type": kind, "id": f"own-{len(notebook['cells'])}", "metadata": {}, "source": source}
            notebook["cells"].insert(at[0] + (beside == "after"), own)
        elif not notebook["cells"][at[0]]["metadata"]["nbgrader"]["solution"]:
            raise ValueError(f"## {heading}: students cannot write there, the cell is locked")
        elif source:
            notebook["cells"][at[0]]["source"] = source
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(code, 1):
        cell.update(execution_count=count, outputs=[])
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.12.3"}
    return notebook


def write(destination, assignments=tuple(ASSIGNMENTS), students=tuple(STUDENTS)):
    """Write ``DESTINATION/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb`` for every student; the paths."""
    written = []
    for student in students:
        for name in assignments:
            released = (ROOT / "exercises" / name / f"{name}.ipynb").read_text(encoding="utf-8")
            notebook = fill(json.loads(released), work(student, name))
            path = Path(destination, student, name, f"{name}.ipynb")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            written.append(path)
    return written


def _name(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("destination", help="the folder to write into, such as submitted")
    parser.add_argument("assignments", nargs="*", help="such as 02-regular; all where none is named")
    wanted = parser.parse_args()
    for path in write(wanted.destination, wanted.assignments or ASSIGNMENTS):
        print(path)
