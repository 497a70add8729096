"""The person who watches a run of grading: told how far it is, and asked if it should stop."""

import os
import signal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn


class Watch:
    """Nobody who watches: is told nothing, and never stops a run."""

    def begin(self, what, total):
        """So many submissions are to do: "grading" or "feedback"."""

    def advance(self):
        """Another of them is done."""

    def stop(self):
        """True once the run should finish what has begun, and leave the rest."""
        return False


class Terminal(Watch):
    """A person at a terminal: sees a bar there and lines elsewhere, on standard error, and stops a run with Ctrl-C."""

    def __enter__(self):
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        self.bar, self.task, self.wants_to_stop = Progress(*columns, console=Console(stderr=True)), None, False
        self.before = signal.signal(signal.SIGINT, self._interrupted)
        return self

    def __exit__(self, *_):
        if self.bar.tasks:  # a bar that has not begun would leave an empty line
            self.bar.stop()
        signal.signal(signal.SIGINT, self.before)

    def report(self, line):
        """Print a line above the bar."""
        self.bar.print(line, markup=False, highlight=False)

    def begin(self, what, total):
        self.bar.start()
        self.task = self.bar.add_task(what, total=total)

    def advance(self):
        self.bar.advance(self.task)

    def stop(self):
        return self.wants_to_stop

    def _interrupted(self, *_):
        if self.wants_to_stop:
            os._exit(130)  # the gradebook is whole at every moment, and workers end with this process
        self.wants_to_stop = True
        self.report("stopping: what has begun is finished first; Ctrl-C again stops at once")


class _Rate(ProgressColumn):
    """Submissions per second."""

    def render(self, task):
        return f"{task.speed:.1f}/s" if task.speed else ""
