"""Work for the workers of test_pool: what a real task may do to its process, in a line each."""

import ctypes
import os
import signal
import time
from pathlib import Path


def begin(coordinator, folder):
    """As `autograder.work.begin`: end with the coordinator, however it ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    Path(folder, f"worker-{os.getpid()}").touch()


def begin_and_stay(coordinator, folder):
    """The same without the wall between this and that."""
    Path(folder, f"worker-{os.getpid()}").touch()


def do(task):
    """``task``: what to do, a name, and a folder in which every try leaves a line."""
    what, name, folder = task
    with Path(folder, "tried").open("a") as file:
        file.write(f"{name}\n")
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "die once" and not Path(folder, f"died-{name}").exists():
        Path(folder, f"died-{name}").touch()
        time.sleep(0.1)  # others are in flight by then
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "sleep":
        time.sleep(60)
    if what == "fail":
        raise ValueError(name)
    return f"{name} done"
