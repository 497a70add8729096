"""Student code, run elsewhere: a parent process behind walls, one fork of it per notebook, one more per function.

`Nursery` is the parent of all, `Sandbox` a fork of it for one worker. `Sandbox.notebook()` forks a `Notebook`: it runs
cells, and hands out a `Remote` for each function, which the checks ask as they ask a `Local`. Everything that comes
back is data, bounded and checked (`autograder.student_code.inside.wire`); nothing that student code says is believed about anything
but itself.
"""

import collections
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat

from autograder.student_code.inside import wire
from autograder.student_code.subject import Foreign, Outcome, Raised
from autograder.student_code.walls import INSIDE, PROBES, WALLS, NoWallsError, bubblewrap, nobody, refused_system_calls

INSIDE_PACKAGE = Path(__file__).resolve().parent / "inside"

#: What notebooks import; done once, before any is run.
IMPORTS = ("numpy", "torch")
#: What those import whose functions take no tensors. Without torch a parent is there sooner and forks faster.
WITHOUT_TORCH = ("numpy",)


@dataclass(frozen=True)
class Limits:
    """What student code may use. Seconds are of processor time, except where the name says wall.

    Attributes
    ----------
    cell_seconds : one cell
    call_seconds : all calls of one graded cell together
    submission_seconds : all cells and calls of one submission
    wall_factor : how many times longer than its processor time something may take by the clock
    memory : bytes, of one process and of all processes of a submission, beyond what the libraries take
    processes : processes and threads
    disk, files : bytes and files in the scratch folder
    late : after so many graded cells that were too slow, the rest of that function's cells is not asked
    lost : after so many cells that ended the notebook's process, the rest of the notebook is not run
    """

    cell_seconds: float = 20
    call_seconds: float = 10
    submission_seconds: float = 180
    wall_factor: float = 10
    memory: int = 2 * 2**30
    processes: int = 32
    disk: int = 64 * 2**20
    files: int = 1000
    late: int = 3
    lost: int = 5


class SandboxError(RuntimeError):
    """The sandbox itself failed: ours or the machine's fault, never the student's."""


class CrowdedError(SandboxError):
    """The machine had no time for student code that wanted to run."""


