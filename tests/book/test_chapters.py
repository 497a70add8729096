"""The parts that every chapter must have, and its cells, which must run: each check takes a chapter's text.

A check that never complains proves nothing, so each has a break below: a change to a real chapter that it must notice.
Outputs need no check: a MyST text notebook has no place to keep one.
"""

import ast
import contextlib
import functools
import io
import os
import re
import sys
import traceback

import jupytext
import pytest
from chapters import CHAPTERS, asked, chapter, options
from places import ROOT

from autograder.course import ASSIGNMENTS, exercises_of

BOOK = ROOT / "book"

SECTIONS = (
    "The idea in one picture",
    "The same in code",
    "The formula",
    "What it costs",
    "Which 3 is which",
    "Where intuition fails",
    "Quick questions",
    "Common mistakes",
    "Summary",
    "The assignment",
    "Sources",
)
BOXES = ("goals", "prerequisites", "run-it", "mistake", "summary", "assignment")
# The chapters in which the lines of a loop nest are put in order.
LOOPS = ("01-window", "02-regular", "03-depthwise")
MOST_LINES = 14
# What the page shows without a scroll bar at desktop width.
MOST_COLUMNS = 80


def cells(text, kind):
    return [cell for cell in jupytext.reads(text, fmt="md:myst").cells if cell.cell_type == kind]


def seen_code(text):
    """The code cells that a reader sees; the others only draw."""
    return [cell.source for cell in cells(text, "code") if "remove-input" not in cell.metadata.get("tags", [])]


def boxes(text, kind):
    """The bodies of all boxes of one kind."""
    return re.findall(rf"^:::\{{admonition\}}[^\n]*\n:class: {kind}\n(.*?)^:::$", text, re.M | re.S)


def section(text, title):
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found[1] if found else ""


@functools.cache
def run(sources):
    """Run cells top to bottom in one fresh namespace, as the book does, in the book's folder.

    Returns all that they show, and what went wrong: None or a traceback.
    """
    os.environ.setdefault("MPLBACKEND", "Agg")
    shown, complained = io.StringIO(), io.StringIO()
    namespace = {"__name__": "__main__"}
    before = list(sys.path)
    with contextlib.chdir(BOOK), contextlib.redirect_stdout(shown), contextlib.redirect_stderr(complained):
        sys.path[:0] = [str(BOOK), str(ROOT)]
        try:
            for place, source in enumerate(sources):
                tree = ast.parse(source)
                last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
                exec(compile(tree, f"cell {place}", "exec"), namespace)
                if last is not None:
                    value = eval(compile(ast.Expression(last.value), f"cell {place}", "eval"), namespace)
                    print(re.sub(r"<[^>]*>", " ", value._repr_html_()) if hasattr(value, "_repr_html_") else value)
        except Exception:
            return shown.getvalue(), traceback.format_exc()
        finally:
            sys.path[:] = before
            if "matplotlib.pyplot" in sys.modules:
                sys.modules["matplotlib.pyplot"].close("all")
    return shown.getvalue(), complained.getvalue() or None


def run_chapter(text):
    return run(tuple(cell.source for cell in cells(text, "code")))


# The checks


def has_its_parts(text, name):
    for kind in BOXES:
        if len(boxes(text, kind)) != 1:
            yield f"{len(boxes(text, kind))} boxes of the class {kind}, not one"
    if len(asked(text, "prediction")) != 1:
        yield f"{len(asked(text, 'prediction'))} predictions, not one"
    questions = section(text, "Quick questions")
    if not 3 <= len(asked(questions, "question")) <= 6:
        yield f"{len(asked(questions, 'question'))} quick questions, not three to six"
    if len(asked(questions, "revisit")) != (CHAPTERS.index(name) >= 2):
        yield "questions come back from 02 on, once in each chapter"
    if len(asked(text, "parsons")) != (name in LOOPS):
        yield f"{len(asked(text, 'parsons'))} loop nests to put in order"
    titles = [title for title in re.findall(r"^## (.*)$", text, re.M) if title in SECTIONS]
    if titles != list(SECTIONS):
        yield f"sections {titles}"
    if "{cite" not in section(text, "Sources"):
        yield "no source is cited"


def label_agrees_with_the_catalogue(text, name):
    about = ASSIGNMENTS[name]
    if f"\n{about.minutes} minutes with the assignment · difficulty {about.difficulty} of 3 ·" not in text:
        yield f"not {about.minutes} minutes, difficulty {about.difficulty}"


def asks_before_it_tells(text, name):
    question, answer = text.find("\n:::{prediction}"), text.find("\n:::{answer}")
    first_cell = text.find("\n```{code-cell}")
    if not 0 <= question < first_cell < answer:
        yield f"prediction at {question}, first cell at {first_cell}, answer at {answer}"


