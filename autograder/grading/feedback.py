"""One page of feedback: the graded notebook with its marks, what the failed checks say, and comments.

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
from nbgrader import preprocessors
from nbgrader.converters import GenerateFeedback
from pygments import highlight
from pygments.formatters import HtmlFormatter
from traitlets import default
from traitlets.config import Config

from autograder.course import EXERCISES
from autograder.grading.safe_html import html_of

#: Processor seconds for one page: a few thousand brackets in a text cell keep a Markdown parser busy for hours.
SECONDS = 10

#: Characters in a line of columns that fit on a phone; longer ones scroll, within a keyboard's reach.
NARROW = 38

#: What a line of columns has: a gap between two things.
_COLUMNS = re.compile(r"\S {2,}\S")

#: Characters of a cell up to which its HTML is kept for the next page: the course's own cells are on every page.
KEPT = 10_000


#: What nbgrader's own comment on an untouched cell looks like: shown there, not announced at the top.
NO_ANSWER = "<p>No response.</p>\n"


@contextlib.contextmanager
def time_limit(seconds=None):
    """Stop the block with a TimeoutError once this process has computed for so many seconds (None: `SECONDS`).

    Only the main thread of a process can be stopped by a signal. In any other thread the block runs without a limit,
    so an executor of threads is for submissions whose authors are trusted, as it is without walls.
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


def render(graded, assignment, student, scores, config):
    """Render a graded notebook; the page as HTML.

    Parameters
    ----------
    graded : bytes or str, the notebook as its file holds it
    scores : what `autograder.grading.gradebook.Saver.scores` gives
    config : dict, what nbgrader_config.py says
    """
    notebook = nbformat.v4.reads(graded.decode("utf-8") if isinstance(graded, bytes) else graded)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        about.update(scores["cells"].get(about.get("grade_id"), {}))
    shown = {name: scores[name] for name in ("score", "max_score", "late_penalty")}
    shown |= {"notebook": assignment, "assignment": assignment, "student": student}
    resources = {"nbgrader": shown, "unique_key": assignment, "metadata": {"name": assignment}}
    html, _ = _exporter(repr(config), Config(config)).from_notebook_node(notebook, resources=resources)
    return html


_made = {}


def _exporter(key, config):
    """The configured exporter, its templates read once for each configuration; the marks are in the notebook by now."""
    if key not in _made:
        converter = GenerateFeedback(coursedir=None, config=config)
        exporter = converter.exporter_class(parent=converter, config=converter.config)
        for step in converter.preprocessors:
            if not issubclass(step, preprocessors.GetGrades):
                exporter.register_preprocessor(step)
        _made[key] = exporter
    return _made[key]


