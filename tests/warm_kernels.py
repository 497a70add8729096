"""Kernels for plain nbgrader that are there at once: forks of one process that has imported what notebooks import.

Nothing of nbgrader, nbclient or ipykernel is another. But most of the time that a notebook takes there goes into
starting Python and importing torch, and the tests run dozens of them.

As a script this is what a kernelspec starts: it asks for a fork with its own standard streams and ends with it.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path


@contextlib.contextmanager
def warm_kernels(data):
    """Have every kernel that is started with ``data`` as Jupyter's data folder be such a fork."""
    spec, place = data / "kernels" / "python3", data / "kernels.socket"
    spec.mkdir(parents=True)
    about = {"argv": [sys.executable, "-S", __file__, "ask", str(place), "{connection_file}"], "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(about | {"display_name": "Python 3"}), encoding="utf-8")
    root = Path(__file__).resolve().parents[1]
    server = subprocess.Popen(
        [sys.executable, __file__, "serve", str(place)], env=os.environ | {"PYTHONPATH": str(root)}
    )
    try:
        while not place.exists():
            assert server.poll() is None, "the kernels' process ended"
            time.sleep(0.05)
        yield
    finally:
        server.kill()
        server.wait()


def serve(place):
    import ipykernel.kernelapp
    import numpy  # noqa: F401
    import torch

    import autograder.checks  # noqa: F401

    torch.ones(2, device="meta") + 1  # imports more
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(place + ".new")
    listener.listen()
    os.rename(place + ".new", place)
    while True:
        connection, _ = listener.accept()
        message, streams, _, _ = socket.recv_fds(connection, 2**18, 3)
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
            file, folder, environment = json.loads(message)
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(environment)
            threading.Thread(target=end_with, args=(connection,), daemon=True).start()
            ipykernel.kernelapp.launch_new_instance(argv=["-f", file])
            os._exit(0)
        connection.close()
        for stream in streams:
            os.close(stream)


def end_with(connection):
    """Whoever asked for this kernel was killed: so is the kernel."""
    connection.recv(1)
    os._exit(1)


def ask(place, file):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(place)
        message = json.dumps([file, str(Path.cwd()), dict(os.environ)]).encode()
        socket.send_fds(connection, [message], [0, 1, 2])
        connection.recv(1)


if __name__ == "__main__":
    {"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[2:])