def explains_every_option(text, name):
    for kind in ("prediction", "question"):
        for title, body in asked(text, kind).items():
            found = options(body)
            if len(found) != 4 or body.count("\n- ") != 4:
                yield f"{len(found)} options, not four: {title}"
            if sum(right for right, _, _ in found) != 1:
                yield f"{sum(right for right, _, _ in found)} right: {title}"
            for _, option, why in found:
                if len(why.split()) < 5:
                    yield f"{option!r} is not explained: {title}"
                # The same option has another letter when it comes back.
                if re.search(r"\b(?:[Oo]ption|[Aa]nswer) [A-D]\b|\*\*[A-D]\*\*", why):
                    yield f"{option!r} is explained by a letter: {title}"


def cells_are_small(text, name):
    for source in seen_code(text):
        lines = source.splitlines()
        if len(lines) > MOST_LINES:
            yield f"{len(lines)} lines: {lines[0]}"
        yield from (f"{len(line)} columns: {line}" for line in lines if len(line) > MOST_COLUMNS)


def cells_show_or_prove(text, name):
    """A cell asserts, prints, draws, or only defines what the next one uses."""
    for source in seen_code(text):
        tree = ast.parse(source)
        proves = any(isinstance(node, ast.Assert) for node in ast.walk(tree))
        shows = any(
            isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("print", "imshow")
            for node in ast.walk(tree)
        )
        defines = all(isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom) for node in tree.body)
        if not (proves or shows or defines or isinstance(tree.body[-1], ast.Expr)):
            yield f"claims nothing: {source.splitlines()[0]}"


def formula_names_its_symbols(text, name):
    part = section(text, "The formula")
    formulas = re.findall(r"^\$\$\n(.*?)^\$\$$", part, re.M | re.S)
    if not formulas:
        yield "no formula"
    meanings = " ".join(re.findall(r"^- .*$", part, re.M))
    named = symbols(" ".join(re.findall(r"\$(.*?)\$", meanings)))
    for formula in formulas:
        if missing := symbols(formula) - named:
            yield f"not named: {sorted(missing)}"


def symbols(formula):
    plain = re.sub(r"\\[a-z]+\{[a-z ]+\}|\\[a-zA-Z]+|\\.", " ", formula)
    return set(re.findall(r"[a-zA-Z]_[A-Z]|[a-zA-Z]", plain))


def numbers_come_from_cells(text, name):
    """Every number above 10 in the prose stands in a cell or in what a cell shows.

    Wrong options are left out: their numbers are wrong on purpose. What is said about them is true.
    """
    prose = "\n".join(cell.source for cell in cells(text, "markdown"))
    prose = re.sub(r":::\{div\} facts\n.*?\n:::", "", prose, flags=re.S)
    prose = re.sub(r"^- \[ \].*$", "", prose, flags=re.M)
    prose = re.sub(r"\b\d\d-[a-z]+", "", prose)  # names of assignments
    shown, _ = run_chapter(text)
    known = numbers(shown).union(*(numbers(cell.source) for cell in cells(text, "code")))
    for number in sorted(numbers(prose) - known):
        if number > 10:
            yield f"{number:g} is in no cell"


def numbers(text):
    return {float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)", text)}


def offers_the_assignment(text, name):
    (box,) = boxes(text, "assignment") or [""]
    path = f"../exercises/{name}/{name}.ipynb"
    if f"{{download}}`{name}.ipynb <{path}>`" not in box:
        yield f"no download of {path}"
    if not (BOOK / path).is_file():
        yield f"{path} does not exist"
    for exercise in exercises_of(name):
        if f"`{exercise.name}`" not in box:
            yield f"{exercise.name} is not mentioned"


def cells_run(text, name):
    _, wrong = run_chapter(text)
    if wrong:
        yield wrong


NOTES = (
    "Difference between Depth-wise & Regular Convolution.",
    "Suppose we have $(6, 6, 3)$ input with $3 \\times 3$ kernel size and output channel = 2.",
    "Depth-wise convolution separates the input channels out and performs convolution separately on each channel then "
    "stacks the output back.",
    "Depth-wise cannot output a specific number of channels so it's usually followed by a point-wise convolution "
    "($1 \\times 1$ regular conv).",
    "Point-wise convolution:",
    "The main advantage of Depth-wise convolution is that it uses considerably less parameters than regular "
    "convolution → Efficiency!",
)


def answers_the_notes(text, name):
    """Every sentence of the notes is quoted, in order; each gets its verdict, a link to where it is shown, a cell."""
    parts = re.split(r"^## ", text, flags=re.M)[1:]
    quoted = [re.findall(r"^> (.*)$", part, re.M) for part in parts]
    if [quote for quotes in quoted for quote in quotes] != list(NOTES):
        yield f"quoted {quoted}"
    for part, quotes in zip(parts, quoted, strict=True):
        title = part.splitlines()[0]
        if quotes and "**Right" not in part:
            yield f"does not say what is right: {title}"
        if quotes and "](#" not in part:
            yield f"leads nowhere: {title}"
        if "assert " not in part:
            yield f"proves nothing: {title}"


