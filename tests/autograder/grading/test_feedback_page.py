"""The page of feedback as a student meets it: what it says, and how it shows, light and dark, on a desk and on a phone.

`look` opens a page in Debian's chromium and returns complaints. A check that never complains proves nothing, so there
are pages below that it must complain about.
"""

import json
import re

import pytest
from accessibility import ask_axe
from browsers import show_as
from bs4 import BeautifulSoup
from courses import ROOT, course, gradebook
from nbgrader.api import Gradebook as Records

from autograder.course import graded_cells
from autograder.grading import feedback, grade
from autograder.grading.gradebook import Gradebook
from autograder.grading.ledger import Ledger
from autograder.grading.results import kept_results
from autograder.releasing.release import nbgrader_config

NAME = "02-regular"
#: All right, half of it, one wrong turn, and a notebook with everything in it that can be hard to show.
STUDENTS = ("vectorises-everything", "stops-half-way", "flips-the-kernel", "untidy")

UNTIDY_TEXT = (
    """#### A heading that skips levels

<img src="data:image/png;base64,iVBORw0KGgo="> ![gone](attachment:gone.png) <img src="https://example.org/1.png">

| a | b | c | d | e | f | g | h |
|---|---|---|---|---|---|---|---|
| a_long_name_in_a_cell | another_long_name | a_long_name_in_a_cell | another_long_name | 5 | 6 | 7 | 8 |

A formula $C_{out} \\cdot 9$, and `a_very_long_name_in_code_that_has_no_place_to_break_in_it_at_all_whatever_happens`.

$$y = """
    + " + ".join(f"x_{{{number}}}" for number in range(30))
    + """$$

```
a line of code that is much too long for a phone, and that nobody has thought of breaking up into shorter ones
```
"""
)
UNTIDY_CODE = """
import base64
from IPython.display import Image, display
print("\\x1b[31mred\\x1b[0m & <b>bold</b>")
print("row   " + "   ".join(str(number) for number in range(40)))
display(Image(data=base64.b64decode(DOT)))
raise ValueError("x" * 300)
"""
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A course, graded; then a person has marked and commented on two, and the pages were written again."""
    folder = course(tmp_path_factory.mktemp("pages") / "course", [NAME], STUDENTS[:3])
    path = folder / "submitted" / "untidy" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    notebook = json.loads((ROOT / "exercises" / NAME / path.name).read_text(encoding="utf-8"))
    own = {"metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].insert(3, {"cell_type": "markdown", "metadata": {}, "source": UNTIDY_TEXT})
    notebook["cells"].insert(4, {"cell_type": "code", **own, "source": f"DOT = {DOT!r}\n{UNTIDY_CODE}"})
    path.write_text(json.dumps(notebook), encoding="utf-8")
    (path.parent / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    grade.grade(folder, seed="hidden", report=lambda line: None)
    with Records(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for student, points in (("vectorises-everything", 3), ("untidy", 1)):
            book.find_grade("explain-regular", NAME, NAME, student).manual_score = points
            book.find_grade("explain-regular", NAME, NAME, student).needs_manual_grade = False
            comment = book.find_comment("explain-regular", NAME, NAME, student)
            comment.manual_comment = "You name the *slices*. How many numbers has one?"
        book.find_submission_notebook(NAME, NAME, "untidy").late_submission_penalty = 0.5
        book.db.commit()
    grade.grade(folder, seed="hidden", report=lambda line: None)
    return folder


@pytest.fixture(scope="module")
def paths(folder):
    return {student: folder / "feedback" / student / NAME / f"{NAME}.html" for student in STUDENTS}


@pytest.fixture(scope="module")
def pages(paths):
    return {student: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for student, path in paths.items()}


# ---------------------------------------------------------------- what it says


@pytest.mark.parametrize("student", STUDENTS)
def test_every_mark_is_at_the_top_and_leads_to_its_cell(student, folder, pages):
    page = pages[student]
    marks = gradebook(folder)[NAME, student]["grades"]
    chips = {link["href"]: link for link in page.select(".marks a")}
    assert list(chips) == [f"#mark-{cell}" for cell in graded_cells(NAME)]
    for cell, points in graded_cells(NAME).items():
        auto, by_hand, _, waits = marks[cell]
        score = by_hand if by_hand is not None else auto or 0
        text = " ".join(chips[f"#mark-{cell}"].get_text().split())
        there = page.select_one(f"#mark-{cell}")
        expected = f"{score:g} of {points:g}" if points else "further, no points"
        expected = f"not read yet, {points:g} points" if waits else expected
        assert text.endswith(expected), text
        label = there.select_one(".label")
        assert label.select_one("code").get_text() == cell and expected in label.get_text()
        signs = {link.select_one(".sign").get_text() for link in (chips[f"#mark-{cell}"], label)}
        if points and not waits:
            assert signs == {"✓" if score == points else "✗" if score == 0 else "½"}


def totals(page):
    return " ".join(page.select_one(".score").get_text().split()), [
        " ".join(item.get_text().split()) for item in page.select(".facts li")
    ]


def test_the_total_and_what_goes_with_it(pages):
    messages = "Where a check failed, its message below says what was asked, what came back and what was expected."
    assert totals(pages["vectorises-everything"]) == ("20 of 20 points", ["Comments: explain-regular"])
    assert totals(pages["stops-half-way"]) == ("4.5 of 20 points", [messages])
    waiting = "3 of the 20 points are given by a person, who has not done so yet."
    assert totals(pages["flips-the-kernel"]) == ("15.5 of 20 points so far", [waiting, messages])
    late = "0.5 points were taken off because it was handed in late."
    assert totals(pages["untidy"]) == ("0.5 of 20 points", [late, "Comments: explain-regular", messages])


def test_title_and_name(pages):
    assert pages["untidy"].title.get_text() == "02-regular: feedback for untidy"
    assert pages["untidy"].select_one("h1").get_text() == "02-regular"
    assert pages["untidy"].html["lang"] == "en"


def test_links_lead_somewhere(pages):
    for page in pages.values():
        for link in page.select("a[href^='#']"):
            assert page.find(id=link["href"][1:]), link
        assert not [link["href"] for link in page.select("a") if not link["href"].startswith("#")]


def test_comments_stand_with_their_cells(pages):
    comment = pages["untidy"].select_one("#mark-explain-regular #comment-explain-regular")
    assert comment.select_one("em").get_text() == "slices"
    assert "No response." in pages["stops-half-way"].select_one("#comment-conv2d_torch").get_text()


def test_a_message_keeps_its_lines_and_its_columns(pages):
    message = pages["flips-the-kernel"].select_one("#mark-conv2d-values .message")
    lines = message.get_text().split("\n")
    assert lines[0] == "conv2d, values: wrong for x (1, 1, 5, 4), weight (1, 1, 2, 3)"
    columns = message.select(".scroll")
    assert columns[0].get_text().startswith("  x  ") and "yours  " in columns[1].get_text()
    assert not [part for part in columns if "Your numbers are" in part.get_text()]


def test_what_a_notebook_holds_is_shown_as_it_is_or_not_at_all(pages):
    page = pages["untidy"]
    assert "red & <b>bold</b>" in page.get_text()
    assert "\x1b" not in page.get_text()
    assert [image["src"].partition(",")[0] for image in page.select("img[src]")] == ["data:image/png;base64"] * 2
    assert all(image.has_attr("alt") for image in page.select("img"))
    assert page.find("script") is None


def test_the_courses_own_cells_are_made_once(folder):
    """A second student's page costs no more than what that student wrote."""
    config = nbgrader_config(folder)
    misses = []
    with Gradebook(folder, config) as book:
        for student in ("vectorises-everything", "flips-the-kernel"):
            path = folder / "autograded" / student / NAME / f"{NAME}.ipynb"
            results = kept_results(Ledger(folder).entry(student, NAME)).values()
            feedback.render(path.read_bytes(), NAME, student, book.marks(NAME, student), results, config)
            misses.append((feedback._kept_text.cache_info().misses, feedback._kept_code.cache_info().misses))
    assert misses[0][0] > 20 and misses[0][1] > 40
    assert misses[1][0] - misses[0][0] <= 1 and misses[1][1] - misses[0][1] <= 6


