"""The fork server, seen by its owner: started once for a whole run, behind the outer walls.

Importing torch takes seconds and many megabytes. The fork server does it once, and every process that runs student code
is a fork of it. Its own code is `autograder.student_code.inside.fork_server`; each worker talks to it through a
`autograder.student_code.sandbox.Sandbox`.
"""

import collections
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path

from autograder.student_code.inside import networks
from autograder.student_code.limits import Limits
from autograder.student_code.walls import INSIDE, WALLS, bubblewrap, nobody, refused_system_calls, shown_in_tmp

INSIDE_PACKAGE = Path(__file__).resolve().parent / "inside"

#: The modules that notebooks find imported.
IMPORTS = ("numpy", "torch")
#: The imports of notebooks whose functions take no tensors: without torch a fork server starts sooner and forks faster.
WITHOUT_TORCH = ("numpy",)

#: The environment of student code. One thread for each process, because submissions run side by side; huge pages,
#: because a fork copies the table of pages (`inside.confine.collapse` does the same for memory this does not reach).
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


def socket_name(imports):
    """The file name of the socket at which the processes with these imports are forked.

    Examples
    --------
    >>> socket_name(("numpy", "torch")), socket_name(())
    ('numpy-torch', 'bare')
    """
    return "-".join(imports) or "bare"


class ForkServer:
    """The processes that sandboxes are forked from, one for each set of imports. They end with this object.

    Parameters
    ----------
    walls : names of `autograder.student_code.walls.WALLS`; none at all runs student code unprotected
    limits : Limits
    imports : for each kind of notebook the modules that it finds imported, each more than the one before
    devices : device files to show, for a GPU

    Attributes
    ----------
    sockets : Path of the folder in which a `Sandbox` finds a socket for each set of imports; private to this user

    Raises
    ------
    NoWallsError
        If bubblewrap is not installed, or cannot show this Python.
    """

    def __init__(self, walls=tuple(WALLS), limits=None, imports=(WITHOUT_TORCH, IMPORTS), devices=()):
        settings = _settings(walls, limits or Limits(), imports, devices)
        command = _command(walls, devices)
        self.sockets = Path(tempfile.mkdtemp(prefix="sandbox-"))
        self.owner, theirs = socket.socketpair()
        with contextlib.ExitStack() as handed_over:
            ends = [handed_over.enter_context(theirs)]
            for modules in imports:
                ends.append(handed_over.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)))
                ends[-1].bind(str(self.sockets / socket_name(modules)))
                ends[-1].listen()
            numbers = [end.fileno() for end in ends]
            # A file, because one argument of a command may have 128 KiB only.
            text = handed_over.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
            json.dump(settings, text)
            text.seek(0)
            self.process = subprocess.Popen(
                [*command, *map(str, numbers)],
                pass_fds=numbers,
                stdin=text,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=None if walls else os.environ | ENVIRONMENT,
            )
        # The last line is kept for `last_words`; all are read, because a full pipe would stop the process.
        self.last_line = collections.deque(maxlen=1)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        with self.process.stderr:
            for line in self.process.stderr:
                if line.strip():
                    self.last_line.append(line.decode(errors="replace").strip())

    def last_words(self):
        """The last line that the fork server wrote to stderr, once it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        self.reader.join(1)
        return self.last_line[-1] if self.last_line else "it said nothing"

    def close(self):
        """End the fork server and all its forks."""
        self.owner.close()
        self.process.kill()
        self.process.wait()
        self.reader.join(10)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _settings(walls, limits, imports, devices):
    """The settings of `inside.fork_server.main`."""
    return {
        "uid": nobody() if walls else os.geteuid(),
        "imports": [list(modules) for modules in imports],
        "walls": [name for name in walls if name in INSIDE],
        "limits": {key: int(value) for key, value in asdict(limits).items()}
        | {"seconds": int(limits.submission_seconds) + 1},
        "gpu": bool(devices),
        "refused": refused_system_calls().hex() if "system calls" in walls else "",
        "kept": shown_in_tmp(),
        "environment": {} if walls else ENVIRONMENT,
        "networks": networks.source(),
    }


def _command(walls, devices):
    """The command that starts the fork server, up to its arguments."""
    command, inside = [], INSIDE_PACKAGE.parent
    if walls:
        command = bubblewrap(walls, str(INSIDE_PACKAGE), devices)
        inside = "/inside" if "files" in walls else "/mnt"
        for name, value in ENVIRONMENT.items():
            command += ["--setenv", name, value]
    start = (
        f"import sys; sys.path.insert(0, {str(inside)!r}); from inside.fork_server import main; "
        "main(*map(int, sys.argv[1:]))"
    )
    return [*command, sys.executable, "-P", "-s", "-c", start]
