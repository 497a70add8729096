"""The whole book as one PDF: `make pdf`.

The built pages are joined into one, which chromium prints with the style every page has on paper
(_assets/print.css); pdf.css here adds what a book has and a page has not: a title page, contents, page numbers.
Chromium cannot say in the contents on which page a heading is. So the joined page is printed, the places of all
headings are read from the PDF, written into the page, and it is printed again until nothing moves.

Exit codes: 0, it is there; 1, something in it would be wrong, and nothing was written; 2, it could not begin.
"""

import contextlib
import html
import json
import os
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup
from pypdf import PdfReader

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
#: Twice is the rule; a number with one digit more can push a line to the next page.
MOST_PRINTS = 5
SLOW_MS = 600_000  # a busy machine is slow, not wrong


class CannotBegin(Exception):
    """What is missing, and how to get it."""


def parts_of(contents):
    """The book's pages in reading order, part by part.

    Examples
    --------
    >>> parts_of({"root": "intro", "parts": [{"caption": "Chapters", "chapters": [{"file": "01-window"}]}]})
    [('', ['intro']), ('Chapters', ['01-window'])]
    """
    parts = [(part["caption"], [page["file"] for page in part["chapters"]]) for part in contents["parts"]]
    return [("", [contents["root"]]), *parts]


def address(target, page, pages):
    """Where a link on ``page`` leads in the joined page; None if what it leads to is not in there.

    Examples
    --------
    >>> address("03-depthwise.html#what-it-costs", "02-regular", ["02-regular", "03-depthwise"])
    '#03-depthwise--what-it-costs'
    >>> address("#loops", "02-regular", ["02-regular"]), address("02-regular.html", "intro", ["02-regular"])
    ('#02-regular--loops', '#02-regular')
    >>> address("https://arxiv.org/abs/1704.04861", "02-regular", [])
    'https://arxiv.org/abs/1704.04861'
    >>> address("_downloads/1f/02-regular.ipynb", "02-regular", ["02-regular"])
    """
    url = urlsplit(target)
    if url.scheme or url.netloc:
        return target
    goal = url.path.removesuffix(".html") or page
    if goal not in pages:
        return None
    return f"#{goal}--{url.fragment}" if url.fragment else f"#{goal}"


def mend(article, page, pages, folder):
    """Put the page before every name in it, for other pages have a heading "Summary" too, and lead all links right."""
    for element in article.find_all(True):
        if element.get("src"):
            element["src"] = f"{folder}/{element['src']}"
        if element.name == "figure" or element.find_parent("figure", class_="drawing"):
            continue  # a drawing's names are made of what it shows: where two are the same, so are the drawings
        for name in ("id", "for", "aria-labelledby", "aria-describedby"):
            if element.get(name):
                element[name] = " ".join(f"{page}--{one}" for one in element[name].split())
        if element.name == "a" and element.get("href"):
            element["href"] = address(element["href"], page, pages)
            if element["href"] is None:
                del element["href"]
    article["id"] = page
    article["style"] = f"page: in-{page}"  # a page of its own begins a new sheet


def title_of(heading):
    """What a heading says, as HTML, without the sign that links to it."""
    return "".join(str(part) for part in heading.contents if getattr(part, "name", "") != "a")


def entry(goal, title, more=""):
    return f'<li><a href="#{goal}"><span>{title}</span><span class="at"></span></a>{more}</li>'


def entries(article):
    """A page's line in the contents, and those of its sections."""
    lines = [entry(heading.parent["id"], title_of(heading)) for heading in article.select("section > h2")]
    if article.select_one(".asking:not(.prediction)"):
        lines.append(entry(f"{article['id']}--answers", "Answers"))  # book.js puts them there for printing
    return entry(article["id"], title_of(article.h1), f"<ol>{''.join(lines)}</ol>" if lines else "")


def joined(built, contents, facts):
    """The whole book as one HTML page.

    Parameters
    ----------
    built : Path, the folder of the built pages
    contents : dict, what _toc.yml holds
    facts : dict with title, version, copyright
    """
    parts = parts_of(contents)
    pages = [page for _, names in parts for page in names]
    folder = built.as_uri()
    articles, styles = {}, {}
    for page in pages:
        path = built / f"{page}.html"
        if not path.is_file():
            raise CannotBegin(f"there is no {path}; make book builds it")
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        articles[page] = soup.select_one("article.bd-article")
        mend(articles[page], page, pages, folder)
        for link in soup.select("head link[rel=stylesheet]"):
            styles[link["href"].partition("?")[0]] = link.get("media", "all")
    heads = [
        # json's quotes and escapes are CSS's too, but for letters beyond ASCII
        f"@page in-{page} {{ @top-left {{ content: {json.dumps(article.h1.find(string=True), ensure_ascii=False)} }} }}"
        for page, article in articles.items()
    ]
    lines = [
        (f'<p class="part">{html.escape(caption)}</p>' if caption else "")
        + f"<ol>{''.join(entries(articles[name]) for name in names)}</ol>"
        for caption, names in parts
    ]
    sheets = [f'<link rel="stylesheet" media="{media}" href="{folder}/{name}">' for name, media in styles.items()]
    own = (Path(__file__).parent / "pdf.css").as_uri()
    facts = {name: html.escape(str(fact)) for name, fact in facts.items()}
    return "\n".join(
        [
            '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">',
            f"<title>{facts['title']}</title>",
            *sheets,
            f'<link rel="stylesheet" href="{own}"><style>',
            *heads,
            "</style>",
            f'<script defer src="{folder}/_static/book.js"></script></head><body>',
            f'<div class="cover"><img alt="" src="{folder}/_static/favicon.svg"><p class="title">{facts["title"]}</p>',
            f"<p>A course on convolution as neural networks use it</p><p>Version {facts['version']}</p>",
            "<p>This is the book on paper. Its figures stand still, and the answers to a chapter's questions are at",
            "its end. The built book has figures to take hold of, questions that answer, and notebooks to fill in.</p>",
            f"<p>© {facts['copyright']}. Text and figures under CC BY 4.0, code under the MIT License.</p></div>",
            '<div class="bd-main"><div class="bd-content"><div class="bd-article-container">',
            '<nav class="bd-article book-contents"><h1>Contents</h1>',
            *lines,
            "</nav>",
            *map(str, articles.values()),
            "</div></div></div></body></html>",
        ]
    )


