"""Many tasks for many worker processes, and what happens when one of them dies.

It knows nothing of grading. A worker that is killed takes down the whole executor, so the tasks that were in flight
are given to a new one; a task that was there every time in the end runs alone, so that it cannot take others with it.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection

#: So often a task may be in flight when a worker dies before it has to run alone.
TOGETHER = 2

#: Seconds that workers have for ending once nothing is left to do.
PATIENCE = 10

#: Seconds between looks at whether to stop.
POLL = 0.2


@dataclass(frozen=True)
class Lost:
    """In the place of a result: the worker died each time, at last with this task alone."""


def processes(workers, begin, arguments, needed=()):
    """Make the executor: forks of one server process, which has imported the module of ``begin`` for all of them.

    A fork of this process would copy its threads and locks, and a new process would import everything once more.
    ``needed`` names further modules that each of them would import, because its arguments come from there.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([begin.__module__, *needed])
    return ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin, initargs=(dict(os.environ), begin, arguments)
    )


def _begin(environment, begin, arguments):
    """Make this process a worker. It ends with the coordinator, however that ends.

    Ctrl-C is for the coordinator, which lets workers finish. The server may be older than this run, so the environment
    is brought along.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process().sentinel,), daemon=True).start()
    os.environ.clear()
    os.environ.update(environment)
    begin(*arguments)


def _end_with(sentinel):
    connection.wait([sentinel])
    os._exit(1)


def run(work, tasks, workers, begin, arguments=(), stop=lambda: False, again=lambda result: False, make=processes):
    """Do all tasks with workers that are there for nothing else; see `Workers.run`."""
    with Workers(workers, begin, arguments, make) as pool:
        yield from pool.run(work, tasks, stop, again)


class Workers:
    """Worker processes, of which dead ones are replaced.

    Parameters
    ----------
    count : how many processes
    begin, arguments : called once in each worker
    make : makes an executor; see `processes`
    """

    def __init__(self, count, begin, arguments=(), make=processes):
        self.count, self.make = count, lambda: make(count, begin, arguments)
        self.executor = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """End the workers. They are asked first: one that was killed while it waited for a task has taken the lock of
        the queue along, and then no other hears that it is to end."""
        if self.executor is not None:
            workers = list((self.executor._processes or {}).values())  # there is kill_workers() from Python 3.14 on
            patience = threading.Timer(PATIENCE, lambda: [worker.kill() for worker in workers])
            patience.daemon = True
            patience.start()
            self.executor.shutdown(wait=True, cancel_futures=True)
            patience.cancel()
            self.executor = None

    def run(self, work, tasks, stop=lambda: False, again=lambda result: False):
        """Do all tasks; yields (task, result) as they are done.

        No more tasks are read from ``tasks`` than workers can hold, so that memory does not grow with their number.

        Parameters
        ----------
        work : function of a module, called with a task in a worker
        tasks : iterable
        stop : when it says True no new task is begun; those in flight are finished and yielded
        again : of a result: whether its task should be tried once more at the end, alone
        """
        waiting, alone, source = deque(), deque(), iter(tasks)
        flying = {}  # future -> (task, how often it was in flight when a worker died)
        last = False
        while True:
            while not stop() and len(flying) < (1 if last else 2 * self.count):
                task = _next(alone if last else waiting, () if last else source)
                if task is None:
                    break
                try:
                    flying[self._submit(work, task[0])] = task
                except BrokenProcessPool:  # noticed before the futures were asked
                    (alone if last else waiting).appendleft(task)
                    if not flying:
                        self.__exit__()
                    break
            if not flying:
                if stop() or not (alone or waiting):
                    return
                last = last or not waiting
                continue
            done, _ = wait(flying, timeout=POLL, return_when=FIRST_COMPLETED)
            broken = False
            for future in done:
                task, deaths = flying.pop(future)
                try:
                    result = future.result()
                except BrokenProcessPool:
                    broken = True
                    if last:
                        yield task, Lost()
                    else:
                        (waiting if deaths + 1 < TOGETHER else alone).append((task, deaths + 1))
                    continue
                if again(result) and not last:
                    alone.append((task, deaths))
                else:
                    yield task, result
            if broken:
                for task, deaths in flying.values():
                    (waiting if deaths + 1 < TOGETHER else alone).append((task, deaths + 1))
                flying.clear()
                self.__exit__()

    def _submit(self, work, task):
        if self.executor is None:
            self.executor = self.make()
        return self.executor.submit(work, task)


def _next(queue, source):
    if queue:
        return queue.popleft()
    task = next(source, None) if source else None
    return None if task is None else (task, 0)
