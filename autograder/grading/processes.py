"""An executor of worker processes on this machine, which outlives the death of any of them.

A worker that is killed takes the whole `ProcessPoolExecutor` down. Here the tasks that were in flight are given to a
new pool; a task that was in flight every time in the end runs alone, so that it cannot take others with it.
"""

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import connection

from autograder.grading.workers import LostError

#: After so many deaths of a worker while a task was in flight, the task runs alone.
TOGETHER = 2

#: So often in a row a pool may refuse a call, and so many seconds are waited each time.
REFUSALS, PAUSE = 5, 0.1

#: Seconds that workers have for ending once nothing is left to do.
PATIENCE = 10


def pool(count, preload=()):
    """A `ProcessPoolExecutor` of forks of one server process, which has imported the modules ``preload`` for all.

    A fork of this process would copy its threads and locks, and a new process would import everything once more.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *preload])
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(dict(os.environ),))


def _begin(environment):
    """Make this process a worker, which ends with the coordinator, however that ends.

    Ctrl-C is for the coordinator, which lets workers finish. The server may be older than this run, so the environment
    is brought along.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process().sentinel,), daemon=True).start()
    os.environ.clear()
    os.environ.update(environment)


def _end_with(sentinel):
    connection.wait([sentinel])
    os._exit(1)


@dataclass(eq=False)
class Call:
    """A call that was submitted, the future of its result, and the number of deaths while it was in flight."""

    work: Callable
    arguments: tuple
    options: dict
    future: Future = field(default_factory=Future)
    deaths: int = 0

    @property
    def is_suspect(self):
        """True once the call has been there at so many deaths that it may be their cause."""
        return self.deaths >= TOGETHER


class RestartingProcessPool(Executor):
    """Worker processes, of which dead ones are replaced; the future of a call that kills them has a LostError.

    One thread gives calls to the pool, a call for each process, and alone knows what is in flight: so the calls that
    may have killed a worker are few.

    Parameters
    ----------
    count : how many processes
    preload : names of modules that the processes find imported
    make : makes a pool; see `pool`

    Examples
    --------
    >>> with RestartingProcessPool(2) as processes:
    ...     list(processes.map(abs, [-1, 2]))
    [1, 2]
    """

    def __init__(self, count, preload=(), make=pool):
        self.count, self._make = count, lambda: make(count, preload)
        self._inbox = queue.SimpleQueue()  # functions that change what follows, called by the thread
        self._waiting, self._in_flight = deque(), set()
        self._pool, self._is_broken, self._is_closing, self._refusals = None, False, False, 0
        self._thread, self._lock = None, threading.Lock()

    # --- for any thread ---

    def submit(self, work, /, *arguments, **options):
        """See `concurrent.futures.Executor.submit`."""
        call = Call(work, arguments, options)
        with self._lock:
            if self._is_closing:
                raise RuntimeError("cannot schedule new futures after shutdown")
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="worker processes", daemon=True)
                self._thread.start()
            self._inbox.put(lambda: self._waiting.append(call))
        return call.future

    def shutdown(self, wait=True, *, cancel_futures=False):
        """See `concurrent.futures.Executor.shutdown`."""
        with self._lock:
            self._is_closing = True
            self._inbox.put(self._cancel if cancel_futures else lambda: None)
        if wait and self._thread is not None:
            self._thread.join()

    def __exit__(self, *_):
        self.shutdown(cancel_futures=True)

    # --- the thread ---

    def _serve(self):
        while not self._is_closing or self._waiting or self._in_flight or not self._inbox.empty():
            self._inbox.get()()
            self._hand_out()
        self._end_pool()

    def _cancel(self):
        for call in self._waiting:
            if not call.future.cancel():  # it was tried, and a worker died
                call.future.set_exception(LostError("a worker died, and the task was not tried again"))
        self._waiting.clear()

    def _hand_out(self):
        """Give calls to the pool, as many as there are processes; one that is suspected of killing them, alone."""
        while True:
            if self._is_broken and not self._in_flight:
                self._end_pool()
            if self._is_broken or not self._waiting or len(self._in_flight) >= self.count:
                return
            if self._in_flight and any(call.is_suspect for call in (self._waiting[0], *self._in_flight)):
                return
            self._give(self._waiting.popleft())

    def _give(self, call):
        if not call.future.running() and not call.future.set_running_or_notify_cancel():
            return
        try:
            if self._pool is None:
                self._pool = self._make()
            inner = self._pool.submit(call.work, *call.arguments, **call.options)
        except (BrokenProcessPool, OSError, EOFError) as error:
            # A worker died while it waited for a call; or the server died while it was asked to fork.
            self._is_broken, self._refusals = True, self._refusals + 1
            if self._refusals > REFUSALS:
                call.future.set_exception(error)
            else:
                self._waiting.appendleft(call)
                time.sleep(PAUSE)  # what is about to end has ended then
            return
        except Exception as error:
            call.future.set_exception(error)
            return
        self._refusals = 0
        self._in_flight.add(call)
        inner.add_done_callback(lambda done: self._inbox.put(lambda: self._done(call, done)))

    def _done(self, call, inner):
        self._in_flight.discard(call)
        error = inner.exception()
        if isinstance(error, BrokenProcessPool):
            self._is_broken = True
            call.deaths += 1
            if call.deaths <= TOGETHER:
                self._waiting.appendleft(call)
            else:
                call.future.set_exception(LostError("the worker died each time, at last with this task alone"))
        elif error is not None:
            call.future.set_exception(error)
        else:
            call.future.set_result(inner.result())

    def _end_pool(self):
        """End the processes. They are asked first, and killed if they do not end.

        A process that was killed while it waited for a call has taken the lock of the queue along; then no other hears
        that it is to end.
        """
        self._is_broken = False
        if self._pool is None:
            return
        processes = list((self._pool._processes or {}).values())  # Python 3.14 has kill_workers() for this
        patience = threading.Timer(PATIENCE, lambda: [_kill(process) for process in processes])
        patience.daemon = True
        patience.start()
        self._pool.shutdown(wait=True, cancel_futures=True)
        patience.cancel()
        self._pool = None


def _kill(process):
    with contextlib.suppress(ValueError):  # it has ended, and was closed
        process.kill()
