"""A notebook's process behind the wall: it runs cells, and forks to call what they defined.

All its replies are data, bounded and checked (`autograder.student_code.inside.wire`). Its processor time and its memory
are measured from outside.
"""

import contextlib
import signal
import time

from autograder.student_code.inside import wire
from autograder.student_code.limits import CrowdedError, SandboxError, SlowError
from autograder.student_code.outputs import clean_outputs
from autograder.student_code.remote import Remote, RemoteHandle

#: Seconds between looks at a process that has not answered.
POLL = 0.25

#: The errors of a connection whose other side does not answer as it should.
NO_ANSWER = (wire.LateError, wire.ClosedError, wire.WireError)


class Clock:
    """The processor time of one submission, in seconds.

    Attributes
    ----------
    used : by all cells and calls so far
    left_for_calls : for the calls of the present graded cell
    """

    def __init__(self, limits):
        self.limits = limits
        self.used = self.left_for_calls = 0.0

    @property
    def left(self):
        """The seconds left for the submission; at least 0.1, so that the next cell can be stopped as too slow."""
        return max(self.limits.submission_seconds - self.used, 0.1)

    def new_aspect(self):
        """Give the calls of the next graded cell their full time."""
        self.left_for_calls = min(self.limits.call_seconds, self.left)

    def spend(self, seconds):
        """Count what something took."""
        self.used += seconds
        self.left_for_calls -= seconds


class NotebookProcess:
    """A notebook's state in a process of its own, and the calls made to what it defined.

    Attributes
    ----------
    lost : the reason why the process is gone, in words for the student; "" while it is there
    late : function -> number of graded cells in which it was too slow
    calling : whether there is a fork of the state that makes calls
    epoch : the number of that fork, because the things that one fork holds are not in the next
    """

    def __init__(self, sandbox):
        self.sandbox, self.limits, self.clock = sandbox, sandbox.limits, Clock(sandbox.limits)
        self.lost, self.late = "", {}
        self.calling, self.epoch = False, 0
        ours, theirs = wire.pair()
        try:
            self.pid = sandbox.ask("fork", connection=theirs.fileno())["pid"]
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self.channel = wire.Channel(ours, foreign=self._foreign)
        try:
            first = self.channel.receive(time.monotonic() + 60)
        except NO_ANSWER as error:
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
        """The outputs of one cell, as nbformat has them. Afterwards ``lost`` says if the process ended with it."""
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
        """The value of a name, as data; None where the cells did not define it."""
        return self._ask_state({"value of": name}, self.limits.call_seconds).get("value")

    def _ask_state(self, message, seconds):
        """The reply of the process that holds the state; an empty one where it is lost."""
        self.leave_fork()
        if self.lost:
            return {}
        try:
            self.channel.send(message, time.monotonic() + 30)
            return self._wait(min(seconds, self.clock.left))
        except SlowError as slow:
            return self._interrupt(slow)
        except NO_ANSWER as error:
            self._lose(_sentence(error))
            return {}

    def _interrupt(self, slow):
        """Send a Ctrl-C to a cell that was too slow, as in Jupyter: what it had defined until then stays."""
        with contextlib.suppress(SlowError, *NO_ANSWER):
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

    def new_aspect(self):
        """Begin another graded cell: its calls have their full time."""
        self.clock.new_aspect()

    def leave_fork(self):
        """End the fork that makes calls, if there is one: the next call is made in a new one."""
        if not self.calling:
            return
        self.calling = False
        try:
            self.channel.send({"last": True}, time.monotonic() + 30)
            self._drain(self.limits.wall_factor)
        except NO_ANSWER as error:
            self._lose(_sentence(error))

    def _drain(self, seconds=30):
        """Drop what the fork still says, until it has ended."""
        deadline = time.monotonic() + seconds
        while "ended" not in self.channel.receive(deadline):
            pass
        self.calling = False

    def ask_fork(self, message, name):
        """The reply to one request of `inside.answering.answer_calls`, made in the fork there is or in a new one.

        If the call cannot be made, the reply is that of a call that raised; ``name`` is the function whose time
        is counted.
        """
        if self.lost:
            return _failure(self.lost)
        if self.late.get(name, 0) >= self.limits.late:
            return _failure(f"not called again: it was too slow {self.limits.late} times")
        try:
            if not self.calling:
                self.channel.send({"fork": True}, time.monotonic() + 30)
                self.calling, self.epoch = True, self.epoch + 1
            self.channel.send(message, time.monotonic() + 30)
            reply = self._wait(self.clock.left_for_calls)
            if "ended" not in reply:
                return reply
            self.calling = False
            return _failure(f"the call ended the process that made it: {_ending(reply['ended'])}")
        except SlowError as slow:
            self._stop_calls(name)
            return _failure(str(slow))
        except NO_ANSWER as error:
            self._lose(_sentence(error))
            return _failure(self.lost)

    def _stop_calls(self, name):
        """End the fork in which a function was too slow."""
        self.late[name] = self.late.get(name, 0) + 1
        self.sandbox.ask("stop", "calls", self.pid)
        try:
            self._drain()
        except NO_ANSWER as error:
            self._lose(_sentence(error))

    def _foreign(self, number, kind, is_module):
        return RemoteHandle(kind, is_module, self, number)

    # --- time and memory ---

    def _wait(self, seconds):
        """The next message.

        Raises
        ------
        SlowError
            If this many seconds of processor time have gone into it, too much memory, or far more time by the clock.
        CrowdedError
            If so much time has passed by the clock while the process wanted to run.
        """
        began, base, spent = time.monotonic(), None, 0.0
        try:
            while True:
                try:
                    return self.channel.receive(time.monotonic() + POLL)
                except wire.LateError:
                    passed = time.monotonic() - began
                    state = self.sandbox.ask("look", self.pid)
                if base is None:
                    base = state["seconds"] - passed  # it counts as busy until the first look
                spent = state["seconds"] - base
                self._judge(state, spent, passed, seconds)
        finally:
            self.clock.spend(spent or min(time.monotonic() - began, POLL))

    def _judge(self, state, spent, passed, seconds):
        """Raise an error if a process in this state has used too much; see `_wait`."""
        if state["memory"] > self.limits.memory:
            raise SlowError(f"stopped: it took more than {self.limits.memory >> 20} MiB of memory", interrupts=False)
        if spent > seconds:
            raise SlowError(f"stopped after {seconds:g} s of computing: an endless loop, or far too slow")
        if passed > self.limits.wall_factor * seconds:
            if state["runs"]:
                raise CrowdedError(f"the machine was too busy: {spent:.1f} s of computing in {passed:.0f} s")
            raise SlowError(f"stopped after {passed:.0f} s of waiting: for a sleep, or for something to come")


def _failure(text):
    """The reply of a call that could not be made."""
    return {"raised": ["", [], text, None]}


def _sentence(error):
    """An error of the connection, in words for the student."""
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
