"""Many tasks for many workers, over any executor of `concurrent.futures`. It knows nothing of grading."""

from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass

#: Seconds between looks at whether to stop.
POLL = 0.2


class LostError(RuntimeError):
    """The exception of a task that an executor has given up: the worker died each time the task was tried."""


@dataclass(frozen=True)
class Lost:
    """The result of a task that ended in a LostError."""


def do_all(executor, work, tasks, at_once, stop=lambda: False, again=lambda result: False):
    """Do all tasks; yields (task, result) as they are done.

    No more than ``at_once`` tasks are read from ``tasks`` ahead of their results, so that memory does not grow with
    their number.

    Parameters
    ----------
    executor : concurrent.futures.Executor
    work : function, called with a task by a worker
    tasks : iterable
    at_once : int, tasks in flight at the same time
    stop : once it returns True no new task is begun; those in flight are finished and yielded
    again : of a result: True where its task should be tried once more, at the end and with no other in flight

    Raises
    ------
    Exception
        What ``work`` or the executor raised, other than a LostError; a task that is lost has the result `Lost`.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as threads:
    ...     sorted(do_all(threads, abs, [-1, 2, -3], at_once=2))
    [(-3, 3), (-1, 1), (2, 2)]
    """
    alone = []
    for task, result in _flow(executor, work, tasks, at_once, stop):
        if result != Lost() and again(result):
            alone.append(task)
        else:
            yield task, result
    yield from _flow(executor, work, alone, 1, stop)


def _flow(executor, work, tasks, at_once, stop):
    source, in_flight = iter(tasks), {}
    while True:
        while not stop() and len(in_flight) < at_once and (task := next(source, None)) is not None:
            in_flight[executor.submit(work, task)] = task
        if not in_flight:
            return
        done, _ = wait(in_flight, timeout=POLL, return_when=FIRST_COMPLETED)
        for future in done:
            task = in_flight.pop(future)
            try:
                result = future.result()
            except LostError:
                result = Lost()
            yield task, result
