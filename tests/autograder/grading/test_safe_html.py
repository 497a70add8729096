"""Students' text cells as HTML: the tags that format text stay, everything else is shown as text."""

import re
from xml.etree.ElementTree import tostring

import nbconvert
import nh3
import pytest
from bs4 import BeautifulSoup
from latex2mathml.converter import convert_to_element

from autograder.grading import safe_html
from autograder.grading.safe_html import html_of, markdown2html, mathml

#: With formulas, as on a page of feedback, and without, as in formgrader.
PAGES = (True, False)

DOT = "data:image/png;base64,iVBORw0KGgo="


def parsed(source, with_formulas=True):
    return BeautifulSoup(html_of(source, with_formulas=with_formulas), "html.parser")


def tags(source, with_formulas=True):
    return {tag.name for tag in parsed(source, with_formulas).find_all(True)}


ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://example.org/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</script>",
    '<img src="x" onerror="alert(1)">',
    "<img src=x onerror=alert(1)//",
    '<img src="https://example.org/1.png">',
    '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    '<a href="javascript:alert(1)">a</a>',
    '<a href=" java\tscript:alert(1)">a</a>',
    '<a href="javascript:1">a</a>',  # which looks like a host and its port
    '<a href="data:text/html,<script>alert(1)</script>">a</a>',
    '<a href=" \x01DATA:text/html,x">a</a>',
    '<a href="vbscript:x" style="position: fixed" onclick="alert(1)">a</a>',
    "[a](javascript:alert(1))",
    '![a](https://example.org/1.png "b")',
    '<iframe src="https://example.org"></iframe>',
    "<style>body {display: none}</style>",
    '<link rel="stylesheet" href="https://example.org">',
    '<meta http-equiv="refresh" content="0; url=https://example.org">',
    '<form action="https://example.org"><input name="password"><button>send</button></form>',
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    '<base href="https://example.org">',
    "<!--><img src=x onerror=alert(1)>-->",
    '<img alt="> \ue0000\ue001" src="' + DOT + '"> $x$',
]


def harm(page):
    """Whatever on a page runs something, fetches something, or changes how the rest of the page looks."""
    found = [tag.name for tag in page.find_all(True) if tag.name not in {*safe_html.TAGS, "math", "mrow", "mi"}]
    for tag in page.find_all(True):
        found += [name for name in tag.attrs if name.startswith("on") or name == "style"]
        found += [tag["href"]] if re.match(r"[\x00-\x20]*(javascript|data|vbscript)", tag.get("href", ""), re.I) else []
        found += [tag["src"]] if not tag.get("src", DOT).startswith("data:image/png;base64,") else []
    return found


@pytest.mark.parametrize("with_formulas", PAGES)
@pytest.mark.parametrize("source", ATTACKS)
def test_nothing_runs_and_nothing_is_fetched(source, with_formulas):
    assert harm(parsed(source, with_formulas)) == []


def test_the_cleaning_is_what_does_it(monkeypatch):
    monkeypatch.setattr(safe_html, "_clean", lambda html: html)
    monkeypatch.setattr(safe_html, "_UNKNOWN_TAG", re.compile("(?!)"))
    assert sum(harm(parsed(source)) != [] for source in ATTACKS) > 20


@pytest.mark.parametrize("key", safe_html.VALUES)
def test_a_rule_for_values_is_what_does_it(key, monkeypatch):
    monkeypatch.delitem(safe_html.VALUES, key)
    assert any(harm(parsed(source)) for source in ATTACKS)


def test_nbconverts_own_filter_leaves_the_script_where_it_is():
    own = nbconvert.HTMLExporter().environment.filters["markdown2html"]
    assert "<script>alert(1)</script>" in own({}, ATTACKS[0])
    assert "<script>" not in markdown2html({}, ATTACKS[0])


def test_a_tag_that_is_not_kept_is_shown_as_it_was_written():
    assert parsed("for i<n and j>k, <b onclick=x>bold</b>").get_text().strip() == (
        "for i<n and j>k, <b onclick=x>bold</b>"
    )
    assert parsed("<script>b</script>").get_text().strip() == "<script>b</script>"
    # nh3 by itself takes them out, and the text between them where that is code.
    assert nh3.clean("<script>b</script>") == ""


