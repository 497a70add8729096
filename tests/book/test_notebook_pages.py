"""The released notebooks as HTML pages, as `jupyter nbconvert --to html` and a hub's preview make them, in both themes.

What is ours there is what the cells hold: headings, links, pictures, tables. The page around them is nbconvert's.
"""

import functools
import re

import nbformat
import pytest
from accessibility import all_but_contrast, ask_axe, only_contrast
from courses import ROOT
from nbconvert.exporters import HTMLExporter

from autograder.course import ASSIGNMENTS

pytestmark = pytest.mark.browser

#: What is too pale on every page of nbconvert's, whatever is in the notebook: prompts and code in its template "lab".
#: No cell of ours sets a colour, and the preview is made where our settings are not read, so they are not ours to mend;
#: the book and the feedback have colours of their own. Of their contrast axe is not asked.
NBCONVERTS = (".jp-InputPrompt", ".highlight pre span")


@functools.cache  # it reads its templates anew otherwise
def exporter(theme):
    return HTMLExporter(theme=theme)


def complaints(browser, notebook, theme, path):
    """The findings of axe on a notebook's page, without those that are nbconvert's."""
    html, _ = exporter(theme).from_notebook_node(notebook)
    path.write_text(html, encoding="utf-8")
    page = browser.new_page(color_scheme=theme, viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(path.as_uri())
    said = ask_axe(page, NBCONVERTS, **only_contrast()) + ask_axe(page, **all_but_contrast())
    page.close()
    return said


def released(name):
    return nbformat.read(ROOT / "exercises" / name / f"{name}.ipynb", as_version=4)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_axe_finds_nothing_of_ours(name, theme, browser, tmp_path):
    assert complaints(browser, released(name), theme, tmp_path / "page.html") == []


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_no_formula_waits_for_a_script(name):
    """The reason why the page is whole without a network."""
    texts = [cell.source for cell in released(name).cells if cell.cell_type == "markdown"]
    assert not [text for text in texts if re.search(r"\$[^$\n]+\$|\\\(|\\\[|\\begin\{", re.sub(r"`[^`]*`", "", text))]


BREAKS = {
    "heading-order": "#### Two levels deeper",
    "link-name": "Read on [](https://example.org) there.",
    "svg-img-alt": '<svg role="img" width="9" height="9"></svg>',
    "color-contrast": '<p style="color: #888; background: #999">pale</p>',
    "empty-table-header": "| | b |\n|---|---|\n| 1 | 2 |",
}


@pytest.mark.parametrize("rule", BREAKS)
def test_what_is_wrong_in_a_cell_is_complained_about(rule, browser, tmp_path):
    notebook = released("00-start")
    notebook.cells[2:] = [nbformat.v4.new_markdown_cell(BREAKS[rule])]
    said = complaints(browser, notebook, "light", tmp_path / "page.html")
    assert any(text.startswith(f"axe, {rule}") for text in said), said
