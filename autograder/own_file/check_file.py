"""Check a student's file in a process of its own, with a time limit: for one's own work, not a stranger's.

`check_file` reads the file, starts `autograder.own_file.child` on its cells and collects the verdicts. A
child that does not come back, or dies, costs the function it was at; a new one goes on with the next.
"""

import codecs
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import autograder
from autograder.course import EXERCISES
from autograder.model import PUBLIC_SEED
from autograder.own_file.child import SLOW_IMPORT, verdict_row
from autograder.own_file.reading import known_names, read

#: Seconds that one statement of the file, or one check, may take; the environment can say otherwise.
TIME_LIMIT = 30.0
TIME_LIMIT_VARIABLE = "AUTOGRADER_TIME_LIMIT"

#: Seconds more before a child is stopped from here: it stops itself first, and knows where it was.
GRACE = 5

#: So many statements of the file may hang or end the process before it is given up.
MOST_ACCIDENTS = 3

#: Characters of the student's own printing that are shown.
MOST_PRINTED = 100_000

# -P keeps the folder we stand in off the path; the package is found where this one is.
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); import autograder; sys.path.pop(0); "
    "from autograder.own_file.child import main; main(*sys.argv[2:])"
)


@dataclass
class Report:
    """What came of checking a file.

    Attributes
    ----------
    rows : one dict per exercise and aspect, as `check --json` prints them
    notes : cells that stopped, a sentence each
    problem : why nothing, or not everything, could be checked; None where there is no such reason
    """

    rows: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    problem: str | None = None

    @property
    def exit_code(self):
        """1 if any check failed; else 2 if any could not be made, or there was nothing to check; else 0."""
        outcomes = [row["passed"] for row in self.rows]
        if False in outcomes:
            return 1
        return 2 if self.problem or None in outcomes or not outcomes else 0


def time_limit():
    """The limit in seconds: AUTOGRADER_TIME_LIMIT where it is set to a positive number, else the usual."""
    try:
        limit = float(os.environ[TIME_LIMIT_VARIABLE])
    except (KeyError, ValueError):
        return TIME_LIMIT
    return limit if limit > 0 else TIME_LIMIT


def check_file(path, names=None, *, seed=PUBLIC_SEED, device=None, limit=None, show=None):
    """Run a notebook or a .py file and ask every check of the functions it defines.

    Parameters
    ----------
    path : str or Path
    names : list of exercise names, optional; without it, all that the file defines
    seed : int, draws the data
    device : "cpu" or "cuda", optional
    limit : seconds for each statement and each check, optional
    show : function that is handed what the student's code prints; default: standard error

    Returns
    -------
    Report

    Raises
    ------
    UnreadableError
        If there is no such file, or no Python in it.
    """
    return _Checking(path, names, seed, device, limit or time_limit(), show or sys.stderr.write).report()


