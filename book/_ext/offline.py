"""Nothing a page needs comes from outside, and nothing comes twice.

The book is read from a USB stick as well as from a server. Here MathJax is taken from the sphinx-mathjax-offline
package, and the theme's fontawesome.js, 1.5 MB a page for a dozen icons, is left out: templates/static leaves its
tag away, _assets/book.css draws the icons.
"""

import importlib.util
import re
import shutil
from pathlib import Path

#: The part of MathJax that a page can ask for; all of it would be 24 MB.
MATHJAX = ("tex-chtml.js", "output/chtml/fonts", "input/tex/extensions")


def use_local_mathjax(app, config):
    config.mathjax_path = "mathjax/tex-chtml.js"
    # The menu on a right click would load speech rules that are not here. What a screen reader needs, the formula as
    # MathML beside the picture, MathJax writes without it.
    config.mathjax3_config = {"options": {"enableMenu": False}}
    config.templates_path.insert(0, str(Path(__file__).parent / "templates"))


def copy_mathjax(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    package = importlib.util.find_spec("sphinx-mathjax-offline")
    source = Path(package.origin).parent / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for name in MATHJAX:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target / name)


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


#: Parts of Bootstrap that no page of the book is made of; tests/test_paper.py looks whether one is after all.
UNUSED = "accordion|breadcrumb|carousel|list-group|offcanvas|pagination|placeholder|popover|progress|toast"


def without_unused(css):
    """A style sheet without the rules of Bootstrap's parts that are not used.

    Examples
    --------
    >>> without_unused(".a{x:1}.toast{y:2}.toast-body,.toast .b:hover{z:3}.toast,.a{x:4}")
    '.a{x:1}.toast,.a{x:4}'
    """
    one = rf"\.(?:{UNUSED})(?![a-z])[^{{}},]*"
    return re.sub(rf"(?<=[}}]){one}(?:,{one})*{{[^{{}}]*}}", "", css)


def lighten_theme(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    for path in (Path(app.outdir) / "_static").rglob("*.css"):
        css = path.read_text(encoding="utf-8")
        if (lighter := without_unused(without_terminal_colours(without_icons(css)))) != css:
            path.write_text(lighter, encoding="utf-8")


def leave_out_cards(app, pagename, templatename, context, doctree):
    """Load what sphinx-design's cards need only where there are cards: on the first page."""
    if re.search(r'class="[^"]*\bsd-', context.get("body", "")):
        return
    for kind in ("css_files", "script_files"):
        wanted = [file for file in context[kind] if not re.search("sphinx-design|design-tabs", str(file.filename))]
        context[kind] = wanted


def setup(app):
    app.connect("html-page-context", leave_out_cards)
    app.connect("config-inited", use_local_mathjax)
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", lighten_theme)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
