"""A build says what it does and how far it is, in a log as on a terminal, and nothing that nobody wants to know."""

import re

import pytest
from built import build_pages
from progress import Progress

NOTEBOOK = """---
jupytext:
  text_representation: {{extension: .md, format_name: myst}}
kernelspec: {{display_name: Python 3, language: python, name: python3}}
---
# {title}

```{{code-cell}} ipython3
{first}
```

```{{code-cell}} ipython3
2 + 2
```
"""
#: What jupyter-book itself says before and after.
FRAME = re.compile(r"Running Jupyter-Book|(Source Folder|Config Path|Output Path): |\s*$|.*={70}|Finished generating")


def lines_of(printed):
    """The lines that are printed from the first page to the last."""
    lines = printed.splitlines()
    end = next((at for at, line in enumerate(lines) if line.startswith("Finished")), len(lines))
    return [re.sub(r" \d+ s$", " T s", line.rstrip()) for line in lines[:end] if not FRAME.match(line)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("progress")


PAGES = {"intro": NOTEBOOK.format(title="Intro", first="1 + 1"), "plain": "# Plain\n\nText.\n"}


@pytest.fixture(scope="module")
def first(folder):
    return build_pages(folder, PAGES)


def test_each_page_that_is_read_has_a_line(first):
    code, printed = first
    assert code == 0
    assert lines_of(printed) == [
        "Reading 2 of 2 pages. Cells are run where they, or what they import, have changed.",
        "[1/2] intro: running 2 cells .. T s",
        "[2/2] plain",
        "Writing the pages ....",
    ]
    assert "\r" not in printed and "IPKernelApp" not in printed


def test_cells_that_have_not_changed_are_not_run(first, folder):
    _, printed = build_pages(folder, PAGES | {"intro": PAGES["intro"].replace("# Intro", "# Introduction")})
    assert lines_of(printed)[1:3] == ["[1/2] intro", "[2/2] plain"]


def test_a_warning_has_a_line_of_its_own_and_is_an_error(first, folder):
    code, printed = build_pages(folder, PAGES | {"plain": "# Plain\n\n{nothing}`x`\n"})
    assert code == 1
    (warning,) = [line for line in printed.splitlines() if "WARNING" in line]
    assert re.match(r"(\x1b\[\d+m)?/.*plain.md:3: WARNING: ", warning)


def test_a_line_that_was_not_begun_is_not_ended(capsys):
    progress = Progress()
    progress.end()
    progress.line("[1/1] intro")
    progress.end()
    progress.end()
    assert capsys.readouterr().out == "[1/1] intro\n"
