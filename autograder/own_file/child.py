"""The child process of `autograder.own_file.check_file`: it runs the student's cells, then asks the checks."""

import builtins
import contextlib
import faulthandler
import os
import sys
import traceback
import types
from pathlib import Path

from autograder.own_file.asking import Functions, ask
from autograder.own_file.cells import SYNTAX, CellRunner
from autograder.own_file.job import Events, Job


def main(job, events, traces):
    """Do one job, and end the process, whatever threads the student's code left behind.

    Parameters
    ----------
    job : path of the Job that the parent wrote
    events : path of the file of events, written here and read there
    traces : path where Python writes what it was doing when it was stopped
    """
    job = Job.from_json(Path(job).read_text(encoding="utf-8"))
    with open(events, "a", encoding="utf-8") as event_file, open(traces, "wb") as trace_file:
        faulthandler.enable(trace_file)
        code = 0
        try:
            run(job, Events(event_file, trace_file, job.limit))
        except BaseException:
            traceback.print_exc()
            code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def run(job, events):
    """Run a file: its cells, then the checks of its functions."""
    # Before the student's folder is in the path: a random.py in it must not become ours.
    import autograder.checks
    import autograder.student_code.subject  # noqa: F401

    _prepare(Path(job.path).parent)
    namespace = _new_module(job.path).__dict__
    stops = CellRunner(job, events, namespace).run()
    if not job.is_notebook and stops and stops[0].kind == SYNTAX:
        events.send("unreadable", why=stops[0].sentence)
        return
    functions = Functions(job.cells, namespace)
    names = job.names or functions.names()
    events.send("found", names=names)
    for name in names:
        ask(name, functions, stops, job, events)
    events.send("done")


# --- the student's surroundings ---------------------------------------------------------------------------------------


def _new_module(path):
    """The module in which the cells run. Its name is not "__main__", so a script's own last lines do not run."""
    module = types.ModuleType("student_work")
    module.__file__ = path
    module.display = print
    notebook_tools = NotebookTools()
    module.get_ipython = lambda: notebook_tools
    sys.modules[module.__name__] = module  # dataclasses and pickle look there
    return module


class NotebookTools:
    """The result of `get_ipython()`: it takes every request and does nothing."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **options: [] if name == "getoutput" else None


def _prepare(folder):
    """Make the file's folder the current one, first in the path, and let nothing wait for a person."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.argv[:] = [""]

    def no_input(prompt=""):
        raise RuntimeError(
            f"input({prompt!r}) waits for somebody to type, and nobody is there while a file is checked; "
            "write the value into the code"
        )

    builtins.input = no_input
