"""The messages between the parent and the child process that check a file together: a job, events, and rows.

The parent writes a `Job` and reads events from a file, one JSON object a line. Standard output is the student's own, so
nothing that is printed can be taken for a verdict.
"""

import faulthandler
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.course import EXERCISES
from autograder.model import PUBLIC_SEED
from autograder.own_file.reading import Cell

#: Seconds more for importing NumPy and torch: a cold disk or a virus scanner is nobody's endless loop.
SLOW_IMPORT = 60


@dataclass
class Job:
    """The work of one child process.

    Attributes
    ----------
    path : str, the file's absolute path
    cells : list of Cell
    names : the exercises to ask; None is all that the file defines
    skip : statements that did not come back to an earlier child: (cell, statement, why)
    seed : int, draws the data
    device : "cpu", "cuda" or None
    limit : seconds for each statement and each check
    """

    path: str
    cells: list[Cell]
    names: list[str] | None = None
    skip: list[tuple[int, int, str]] = field(default_factory=list)
    seed: int = PUBLIC_SEED
    device: str | None = None
    limit: float = 30.0

    @property
    def is_notebook(self):
        return Path(self.path).suffix.lower() == ".ipynb"

    def filename(self, cell):
        """The name of a cell in tracebacks: "code cell 3 of my.ipynb", or the path of the .py file."""
        return f"{cell.label} of {Path(self.path).name}" if self.is_notebook else self.path

    def to_json(self):
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text):
        content = json.loads(text)
        content["cells"] = [Cell(**cell) for cell in content["cells"]]
        return cls(**content)


class Events:
    """The events of a child process.

    An event says what is about to happen before it happens: when the process is stopped or dies, the parent knows what
    it was doing. Each event starts the clock again, which runs in C, so that an endless loop in C does not stop it.

    Parameters
    ----------
    file : text file that the parent reads
    traces : binary file in which Python writes where it was when the clock ran out
    limit : seconds until the next event
    """

    def __init__(self, file, traces, limit):
        self.file, self.traces, self.limit = file, traces, limit

    def send(self, event, more_seconds=0, **content):
        seconds = self.limit + more_seconds
        self.file.write(json.dumps({"event": event, "seconds": seconds, **content}) + "\n")
        self.file.flush()
        faulthandler.dump_traceback_later(seconds, exit=True, file=self.traces)


def verdict_row(name, aspect, passed, message, points=0.0, mistake=None):
    """A verdict as `check --json` prints it; ``passed`` is None where the check could not be made.

    Examples
    --------
    >>> verdict_row("conv2d", "stride", None, "no torch")["max_points"]
    0.5
    """
    return {
        "exercise": name,
        "aspect": aspect,
        "passed": passed,
        "points": points,
        "max_points": float(EXERCISES[name].points[aspect]),
        "message": message,
        "mistake": mistake,
    }