# ---------------------------------------------------------------- how it shows


def look(browser, path):
    """Everything wrong with a page: requests, errors, too wide parts, what axe finds in each theme and at each width.

    axe is asked once for each, because it takes seconds: what is wrong in one theme at one width only, it does not see.
    """
    complaints = []

    def request(sent):
        if not sent.url.startswith(("data:", path.as_uri())):
            complaints.append(f"request: {sent.url}")

    def console(line):
        if line.type == "error":
            complaints.append(f"console: {line.text}")

    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.on("request", request)
    page.on("console", console)
    page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    page.goto(path.as_uri(), wait_until="load")
    for theme in ("light", "dark"):
        for width in (1280, 360):
            show_as(page, width, color_scheme=theme)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                complaints.append(f"wider than the screen: {wide} of {width}, {theme}")
    for theme, width in (("light", 1280), ("dark", 360)):
        show_as(page, width, color_scheme=theme)
        complaints += [f"{line}, in {theme}" for line in ask_axe(page)]
    page.close()
    return complaints


@pytest.mark.browser
@pytest.mark.parametrize("student", STUDENTS)
def test_nothing_is_wrong_with_a_page(student, browser, paths):
    complaints = look(browser, paths[student])
    # A student's own heading may skip a level: what they wrote is shown as they wrote it. axe calls this moderate.
    allowed = "axe, heading-order, moderate: " if student == "untidy" else "nothing"
    assert [text for text in complaints if not text.startswith(allowed)] == []


