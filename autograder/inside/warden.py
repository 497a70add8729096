"""The parent of all processes that run student code for one worker: it imports what notebooks import, and forks.

It is started by `autograder.sandbox`, under bubblewrap or without, with two things: a JSON text of what to do, and a
socket on which it is told. It runs no student code and computes nothing itself.

Each request is one datagram, each answer another:

- ``fork`` with a socket: fork a process that holds one notebook's state and answers on that socket; its number
- ``look PID``: CPU seconds and bytes of memory of that process and all below it, and whether one wants to run
- ``interrupt PID``, ``stop PID``, ``stop calls PID``: as Ctrl-C, end it, end the forks that make calls
"""

import gc
import json
import os
import resource
import signal
import socket
import sys

from . import answering, cells, confine
from .wire import Channel


def main(settings, control):
    """Serve until the other side closes.

    Parameters
    ----------
    settings : dict: uid, imports, walls, limits, gpu, environment, refused (a seccomp filter in hex)
    control : number of the inherited socket
    """
    settings = json.loads(settings)
    control = socket.socket(fileno=control)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    confine.become(settings["uid"])
    os.environ.update(settings["environment"])
    failed = {}
    for name in settings["imports"]:
        try:
            __import__(name)
        except ImportError as error:
            failed[name] = str(error)
    if "torch" in settings["imports"] and "torch" not in failed:
        _warm_torch()
    notebook = cells.Notebook()
    cells.prepare()
    refused = bytes.fromhex(settings["refused"])
    # What is there now is never looked through again: looking writes, and a written page is a copied page.
    gc.collect()
    gc.freeze()
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    if settings["gpu"]:
        mapped = None  # a GPU's driver maps far more than it uses; what is used is looked at all the same
    control.send(json.dumps({"ready": os.getpid(), "failed": failed, "threads": _threads()}).encode())

    pids = set()
    while True:
        message, sockets, _, _ = socket.recv_fds(control, 4096, 1)
        if not message:
            for pid in pids:
                _end(pid)
            return
        match message.decode().split():
            case ["fork"]:
                pid = confine.fork_apart(settings["walls"])
                if pid == 0:
                    control.close()
                    _be_a_notebook(notebook, sockets[0], settings, refused, mapped)
                os.close(sockets[0])
                pids.add(pid)
                answer = {"pid": pid}
            case ["look", pid]:
                answer = look(int(pid))
            case ["interrupt", pid]:
                answer = _signal(int(pid), signal.SIGINT)
            case ["stop", pid]:
                answer = _end(int(pid))
                pids.discard(int(pid))
            case ["stop", "calls", pid]:
                answer = {"stopped": sum(_signal(each, signal.SIGKILL)["stopped"] for each in below(int(pid)))}
        control.send(json.dumps(answer).encode())


def _be_a_notebook(notebook, connection, settings, refused, mapped):
    """Hold one notebook's state, in a process of its own that never returns from here."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        os.dup2(connection, 3)
        os.closerange(4, 4096)
        os.setsid()  # or kill(0, ...) would reach us: a group of processes is not bounded by their namespace
        signal.signal(signal.SIGINT, signal.default_int_handler)
        confine.confine(settings["walls"], settings["limits"], refused, mapped)
        sys.stdin = open(0)  # noqa: SIM115 - for as long as the process lives
        channel = Channel(socket.socket(fileno=3), views=True)
        channel.send({"confined": True})
        answering.hold_state(channel, notebook)
    except BaseException as error:
        # What goes wrong before the notebook runs is ours; the other side finds it in place of "confined".
        Channel(socket.socket(fileno=3)).send({"failed": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(0)


def _warm_torch():
    """Have torch import what it imports late, once and not in every fork: its meta kernels, einsum, fold."""
    import torch

    torch.set_num_threads(1)
    with torch.no_grad():
        for device in ("cpu", "meta"):
            x, weight = torch.ones(1, 2, 4, 4, device=device), torch.ones(2, 2, 3, 3, device=device)
            patches = torch.nn.functional.unfold(torch.nn.functional.pad(x, (1, 1, 1, 1)), 3)
            torch.einsum("ok,nkp->nop", weight.reshape(2, -1), patches) + patches.new_zeros(2, 1)
            torch.nn.functional.conv2d(x, weight)
    from .observe import one_device, operations

    for watch in (one_device, operations):
        with watch():
            torch.ones(2, device="meta") + 1


def _threads():
    return len(os.listdir("/proc/self/task"))


# ---------------------------------------------------------------- looking at processes, and ending them


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
    """CPU seconds so far, bytes of memory of their own, and whether any wants to run: of a process and all below."""
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


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return {"stopped": 0}
    return {"stopped": 1}


def _end(pid):
    """End a process, everything in its namespace with it, and wait until it is gone."""
    for each in (*below(pid), pid):
        _signal(each, signal.SIGKILL)
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return {"stopped": 0}
    return {"stopped": 1}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
