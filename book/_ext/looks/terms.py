"""The glossary's definitions, shown beside the words of a page: on hover, on focus, on a tap.

Each `{term}` is a link to the glossary. A page that has some gets their definitions as hidden elements at its end, each
once, and every link is described by its own (`aria-describedby`), so a screen reader reads it without the script.
_assets/terms.js shows them to everybody else. Nothing is fetched, because from file:// nothing can be.
"""

import re
from html import escape

from docutils import nodes
from sphinx import addnodes

LINK = re.compile(r'<a class="reference internal" href="[^"]*#(term-[\w-]+)"(?=><span class="xref std std-term">)')


def glossaries(env):
    """The pages that define terms."""
    return {page for (kind, _), (page, _) in env.get_domain("std").objects.items() if kind == "term"}


def read_again(app, env, added, changed, removed):
    """Read all pages when a glossary has changed, because its definitions are on all of them."""
    return env.found_docs if glossaries(env) & changed else set()


def definitions(app):
    """Every term of the book: the id of its entry -> HTML, without links and ids."""
    found = {}
    for page in glossaries(app.env):
        for item in app.env.get_doctree(page).findall(nodes.definition_list_item):
            names = [term for term in item.findall(nodes.term) if term["ids"]]
            meaning = next(iter(item.findall(nodes.definition)), None)
            if not names or meaning is None:
                continue
            text = without_links(app, meaning.deepcopy())
            for name in names:
                found[name["ids"][0]] = f"<b>{escape(name.astext())}</b>{text}"
    return found


def without_links(app, meaning):
    """A definition as HTML, in which what was a link is plain text."""
    for link in list(meaning.findall(addnodes.pending_xref)):
        link.replace_self(nodes.inline("", link.astext()))
    return "".join(app.builder.render_partial(part)["fragment"] for part in meaning)


def add_cards(app, pagename, templatename, context, doctree):
    used = sorted(set(LINK.findall(context.get("body", ""))))
    if not used or app.builder.name != "html":
        return
    if not hasattr(app.builder, "term_definitions"):
        app.builder.term_definitions = definitions(app)
    body = LINK.sub(r'\g<0> aria-describedby="is-\1"', context["body"])
    for name in used:
        meaning = app.builder.term_definitions[name]
        body += f'<div class="term-card" id="is-{name}" role="tooltip" hidden>{meaning}</div>\n'
    context["body"] = body
    app.add_css_file("terms.css")
    app.add_js_file("terms.js", loading_method="defer")


def setup(app):
    app.connect("env-get-outdated", read_again)
    app.connect("html-page-context", add_cards)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
