"""The comforts: what can be taken along, words that explain themselves, code that can be copied, a search that finds.

Each is a function that looks at a page or a file and returns complaints. Beside it stand its breaks: the same page with
a script that lacks one line, or the same notebook with one fault, which it must complain about.
"""

import functools
import io
import json
import os
import re
import subprocess
import sys
import zipfile

import nbformat
import notebooks
import pytest
from accessibility import ask_axe
from browsers import LOSSES, reused_tabs
from bs4 import BeautifulSoup
from built import BOOK, HTML, ROOT, build, build_pages
from leaks import secrets
from playwright.sync_api import TimeoutError, expect
from question_nodes import Mistake

from autograder.course import ASSIGNMENTS
from autograder.releasing import student_zip
from autograder.releasing.convert import BEGIN

pytestmark = pytest.mark.browser

WHEEL = student_zip.wheel_name(ROOT)
CHAPTERS = [f"{name}-chapter.ipynb" for name in ASSIGNMENTS]
ASSETS = BOOK / "_assets"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def open_page(browser):
    """Open a page as a reader who was never there before."""
    with reused_tabs(browser) as open_tab:
        yield open_tab


def places(book, served):
    return {"folder": book.as_uri(), "server": served}


# ---------------------------------------------------------------- downloads


@pytest.fixture(scope="module")
def zipped(book):
    with zipfile.ZipFile(book / "downloads" / "student.zip") as archive:
        return {name.removeprefix(f"{student_zip.FOLDER}/"): archive.read(name) for name in archive.namelist()}


def test_what_the_build_makes(book, zipped):
    made = {path.name: path.read_bytes() for path in (book / "downloads").iterdir()}
    assert set(made) == {"student.zip", WHEEL, *CHAPTERS}
    exercises = {f"exercises/{name}/{name}.ipynb" for name in ASSIGNMENTS}
    assert set(zipped) == {"README.txt", WHEEL, *exercises, *(f"chapters/{name}" for name in CHAPTERS)}
    assert zipped[WHEEL] == made[WHEEL]
    for name in CHAPTERS:
        assert zipped[f"chapters/{name}"] == made[name]
    for name in exercises:
        assert zipped[name] == (ROOT / name).read_bytes()
    assert "jupyter lab chapters" in zipped["README.txt"].decode()


@functools.cache  # many tests ask the same page, and none changes it
def soup(html):
    """A page's markup. What lies inside drawings is left out: it is most of a page, and nothing here asks for it."""
    return BeautifulSoup(re.sub(r"<svg.*?</svg>", "", html, flags=re.S), "html.parser")


def offered(path):
    """Every file that a page offers, as its text does and as the button in its head does: name -> address."""
    page = soup(path.read_text(encoding="utf-8"))
    in_text = [link["href"] for link in page.select("article a.download")]
    in_button = [link["href"] for link in page.select(".dropdown-download-buttons a")]
    return [{address.rpartition("/")[2]: address for address in links} for links in (in_text, in_button)]


def test_what_the_pages_offer(book):
    everything = {"student.zip", WHEEL, *CHAPTERS, *(f"{name}.ipynb" for name in ASSIGNMENTS)}
    in_text, in_button = offered(book / "students.html")
    assert set(in_text) == everything
    assert not in_button  # not the page's source either
    for name in ASSIGNMENTS:
        in_text, in_button = offered(book / f"{name}.html")
        assert set(in_text) == {f"{name}.ipynb", f"{name}-chapter.ipynb"}
        assert in_button == in_text


def test_what_is_offered_is_saved(book, served, open_page):
    page = open_page(f"{served}/00-start.html", viewport=PHONE)
    for name, file in (
        ("00-start-chapter.ipynb", book / "downloads" / "00-start-chapter.ipynb"),
        ("00-start.ipynb", ROOT / "exercises" / "00-start" / "00-start.ipynb"),
    ):
        with page.expect_download() as coming:
            page.locator("article a.download", has_text=name).click()
        assert coming.value.suggested_filename == name
        assert coming.value.path().read_bytes() == file.read_bytes()
    page.get_by_role("button", name="Download this page").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent.trim()") == "chapter .ipynb"
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    assert coming.value.suggested_filename == "00-start-chapter.ipynb"


