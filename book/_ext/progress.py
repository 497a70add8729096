"""Say what a build is doing and how far it is, in a line for each page that is read.

Sphinx's own messages are switched off by --quiet: most of them are of interest to Sphinx only, and on a terminal they
overwrite each other. These are written from left to right, so that a log shows what a terminal shows:

    Reading 12 of 13 pages. Cells are run where they, or what they import, have changed.
    [ 1/12] 00-start: running 14 cells .............. 4 s
    [ 2/12] glossary
    …
    Writing the pages .............
"""

import contextlib
import logging
import sys
import time

from sphinx.util.console import color_terminal, nocolor


class Progress:
    """A line at a time on standard output, written from left to right."""

    def __init__(self):
        self.is_open = False  # a line has been begun

    def _write(self, text):
        sys.stdout.write(text)
        sys.stdout.flush()

    def line(self, text):
        """Begin a line, below the one before."""
        self.end()
        self._write(text)
        self.is_open = True

    def step(self):
        """A dot on the line for one of many things that are done."""
        self._write(".")

    @contextlib.contextmanager
    def task(self, name):
        """Name on the line what the block does, and how long it took; the line ends with it."""
        self._write(f": {name} ")
        begun = time.monotonic()
        try:
            yield
        finally:
            self._write(f" {time.monotonic() - begun:.0f} s")
            self.end()

    def end(self):
        """End the line, if one was begun."""
        if self.is_open:
            self._write("\n")
        self.is_open = False


#: That of the build: there is one in a process.
PROGRESS = Progress()


class EndLine(logging.Handler):
    """Begins every warning on a line of its own."""

    def emit(self, record):
        PROGRESS.end()


def begin_reading(app, env, docnames):
    app.pages_read, app.pages_to_read = 0, len(docnames)
    cells = " Cells are run where they, or what they import, have changed." if docnames else ""
    PROGRESS.line(f"Reading {len(docnames)} of {len(env.found_docs)} pages.{cells}")
    PROGRESS.end()


def read_page(app, docname, content):
    app.pages_read += 1
    PROGRESS.line(f"[{app.pages_read:{len(str(app.pages_to_read))}}/{app.pages_to_read}] {docname}")


def begin_writing(app, builder):
    PROGRESS.line("Writing the pages ")


def write_page(app, pagename, templatename, context, doctree):
    PROGRESS.step()


def end(app, exception):
    PROGRESS.end()


def setup(app):
    if not color_terminal():  # Sphinx's own command asks that too, jupyter-book does not
        nocolor()
    logging.getLogger("sphinx").handlers.insert(0, EndLine(logging.WARNING))
    app.connect("env-before-read-docs", begin_reading)
    app.connect("source-read", read_page)
    app.connect("write-started", begin_writing)
    app.connect("html-page-context", write_page)
    app.connect("build-finished", end, priority=1)  # before the files that other extensions make then
    return {"parallel_read_safe": True, "parallel_write_safe": True}
