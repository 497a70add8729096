"""Nothing a page needs comes from outside, and nothing comes twice.

The book is read from a USB stick as well as from a server. Here MathJax is taken from the sphinx-mathjax-offline
package, and the theme's fontawesome.js, 1.5 MB a page for a dozen icons, is left out: templates/static leaves its
tag away, _assets/book.css draws the icons.
"""

import importlib.util
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


def setup(app):
    app.connect("config-inited", use_local_mathjax)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
