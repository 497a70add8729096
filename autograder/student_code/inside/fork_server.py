"""The parents of all processes that run student code: they import what notebooks import, and fork.

It is started by `autograder.student_code.sandbox`, under bubblewrap or without. It runs no student code and computes nothing itself.
There is one process for each kind of notebook, those without torch and those with it; each is a fork of the one before
and imports what that has not. To a kind's socket a worker connects, and gets a warden of its own: another fork, which
is told what to do on that connection. Each request is one datagram, each answer another:

- ``fork`` with a socket: fork a process that holds one notebook's state and answers on that socket; its number
- ``look PID``: CPU seconds and bytes of memory of that process and all below it, and whether one wants to run
- ``interrupt PID``, ``stop PID``, ``stop calls PID``: as Ctrl-C, end it, end the forks that make calls
"""

import gc
import json
import os
import resource
import select
import signal
import socket
import sys

from . import answering, cells, confine
from .quick_torch import leave_compiler_out
from .wire import Channel


def main(settings, owner, *listeners):
    """Serve until the owner's side closes.

    Parameters
    ----------
    settings : JSON of a dict: uid, imports (a list for each kind), walls, limits, gpu, environment, refused (a seccomp
        filter in hex)
    owner : number of an inherited socket; it closes when nobody needs this any more
    listeners : numbers of inherited sockets, one for each kind, to which workers connect
    """
    settings = json.loads(settings)
    owner, listeners = socket.socket(fileno=owner), [socket.socket(fileno=number) for number in listeners]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    confine.become(settings["uid"])
    os.environ.update(settings["environment"])
    notebook, failed = None, {}
    for kind, listener in zip(settings["imports"], listeners, strict=True):
        for name in kind:
            try:
                __import__(name)
            except ImportError as error:
                failed[name] = str(error)
        if "torch" in kind and "torch" not in failed:
            _warm_torch()
        if notebook is None:
            notebook = cells.Notebook()
            cells.prepare()
        next_kind = os.fork() if listener is not listeners[-1] else None
        if next_kind == 0:
            listener.close()
            continue
        for other in listeners[listeners.index(listener) + 1 :]:
            other.close()  # or who connects would wait for ever for a kind that has ended
        # What is there now is never looked through again: looking writes, and a written page is a copied page.
        gc.collect()
        gc.freeze()
        confine.collapse()
        _serve(listener, owner, {next_kind} - {None}, notebook, failed, settings)
        return


def _serve(listener, owner, children, notebook, failed, settings):
    """Fork a warden for everyone who connects; ``children``: those that are there already."""
    # What a warden that was killed leaves behind becomes ours, and is ended here.
    confine.adopt()
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([listener, owner, woken], [], [])
        if owner in ready:
            return
        if woken in ready:
            woken.recv(4096)
            _tidy(children)
        if listener in ready:
            connection, _ = listener.accept()
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for end in (listener, owner, woken, wake):
                    end.close()
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where nobody reads once the others have ended
                try:
                    _tend(connection, notebook, failed, settings)
                finally:
                    os._exit(0)
            children.add(pid)
            connection.close()


def _tidy(children):
    """Forget the children that ended, and end those that are not ours but a dead warden's."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            break
        children.discard(pid)
    with open("/proc/thread-self/children") as file:
        for pid in map(int, file.read().split()):
            if pid not in children:
                _signal(pid, signal.SIGKILL)


def _tend(control, notebook, failed, settings):
    """Be the warden of one worker, until it closes its side."""
    refused = bytes.fromhex(settings["refused"])
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    if settings["gpu"]:
        mapped = None  # a GPU's driver maps far more than it uses; what is used is looked at all the same
    control.send(json.dumps({"ready": os.getpid(), "failed": failed}).encode())

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

    leave_compiler_out()
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
