"""Small repairs of the built markup, for readers who do not see the page and for those who do."""

import re


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
    >>> keep_punctuation('a <span class="math">k</span>, and <span class="math">s</span> pixels')
    'a <span class="keep"><span class="math">k</span>,</span> and <span class="math">s</span> pixels'
    """
    return re.sub(r'(<span class="math[^>]*>[^<]*</span>[.,;:!?)]+)', r'<span class="keep">\1</span>', body)


def mend_page(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = keep_punctuation(mend_bibliography(context["body"]))


def setup(app):
    app.connect("html-page-context", mend_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
