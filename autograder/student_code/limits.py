"""The limits on what student code uses, and the errors of running it: it used too much, or the sandbox failed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of one submission. Seconds are of processor time, except where the name says wall.

    Attributes
    ----------
    cell_seconds : of one cell
    call_seconds : of all calls of one graded cell together
    submission_seconds : of all cells and calls of one submission
    wall_factor : how many times longer than its processor time something may take by the clock
    memory : bytes, of one process and of all processes of a submission, beyond what the libraries take
    processes : processes and threads
    disk, files : bytes and files in the scratch folder
    late : graded cells of one function that may be too slow; its other cells are not asked any more
    lost : cells that may end the notebook's process; the rest of the notebook is not run any more
    """

    cell_seconds: float = 20
    call_seconds: float = 10
    submission_seconds: float = 180
    wall_factor: float = 10
    memory: int = 2 * 2**30
    processes: int = 32
    disk: int = 64 * 2**20
    files: int = 1000
    late: int = 3
    lost: int = 5


class SlowError(Exception):
    """Student code used too much time or memory; the text is for the student.

    ``interrupts``: whether a Ctrl-C may still stop it and leave its process alive.
    """

    def __init__(self, text, interrupts=True):
        super().__init__(text)
        self.interrupts = interrupts


class SandboxError(RuntimeError):
    """The sandbox itself failed: the grader's or the machine's fault, never the student's."""


class CrowdedError(SandboxError):
    """The machine had no time for student code that wanted to run."""
