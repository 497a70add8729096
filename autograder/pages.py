"""HTML of what students write in text cells, for pages that an instructor or another browser shows.

nbgrader's templates put a text cell's HTML on the page as it is, scripts included, in feedback and in formgrader.
"""

import bleach
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

TAGS = [
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote"),
    *("a", "em", "strong", "del", "sub", "sup", "code", "pre", "kbd", "span", "div", "img", "details", "summary"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
]


def _attributes(tag, name, value):
    """Whether an attribute stays: none that runs anything, or that fetches anything from elsewhere."""
    if tag == "img" and name == "src":
        return value.startswith(("data:image/png;base64,", "data:image/jpeg;base64,"))
    if tag == "a" and name == "href":
        return not value.startswith("data:")
    wanted = {"a": ("title",), "img": ("alt", "title"), "th": ("align", "colspan"), "td": ("align", "colspan")}
    return name in ("class", "id", "open") or name in wanted.get(tag, ())


@pass_context
def markdown2html(context, source):
    """nbconvert's filter of this name, with only those tags and attributes kept that format text.

    What is left out stands there as text, for its writer to see.

    Examples
    --------
    >>> markdown2html({}, "**a** <script>b</script>").strip()
    '<p><strong>a</strong> &lt;script&gt;b&lt;/script&gt;</p>'
    """
    cell = context.get("cell", {})
    renderer = IPythonRenderer(escape=False, attachments=cell.get("attachments", {}), exclude_anchor_links=True)
    html = MarkdownWithMath(renderer=renderer).render(source)
    return bleach.clean(html, tags=TAGS, attributes=_attributes, protocols=["http", "https", "mailto", "data"])
