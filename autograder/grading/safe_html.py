"""HTML of what students write in text cells, for pages that an instructor or another browser shows.

nbgrader's templates put a text cell's HTML on the page as it is, scripts included, in feedback and in formgrader.
"""

import re
from html import escape, unescape

import nh3
from jinja2 import pass_context
from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import MarkdownWithMath

from autograder.grading.nbgrader_compat import MarkdownRenderer

#: The tags that format text. Any other is shown as it was written.
TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote"),
    *("a", "em", "strong", "del", "sub", "sup", "code", "pre", "kbd", "span", "div", "img", "details", "summary"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}

#: Tag -> the attributes that it keeps; "*" is for every tag. None of them runs anything.
ATTRIBUTES = {
    "*": {"class", "id", "open"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "th": {"align", "colspan"},
    "td": {"align", "colspan"},
}

#: The protocols of an address that is not relative.
PROTOCOLS = {"http", "https", "mailto", "data"}

#: Characters that browsers leave out of an address.
_IGNORED = re.compile(r"[\x00-\x20]")

#: (tag, attribute) -> a test of its value, beyond the protocol: nothing is fetched from elsewhere.
VALUES = {
    ("img", "src"): lambda value: value.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")),
    ("a", "href"): lambda value: not _IGNORED.sub("", value).lower().startswith("data:"),
}

#: The most tags in a text cell that is shown as HTML: its parser's time grows with the square of what is nested.
MOST_TAGS = 10_000

#: The beginning of what is no tag of TAGS, nor a comment.
_UNKNOWN_TAG = re.compile(rf"<(?!/?(?:{'|'.join(sorted(TAGS))})(?=[\s/>])|!--)", re.IGNORECASE)

#: A picture without a text alternative, once nh3 has put all attributes between double quotes.
_NO_ALT = re.compile(r'<img(?![^<>]* alt=")')

#: The elements of MathML that are left: those for formulas, not those that hold or load anything else.
_MATHML = {
    *("mrow", "mi", "mn", "mo", "mtext", "mspace", "msub", "msup", "msubsup", "mfrac", "msqrt", "mroot"),
    *("munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom"),
}

#: The longest formula that is converted, in characters; a parser for TeX is slow with longer ones.
LONGEST_FORMULA = 300

_BLOCK = ' display="block" tabindex="0"'  # it may be too wide for a phone, and then scrolls

#: The mark of a formula until everything else is cleaned. Tags are matched too, to leave out marks inside of them.
_MARK = re.compile("<[^>]*>|\ue000([0-9]+)\ue001")


class Renderer(MarkdownRenderer):
    """nbconvert's, for a page that stands by itself.

    Parameters
    ----------
    deeper : levels by which headings stand below the page's own
    formulas : list that formulas are collected in; None leaves them as they are written, for MathJax
    """

    def __init__(self, attachments=None, deeper=0, formulas=None):
        super().__init__(attachments)
        self.deeper, self.formulas = deeper, formulas

    def inline_math(self, body):
        return self._formula(body, False, super().inline_math(body))

    def block_math(self, body):
        return self._formula(body, True, super().block_math(body))

    def _formula(self, body, is_block, as_written):
        if self.formulas is None:
            return as_written
        formula = mathml(body, is_block)
        if not formula:
            return f"<code>{as_written}</code>"
        self.formulas.append(formula)
        return f"\ue000{len(self.formulas) - 1}\ue001"

    def heading(self, text, level, **attrs):
        return super().heading(text, min(level + self.deeper, 6), **attrs)


def mathml(tex, is_block=False):
    """A formula that a browser shows without a script; nothing if this is no formula.

    Only elements without attributes are left, because the parser takes links and tags that TeX holds as they are.

    Examples
    --------
    >>> mathml("C_3")
    '<math><mrow><msub><mi>C</mi><mn>3</mn></msub></mrow></math>'
    """
    if len(tex) > LONGEST_FORMULA:
        return ""
    try:
        (formula,) = convert_to_element(tex)
        return f"<math{_BLOCK if is_block else ''}>{_element(formula)}</math>"
    except Exception:  # whatever somebody writes between two dollars
        return ""


def _element(element):
    if element.tag not in _MATHML:
        raise ValueError(element.tag)
    inside = escape(unescape(element.text or "")) + "".join(map(_element, element))
    return f"<{element.tag}>{inside}</{element.tag}>"


def html_of(source, attachments=None, deeper=0, with_formulas=False):
    """A text cell as HTML, with the tags and attributes that format text and no others.

    Other tags stand there as text, for their writer to see, and so does a whole cell of more than MOST_TAGS.

    Parameters
    ----------
    source : the cell's Markdown
    attachments : file name -> {mimetype: base64}, the pictures in the cell
    deeper : levels by which headings stand below the page's own
    with_formulas : convert formulas to MathML; else they stay as they are written, for MathJax

    Examples
    --------
    >>> html_of("**a** <script>b</script>").strip()
    '<p><strong>a</strong> &lt;script&gt;b&lt;/script&gt;</p>'
    >>> html_of("# A title", deeper=1).strip()
    '<h2>A title</h2>'
    """
    formulas = [] if with_formulas else None
    html = MarkdownWithMath(renderer=Renderer(attachments, deeper, formulas)).render(source)
    if html.count("<") > MOST_TAGS:
        return f"<pre>{escape(source)}</pre>"
    html = _NO_ALT.sub('<img alt=""', _clean(_UNKNOWN_TAG.sub("&lt;", html)))
    if not formulas:
        return html
    return _MARK.sub(
        lambda found: formulas[int(found[1])] if found[1] and int(found[1]) < len(formulas) else found[0], html
    )


def _clean(html):
    return nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=set(),  # their content is text by now
        attributes=ATTRIBUTES,
        attribute_filter=_value,
        url_schemes=PROTOCOLS,
        link_rel=None,
    )


def _value(tag, attribute, value):
    """The value of an attribute that nh3 keeps; None takes the attribute out."""
    is_allowed = VALUES.get((tag, attribute))
    return value if is_allowed is None or is_allowed(value) else None


@pass_context
def markdown2html(context, source):
    """nbconvert's filter of this name, which gives `html_of` instead."""
    return html_of(source, context.get("cell", {}).get("attachments", {}))
