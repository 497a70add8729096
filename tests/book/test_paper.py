"""A page on paper, printed from the browser: print.css, and what book.js does while it is printed."""

import pytest
from places import ROOT

ASSETS = ROOT / "book" / "_assets"

pytestmark = pytest.mark.browser

BARS = ".bd-header, .bd-header-article, .bd-sidebar, .bd-footer, .prev-next-footer, .headerlink, button, conv-figure"


@pytest.fixture(scope="module")
def page(browser, book):
    """A chapter that a reader has opened in the dark, 642 pixels wide, as A4 with the PDF's margins is."""
    context = browser.new_context(color_scheme="dark", viewport={"width": 642, "height": 900})
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto((book / "02-regular.html").as_uri())
    yield page
    context.close()


@pytest.fixture
def sheet(page):
    """The chapter as this reader prints it."""
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    yield page
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="null", color_scheme="dark")


def test_paper_is_white_and_has_only_the_text(sheet):
    back, ink = sheet.evaluate(
        """() => [getComputedStyle(document.body).backgroundColor,
                  getComputedStyle(document.querySelector("article section > p")).color]"""
    )
    assert (back, ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    assert sheet.locator(BARS).locator("visible=true").count() == 0
    assert sheet.locator("article h1:visible").count() == 1
    assert sheet.locator("figure.drawing:visible").count() == sheet.locator("figure.drawing").count() == 3
    assert sheet.locator("details .cell_input:visible").count() == 1  # a folded cell is open; the answers' is gone
    assert sheet.evaluate("document.documentElement.scrollWidth") == 642


def test_paper_has_lines_for_patterns_and_the_screen_gets_them_back(sheet):
    cells = sheet.locator("figure.drawing rect[style*=url]")
    assert cells.count() == 0
    drawn = sheet.evaluate(
        """() => [...document.querySelectorAll("figure.drawing svg svg")].map((frame) => ({
          cell: ["x", "y", "width", "height"].map((name) => frame.previousElementSibling.getAttribute(name)),
          frame: ["x", "y", "width", "height"].map((name) => frame.getAttribute(name)),
          colour: frame.firstElementChild.getAttribute("stroke"),
        }))"""
    )
    assert len(drawn) > 1000
    assert all(one["cell"] == one["frame"] for one in drawn)
    assert {one["colour"] for one in drawn} >= {"#D55E00", "#009E73"}
    sheet.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert cells.count() == len(drawn) and sheet.locator("figure.drawing svg svg").count() == 0
    assert sheet.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize(
    ("tile", "drawn"),
    [
        ('<path d="M-2 2L2 -2M0 8H8M4 0V8"/>', "M6 2L10 -2M8 8H16M12 0V8M6 10L10 6M8 16H16M12 8V16"),
        ('<circle cx="4" cy="4" r="2"/>', "M10 4a2 2 0 1 0 4 0a2 2 0 1 0 -4 0M10 12a2 2 0 1 0 4 0a2 2 0 1 0 -4 0"),
    ],
)
def test_the_lines_are_the_pattern_s(tile, drawn, browser):
    """A cell of 4 by 6 pixels that begins at (10, 5) meets two tiles of 8 by 8, one below the other."""
    page = browser.new_page()
    page.set_content(
        f"""<figure class="drawing"><svg><defs><pattern id="p"><rect fill="red" fill-opacity="0.3"/><g>{tile}</g>
        </pattern></defs><rect x="10" y="5" width="4" height="6" style="fill:url(#p)"/></svg></figure>"""
    )
    page.add_script_tag(path=ASSETS / "book.js")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("svg svg path").get_attribute("d") == drawn
    assert page.locator("svg > rect").evaluate("(one) => one.style.fill") == "red"
    page.close()
