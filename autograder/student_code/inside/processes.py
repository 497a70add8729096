"""Processes seen from outside: what they use, and ending them. Linux only; read from /proc."""

import os
import signal


def below(pid):
    """All processes that a process started, and those that these started."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                for child in map(int, file.read().split()):
                    found += [child, *below(child)]
    except OSError:
        pass  # it ended meanwhile
    return found


def look(pid):
    """dict of a process and all below it: CPU seconds so far, bytes of their own memory, if any wants to run, count."""
    ticks = os.sysconf("SC_CLK_TCK")
    seconds, memory, runs, processes = 0.0, 0, False, 0
    for each in (pid, *below(pid)):
        try:
            with open(f"/proc/{each}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            with open(f"/proc/{each}/status") as file:
                own = [line.split() for line in file if line.startswith(("RssAnon", "RssShmem", "VmSwap"))]
        except OSError:
            continue
        processes += 1
        runs |= fields[0] == "R" or fields[0] == "D"
        seconds += sum(map(int, fields[11:15])) / ticks  # its own and those of children that have ended
        memory += sum(int(kilobytes) for _, kilobytes, _ in own) << 10
    return {"seconds": seconds, "memory": memory, "runs": runs, "processes": processes}


def send_signal(pid, number):
    """Send a signal; {"stopped": 1}, or 0 where the process has ended already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return {"stopped": 0}
    return {"stopped": 1}


def end(pid):
    """End a child and everything in its namespace with it, and wait until it is gone; see `send_signal`."""
    for each in (*below(pid), pid):
        send_signal(each, signal.SIGKILL)
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return {"stopped": 0}
    return {"stopped": 1}
