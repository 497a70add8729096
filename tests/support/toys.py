"""Work for the workers of test_pool: what a real task may do to its process, in a line each."""

import os
import signal
import threading
import time
from pathlib import Path


def begin(folder):
    """Leave a file that says which process this is."""
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
    if what == "environment":
        return os.environ["A_WORD"]
    if what == "fail":
        raise ValueError(name)
    return f"{name} done"


def begin_and_stay(folder):
    """A worker that never ends by itself, as one that waits for a lock that another took along."""
    begin(folder)
    threading.Thread(target=time.sleep, args=(1000,)).start()
