"""Asking the functions of a student's file every check, once its cells have run."""

import sys
import traceback
from pathlib import Path

from autograder import course
from autograder.course import EXERCISES
from autograder.own_file.cells import NO_TORCH, SYNTAX
from autograder.own_file.job import SLOW_IMPORT, verdict_row
from autograder.own_file.reading import defines, writes
from autograder.own_file.sentences import short_repr


class Functions:
    """The course's functions in a file: which there are, where they are written, and what became of them.

    Parameters
    ----------
    cells : list of Cell
    namespace : dict, in which the cells have run
    """

    def __init__(self, cells, namespace):
        self.cells, self.namespace = cells, namespace

    def names(self):
        """The functions that this file defines, or was meant to define, in the catalogue's order."""
        names = [name for name in EXERCISES if callable(self.value(name)) or self.cell_of(name) is not None]
        # What a notebook imports from the course, or gets in a locked cell, is a tool there. Where there is nothing
        # else, it is what is meant.
        own = [name for name in names if self.cell_of(name) is not None or not self._is_given(name)]
        return own or names

    def value(self, name):
        """The value of a name after all cells; None where there is none."""
        return self.namespace.get(name)

    def cell_of(self, name):
        """The number of the cell in which a function is written, or None: nbgrader's cell, else the last one."""
        numbers = [number for number, cell in enumerate(self.cells) if writes(cell, name)]
        named = [number for number in numbers if self.cells[number].grade_id == name]
        return (named or numbers or [None])[-1]

    def _is_given(self, name):
        module = str(getattr(self.value(name), "__module__", ""))
        is_imported = module.split(".")[0] in ("autograder", course.NAME)
        return is_imported or any(cell.given and defines(cell, name) for cell in self.cells)


def ask(name, functions, stops, job, events):
    """Ask one function all its checks, and send a row for each.

    Parameters
    ----------
    name : the exercise
    functions : Functions
    stops : dict, number of a cell -> Stop
    job : Job
    events : Events
    """
    exercise = EXERCISES[name]
    events.send("look", SLOW_IMPORT if "torch" in exercise.kind.imports else 0)
    passed, obstacle = _obstacle(exercise, functions, stops, job)
    printed = set()  # many calls print the same
    for aspect in exercise.points:
        events.send("ask", exercise=name, aspect=aspect)
        if obstacle:
            row = verdict_row(name, aspect, passed, f"{name}, {aspect}: {obstacle}")
        else:
            row = _judge(exercise, aspect, functions.value(name), job, printed)
        events.send("verdict", row=row)


def _judge(exercise, aspect, function, job, printed):
    """The row of one check. What the function printed, or a fault of ours, goes to standard error once."""
    from autograder.checks import judge
    from autograder.student_code.subject import Local

    name = exercise.name
    try:
        (verdict,) = judge(exercise, Local(function), job.seed, [aspect], job.device)
    except (KeyboardInterrupt, GeneratorExit) as error:
        # The checks let these pass, for the person at the keyboard. Here there is none: the code raised it.
        return verdict_row(name, aspect, False, f"{name}, {aspect}: raised {type(error).__name__}")
    except Exception as error:
        # The checks catch what the student's code raises, so this is a fault of the course.
        if str(error) not in printed:
            printed.add(str(error))
            traceback.print_exc()
        fault = f"the check itself failed ({type(error).__name__}: {error}); please report this"
        return verdict_row(name, aspect, None, f"{name}, {aspect}: {fault}")
    if verdict.printed and verdict.printed not in printed:
        printed.add(verdict.printed)
        print(f"({name} printed)\n{verdict.printed.rstrip()}", file=sys.stderr)
    passed = None if verdict.passed is None else bool(verdict.passed)
    return verdict_row(name, aspect, passed, verdict.message, float(verdict.points), verdict.mistake)


def _obstacle(exercise, functions, stops, job):
    """The reason why a function cannot be asked: (False or None, reason), or (True, "") where it can."""
    name, number = exercise.name, functions.cell_of(exercise.name)
    if "torch" in exercise.kind.imports and (reason := _no_torch(job.device)):
        return None, reason
    if callable(functions.value(name)):
        return True, ""
    if name in functions.namespace:
        value = short_repr(functions.value(name))
        return False, f"{name} is {value}, not a function; give that value another name"
    if number is None:
        return None, f"{Path(job.path).name} does not define {name}"
    if number not in stops:
        label = functions.cells[number].label
        return False, f"{label} does not define {name}; its line `def {name}(` is missing"
    stop = stops[number]
    if stop.kind == NO_TORCH:
        return None, f"{stop.sentence}\n  Install torch, or move the import out of the cell of {name}"
    if stop.kind == SYNTAX:
        return False, stop.sentence
    return False, f"{name} was never defined, because its cell stopped before. {stop.sentence}"


def _no_torch(device):
    """The reason why no torch exercise can be asked on this device, or an empty text."""
    try:
        import torch
    except Exception as error:  # a broken installation raises OSError, among others
        reason = f"{type(error).__name__}: {error}"
        return f"torch cannot be imported ({reason}); install it: python -m pip install torch"
    if device == "cuda" and not torch.cuda.is_available():
        return "this machine has no CUDA device that torch can use"
    return ""
