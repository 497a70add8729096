"""The fork server, seen from inside: it imports what notebooks import, and forks. It runs no student code.

`autograder.student_code.fork_server` starts it, under bubblewrap or without. There is one server process for each set
of imports (those without torch, those with it); each is a fork of the one before and imports what that has not.
A worker connects to the socket of a server process and gets a *sandbox process*: a fork of its own, which answers its
requests on that connection. Each request is one datagram, each answer another, a JSON text:

- ``fork`` with a socket: fork a process that holds one notebook's state and answers on that socket; its number
- ``look PID``: CPU seconds and bytes of memory of that process and all below it, and if one wants to run
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

from . import answering, cells, confine, networks
from .processes import below, end, look, send_signal
from .wire import Channel


def main(owner, *listeners):
    """Serve until the owner's side closes. Standard input is the settings: JSON of a dict with

    - uid, environment : the user to become, and the environment variables to set
    - imports : a list of modules for each server process
    - walls, limits, refused, kept : see `confine.confine`; refused is in hex
    - gpu : if a GPU is shown
    - networks : the text of the course's zoo, see `networks.use`

    Parameters
    ----------
    owner : number of an inherited socket; it closes when nobody needs the server any more
    listeners : numbers of inherited sockets, one for each server process, to which workers connect
    """
    with open(0, encoding="utf-8", closefd=False) as file:
        settings = json.load(file)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    networks.use(settings["networks"])
    owner, listeners = socket.socket(fileno=owner), [socket.socket(fileno=number) for number in listeners]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    confine.become(settings["uid"])
    os.environ.update(settings["environment"])
    shell, failed = None, {}
    for modules, listener in zip(settings["imports"], listeners, strict=True):
        failed |= _import(modules)
        if shell is None:
            shell = cells.Shell()
            cells.prepare()
        next_server = os.fork() if listener is not listeners[-1] else None
        if next_server == 0:
            listener.close()
            continue
        for other in listeners[listeners.index(listener) + 1 :]:
            other.close()  # or connecting to a server process that has ended would wait for ever
        # The garbage collector never visits today's objects again: a visit writes, and a written page is copied.
        gc.collect()
        gc.freeze()
        confine.collapse()
        _serve(listener, owner, {next_server} - {None}, shell, failed, settings)
        return


def _import(modules):
    """Import modules; name -> error of those that could not be imported."""
    failed = {}
    for name in modules:
        try:
            __import__(name)
        except ImportError as error:
            failed[name] = str(error)
    if "torch" in modules and "torch" not in failed:
        _warm_torch()
        networks.load()
    return failed


def _serve(listener, owner, children, shell, failed, settings):
    """Fork a sandbox process for every worker that connects; ``children``: those that there are already."""
    # The notebooks of a sandbox process that was killed become children of this one, and are ended here.
    confine.adopt()
    woken, wake = socket.socketpair()
    for wakeup in (woken, wake):
        wakeup.setblocking(False)
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
                for inherited in (listener, owner, woken, wake):
                    inherited.close()
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # nobody reads it once the server processes have ended
                try:
                    _answer_a_worker(connection, shell, failed, settings)
                finally:
                    os._exit(0)
            children.add(pid)
            connection.close()


def _tidy(children):
    """Forget the children that ended, and end those that a killed sandbox process left behind."""
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
                send_signal(pid, signal.SIGKILL)


def _answer_a_worker(control, shell, failed, settings):
    """Be the sandbox process of one worker, until the worker closes its side."""
    refused = bytes.fromhex(settings["refused"])
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    if settings["gpu"]:
        mapped = None  # a GPU's driver maps far more than it uses; what is used is looked at all the same
    control.send(json.dumps({"ready": os.getpid(), "failed": failed}).encode())

    notebooks = set()
    while True:
        message, sockets, _, _ = socket.recv_fds(control, 4096, 1)
        if not message:
            for pid in notebooks:
                end(pid)
            return
        match message.decode().split():
            case ["fork"]:
                pid = confine.fork_apart(settings["walls"])
                if pid == 0:
                    control.close()
                    _be_a_notebook(shell, sockets[0], settings, refused, mapped)
                os.close(sockets[0])
                notebooks.add(pid)
                answer = {"pid": pid}
            case ["look", pid]:
                answer = look(int(pid))
            case ["interrupt", pid]:
                answer = send_signal(int(pid), signal.SIGINT)
            case ["stop", pid]:
                answer = end(int(pid))
                notebooks.discard(int(pid))
            case ["stop", "calls", pid]:
                answer = {"stopped": sum(send_signal(each, signal.SIGKILL)["stopped"] for each in below(int(pid)))}
        control.send(json.dumps(answer).encode())


def _be_a_notebook(shell, connection, settings, refused, mapped):
    """Hold one notebook's state, in a process of its own that never returns from here."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        os.dup2(connection, 3)
        os.closerange(4, 4096)
        os.setsid()  # otherwise kill(0, ...) would reach us: a process group is not bounded by a namespace
        signal.signal(signal.SIGINT, signal.default_int_handler)
        confine.confine(settings["walls"], settings["limits"], refused, mapped, settings["kept"])
        sys.stdin = open(0)  # noqa: SIM115 - for as long as the process lives
        channel = Channel(socket.socket(fileno=3), views=True)
        channel.send({"confined": True})
        answering.hold_state(channel, shell)
    except BaseException as error:
        # Before a notebook runs, a failure is the grader's; the other side finds it instead of "confined".
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
