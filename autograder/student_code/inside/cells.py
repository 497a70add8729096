"""An IPython shell that runs a notebook's cells, and their outputs as nbformat keeps them.

The shell is made once, before the processes that run notebooks are forked from it.
"""

import contextlib
import linecache
import os
import sys
import traceback
import types

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from . import stub

#: The most that one cell may show: characters of text in all, pictures, and characters of one picture in base64.
MAX_TEXT, MAX_PICTURES, MAX_PICTURE = 20_000, 10, 2 * 2**20

#: The pictures that are kept of a display. HTML and SVG can carry scripts, and instructors open the page too.
PICTURES = ("image/png", "image/jpeg")


class Shown:
    """The outputs of one cell, in order, within the limits."""

    def __init__(self):
        self.outputs, self.text_left, self.pictures_left = [], MAX_TEXT, MAX_PICTURES

    def stream(self, name, text):
        text = self._cut(str(text))
        if not text:
            return
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == name:
            last["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def display(self, data, number=None):
        kept = {}
        if type(data.get("text/plain")) is str:
            kept["text/plain"] = self._cut(data["text/plain"])
        for kind in PICTURES:
            picture = data.get(kind)
            if isinstance(picture, str) and len(picture) <= MAX_PICTURE and self.pictures_left > 0:
                self.pictures_left -= 1
                kept[kind] = picture
        if not any(kept.values()):
            return
        output = {"output_type": "display_data", "data": kept, "metadata": {}}
        if number is not None:
            output |= {"output_type": "execute_result", "execution_count": number}
        self.outputs.append(output)

    def error(self, name, text, lines):
        self.outputs.append(
            {"output_type": "error", "ename": name[:200], "evalue": text[:2000], "traceback": [self._cut(lines)]}
        )

    def _cut(self, text):
        if len(text) > self.text_left:
            text = text[: self.text_left] + ("\n... (the rest is left out)" if self.text_left else "")
            self.text_left = 0
        else:
            self.text_left -= len(text)
        return text


class Stream:
    """sys.stdout or sys.stderr of a cell."""

    encoding, errors, closed = "utf-8", "strict", False

    def __init__(self, shell, name):
        self.shell, self.name = shell, name

    def write(self, text):
        self.shell.shown.stream(self.name, text)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        pass

    def isatty(self):
        return False

    def fileno(self):
        raise OSError("a cell's output is no file")


class Shell:
    """An IPython shell whose namespace the cells of one notebook fill."""

    def __init__(self):
        config = Config()
        config.HistoryManager.enabled = False  # it would start a thread, and a process with threads forks badly
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.autocall = 0
        self.shown = Shown()
        shell = self

        class Hook(DisplayHook):
            def __call__(self, result=None):
                if result is not None and not self.quiet():
                    data, _metadata = self.compute_format_data(result)
                    self.update_user_ns(result)
                    shell.shown.display(data, shell.number)

        class Publisher(DisplayPublisher):
            def publish(self, data, metadata=None, *, transient=None, update=False, **others):
                shell.shown.display(data)

            def clear_output(self, wait=False):
                shell.shown.outputs.clear()

        class Quiet(InteractiveShell):
            def showtraceback(self, *arguments, **options):
                shell.show_error(*sys.exc_info())

            def showsyntaxerror(self, *arguments, **options):
                shell.show_error(*sys.exc_info())

            def enable_gui(self, gui=None):
                """There is no window here to wait for."""

        self.number = 0
        self.ipython = Quiet.instance(
            config=config, displayhook_class=Hook, display_pub_class=Publisher, user_module=_main_module()
        )
        self.ipython.display_page = True

    @property
    def names(self):
        """name -> what the cells defined."""
        return self.ipython.user_ns

    def run(self, source, number):
        """Run one cell; its outputs, dicts as nbformat has them. ``number`` is its execution count."""
        self.shown, self.number = Shown(), number
        with (
            contextlib.redirect_stdout(Stream(self, "stdout")),
            contextlib.redirect_stderr(Stream(self, "stderr")),
        ):
            try:
                self.ipython.execution_count = number
                self.ipython.run_cell(source, store_history=False, cell_id=str(number))
            except BaseException:
                # Whatever a cell raises past the shell, KeyboardInterrupt among it, ends this cell only.
                self.show_error(*sys.exc_info())
        return self.shown.outputs

    def show_error(self, kind, error, trace):
        """Keep an error with the student's own lines only: paths of this machine are left out."""
        if kind is None:
            return
        try:
            # Without the name of the cell's file, which IPython makes up.
            text = f"{error.msg}, line {error.lineno}" if issubclass(kind, SyntaxError) else str(error)
        except Exception:
            text = ""
        self.shown.error(kind.__name__, text, "\n".join([*_own_lines(error, trace), f"{kind.__name__}: {text}"]))


def _own_lines(error, trace):
    if isinstance(error, SyntaxError):
        return [f"line {error.lineno}: {(error.text or '').rstrip()}"]
    lines = []
    for frame in traceback.extract_tb(trace):
        if "ipykernel_" in frame.filename or frame.filename.startswith("<ipython-input"):
            lines.append(f"line {frame.lineno}, in {frame.name}: {frame.line or ''}")
    return lines[:1] + lines[1:][-8:]


def _main_module():
    """The module that holds the cells' names, and that they find as __main__."""
    return types.ModuleType("__main__", "A notebook.")


def prepare():
    """Let cells find the stub as ``autograder``, and matplotlib draw without a window."""
    sys.modules["autograder"] = stub
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    linecache.clearcache()
