"""A sandbox: one worker's connection to the fork server, which forks a process for each of its notebooks."""

import contextlib
import json
import socket
from pathlib import Path

from autograder.student_code.fork_server import IMPORTS, ForkServer, socket_name
from autograder.student_code.limits import Limits, SandboxError
from autograder.student_code.notebook_process import NotebookProcess
from autograder.student_code.walls import WALLS


class Sandbox:
    """A process that is ready to fork notebooks. It ends with the process that made it.

    Parameters
    ----------
    walls, limits, devices : see `autograder.student_code.fork_server.ForkServer`
    imports : modules that notebooks find imported
    sockets : folder of the sockets of a ForkServer with these settings; None starts one for this sandbox alone

    Attributes
    ----------
    devices : where tensors can be, such as ("cpu", "cuda"); nothing where torch could not be imported
    """

    def __init__(self, walls=tuple(WALLS), limits=None, imports=IMPORTS, devices=(), sockets=None):
        self.limits = limits or Limits()
        self.server = None if sockets else ForkServer(walls, limits, (imports,), devices)
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.control.settimeout(120)
            with contextlib.suppress(ConnectionError, FileNotFoundError):  # the server has ended; `_answer` says so
                self.control.connect(str(Path(sockets or self.server.sockets) / socket_name(imports)))
            ready = self._answer()
        except BaseException:
            self.close()
            raise
        self.devices = () if "torch" in ready["failed"] or "torch" not in imports else ("cpu",)
        # Found by its device files, not by torch: the forks of a process that has looked for a GPU cannot use it.
        self.devices += ("cuda",) if self.devices and devices else ()
        self.control.settimeout(30)

    def close(self):
        """End the sandbox and all its notebooks."""
        self.control.close()
        if self.server:
            self.server.close()

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
            last_words = f": {self.server.last_words()}" if self.server else ""
            raise SandboxError(f"the sandbox ended{last_words}") from failure
        return json.loads(answer)

    def ask(self, *words, connection=None):
        """The answer to one request, such as ("look", pid); `inside.fork_server` lists the requests.

        Raises
        ------
        SandboxError
            If the process at the other end has ended or does not answer.
        """
        message = " ".join(map(str, words)).encode()
        try:
            socket.send_fds(self.control, [message], [connection] if connection is not None else [])
        except OSError as error:
            raise SandboxError(f"the sandbox is gone: {error}") from error
        return self._answer()

    def notebook(self):
        """Fork a fresh `NotebookProcess`."""
        return NotebookProcess(self)
