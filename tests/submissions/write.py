"""Fill the released notebooks with what eight students wrote.

    python tests/submissions/write.py submitted
    python tests/submissions/write.py submitted 02-regular

A student is a folder, an assignment a Markdown file in it. The headings name cells:

- ``## NAME`` replaces the solution cell NAME; what is not mentioned stays as it was released;
- ``## before NAME`` and ``## after NAME`` add a cell of the student's own beside the cell NAME.

Under a heading stands one ``python`` fence, for a code cell, or text, for a Markdown cell. What comes before the
first heading says who the student is.
"""

import argparse
import json
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXERCISES = HERE.parents[1] / "exercises"
STUDENTS = sorted(path.name for path in HERE.iterdir() if path.is_dir() and list(path.glob("*.md")))


def parts(text):
    """Take a student's file apart: (heading, "code" or "markdown", source)."""
    found = []
    for block in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = block.partition("\n")
        fence = re.fullmatch(r"\s*```python\n(.*?)\n?```\s*", body, flags=re.DOTALL)
        kind, source = ("code", fence[1]) if fence else ("markdown", body.strip())
        found.append((heading.strip(), kind, source))
    return found


def fill(notebook, written):
    """Put what a student wrote into a released notebook, as Jupyter would have saved it."""
    for heading, kind, source in written:
        place, _, name = heading.rpartition(" ")
        at = [index for index, cell in enumerate(notebook["cells"]) if _name(cell) == name]
        if len(at) != 1 or place not in ("", "before", "after"):
            raise ValueError(f"## {heading}: the notebook has {len(at)} cells named {name!r}")
        if place:
            own = {"cell_type": kind, "id": f"own-{len(notebook['cells'])}", "metadata": {}, "source": source}
            notebook["cells"].insert(at[0] + (place == "after"), own)
        elif notebook["cells"][at[0]]["metadata"]["nbgrader"]["solution"]:
            notebook["cells"][at[0]]["source"] = source
        else:
            raise ValueError(f"## {heading}: students cannot write there, the cell is locked")
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(code, 1):
        cell.update(execution_count=count, outputs=[])
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.12.3"}
    return notebook


def write(destination, assignments=None, exercises=EXERCISES, students=STUDENTS):
    """Write ``DESTINATION/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb`` for every student; the paths."""
    written = []
    for student in students:
        for text in sorted((HERE / student).glob("*.md")):
            if assignments and text.stem not in assignments:
                continue
            released = Path(exercises, text.stem, f"{text.stem}.ipynb")
            notebook = json.loads(released.read_text(encoding="utf-8"))
            notebook = fill(notebook, parts(text.read_text(encoding="utf-8")))
            path = Path(destination, student, text.stem, f"{text.stem}.ipynb")
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
    for path in write(wanted.destination, wanted.assignments):
        print(path)
