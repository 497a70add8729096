"""One page of feedback, as nbgrader's own template shows it: the graded notebook with marks and comments."""

import signal
from pathlib import Path

import bleach
import nbformat
from nbconvert.filters import strip_files_prefix
from nbgrader.converters import GenerateFeedback
from traitlets.config import Config

from autograder.ledger import write_whole

#: Processor seconds for one page: a few thousand brackets in a text cell keep a Markdown parser busy for hours.
SECONDS = 10


def write(graded, page, assignment, student, scores, config):
    """Render a graded notebook; why that was not possible, or nothing.

    Parameters
    ----------
    graded, page : paths of the notebook and of the HTML file
    scores : what `autograder.saving.Saver.scores` gives
    config : dict, what nbgrader_config.py says
    """
    signal.signal(signal.SIGPROF, _late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        write_whole(Path(page), render(graded, assignment, student, scores, config))
    except Exception as error:  # whatever a notebook can do to a template, the other pages are written
        return f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


_TAGS = bleach.sanitizer.ALLOWED_TAGS | set(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "img",
        "pre",
        "span",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "br",
        "hr",
        "del",
        "sup",
        "sub",
        "dl",
        "dt",
        "dd",
    ]
)


def _clean(html):
    """HTML without scripts: tags and attributes that text is made of."""
    return bleach.clean(html, _TAGS, _is_harmless, protocols={"http", "https", "mailto", "data"})


def _is_harmless(tag, name, value):
    if name == "src":
        return tag == "img" and value.startswith(("data:image/png", "data:image/jpeg", "https:", "http:"))
    if name == "href":
        return tag == "a" and not value.strip().lower().startswith("data:")
    return name in ("id", "class", "alt", "title")


def _late(number, frame):
    raise TimeoutError(f"stopped after {SECONDS} s of computing: a text cell that takes too long to show")


def render(graded, assignment, student, scores, config):
    """The page as HTML; see `write`."""
    notebook = nbformat.read(graded, as_version=4)
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
    """nbgrader's exporter for feedback, its templates read once for each configuration."""
    if key not in _made:
        converter = GenerateFeedback(coursedir=None, config=config)
        preprocessors = [step for step in converter.preprocessors if step.__name__ != "GetGrades"]
        exporter = converter.exporter_class(parent=converter, config=converter.config)
        for step in preprocessors:
            exporter.register_preprocessor(step, enabled=True)
        # nbgrader's template shows what students write as it is, whatever sanitize_html says; all of it goes by here.
        exporter.register_filter("strip_files_prefix", lambda text: _clean(strip_files_prefix(text)))
        _made[key] = exporter
    return _made[key]