BREAKS = {
    "pale at night": ("--soft: #a9b4c0", "--soft: #333", "axe, color-contrast, serious: .*, in dark"),
    "pale by day": ("--soft: #52606d", "--soft: #bbb", "axe, color-contrast, serious: .*, in light"),
    "out of a keyboard's reach": (' tabindex="0"', ' tabindex="-1"', "axe, scrollable-region-focusable, serious"),
    "no language": (' lang="en"', "", "axe, html-has-lang, serious"),
    "a table's heads": ('<th scope="row">', '<th scope="now">', "axe, scope-attr-valid, "),
    "a request": ("<main>", '<main><img alt="" src="https://example.org/1.png">', "console: Loading the image"),
    "a script": ("<main>", "<main><script>1</script>", "console: Executing inline script"),
    "wide text": ("<main>", '<main><p style="width: 500px">x</p>', "wider than the screen: "),
}


@pytest.fixture(scope="module")
def complaints_about_a_broken_page(browser, paths, tmp_path_factory):
    """The complaints about one page that is broken in every way."""
    html = paths["flips-the-kernel"].read_text(encoding="utf-8")
    html = html[: html.index('<div class="cell check" id="mark-conv2d-shape"')]  # the rest would only cost time
    for before, after, _ in BREAKS.values():
        assert before in html
        html = html.replace(before, after)
    path = tmp_path_factory.mktemp("broken") / "page.html"
    path.write_text(html, encoding="utf-8")
    return look(browser, path)


@pytest.mark.browser
@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_page_is_complained_about(name, complaints_about_a_broken_page):
    complaint = BREAKS[name][2]
    assert any(re.match(complaint, text, re.S) for text in complaints_about_a_broken_page), (
        complaints_about_a_broken_page
    )


@pytest.mark.browser
def test_paper_is_white_at_night_and_nothing_is_cut_off(browser, paths):
    page = browser.new_page(color_scheme="dark", viewport={"width": 700, "height": 900})
    page.goto(paths["untidy"].as_uri())
    colour = "getComputedStyle(document.body).backgroundColor"
    cut = """[...document.querySelectorAll("pre, pre span")].filter((part) =>
        part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0 && getComputedStyle(part).display !== "inline"
    ).map((part) => part.textContent.slice(0, 50))"""
    assert page.evaluate(colour) != "rgb(255, 255, 255)" and page.evaluate(cut) != []
    page.emulate_media(media="print")
    assert page.evaluate(colour) == "rgb(255, 255, 255)" and page.evaluate(cut) == []
    page.close()


# ---------------------------------------------------------------- formulas


def test_a_formula_is_a_formula_without_a_script(pages):
    page = pages["untidy"]
    assert page.select_one("math msub mi").get_text() == "C" and "$" not in page.select_one("h5 ~ p math").get_text()
    assert not re.search(r"MathJax|<script", str(page))
