"""HTML of what students write in text cells, for pages that an instructor or another browser shows.

nbgrader's templates put a text cell's HTML on the page as it is, scripts included, in feedback and in formgrader.
"""

import re
from html import escape, unescape

import bleach
from jinja2 import pass_context
from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import MarkdownWithMath

from autograder.grading.nbgrader_compat import MarkdownRenderer

TAGS = [
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote"),
    *("a", "em", "strong", "del", "sub", "sup", "code", "pre", "kbd", "span", "div", "img", "details", "summary"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
]

#: The picture that bleach leaves of one without a text alternative: its attributes are sorted out and quoted by now.
_NO_ALT = re.compile(r'<img(?![^<>]* alt=")')


#: What of MathML there may be: its elements for formulas, not those that hold or load anything else.
_MATHML = {
    *("mrow", "mi", "mn", "mo", "mtext", "mspace", "msub", "msup", "msubsup", "mfrac", "msqrt", "mroot"),
    *("munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom"),
}
#: Characters of a formula that is made into one; a parser for TeX is slow with long ones.
LONGEST_FORMULA = 300

_BLOCK = ' display="block" tabindex="0"'  # it may be too wide for a phone, and then scrolls

#: Where a formula stands until all else is sorted out; tags are passed over.
_PLACE = re.compile("<[^>]*>|\ue000([0-9]+)\ue001")


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
        made = mathml(body, is_block)
        if not made:
            return f"<code>{as_written}</code>"
        self.formulas.append(made)
        return f"\ue000{len(self.formulas) - 1}\ue001"

    def heading(self, text, level, **attrs):
        return super().heading(text, min(level + self.deeper, 6), **attrs)


def _attributes(tag, name, value):
    """Whether an attribute stays: none that runs anything, or that fetches anything from elsewhere."""
    if tag == "img" and name == "src":
        return value.startswith(("data:image/png;base64,", "data:image/jpeg;base64,"))
    if tag == "a" and name == "href":
        return not value.startswith("data:")
    wanted = {"a": ("title",), "img": ("alt", "title"), "th": ("align", "colspan"), "td": ("align", "colspan")}
    return name in ("class", "id", "open") or name in wanted.get(tag, ())


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
    """A text cell as HTML, with only those tags and attributes kept that format text.

    What is left out stands there as text, for its writer to see.

    Examples
    --------
    >>> html_of("**a** <script>b</script>").strip()
    '<p><strong>a</strong> &lt;script&gt;b&lt;/script&gt;</p>'
    >>> html_of("# A title", deeper=1).strip()
    '<h2>A title</h2>'
    """
    formulas = [] if with_formulas else None
    html = MarkdownWithMath(renderer=Renderer(attachments, deeper, formulas)).render(source)
    html = bleach.clean(html, tags=TAGS, attributes=_attributes, protocols=["http", "https", "mailto", "data"])
    html = _NO_ALT.sub('<img alt=""', html)
    if not formulas:
        return html
    return _PLACE.sub(
        lambda found: formulas[int(found[1])] if found[1] and int(found[1]) < len(formulas) else found[0], html
    )


@pass_context
def markdown2html(context, source):
    """nbconvert's filter of this name, made of `html_of`."""
    return html_of(source, context.get("cell", {}).get("attachments", {}))
