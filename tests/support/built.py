"""Building the book for tests: the real one once for all workers, small ones of a few pages as often as needed."""

import contextlib
import fcntl
import functools
import http.server
import os
import shutil
import sys
import threading
from pathlib import Path

from kernels import run_with_kernels
from places import ROOT

BOOK = ROOT / "book"
HTML = ROOT / "_build" / "html"


def build(folder, output):
    """Build the book in ``folder`` as `make book` does; return the exit code and everything printed."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(folder / "book")]
    command += ["--config", str(folder / "_config.yml"), "--path-output", str(output)]
    command += ["-n", "-W", "--keep-going", "--quiet"]
    return run_with_kernels(command, folder, os.environ)


def build_pages(folder, pages):
    """Build a book of these pages, name -> text, with the real book's settings; return what `build` does."""
    small = folder / "book"
    small.mkdir(exist_ok=True)
    shutil.copyfile(ROOT / "_config.yml", folder / "_config.yml")
    shutil.copyfile(BOOK / "references.bib", small / "references.bib")
    for name in ("_ext", "_assets", "drawings"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(BOOK / name, small / name, ignore=ignored, dirs_exist_ok=True)
    for name, text in pages.items():
        (small / f"{name}.md").write_text(text, encoding="utf-8")
    first, *others = pages
    chapters = "".join(f"\n  - file: {name}" for name in others)
    (small / "_toc.yml").write_text(f"format: jb-book\nroot: {first}\n" + (f"chapters:{chapters}\n" if others else ""))
    return build(folder, folder)


def built_book():
    """The folder of the real book, built at most once in a run of pytest.

    All workers of a run see the same files, so the first of them builds and the others wait for it.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    (ROOT / "_build").mkdir(exist_ok=True)
    with open(ROOT / "_build" / "book.lock", "a+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if not run or lock.read() != run:
            code, printed = build(ROOT, ROOT)
            assert code == 0, printed
            lock.truncate(0)
            lock.write(run)
    return HTML


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(folder):
    """Serve a folder on this machine only; the address, without a slash at its end."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
