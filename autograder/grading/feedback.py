"""The page of feedback: the graded notebook with its marks, the messages of the checks that failed, and comments.

`Page` takes the place of nbgrader's exporter, so `nbgrader generate_feedback`, formgrader's button and
``python -m autograder grade`` make the same page. It fetches nothing, runs no script, and has its styles in it.
"""

import contextlib
import functools
import itertools
import re
import signal
import threading

import nbformat
from ipython_pygments_lexers import IPython3Lexer
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbconvert.filters import strip_ansi
from nbgrader.preprocessors import NbGraderPreprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from traitlets import default

from autograder.course import EXERCISES
from autograder.grading.gradebook import Gradebook, GradebookError
from autograder.grading.ledger import Ledger
from autograder.grading.nbgrader_compat import course_directory, exporter_of, feedback_exporter
from autograder.grading.results import FAILED, PASSED, CellResult
from autograder.grading.safe_html import html_of

#: Processor seconds for one page: a few thousand brackets in a text cell keep a Markdown parser busy for hours.
SECONDS = 10

#: Characters in a line of columns that fit on a phone; longer ones scroll, within a keyboard's reach.
NARROW = 38

#: Characters of a cell up to which its HTML is kept for the next page: the course's own cells are on every page.
KEPT = 10_000

#: nbgrader's comment on an untouched cell, as HTML: it is shown with its cell, and not announced at the top.
NO_ANSWER = "<p>No response.</p>\n"

#: A gap between two columns.
_GAP = re.compile(r"\S {2,}\S")


# ---------------------------------------------------------------- from marks and results to a page


def render(notebook, assignment, student, marks, results, config):
    """The page of feedback on one submission, as HTML.

    Parameters
    ----------
    notebook : bytes, the graded notebook as its file holds it
    marks : `autograder.grading.gradebook.Marks`
    results : list of CellResult, one for each graded cell
    config : the configuration of nbgrader_config.py
    """
    content = nbformat.v4.reads(notebook.decode("utf-8"))
    names = {"notebook": assignment, "assignment": assignment, "student": student}
    resources = {
        "nbgrader": names | put_in(content, marks, results),
        "unique_key": assignment,
        "metadata": {"name": assignment},
    }
    html, _ = feedback_exporter(config).from_notebook_node(content, resources=resources)
    return html


def put_in(notebook, marks, results):
    """Put marks, comments and results into the cells' metadata, and return the totals: nbgrader's names for both."""
    results = {result.cell: result for result in results}
    for cell in notebook.cells:
        metadata = cell.metadata.get("nbgrader", {})
        name = metadata.get("grade_id")
        if name in marks.comments:
            metadata["comment"] = marks.comments[name]
        if name in marks.cells:
            mark = marks.cells[name]
            metadata.update(score=mark.score, points=mark.max_score, waits=mark.waits)
        if name in results:
            metadata.update(outcome=results[name].outcome, message=results[name].message)
    return {"score": marks.score, "max_score": marks.max_score, "late_penalty": marks.penalty or 0}


class Grades(NbGraderPreprocessor):
    """The step of `nbgrader generate_feedback` that reads the marks from the gradebook, the results from the ledger."""

    is_ours = True

    def preprocess(self, nb, resources):
        names, coursedir = resources["nbgrader"], course_directory(exporter_of(self))
        student, assignment = names["student"], names["assignment"]
        with Gradebook(coursedir.root, self.config, names["db_url"]) as book:
            marks = book.marks(assignment, student)
        if marks is None:
            raise GradebookError(f"the gradebook has no marks of {student} for {assignment}; grade it first")
        entry = Ledger(coursedir.root).entry(student, assignment)
        results = [CellResult.from_data(data) for data in entry.get("cells", ())]
        names.update(put_in(nb, marks, results))
        return nb, resources


@contextlib.contextmanager
def time_limit(seconds=None):
    """Stop a page that takes too long to make.

    Only the main thread of a process can be interrupted. In another thread the limit does nothing: the page is made,
    however long it takes.

    Parameters
    ----------
    seconds : of this process's computing; None is `SECONDS`

    Raises
    ------
    TimeoutError
        In the block, once they are over.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    seconds = SECONDS if seconds is None else seconds

    def stop(number, frame):
        raise TimeoutError(f"stopped after {seconds} s of computing: a text cell that takes too long to show")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


class Page(Exporter):
    """A notebook with its marks in the cells' metadata, as HTML."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension(self):
        return ".html"

    def from_notebook_node(self, nb, resources=None, **options):
        notebook, resources = super().from_notebook_node(nb, resources, **options)
        cells = [_view(cell) for cell in notebook.cells]
        marked = [cell for cell in cells if cell["mark"]]
        context = {
            **resources["nbgrader"],
            "cells": cells,
            "groups": _groups(marked),
            "waiting": sum(cell["points"] for cell in marked if cell["mark"] == "waits"),
            "lost": any(cell["mark"] in ("wrong", "part") for cell in marked),
            "commented": [cell for cell in cells if cell["comment"] and cell["comment"] != NO_ANSWER],
        }
        return _template().render(context), resources


