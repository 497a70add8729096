"""The page that a student gets: nothing of the hidden data, the seed or this machine, and no HTML of their own."""

import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import numpy as np
import pytest
import small_course
from bs4 import BeautifulSoup
from courses import ROOT, course
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from autograder.checks.cases import draw
from autograder.course import exercises_of
from autograder.grading import feedback, grade
from autograder.grading.gradebook import CellMarks, GradebookError, Marks
from autograder.grading.results import FAILED, PASSED, CellResult
from autograder.releasing.release import nbgrader_config

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
    leaks = folder / "submitted" / "leaks" / NAME
    leaks.mkdir(parents=True)
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
    (leaks / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    run = grade.grade(folder, seed=SEED, report=lambda line: None)
    assert run.done == 3
    return {
        student: (folder / "feedback" / student / NAME / f"{NAME}.html").read_text(encoding="utf-8")
        for student in ("leaks", "flips-the-kernel", "warns")
    }


def traces(seed):
    """Marks of the data of a seed: three numbers that follow each other there."""
    found = set()
    for exercise in exercises_of(NAME):
        for aspect in exercise.points:
            for case in draw(exercise, aspect, seed):
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


# ---------------------------------------------------------------- results as data


def page_of(notebook, results=(), marks=None):
    """The page of the small course, made of results and marks without grading anything."""
    data = nbformat.writes(notebook).encode()
    html = feedback.render(data, small_course.NAME, "ada", marks or Marks(), list(results), nbgrader_config(ROOT))
    return BeautifulSoup(html, "html.parser")


def with_outputs(*outputs):
    """The small course's graded notebook; each check has these outputs."""
    notebook = small_course.notebook()
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.nbgrader["grade"]:
            cell.outputs = list(outputs)
    return notebook


ERROR = nbformat.v4.new_output("error", ename="CheckFailed", evalue="of the output", traceback=["of the output"])
PRINT = nbformat.v4.new_output("stream", name="stdout", text="printed")


def test_a_message_is_the_results_and_not_the_outputs():
    results = [CellResult("blur-values", FAILED, 0, 2, "of the result"), CellResult("blur-stride", PASSED, 1, 1)]
    page = page_of(with_outputs(PRINT, ERROR), results)
    assert page.select_one("#mark-blur-values").get_text().count("of the result") == 1
    for cell in ("blur-values", "blur-stride"):
        assert "of the output" not in page.select_one(f"#mark-{cell}").get_text()
        assert "printed" in page.select_one(f"#mark-{cell} .output").get_text()
    assert not page.select("#mark-blur-stride .message")


def test_a_students_own_error_is_shown():
    notebook = small_course.notebook()
    notebook.cells[0].outputs = [ERROR]
    assert "of the output" in page_of(notebook).select_one(".answer .message").get_text()


@pytest.mark.parametrize(
    ("results", "spoken"),
    [
        ([CellResult("blur-layout", PASSED, 0, 0)], "right: "),
        ([CellResult("blur-layout", FAILED, 0, 0, "wrong layout")], "not right: "),
        ([], "not known: "),  # graded by a version that kept no results
    ],
)
@pytest.mark.parametrize("outputs", [[], [ERROR]])
def test_a_further_aspect_is_judged_by_its_result(results, spoken, outputs):
    page = page_of(with_outputs(*outputs), results)
    label = page.select_one("#mark-blur-layout .label")
    assert label.select_one(".spoken").get_text() == spoken
    assert "further, no points" in label.get_text()


def test_marks_are_the_gradebooks():
    cells = {
        "blur-values": CellMarks(2.0, 0.5, None, 2.0, False),
        "explain-blur": CellMarks(None, None, None, 3.0, True),
    }
    marks = Marks(cells, {"explain-blur": "<p>No response.</p>\n"}, penalty=0.25)
    page = page_of(small_course.notebook(), [CellResult("blur-values", PASSED, 2, 2)], marks)
    assert "0.5 of 2" in page.select_one("#mark-blur-values .label").get_text()
    assert "not read yet, 3 points" in page.select_one("#mark-explain-blur .label").get_text()
    assert " ".join(page.select_one(".score").get_text().split()) == "0.25 of 5 points so far"


def test_a_page_that_takes_too_long_is_stopped():
    began = feedback.signal.getsignal(feedback.signal.SIGPROF)
    message = r"stopped after 0\.05 s of computing: a text cell that takes too long"
    with pytest.raises(TimeoutError, match=message), feedback.time_limit(0.05):
        while True:
            pass
    assert feedback.signal.getsignal(feedback.signal.SIGPROF) is began
    with feedback.time_limit(1000):
        assert feedback.signal.getitimer(feedback.signal.ITIMER_PROF)[0] > 900
    assert feedback.signal.getitimer(feedback.signal.ITIMER_PROF) == (0, 0)


def test_in_another_thread_there_is_no_limit():
    """A signal reaches no other thread; there must be no error of trying."""
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(computes_for, 0.2).result() > 0.2


def computes_for(seconds):
    with feedback.time_limit(seconds / 10):
        while time.thread_time() < seconds:
            pass
    return time.thread_time()


def test_nbgraders_command_says_what_is_missing(tmp_path):
    """`nbgrader generate_feedback` for a notebook that the gradebook has no marks of."""
    small_course.small_course(tmp_path).__exit__()
    coursedir = CourseDirectory(root=str(tmp_path))
    exporter = feedback.Page(parent=GenerateFeedback(coursedir=coursedir))
    exporter.register_preprocessor(feedback.Grades, enabled=True)
    names = {"student": "ada", "assignment": small_course.NAME, "db_url": coursedir.db_url}
    with pytest.raises(GradebookError, match="the gradebook has no marks of ada for 01-blur; grade it first"):
        exporter.from_notebook_node(small_course.notebook(), resources={"nbgrader": names})
