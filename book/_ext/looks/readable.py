"""Small repairs of the built markup, for readers who do not see the page and for those who do."""

import re

from docutils import nodes

NO_BREAK = "\N{NO-BREAK SPACE}"
#: Text that readers copy, and text that another program reads: it stays as it is written.
AS_WRITTEN = (nodes.literal, nodes.literal_block, nodes.raw, nodes.math, nodes.math_block)


def mend_bibliography(body):
    """Give the children of the bibliography's list the role that its list asks for.

    docutils writes role="list" around entries with role="doc-biblioentry"; WAI-ARIA wants list items in a list.

    Examples
    --------
    >>> mend_bibliography('<div role="list"><div class="citation" role="doc-biblioentry">Sifre</div></div>')
    '<div role="list"><div class="citation" role="listitem">Sifre</div></div>'
    """
    return body.replace('role="doc-biblioentry"', 'role="listitem"')


def keep_punctuation(body):
    """Keep a full stop on the line of the formula before it; browsers may break a line on both sides of a formula.

    Examples
    --------
    >>> keep_punctuation('<span class="math"><math>k</math></span>, <span class="math"><math>s</math></span>')
    '<span class="keep"><span class="math"><math>k</math></span>,</span> <span class="math"><math>s</math></span>'
    """
    formula = r'<span class="math[^>]*><math>(?:(?!</math>).)*</math></span>'
    return re.sub(rf"({formula}[.,;:!?)]+)", r'<span class="keep">\1</span>', body)


def keep_sizes(text):
    """Keep a size like 3 × 3 on one line.

    Examples
    --------
    >>> keep_sizes("12 × 12 × 3 numbers, positions × weights").replace(NO_BREAK, "_")
    '12_×_12_×_3 numbers, positions × weights'
    """
    return re.sub(r"\b(\d+|\w) × (?=(\d+|\w)\b)", rf"\1{NO_BREAK}×{NO_BREAK}", text)


def mend_texts(app, doctree, docname):
    for text in list(doctree.findall(nodes.Text)):
        if isinstance(text.parent, AS_WRITTEN):
            continue
        if (kept := keep_sizes(text)) != text:
            text.parent.replace(text, nodes.Text(kept))


def mend_page(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = keep_punctuation(mend_bibliography(context["body"]))


def setup(app):
    app.connect("doctree-resolved", mend_texts)
    app.connect("html-page-context", mend_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
