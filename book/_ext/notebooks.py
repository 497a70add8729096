"""A chapter as a notebook of its own, which runs with nothing but the packages that its first cell names.

The pictures that the `drawings` package made stand in it as images (stills.py), so that package stays at home. Text
becomes the Markdown that every notebook shows (plain_text.py).
"""

import ast
import sys

import jupytext
import nbformat
from plain_text import Writer
from question_nodes import Mistake
from stills import has_still, still_as_image

NEEDS = """\
> **Run this notebook**
>
> You need Python 3.11, 3.12 or 3.13, an environment as the page *For students* of the book makes it, and in it, once:
>
> `python -m pip install {packages}`
>
> The first is a file, the course's package. In `student.zip` it lies one folder above this notebook; *For students*
> also has it by itself. Give it with its path.{torch}
>
> Change what you like here: nothing you do can break anything.
"""
TORCH = " torch is large on Linux; that page says how to get the small build."


def chapter_notebook(name, texts, outputs, loops, sources, wheel):
    """Turn one chapter into a notebook.

    Parameters
    ----------
    name : str, such as "02-regular"
    texts : dict, chapter -> its MyST text, in reading order
    outputs : list of str, for each of the chapter's code cells the HTML that it shows in the book
    loops : dict, name of a Parsons problem -> its lines, indented, in the order in which the book shows them
    sources : dict, key of a source -> (authors, year, address or None)
    wheel : str, the file name of the course's package

    Returns
    -------
    notebook node, without outputs

    Raises
    ------
    Mistake
        If the chapter holds something that has no form in a notebook; the message names it.
    """
    notebook = jupytext.reads(texts[name], fmt="md:myst")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = {id(cell): output for cell, output in zip(code, outputs, strict=True)}
    needs = packages([cell.source for cell in code], wheel)
    torch = TORCH if "torch" in needs else ""
    writer = Writer(name, texts, loops, sources, NEEDS.format(packages=" ".join(needs), torch=torch))
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cells.append(nbformat.v4.new_markdown_cell(writer.plain(cell.source)))
        else:
            cells += code_cells(cell, shown[id(cell)])
    for number, cell in enumerate(cells, start=1):
        cell.id = f"{name}-chapter-{number}"  # the same at every build
        if cell.cell_type == "code" and "drawings" in cell.source:
            raise Mistake(f"{name}: a cell that is not only a drawing needs the drawings package: {cell.source[:60]!r}")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def code_cells(cell, shown):
    """The cells that a code cell of a chapter becomes: its code, and what it draws as a picture.

    shown : str, the HTML that the cell shows in the book
    """
    is_drawing = has_still(shown)
    cells, source = [], without_drawing(cell) if is_drawing else cell.source
    if source:
        hidden = {"jupyter": {"source_hidden": True}} if "hide-input" in cell.metadata.get("tags", []) else {}
        cells.append(nbformat.v4.new_code_cell(source, metadata=hidden))
    if is_drawing:
        cells.append(nbformat.v4.new_markdown_cell(still_as_image(shown)))
    return cells


def without_drawing(cell):
    """A cell's code without the drawing, which is its last statement; nothing if it only draws."""
    if "remove-input" in cell.metadata.get("tags", []):
        return ""
    statements = ast.parse(cell.source).body
    return "\n".join(cell.source.splitlines()[: statements[-1].lineno - 1]).rstrip() if statements else ""


def packages(code, wheel):
    """The packages to install: the wheel first, which brings NumPy.

    Examples
    --------
    >>> packages(["import math, torch", "from autograder import check", "import drawings"], "course.whl")
    ['course.whl', 'torch', 'jupyterlab']
    """
    found = set()
    for node in (node for source in code for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module.split(".")[0])
    found -= {*sys.stdlib_module_names, "autograder", "numpy", "drawings"}
    return [wheel, *sorted(found), "jupyterlab"]
