"""The processes of a grading run, told apart by who started whom; and that none of them stays."""

import contextlib
import ctypes
import os
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def children(pid):
    """The processes that a process started, as far as they can be seen."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            found += map(int, task.read_text().split())
    return found


def below(pid):
    """All processes below one, each before those that it started."""
    return [each for child in children(pid) for each in (child, *below(child))]


def parent(pid):
    """The number of a process's parent; 0 where it ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def depth(pid):
    """The number of PID namespaces that a process is in, and its number in the innermost; (0, 0) where it ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                numbers = line.split()[1:]
                return len(numbers), int(numbers[-1])
    return 0, 0


def behind_walls(pid):
    """The processes below one that are in a PID namespace of their own: all that bubblewrap keeps apart."""
    outside, _ = depth(os.getpid())
    return [each for each in below(pid) if depth(each)[0] > outside]


def roles(pid):
    """The roles of the processes below one, a process that grades or one that owns a sandbox.

    A notebook is process 1 of a PID namespace within bubblewrap's; the kernel says so, whatever a process is called.
    The sandbox is its parent and the fork server its grandparent, so these two are known while a notebook is there.
    Workers are the grandchildren that are not behind walls: `multiprocessing` forks them from a server of its own.

    Returns
    -------
    dict : number of a process -> "notebook", "sandbox", "fork server", "worker" or "server"
    """
    outside, _ = depth(os.getpid())
    found = {}
    for child in children(pid):
        workers = [each for each in children(child) if depth(each)[0] == outside]
        found |= dict.fromkeys(workers, "worker") | ({child: "server"} if workers else {})
    for each in below(pid):
        if depth(each) == (outside + 2, 1):
            found |= {each: "notebook", parent(each): "sandbox", parent(parent(each)): "fork server"}
    found.pop(0, None)  # what ended meanwhile
    return found


def left_over(pids, seconds=5):
    """Wait until none of these processes is there any more; an error where one stays."""
    deadline = time.monotonic() + seconds
    while alive := [pid for pid in pids if command(pid)]:
        assert time.monotonic() < deadline, [command(pid) for pid in alive]
        time.sleep(0.05)


def command(pid):
    """The command line of a process, for a person to read; "" where it ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


@contextlib.contextmanager
def adopting():
    """Make this process the parent, for the time, of what processes below it leave behind when they end.

    Otherwise nobody could tell whose they were.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


@contextlib.contextmanager
def nothing_stays():
    """Hold that what is started in here, at whatever depth, ends soon after; an error where something does not."""
    with adopting():
        before = set(below(os.getpid()))
        yield
        left_over(set(below(os.getpid())) - before)
