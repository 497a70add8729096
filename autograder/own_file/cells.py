"""Running the cells of a student's file, statement by statement, and why a cell did not come to its end."""

import __future__

import ast
import linecache
import warnings
from dataclasses import dataclass

from autograder.own_file.reading import asks
from autograder.own_file.sentences import error_sentence, syntax_sentence

#: Compiler flags of `from __future__ import …`, which later statements of a cell keep.
FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)

#: Kinds of reasons why a cell stopped: it is not Python; an earlier process did not survive a statement of it; torch is
#: not there; a function of it is not written yet; it raised an error.
SYNTAX, ACCIDENT, NO_TORCH, NOT_WRITTEN, ERROR = "syntax", "accident", "no torch", "not written", "error"


@dataclass(frozen=True)
class Stop:
    """The first reason why a cell stopped, as a kind and as a sentence."""

    kind: str
    sentence: str


class CellRunner:
    """The cells of a job, run in order in one namespace.

    A notebook's cell ends at its first error, as in Jupyter, and the next cell runs all the same. A .py file goes on
    with its next statement.

    Parameters
    ----------
    job : Job
    events : Events
    namespace : dict, in which the cells run
    """

    def __init__(self, job, events, namespace):
        self.job, self.events, self.namespace = job, events, namespace
        self.skip = {(cell, statement): why for cell, statement, why in job.skip}
        self.stops = {}

    def run(self):
        """Run all cells; a dict with the `Stop` of each cell that did not come to its end, by its number."""
        for number, cell in enumerate(self.job.cells):
            self._run_cell(number, cell)
        return self.stops

    def _run_cell(self, number, cell):
        filename = self.job.filename(cell)
        linecache.cache[filename] = (len(cell.source), None, cell.source.splitlines(True), filename)
        try:
            tree = _parsed(cell.source, filename)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._stop(number, SYNTAX, syntax_sentence(cell, error))
            return
        flags = 0
        for index, statement in enumerate(tree.body):
            if asks(statement):
                continue
            if (number, index) in self.skip:
                self._stop(number, ACCIDENT, self.skip[number, index])
            else:
                self.events.send("statement", cell=number, statement=index, line=statement.lineno)
                try:
                    flags = self._execute(statement, filename, flags)
                    continue
                except BaseException as error:
                    self._stop(number, _kind_of(error), error_sentence(cell, filename, statement, error))
            if self.job.is_notebook:
                return

    def _execute(self, statement, filename, flags):
        """Run one statement; the compiler flags for the next one."""
        module = ast.Module([statement], type_ignores=[])
        code = compile(module, filename, "exec", flags, dont_inherit=True)
        exec(code, self.namespace)
        return flags | (code.co_flags & FUTURES)

    def _stop(self, number, kind, sentence):
        self.stops.setdefault(number, Stop(kind, sentence))
        self.events.send("stopped", cell=number, kind=kind, sentence=sentence)


def _parsed(source, filename):
    """The syntax tree of a cell that compiles; without warnings, which come once, from the statements."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source, filename)
        compile(tree, filename, "exec", dont_inherit=True)
    return tree


def _kind_of(error):
    if isinstance(error, ImportError) and (error.name or "").split(".")[0] == "torch":
        return NO_TORCH
    # A cell that tries what is not written yet stops too.
    return NOT_WRITTEN if isinstance(error, NotImplementedError) else ERROR
