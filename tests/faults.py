"""Grading runs that are disturbed: something of them is killed at a moment, and the run is taken up again."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from courses import environment, gradebook

from autograder.ledger import Ledger

#: What may be killed: the one that writes the gradebook, a process that grades, the parent of student code.
VICTIMS = ("coordinator", "worker", "parent")

#: The coordinator by itself, without the command line's start-up: what it did is its exit code and its last line.
RUN = """
import sys
from autograder import grade
if __name__ == "__main__":
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
        """A moment of a seed, somewhere in a run over so many submissions."""
        rng = random.Random(seed)
        return cls(VICTIMS[seed % 3], rng.randrange(submissions - 1), round(rng.uniform(0, 0.4), 3))


def start(folder):
    """Begin a run in a process of its own."""
    script = folder.parent / "run.py"
    script.write_text(RUN, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        cwd=folder,
        env=environment(folder.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """Wait for a run; how many submissions it graded, or None where it was killed."""
    said, problem = process.communicate(timeout=300)
    if process.returncode == -signal.SIGKILL:
        return None
    assert process.returncode == 0, problem
    return int(said.split()[0])


def disturb(folder, moment):
    """Run, kill, and run again where that is needed: (entered before the second run, done by it)."""
    process = start(folder)
    while entered(folder) <= moment.entered and process.poll() is None:
        time.sleep(0.005)
    time.sleep(moment.seconds)
    found = below(process.pid)
    kind = {"worker": "spawn_main", "parent": "inside.warden"}
    for victim in found if moment.victim != "coordinator" else [process.pid]:
        if moment.victim == "coordinator" or kind[moment.victim] in command(victim):
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            break
    first = finish(process)
    left_over(found)
    if first is not None:
        return None
    before = entered(folder)
    return before, finish(start(folder))


def entered(folder):
    """How many submissions the ledger says were graded."""
    return sum("fingerprint" in entry for entry in Ledger(folder).entries.values())


def outcome(folder):
    """All that a run leaves: gradebook, graded notebooks, and what the ledger says of each submission."""
    notebooks = {path.relative_to(folder): path.read_bytes() for path in (folder / "autograded").rglob("*.ipynb")}
    return gradebook(folder), notebooks, Ledger(folder).entries


def below(pid):
    """All processes below one, as far as they can be seen."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *below(child)]
    return found


def command(pid):
    """The command line of a process; nothing where it ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def left_over(pids, seconds=5):
    """Wait until none of these processes is there any more; an error where one stays."""
    deadline = time.monotonic() + seconds
    while alive := [pid for pid in pids if command(pid)]:
        assert time.monotonic() < deadline, [command(pid) for pid in alive]
        time.sleep(0.05)