@functools.cache
def _template():
    environment = Environment(loader=PackageLoader("autograder.grading", "."), autoescape=True)
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters["points"] = _points
    return environment.get_template("feedback.html.j2")


def _points(number):
    """Points as people write them.

    >>> _points(15.5), _points(20.0), _points(1 / 3)
    ('15.5', '20', '0.33')
    """
    return f"{round(float(number), 2):g}"


# ---------------------------------------------------------------- what the template gets of a cell


def _view(cell):
    """The template's view of a cell."""
    metadata = cell.metadata.get("nbgrader", {})
    is_marked = bool(metadata.get("grade") or metadata.get("task"))
    score, points = metadata.get("score") or 0, metadata.get("points") or 0
    return {
        "name": metadata.get("grade_id", ""),
        "kind": cell.cell_type,
        "html": _text(cell.source, cell.get("attachments")) if cell.cell_type == "markdown" else _code(cell.source),
        "outputs": _outputs(cell, metadata),
        "is_answer": bool(metadata.get("solution")),
        "mark": _mark(metadata, score, points) if is_marked else "",
        "score": score,
        "points": points,
        "comment": _text_html(metadata["comment"], deeper=3) if metadata.get("comment") else "",
    }


def _mark(metadata, score, points):
    """The state of a graded cell in one word, for which the template has the sign."""
    if metadata.get("waits"):
        return "waits"
    if points:
        return "right" if score >= points else "part" if score > 0 else "wrong"
    return {PASSED: "further", FAILED: "further-wrong"}.get(metadata.get("outcome"), "further-unknown")


def _groups(marked):
    """(exercise, its cells) in the notebook's order; a cell that belongs to no exercise is a group by itself."""
    groups = {}
    for cell in marked:
        exercise, _, aspect = cell["name"].partition("-")
        belongs = exercise in EXERCISES
        groups.setdefault(exercise if belongs else cell["name"], []).append(
            cell | {"aspect": aspect if belongs else ""}
        )
    return groups


def _outputs(cell, metadata):
    """The outputs of a cell, with the message of a graded cell's result in the place of its error output."""
    outputs = cell.get("outputs", [])
    if "outcome" not in metadata:
        return [_output(output) for output in outputs]
    views = [_output(output) for output in outputs if output.output_type != "error"]
    return views + ([_message(metadata["message"])] if metadata["message"] else [])


def _message(text):
    return {"is_error": True, "blocks": _blocks(text), "picture": ""}


def _output(output):
    """The template's view of an output: a picture, or the text of anything else."""
    if output.output_type == "error":
        return _message("\n".join(output.traceback))
    data = output.get("data", {})
    kind = next((kind for kind in ("image/png", "image/jpeg") if kind in data), "")
    return {
        "is_error": False,
        "blocks": _blocks(output.get("text") or data.get("text/plain") or ""),
        "picture": f"data:{kind};base64,{data[kind].strip()}" if kind else "",
    }


def _blocks(text):
    """(kind, lines) of an output's text: sentences ("") are broken to fit a phone, "columns" and "wide" ones are not.

    >>> _blocks("wrong for x\\n  yours  expected\\n      1         2\\nso it is")
    [('', 'wrong for x\\n'), ('columns', '  yours  expected\\n      1         2\\n'), ('', 'so it is\\n')]
    """
    text = strip_ansi(text).rstrip("\n")
    blocks = []
    for is_table, lines in itertools.groupby(text.split("\n"), key=lambda line: bool(_GAP.search(line))):
        lines = list(lines)
        kind = "wide" if max(map(len, lines)) > NARROW else "columns"
        blocks.append((kind if is_table else "", "\n".join(lines) + "\n"))
    return blocks if text else []


def _text(source, attachments=None):
    return _text_html(source, attachments) if attachments or len(source) > KEPT else _kept_text(source)


def _text_html(source, attachments=None, deeper=1):
    html = html_of(source, attachments, deeper, with_formulas=True)
    # What may be too wide scrolls, and what scrolls must be within a keyboard's reach.
    html = html.replace("<pre", '<pre tabindex="0"')
    html = html.replace("<table", '<div class="scroll" tabindex="0"><table').replace("</table>", "</table></div>")
    return Markup(html)


_LEXER, _FORMATTER = IPython3Lexer(), HtmlFormatter(nowrap=True)


def _code(source):
    return _kept_code(source) if len(source) <= KEPT else _code_html(source)


def _code_html(source):
    return Markup(highlight(source, _LEXER, _FORMATTER).rstrip("\n"))


_kept_text = functools.lru_cache(500)(_text_html)
_kept_code = functools.lru_cache(1000)(_code_html)