class Nursery:
    """The processes that sandboxes are forked from, behind the outer walls: one for each kind of notebook.

    Importing torch takes seconds and many megabytes; here it is done once for all workers.

    Parameters
    ----------
    walls : names of `autograder.student_code.walls.WALLS`; none at all runs student code unprotected
    limits : Limits
    kinds : for each kind of notebook the modules that its process imports, each more than the one before
    devices : device files to show, for a GPU

    Raises
    ------
    NoWallsError
        If bubblewrap is not there.
    """

    def __init__(self, walls=tuple(WALLS), limits=None, kinds=(WITHOUT_TORCH, IMPORTS), devices=()):
        limits = limits or Limits()
        settings = {
            "uid": nobody() if walls else os.geteuid(),
            "imports": [list(kind) for kind in kinds],
            "walls": [name for name in walls if name in INSIDE],
            "limits": {key: int(value) for key, value in asdict(limits).items()}
            | {"seconds": int(limits.submission_seconds) + 1},
            "gpu": bool(devices),
            "refused": refused_system_calls().hex() if "system calls" in walls else "",
            "environment": {} if walls else ENVIRONMENT,
        }
        inside, command = INSIDE_PACKAGE.parent, []
        if walls:
            command = bubblewrap(walls, str(INSIDE_PACKAGE), devices)
            inside = "/inside" if "files" in walls else "/mnt"
            for name, value in ENVIRONMENT.items():
                command += ["--setenv", name, value]
        start = (
            f"import sys; sys.path.insert(0, {str(inside)!r}); from inside.fork_server import main; "
            "main(sys.argv[1], *map(int, sys.argv[2:]))"
        )
        #: the folder in which a `Sandbox` finds the sockets of the kinds; only this user may enter it
        self.place = Path(tempfile.mkdtemp(prefix="sandbox-"))
        self.owner, theirs = socket.socketpair()
        with contextlib.ExitStack() as handed_over:
            ends = [handed_over.enter_context(theirs)]
            for kind in kinds:
                ends.append(handed_over.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)))
                ends[-1].bind(str(self.place / _name(kind)))
                ends[-1].listen()
            numbers = [end.fileno() for end in ends]
            command += [sys.executable, "-P", "-s", "-c", start, json.dumps(settings), *map(str, numbers)]
            self.process = subprocess.Popen(
                command,
                pass_fds=numbers,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=None if walls else os.environ | ENVIRONMENT,
            )
        # What it says there is kept for `why`; a full pipe must not stop it.
        self.said = collections.deque(maxlen=1)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        with self.process.stderr:
            for line in self.process.stderr:
                if line.strip():
                    self.said.append(line.decode(errors="replace").strip())

    def why(self):
        """The last it said, where it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        self.reader.join(1)
        return self.said[-1] if self.said else "it said nothing"

    def close(self):
        """End all of it."""
        self.owner.close()
        self.process.kill()
        self.process.wait()
        self.reader.join(10)
        shutil.rmtree(self.place, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _name(kind):
    """What the socket of a kind is called."""
    return "-".join(kind) or "bare"


class Sandbox:
    """A warden of one's own, ready to fork. It ends with the process that made it.

    Parameters
    ----------
    walls, limits, devices : see `Nursery`
    imports : modules that notebooks find imported
    place : where a Nursery with these settings can be found; None makes one for this sandbox alone
    """

    def __init__(self, walls=tuple(WALLS), limits=None, imports=IMPORTS, devices=(), place=None):
        self.limits = limits or Limits()
        self.nursery = None if place else Nursery(walls, limits, (imports,), devices)
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.control.settimeout(120)
            with contextlib.suppress(ConnectionError, FileNotFoundError):  # it has ended; `_answer` says so
                self.control.connect(str(Path(place or self.nursery.place) / _name(imports)))
            ready = self._answer()
        except BaseException:
            self.close()
            raise
        #: where tensors can be: nowhere, where torch could not be imported
        self.devices = () if "torch" in ready["failed"] or "torch" not in imports else ("cpu",)
        # Asked by its files, not by torch: a parent that has looked for a GPU has forks that cannot use it.
        self.devices += ("cuda",) if self.devices and devices else ()
        self.control.settimeout(30)

    def close(self):
        """End the warden and all its forks."""
        self.control.close()
        if self.nursery:
            self.nursery.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _answer(self):
        answer, failure = b"", None
        try:
            answer = self.control.recv(65536)
        except TimeoutError as error:
            raise SandboxError("the sandbox does not answer") from error
        except OSError as error:
            failure = error
        if not answer:
            said = f": {self.nursery.why()}" if self.nursery else ""
            raise SandboxError(f"the sandbox ended{said}") from failure
        return json.loads(answer)

    def ask(self, *words, connection=None):
        """Tell the parent something; its answer."""
        message = " ".join(map(str, words)).encode()
        try:
            socket.send_fds(self.control, [message], [connection] if connection is not None else [])
        except OSError as error:
            raise SandboxError(f"the sandbox is gone: {error}") from error
        return self._answer()

    def notebook(self):
        """Fork a fresh `Notebook`."""
        return Notebook(self)


#: What student code finds in its environment. One thread for each, because submissions run side by side; huge pages,
#: because a fork copies the table of pages, see `inside.confine.collapse` for those that this does not reach.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "USER": "student",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "TMPDIR": "/tmp",
    "MPLCONFIGDIR": "/tmp",
    "IPYTHONDIR": "/tmp",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Notebook:
    """One notebook's state in a process of its own, and the calls made to what it defined.

    When the process is lost, ``lost`` says why in words for the student; it is of no use then, and another is forked.
    """

    def __init__(self, sandbox):
        self.sandbox, self.limits = sandbox, sandbox.limits
        self.lost = ""
        self.calling = False  # whether a fork of the state is there to make calls
        self.left = 0.0  # seconds left for the calls of this graded cell
        self.used = 0.0  # seconds of all so far
        self.epoch = 0  # of the forks; a handle is of no use in another one
        self.late = {}  # function -> graded cells in which it was too slow
        ours, theirs = wire.pair()
        try:
            self.pid = sandbox.ask("fork", connection=theirs.fileno())["pid"]
        finally:
            theirs.close()
        self.channel = wire.Channel(ours, foreign=self._foreign)
        try:
            first = self.channel.receive(time.monotonic() + 60)
        except (wire.LateError, wire.ClosedError, wire.WireError) as error:
            self.close()
            raise SandboxError(f"a fork did not come up: {error or type(error).__name__}") from error
        if "confined" not in first:
            self.close()
            raise SandboxError(f"a fork could not be confined: {first.get('failed')}")

    def close(self):
        """End the process and all it started."""
        self.channel.connection.close()
        self.sandbox.ask("stop", self.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- the state ---

    def run(self, source, number):
        """Run one cell; its outputs, as nbformat has them. Where the process is lost, see ``lost``."""
        reply = self._ask_state({"cell": source, "number": number}, self.limits.cell_seconds)
        return clean_outputs(reply.get("outputs"))

    def what_is(self, name):
        """dict: whether the cells defined a name, whether it can be called, and its class."""
        reply = self._ask_state({"what is": name}, self.limits.call_seconds)
        return {
            "defined": reply.get("defined") is True,
            "callable": reply.get("callable") is True,
            "kind": str(reply.get("kind"))[:80],
        }

    def value_of(self, name):
        """What a name holds, as data; None where there is none."""
        return self._ask_state({"value of": name}, self.limits.call_seconds).get("value")

    def _ask_state(self, message, seconds):
        """Ask the process that holds the state; an empty reply where it is lost."""
        self.leave_fork()
        if self.lost:
            return {}
        try:
            self.channel.send(message, time.monotonic() + 30)
            return self._wait(min(seconds, self._seconds_left()))
        except SlowError as slow:
            return self._interrupt(slow)
        except (wire.LateError, wire.ClosedError, wire.WireError) as error:
            self._lose(_said_nothing(error))
            return {}

    def _interrupt(self, slow):
        """What was too slow gets a Ctrl-C, as in Jupyter; what it had defined until then stays."""
        with contextlib.suppress(SlowError, wire.LateError, wire.ClosedError, wire.WireError):
            if slow.interrupts:
                self.sandbox.ask("interrupt", self.pid)
                return self._wait(1)
        self._lose(str(slow))
        return {}

    def _lose(self, why):
        self.lost = why
        self.calling = False
        self.sandbox.ask("stop", self.pid)

    # --- calls, in a fork of the state ---

    def remote(self, name):
        """The function of this name, as a Subject."""
        return Remote(self, name)

    def begin(self):
        """The calls that come now belong to another graded cell."""
        self.left = min(self.limits.call_seconds, self._seconds_left())

    def leave_fork(self):
        """End the fork that makes calls, if there is one: the next call is made in a new one."""
        if not self.calling:
            return
        self.calling = False
        try:
            self.channel.send({"last": True}, time.monotonic() + 30)
            self._drain(self.limits.wall_factor)
        except (wire.LateError, wire.ClosedError, wire.WireError) as error:
            self._lose(_said_nothing(error))

    def _drain(self, seconds=30):
        """Read until the fork has ended; what else it says is of no interest."""
        deadline = time.monotonic() + seconds
        while "ended" not in (reply := self.channel.receive(deadline)):
            pass
        self.calling = False
        return reply

    def ask_fork(self, message, name):
        """One request of `inside.answering.answer_calls`, in the fork there is or in a new one; an Outcome's dict."""
        if self.lost:
            return _failure(self.lost)
        if self.late.get(name, 0) >= self.limits.late:
            return _failure(f"not called again: it was too slow {self.limits.late} times")
        try:
            if not self.calling:
                self.channel.send({"fork": True}, time.monotonic() + 30)
                self.calling, self.epoch = True, self.epoch + 1
            self.channel.send(message, time.monotonic() + 30)
            reply = self._wait(self.left)
            if "ended" not in reply:
                return reply
            self.calling = False
            return _failure(f"the call ended the process that made it: {_ending(reply['ended'])}")
        except SlowError as slow:
            self.late[name] = self.late.get(name, 0) + 1
            self.sandbox.ask("stop", "calls", self.pid)
            try:
                self._drain()
            except (wire.LateError, wire.ClosedError, wire.WireError) as error:
                self._lose(_said_nothing(error))
            return _failure(str(slow))
        except (wire.LateError, wire.ClosedError, wire.WireError) as error:
            self._lose(_said_nothing(error))
            return _failure(self.lost)

    # --- time and memory ---

    def _seconds_left(self):
        return max(self.limits.submission_seconds - self.used, 0.1)

    def _wait(self, seconds):
        """The next message, or a SlowError once this many seconds of processor time have gone into it."""
        began, base, spent = time.monotonic(), None, 0.0
        try:
            while True:
                try:
                    return self.channel.receive(time.monotonic() + POLL)
                except wire.LateError:
                    passed = time.monotonic() - began
                    state = self.sandbox.ask("look", self.pid)
                if base is None:
                    base = state["seconds"] - passed  # until the first look it is taken to have been busy
                spent = state["seconds"] - base
                if state["memory"] > self.limits.memory:
                    raise SlowError(f"stopped: it took more than {self.limits.memory >> 20} MiB of memory", False)
                if spent > seconds:
                    raise SlowError(f"stopped after {seconds:g} s of computing: an endless loop, or far too slow")
                if passed > self.limits.wall_factor * seconds:
                    if state["runs"]:
                        raise CrowdedError(f"the machine was too busy: {spent:.1f} s of computing in {passed:.0f} s")
                    raise SlowError(f"stopped after {passed:.0f} s of waiting: for a sleep, or for something to come")
        finally:
            spent = spent or min(time.monotonic() - began, POLL)
            self.used += spent
            self.left -= spent

    def _foreign(self, number, kind, is_module):
        return RemoteHandle(kind, is_module, self, number)


