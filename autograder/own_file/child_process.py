"""A child process seen from its parent: started on a job, followed, stopped if it does not end, and explained."""

import codecs
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import autograder
from autograder.own_file.job import SLOW_IMPORT

#: Seconds more before a child is stopped from here: it stops itself first, and knows where it was.
GRACE = 5

#: Characters of the student's own printing that are shown.
MOST_PRINTED = 100_000

#: The child's code. -P keeps the current folder off the path; the package is imported from where this one is.
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); import autograder; sys.path.pop(0); "
    "from autograder.own_file.child import main; main(*sys.argv[2:])"
)


@dataclass
class Run:
    """The outcome of one child process.

    Attributes
    ----------
    events : list of dict, in order
    why : str, why it did not end by itself, where it did not
    """

    events: list
    why: str

    @property
    def last(self):
        """The last event."""
        return self.events[-1] if self.events else {"event": "nothing"}

    def last_of(self, kind):
        """The last event of a kind, or an empty dict."""
        return next((event for event in reversed(self.events) if event["event"] == kind), {})


def run_child(job, folder, show):
    """Run one child process.

    Parameters
    ----------
    job : Job
    folder : path of an empty folder for the files of both processes
    show : function that is handed what the student's code prints

    Returns
    -------
    Run
    """
    paths = [folder / name for name in ("job.json", "events", "traces")]
    paths[0].write_text(job.to_json(), encoding="utf-8")
    for path in paths[1:]:
        path.touch()
    process = _start(paths)
    reader = threading.Thread(target=_pass_on, args=(process.stdout, show), daemon=True)
    reader.start()
    try:
        events, stopped = _follow(process, paths[1], job.limit)
    finally:
        _end(process)
        reader.join(2)
    trace = paths[2].read_text(encoding="utf-8", errors="replace")
    return Run(events, _why(process.returncode, stopped, trace, job))


def _start(paths):
    root = str(Path(autograder.__file__).resolve().parent.parent)
    environment = os.environ | {
        "MPLBACKEND": "Agg",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "PYTHONUNBUFFERED": "1",  # what was printed before a crash is the best hint there is
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-c", START, root, *map(str, paths)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=os.name == "posix",
    )


def _follow(process, path, limit):
    """Read events until the child has ended; True in the second place where it has to be stopped from outside.

    The child stops itself at the limit and says where it was. This clock is for a child that cannot.
    """
    events, patience, since = [], limit + SLOW_IMPORT, time.monotonic()
    with open(path, encoding="utf-8") as file:
        rest = ""
        while True:
            ended = process.poll() is not None
            rest += file.read()
            *lines, rest = rest.split("\n")
            if lines:
                events += map(json.loads, lines)
                patience, since = events[-1]["seconds"] + GRACE, time.monotonic()
            elif ended:
                return events, False
            elif time.monotonic() - since > patience:
                return events, True
            else:
                time.sleep(0.02)


def _end(process):
    """End the child and what it has started."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _pass_on(pipe, show):
    """Hand on what the child prints, up to a limit; the rest is read and dropped, so that the child is not stuck."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    left = MOST_PRINTED
    with pipe:
        for block in iter(lambda: pipe.read1(65536), b""):
            text = decode(block)
            if left > 0:
                show(text[:left])
                if len(text) >= left:
                    show(f"\n… (more than {MOST_PRINTED:,} characters printed; the rest is not shown)\n")
            left -= len(text)


# --- why it did not end by itself -------------------------------------------------------------------------------------


def _why(code, stopped, trace, job):
    """A sentence about a child that did not end by itself."""
    where = _where(trace, job)
    if stopped or trace.startswith("Timeout"):
        return f"still running after {job.limit:g} s, so it was stopped; is there an endless loop?{where}"
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"the Python process was ended by {signal.Signals(-code).name}.{where}"
    return f"the Python process ended (exit code {code}) before there was an answer; does it call exit?{where}"


def _where(trace, job):
    """The line of the student's own file that Python was at, as far as it could still say."""
    cells = {job.filename(cell): cell for cell in job.cells}
    for filename, line, function in re.findall(r'File "(.*)", line (\d+) in (.*)', trace):
        if filename in cells:
            cell = cells[filename]
            lines = cell.source.splitlines()
            text = lines[int(line) - 1].strip() if int(line) <= len(lines) else ""
            inside = "" if function.startswith("<") else f", in {function}"
            return f"\n  It was at {cell.label}, line {line}{inside}:\n      {text}"
    return ""
