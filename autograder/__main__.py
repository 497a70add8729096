"""The command line: it parses and prints, the work is done elsewhere."""

import contextlib
import json
import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

# Paragraphs of a help text are joined into lines; \b keeps the lines of the next one as they are.
app = typer.Typer(
    name="autograder",
    help="Check, release and grade the exercises of the convolution course.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


class Device(StrEnum):
    """Where torch exercises are run."""

    cpu = "cpu"
    cuda = "cuda"


class CommandError(Exception):
    """Something a person can mend; the message says what."""


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead, and nothing else.")]
Assignments = Annotated[
    list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="Such as 02-regular; default: all.")
]


@app.command(short_help="Check a notebook or a .py file.")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A notebook (.ipynb) or a Python file (.py).")],
    exercise: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this function; may be given again. Default: all in FILE."),
    ] = None,
    device: Annotated[Device | None, typer.Option(help="Where torch exercises are run.")] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Draw other shapes and values. Default: those everybody sees."),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            metavar="SECONDS",
            envvar="AUTOGRADER_TIME_LIMIT",
            help="For each statement of FILE and each check. Default: 30.",
        ),
    ] = None,
    as_json: AsJson = False,
):
    """Check the functions that a notebook or a .py file defines.

    FILE runs as it is, in a process of its own, for your own work and not for a stranger's. What it prints goes
    to standard error.

    \b
    Examples:
      python -m autograder check 02-regular.ipynb
      python -m autograder check my_conv.py --exercise conv2d --exercise conv2d_torch
      python -m autograder check 02-regular.ipynb --json > results.json

    Exit code 1: a check failed. 2: a check could not be made, or there was nothing to check. 0: all passed.
    """
    from autograder.course import EXERCISES
    from autograder.model import PUBLIC_SEED
    from autograder.own_file.check_file import check_file
    from autograder.own_file.reading import UnreadableError

    rows, notes, problem, code = [], [], None, 2
    unknown = [name for name in exercise or () if name not in EXERCISES]
    if unknown:
        problem = f"no exercise is named {', '.join(map(repr, unknown))}; there are {', '.join(EXERCISES)}"
    else:
        try:
            report = check_file(
                file,
                list(dict.fromkeys(exercise or ())),
                seed=PUBLIC_SEED if seed is None else seed,
                device=device and device.value,
                limit=time_limit,
            )
        except UnreadableError as error:
            problem = str(error)
        else:
            rows, notes, problem, code = report.rows, report.notes, report.problem, report.exit_code

    for note in notes:
        _progress(f"note: {note}")
    if problem:
        _progress(f"error: {problem}")
    if as_json:
        print(json.dumps({"results": rows}, indent=1))
    elif rows and not problem:
        from autograder.own_file.report import console, show

        show(rows, console())
    raise typer.Exit(code)


@app.command(short_help="Which check rejects which mistake.")
def kills(as_json: AsJson = False):
    """Print which check rejects which mistake: mistakes down, aspects across.

    Every mistake of the bank is submitted as if a student had made it. Exit code 1: one of them gets through.

    \b
    Examples:
      python -m autograder kills
      python -m autograder kills --json
    """
    from autograder.checks import mistake_table

    found = mistake_table.mistake_table()
    if as_json:
        print(json.dumps({"kills": found}, indent=1))
    else:
        from autograder.own_file.report import console

        mistake_table.show(found, console())
    raise typer.Exit(0 if all(kill["rejected_by"] for kill in found) else 1)


@app.command(short_help="Write exercises/ from solutions/.")
def release(assignments: Assignments = None):
    """Write exercises/ from solutions/: what students get, without the solutions.

    \b
    Examples:
      python -m autograder release
      python -m autograder release 02-regular
    """
    with _course_work() as folder:
        from autograder.releasing.release import release

        release(folder, assignments or None, report=_progress)


@app.command(short_help="Write _build/student.zip.")
def student():
    """Write _build/student.zip: the wheel and the exercises, no solutions.

    \b
    Example:
      python -m autograder student
    """
    with _course_work() as folder:
        from autograder.releasing.student_zip import build_zip

        print(build_zip(folder, report=_progress))


class Sandboxing(StrEnum):
    """What keeps student code from this machine."""

    auto = "auto"
    bubblewrap = "bubblewrap"
    none = "none"


