"""Work for the tests of processes and of workers: what a real task may do to its process, in a line each."""

import os
import signal
import threading
import time
from pathlib import Path


def do(task):
    """``task``: what to do, a name, and a folder in which every try leaves a line, and every worker a file."""
    what, name, folder = task
    Path(folder, f"worker-{os.getpid()}").touch()
    with Path(folder, "tried").open("a") as file:
        file.write(f"{name}\n")
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "die once" and not Path(folder, f"died-{name}").exists():
        Path(folder, f"died-{name}").touch()
        time.sleep(0.1)  # others are in flight by then
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "needs room":  # ends this process where another such task runs
        Path(folder, f"runs-{os.getpid()}").touch()
        time.sleep(0.5)
        others = [
            pid for path in Path(folder).glob("runs-*") if (pid := path.name.removeprefix("runs-")) != str(os.getpid())
        ]
        if any(Path(f"/proc/{pid}").exists() for pid in others):
            os.kill(os.getpid(), signal.SIGKILL)
        Path(folder, f"runs-{os.getpid()}").unlink()
    if what == "sleep":
        time.sleep(60)
    if what == "stay":  # a worker that never ends by itself, as one that waits for a lock that another took along
        threading.Thread(target=time.sleep, args=(1000,)).start()
    if what == "environment":
        return os.environ["A_WORD"]
    if what == "fail":
        raise ValueError(name)
    return f"{name} done"