def test_what_formats_text_stays():
    text = "# Title\n\n| a | b |\n|---|--:|\n| `x < y` | $a_b$ |\n\n- one\n\n"
    text += "<details open><summary>Hint</summary>\n\nmore <kbd>Tab</kbd>\n\n</details>\n\n```python\nx = 1\n```"
    page = parsed(text, with_formulas=False)
    kept = {tag.name for tag in page.find_all(True)}
    assert {"h1", "table", "th", "td", "code", "ul", "li", "details", "summary", "kbd", "pre", "span"} <= kept
    assert page.find("code").get_text() == "x < y"
    assert "$a_b$" in page.get_text()
    assert page.find("details").has_attr("open")
    assert page.select_one("pre .mi").get_text() == "1"
    assert parsed('<table><tr><td align="right" colspan="2">x</td></tr></table>').td.attrs == {
        "align": "right",
        "colspan": "2",
    }
    link = parsed('<a href="https://example.org" title="t" class="c">a</a>').a
    assert link.attrs == {"href": "https://example.org", "title": "t", "class": ["c"]}


def test_a_tighter_table_is_obeyed(monkeypatch):
    monkeypatch.setitem(safe_html.ATTRIBUTES, "*", set())
    assert parsed('<a href="#x" id="y" class="z">a</a>').a.attrs == {"href": "#x"}


@pytest.mark.parametrize(
    ("source", "alternatives"),
    [
        (f'<img src="{DOT}">', [""]),
        (f'<img title="a>b" alt="c" src="{DOT}">', ["c"]),
        (f"<img title='x \"y\" alt' src='{DOT}'>", [""]),
        ("![gone](attachment:gone.png)", ["gone"]),
        (f'<img alt="> \ue0000\ue001" src="{DOT}"> $x$', ["> \ue0000\ue001"]),  # a formula's mark in an attribute
    ],
)
def test_a_picture_has_one_text_alternative(source, alternatives):
    html = html_of(source, with_formulas=True)
    assert [image["alt"] for image in BeautifulSoup(html, "html.parser").find_all("img")] == alternatives
    assert html.count(" alt=") == len(alternatives)


def test_a_picture_in_the_cell_is_shown():
    html = markdown2html({"cell": {"attachments": {"a.png": {"image/png": "iVBORw0KGgo="}}}}, "![a](attachment:a.png)")
    assert f'src="{DOT}"' in html


@pytest.mark.parametrize("tag", ["<div>", "<ul><li>", "<a>", "<table><tr><td>"])
def test_a_cell_of_nothing_but_tags_is_shown_as_text(tag):
    """A parser of HTML takes minutes for hundreds of thousands of nested tags, and nothing can interrupt it."""
    source = tag * 20_000
    assert parsed(source).get_text().strip() == source


# ---------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{&lt;img src=x onerror=alert(1)&gt;}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background: url(https://example.org)}{x}",
        r"\class{score}{x}",
        r"\color{red}{x}",
    ],
)
def test_a_formula_brings_nothing_along(tex):
    page = parsed(f"${tex}$")
    assert {tag.name for tag in page.find_all(True)} <= {"p", "math", "mrow", "mi", "mtext", "mstyle"}
    assert [tag.attrs for tag in page.find_all(True) if tag.attrs] == []
    raw = tostring(convert_to_element(tex)).decode()  # the break: what the parser makes of it has more
    assert re.search(r"href=|style=|class=|mathcolor=|script|img", raw)


def test_what_is_no_formula_is_shown_as_it_was_written():
    assert mathml("{" * 20) == mathml("x" * 500) == mathml(" ") == ""
    assert html_of("so $ $ it is", with_formulas=True) == "<p>so <code>$ $</code> it is</p>\n"
    assert html_of("$x$ \ue0007\ue001 \ue000x", with_formulas=True).count("<math>") == 1
    assert html_of("$x$") == "<p>$x$</p>\n"  # formgrader's pages have MathJax
