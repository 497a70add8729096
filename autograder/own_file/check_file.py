"""Check a student's file in a process of its own, with a time limit: for one's own work, not a stranger's.

`check_file` reads the file, starts `autograder.own_file.child` on its cells and collects the verdicts. A child that
does not come back, or dies, costs the function that was asked; a new one goes on with the next.
"""

import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import EXERCISES
from autograder.model import PUBLIC_SEED
from autograder.own_file.cells import NOT_WRITTEN
from autograder.own_file.child_process import run_child
from autograder.own_file.job import Job, verdict_row
from autograder.own_file.reading import known_names, read

#: Seconds that one statement of the file, or one check, may take; the environment can say otherwise.
TIME_LIMIT = 30.0
TIME_LIMIT_VARIABLE = "AUTOGRADER_TIME_LIMIT"

#: The number of statements that may hang or end the process before the file is given up.
MOST_ACCIDENTS = 3


@dataclass
class Report:
    """The outcome of checking a file.

    Attributes
    ----------
    rows : one dict per exercise and aspect, as `check --json` prints them
    notes : a sentence for each cell that stopped
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
    job = Job(
        str(Path(path).absolute()),
        read(path),
        list(names) if names else None,
        seed=seed,
        device=device,
        limit=limit or time_limit(),
    )
    return _Checking(path, job, show or sys.stderr.write).report()


class _Checking:
    """A file being checked, by as many child processes as it takes.

    Parameters
    ----------
    path : the file, as messages call it
    job : Job of the first child process
    show : function that is handed what the student's code prints
    """

    def __init__(self, path, job, show):
        self.path, self.job, self.show = Path(path), job, show
        self.rows, self.notes, self.problem = {}, {}, None

    def report(self):
        asked, found = self.job.names, None
        while not self.problem:
            run = self._run_child()
            for event in run.events:
                self._take(event)
            found = found or run.last_of("found").get("names")
            if run.last["event"] in ("done", "unreadable"):
                break
            if run.last["event"] == "ask":
                self.job.names = self._after(run.last, run.why, self.job.names or found)
                if not self.job.names:
                    break
            elif not run.last_of("statement") or run.last_of("found"):
                self.problem = f"{self.path} could not be checked: {run.why}"
            else:
                self._leave_out(run)
        if not self.problem and not self.rows:
            self.problem = f"{self.path} defines none of the course's functions ({', '.join(EXERCISES)})"
        names = found or asked or known_names(self.job.cells)
        return Report(self._in_order(names), list(self.notes.values()), self.problem)

    def _run_child(self):
        with tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True) as folder:
            return run_child(self.job, Path(folder), self.show)

    def _take(self, event):
        if event["event"] == "verdict":
            self.rows[event["row"]["exercise"], event["row"]["aspect"]] = event["row"]
        elif event["event"] == "stopped" and event["kind"] != NOT_WRITTEN:
            self.notes[event["cell"], event["sentence"]] = event["sentence"]
        elif event["event"] == "unreadable":
            self.notes.clear()  # the problem says it
            self.problem = f"{self.path} does not run at all: {event['why']}"

    def _after(self, asked, why, names):
        """A check that was asked never answered: its function has failed. The functions after it, which go on."""
        name, aspects = asked["exercise"], list(EXERCISES[asked["exercise"]].points)
        at = aspects.index(asked["aspect"])
        self.rows[name, aspects[at]] = verdict_row(name, aspects[at], False, f"{name}, {aspects[at]}: {why}")
        for aspect in aspects[at + 1 :]:
            reason = f"not asked, because {name}-{aspects[at]} did not come back"
            self.rows[name, aspect] = verdict_row(name, aspect, False, f"{name}, {aspect}: {reason}")
        return names[names.index(name) + 1 :]

    def _leave_out(self, run):
        """A statement did not come back: the next child leaves it out, unless too many have not."""
        last = run.last_of("statement")
        label = self.job.cells[last["cell"]].label
        self.job.skip.append((last["cell"], last["statement"], f"{label}, line {last['line']}: {run.why}"))
        if len(self.job.skip) == MOST_ACCIDENTS:
            self.problem = f"{self.path} was given up.\n" + "\n".join(why for _, _, why in self.job.skip)

    def _in_order(self, names):
        """A row for every aspect of every function; what was never asked could not be checked."""
        rows = []
        for name in names:
            for aspect in EXERCISES[name].points:
                missing = verdict_row(name, aspect, None, f"{name}, {aspect}: not checked. {self.problem}")
                rows.append(self.rows.get((name, aspect), missing))
        return rows