class Grades(preprocessors.GetGrades):
    """nbgrader's step that fetches the marks; it also says which of them wait for a person."""

    def _get_score(self, cell, resources):
        super()._get_score(cell, resources)
        name = cell.metadata.nbgrader["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        cell.metadata.nbgrader["waits"] = grade.needs_manual_grade and grade.manual_score is None


class Page(Exporter):
    """A notebook with its marks in the cells' metadata, as HTML."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension(self):
        return ".html"

    def from_notebook_node(self, nb, resources=None, **options):
        notebook, resources = super().from_notebook_node(nb, resources, **options)
        cells = [_shown(cell) for cell in notebook.cells]
        marked = [cell for cell in cells if cell["mark"]]
        about = {
            **resources["nbgrader"],
            "cells": cells,
            "groups": _groups(marked),
            "waiting": sum(cell["points"] for cell in marked if cell["mark"] == "waits"),
            "lost": any(cell["mark"] in ("wrong", "part") for cell in marked),
            "commented": [cell for cell in cells if cell["comment"] and cell["comment"] != NO_ANSWER],
        }
        return _template().render(about), resources


@functools.cache
def _template():
    environment = Environment(loader=PackageLoader("autograder.grading", "."), autoescape=True)
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters["points"] = _points
    return environment.get_template("feedback.html.j2")


def _points(number):
    """
    >>> _points(15.5), _points(20.0), _points(1 / 3)
    ('15.5', '20', '0.33')
    """
    return f"{round(float(number), 2):g}"


def _shown(cell):
    """What the template shows of a cell."""
    about = cell.metadata.get("nbgrader", {})
    name = about.get("grade_id", "")
    is_marked = bool(about.get("grade") or about.get("task"))
    outputs = [_output(output) for output in cell.get("outputs", [])]
    score, points = about.get("score") or 0, about.get("points") or 0
    return {
        "name": name,
        "kind": cell.cell_type,
        "html": _text(cell) if cell.cell_type == "markdown" else _code(cell.source),
        "outputs": outputs,
        "is_answer": bool(about.get("solution")),
        "mark": _mark(about, outputs, score, points) if is_marked else "",
        "score": score,
        "points": points,
        "comment": _kept_text.__wrapped__(about["comment"], deeper=3) if about.get("comment") else "",
    }


def _mark(about, outputs, score, points):
    """How a graded cell went: one word, the template has the sign for it."""
    if about.get("waits"):
        return "waits"
    if points:
        return "right" if score >= points else "part" if score > 0 else "wrong"
    return "further-wrong" if any(output["is_error"] for output in outputs) else "further"


def _groups(marked):
    """(exercise, its cells) in the notebook's order; a cell that belongs to no exercise stands by itself."""
    groups = {}
    for cell in marked:
        exercise, _, aspect = cell["name"].partition("-")
        belongs = exercise in EXERCISES
        groups.setdefault(exercise if belongs else cell["name"], []).append(
            cell | {"aspect": aspect if belongs else ""}
        )
    return groups


def _output(output):
    """One output; the sandbox leaves text and pictures, and anything else is shown as the text that stands for it."""
    data = output.get("data", {})
    is_error = output.output_type == "error"
    shown = output.get("text") or data.get("text/plain") or ""
    text = "\n".join(output.traceback) if is_error else shown
    kind = next((kind for kind in ("image/png", "image/jpeg") if kind in data), "")
    return {
        "is_error": is_error,
        "runs": _runs(strip_ansi(text).rstrip("\n")),
        "picture": f"data:{kind};base64,{data[kind].strip()}" if kind else "",
    }


def _runs(text):
    """(kind, lines) in turn: sentences ("") are broken to fit a phone, columns keep their places.

    >>> _runs("wrong for x\\n  yours  expected\\n      1         2\\nso it is")
    [('', 'wrong for x\\n'), ('columns', '  yours  expected\\n      1         2\\n'), ('', 'so it is\\n')]
    """
    found = []
    for is_table, lines in itertools.groupby(text.split("\n"), key=lambda line: bool(_COLUMNS.search(line))):
        lines = list(lines)
        kind = "wide" if max(map(len, lines)) > NARROW else "columns"
        found.append((kind if is_table else "", "\n".join(lines) + "\n"))
    return found if text else []


def _text(cell):
    if cell.get("attachments") or len(cell.source) > KEPT:
        return _kept_text.__wrapped__(cell.source, cell.get("attachments"))
    return _kept_text(cell.source)


@functools.lru_cache(500)
def _kept_text(source, attachments=None, deeper=1):
    html = html_of(source, attachments, deeper, with_formulas=True)
    # What may be too wide scrolls, and what scrolls must be within a keyboard's reach.
    html = html.replace("<pre", '<pre tabindex="0"')
    html = html.replace("<table", '<div class="scroll" tabindex="0"><table').replace("</table>", "</table></div>")
    return Markup(html)


_lexer, _formatter = IPython3Lexer(), HtmlFormatter(nowrap=True)


def _code(source):
    return _kept_code(source) if len(source) <= KEPT else _kept_code.__wrapped__(source)


@functools.lru_cache(1000)
def _kept_code(source):
    return Markup(highlight(source, _lexer, _formatter).rstrip("\n"))
