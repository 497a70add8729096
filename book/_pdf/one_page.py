"""The pages of the built book as one HTML page, with a title page and contents, ready to be printed."""

import html
import json
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup


class CannotBeginError(Exception):
    """Something is missing; the text says what, and how to get it."""


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
    """The target in the joined page of a link on ``page``; None if the target is not in there.

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
    """Make a page's names those of the joined page, and its links lead there.

    The page's name is put before each of them, because other pages have a heading "Summary" too.
    """
    for element in article.find_all(True):
        if element.get("src"):
            element["src"] = f"{folder}/{element['src']}"
        if element.name == "figure" or element.find_parent("figure", class_="drawing"):
            continue  # a drawing's names are made of what it shows: where two are the same, so are the drawings
        for name in ("id", "for", "aria-labelledby", "aria-describedby"):
            if element.get(name):
                element[name] = " ".join(f"{page}--{word}" for word in element[name].split())
        if element.name == "a" and element.get("href"):
            element["href"] = address(element["href"], page, pages)
            if element["href"] is None:
                del element["href"]
    article["id"] = page
    article["style"] = f"page: in-{page}"  # a page of its own begins a new sheet


def title_of(heading):
    """The text of a heading, as HTML, without the sign that links to it."""
    return "".join(str(part) for part in heading.contents if getattr(part, "name", "") != "a")


def entry(goal, title, more=""):
    """A line of the contents; the page's number is written into it when it is known."""
    return f'<li><a href="#{goal}"><span>{title}</span><span class="at"></span></a>{more}</li>'


def entries(article):
    """A page's line in the contents, and those of its sections."""
    lines = [entry(heading.parent["id"], title_of(heading)) for heading in article.select("section > h2")]
    if article.select_one(".asking:not(.prediction)"):
        lines.append(entry(f"{article['id']}--answers", "Answers"))  # book.js puts them there for printing
    return entry(article["id"], title_of(article.h1), f"<ol>{''.join(lines)}</ol>" if lines else "")


def read_pages(built, pages):
    """The articles of built pages, mended: page -> element; and their style sheets: name -> media."""
    articles, styles = {}, {}
    for page in pages:
        path = built / f"{page}.html"
        if not path.is_file():
            raise CannotBeginError(f"there is no {path}; make book builds it")
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        articles[page] = soup.select_one("article.bd-article")
        mend(articles[page], page, pages, built.as_uri())
        for link in soup.select("head link[rel=stylesheet]"):
            styles[link["href"].partition("?")[0]] = link.get("media", "all")
    return articles, styles


def head(title, articles, styles, folder):
    """The styles and the script of the joined page; each chapter's title stands at the head of its sheets."""
    own = (Path(__file__).parent / "pdf.css").as_uri()
    return [
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">',
        f"<title>{title}</title>",
        *(f'<link rel="stylesheet" media="{media}" href="{folder}/{name}">' for name, media in styles.items()),
        f'<link rel="stylesheet" href="{own}"><style>',
        *(running_title(page, article) for page, article in articles.items()),
        "</style>",
        f'<script defer src="{folder}/_static/book.js"></script></head>',
    ]


def running_title(page, article):
    """The rule that writes a page's title at the head of its sheets."""
    # json's quotes and escapes are CSS's too, but for letters beyond ASCII
    title = json.dumps(article.h1.find(string=True), ensure_ascii=False)
    return f"@page in-{page} {{ @top-left {{ content: {title} }} }}"


def cover(facts, folder):
    return [
        f'<div class="cover"><img alt="" src="{folder}/_static/favicon.svg"><p class="title">{facts["title"]}</p>',
        f"<p>A course on convolution as neural networks use it</p><p>Version {facts['version']}</p>",
        "<p>This is the book on paper. Its figures stand still, and the answers to a chapter's questions are at",
        "its end. The built book has figures to take hold of, questions that answer, and notebooks to fill in.</p>",
        f"<p>© {facts['copyright']}. Text and figures under CC BY 4.0, code under the MIT License.</p></div>",
    ]


def table_of_contents(parts, articles):
    lines = [
        (f'<p class="part">{html.escape(caption)}</p>' if caption else "")
        + f"<ol>{''.join(entries(articles[name]) for name in names)}</ol>"
        for caption, names in parts
    ]
    return ['<nav class="bd-article book-contents"><h1>Contents</h1>', *lines, "</nav>"]


def joined(built, contents, facts):
    """The whole book as one HTML page.

    Parameters
    ----------
    built : Path, the folder of the built pages
    contents : dict, the content of _toc.yml
    facts : dict with title, version, copyright

    Raises
    ------
    CannotBeginError
        If a page is not built.
    """
    parts, folder = parts_of(contents), built.as_uri()
    articles, styles = read_pages(built, [page for _, names in parts for page in names])
    facts = {name: html.escape(str(fact)) for name, fact in facts.items()}
    return "\n".join(
        [
            *head(facts["title"], articles, styles, folder),
            "<body>",
            *cover(facts, folder),
            '<div class="bd-main"><div class="bd-content"><div class="bd-article-container">',
            *table_of_contents(parts, articles),
            *map(str, articles.values()),
            "</div></div></div></body></html>",
        ]
    )