def test_from_a_folder_the_zip_is_saved(book, open_page):
    """A notebook is shown as text there, whatever a page asks for; the page says what to do then."""
    page = open_page(f"{book.as_uri()}/students.html")
    with page.expect_download() as coming:
        page.locator("article a.download", has_text="student.zip").click()
    assert coming.value.suggested_filename == "student.zip"
    assert "Save link as" in page.locator("article").inner_text()


def wrong_with(text, name):
    """The faults of a chapter's notebook, found without running it."""
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    complaints = []
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    shown = re.sub(r"base64,[^\"]*", "", prose)
    complaints += [
        f"markup: {found[0]!r}"
        for found in re.finditer(r":::.*|```\{.*|\{[a-z:]+\}`.*|\]\(#.*|^\(.*\)=$|\[x\].*|^:[a-z]+:.*", shown, re.M)
    ]
    complaints += [f"output in {cell.id}" for cell in notebook.cells if cell.get("outputs")]
    if [cell.id for cell in notebook.cells] != [f"{name}-chapter-{place + 1}" for place in range(len(notebook.cells))]:
        complaints.append("ids that change")
    if "drawings" in code:
        complaints.append("needs the drawings package")
    if f"pip install {WHEEL}" not in notebook.cells[0].source:
        complaints.append("does not say what it needs")
    for package in ("torch", "matplotlib"):
        if (f"import {package}" in code) != (f" {package} " in notebook.cells[0].source.split("pip install")[1]):
            complaints.append(f"imports {package} and does not say so, or the other way round")
    page = soup((HTML / f"{name}.html").read_text(encoding="utf-8"))
    images = re.findall(r'<img alt="([^"]+)"[^>]* src="data:image/svg\+xml;base64,', prose)
    if len(images) != len(page.select("figure.drawing")):
        complaints.append(f"{len(images)} pictures, {len(page.select('figure.drawing'))} in the book")
    folds = len(page.select("details.explanations")) + len(page.select("conv-figure details"))
    if prose.count("<details>") != folds or prose.count("</details>") != folds:
        complaints.append(f"{prose.count('<details>')} folds, {folds} in the book")
    # A fold opens on the answer: what is right stands nowhere else.
    if "Right.**" in re.sub(r"<details>.*?</details>", "", prose, flags=re.S):
        complaints.append("an answer outside its fold")
    return complaints


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_chapter_is_a_sound_notebook(name, book):
    assert wrong_with((book / "downloads" / f"{name}-chapter.ipynb").read_text(encoding="utf-8"), name) == []


def more(place, text):
    def change(notebook):
        notebook.cells[place].source += f"\n\n{text}"

    return change


def without(place, part, new):
    def change(notebook):
        notebook.cells[place][part] = new

    return change


def no_torch(notebook):
    for cell in notebook.cells:
        cell.source = cell.source.replace("import torch", "import math")


def an_output(notebook):
    notebook.cells[3].outputs = [nbformat.v4.new_output("stream", text="1")]


NOTEBOOK_BREAKS = {
    "directive": (more(0, ":::{question} x"), "markup: ':::{question} x'"),
    "role": (more(0, "{term}`filter`"), "markup: '{term}`filter`'"),
    "mark": (more(0, "- [x] 27"), "markup: '[x] 27'"),
    "answer": (more(0, "**B. Right.** 27"), "an answer outside its fold"),
    "fold": (more(0, "<details>"), "folds"),
    "needs": (without(0, "source", "# Title\n\n`pip install it`"), "does not say what it needs"),
    "picture": (without(1, "source", "A picture."), "pictures"),
    "drawings": (more(3, "import drawings"), "needs the drawings package"),
    "outputs": (an_output, "output in 02-regular-chapter-4"),
    "ids": (without(3, "id", "x1"), "ids that change"),
    "torch": (no_torch, "imports torch and does not say so, or the other way round"),
}


