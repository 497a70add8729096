"""`{conv-figure}`: a figure to take hold of, drawn by _assets/conv-figure.js.

    ```{conv-figure} figure
    :mode: depthwise
    :question: How many inputs does one output number take?

    Nine.
    ```

The argument is the kind, the body the answer, hidden at first. The drawing in the cell directly before is its still:
what paper shows, and a browser without scripts. The build refuses a figure that has none.
"""

import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from stills import has_still

LOGGER = logging.getLogger(__name__)
SCRIPT = Path(__file__).parents[1] / "_assets" / "conv-figure.js"


def names_in_script(constant):
    """The names in one of the script's tables, which is JSON on one line, so that there is no second list here.

    Examples
    --------
    >>> names_in_script("MODES")
    ('regular', 'depthwise', 'pointwise', 'separable')
    """
    (table,) = re.findall(rf"^ *const {constant} = (\{{.*\}});", SCRIPT.read_text(encoding="utf-8"), re.M)
    return tuple(json.loads(table))


KINDS, MODES = names_in_script("KINDS"), names_in_script("MODES")


def one_of(names):
    """Make a converter that accepts one of ``names``.

    Examples
    --------
    >>> one_of(KINDS)("split")
    'split'
    >>> one_of(KINDS)("splot")
    Traceback (most recent call last):
        ...
    ValueError: 'splot' is none of figure, window, split, matrix, cost
    """

    def convert(value):
        value = (value or "").strip()
        if value not in names:
            raise ValueError(f"{value!r} is none of {', '.join(names)}")
        return value

    return convert


class Figure(nodes.General, nodes.Element):
    """The element; its children are the answer."""


class FigureDirective(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec = {"mode": one_of(MODES), "question": directives.unchanged_required}  # noqa: RUF012 (docutils' form)

    def run(self):
        try:
            kind = one_of(KINDS)(self.arguments[0])
        except ValueError as problem:
            raise self.error(f"conv-figure: kind {problem}") from None
        if not self.options.get("question"):
            raise self.error("conv-figure: it opens with a question; give one as :question:")
        if not self.content:
            raise self.error("conv-figure: the body is the answer to the question, and is missing")
        if "mode" in self.options and kind != "figure":
            raise self.error(f"conv-figure: mode belongs to kind figure; {kind} has none")
        node = Figure(kind=kind, mode=self.options.get("mode", ""), question=self.options["question"])
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def enter(self, node):
    mode = f' mode="{node["mode"]}"' if node["mode"] else ""
    self.body.append(
        f'<conv-figure kind="{node["kind"]}"{mode}><div class="cf-ask"><p>{escape(node["question"])}</p>'
        "<details><summary>The answer</summary>\n"
    )


def leave(self, node):
    self.body.append("</details></div></conv-figure>\n")


def pass_by(self, node):
    """Other builders print the answer as ordinary text."""


def is_after_still(node):
    """True if the output of the cell directly before a figure is a drawing."""
    siblings = node.parent.children
    index = siblings.index(node)
    return index > 0 and any(has_still(raw.astext()) for raw in siblings[index - 1].findall(nodes.raw))


def ask_for_stills(app, doctree, docname):
    for node in doctree.findall(Figure):
        if not is_after_still(node):
            LOGGER.error("conv-figure: no drawing in the cell directly before it to show on paper", location=node)


def add_script(app, pagename, templatename, context, doctree):
    """Only the pages that have a figure load its script."""
    if doctree is not None and next(iter(doctree.findall(Figure)), None) is not None:
        app.add_css_file("conv-figure.css")
        app.add_js_file("conv-figure.js", loading_method="defer")


def setup(app):
    app.add_node(Figure, html=(enter, leave), latex=(pass_by, pass_by), text=(pass_by, pass_by))
    app.add_directive("conv-figure", FigureDirective)
    app.connect("doctree-resolved", ask_for_stills)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
