"""A function behind the wall, as a Subject: calls cross as data, and no reply is trusted."""

from dataclasses import replace

from autograder.student_code.inside import networks
from autograder.student_code.subject import Foreign, Network, Outcome, Raised

#: watcher of `inside.observe` -> the type of what it saw.
SEEN = {"lines": int, "packages": list, "operations": list, "one_device": type(None)}


class Remote:
    """A function that a notebook behind the wall defined; see `autograder.student_code.subject.Subject`.

    Parameters
    ----------
    process : NotebookProcess
    name : of the function
    """

    def __init__(self, process, name):
        self.process, self.name = process, name

    def new_aspect(self):
        """Begin another graded cell: its calls have their full time."""
        self.process.new_aspect()

    def devices(self):
        """The devices tensors can be on; none where the sandbox has no torch."""
        return self.process.sandbox.devices

    def call(self, *args, observe=(), **options):
        """Call it once; see `autograder.student_code.subject.Subject.call`."""
        return _call(self.process, self.name, self.name, args, options, observe)


class RemoteHandle(Foreign):
    """A thing behind the wall that is no plain data, such as a module that a student's class made."""

    def __init__(self, kind, is_module, process, number):
        super().__init__(kind, is_module)
        # The process, the number of the thing there, and the fork that holds it; set so because Foreign is frozen.
        object.__setattr__(self, "address", (process, number, process.epoch))

    def call(self, *args, observe=(), **options):
        """Call the thing; see `autograder.student_code.subject.Subject.call`."""
        return self._do(lambda process, number: _call(process, number, self.kind, args, options, observe))

    def parameters(self):
        """An Outcome whose value is name -> shape of every parameter of a module."""
        return self._ask("parameters")

    def assign(self, numbers):
        """Give parameters these values, name -> ndarray of the parameter's shape."""
        return self._ask("assign", numbers=numbers)

    def to(self, device):
        """Move a module to a device."""
        return self._ask("move", device=device)

    def _ask(self, request, **more):
        return self._do(
            lambda process, number: read_outcome(process.ask_fork({request: number, **more}, self.kind), (), {})
        )

    def _do(self, ask):
        process, number, epoch = self.address
        if number is None or not process.calling or process.epoch != epoch:
            return Outcome(raised=Raised("", (), f"the {self.kind} it returned is gone with the process that held it"))
        return ask(process, number)


def _call(process, target, name, args, options, observe):
    for value in (*args, *options.values()):
        if type(value) is Network:
            networks.look_up(value.name)  # an unknown name is the course's fault, which the other side could not tell
    message = {"call": target, "args": args, "options": options, "observe": tuple(observe)}
    return read_outcome(process.ask_fork(message, name), args, options, observe)


def read_outcome(reply, args, options, observe=()):
    """The Outcome of a call, read from an untrusted reply; anything that is not as it should be is a failure.

    Parameters
    ----------
    reply : dict, see `inside.answering`
    args, options : what the function was called with; what the call changed of them is in the reply
    observe : watchers that were asked for

    Examples
    --------
    >>> read_outcome({"value": 3, "printed": "three"}, (), {}).value
    3
    >>> str(read_outcome({"raised": "KeyError"}, (), {}).raised)
    'the call was not answered as calls are'
    """
    try:
        changed = _exactly(dict, reply.get("changed", {}))
        raised = _raised(reply.get("raised"))
        printed = _exactly(str, reply.get("printed", ""))
        observed = _observed(reply.get("observed", {}))
        after = [_after(value, changed, at) for at, value in enumerate((*args, *options.values()))]
        if raised is None and set(observed) != set(observe):
            raise ValueError("not what was to be observed")
    except (TypeError, ValueError):
        return Outcome(raised=Raised("", (), "the call was not answered as calls are"))
    return Outcome(
        value=reply.get("value"),
        raised=raised,
        arguments=tuple(after[: len(args)]),
        options=dict(zip(options, after[len(args) :], strict=True)),
        printed=printed,
        observed=observed,
    )


def _raised(reply):
    """An exception as the reply has it, cut to a length that can be shown; None where there was none."""
    if reply is None:
        return None
    name, bases, text, where = _exactly(list, reply)
    return Raised(
        _exactly(str, name)[:200],
        tuple(_exactly(str, base)[:200] for base in _exactly(list, bases)[:50]),
        _exactly(str, text)[:2000],
        None if where is None else _exactly(str, where)[:200],
    )


def _after(value, changed, at):
    """An argument after the call; of a network the reply has sentences on what has changed."""
    if at not in changed or type(value) is not Network:
        return changed.get(at, value)
    sentences = _exactly(tuple, changed[at])[: networks.MAX_CHANGES]
    return replace(value, changed=tuple(_exactly(str, sentence)[:200] for sentence in sentences))


def _observed(reply):
    """watcher -> what it saw, as the reply has it, each of its own type."""
    observed = {}
    for name, seen in _exactly(dict, reply).items():
        if name not in SEEN:
            raise ValueError(f"there is no watcher {name!r}")
        seen = _exactly(SEEN[name], seen)
        if type(seen) is int and not 0 <= seen < 2**53:
            raise ValueError("a count that cannot be")
        observed[name] = [_exactly(str, item)[:200] for item in seen] if type(seen) is list else seen
    return observed


def _exactly(kind, value):
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} instead of {kind.__name__}")
    return value