@pytest.mark.parametrize("fault", NOTEBOOK_BREAKS)
def test_a_faulty_notebook_is_complained_about(fault, book):
    change, complaint = NOTEBOOK_BREAKS[fault]
    notebook = nbformat.read(book / "downloads" / "02-regular-chapter.ipynb", as_version=4)
    change(notebook)
    complaints = wrong_with(nbformat.writes(notebook), "02-regular")
    assert any(complaint in text for text in complaints), complaints


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (":::{dropdown} More\n27\n:::\n", "no plain form for the directive dropdown"),
        ("see {ref}`there`", "no plain form for the role ref"),
        ("A [colour]{.swatch .c0}.", "no plain form for '{.swatch .c0}."),
        ("```{code-cell}\nimport drawings\n\nwindow = drawings.window()\n```\n", "needs the drawings package"),
    ],
)
def test_what_has_no_plain_form_is_refused(text, complaint):
    head = "---\njupytext: {text_representation: {extension: .md, format_name: myst}}\n---\n\n"
    texts = {"01-window": f"{head}# A chapter\n\n{text}"}
    outputs = [""] * text.count("{code-cell}")
    with pytest.raises(Mistake, match=f"^01-window: .*{re.escape(complaint)}"):
        notebooks.chapter_notebook("01-window", texts, outputs, {}, {}, WHEEL)


