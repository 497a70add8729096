"""An executor whose workers are subprocesses at the other end of a socket: all that they share with us is pickled.

The smallest stand-in for a cluster. A worker is this file, run with the address of the socket.
"""

import os
import sys
import threading
from concurrent.futures import Executor, Future
from multiprocessing.connection import Client, Listener
from pathlib import Path
from queue import SimpleQueue
from subprocess import Popen


class SocketExecutor(Executor):
    """Threads, each of which serves a subprocess: it sends a task, waits for the result, and takes the next."""

    def __init__(self, count, folder):
        self.tasks, self.threads = SimpleQueue(), []
        with Listener(str(Path(folder, "socket")), "AF_UNIX", authkey=b"tests") as listener:
            for _ in range(count):
                path = os.pathsep.join(map(str, sys.path))
                process = Popen([sys.executable, __file__, listener.address], env=os.environ | {"PYTHONPATH": path})
                self.threads.append(threading.Thread(target=self._serve, args=(listener.accept(), process)))
                self.threads[-1].start()

    def submit(self, work, /, *arguments):
        future = Future()
        self.tasks.put((future, work, arguments))
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        for _ in self.threads:
            self.tasks.put(None)
        for thread in self.threads if wait else ():
            thread.join()

    def _serve(self, connection, process):
        while task := self.tasks.get():
            future, *call = task
            connection.send(call)
            future.set_result(connection.recv())
        connection.close()
        process.wait()


if __name__ == "__main__":
    with Client(sys.argv[1], "AF_UNIX", authkey=b"tests") as coordinator:
        while True:
            try:
                work, arguments = coordinator.recv()
            except EOFError:
                break
            coordinator.send(work(*arguments))