#: Seconds between looks at a process that has not answered.
POLL = 0.25


class SlowError(Exception):
    """Too much time or memory went into something; the text is for the student."""

    def __init__(self, text, interrupts=True):
        super().__init__(text)
        self.interrupts = interrupts


def _failure(text):
    return {"raised": ["", [], text, None]}


def _said_nothing(error):
    if isinstance(error, wire.ClosedError):
        return "the notebook's process ended: a crash, os._exit, or out of memory"
    return "the notebook's process did not answer as one does"


def _ending(code):
    """An exit code in words.

    Examples
    --------
    >>> _ending(-11), _ending(3)
    ('SIGSEGV', 'exit code 3')
    """
    if type(code) is int and code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


class Remote:
    """A function behind the wall. See `autograder.student_code.subject.Subject`."""

    def __init__(self, notebook, name):
        self.notebook, self.name = notebook, name

    def begin(self):
        """A new graded cell: its calls have their full time."""
        self.notebook.begin()

    def devices(self):
        """Where tensors can be; nowhere, where the sandbox has no torch."""
        return self.notebook.sandbox.devices

    def call(self, *args, observe=(), **options):
        """Call it once; see `autograder.student_code.subject.Subject.call`."""
        return _call(self.notebook, self.name, self.name, args, options, observe)


