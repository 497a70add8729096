"""What a student gets: nothing of the hidden data, of the seed, or of this machine, and no HTML of anybody's making."""

import json
import re
import sys

import nbconvert
import numpy as np
import pytest
from bs4 import BeautifulSoup
from courses import ROOT, course

from autograder.checks.cases import draw
from autograder.course import EXERCISES, exercises_of
from autograder.grading import grade
from autograder.grading.safe_html import markdown2html

SEED = "a-seed-nobody-may-see"
NAME = "01-window"

#: A student who does all they can to have the data shown: printed, raised, kept for a later cell and in files.
LEAKS = """
import builtins, sys, warnings
kept = builtins.kept = []
def leak(*values):
    text = repr([getattr(value, "tolist", lambda value=value: value)() for value in values])
    kept.append(text)
    with open("/tmp/kept", "a") as file:
        file.write(text)
    print(text)
    print(text, file=sys.stderr)
    warnings.warn(text)
    return text
"""
FUNCTIONS = {
    "output_size": """
def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    raise RuntimeError(leak(size, kernel_size, stride, padding, dilation))
""",
    # Right on what everybody can see, wrong on everything else.
    "correlate2d": """
def correlate2d(image, kernel, stride=1, padding=0, dilation=1):
    leak(image, kernel)
    raise type("Leak" + leak(kernel), (ValueError,), {})(leak(image))
""",
    "convolve2d": """
def convolve2d(image, kernel):
    leak(image, kernel)
    return image
""",
}
READS = """
print(kept)
import os
if os.path.exists("/tmp/kept"):
    print(open("/tmp/kept").read())
kept
"""
HTML = """<script>alert("mine")</script> <img src="x" onerror="alert('mine')"> <a href="javascript:alert('mine')">a</a>
<iframe src="https://example.org/mine"></iframe> <style>body {display: none}</style>

**a word in bold**"""
SHOWS = """
from IPython.display import HTML, Javascript, SVG, display
display(HTML("<script>alert('mine')</script>"), Javascript("alert('mine')"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'><script>alert('mine')</script></svg>"))
print("<script>alert('mine')</script>")
HTML("<b onclick=alert('mine')>shown</b>")
"""


def code(source):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """student -> the page of feedback."""
    folder = course(tmp_path_factory.mktemp("feedback") / "a course", [NAME], ["flips-the-kernel", "warns"])
    place = folder / "submitted" / "leaks" / NAME
    place.mkdir(parents=True)
    notebook = json.loads((ROOT / "exercises" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    cells = []
    for cell in notebook["cells"]:
        if cell["id"] in FUNCTIONS:
            cell["source"] = LEAKS + FUNCTIONS[cell["id"]]
        cells.append(cell)
        if cell["id"].startswith(tuple(FUNCTIONS)):
            cells.append(code(READS))
    cells += [{"cell_type": "markdown", "metadata": {}, "source": HTML}, code(SHOWS)]
    notebook["cells"] = cells
    (place / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    run = grade.grade(folder, seed=SEED, report=lambda line: None)
    assert run.done == 3
    return {
        student: (folder / "feedback" / student / NAME / f"{NAME}.html").read_text(encoding="utf-8")
        for student in ("leaks", "flips-the-kernel", "warns")
    }


def traces(seed):
    """What only somebody writes who has seen the data of a seed: three numbers that stand together."""
    found = set()
    for exercise in exercises_of(NAME):
        for aspect in EXERCISES[exercise.name].points:
            for case in draw(exercise.name, aspect, seed):
                for value in (*case.args, *case.options.values()):
                    if isinstance(value, np.ndarray) and value.ndim:
                        for row in value.reshape(-1, value.shape[-1]).round(2).tolist():
                            found |= threes(row)
    return found


def threes(numbers):
    return set(zip(numbers, numbers[1:], numbers[2:], strict=False))


def numbers_together(page):
    """Every three numbers that follow each other on a page."""
    return threes([float(text) for text in re.findall(r"-?\d+\.\d+", BeautifulSoup(page, "html.parser").get_text())])


@pytest.mark.parametrize("student", ["leaks", "flips-the-kernel", "warns"])
def test_nothing_of_the_hidden_data(pages, student):
    assert not numbers_together(pages[student]) & (traces(SEED) - traces(20261122))


def test_the_public_data_are_there(pages):
    """The test above can fail: what student code shows of data is found on the page."""
    assert len(numbers_together(pages["leaks"]) & traces(20261122)) > 20


@pytest.mark.parametrize("student", ["leaks", "flips-the-kernel", "warns"])
def test_no_seed_and_no_path(pages, student):
    for secret in (SEED, str(ROOT), "/tmp/pytest", sys.prefix, "site-packages", ".autograder-seed", "gradebook.db"):
        assert secret not in pages[student], secret


def test_the_mistake_is_explained(pages):
    page = BeautifulSoup(pages["flips-the-kernel"], "html.parser").get_text()
    assert "Your numbers are those of a kernel flipped in both directions." in page
    assert "To see this case again: check(correlate2d, " in page


def test_no_html_of_the_students_own(pages):
    ours, theirs = (BeautifulSoup(pages[student], "html.parser") for student in ("warns", "leaks"))
    assert len(theirs.find_all("script")) == len(ours.find_all("script"))
    assert len(theirs.find_all("style")) == len(ours.find_all("style"))
    assert theirs.find_all("iframe") == []
    for tag in theirs.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")], tag
        assert not str(tag.get("href", "")).startswith("javascript:"), tag
    assert "a word in bold" in [tag.get_text() for tag in theirs.find_all("strong")]
    assert "<script>alert('mine')</script>" in theirs.get_text()  # what was printed is shown, as text


def test_the_sanitising_is_what_does_it():
    """nbconvert's own filter of this name leaves the script where it is."""
    own = nbconvert.HTMLExporter().environment.filters["markdown2html"]
    assert '<script>alert("mine")</script>' in own({}, HTML)
    page = BeautifulSoup(markdown2html({}, HTML), "html.parser")
    assert {tag.name for tag in page.find_all(True)} == {"img", "a", "p", "strong"}


def test_what_formats_text_stays():
    text = "# Title\n\n| a | b |\n|---|--:|\n| `x < y` | $a_b$ |\n\n- one\n\n"
    text += "<details><summary>Hint</summary>\n\nmore\n\n</details>"
    page = BeautifulSoup(markdown2html({}, text), "html.parser")
    tags = {tag.name for tag in page.find_all()}
    assert {"h1", "table", "th", "td", "code", "ul", "li", "details", "summary"} <= tags
    assert page.find("code").get_text() == "x < y"
    assert "$a_b$" in page.get_text()
