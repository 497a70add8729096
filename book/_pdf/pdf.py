"""The whole book as one PDF: `make pdf`.

The built pages are joined into one (one_page.py), which chromium prints with the style that every page has on paper
(_assets/print.css); pdf.css adds what a book has and a page has not: a title page, contents, page numbers.
Chromium cannot say in the contents on which page a heading is. So the joined page is printed, the places of all
headings are read from the PDF, written into the page, and it is printed again until nothing moves.

Exit codes: 0, it is there; 1, something in it would be wrong, and nothing was written; 2, it could not begin.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import yaml
from one_page import CannotBeginError, joined
from pypdf import PdfReader

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
#: Twice is the rule; a number with one digit more can push a line to the next page.
MOST_PRINTS = 5
SLOW_MS = 600_000  # a busy machine is slow, not wrong

#: What is wrong with the page before it is printed.
LOOK = """() => {
  const all = (selector, fault) => [...document.querySelectorAll(selector)].map((found) => fault + found.textContent);
  return [
    ...all(".math:not(:has(math))", "a formula that is not set: "),
    ...[...document.images].filter((image) => !image.naturalWidth).map((image) => "no picture: " + image.src),
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
NUMBER = """(numbers) => {
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    const at = numbers[decodeURIComponent(link.hash.slice(1))] ?? "00";
    const cell = link.querySelector(".at");
    if (cell) cell.textContent = at;
    else if (link.querySelector(".std-ref")) link.dataset.page = at;
  }
}"""


def pages_of(pdf):
    """The page, from 1, of everything that some link leads to: name -> int. Chromium names nothing else."""
    reader = PdfReader(BytesIO(pdf))
    return {
        name.removeprefix("/"): reader.get_destination_page_number(target) + 1
        for name, target in reader.named_destinations.items()
    }


def find_browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise CannotBeginError("chromium is not installed: apt-get install chromium-headless-shell")
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


def printed(text, browser, report=lambda line: None):
    """Print an HTML page with the page numbers in its contents.

    Returns
    -------
    (bytes, list of str)
        The PDF, and complaints, none where all is well.
    """
    complaints = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "book.html").write_text(text, encoding="utf-8")
        context = browser.new_context(offline=True)
        context.set_default_timeout(SLOW_MS)
        page = context.new_page()
        page.on("requestfailed", lambda sent: complaints.append(f"not loaded: {sent.url}"))
        page.on("pageerror", lambda error: complaints.append(f"a script failed: {error}"))
        report("Loading the pages")
        page.goto((Path(folder) / "book.html").as_uri())
        page.evaluate("async () => { await document.fonts.ready; }")
        complaints += page.evaluate(LOOK)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": TEXT_WIDTH, "height": 900})
        complaints += page.evaluate(WIDE)
        pdf, numbers, moving = print_until_still(page, report)
        goals = set(page.evaluate("() => [...document.querySelectorAll('a[href^=\"#\"]')].map((link) => link.hash)"))
        lost = [f"a link that leads nowhere: {goal}" for goal in sorted(goals) if unquote(goal[1:]) not in numbers]
        context.close()
    return pdf, complaints + moving + lost


def print_until_still(page, report):
    """Print until the numbers in the contents no longer change; returns the PDF, the numbers, and complaints."""
    numbers = None
    for times in range(1, MOST_PRINTS + 1):
        page.evaluate(NUMBER, numbers or {})
        is_numbered = numbers is not None  # the first print only says where things are
        report("Printing, to see which page is where" if times == 1 else "Printing again, with the pages' numbers")
        pdf = page.pdf(prefer_css_page_size=True, print_background=True, outline=is_numbered, tagged=is_numbered)
        before, numbers = numbers, pages_of(pdf)
        if numbers == before:
            return pdf, numbers, []
    return pdf, numbers, [f"printed {MOST_PRINTS} times, and the numbers in the contents still change"]


def report(line):
    print(line, flush=True)


def main(built=ROOT / "_build" / "html", target=ROOT / "_build" / "convolution-counted.pdf"):
    try:
        find_browser()
        config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
        version = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
        contents = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
        facts = {"title": config["title"], "copyright": config["copyright"], "version": version}
        report("Joining the pages of the book")
        text = joined(built, contents, facts)
        with launched() as browser:
            pdf, complaints = printed(text, browser, report)
    except CannotBeginError as missing:
        print(f"error: {missing}", file=sys.stderr)
        return 2
    if complaints:
        print(*(f"error: {complaint}" for complaint in complaints), sep="\n", file=sys.stderr)
        return 1
    target.write_bytes(pdf)
    report(f"{target.relative_to(ROOT)}: {len(PdfReader(BytesIO(pdf)).pages)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
