"""Formulas as MathML, made when the book is built: a browser shows them as fast as text, and without a script.

MathJax took half of a chapter's loading time, and a page with one formula weighed 1.1 MB more. Browsers have known
MathML since 2023 (Chromium 109; Firefox and Safari for longer). A command that is not understood, or a letter that the
font lacks, fails the build.

The font is a part of TeX Gyre Termes Math 1.543 by GUST, under the GUST Font License; it was made from what Debian's
fonts-texgyre-math has:

    pyftsubset texgyretermes-math.otf --flavor=woff --layout-features=ssty --no-hinting --output-file=formulas.woff \\
        --unicodes=20-7E,A0,B1,B7,D7,2026,2032,2190,2192,2208,220F,2211,2212,2217,2218,221A,221E,222B,2248,2260 \\
        --unicodes=2264,2265,2295,2297,2299,22C5,22EF,2308-230B,1D434-1D467,1D6E2-1D71B,210E
"""

import functools
import itertools
import unicodedata
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from fontTools.ttLib import TTFont
from latex2mathml.converter import convert_to_element
from sphinx.util import logging

FONT = Path(__file__).parents[2] / "_assets" / "formulas.woff"
SIGNS, CLOSING = {"+", "\N{MINUS SIGN}"}, set(")]}⌋⌉")
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
log = logging.getLogger(__name__)


@functools.cache
def letters():
    """Every character that the font can show."""
    with TTFont(FONT) as font:
        return {chr(code) for code in font.getBestCmap()}


@functools.cache
def italics():
    """The italic letters that browsers show for variables: letter -> its italic."""
    named = {letter: unicodedata.name(letter, "") for letter in letters()}
    italic = [letter for letter in named if named[letter].startswith("MATHEMATICAL ITALIC ")]
    found = {unicodedata.normalize("NFKC", letter): letter for letter in italic}
    return found | {"h": "\N{PLANCK CONSTANT}"}  # it had a character before the others


def shown(element):
    """The characters that a browser shows for an element's text: a variable of one letter is set in italics.

    Examples
    --------
    >>> def of(text): return shown(ElementTree.fromstring(text))
    >>> of("<mi>k</mi>") == "\\N{MATHEMATICAL ITALIC SMALL K}", of("<mi>h</mi>") == "\\N{PLANCK CONSTANT}"
    (True, True)
    >>> of("<mn>27</mn>"), of("<mi>out</mi>")
    ('27', 'out')
    """
    text = (element.text or "").strip()
    is_variable = element.tag == "mi" and element.get("mathvariant") != "normal"
    return italics().get(text, text) if is_variable else text


def mathml(tex, is_block=False):
    """A formula as MathML.

    Parameters
    ----------
    tex : str, TeX as MathJax and Jupyter read it
    is_block : bool, True if it has a line of its own

    Raises
    ------
    ValueError
        If it is not understood, or the font lacks a letter of it.

    Examples
    --------
    >>> mathml("k_H")
    '<math><mrow><msub><mi>k</mi><mi>H</mi></msub></mrow></math>'
    >>> mathml(r"\\lfloor o / m \\rfloor")
    '<math><mrow><mo>⌊</mo><mi>o</mi><mo lspace="0" rspace="0">/</mo><mi>m</mi><mo>⌋</mo></mrow></math>'
    >>> mathml("3++x")
    '<math><mrow><mn>3</mn><mo>+</mo><mo form="prefix">+</mo><mi>x</mi></mrow></math>'
    >>> mathml(r"\\aleph")
    Traceback (most recent call last):
    ValueError: the book's font has no ℵ
    >>> mathml(r"\\kernel{3}")
    Traceback (most recent call last):
    ValueError: \\kernel is no command that latex2mathml knows
    >>> mathml(r"a \\\\ b")
    Traceback (most recent call last):
    ValueError: browsers do not break a line there; aligned and align* have rows
    >>> mathml("w_")
    Traceback (most recent call last):
    ValueError: latex2mathml cannot read it (MissingSuperScriptOrSubscriptError)
    """
    # Of these two latex2mathml knows the one that is a formula by itself.
    source = tex.strip().replace("{aligned}", "{align*}")
    try:
        formula = convert_to_element(source, display="block" if is_block else "inline")
    except Exception as error:  # it has a kind for each mistake, and some of Python's
        raise ValueError(f"latex2mathml cannot read it ({type(error).__name__})") from error
    formula.attrib = {"display": "block"} if is_block else {}
    for element in formula.iter():
        element.text = unescape(element.text or "") or None
        check(shown(element))
        if "linebreak" in element.attrib:
            raise ValueError("browsers do not break a line there; aligned and align* have rows")
        if element.tag == "mi" and element.text and not element.text[0].isalnum():
            element.tag = "mo"  # brackets that stay as they are
    space_as_tex(formula)
    return ElementTree.tostring(formula, encoding="unicode")


def check(text):
    """Refuse what latex2mathml passes on as it is, and what the font cannot show."""
    if text.startswith("\\"):
        raise ValueError(f"{text} is no command that latex2mathml knows")
    if text == "&":
        raise ValueError("& stands outside a table that latex2mathml knows")
    if missing := sorted(set(text) - letters()):
        raise ValueError(f"the book's font has no {' '.join(missing)}")


def space_as_tex(formula):
    """Take the room around operators away where TeX has none: at a sign, at a slash, and in scripts."""
    for row in formula.iter():
        for before, sign in itertools.pairwise(row):
            if sign.tag == before.tag == "mo" and sign.text in SIGNS and before.text not in CLOSING:
                sign.set("form", "prefix")
    scripts = [script for script in formula.iter() if script.tag in SCRIPTS]
    small = {element for script in scripts for part in script[1:] for element in part.iter()}
    for operator in formula.iter("mo"):
        if operator.text == "/" or operator in small:
            operator.attrib |= {"lspace": "0", "rspace": "0"}


# ---------------------------------------------------------------- writing


def written(node, is_block):
    """The MathML of a node; a warning at the node's line, and no text, if there is none."""
    try:
        return mathml(node.astext(), is_block)
    except ValueError as error:
        log.warning("formula %s: %s", " ".join(node.astext().split()), error, location=node)
        return ""


def visit_math(self, node):
    self.body.append(f"{self.starttag(node, 'span', '', CLASS='math')}{written(node, False)}</span>")
    raise nodes.SkipNode


def visit_math_block(self, node):
    if node.get("number"):
        log.warning("formula %s: formulas have no numbers in this book", node["label"], location=node)
    self.body.append(f"{self.starttag(node, 'div', '', CLASS='math')}{written(node, True)}</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
