"""Nothing a page needs comes from outside, and nothing comes twice.

The book is read from a USB stick as well as from a server. The theme's fontawesome.js, 1.5 MB a page for a dozen icons,
is left out: templates/static leaves its tag away, _assets/book.css draws the icons. MathJax is not needed: formulas.py.
"""

import re
from pathlib import Path


def use_templates(app, config):
    config.templates_path.insert(0, str(Path(__file__).parent / "templates"))


def without_icons(css):
    """A style sheet without the rules of fontawesome's icons: two thousand, a quarter of the theme's style.

    Examples
    --------
    >>> without_icons(".a{x:1}.fa-sun:before{content:'s'}.fa,.fa-b{y:2}@font-face{font-family:'Font Awesome 6'}.b{z:3}")
    '.a{x:1}.b{z:3}'
    >>> without_icons(".fast{x:1}.a .fa-sun{y:2}@media print{.fa{z:3}}")
    '.fast{x:1}.a .fa-sun{y:2}@media print{.fa{z:3}}'
    """
    icon = r"\.fa(?:-[\w-]+|[bsrltd]|-?\d)?(?::{1,2}(?:before|after))?"
    css = re.sub(rf"(?<=[}}]){icon}(?:,{icon})*{{[^{{}}]*}}", "", css)
    return re.sub(r"@font-face{[^{}]*Font ?Awesome[^{}]*}", "", css)


def without_terminal_colours(css):
    """A style sheet without myst-nb's rules for a terminal's 256 colours, which no output here has.

    Examples
    --------
    >>> without_terminal_colours("div.highlight .-Color[class*=-C12] {\\n  color: red\\n}\\ndiv.cell {x: 1}").strip()
    'div.cell {x: 1}'
    """
    return re.sub(r"div\.highlight \.-Color\[class\*=-(?:BG)?C\d[^{}]*{[^{}]*}", "", css)


#: The beginning of class names that a script puts together from parts: Bootstrap's.
MADE_BY_SCRIPTS = "bs-"
#: The theme's style sheets: a framework of two thousand rules, of which a book needs a third.
THEME = ("styles/*.css", "basic.css")


def known_names(folder):
    """Every class that a page has, and every word in a script, because a script may add a class later."""
    pages = [path.read_text(encoding="utf-8") for path in folder.glob("*.html")]
    scripts = [part for page in pages for part in re.findall(r"<script[^>]*>(.*?)</script>", page, re.S)]
    scripts += [path.read_text(encoding="utf-8") for path in (folder / "_static").glob("*.js")]
    scripts += [path.read_text(encoding="utf-8") for path in (folder / "_static" / "scripts").glob("*.js")]
    names = {name for page in pages for found in re.findall(r'class="([^"]*)"', page) for name in found.split()}
    return names.union(*(re.findall(r"[A-Za-z_][\w-]*", script) for script in scripts))


def without_unknown(css, known):
    """A style sheet without the rules that match nothing, because each of their selectors asks for an unknown class.

    Examples
    --------
    >>> without_unknown("p{x:1}.a{x:2}.b{x:3}.a .b,p .b{x:4}.a,.b{x:5}", {"a"})
    'p{x:1}.a{x:2}.a,.b{x:5}'
    >>> without_unknown("p{x:1}.a:not(.b){x:2}:is(.a,.b){x:3}[href$='.b']{x:4}", {"a"})
    "p{x:1}.a:not(.b){x:2}:is(.a,.b){x:3}[href$='.b']{x:4}"
    >>> without_unknown("@media print{.b{x:5}}/*! by .c */p{x:6}/*! by .d */.b{x:7}", {"a"})
    '@media print{}/*! by .c */p{x:6}/*! by .d */'
    """

    def unmatched(selector):
        names = re.findall(r"\.([A-Za-z_][\w-]*)", selector)
        return any(name not in known and not name.startswith(MADE_BY_SCRIPTS) for name in names)

    def keep(rule):
        selectors = re.sub(r"/\*.*?\*/|\[[^\]]*\]|:not\([^()]*\)", "", rule[1], flags=re.S)
        # A comma in brackets does not divide selectors, and an escaped letter hides a name: such rules stay.
        hard_to_read = re.search(r"\([^)]*,|\\", selectors)
        if hard_to_read or not all(map(unmatched, selectors.split(","))):
            return rule[0]
        return "".join(re.findall(r"/\*!.*?\*/", rule[1], re.S))  # the author and the licence stay

    return re.sub(r"(?<=[{}])([^{}@;]+)\{[^{}]*\}", keep, css)


def lighten_theme(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static"
    known = known_names(Path(app.outdir))
    theme = {path for pattern in THEME for path in folder.glob(pattern)}
    for path in folder.rglob("*.css"):
        css = path.read_text(encoding="utf-8")
        lighter = without_terminal_colours(without_icons(css))
        if path in theme:
            lighter = without_unknown(lighter, known)
        if lighter != css:
            path.write_text(lighter, encoding="utf-8")


def leave_out_cards(app, pagename, templatename, context, doctree):
    """Load what sphinx-design's cards need only where there are cards: on the first page."""
    if re.search(r'class="[^"]*\bsd-', context.get("body", "")):
        return
    for kind in ("css_files", "script_files"):
        wanted = [file for file in context[kind] if not re.search("sphinx-design|design-tabs", str(file.filename))]
        context[kind][:] = wanted  # the same list, which extensions after this one add to


def setup(app):
    app.connect("html-page-context", leave_out_cards)
    app.connect("config-inited", use_templates)
    app.connect("build-finished", lighten_theme)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
