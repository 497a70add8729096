"""``python -m module`` that is there at once: a fork of one process that has imported what the module needs.

Nothing of nbgrader, nbclient, ipykernel or Jupyter Book is another. But most of the time that a command of nbgrader
takes, a notebook in it, or a book of one page, goes into starting Python and importing the same packages, and the tests
do all three dozens of times.

As a script this is that process, or a command that asks for a fork with its own standard streams and ends with it.
"""

import atexit
import contextlib
import functools
import importlib
import json
import os
import runpy
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path


class Warm:
    """A process to fork from. It ends with this one.

    Parameters
    ----------
    modules : what it imports

    Attributes
    ----------
    asked : Path of a file that is there once it was asked for a fork
    """

    def __init__(self, *modules):
        self.folder = Path(tempfile.mkdtemp(prefix="warm-"))
        self.place, self.asked = self.folder / "socket", self.folder / "asked"
        root = Path(__file__).resolve().parents[1]
        self.process = subprocess.Popen(
            [sys.executable, __file__, "serve", str(self.place), str(self.asked), *modules],
            stdin=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        )
        while not self.place.exists():
            assert self.process.poll() is None, f"no process has imported {modules}"
            time.sleep(0.05)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        shutil.rmtree(self.folder)

    def run(self, module, arguments, folder, environment, patience=600):
        """Do as ``python -m module arguments`` in a folder; the exit code and all that was printed.

        As with a package's entry points, ``module:function`` is called instead. After so many seconds of patience it
        is ended, with a TimeoutError.
        """
        with tempfile.TemporaryFile() as said, open(os.devnull) as nothing:
            code = ask(self.place, module, arguments, folder, environment, [nothing, said, said], patience)
            said.seek(0)
            return code, said.read().decode(errors="replace")


@functools.cache
def nbgraders():
    """What nbgrader's commands are forked from, begun by the first of them."""
    process = Warm(
        "nbgrader.apps.nbgraderapp", "nbconvert.exporters", "autograder.plugins", "autograder.feedback", "gradebooks"
    )
    atexit.register(process.close)
    return process


@functools.cache
def builders():
    """What builds of a book are forked from, begun by the first of them."""
    extensions = ("myst_nb.sphinx_ext", "sphinx_book_theme", "sphinx_design", "sphinxcontrib.bibtex")
    ours = ("autograder.student", "jupytext", "numpy")  # what our own extensions import
    process = Warm("jupyter_book.cli.main", "jupyter_book.sphinx", *extensions, *ours)
    atexit.register(process.close)
    return process


@contextlib.contextmanager
def warm_kernels(data):
    """Have every kernel that is started with ``data`` in JUPYTER_PATH be such a fork; the process that it is one of."""
    # torch._dynamo is what a first operation on "meta" would import.
    process = Warm("ipykernel.kernelapp", "ipykernel.debugger", "torch._dynamo", "autograder.checks")
    with contextlib.closing(process):
        spec = data / "kernels" / "python3"
        spec.mkdir(parents=True)
        command = [sys.executable, "-S", __file__, "ask", str(process.place), "ipykernel_launcher"]
        about = {"argv": [*command, "-f", "{connection_file}"], "language": "python", "display_name": "Python 3"}
        (spec / "kernel.json").write_text(json.dumps(about), encoding="utf-8")
        yield process


# ---------------------------------------------------------------- between the processes


def ask(place, module, arguments, folder, environment, streams, patience=None):
    """Have a fork run a module; its exit code, as `subprocess` gives it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(patience)
        connection.connect(str(place))
        message = json.dumps([module, arguments, str(folder), environment]).encode()
        socket.send_fds(connection, [message], [stream.fileno() for stream in streams])
        return int(connection.recv(9))


def serve(place, asked):
    """Fork for whoever asks. It returns in the forks only, each with what it is to run."""
    threading.Thread(target=end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(place + ".new")
    listener.listen()
    os.rename(place + ".new", place)  # whoever waits for it can connect
    while True:
        connection, _ = listener.accept()
        Path(asked).touch()
        message, streams, _, _ = socket.recv_fds(connection, 2**18, 3)
        pid = os.fork()
        if not pid:
            listener.close()
            return become(connection, streams, *json.loads(message))
        threading.Thread(target=report, args=(connection, pid), daemon=True).start()
        for stream in streams:
            os.close(stream)


def report(connection, pid):
    """Say how a fork ended."""
    with connection, contextlib.suppress(OSError):
        connection.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def become(connection, streams, module, arguments, folder, environment):
    """Have all that is to be seen of this process be as it was asked for; what to run."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=end_with, args=(connection.detach(),), daemon=True).start()
    sys.argv, sys.path[0] = [module, *arguments], folder
    return module


def end_with(descriptor):
    """Whoever asked for this process is gone: so is this one."""
    os.read(descriptor, 1)
    os._exit(1)


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        standard = [sys.stdin, sys.stdout, sys.stderr]
        sys.exit(ask(sys.argv[2], sys.argv[3], sys.argv[4:], os.getcwd(), dict(os.environ), standard))
    for name in sys.argv[4:]:
        __import__(name)
    module, _, function = serve(*sys.argv[2:4]).partition(":")
    if function:
        sys.exit(getattr(importlib.import_module(module), function)())
    runpy.run_module(module, run_name="__main__", alter_sys=True)
