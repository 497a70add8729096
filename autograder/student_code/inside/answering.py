"""The far side of the grader: it runs cells, and calls what they defined, as it is told over a channel.

One process holds the state that the cells made. For every function that is graded it forks: the fork makes the calls
and ends, and with it whatever they did to the state or to the process. A call that ends its fork costs the cell that
made it; the next cell gets another fork.
"""

import gc
import os

import numpy as np

from .calling import Local, Outcome, Raised
from .confine import one_more_process
from .data import Foreign, Network, Tensor, as_data
from .wire import ClosedError, WireError


def hold_state(channel, shell):
    """Answer until the other side closes; ``shell`` runs cells and holds what they define."""
    while True:
        try:
            request = channel.receive()
        except ClosedError:
            return
        match request:
            case {"cell": str(source), "number": int(number)}:
                channel.send({"outputs": shell.run(source, number)})
            case {"what is": str(name)}:
                thing = shell.names.get(name)
                is_defined = name in shell.names
                channel.send({"defined": is_defined, "callable": callable(thing), "kind": type(thing).__name__})
            case {"value of": str(name)}:
                channel.send({"value": as_data(shell.names.get(name), lambda _value, kind: Foreign(kind))})
            case {"fork": True}:
                channel.send({"ended": in_a_fork(lambda: answer_calls(channel, shell.names))})


def in_a_fork(work):
    """Do something in a copy of this process; its exit code, negative for the signal that ended it."""
    gc.freeze()
    with one_more_process():
        pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def answer_calls(channel, names):
    """Make calls until told that it was the last."""
    held = []  # what calls returned and is no data, by number

    def number(handle):
        held.append(handle)
        return len(held) - 1

    channel.number = number
    while True:
        try:
            request = channel.receive()
        except ClosedError:
            return
        if "last" in request:
            return
        outcome = _do(request, names, held)
        try:
            channel.send(outcome)
        except (WireError, MemoryError) as error:
            channel.send(_message(Outcome(raised=Raised("", (), f"it returned more than can be read: {error}"))))


def _do(request, names, held):
    """Do what one request says: call a function, or call a held thing, ask it, give it numbers, move it."""
    match request:
        case {"call": str(name), "args": tuple(args), "options": dict(options), "observe": tuple(observe)}:
            return _call(Local(names.get(name)), args, options, observe)
        case {"call": int(at), "args": tuple(args), "options": dict(options), "observe": tuple(observe)}:
            return _call(held[at], args, options, observe)
        case {"parameters": int(at)}:
            return _message(held[at].parameters())
        case {"assign": int(at), "numbers": dict(numbers)}:
            return _message(held[at].assign(numbers))
        case {"move": int(at), "device": str(device)}:
            return _message(held[at].to(device))
    raise WireError("no request")


def _call(subject, args, options, observe):
    before = [_contents(value) for value in (*args, *options.values())]
    outcome = subject.call(*args, observe=observe, **options)
    after = (*outcome.arguments, *outcome.options.values())
    changed = {at: now for at, now in enumerate(after) if _contents(now) != before[at]}
    # Of a network the other side has the recipe; it needs the sentences.
    return _message(outcome, {at: now.changed if type(now) is Network else now for at, now in changed.items()})


def _contents(value):
    """The contents of an argument, to be compared with those before the call."""
    if type(value) is np.ndarray:
        return value.dtype.str, value.shape, value.tobytes()
    if type(value) is Tensor:  # on "meta" there are no numbers, and none can have changed
        return None if value.array is None else _contents(value.array)
    if type(value) is Network:
        return value.changed
    if type(value) in (tuple, list):
        return type(value), [_contents(item) for item in value]
    if type(value) is dict:
        return [(key, _contents(item)) for key, item in value.items()]
    return type(value), repr(value)


def _message(outcome, changed=None):
    """An Outcome as a message; of the arguments only those that the call changed."""
    raised = outcome.raised
    return {
        "value": outcome.value,
        "raised": raised and [raised.name, list(raised.bases), raised.text, raised.where],
        "changed": changed or {},
        "printed": outcome.printed,
        "observed": outcome.observed,
    }
