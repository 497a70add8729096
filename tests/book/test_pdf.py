"""The whole book as one PDF: that all of it is there, in order and readable, and that nothing answers too early.

The PDF is made once, from the built book, as `make pdf` makes it. `wrong` looks at a PDF beside the pages it was made
from and returns complaints; `pdf.printed` does for what only the browser knows. Each complaint has a break below.
"""

import contextlib
import re
import shutil
import unicodedata
from contextlib import closing
from io import BytesIO

import pdf
import pytest
import yaml
from browsers import find_browser
from bs4 import BeautifulSoup
from one_page import joined, parts_of
from places import ROOT
from pypdf import PdfReader, PdfWriter
from pypdfium2 import PdfDocument

pytestmark = pytest.mark.browser

CONTENTS = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [page for _, names in parts_of(CONTENTS) for page in names]
MOST_BYTES = 20_000_000  # it was 185 MB while chromium made a picture of each cell with a pattern


def flat(text):
    """Text without what line ends and fonts do to it."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def said(element):
    """The first words of an element, without formulas and code, which a PDF may take apart; "" if there are few."""
    first = next((str(one) for one in element.find_all(string=True) if len(flat(str(one))) > 14), None)
    return flat(first or "")[:40]


class Page:
    """The text of the built page that the PDF must have too."""

    def __init__(self, path):
        article = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select_one("article.bd-article")
        for sign in article.select(".headerlink, .math, style"):
            sign.decompose()
        self.title = flat(article.h1.get_text())
        self.sections = [flat(heading.get_text()) for heading in article.find_all(["h2", "h3"])]
        self.captions = [said(caption) for caption in article.select("figure figcaption")]
        asked = article.select(".asking:not(.prediction)")
        self.prompts = [said(prompt) for box in asked for prompt in box.select(".prompt")]
        self.whys = [said(why) for box in asked for why in box.select(".explanation > p:not(.verdict)")]
        self.code = [flat(pre.get_text())[:40] for pre in article.select(".cell:not(.tag_answers) .cell_input pre")]
        self.cells = []  # (the last line of the code, the first of what it printed)
        for cell in article.select(".cell:not(.tag_answers)"):
            code, output = cell.select_one(".cell_input pre"), cell.select_one(".cell_output pre")
            if code and output and output.get_text().strip():
                lines = [code.get_text().rstrip().split("\n")[-1], output.get_text().strip().split("\n")[0]]
                self.cells.append([flat(line)[:40] for line in lines])


def outline_of(reader):
    """(depth, title, page from 1) of all entries."""

    def walk(entries, depth):
        for one in entries:
            if isinstance(one, list):
                yield from walk(one, depth + 1)
            else:
                yield depth, flat(one.title), reader.get_destination_page_number(one) + 1

    return list(walk(reader.outline, 0))


def links_of(reader):
    """(page from 1, page it leads to or address) of every link."""
    places = {name: reader.get_destination_page_number(place) + 1 for name, place in reader.named_destinations.items()}
    for at, page in enumerate(reader.pages, start=1):
        for link in page.get("/Annots", ()):
            link = link.get_object()
            if link.get("/Subtype") != "/Link":
                continue
            if "/A" in link:
                yield at, str(link["/A"].get_object().get("/URI"))
            else:
                yield at, places.get(link["/Dest"], f"nowhere: {link['/Dest']}")


def texts_of(reader):
    """The text of every page. pypdf takes ten times as long; it only reads the contents, where it keeps lines whole."""
    with closing(PdfDocument(BytesIO(reader.stream.getvalue()))) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def wrong(reader, pages):
    """The faults of a PDF of these pages.

    Parameters
    ----------
    reader : PdfReader
    pages : list of Page, in reading order
    """
    texts = texts_of(reader)
    sheets = [flat(text) for text in texts]
    lines_of = [[flat(line) for line in text.split("\n")] for text in texts]
    outline = outline_of(reader)
    starts = {title: at for depth, title, at in outline if depth == 0}
    complaints = []

    for at, text in enumerate(texts[1:], start=2):
        lines = text.split("\n")
        head = lines[:2] if str(at) in lines[:2] else []
        if not head:
            complaints.append(f"page {at} has no number")
        if len(flat("".join(lines[2:]))) < 10 and not reader.pages[at - 1].images:
            complaints.append(f"page {at} is empty")
        raw = re.search(r"\\(?:frac|sum|text|begin|cdot|lfloor|quad|\(|\[)|\$[^$\n]+\$", text)
        if raw:
            complaints.append(f"page {at}: a formula as it is written: {raw[0]}")
        if re.search(r"\[[x ]\] ", text):
            complaints.append(f"page {at}: a question as it is written")

    order = [starts.get(page.title) for page in pages]
    for page, at in zip(pages, order, strict=True):
        if at is None:
            complaints.append(f"no chapter {page.title} in the outline")
    if None in order:
        return complaints
    if order != sorted(set(order)):
        complaints.append(f"chapters begin on pages {order}")
    for page, at, end in zip(pages, order, [*order[1:], len(sheets) + 1], strict=True):
        head = sheets[at - 1].removeprefix(page.title).removeprefix(str(at))
        if not head.startswith(page.title):
            complaints.append(f"{page.title} does not begin page {at}")
        own = [(title, place) for depth, title, place in outline if depth and at <= place < end]
        missing = [title for title in page.sections if title not in [title for title, _ in own]]
        complaints += [f"{page.title}: no entry {title} in the outline" for title in missing]
        complaints += [
            f"{page.title}: {title} is not on page {place}" for title, place in own if title not in sheets[place - 1]
        ]
        whole = "".join(sheets[at - 1 : end - 1])
        complaints += [f"{page.title}: no drawing {words}" for words in page.captions if words not in whole]
        complaints += [f"{page.title}: no code {words}" for words in page.code if words not in whole]
        for code, output in page.cells:
            seen = [
                [any(line.startswith(words) for line in lines) for words in (code, output)]
                for lines in lines_of[at - 1 : end - 1]
            ]
            if [True, True] not in seen:
                complaints.append(f"{page.title}: what is printed is not on the page of its code: {output}")
        if page.prompts:
            answers = next((place for title, place in own if title == "Answers"), None)
            if answers is None:
                complaints.append(f"{page.title}: no answers")
                continue
            before, after = "".join(sheets[at - 1 : answers - 1]), "".join(sheets[answers - 1 : end - 1])
            complaints += [f"{page.title}: not asked: {words}" for words in page.prompts if words not in before]
            complaints += [f"{page.title}: not answered: {words}" for words in page.whys if words not in after]
            complaints += [f"{page.title}: given away: {words}" for words in page.whys if words and words in before]

    first = order[0]
    goals = [goal for at, goal in links_of(reader) if 1 < at < first]
    contents = [page.extract_text().partition("\n")[2] for page in reader.pages[1 : first - 1]]
    numbers = [int(number) for text in contents for number in re.findall(r"(?m)\s(\d+)$", text)]
    if goals != numbers:
        complaints.append(f"the contents lead to pages {goals} and say {numbers}")
    for at, goal in links_of(reader):
        if isinstance(goal, str) and not goal.startswith(("https://", "http://")):
            complaints.append(f"page {at}: a link to {goal}")
    return complaints


@pytest.fixture(scope="module")
def pages(book):
    return [Page(book / f"{name}.html") for name in PAGES]


@pytest.fixture(scope="module")
def made(book):
    """The real PDF."""
    assert pdf.main() == 0
    return ROOT / "_build" / "convolution-counted.pdf"


def test_all_of_the_book_is_there_and_nothing_answers_too_early(made, pages):
    reader = PdfReader(BytesIO(made.read_bytes()))
    assert wrong(reader, pages) == []
    assert sum(len(page.whys) for page in pages) > 100 and sum(len(page.captions) for page in pages) > 15
    assert len(list(links_of(reader))) > 200
    print(f"{len(reader.pages)} pages, {made.stat().st_size / 1e6:.1f} MB")


def test_it_says_what_it_is_and_is_light(made):
    reader = PdfReader(made)
    assert reader.metadata.title == "Convolution, counted"
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert made.stat().st_size < MOST_BYTES
    patterns = [len(page["/Resources"].get("/Pattern", {})) for page in reader.pages]
    assert max(patterns) < 20, patterns


# ---------------------------------------------------------------- the breaks


@pytest.fixture(scope="module")
def small(tmp_path_factory, browser):
    """make(body) prints a book of two pages; the second one holds the body."""
    folder = tmp_path_factory.mktemp("small")
    contents = {"root": "one", "parts": [{"caption": "Chapters", "chapters": [{"file": "two"}]}]}
    shutil.copytree(ROOT / "book" / "_assets", folder / "_static")

    def make(body):
        for name, title, more in (("one", "The first page", "<p>It is here.</p>"), ("two", "The second page", body)):
            (folder / f"{name}.html").write_text(
                f"<html><head><link rel='stylesheet' media='print' href='_static/print.css'></head><body>"
                f"<article class='bd-article'><section id='t'><h1>{title}</h1><p>A sentence of some length.</p>{more}"
                f"</section></article></body></html>"
            )
        facts = {"title": "A book", "version": "1", "copyright": "nobody"}
        printed, complaints = pdf.printed(joined(folder, contents, facts), browser)
        return PdfReader(BytesIO(printed)), complaints, [Page(folder / "one.html"), Page(folder / "two.html")]

    return make


SECTION = "<section id='s'><h2>A section</h2><p>It has two sentences. This is the second.</p></section>"
QUESTION = """<div class="asking question"><fieldset><legend>Question 1</legend>
<div class="prompt"><p>How many windows are there in all?</p></div></fieldset><details class="explanations">
<summary>Answer</summary><div class="explanation right"><p class="verdict">Right</p>
<p>Four of them fit into it.</p></div></details></div>"""


def test_a_sound_book_has_no_complaints(small):
    reader, complaints, pages = small(SECTION + QUESTION)
    assert complaints == [] and wrong(reader, pages) == []


CELL = """<p>A sentence of some length.</p>
<div class="cell"><div class="cell_input"><pre>{1}print("count", {0})</pre></div>
<div class="cell_output"><div class="output"><pre>count {0}</pre></div></div></div>"""


def test_what_is_printed_stands_below_its_code(small):
    """So many cells that pages end in each place of one; and where the style has them part, it is found."""
    body = SECTION + "".join(CELL.format(number, "# more\n" * (number % 7)) for number in range(100, 160))
    reader, complaints, pages = small(body)
    assert complaints == wrong(reader, pages) == [] and len(reader.pages) > 6 and len(pages[1].cells) == 60
    parts = ".cell { break-inside: auto !important } .cell_output { break-before: auto !important }"
    reader, _, pages = small(body + f"<style>{parts}</style>")
    apart = "Thesecondpage: what is printed is not on the page of its code: count1"
    assert [text for text in wrong(reader, pages) if text.startswith(apart)]


def test_white_space_beyond_the_edge_is_nothing_cut_off(small):
    """It hangs over the end of a line, and nobody sees it."""
    _, complaints, _ = small("<pre style='white-space: pre !important'>word<i>" + " " * 200 + "</i></pre>")
    assert complaints == []


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<p>so $k = 3$ here</p>", "page 4: a formula as it is written: $k = 3$"),
        ("<p>- [x] the right one</p>", "page 4: a question as it is written"),
        ("<p><a href='mailto:x@example.org'>write</a></p>", "page 4: a link to mailto:x@example.org"),
        (
            QUESTION.replace("in all?</p>", "in all?</p><p>Four of them fit into it.</p>"),
            "Thesecondpage: given away: Fourofthemfitintoit.",
        ),
        ("<div style='break-before: page; height: 1px'></div>", "page 5 is empty"),
        ("<style>@page { @bottom-center { content: none !important } }</style>", "page 4 has no number"),
    ],
)
def test_what_a_sheet_must_not_show_is_found(body, complaint, small):
    reader, _, pages = small(SECTION + body)
    assert complaint in wrong(reader, pages)


def test_a_page_that_cannot_be_printed_well_is_complained_about(small):
    """All that is wrong with it is said, and of the sound one above nothing is."""
    breaks = [
        ("<pre style='white-space: pre !important'>" + "wide " * 40 + "</pre>", "cut off at the right: wide wide"),
        ("<div style='width: 900px'><svg width='800' height='9'></svg></div>", "cut off at the right: <svg"),
        ("<img alt='gone' src='gone.png'>", "no picture: "),
        ("<span class='math'>k</span>", "a formula that is not set: k"),
        ("<a href='#nowhere'>there</a>", "a link that leads nowhere: #two--nowhere"),
        ("<script>undefinedFunction()</script>", "a script failed: undefinedFunction is not defined"),
    ]
    _, complaints, _ = small("".join(body for body, _ in breaks))
    for _, complaint in breaks:
        assert any(line.startswith(complaint) for line in complaints), (complaint, complaints)


def test_what_is_missing_or_out_of_place_is_found(small):
    reader, _, pages = small(SECTION + QUESTION)
    one, two = pages
    assert wrong(reader, [two, one])[0].startswith("chapters begin on pages [4, 3]")
    for name, change, complaint in (
        ("title", "Thethirdpage", "no chapter Thethirdpage in the outline"),
        ("sections", ["Another"], "Thesecondpage: no entry Another in the outline"),
        ("captions", ["Adrawing"], "Thesecondpage: no drawing Adrawing"),
        ("code", ["importos"], "Thesecondpage: no code importos"),
        ("prompts", ["Whynot?"], "Thesecondpage: not asked: Whynot?"),
        ("whys", ["Because."], "Thesecondpage: not answered: Because."),
    ):
        before = getattr(two, name)
        setattr(two, name, change)
        assert complaint in wrong(reader, pages), name
        setattr(two, name, before)


def test_an_entry_that_leads_to_the_wrong_page_is_found(small):
    reader, _, pages = small(SECTION + "<p style='break-before: page'>This is on a page of its own.</p>")
    assert wrong(reader, pages) == []
    for chapter, goal, complaint in (
        (False, 5, "Thesecondpage: Asection is not on page 5"),
        (True, 3, "chapters begin on pages [3, 3]"),
    ):
        writer = PdfWriter(clone_from=reader)
        entry = writer.root_object["/Outlines"].get_object()["/Last"].get_object()
        entry = entry if chapter else entry["/First"].get_object()
        entry["/Dest"][0] = writer.pages[goal - 1].indirect_reference
        assert complaint in wrong(PdfReader(written(writer)), pages)


def test_contents_that_say_another_page_are_found(small, monkeypatch):
    monkeypatch.setattr(pdf, "NUMBER", "() => document.querySelectorAll('.at').forEach((at) => (at.textContent = 7))")
    reader, _, pages = small(SECTION)
    assert "the contents lead to pages [3, 4, 4] and say [7, 7, 7]" in wrong(reader, pages)


def written(writer):
    stream = BytesIO()
    writer.write(stream)
    return stream


# ---------------------------------------------------------------- beginning


def test_without_chromium_or_a_built_book_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    target = tmp_path / "book.pdf"
    if find_browser():
        assert pdf.main(built=tmp_path, target=target) == 2
        assert capsys.readouterr().err.endswith("intro.html; make book builds it\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pdf.main(built=tmp_path, target=target) == 2
    assert capsys.readouterr().err == "error: chromium is not installed: apt-get install chromium-headless-shell\n"
    assert not target.exists()


def test_what_would_be_wrong_is_not_written(tmp_path, monkeypatch, capsys):
    target = tmp_path / "book.pdf"
    monkeypatch.setattr(pdf, "joined", lambda *_: "")
    monkeypatch.setattr(pdf, "launched", contextlib.nullcontext)
    monkeypatch.setattr(pdf, "printed", lambda *_: (b"%PDF", ["a link that leads nowhere: #x"]))
    assert pdf.main(target=target) == 1
    assert capsys.readouterr().err == "error: a link that leads nowhere: #x\n"
    assert not target.exists()
