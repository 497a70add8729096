"""Grading runs that are disturbed: something of them is killed at a moment, and the run is taken up again."""

import atexit
import contextlib
import ctypes
import functools
import os
import random
import signal
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from courses import environment, gradebook
from warm import Warm, ask

from autograder.grading import grade
from autograder.grading.ledger import Ledger

#: What may be killed: the one that writes the gradebook, a process that grades, the sandbox process that forks student
#: code for it, and what these two are forked from.
VICTIMS = ("coordinator", "worker", "sandbox", "server", "fork server")

#: The coordinator by itself, without the command line's start-up: what it did is its exit code and its last line.
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
        """A moment of a seed, somewhere in a run over so many submissions."""
        rng = random.Random(seed)
        return cls(VICTIMS[seed % len(VICTIMS)], rng.randrange(submissions - 1), round(rng.uniform(0, 0.4), 3))


@functools.cache
def coordinators():
    """What coordinators are forked from, begun by the first of them: to import what they need takes long."""
    process = Warm("autograder.grading.grade")
    atexit.register(process.close)
    # What it imports may start processes, so that comes before somebody looks which of its children is a coordinator.
    process.run("sys:exit", [], os.getcwd(), dict(os.environ))
    return process


class Started:
    """A coordinator that was started: as much as is needed of what `subprocess.Popen` has."""

    def __init__(self, module, arguments, folder, environment):
        self.said, self.code = tempfile.TemporaryFile(), None  # noqa: SIM115 - closed in communicate
        before = set(below(coordinators().process.pid))

        def wait():
            with open(os.devnull) as nothing:
                streams = [nothing, self.said, self.said]
                self.code = ask(coordinators().place, module, arguments, folder, environment, streams)

        self.thread = threading.Thread(target=wait, daemon=True)
        self.thread.start()
        while not (new := [pid for pid in below(coordinators().process.pid) if pid not in before]):
            assert self.thread.is_alive(), "no coordinator was seen"
            time.sleep(0.001)
        self.pid = new[0]

    def poll(self):
        """The exit code, negative for the signal that ended it; None where it goes on."""
        return None if self.thread.is_alive() else self.code

    def communicate(self, timeout):
        """Wait for its end; what it printed."""
        self.thread.join(timeout)
        assert not self.thread.is_alive(), f"no end after {timeout} s"
        with self.said:
            self.said.seek(0)
            return self.said.read().decode(errors="replace")


def start(folder):
    """Begin a run in a process of its own."""
    (folder.parent / "run.py").write_text(RUN, encoding="utf-8")
    return Started("run", [str(folder)], folder.parent, environment(folder.parent))


def finish(process):
    """Wait for a run; how many submissions it graded, or None where it was killed."""
    said = process.communicate(timeout=300)
    if process.poll() == -signal.SIGKILL:
        return None
    assert process.poll() == 0, said
    return int(said.splitlines()[-1].split()[0])


def run_here(folder):
    """A run as those of `start`, of which this process is the coordinator; how many submissions it graded.

    What its workers are forked from is there already, from the run before.
    """
    return grade.grade(folder, seed="faults", workers=2, report=lambda line: None, feedback=False).done


@dataclass(frozen=True)
class Disturbed:
    """What came of a disturbed run: whether something was killed at all, how many submissions the run graded (None:
    it was killed itself), how many were entered when it ended, and how many a second run graded (None: none needed)."""

    struck: bool
    first: int | None
    entered: int
    second: int | None


def disturb(folder, moment):
    """Run, kill, and run again where that is needed; an error where a process stays."""
    coordinators()  # which stays
    with nothing_stays():
        process = start(folder)
        while entered(folder) <= moment.entered and process.poll() is None:
            time.sleep(0.02)
        time.sleep(moment.seconds)
        struck = False
        while not struck and process.poll() is None:  # until there is one: a worker may be beginning
            victims = [process.pid] if moment.victim == "coordinator" else below(process.pid)
            for victim in victims:
                if moment.victim in ("coordinator", role(victim)):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(victim, signal.SIGKILL)
                        struck = True
                    break
        first = finish(process)
    before = entered(folder)
    return Disturbed(struck, first, before, run_here(folder) if first is None else None)


def role(pid):
    """What a process of a run is: they are forks of forks, so by its own and its parents' command lines."""
    lines = [command(each) for each in (pid, parent(pid), parent(parent(pid)))]
    is_wall = [Path(line.partition(" ")[0]).name == "bwrap" for line in lines]
    if "multiprocessing.forkserver" in lines[0]:
        return "worker" if "multiprocessing.forkserver" in lines[1] else "server"
    if "inside.fork_server" in lines[0] and not is_wall[0]:
        return "fork server" if is_wall[1] else "sandbox" if is_wall[2] else "notebook"
    return ""


def parent(pid):
    """The number of a process's parent; 0 where it ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


@contextlib.contextmanager
def nothing_stays():
    """What is started in here, at whatever depth, must have ended soon after; an error where something has not.

    Processes whose parent has ended become this one's children for the time, or nobody could tell whose they were.
    """
    set_child_subreaper, mine, before = 36, os.getpid(), set(below(os.getpid()))
    ctypes.CDLL(None).prctl(set_child_subreaper, 1)
    try:
        yield
        left_over(set(below(mine)) - before)
    finally:
        ctypes.CDLL(None).prctl(set_child_subreaper, 0)


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
