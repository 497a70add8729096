"""Run a page's cells again when a module they import has changed.

jupyter-cache knows a page by the text of its cells. Ours import `autograder`, `convolution` and `drawings`, so an old
picture would stay in the book after its drawing was mended. Here the cache's folder is named after everything the cells
can import: other modules, another folder. Sphinx reads all pages again when that setting changes, because it is one of
myst-nb's.
"""

import os
import shutil
from pathlib import Path

from autograder.files import fingerprint

#: Code that cells import, seen from the book's folder.
HELPERS = ("../autograder/**/*.py", "../convolution/**/*.py", "*.py", "drawings/**/*.py")
#: The files that the built pages are made with. Sphinx copies none of it if it believes that no page changed.
LOOKS = ("_assets/**/*", "_ext/**/*.py", "_ext/**/*.html")


def key_of(folder, patterns):
    """A short text that another name or content of any file changes.

    Parameters
    ----------
    folder : path
    patterns : iterable of str, such as "../autograder/**/*.py"; the files below ``folder`` that match one of them count

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / "drawings.py").write_text("size = 4") and None
    ...     four = key_of(folder, ["*.py"])
    ...     (Path(folder) / "drawings.py").write_text("size = 5") and None
    ...     five = key_of(folder, ["*.py"])
    >>> len(four), four == five
    (16, False)
    """
    files = sorted({path for pattern in patterns for path in Path(folder).glob(pattern) if path.is_file()})
    return fingerprint(*(part for path in files for part in (os.path.relpath(path, folder), path)))[:16]


def name_the_cache(app, config):
    caches = Path(app.outdir).parent / ".jupyter_cache"
    current = caches / key_of(app.srcdir, HELPERS)
    # What other modules computed is of no use again and would only grow.
    for other in caches.glob("*") if caches.is_dir() else ():
        if other != current:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    config.nb_execution_cache_path = str(current)
    config.looks = key_of(app.srcdir, LOOKS)


def setup(app):
    app.add_config_value("looks", "", "html")
    app.connect("config-inited", name_the_cache)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
