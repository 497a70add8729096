"""The child process of `autograder.own_file.check_file`: it runs the student's cells, then asks the checks.

The parent hands over a job (JSON) and reads what happens from a file of events, one JSON object a line.
Standard output is the student's own, so nothing printed can be taken for a verdict. An event says what is
about to happen before it happens: when this process is stopped or dies, the parent knows what it was at.
"""

import __future__

import ast
import builtins
import contextlib
import faulthandler
import json
import linecache
import os
import sys
import traceback
import types
import warnings
from pathlib import Path

from autograder import course
from autograder.course import EXERCISES
from autograder.own_file.reading import Cell, asks, defines, writes

#: Seconds more for importing NumPy and torch: a cold disk or a virus scanner is nobody's endless loop.
SLOW_IMPORT = 60

FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


def main(job, events, traces):
    """Do one job; the process ends here, whatever threads the student's code left behind.

    Parameters
    ----------
    job : path of the JSON the parent wrote: path, cells, notebook, names, skip, seed, device, limit
    events : path of the file of events, written here and read there
    traces : path where Python writes what it was doing when it was stopped
    """
    job = json.loads(Path(job).read_text(encoding="utf-8"))
    with open(events, "a", encoding="utf-8") as event_file, open(traces, "wb") as trace_file:
        faulthandler.enable(trace_file)
        code = 0
        try:
            Child(job, event_file, trace_file).run()
        except BaseException:
            traceback.print_exc()
            code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


