"""The built book, as its readers meet it: from a folder and from a server, light and dark, on a desk and on a phone.

The book is built once, as `make book` builds it, and every page is opened in Debian's chromium with no network behind
it. `visit` opens a page and returns complaints, `broken_links` does for a folder. A check that never complains proves
nothing, so each has a break below: a page that it must complain about.
"""

import itertools
import json
import re
import shutil
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from accessibility import all_but_contrast, ask_axe, only_contrast
from browsers import PAINTED, show_as
from bs4 import BeautifulSoup
from built import BOOK, ROOT, build, serving
from pages import CONTENTS, DESK, LOOK, LOOK_AGAIN, PAGES, PHONE

pytestmark = pytest.mark.browser


# ---------------------------------------------------------------- the build


def test_every_built_page_is_looked_at(book):
    # index.html holds nothing but the way to the first page.
    # What lies in _static are the theme's templates.
    built = {path.stem for path in book.glob("*.html")}
    assert built == {*PAGES, "index"}
    assert f'url={CONTENTS["root"]}.html"' in (book / "index.html").read_text(encoding="utf-8")


PAGE = """\
---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---

# A page

```{code-cell} ipython3
import helper

print("the helper says", helper.WORD)
```
"""


def test_a_changed_helper_runs_its_pages_again_and_a_failing_cell_fails_the_build(tmp_path):
    small = tmp_path / "book"
    small.mkdir()
    shutil.copyfile(ROOT / "_config.yml", tmp_path / "_config.yml")
    shutil.copyfile(BOOK / "references.bib", small / "references.bib")
    for name in ("_ext", "_assets", "drawings"):
        shutil.copytree(BOOK / name, small / name)
    (small / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    (small / "page.md").write_text(PAGE)

    for word in ("four", "fifteen"):
        (small / "helper.py").write_text(f"WORD = {word!r}\n")
        code, printed = build(tmp_path, tmp_path)
        assert code == 0, printed
        assert f"the helper says {word}" in (tmp_path / "_build/html/page.html").read_text(encoding="utf-8")

    (small / "helper.py").write_text("")
    code, printed = build(tmp_path, tmp_path)
    assert code != 0
    assert "module 'helper' has no attribute 'WORD'" in printed


NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize("name", ["02-regular", "notes-answered"])
def test_a_size_stays_on_one_line_but_code_is_as_it_was_written(name, book):
    article = BeautifulSoup((book / f"{name}.html").read_text(encoding="utf-8"), "html.parser").select_one("article")
    code = [block.extract().get_text() for block in article.select("pre, code")]
    assert code and not [text for text in code if NO_BREAK in text]
    for part in article.select("svg, style, script, conv-figure"):
        part.decompose()
    sizes = re.findall(r"\d(\s)×\s\d", article.get_text())
    assert sizes and set(sizes) == {NO_BREAK}


# ---------------------------------------------------------------- links


class Links(HTMLParser):
    """The anchors of a page, and the addresses that it links to."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.targets = set(), set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids |= {attrs[name] for name in ("id", "name") if attrs.get(name)}
        self.targets |= {attrs[name] for name in ("href", "src") if attrs.get(name)}


def broken_links(folder):
    """Every link on a page of ``folder`` that leads to no file, or to no place in its file."""
    pages = {path: Links(path) for path in sorted(folder.glob("*.html"))}
    complaints = []
    for path, page in pages.items():
        for target in sorted(page.targets):
            url = urlsplit(target)
            if url.scheme or url.netloc:
                continue  # leads out of the book; that nothing is loaded from there, the browser sees
            goal = (path.parent / unquote(url.path)).resolve() if url.path else path
            if not goal.is_file():
                complaints.append(f"{path.name}: no file {target}")
            elif url.fragment and goal in pages and unquote(url.fragment) not in pages[goal].ids:
                complaints.append(f"{path.name}: no place {target}")
    return complaints


def test_links_inside_the_book_lead_somewhere(book):
    # "#" alone is the theme's way to write a button.
    assert [complaint for complaint in broken_links(book.resolve()) if not complaint.endswith(" #")] == []


def test_broken_links_are_found(tmp_path):
    (tmp_path / "other.html").write_text("<h1 id='here'>Here</h1>")
    (tmp_path / "page.html").write_text(
        "<a href='gone.html'>1</a> <a href='other.html#there'>2</a> <img src='gone.png'> <a href='#nowhere'>3</a>"
        "<a href='other.html#here'>fine</a> <a href='https://example.org/gone'>not ours</a>"
    )
    assert broken_links(tmp_path) == [
        "page.html: no place #nowhere",
        "page.html: no file gone.html",
        "page.html: no file gone.png",
        "page.html: no place other.html#there",
    ]


# ---------------------------------------------------------------- the browser


#: How a page is when it has been read, and no script of it that waits for that has run.
FIRST = """
  document.addEventListener("readystatechange", () => { window.first ??= document.documentElement.dataset.theme; });
"""


#: Only the bars around an article are left to look at: what it holds goes, and the room that it takes stays.
BARS_ONLY = """
() => {
  for (const article of document.querySelectorAll("article")) {
    const { height } = article.getBoundingClientRect();
    article.replaceChildren();
    article.style.height = `${height}px`;
  }
}
"""


def asked(page, themes):
    """The findings of axe: of every rule on a desk in each theme, and on the phone of the rules that can differ there.

    axe takes seconds. What it asks of an article's colours depends on the theme, not on the width; so on the phone
    contrast is asked of the bars around the article only, and what has nothing to do with colours in one theme only.
    """
    found = []
    for theme in reversed(themes):  # the page is shown in the last of them
        show_as(page, DESK, color_scheme=theme)
        found += ask_axe(page)
    show_as(page, PHONE, color_scheme=themes[0])
    found += ask_axe(page, **all_but_contrast())
    page.evaluate(BARS_ONLY)
    for theme in themes:
        show_as(page, PHONE, color_scheme=theme)
        found += ask_axe(page, ["article"], **only_contrast())
    return found


def ways_to_look(themes):
    """(theme, width) in an order in which one of them changes at a time: the whole page is laid out again for each."""
    widths = itertools.cycle([(DESK, PHONE), (PHONE, DESK)])
    return [(theme, width) for theme, both in zip(themes, widths, strict=False) for width in both]


def visit(browser, address, themes, inside, axe=False, wait_for="body", weight=None):
    """Open a page as a stranger with a cold cache would; return what is wrong with it.

    Parameters
    ----------
    address : str, the page's URL
    themes : what the visitor's system prefers, "light" or "dark": the first on arrival, the others changed to later
    inside : str, what every URL that the page asks for has to begin with
    axe : bool, whether to ask axe too
    wait_for : str, what the page has to show before it is looked at
    weight : function, optional; called with the page once it is loaded, and with every response to it
    """
    complaints = []

    def request(sent):
        if not sent.url.startswith((inside, "data:")):
            complaints.append(f"request outside: {sent.url}")
        elif "fontawesome" in sent.url:
            complaints.append(f"an icon that book.css does not draw: {sent.url}")

    responses = []

    def response(got):
        responses.append(got)
        if got.status >= 400:
            complaints.append(f"status {got.status}: {got.url}")

    context = browser.new_context(viewport={"width": DESK, "height": 900}, color_scheme=themes[0])
    context.set_default_timeout(120_000)  # a busy machine is slow, not wrong
    try:
        page = context.new_page()
        page.add_init_script(FIRST)
        page.on("request", request)
        page.on("response", response)
        page.on("requestfailed", lambda sent: complaints.append(f"request failed: {sent.url}"))
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on(
            "console",
            lambda line: (
                complaints.append(f"console {line.type}: {line.text}") if line.type in ("error", "warning") else None
            ),
        )
        page.goto(address, wait_until="load")
        page.wait_for_selector(wait_for)
        page.evaluate("async () => { await document.fonts.ready; }")
        if (first := page.evaluate("window.first")) != themes[0]:
            complaints.append(f"drawn in {first} first, not in {themes[0]}")
        complaints += page.evaluate(LOOK)
        complaints += weight(page, responses) if weight else []
        for theme, width in ways_to_look(themes):
            show_as(page, width, color_scheme=theme)
            complaints += page.evaluate(LOOK_AGAIN, theme)
        complaints += asked(page, themes) if axe else []
    finally:
        context.close()
    return complaints


@pytest.mark.parametrize("name", PAGES)
def test_page_from_a_folder(name, browser, book):
    address = (book / f"{name}.html").as_uri()
    assert visit(browser, address, ["light", "dark"], book.as_uri() + "/", axe=True) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_from_a_server_which_is_light(name, browser, served):
    assert visit(browser, f"{served}/{name}.html", ["dark", "light"], served + "/", weight=too_heavy) == []


@pytest.mark.parametrize("way", ["folder", "server"])
def test_search_finds_pages(way, browser, book, served):
    start = {"folder": book.as_uri(), "server": served}[way]
    found = "#search-results a:text-is('Notation')"
    assert visit(browser, f"{start}/search.html?q=dilation", ["light"], start + "/", wait_for=found) == []


# ---------------------------------------------------------------- weight

LIGHT_BYTES = 900_000  # uncompressed, everything a page loads
LIGHT_REQUESTS = 30


def too_heavy(page, responses):
    """The limits that a page exceeds when it is loaded with a cold cache; its weight and its times are printed."""
    page.evaluate(PAINTED)  # a font is asked for when something is drawn with it
    sizes = {response.url: len(response.body()) for response in responses}
    times = page.evaluate(
        """() => ({
          paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
          ready: performance.getEntriesByType("navigation")[0].loadEventEnd,
        })"""
    )
    # Times are the machine's as much as the page's: printed, not asserted.
    print(
        f"{page.url}: {sum(sizes.values()) / 1000:.0f} kB in {len(sizes)} requests, "
        f"first paint {times['paint'] or 0:.0f} ms, loaded {times['ready']:.0f} ms"
    )
    return heavy(sizes)


def heavy(sizes):
    """The limits that a page exceeds that loaded ``sizes``."""
    complaints = []
    if sum(sizes.values()) > LIGHT_BYTES:
        most = sorted(sizes, key=sizes.get)[-3:]
        complaints.append(f"{sum(sizes.values())} bytes of {LIGHT_BYTES}, most of them {most}")
    if len(sizes) > LIGHT_REQUESTS:
        complaints.append(f"{len(sizes)} requests of {LIGHT_REQUESTS}")
    return complaints


# ---------------------------------------------------------------- what a step costs

ALL_ASK = "body:has(main input[type='search']) button[class*='search'] { display: none }"


@pytest.mark.parametrize(("rule", "is_heavy"), [("/* none */", False), (ALL_ASK, True)], ids=["book", "break"])
def test_a_figures_step_leaves_the_rest_of_its_page_alone(rule, is_heavy, browser, book, tmp_path):
    """A step restyles few elements; a rule that begins at the top of the page can make it all of them."""
    page = browser.new_page()
    page.goto((book / "04-pointwise.html").as_uri())
    page.add_style_tag(content=rule)
    stage = page.locator("conv-figure .cf-stage").first
    stage.scroll_into_view_if_needed()
    page.evaluate(PAINTED)
    trace = tmp_path / "trace.json"
    browser.start_tracing(page=page, path=trace, categories=["devtools.timeline"])
    stage.press("ArrowRight")
    page.evaluate(PAINTED)
    browser.stop_tracing()
    events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    styled = [event["args"]["elementCount"] for event in events if event["name"] == "UpdateLayoutTree"]
    of_all = page.evaluate("document.querySelectorAll('*').length")
    page.close()
    assert styled and (max(styled) > of_all / 2) == is_heavy, (styled, of_all)


# ---------------------------------------------------------------- the breaks

SOUND = """<!doctype html><html data-theme="light"><head><meta charset="utf-8"><link rel="icon" href="data:,"></head>
<body><input type="search"><p>5 dollars, <code>$x$</code></p>
<img alt="a dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==">
<svg role="img" aria-label="nothing" width="9" height="9"></svg><!-- here --></body></html>"""

BREAKS = {
    "outside": ("<script src='http://example.org/x.js'></script>", "request outside: http://example.org/x.js"),
    "outside-style": ("<link rel='stylesheet' href='//example.org/x.css'>", "request outside: "),
    "missing": ("<script src='gone.js'></script>", "request failed: "),
    "icon-font": ("<script src='fontawesome.js'></script>", "an icon that book.css does not draw: "),
    "console": ("<script>console.error('no kernel')</script>", "console error: no kernel"),
    "warning": ("<script>console.warn('old browser')</script>", "console warning: old browser"),
    "throws": ("<script>undefinedFunction()</script>", "page error: undefinedFunction is not defined"),
    "dollars": ("<p>a $k \\times k$ window</p>", "raw math: $k \\times k$"),
    "brackets": ("<p>so \\(k = 3\\)</p>", "raw math: \\("),
    "math": ("<p><span class='math'>k</span></p>", "math that is not set: k"),
    "search": ("<input type='search'>", "2 search boxes at 1280 pixels"),
    "search-button": ("<button class='search-button'>Search</button>", "2 search boxes at 1280 pixels"),
    "button": ("<button><svg></svg></button>", "no name: <button>"),
    "link": ("<a href='page.html'></a>", "no name: <a href="),
    "image": (
        "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='>",
        "no text alternative: img",
    ),
    "drawing": ("<svg role='img' aria-labelledby='gone'></svg>", "no text alternative: svg"),
    "drawing-role": ("<svg aria-label='a layer'></svg>", "no text alternative: svg"),
    "ids": ("<p id='p1'></p><p id='p1'></p>", "id twice: p1"),
    "icon": ("<i class='fa-solid fa-gear'>gear</i>", "no icon for fa-solid fa-gear"),
    "theme": (
        "<script>document.documentElement.dataset.theme = 'dark'</script>",
        "asked for light, shown in dark",
    ),
    "flash": (
        "<script>document.documentElement.dataset.theme = 'auto';"
        "onload = () => { document.documentElement.dataset.theme = 'light'; }</script>",
        "drawn in auto first, not in light",
    ),
    "wide": ("<div style='width: 400px'>x</div>", "wider than the screen: "),
}


def test_a_sound_page_has_no_complaints(browser, tmp_path):
    (tmp_path / "page.html").write_text(SOUND)
    assert visit(browser, (tmp_path / "page.html").as_uri(), ["light"], tmp_path.as_uri()) == []


def test_a_page_has_the_time_to_change_its_theme(browser, tmp_path):
    """It hears of it with its next frame; asked at once, it is still as it was, once in forty times."""
    follow = """<script>
      const dark = matchMedia("(prefers-color-scheme: dark)"), root = document.documentElement;
      dark.onchange = () => requestAnimationFrame(() => { root.dataset.theme = dark.matches ? "dark" : "light"; });
    </script>"""
    (tmp_path / "page.html").write_text(SOUND.replace("<!-- here -->", follow))
    address = (tmp_path / "page.html").as_uri()
    assert visit(browser, address, ["light", "dark", "light", "dark"], tmp_path.as_uri()) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_page_is_complained_about(name, browser, tmp_path):
    mistake, complaint = BREAKS[name]
    (tmp_path / "page.html").write_text(SOUND.replace("<!-- here -->", mistake))
    complaints = visit(browser, (tmp_path / "page.html").as_uri(), ["light"], tmp_path.as_uri())
    assert any(text.startswith(complaint) for text in complaints), complaints


@pytest.mark.parametrize(
    ("mistake", "complaint"),
    [
        ("<p style='color: #bbb'>pale</p>", "axe, color-contrast, serious: "),
        ("<div role='list'><div role='doc-biblioentry'>Sifre</div></div>", "axe, aria-required-children, critical: "),
    ],
)
def test_what_axe_finds_is_passed_on(mistake, complaint, browser, tmp_path):
    (tmp_path / "page.html").write_text(SOUND.replace("<!-- here -->", mistake))
    complaints = visit(browser, (tmp_path / "page.html").as_uri(), ["light"], tmp_path.as_uri(), axe=True)
    assert any(text.startswith(complaint) for text in complaints), complaints


@pytest.mark.parametrize(
    ("code", "pale"),
    [
        ("<pre>so <b class='k'>if</b> <span class='k'>or</span></pre>", []),
        # of a kind one is asked, but of every kind, and of the block itself
        ("<pre><span class='k'>if</span> <span class='c'># 1</span> <span class='c'># 2</span></pre>", ["# 1"]),
        ("<pre><i class='k'>if</i></pre><pre class='dim'><span class='k'>or</span></pre>", ["or"]),
        ("<pre hidden><span class='c'># 1</span></pre><pre><span class='c'># 2</span></pre>", ["# 2"]),
        ("<pre><span class='k'>if</span> <span class='k' style='color: #bbb'>or</span></pre>", ["or"]),
        ("<pre style='color: #bbb'><span class='k'>if</span> <span class='k'>or</span></pre>", ["<pre"]),
    ],
)
def test_pale_words_are_found_in_code(code, pale, browser, tmp_path):
    style = "<style>.k { color: #333 } .c, .dim .k { color: #bbb }</style>"
    (tmp_path / "page.html").write_text(SOUND.replace("<!-- here -->", style + code))
    complaints = visit(browser, (tmp_path / "page.html").as_uri(), ["light"], tmp_path.as_uri(), axe=True)
    found = list({text for text in complaints if "color-contrast" in text})  # the same on the phone
    assert len(found) == len(pale) and all(word in text for word, text in zip(pale, found, strict=True)), found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("mistake", "complaint"),
    [
        # only where it is too narrow
        ("<pre style='overflow-x: auto'>" + "a long line " * 10 + "</pre>",
         "axe, scrollable-region-focusable, serious: "),
        # a bar that is on the phone only
        ("<style>@media (min-width: 400px) {.bar {display: none}}</style><p class='bar' style='color: #777; "
         "background: #888'>pale</p>", "axe, color-contrast, serious: "),
    ],
)  # fmt: skip
def test_axe_finds_what_is_wrong_only_on_the_phone(mistake, complaint, theme, browser, tmp_path):
    html = SOUND.replace("<!-- here -->", mistake).replace('data-theme="light"', f'data-theme="{theme}"')
    (tmp_path / "page.html").write_text(html)
    complaints = visit(browser, (tmp_path / "page.html").as_uri(), [theme], tmp_path.as_uri(), axe=True)
    assert any(text.startswith(complaint) for text in complaints), complaints


def test_axe_asks_everything_in_the_dark_too(browser, tmp_path):
    style = "select { display: none } @media (prefers-color-scheme: dark) { select { display: block } }"
    html = SOUND.replace("<!-- here -->", f"<style>{style}</style><select></select>")
    (tmp_path / "page.html").write_text(html)
    complaints = visit(browser, (tmp_path / "page.html").as_uri(), ["light", "dark"], tmp_path.as_uri(), axe=True)
    assert any(text.startswith("axe, select-name, critical: ") for text in complaints), complaints


def test_a_server_that_has_no_such_file_is_complained_about(browser, served):
    assert f"status 404: {served}/gone.html" in visit(browser, f"{served}/gone.html", ["light"], served)


def test_axe_finds_what_is_pale_only_in_the_dark(browser, tmp_path):
    style = (
        "body { background: #fff } p { color: #333 } @media (prefers-color-scheme: dark) { body { background: #222 } }"
    )
    html = f"<!DOCTYPE html><html lang='en'><head><title>t</title><style>{style}</style></head>"
    (tmp_path / "page.html").write_text(f"{html}<body><main><h1>t</h1><p>pale at night</p></main></body></html>")
    address = (tmp_path / "page.html").as_uri()
    said = {
        theme: [line for line in visit(browser, address, [theme], tmp_path.as_uri(), axe=True) if "contrast" in line]
        for theme in ("light", "dark")
    }
    assert said["light"] == []
    assert said["dark"] and said["dark"][0].startswith("axe, color-contrast, serious: ")


@pytest.mark.parametrize(
    ("mistake", "complaint"),
    [
        ("<script src='long.js'></script>", "900"),
        ("".join(f"<img alt='a dot' src='dot.svg?{place}'>" for place in range(30)), "31 requests of 30"),
    ],
)
def test_a_heavy_page_is_complained_about(mistake, complaint, browser, tmp_path):
    (tmp_path / "long.js").write_text("/*" + "x" * LIGHT_BYTES + "*/")
    (tmp_path / "dot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'></svg>")
    (tmp_path / "page.html").write_text(SOUND.replace("<!-- here -->", mistake))
    with serving(tmp_path) as address:
        complaints = visit(browser, f"{address}/page.html", ["light"], address, weight=too_heavy)
    assert len(complaints) == 1 and complaint in complaints[0], complaints
