"""Grading runs that are disturbed: something of them is killed at a moment, and the run is taken up again."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from courses import environment, gradebook
from process_tree import nothing_stays, roles

from autograder.grading import grade
from autograder.grading.ledger import Ledger

#: What may be killed: the process that writes the gradebook, a process that grades, the sandbox process that forks
#: student code for it, and the servers that these two are forked from.
VICTIMS = ("coordinator", "worker", "sandbox", "server", "fork server")

#: The coordinator by itself, without the command line's start-up: its exit code and its last line say what it did.
#: Workers run this too, under another name, so what only the coordinator needs is not imported before.
RUN = """
import sys
if __name__ == "__main__":
    from autograder.grading import grade
    run = grade.grade(sys.argv[1], seed="faults", workers=2, report=lambda line: None, feedback=False)
    print(run.done, run.left)
"""


@dataclass(frozen=True)
class Moment:
    """When to kill what: after so many submissions were entered, and so many seconds."""

    victim: str
    entered: int
    seconds: float

    @classmethod
    def drawn(cls, seed, submissions):
        """The moment of a seed, somewhere in a run over so many submissions."""
        rng = random.Random(seed)
        return cls(VICTIMS[seed % len(VICTIMS)], rng.randrange(submissions - 1), round(rng.uniform(0, 0.4), 3))


def start(folder):
    """Begin a run in a process of its own, a `subprocess.Popen`; what it prints goes to run.log beside the course."""
    script = folder.parent / "run.py"
    script.write_text(RUN, encoding="utf-8")
    command = [sys.executable, str(script), str(folder)]
    with log_of(folder).open("wb") as log:
        return subprocess.Popen(command, cwd=folder.parent, env=environment(folder.parent), stdout=log, stderr=log)


def finish(process, folder):
    """Wait for the end of a run that was started in a folder.

    Returns
    -------
    int or None : the number of submissions it graded; None where it was killed
    """
    code = process.wait(timeout=300)
    if code == -signal.SIGKILL:
        return None
    printed = log_of(folder).read_text(encoding="utf-8")
    assert code == 0, printed
    return int(printed.splitlines()[-1].split()[0])


def log_of(folder):
    """Path of the file with what a run in this folder prints."""
    return folder.parent / "run.log"


def run_here(folder):
    """A run as those of `start`, with this process as the coordinator; the number of submissions it graded."""
    return grade.grade(folder, seed="faults", workers=2, report=lambda line: None, feedback=False).done


@dataclass(frozen=True)
class Disturbed:
    """The course of a disturbed run.

    Attributes
    ----------
    struck : True if something was killed before the run was done
    first : number of submissions the run graded; None where it was killed itself
    entered : number of submissions entered when it ended
    second : number of submissions that a second run graded; None where none was needed
    """

    struck: bool
    first: int | None
    entered: int
    second: int | None


def disturb(folder, moment):
    """Run, kill, and run again where that is needed; an error where a process stays."""
    with nothing_stays():
        process = start(folder)
        while entered(folder) <= moment.entered and process.poll() is None:
            time.sleep(0.02)
        time.sleep(moment.seconds)
        struck = False
        while not struck and process.poll() is None:  # until there is a victim: a worker may be beginning
            struck = kill(victims(process.pid, moment.victim))
        first = finish(process, folder)
    before = entered(folder)
    return Disturbed(struck, first, before, run_here(folder) if first is None else None)


def victims(coordinator, role):
    """The processes of a run that have a role."""
    if role == "coordinator":
        return [coordinator]
    return [pid for pid, its_role in roles(coordinator).items() if its_role == role]


def kill(pids):
    """Kill the first of these processes that is still there; True if there was one."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def entered(folder):
    """The number of submissions that the ledger has as graded."""
    return sum("fingerprint" in entry for entry in Ledger(folder).entries.values())


def outcome(folder):
    """All that a run leaves: gradebook, graded notebooks, and the ledger's entry of each submission."""
    notebooks = {path.relative_to(folder): path.read_bytes() for path in (folder / "autograded").rglob("*.ipynb")}
    return gradebook(folder), notebooks, Ledger(folder).entries
