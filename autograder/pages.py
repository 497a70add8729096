"""HTML of what students write in text cells, for pages that an instructor or another browser shows.

nbgrader's templates put a text cell's HTML on the page as it is, scripts included, in feedback and in formgrader.
"""

import re

import bleach
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

TAGS = [
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote"),
    *("a", "em", "strong", "del", "sub", "sup", "code", "pre", "kbd", "span", "div", "img", "details", "summary"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
]

#: The picture that bleach leaves of one without a text alternative: its attributes are sorted out and quoted by now.
_NO_ALT = re.compile(r'<img(?![^<>]* alt=")')


class Renderer(IPythonRenderer):
    """nbconvert's, for a page with a heading of its own: a cell's headings stand ``deeper`` by so many levels."""

    def __init__(self, attachments=None, deeper=0):
        super().__init__(escape=False, attachments=attachments or {}, exclude_anchor_links=True)
        self.deeper = deeper

    def heading(self, text, level, **attrs):
        return super().heading(text, min(level + self.deeper, 6), **attrs)

    def _embed_image_or_attachment(self, src):
        """A picture that is not there is no reason to show nothing of the notebook."""
        is_missing = src.startswith("attachment:") and src.removeprefix("attachment:") not in self.attachments
        return "" if is_missing else super()._embed_image_or_attachment(src)


def _attributes(tag, name, value):
    """Whether an attribute stays: none that runs anything, or that fetches anything from elsewhere."""
    if tag == "img" and name == "src":
        return value.startswith(("data:image/png;base64,", "data:image/jpeg;base64,"))
    if tag == "a" and name == "href":
        return not value.startswith("data:")
    wanted = {"a": ("title",), "img": ("alt", "title"), "th": ("align", "colspan"), "td": ("align", "colspan")}
    return name in ("class", "id", "open") or name in wanted.get(tag, ())


def html_of(source, attachments=None, deeper=0):
    """A text cell as HTML, with only those tags and attributes kept that format text.

    What is left out stands there as text, for its writer to see.

    Examples
    --------
    >>> html_of("**a** <script>b</script>").strip()
    '<p><strong>a</strong> &lt;script&gt;b&lt;/script&gt;</p>'
    >>> html_of("# A title", deeper=1).strip()
    '<h2>A title</h2>'
    """
    html = MarkdownWithMath(renderer=Renderer(attachments, deeper)).render(source)
    html = bleach.clean(html, tags=TAGS, attributes=_attributes, protocols=["http", "https", "mailto", "data"])
    return _NO_ALT.sub('<img alt=""', html)


@pass_context
def markdown2html(context, source):
    """nbconvert's filter of this name, made of `html_of`."""
    return html_of(source, context.get("cell", {}).get("attachments", {}))