class RemoteHandle(Foreign):
    """A thing behind the wall, such as a module that a student's class made."""

    def __init__(self, kind, is_module, notebook, number):
        super().__init__(kind, is_module)
        object.__setattr__(self, "where", (notebook, number, notebook.epoch))

    def call(self, *args, observe=(), **options):
        """Call the thing; see `autograder.student_code.subject.Subject.call`."""
        return self._do(lambda notebook, number: _call(notebook, number, self.kind, args, options, observe))

    def parameters(self):
        """An Outcome whose value is name -> shape of every parameter of a module."""
        return self._ask("parameters")

    def assign(self, numbers):
        """Give parameters these values, name -> ndarray of the parameter's shape."""
        return self._ask("assign", numbers=numbers)

    def to(self, device):
        """Move a module to a device."""
        return self._ask("move", device=device)

    def _ask(self, word, **more):
        return self._do(
            lambda notebook, number: read_outcome(notebook.ask_fork({word: number, **more}, self.kind), (), {})
        )

    def _do(self, ask):
        notebook, number, epoch = self.where
        if number is None or not notebook.calling or notebook.epoch != epoch:
            return Outcome(raised=Raised("", (), f"the {self.kind} it returned is gone with the process that held it"))
        return ask(notebook, number)


def _call(notebook, target, name, args, options, observe):
    message = {"call": target, "args": args, "options": options, "observe": tuple(observe)}
    return read_outcome(notebook.ask_fork(message, name), args, options, observe)