class Child:
    """One run through a file: its cells, then its functions."""

    def __init__(self, job, event_file, trace_file):
        self.job, self.event_file, self.trace_file = job, event_file, trace_file
        self.cells = [Cell(**cell) for cell in job["cells"]]
        self.skip = {(cell, statement): why for cell, statement, why in job["skip"]}
        self.module = _new_module(job["path"])
        self.printed = set()  # by the function being asked; many calls print the same
        self.stopped = {}  # cell -> (kind, sentence): why it did not come to its end

    def send(self, event, more_seconds=0, **what):
        seconds = self.job["limit"] + more_seconds
        self.event_file.write(json.dumps({"event": event, "seconds": seconds, **what}) + "\n")
        self.event_file.flush()
        # The clock starts again at every event. It runs in C, so an endless loop in C does not stop it.
        faulthandler.dump_traceback_later(seconds, exit=True, file=self.trace_file)

    def run(self):
        # Before the student's folder is on the path: a random.py in it must not become ours.
        import autograder.checks
        import autograder.student_code.subject  # noqa: F401

        _prepare(Path(self.job["path"]).absolute().parent)
        for number, cell in enumerate(self.cells):
            self.run_cell(number, cell)
        if not self.job["notebook"] and "syntax" in (kind for kind, _ in self.stopped.values()):
            self.send("unreadable", why=self.stopped[0][1])
            return
        names = self.job["names"] or self.names()
        self.send("found", names=names)
        for name in names:
            self.ask(name)
        self.send("done")

    # --- the cells ---

    def run_cell(self, number, cell):
        """Run one cell statement by statement; where it stops, what it defined until then is kept.

        A notebook's cell ends at its first error, as in Jupyter; the next cell runs all the same. A .py file
        goes on with the next statement.
        """
        filename = self.filename(cell)
        linecache.cache[filename] = (len(cell.source), None, cell.source.splitlines(True), filename)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they come once, from the statements
                tree = ast.parse(cell.source, filename)
                compile(tree, filename, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.stop(number, "syntax", _syntax_sentence(cell, error))
            return
        flags = 0
        for index, statement in enumerate(tree.body):
            if asks(statement):
                continue
            if (number, index) in self.skip:
                self.stop(number, "accident", self.skip[number, index])
            else:
                self.send("statement", cell=number, statement=index, line=statement.lineno)
                try:
                    one = ast.Module([statement], type_ignores=[])
                    code = compile(one, filename, "exec", flags, dont_inherit=True)
                    flags |= code.co_flags & FUTURES
                    exec(code, self.module.__dict__)
                    continue
                except BaseException as error:
                    missing = isinstance(error, ImportError) and (error.name or "").split(".")[0] == "torch"
                    stub = isinstance(error, NotImplementedError)  # a cell that tries what is not written yet
                    kind = "no torch" if missing else "not written" if stub else "error"
                    self.stop(number, kind, _error_sentence(cell, filename, statement, error))
            if self.job["notebook"]:
                return

    def filename(self, cell):
        """What tracebacks call the cell."""
        return f"{cell.label} of {Path(self.job['path']).name}" if self.job["notebook"] else self.job["path"]

    def stop(self, number, kind, sentence):
        self.stopped.setdefault(number, (kind, sentence))
        self.send("stopped", cell=number, kind=kind, sentence=sentence)

    # --- the functions ---

    def names(self):
        """The course's functions this file defines, or was meant to."""
        names = [name for name in EXERCISES if callable(self.value(name)) or self.cell_of(name) is not None]
        # What a notebook imports from the course, or gets in a locked cell, is a tool there. Alone it is meant.
        own = [name for name in names if self.cell_of(name) is not None or not self.is_given(name)]
        return own or names

    def is_given(self, name):
        return _is_ours(self.value(name)) or any(cell.given and defines(cell, name) for cell in self.cells)

    def value(self, name):
        return self.module.__dict__.get(name)

    def cell_of(self, name):
        """The number of the cell where a function is written, or None: nbgrader's, else the last."""
        numbers = [number for number, cell in enumerate(self.cells) if writes(cell, name)]
        named = [number for number in numbers if self.cells[number].grade_id == name]
        return (named or numbers or [None])[-1]

    def ask(self, name):
        exercise, value = EXERCISES[name], self.value(name)
        self.send("look", SLOW_IMPORT if "torch" in exercise.kind.imports else 0)
        passed, why = self.obstacle(exercise, value)
        self.printed = set()
        for aspect in exercise.points:
            self.send("ask", exercise=name, aspect=aspect)
            row = verdict_row(name, aspect, passed, f"{name}, {aspect}: {why}")
            if not why:
                row = self.judge(name, aspect, value)
            self.send("verdict", row=row)

    def judge(self, name, aspect, value):
        from autograder.checks import judge
        from autograder.student_code.subject import Local

        try:
            (verdict,) = judge(EXERCISES[name], Local(value), self.job["seed"], [aspect], self.job["device"])
        except (KeyboardInterrupt, GeneratorExit) as error:
            # The checks let these pass, for the person at the keyboard. Here there is none: the code raised it.
            return verdict_row(name, aspect, False, f"{name}, {aspect}: raised {type(error).__name__}")
        except Exception as error:
            # The checks catch what the student's code raises, so this is a fault of the course.
            if str(error) not in self.printed:
                self.printed.add(str(error))
                traceback.print_exc()
            why = f"the check itself failed ({type(error).__name__}: {error}); please report this"
            return verdict_row(name, aspect, None, f"{name}, {aspect}: {why}")
        if verdict.printed and verdict.printed not in self.printed:
            self.printed.add(verdict.printed)
            print(f"({name} printed)\n{verdict.printed.rstrip()}", file=sys.stderr)
        passed = None if verdict.passed is None else bool(verdict.passed)
        return verdict_row(name, aspect, passed, verdict.message, float(verdict.points), verdict.mistake)

    def obstacle(self, exercise, value):
        """What keeps a function from being asked at all: (False or None, why), or (True, "")."""
        name, number = exercise.name, self.cell_of(exercise.name)
        kind, sentence = self.stopped.get(number, (None, ""))
        if "torch" in exercise.kind.imports and (why := _no_torch(self.job["device"])):
            return None, why
        if callable(value):
            return True, ""
        if name in self.module.__dict__:
            return False, f"{name} is {_short(value)}, not a function; give that value another name"
        if number is None:
            return None, f"{Path(self.job['path']).name} does not define {name}"
        if kind is None:
            return (
                False,
                f"{self.cells[number].label} does not define {name}; its line `def {name}(` is missing",
            )
        if kind == "no torch":
            return None, f"{sentence}\n  Install torch, or move the import out of the cell of {name}"
        if kind == "syntax":
            return False, sentence
        return False, f"{name} was never defined, because its cell stopped before. {sentence}"


def verdict_row(name, aspect, passed, message, points=0.0, mistake=None):
    """One result as `check --json` prints it.

    Examples
    --------
    >>> verdict_row("conv2d", "stride", None, "no torch")["max_points"]
    0.5
    """
    return {
        "exercise": name,
        "aspect": aspect,
        "passed": passed,
        "points": points,
        "max_points": float(EXERCISES[name].points[aspect]),
        "message": message,
        "mistake": mistake,
    }


# --- the student's surroundings -----------------------------------------------------------------------------


def _new_module(path):
    """Where the cells run. Its name is not "__main__", so a script's own last lines do not run."""
    module = types.ModuleType("student_work")
    module.__file__ = str(Path(path).absolute())
    module.display = print
    notebook_tools = NotebookTools()
    module.get_ipython = lambda: notebook_tools
    sys.modules[module.__name__] = module  # dataclasses and pickle look there
    return module


class NotebookTools:
    """What `get_ipython()` answers: it takes every request and does nothing."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **options: [] if name == "getoutput" else None


def _prepare(folder):
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.argv[:] = [""]

    def no_input(prompt=""):
        raise RuntimeError(
            f"input({prompt!r}) waits for somebody to type, and nobody is there while a file is checked; "
            "write the value into the code"
        )

    builtins.input = no_input


def _is_ours(value):
    return str(getattr(value, "__module__", "")).split(".")[0] in ("autograder", course.NAME)


def _no_torch(device):
    """Why no torch exercise can be asked on this device, or ""."""
    try:
        import torch
    except Exception as error:  # a broken installation raises OSError, among others
        reason = f"{type(error).__name__}: {error}"
        return f"torch cannot be imported ({reason}); install it: python -m pip install torch"
    if device == "cuda" and not torch.cuda.is_available():
        return "this machine has no CUDA device that torch can use"
    return ""


# --- sentences ----------------------------------------------------------------------------------------------


def _short(value):
    try:
        text = repr(value)
    except Exception:
        text = "a value"
    return f"{text[:60]}… (a {type(value).__name__})" if len(text) > 60 else f"{text} (a {type(value).__name__})"


def _syntax_sentence(cell, error):
    if not isinstance(error, SyntaxError):
        return f"{cell.label} is not Python that can be read: {error}"
    line = (error.text or "").strip()
    shown = f"\n      {line}" if line else ""
    where = f"{cell.label}, line {error.lineno}" if error.lineno else cell.label
    return f"syntax error in {where}: {error.msg}{shown}"


def _error_sentence(cell, filename, statement, error):
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
    line = lines[-1] if lines else statement.lineno
    try:
        text = traceback.format_exception_only(type(error), error)[-1].strip().removeprefix("student_work.")
    except Exception:
        text = type(error).__name__
    source = linecache.getline(filename, line).strip()
    return f"{cell.label}, line {line}: {text}\n      {source}"