@app.command(short_help="Grade submissions with nbgrader.")
def grade(
    assignments: Assignments = None,
    submitted: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Holds STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb. Default: submitted."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="So many submissions at the same time. Default: one per core."),
    ] = None,
    device: Annotated[Device | None, typer.Option(help="Where torch exercises are run.")] = None,
    seed: Annotated[
        str | None,
        typer.Option(metavar="N", help="Names the data of the checks. Default: the course's own, drawn once."),
    ] = None,
    sandbox: Annotated[
        Sandboxing | None,
        typer.Option(
            help="What keeps student code from this machine. Without walls grading refuses, unless this is none. "
            "Default: what nbgrader_config.py says, else auto."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what is graded already.")] = False,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Also write a row per student, assignment and cell."),
    ] = None,
):
    """Grade submissions into nbgrader's gradebook, write the feedback and print the marks.

    Student code runs behind walls (bubblewrap), several submissions at once. What was graded before and has not
    changed is not run again. Ctrl-C finishes what has begun; the next run goes on from there.

    \b
    Examples:
      python -m autograder grade
      python -m autograder grade 02-regular --submitted collected --json marks.json

    Exit code 0: all was graded. 1: something could not be. 2: it could not start.
    """
    with _course_work() as folder:
        from autograder.grading import grade
        from autograder.grading.ledger import as_seed
        from autograder.own_file.report import console
        from autograder.student_code.walls import WALLS

        given = {"device": device and device.value, "seed": seed and as_seed(seed)}
        if sandbox is not None:
            given["walls"] = () if sandbox is Sandboxing.none else tuple(WALLS)
        with _watched() as (report, progress, stop):
            run = grade.grade(
                folder,
                tuple(assignments or ()),
                submitted=submitted,
                workers=workers or len(os.sched_getaffinity(0)),
                force=force,
                json=json_file,
                report=report,
                progress=progress,
                stop=stop,
                **{name: value for name, value in given.items() if value is not None},
            )
        console().print(grade.table(run.rows()))
        problems = grade.problems(run.rows())
        for problem in problems:
            _progress(problem)
        if stop():
            _progress(f"stopped: {run.left} not graded yet; the same command goes on from here")
            raise typer.Exit(130)
    raise typer.Exit(1 if problems else 0)


@contextlib.contextmanager
def _watched():
    """What a long run needs: (report, progress, stop). A bar on a terminal, lines elsewhere; Ctrl-C asks to stop."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

    asked = []

    def interrupted(*_):
        if asked:
            os._exit(130)  # the gradebook is whole at every moment, and workers end with this process
        asked.append(True)
        bar.print("stopping: what has begun is finished first; Ctrl-C again stops at once", markup=False)

    class Rate(ProgressColumn):
        """Submissions per second."""

        def render(self, task):
            return f"{task.speed:.1f}/s" if task.speed else ""

    class Told:
        """See `autograder.grading.grade.Progress`."""

        def begin(self, what, total):
            bar.start()
            self.task = bar.add_task(what, total=total)

        def advance(self):
            bar.advance(self.task)

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True))
    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield lambda line: bar.print(line, markup=False, highlight=False), Told(), lambda: bool(asked)
    finally:
        if bar.tasks:  # one that has not begun would leave an empty line
            bar.stop()
        signal.signal(signal.SIGINT, before)


def _progress(line):
    """Say something beside the result; standard output is for the result."""
    print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def _course_work():
    """The course's folder, where we stand; what an instructor can mend becomes one line."""
    folder = Path.cwd()
    if not (folder / "solutions").is_dir():
        raise CommandError(f"{folder} is not the course's folder (it has no solutions/): change into that first")
    try:
        yield folder
    except ModuleNotFoundError as error:
        raise CommandError(
            f"this needs {error.name}, which is not installed: python -m pip install '.[grade]'"
        ) from error
    except (ValueError, OSError) as error:  # the errors of release, grade and student are ValueErrors
        raise CommandError(str(error)) from error


def main(arguments=None):
    """Run one command and return its exit code; an error is one line on standard error, and 2.

    Parameters
    ----------
    arguments : list of str, optional; default: those of this process
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that cannot show a letter shows "?"
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        return app(arguments or ["--help"], prog_name="python -m autograder", standalone_mode=False) or 0
    except (CommandError, OSError) as error:
        message = str(error)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except Exception as error:
        # What was typed: Typer's own errors, whatever library it keeps them in.
        if not hasattr(error, "format_message"):
            raise
        message = f"{' '.join(error.format_message().split())} (help: python -m autograder --help)"
    print(f"error: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