def test_a_file_that_the_build_does_not_make_cannot_be_offered(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    code, printed = build_pages(tmp_path, {"page": "# A page\n\nTake {built}`00-start-chapter.ipynb`.\n"})
    assert code != 0
    assert "offered, and not made by the build: 00-start-chapter.ipynb" in printed


# No solution in any of them

#: The chapter about windows has this line too: it makes room for a result and says nothing of how to compute it.
HARMLESS = {"result = np.zeros((H_out, W_out), image.dtype)"}


def solutions_in(name, data):
    """Lines of any assignment's solution that stand in a file; in a zip or a wheel, in any file of it.

    The packages themselves are left out: the course is open, and its reference is the right answer by its nature.
    """
    if name.startswith(("autograder/", "convolution/")):
        return set()
    if name.endswith((".zip", ".whl")):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return set().union(*(solutions_in(inner, archive.read(inner)) for inner in archive.namelist()))
    text = data.decode()
    if name.endswith(".ipynb"):  # in the file itself, quotes have backslashes
        text = "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    if BEGIN in text:
        return {BEGIN}
    lines = {line.strip() for line in text.splitlines()}
    # A later assignment is given what an earlier one asked for; it does not hold its own.
    stem = name.rpartition("/")[2].removesuffix(".ipynb")
    asked = [stem] if stem in ASSIGNMENTS else ASSIGNMENTS
    return {line for assignment in asked for line in secrets(assignment) & lines} - HARMLESS


def test_no_solution_is_in_any_download(book):
    for path in (book / "downloads").iterdir():
        assert not solutions_in(path.name, path.read_bytes()), path.name


def test_a_solution_in_a_download_is_found(book, zipped):
    notebook = nbformat.read(book / "downloads" / "02-regular-chapter.ipynb", as_version=4)
    secret = max(secrets("02-regular"), key=lambda line: line.count('"'))
    notebook.cells[3].source += f"\n{secret}"
    leaking = nbformat.writes(notebook).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{student_zip.FOLDER}/chapters/02-regular-chapter.ipynb", leaking)
    assert solutions_in("02-regular-chapter.ipynb", leaking) == {secret}
    assert solutions_in("student.zip", packed.getvalue()) == {secret}
    for name in ASSIGNMENTS:
        source = (ROOT / "solutions" / name / f"{name}.md").read_bytes()
        assert solutions_in(f"{name}.md", source) == {BEGIN}
        assert solutions_in(f"{name}.md", source.replace(BEGIN.encode(), b""))


# They run with what the zip brings

RUN = """
import contextlib, io, json, sys, traceback
import matplotlib, nbformat
import autograder
assert autograder.__file__.startswith(sys.argv[1]), autograder.__file__
matplotlib.use("Agg")
failed = {}
for path in sys.argv[2:]:
    namespace = {"__name__": "__main__"}
    try:
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "code":
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(cell.source, f"{path}, {cell.id}", "exec"), namespace)
    except BaseException:
        failed[path] = traceback.format_exc()
print(json.dumps(failed))
"""


@pytest.fixture(scope="module")
def unpacked(book, tmp_path_factory):
    """The zip as a student has it, and the wheel as pip lays it down."""
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(book / "downloads" / "student.zip") as archive:
        archive.extractall(folder)
    with zipfile.ZipFile(folder / student_zip.FOLDER / WHEEL) as archive:
        archive.extractall(folder / "installed")
    return folder


@pytest.fixture(scope="module")
def failed(unpacked):
    """Each chapter is run, and then one that needs more: its path -> why it failed. One process imports torch once."""
    chapters = [f"{student_zip.FOLDER}/chapters/{name}" for name in CHAPTERS]
    notebook = nbformat.read(unpacked / chapters[0], as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("import drawings"))
    nbformat.write(notebook, unpacked / "more.ipynb")
    command = [sys.executable, "-c", RUN, str(unpacked / "installed"), *chapters, "more.ipynb"]
    environment = os.environ | {"PYTHONPATH": str(unpacked / "installed"), "PYTHONWARNINGS": "error"}
    done = subprocess.run(command, cwd=unpacked, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_every_chapter_runs_with_what_the_zip_brings(failed):
    assert {path: why for path, why in failed.items() if path != "more.ipynb"} == {}


def test_a_chapter_that_needs_more_does_not_run(failed):
    assert "No module named 'drawings'" in failed["more.ipynb"]


#: What `jupyter nbconvert --execute` does, without the many packages that it imports to convert.
IN_A_KERNEL = """
import sys
import nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.execute(notebook)
print(nbformat.writes(notebook))
"""


def test_a_chapter_runs_by_itself_in_a_kernel(unpacked, tmp_path):
    """As Jupyter runs it, in a folder where nothing lies beside it."""
    alone = tmp_path / CHAPTERS[1]
    alone.write_bytes((unpacked / student_zip.FOLDER / "chapters" / CHAPTERS[1]).read_bytes())
    environment = os.environ | {"PYTHONPATH": str(unpacked / "installed")}
    done = subprocess.run(
        [sys.executable, "-c", IN_A_KERNEL, alone.name],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "4" in "".join(str(cell.get("outputs")) for cell in nbformat.reads(done.stdout, as_version=4).cells)


# ---------------------------------------------------------------- words of the glossary


@pytest.fixture(scope="module")
def meanings(book):
    """The glossary: id of a term -> word and definition."""
    page = BeautifulSoup((book / "glossary.html").read_text(encoding="utf-8"), "html.parser")
    for link in page.select(".headerlink"):
        link.decompose()
    return {
        word["id"]: " ".join(f"{word.text} {word.find_next_sibling('dd').text}".split())
        for word in page.select("dl.glossary dt")
    }


def unexplained(html, meanings):
    page = soup(html)
    complaints = []
    used = {word.parent["href"].rpartition("#")[2] for word in page.select("article a > span.std-term")}
    for word in page.select("article a > span.std-term"):
        name = word.parent["href"].rpartition("#")[2]
        card = page.find(id=word.parent.get("aria-describedby", "nothing"))
        if card is None:
            complaints.append(f"{name}: no card")
        elif not (card.has_attr("hidden") and card.get("role") == "tooltip"):
            complaints.append(f"{name}: no hidden tooltip")
        elif " ".join(card.get_text(" ").split()).replace(" ", "") != meanings[name].replace(" ", ""):
            complaints.append(f"{name}: {card.text!r}")
        elif card.select("a, [id]"):
            complaints.append(f"{name}: a link or an id in a card")
    if len(page.select(".term-card")) != len(used):
        complaints.append(f"{len(page.select('.term-card'))} cards for {len(used)} words")
    return complaints


def test_every_word_is_explained_on_its_page(book, meanings):
    pages = {path.stem: path.read_text(encoding="utf-8") for path in book.glob("*.html")}
    assert {name: found for name, html in pages.items() if (found := unexplained(html, meanings))} == {}
    with_words = {name for name, html in pages.items() if "std-term" in html}
    assert {*ASSIGNMENTS, "glossary"} <= with_words
    for name, html in pages.items():
        assert ("terms.js" in html, "terms.css" in html) == (name in with_words, name in with_words), name


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (' aria-describedby="is-term-filter"', "", "term-filter: no card"),
        ('id="is-term-filter" role="tooltip" hidden', 'id="is-term-filter" role="tooltip"', "no hidden tooltip"),
        ("All the weights that make one output channel", "Coffee goes through it", "term-filter: 'filter"),
        ("All the weights", "<a href='#x'>All</a> the weights", "term-filter: a link or an id"),
        ('<div class="term-card"', '<div class="term-card"></div><div class="term-card"', "cards for"),
    ],
)
def test_a_word_that_is_not_explained_is_found(old, new, complaint, book, meanings):
    html = (book / "02-regular.html").read_text(encoding="utf-8")
    assert old in html
    assert any(complaint in text for text in unexplained(html.replace(old, new), meanings))


def test_a_change_of_the_glossary_reaches_the_pages(tmp_path):
    # The first page has the contents, so Sphinx writes that again in any case.
    pages = {"other": "# Another\n\nNo words.\n", "page": "# A page\n\nOne {term}`kernel`.\n"}
    for meaning in ("The small grid.", "The stone of a *fruit*."):
        glossary = f"# Glossary\n\n```{{glossary}}\nkernel\n  {meaning}\n```\n"
        if not (tmp_path / "book").exists():
            code, printed = build_pages(tmp_path, pages | {"words": glossary})
        else:  # only the glossary is written anew: a page that is written anew is read again whatever it holds
            (tmp_path / "book" / "words.md").write_text(glossary)
            code, printed = build(tmp_path, tmp_path)
        assert code == 0, printed
        page = BeautifulSoup((tmp_path / "_build/html/page.html").read_text(encoding="utf-8"), "html.parser")
        assert page.find(id="is-term-kernel").text.split() == [
            "kernel" + meaning.split()[0],
            *meaning.replace("*", "").split()[1:],
        ]
    assert "terms" not in (tmp_path / "_build/html/other.html").read_text(encoding="utf-8").split("</head>")[0]


WORD = ".bd-article a[aria-describedby=is-term-shape]"
CARD = "#is-term-shape"
LATER = 600  # ms, three times as long as the script waits
LONG, SHORT = 10_000, 1_000  # ms: how long a reader waits for something to happen; SHORT where it should not


def becomes(page, shown, patience):
    """True if the card is shown, or hidden, before long."""
    try:
        page.locator(CARD).wait_for(state="visible" if shown else "hidden", timeout=patience)
    except TimeoutError:
        return False
    return True


def outside_the_window(page):
    place, size = page.locator(CARD).bounding_box(), page.viewport_size
    right, bottom = place["x"] + place["width"], place["y"] + place["height"]
    inside = min(place["x"], place["y"]) >= 0 and right <= size["width"] and bottom <= size["height"]
    return [] if inside else [f"outside the window: {place}"]


def pointed_at(page, patience=LONG):
    """Complaints of a reader with a mouse."""
    word, card = page.locator(WORD).first, page.locator(CARD)
    word.scroll_into_view_if_needed()
    word.hover()
    if not becomes(page, True, patience):
        return ["the pointer does not show the card"]
    if complaints := outside_the_window(page):
        return complaints
    card.hover(position={"x": 20, "y": 20})
    page.wait_for_timeout(LATER)
    if not card.is_visible():
        return ["it goes while the pointer is on it"]
    page.keyboard.press("Escape")
    if not becomes(page, False, patience):
        return ["Escape leaves it"]
    page.mouse.move(2, 2)
    page.wait_for_timeout(LATER)
    word.hover()
    becomes(page, True, patience)
    page.mouse.move(2, 2)
    return [] if becomes(page, False, patience) else ["it stays when the pointer has left"]


def tabbed_to(page, patience=LONG):
    """Complaints of a reader with a keyboard."""
    word = page.locator(WORD).first
    word.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    if not becomes(page, True, patience):
        return ["focus does not show the card"]
    page.keyboard.press("Escape")
    if not becomes(page, False, patience):
        return ["Escape leaves it"]
    if not word.evaluate("word => document.activeElement === word"):
        return ["Escape takes the focus away"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    becomes(page, True, patience)
    page.keyboard.press("Tab")
    return [] if becomes(page, False, patience) else ["it stays when the focus has left"]


def tapped(page, patience=LONG):
    """Complaints of a reader with a telephone."""
    word, here = page.locator(WORD).first, page.url
    word.tap()
    page.wait_for_timeout(LATER)
    if page.url != here:
        return ["the first tap leads away"]
    if not becomes(page, True, patience):
        return ["a tap does not show the card"]
    if complaints := outside_the_window(page):
        return complaints
    page.touchscreen.tap(4, 100)
    if not becomes(page, False, patience):
        return ["a tap beside it leaves it"]
    word.tap()
    becomes(page, True, patience)
    word.tap()
    try:
        page.wait_for_url("**/glossary.html#term-shape", timeout=patience)
    except TimeoutError:
        return ["the second tap does not lead to the glossary"]
    return []


READERS = {
    "mouse": (pointed_at, {}),
    "keyboard": (tabbed_to, {}),
    "touch": (tapped, {"viewport": PHONE, "has_touch": True, "is_mobile": True}),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_word_says_what_it_means(reader, book, open_page):
    look, options = READERS[reader]
    assert look(open_page(f"{book.as_uri()}/00-start.html", **options)) == []


def small_page(folder, scripts, changes=()):
    """A page with a word, its card, and code; its scripts are the book's own, but for the changes."""
    for script in scripts:
        text = (ASSETS / script).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / script).write_text(text, encoding="utf-8")
    (folder / "glossary.html").write_text("<p id='term-shape'>shape</p>")
    links = "".join(f'<link rel="stylesheet" href="{ASSETS.as_uri()}/{name}">' for name in ("book.css", "terms.css"))
    code = "".join(f'<script defer src="{script}"></script>' for script in scripts)
    style = "body { background: var(--paper) } a { color: var(--accent) }"
    (folder / "page.html").write_text(
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>A page</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style>{links}{code}</head>'
        '<body><main class="bd-article">'
        "<p>Some text that is here to be tapped on.</p><p>And more of it.</p><p>And more.</p>"
        '<p><button>before</button> <a href="glossary.html#term-shape" aria-describedby="is-term-shape">shape</a> '
        '<button>after</button></p><div class="cell_input"><div class="highlight"><pre>print(1)\nprint(2)\n</pre></div>'
        '</div><div class="term-card" id="is-term-shape" role="tooltip" hidden><b>shape</b><p>All the sizes.</p>'
        "</div></main></body></html>"
    )
    return (folder / "page.html").as_uri()


HOLD = ('("pointerenter", () => clearTimeout(timer))', '("x", () => 0)')
NO_ESCAPE = ('key === "Escape"', 'key === "Esc"')
NO_BLUR = ('("blur", hide)', '("x", hide)')
CARD_BREAKS = {
    "hover": ("mouse", [("else soon(() => show(link, clientX));", "")], "the pointer does not show the card"),
    "hoverable": ("mouse", [HOLD], "it goes while the pointer is on it"),
    "escape": ("mouse", [NO_ESCAPE], "Escape leaves it"),
    "leave": ("mouse", [('pointerType === "touch" || soon(hide)', "true")], "it stays when the pointer has left"),
    "place": ("mouse", [("card.style.left = `${left", "card.style.left = `${-400")], "outside the window"),
    "focus": ("keyboard", [('"focus"', '"x"')], "focus does not show the card"),
    "escape-keyboard": ("keyboard", [NO_ESCAPE], "Escape leaves it"),
    "escape-focus": ("keyboard", [("&& hide()", "&& document.activeElement.blur()")], "Escape takes the focus away"),
    "blur": ("keyboard", [NO_BLUR], "it stays when the focus has left"),
    "first-tap": ("touch", [("event.preventDefault();", "")], "the first tap leads away"),
    "tap": ("touch", [("show(link, event.clientX);", ""), ('"focus"', '"x"')], "a tap does not show the card"),
    "second-tap": ("touch", [("touched && !shownBefore", "touched")], "the second tap does not lead to the glossary"),
    # Where a tap gives the focus, as here, leaving it hides the card as well.
    "tap-beside": ("touch", [("open && !open.contains(target)", "false"), NO_BLUR], "a tap beside it leaves it"),
}


@pytest.mark.parametrize("fault", CARD_BREAKS)
def test_a_card_that_misbehaves_is_complained_about(fault, open_page, tmp_path):
    reader, changes, complaint = CARD_BREAKS[fault]
    look, options = READERS[reader]
    [said] = look(open_page(small_page(tmp_path, ["terms.js"], changes), **options), SHORT)
    assert said.startswith(complaint)


def test_on_a_small_page_a_card_behaves(open_page, tmp_path):
    address = small_page(tmp_path, ["terms.js"])
    for look, options in READERS.values():
        assert look(open_page(address, **options)) == []


def test_a_card_is_read_out_and_not_printed(open_page, tmp_path):
    for theme in ("light", "dark"):
        page = open_page(small_page(tmp_path, ["terms.js"]))
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        word = page.locator(WORD)
        expect(word).to_have_accessible_description("shape All the sizes.")
        word.hover()
        assert becomes(page, True, LONG)
        assert ask_axe(page, include=[CARD, WORD]) == []
        page.emulate_media(media="print")
        assert not page.locator(CARD).is_visible()


# ---------------------------------------------------------------- copy buttons

CODE = ".cell_input pre, .highlight-bash pre, .highlight-bat pre"


def uncopied(page, patience=LONG):
    """Complaints of a reader who wants to have the first code of a page, with the keyboard."""
    page.evaluate("document.body.prepend(document.createElement('textarea'))")
    area = page.locator("textarea").first
    area.fill("what was copied before")
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+X")
    names = page.evaluate(
        """selector => [...document.querySelectorAll(selector)].flatMap(
            (code) => [...code.parentElement.querySelectorAll("button")].map((button) => button.ariaLabel))""",
        CODE,
    )
    if names != ["Copy the code"] * page.locator(CODE).count():
        return [f"{names} for {page.locator(CODE).count()} blocks of code"]
    code = page.locator(CODE).locator("visible=true").first
    button, said = code.locator("xpath=../button"), code.locator("xpath=../*[@role='status']")
    button.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    if not button.evaluate("b => document.activeElement === b && getComputedStyle(b).opacity === '1'"):
        return ["not reached with the keyboard, or not seen"]
    page.keyboard.press("Enter")
    try:
        said.filter(has_text="opied").wait_for(timeout=patience)
    except TimeoutError:
        return ["it says nothing"]
    says = said.inner_text()
    area.focus()
    page.keyboard.press("Control+V")
    pasted = area.input_value()
    if (pasted == code.inner_text().strip()) != (says == "Copied"):
        return [f"it says {says!r}, and what is pasted is {pasted!r}"]
    return [] if says == "Copied" else [says]


@pytest.mark.parametrize("way", ["folder", "server"])
def test_code_is_copied(way, book, served, open_page):
    assert uncopied(open_page(f"{places(book, served)[way]}/students.html", permissions=["clipboard-write"])) == []


NO_CLIPBOARD = ("navigator.clipboard", "undefined")
NO_COMMAND = ('document.execCommand("copy")', "false")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ([NO_CLIPBOARD], None),  # as on a page that came over plain http
        ([NO_COMMAND], None),  # as in a browser that has dropped the old way
        ([NO_CLIPBOARD, NO_COMMAND], "Not copied: select the code and copy it"),
        ([('button.ariaLabel = "Copy the code";', "")], "[None"),
        ([("code.after(button, said);", "")], "[] for 1 "),
        ([('button.type = "button";', "button.tabIndex = -1;")], "not reached with the keyboard"),
        ([("said.textContent = copied", "timer = copied")], "it says nothing"),
        ([("code.textContent.trimEnd()", "code.textContent.slice(1)")], "it says 'Copied', and what is pasted is"),
    ],
)
def test_code_is_copied_in_the_way_that_is_there_and_what_fails_is_found(changes, complaint, open_page, tmp_path):
    page = open_page(small_page(tmp_path, ["book.js"], changes), permissions=["clipboard-write"])
    said = uncopied(page, SHORT if complaint else LONG)
    assert [text[: len(complaint or "")] for text in said] == ([complaint] if complaint else []), said