class _Checking:
    """One file being checked, by as many child processes as it takes."""

    def __init__(self, path, names, seed, device, limit, show):
        self.path, self.cells, self.show = Path(path), read(path), show
        self.names = list(names) if names else None
        self.settings = {"seed": seed, "device": device, "limit": limit}
        self.notebook = self.path.suffix.lower() == ".ipynb"
        self.skip = []  # statements that did not come back: (cell, statement, why)
        self.rows, self.notes, self.problem = {}, {}, None

    def report(self):
        names, found = self.names, None
        while not self.problem:
            run = self.one_child(names)
            for event in run.events:
                self.take(event)
            found = found or run.of("found").get("names")
            if run.last["event"] in ("done", "unreadable"):
                break
            if run.last["event"] == "ask":
                names = self.after(run.last, run.why, names or found)
                if not names:
                    break
            elif not run.of("statement") or run.of("found"):
                self.problem = f"{self.path} could not be checked: {run.why}"
            else:
                self.leave_out(run)
        found = found or self.names or known_names(self.cells)
        if not self.problem and not self.rows:
            self.problem = self.nothing_to_check()
        return Report(self.in_order(found), list(self.notes.values()), self.problem)

    def one_child(self, names):
        job = {
            "path": str(self.path.absolute()),
            "cells": [asdict(cell) for cell in self.cells],
            "notebook": self.notebook,
            "names": names,
            "skip": self.skip,
            **self.settings,
        }
        with tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True) as folder:
            return _run_child(job, Path(folder), self.show)

    def take(self, event):
        if event["event"] == "verdict":
            self.rows[event["row"]["exercise"], event["row"]["aspect"]] = event["row"]
        elif event["event"] == "stopped" and event["kind"] != "not written":
            self.notes[event["cell"], event["sentence"]] = event["sentence"]
        elif event["event"] == "unreadable":
            self.notes.clear()  # the problem says it
            self.problem = f"{self.path} does not run at all: {event['why']}"

    def after(self, asked, why, names):
        """The check that was asked never answered: its function has failed, the functions after it go on."""
        name, aspects = asked["exercise"], list(EXERCISES[asked["exercise"]].points)
        at = aspects.index(asked["aspect"])
        self.rows[name, aspects[at]] = verdict_row(name, aspects[at], False, f"{name}, {aspects[at]}: {why}")
        for aspect in aspects[at + 1 :]:
            reason = f"not asked, because {name}-{aspects[at]} did not come back"
            self.rows[name, aspect] = verdict_row(name, aspect, False, f"{name}, {aspect}: {reason}")
        return names[names.index(name) + 1 :]

    def leave_out(self, run):
        """A statement did not come back: the next child leaves it out, unless too many have not."""
        last = run.of("statement")
        label = self.cells[last["cell"]].label
        self.skip.append((last["cell"], last["statement"], f"{label}, line {last['line']}: {run.why}"))
        if len(self.skip) == MOST_ACCIDENTS:
            self.problem = f"{self.path} was given up.\n" + "\n".join(why for _, _, why in self.skip)

    def nothing_to_check(self):
        return f"{self.path} defines none of the course's functions ({', '.join(EXERCISES)})"

    def in_order(self, names):
        """A row for every aspect of every function; what was never asked could not be checked."""
        rows = []
        for name in names:
            for aspect in EXERCISES[name].points:
                missing = verdict_row(name, aspect, None, f"{name}, {aspect}: not checked. {self.problem}")
                rows.append(self.rows.get((name, aspect), missing))
        return rows


# --- one child ----------------------------------------------------------------------------------------------


@dataclass
class _Run:
    """What one child said, and, where it did not end by itself, why."""

    events: list
    why: str

    @property
    def last(self):
        return self.events[-1] if self.events else {"event": "nothing"}

    def of(self, kind):
        """The last event of a kind, or an empty one."""
        return next((event for event in reversed(self.events) if event["event"] == kind), {})


def _run_child(job, folder, show):
    paths = [folder / name for name in ("job.json", "events", "traces")]
    paths[0].write_text(json.dumps(job), encoding="utf-8")
    for path in paths[1:]:
        path.touch()
    root = str(Path(autograder.__file__).resolve().parent.parent)
    environment = os.environ | {
        "MPLBACKEND": "Agg",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "PYTHONUNBUFFERED": "1",  # what was printed before a crash is the best hint there is
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", START, root, *map(str, paths)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=os.name == "posix",
    )
    reader = threading.Thread(target=_pass_on, args=(process.stdout, show), daemon=True)
    reader.start()
    try:
        events, stopped = _follow(process, paths[1], job["limit"])
    finally:
        _end(process)
        reader.join(2)
    return _Run(events, _why(process.returncode, stopped, paths[2], job))


def _follow(process, path, limit):
    """Read events until the child has ended; True where it had to be stopped from outside.

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
    """Hand on what the child prints, up to a limit; the rest is read and dropped, so that it is not stuck."""
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


def _why(code, stopped, traces, job):
    """A sentence for a child that did not end by itself."""
    trace = traces.read_text(encoding="utf-8", errors="replace")
    place = _place(trace, job)
    if stopped or trace.startswith("Timeout"):
        return f"still running after {job['limit']:g} s, so it was stopped; is there an endless loop?{place}"
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"the Python process was ended by {signal.Signals(-code).name}.{place}"
    return f"the Python process ended (exit code {code}) before there was an answer; does it call exit?{place}"


def _place(trace, job):
    """Where in the student's own file Python was, as far as it could still say."""
    for filename, line, function in re.findall(r'File "(.*)", line (\d+) in (.*)', trace):
        for cell in job["cells"]:
            name = f"{cell['label']} of {Path(job['path']).name}" if job["notebook"] else job["path"]
            if filename == name:
                lines = cell["source"].splitlines()
                text = lines[int(line) - 1].strip() if int(line) <= len(lines) else ""
                inside = "" if function.startswith("<") else f", in {function}"
                return f"\n  It was at {cell['label']}, line {line}{inside}:\n      {text}"
    return ""