def read_outcome(reply, args, options, observe=()):
    """What a call came to, from what the other side says of it; whatever is not as it should be is a failure."""
    try:
        changed = _of(dict, reply.get("changed", {}))
        observed = _of(dict, reply.get("observed", {}))
        raised = reply.get("raised")
        if raised is not None:
            name, bases, text, where = _of(list, raised)
            raised = Raised(
                _of(str, name)[:200],
                tuple(_of(str, base)[:200] for base in _of(list, bases)[:50]),
                _of(str, text)[:2000],
                None if where is None else _of(str, where)[:200],
            )
        printed = _of(str, reply.get("printed", ""))
        if raised is None and set(observed) != set(observe):
            raise TypeError
        for name, seen in observed.items():
            if type(_of(SEEN.get(name, str), seen)) is list:
                observed[name] = [_of(str, item)[:200] for item in seen]
            elif type(seen) is int and not 0 <= seen < 2**53:
                raise ValueError
    except (TypeError, ValueError):
        return Outcome(raised=Raised("", (), "the call was not answered as calls are"))
    after = [changed.get(at, value) for at, value in enumerate((*args, *options.values()))]
    return Outcome(
        value=reply.get("value"),
        raised=raised,
        arguments=tuple(after[: len(args)]),
        options=dict(zip(options, after[len(args) :], strict=True)),
        printed=printed,
        observed=observed,
    )


#: watcher -> the type of what it saw.
SEEN = {"lines": int, "packages": list, "operations": list, "one_device": type(None)}


def _of(kind, value):
    if type(value) is not kind:
        raise TypeError
    return value


def clean_outputs(outputs):
    """A cell's outputs, from what the other side says they are: text and pictures, or nothing."""
    kept = []
    for shown in outputs if type(outputs) is list else ():
        match shown:
            case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
                kept.append(output("stream", name=name, text=text[:TEXT]))
            case {"output_type": "error", "ename": str(name), "evalue": str(text), "traceback": list(lines)}:
                lines = [line[:TEXT] for line in lines[:50] if type(line) is str]
                kept.append(output("error", ename=name, evalue=text, traceback=lines))
            case {"output_type": "display_data" | "execute_result" as kind, "data": dict(data)}:
                sound = {name: item for name, item in data.items() if name in DISPLAYED and _is_sound(name, item)}
                number = shown.get("execution_count")
                number = {"execution_count": number if type(number) is int else None} if kind[0] == "e" else {}
                kept.append(output(kind, data=sound, metadata={}, **number))
    return kept[:OUTPUTS]


def output(kind, **fields):
    """An output as nbformat has it; made by its own function it would be looked through each time."""
    return nbformat.from_dict({"output_type": kind, **fields})


#: What is kept of a cell's outputs.
OUTPUTS, TEXT, PICTURE = 60, 25_000, 2 * 2**20
DISPLAYED = ("text/plain", "image/png", "image/jpeg")


def _is_sound(name, item):
    if type(item) is not str:
        return False
    if name == "text/plain":
        return len(item) <= TEXT
    return len(item) <= PICTURE and re.fullmatch(r"[A-Za-z0-9+/=\s]+", item) is not None


# ---------------------------------------------------------------- do the walls hold?


_held = set()  # (walls, limits) that were tried and held


def must_hold(walls=tuple(WALLS), limits=None, imports=WITHOUT_TORCH, place=None):
    """Try walls, once for every process that asks, in a `Sandbox` of these settings.

    Raises
    ------
    NoWallsError
        If one of them cannot be put up here, or does not hold; the text says which, and what to do.
    """
    if (walls, limits) in _held:
        return
    try:
        with Sandbox(walls, limits, imports, place=place) as sandbox:
            down = [name for name in walls if not holds(sandbox, name)]
    except SandboxError as error:
        raise NoWallsError(f"student code cannot be walled off here: {error}. {REMEDIES}") from error
    if down:
        raise NoWallsError(f"these walls do not hold here: {', '.join(down)}. {REMEDIES}")
    _held.add((walls, limits))


REMEDIES = (
    "What usually helps: on Ubuntu 24.04 and later allow bubblewrap user namespaces (an AppArmor profile for bwrap, or "
    "sysctl kernel.apparmor_restrict_unprivileged_userns=0); in Docker run with --security-opt seccomp=unconfined "
    "--security-opt systempaths=unconfined --cap-add SYS_ADMIN; elsewhere see that sysctl user.max_user_namespaces is "
    "not 0. To grade without walls, only students whom you would let use this machine: --sandbox none"
)


def holds(sandbox, wall):
    """Whether a wall holds: a notebook of ours tries to get past it."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server, sandbox.notebook() as notebook:
        source = PROBES[wall].format(
            course=str(Path(__file__).resolve()),
            port=server.getsockname()[1],
            disk=sandbox.limits.disk,
            memory=sandbox.limits.memory,
        )
        notebook.run(source, 1)
        return notebook.value_of("held") is True