# ---------------------------------------------------------------- search


def unfound(page, word, title, patience=LONG):
    """Complaints of a reader who looks for a word from any page and takes the first that is found."""
    page.locator("button[class*=search]").locator("visible=true").click()
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    try:
        page.locator("#search-results > p").filter(has_text=re.compile("found|match")).wait_for(timeout=patience)
    except TimeoutError:
        return ["the search does not end"]
    results = page.locator("#search-results li a")
    if not results.count():
        return ["nothing is found"]
    if results.first.inner_text() != title:
        return [f"first is {results.first.inner_text()!r}"]
    results.first.click()
    page.wait_for_load_state()
    heading = page.locator("article h1").inner_text()
    lit = page.locator("article .highlighted").locator("visible=true").all_inner_texts()
    if not heading.startswith(title) or word not in [text.lower() for text in lit]:
        return [f"{heading!r} shows {lit}"]
    return []


@pytest.mark.parametrize(("way", "viewport"), [("folder", PHONE), ("server", DESK)], ids=["folder", "server"])
def test_search_finds_separable(way, viewport, book, served, open_page):
    for _ in range(LOSSES):  # the words to highlight are stored on the page of results, which is left at once
        page = open_page(f"{places(book, served)[way]}/sources.html", viewport=viewport)
        complaints = unfound(page, "separable", "Depthwise, then pointwise")
        if not complaints or not complaints[0].endswith(" shows []"):
            break
    assert complaints == []


@pytest.mark.parametrize(
    ("script", "old", "new", "complaint"),
    [
        ("searchindex.js", r"(?<!-)separ", "se_par", "nothing is found"),
        ("searchindex.js", r"Search\.setIndex\(", "void (", "the search does not end"),
        ("searchindex.js", "Depthwise, then pointwise", "Something else", "first is "),
        ("sphinx_highlight.js", '"highlighted"', '"lit"', "'Depthwise, then pointwise"),
    ],
)
def test_a_search_that_does_not_find_is_complained_about(script, old, new, complaint, book, open_page):
    page = open_page("about:blank")
    folder = book if script == "searchindex.js" else book / "_static"
    body, count = re.subn(old, new, (folder / script).read_text(encoding="utf-8"))
    assert count
    page.route(f"**/{script}*", lambda route: route.fulfill(body=body, content_type="text/javascript"))
    page.goto(f"{book.as_uri()}/sources.html")
    complaints = unfound(page, "separable", "Depthwise, then pointwise", SHORT if "end" in complaint else LONG)
    assert len(complaints) == 1 and complaints[0].startswith(complaint), complaints