CHECKS = (
    has_its_parts,
    label_agrees_with_the_catalogue,
    asks_before_it_tells,
    explains_every_option,
    cells_are_small,
    cells_show_or_prove,
    formula_names_its_symbols,
    numbers_come_from_cells,
    offers_the_assignment,
    cells_run,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter(name, check):
    assert list(check(chapter(name), name)) == []


@pytest.mark.parametrize(
    "check",
    (answers_the_notes, cells_are_small, cells_show_or_prove, numbers_come_from_cells, cells_run),
    ids=lambda check: check.__name__,
)
def test_notes_answered(check):
    assert list(check(chapter("notes-answered"), "notes-answered")) == []


# check, chapter, what is replaced, by what, a part of the complaint
BREAKS = [
    (answers_the_notes, "notes-answered", "then stacks the output back", "then adds the output", "quoted"),
    (answers_the_notes, "notes-answered", "**Right,** word for word.", "Word for word.", "what is right: Depthwise"),
    (
        answers_the_notes,
        "notes-answered",
        "[Regular convolution](#chapter-regular)",
        "a chapter",
        "leads nowhere: Regular",
    ),
    (
        answers_the_notes,
        "notes-answered",
        "assert np.array_equal(conv2d(x, as",
        "print((conv2d(x, as",
        "nothing: The title",
    ),
    (numbers_come_from_cells, "notes-answered", "hold 33 weights where", "hold 34 weights where", "34"),
    (cells_run, "03-depthwise", "== [0, 0, 9]", "== [0, 9, 0]", "AssertionError"),
    (cells_run, "05-separable", "P * D[:, 0])", "P + D[:, 0])", "AssertionError"),
    (has_its_parts, "00-start", ":class: goals\n", "", "0 boxes of the class goals"),
    (has_its_parts, "01-window", ":::{question}", ":::{note}", "0 quick questions"),
    (has_its_parts, "01-window", ":::{prediction}", ":::{question}", "0 predictions"),
    (has_its_parts, "03-depthwise", ":::{revisit}", ":::{note}", "questions come back"),
    (has_its_parts, "02-regular", ":::{parsons}", ":::{note}", "0 loop nests"),
    (has_its_parts, "01-window", "## Which 3 is which\n", "## Axes\n", "sections"),
    (has_its_parts, "02-regular", "{cite:p}", "", "no source"),
    (label_agrees_with_the_catalogue, "02-regular", "90 minutes", "9 minutes", "90 minutes"),
    (asks_before_it_tells, "01-window", ":::{answer} window-positions", ":::{note}", "answer at -1"),
    (
        explains_every_option,
        "00-start",
        "  That is `image[2, 4]`, for one: a pixel needs a row and a column.",
        "  No.",
        "explained",
    ),
    (explains_every_option, "02-regular", "- [ ] 576\n", "- 576\n", "3 options"),
    (explains_every_option, "02-regular", "- [ ] 576\n", "- [x] 576\n", "2 right"),
    (explains_every_option, "01-window", "- [x] 7\n", "- [ ] 7\n", "0 right: window-reach"),
    (explains_every_option, "01-window", "It reads 3 pixels.", "As option C, it reads 3 pixels.", "by a letter"),
    (
        cells_are_small,
        "01-window",
        "kW = kernel.shape\n",
        "kW = kernel.shape\n" + "    kH\n" * 9,
        "lines: def slide",
    ),
    (cells_are_small, "01-window", "kernel.size == 9\n", "kernel.size == 9" + " == 9" * 20 + "\n", "columns"),
    (cells_show_or_prove, "02-regular", "assert (kH * kW,", "wrong = (kH * kW,", "claims nothing: wrong"),
    (formula_names_its_symbols, "02-regular", "- $i, j$: row and column of the output; ", "- ", "['i', 'j']"),
    (formula_names_its_symbols, "01-window", "w[u, v] \\\\\n", "w[u, v] + k_D\n", "['k_D']"),
    (
        numbers_come_from_cells,
        "02-regular",
        "each is made of 27 products",
        "each is made of 29 products",
        "29",
    ),
    (numbers_come_from_cells, "00-start", "makes the numbers 0 to 107", "makes the numbers 0 to 109", "109"),
    (offers_the_assignment, "01-window", "`convolve2d`", "`convolve`", "convolve2d is not mentioned"),
    (offers_the_assignment, "02-regular", "<../exercises/02-regular/", "<../exercises/02/", "no download"),
    (cells_run, "00-start", "assert number == 49", "assert number == 50", "AssertionError"),
    (cells_run, "00-start", "assert image.ndim == 3", "import sys\nprint('!', file=sys.stderr)", "!"),
]


@pytest.mark.parametrize(
    ("check", "name", "old", "new", "complaint"),
    BREAKS,
    ids=[f"{row[0].__name__}-{row[1]}" for row in BREAKS],
)
def test_the_check_notices(check, name, old, new, complaint):
    text = chapter(name)
    assert old in text
    assert any(complaint in found for found in check(text.replace(old, new), name))


def test_every_check_has_a_break():
    assert {check for check, *_ in BREAKS} == {*CHECKS, answers_the_notes}