# ---------------------------------------------------------------- printing

#: What is wrong with the page as it is, before it is printed.
LOOK = """() => {
  const all = (selector, said) => [...document.querySelectorAll(selector)].map((one) => said + one.textContent);
  return [
    ...all(".math:not(:has(math))", "a formula that is not set: "),
    ...[...document.images].filter((one) => !one.naturalWidth).map((one) => "no picture: " + one.src),
  ];
}"""

#: What reaches beyond the paper's edge. The page is laid out as wide as print.css and pdf.css make a sheet's text.
WIDE = """() => {
  window.dispatchEvent(new Event("beforeprint"));
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    if (!texts.currentNode.data.trim()) continue;  // white space at a line's end hangs over the edge
    range.selectNodeContents(texts.currentNode);
    if (range.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      found.push("cut off at the right: " + texts.currentNode.data.trim().slice(0, 60));
  }
  for (const box of document.querySelectorAll("img, svg, table, pre"))
    if (box.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      found.push("cut off at the right: " + box.outerHTML.slice(0, 60));
  window.dispatchEvent(new Event("afterprint"));
  return found;
}"""
#: A4 less the margins in pdf.css, in CSS pixels: (210 - 2 * 20) / 25.4 * 96.
TEXT_WIDTH = 642

#: Write numbers of pages into the contents, and behind references to chapters and sections.
NUMBER = """(places) => {
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    const at = places[decodeURIComponent(link.hash.slice(1))] ?? "00";
    const cell = link.querySelector(".at");
    if (cell) cell.textContent = at;
    else if (link.querySelector(".std-ref")) link.dataset.page = at;
  }
}"""


def places_in(pdf):
    """On which page, from 1, is what the links lead to.

    Chromium names only the places that some link leads to.
    """
    reader = PdfReader(BytesIO(pdf))
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def find_browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise CannotBegin("chromium is not installed: apt-get install chromium-headless-shell")
    return found


@contextlib.contextmanager
def launched():
    """A browser to print with. It prints one book or, in the tests, many."""
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # has none for root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        yield browser
        browser.close()


def printed(text, browser):
    """The PDF of an HTML page, with the numbers in its contents; and complaints, empty where all is well."""
    complaints = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "book.html").write_text(text, encoding="utf-8")
        context = browser.new_context(offline=True)
        context.set_default_timeout(SLOW_MS)
        page = context.new_page()
        page.on("requestfailed", lambda sent: complaints.append(f"not loaded: {sent.url}"))
        page.on("pageerror", lambda error: complaints.append(f"a script failed: {error}"))
        page.goto((Path(folder) / "book.html").as_uri())
        page.evaluate("async () => { await document.fonts.ready; }")
        complaints += page.evaluate(LOOK)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": TEXT_WIDTH, "height": 900})
        complaints += page.evaluate(WIDE)
        places, pdf = None, b""
        for _ in range(MOST_PRINTS):
            page.evaluate(NUMBER, places or {})
            whole = places is not None  # the first one only says where things are
            pdf = page.pdf(prefer_css_page_size=True, print_background=True, outline=whole, tagged=whole)
            before, places = places, places_in(pdf)
            if places == before:
                break
        else:
            complaints.append(f"printed {MOST_PRINTS} times, and the numbers in the contents still change")
        goals = page.evaluate("() => [...document.querySelectorAll('a[href^=\"#\"]')].map((one) => one.hash)")
        complaints += [
            f"a link that leads nowhere: {goal}" for goal in sorted(set(goals)) if unquote(goal[1:]) not in places
        ]
        context.close()
    return pdf, complaints


def main(built=ROOT / "_build" / "html", target=ROOT / "_build" / "convolution-counted.pdf"):
    try:
        find_browser()
        config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
        version = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
        contents = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
        facts = {"title": config["title"], "copyright": config["copyright"], "version": version}
        text = joined(built, contents, facts)
        with launched() as browser:
            pdf, complaints = printed(text, browser)
    except CannotBegin as missing:
        print(f"error: {missing}", file=sys.stderr)
        return 2
    if complaints:
        print(*(f"error: {complaint}" for complaint in complaints), sep="\n", file=sys.stderr)
        return 1
    target.write_bytes(pdf)
    print(f"{target.relative_to(ROOT)}: {len(PdfReader(BytesIO(pdf)).pages)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
