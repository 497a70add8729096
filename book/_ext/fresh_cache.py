"""Run a page's cells again when a module they import has changed.

jupyter-cache knows a page by the text of its cells. Ours import `autograder` and `drawings`, so an old picture would
stay in the book after its drawing was mended. Here the cache's folder is named after everything the cells can import:
other modules, another folder. Sphinx reads all pages again when that setting changes, because it is one of myst-nb's.
"""

import hashlib
import shutil
from pathlib import Path

#: What cells import, seen from the book's folder.
HELPERS = ("../autograder/**/*.py", "*.py", "drawings/**/*.py")
#: What the built pages are made with. Sphinx copies none of it if it believes that no page changed.
LOOKS = ("_assets/**/*", "_ext/**/*.py", "_ext/**/*.html")


def fingerprint(folder, patterns):
    """Name the content of all files below ``folder`` that match one of ``patterns``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / "drawings.py").write_text("size = 4") and None
    ...     four = fingerprint(folder, ["*.py"])
    ...     (Path(folder) / "drawings.py").write_text("size = 5") and None
    ...     five = fingerprint(folder, ["*.py"])
    >>> len(four), four == five
    (16, False)
    """
    digest = hashlib.sha256()
    folder = Path(folder)
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}):
        content = path.read_bytes()
        # The length keeps one file's end and the next one's beginning apart.
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def name_the_cache(app, config):
    caches = Path(app.outdir).parent / ".jupyter_cache"
    current = caches / fingerprint(app.srcdir, HELPERS)
    # What other modules computed is of no use again and would only grow.
    for other in caches.glob("*") if caches.is_dir() else ():
        if other != current:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    config.nb_execution_cache_path = str(current)
    config.looks = fingerprint(app.srcdir, LOOKS)


def setup(app):
    app.add_config_value("looks", "", "html")
    app.connect("config-inited", name_the_cache)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
