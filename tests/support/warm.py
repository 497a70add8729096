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

#: What is forked again and again in the tests: kind -> what it imports.
KINDS = {
    "nbgrader": (
        *("nbgrader.apps.nbgraderapp", "nbconvert.exporters"),
        *("autograder.grading.nbgrader_steps", "autograder.grading.feedback", "gradebooks"),
    ),
    "book": (
        *("jupyter_book.cli.main", "jupyter_book.sphinx"),
        *("myst_nb.sphinx_ext", "sphinx_book_theme", "sphinx_design", "sphinxcontrib.bibtex"),
        *("autograder.releasing.student_zip", "jupytext", "numpy"),  # what our own extensions import
    ),
    # torch._dynamo is what a first operation on "meta" would import.
    "kernel": ("ipykernel.kernelapp", "ipykernel.debugger", "torch._dynamo", "autograder.checks"),
}

#: Where pytest's workers find what has been begun for all of them: the places as JSON, kind -> folder.
BEGUN = "WARM_PROCESSES"


class Forks:
    """A process to fork from, which may be another's.

    Attributes
    ----------
    place : Path of the socket where it is asked
    asked : Path of a file with a line for each fork: what it was to run, and in which folder
    """

    def __init__(self, folder):
        self.place, self.asked = folder / "socket", folder / "asked"

    def run(self, module, arguments, folder, environment, patience=600):
        """Do as ``python -m module arguments`` in a folder; the exit code and all that was printed.

        As with a package's entry points, ``module:function`` is called instead. After so many seconds of patience it
        is ended, with a TimeoutError.
        """
        with tempfile.TemporaryFile() as said, open(os.devnull) as nothing:
            code = ask(self.place, module, arguments, folder, environment, [nothing, said, said], patience)
            said.seek(0)
            return code, said.read().decode(errors="replace")


class Warm(Forks):
    """A process to fork from, of one's own. It ends with this one.

    Parameters
    ----------
    modules : what it imports, once it is asked for the first fork
    """

    def __init__(self, *modules):
        self.folder = Path(tempfile.mkdtemp(prefix="warm-"))
        super().__init__(self.folder)
        root = Path(__file__).resolve().parents[2]
        self.process = subprocess.Popen(
            [sys.executable, __file__, "serve", str(self.place), str(self.asked), *modules],
            stdin=subprocess.PIPE,
            # What debugs kernels would complain of the way in which Python starts; nothing is debugged.
            env=os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
        )
        while not self.place.exists():
            assert self.process.poll() is None, "the process to fork from has ended"
            time.sleep(0.01)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        shutil.rmtree(self.folder)


def begin_all():
    """Begin each kind once for all the processes that this one will start; it ends with this one."""
    begun = {}
    for kind, modules in KINDS.items():
        process = Warm(*modules)
        atexit.register(process.close)
        begun[kind] = str(process.folder)
    os.environ[BEGUN] = json.dumps(begun)


@functools.cache
def forks(kind):
    """What such processes are forked from: begun for all workers, or now, for this process alone."""
    if BEGUN in os.environ:
        return Forks(Path(json.loads(os.environ[BEGUN])[kind]))
    process = Warm(*KINDS[kind])
    atexit.register(process.close)
    return process


def have_warm_kernels(data):
    """Have every kernel that is started with ``data`` in JUPYTER_PATH be such a fork."""
    spec = data / "kernels" / "python3"
    spec.mkdir(parents=True)
    command = [sys.executable, "-S", __file__, "ask", str(forks("kernel").place), "ipykernel_launcher"]
    about = {"argv": [*command, "-f", "{connection_file}"], "language": "python", "display_name": "Python 3"}
    (spec / "kernel.json").write_text(json.dumps(about), encoding="utf-8")


def kernels_in(folder):
    """How many kernels were such forks, in a folder or below it."""
    asked = forks("kernel").asked
    lines = asked.read_text(encoding="utf-8").splitlines() if asked.exists() else []
    return sum(Path(line.partition(" ")[2]).is_relative_to(folder) for line in lines)


# ---------------------------------------------------------------- between the processes


def ask(place, module, arguments, folder, environment, streams, patience=None):
    """Have a fork run a module; its exit code, as `subprocess` gives it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(patience)
        connection.connect(str(place))
        message = json.dumps([module, arguments, str(folder), environment]).encode()
        socket.send_fds(connection, [message], [stream.fileno() for stream in streams])
        code = connection.recv(9)
        assert code, f"what {module} was to be forked from has ended"
        return int(code)


def serve(place, asked, *modules):
    """Fork for whoever asks. It returns in the forks only, each with what it is to run."""
    threading.Thread(target=end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(place + ".new")
    listener.listen()
    os.rename(place + ".new", place)  # whoever waits for it can connect
    while True:
        connection, _ = listener.accept()
        for name in modules:  # again they take no time
            __import__(name)
        message, streams, _, _ = socket.recv_fds(connection, 2**18, 3)
        if not message:  # who asked is gone before it said what for; the others still want to be served
            connection.close()
            continue
        module, arguments, folder, environment = json.loads(message)
        with open(asked, "a", encoding="utf-8") as file:
            file.write(f"{module} {folder}\n")
        pid = os.fork()
        if not pid:
            listener.close()
            return become(connection, streams, module, arguments, folder, environment)
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
    module, _, function = serve(*sys.argv[2:]).partition(":")
    if function:
        sys.exit(getattr(importlib.import_module(module), function)())
    runpy.run_module(module, run_name="__main__", alter_sys=True)
