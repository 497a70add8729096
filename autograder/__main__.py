"""The command line: it parses and prints, the work is done elsewhere."""

import contextlib
import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autograder.errors import FixableError

# Paragraphs of a help text are joined into lines; \b keeps the lines of the next one as they are.
app = typer.Typer(
    name="autograder",
    help="Check, release and grade the exercises of a course.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


class Device(StrEnum):
    """The devices that torch exercises are run on."""

    cpu = "cpu"
    cuda = "cuda"


class Sandboxing(StrEnum):
    """The choices of what keeps student code from this machine."""

    auto = "auto"
    bubblewrap = "bubblewrap"
    none = "none"


# The arguments and options of commands.
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead, and nothing else.")]
Assignments = Annotated[
    list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="Such as 02-regular; default: all.")
]
Exercises = Annotated[list[str] | None, typer.Argument(metavar="[EXERCISE]...", help="Such as conv2d; default: all.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A notebook (.ipynb) or a Python file (.py).")]
Functions = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Only this function; may be given again. Default: all in FILE."),
]
DeviceName = Annotated[Device | None, typer.Option(help="Where torch exercises are run.")]
SeedNumber = Annotated[
    int | None,
    typer.Option(metavar="N", help="Draw other shapes and values. Default: those everybody sees."),
]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        min=0.1,
        metavar="SECONDS",
        envvar="AUTOGRADER_TIME_LIMIT",
        help="For each statement of FILE and each check. Default: 30.",
    ),
]
Submitted = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Holds STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb. Default: submitted."),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="So many submissions at the same time. Default: one per core."),
]
SeedName = Annotated[
    str | None,
    typer.Option(metavar="N", help="Names the data of the checks. Default: the course's own, drawn once."),
]
SandboxChoice = Annotated[
    Sandboxing | None,
    typer.Option(
        help="What keeps student code from this machine. Without walls grading refuses, unless this is none. "
        "Default: what nbgrader_config.py says, else auto."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Grade again what is graded already.")]
JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Also write a row per student, assignment and cell.")
]


@app.command(short_help="Check a notebook or a .py file.")
def check(
    file: File,
    exercise: Functions = None,
    device: DeviceName = None,
    seed: SeedNumber = None,
    time_limit: TimeLimit = None,
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
    from autograder.model import PUBLIC_SEED

    report = _checked(
        file,
        list(dict.fromkeys(exercise or ())),
        seed=PUBLIC_SEED if seed is None else seed,
        device=device and device.value,
        limit=time_limit,
    )
    for note in report.notes:
        _progress(f"note: {note}")
    if report.problem:
        _progress(f"error: {report.problem}")
    if as_json:
        print(json.dumps({"results": report.rows}, indent=1))
    elif report.rows and not report.problem:
        from autograder.own_file.report import console, show

        show(report.rows, console())
    raise typer.Exit(report.exit_code)


def _checked(file, exercises, **options):
    """The `Report` on a file; a problem in it where the names or the file are none that can be checked."""
    from autograder.own_file.check_file import Report, check_file

    try:
        _must_be_known(exercises)
        return check_file(file, exercises, **options)
    except FixableError as error:
        return Report([], [], str(error))


def _must_be_known(exercises):
    from autograder.course import EXERCISES

    unknown = [name for name in exercises if name not in EXERCISES]
    if unknown:
        raise FixableError(f"no exercise is named {', '.join(map(repr, unknown))}; there are {', '.join(EXERCISES)}")


@app.command(short_help="Show which check rejects which mistake.")
def mistakes(exercises: Exercises = None, as_json: AsJson = False):
    """Print which check rejects which mistake: mistakes down, aspects across.

    Every mistake of the course is submitted as if a student had made it. Exit code 1: one of them gets through.

    \b
    Examples:
      python -m autograder mistakes conv2d
      python -m autograder mistakes --json
    """
    from autograder.checks import mistake_table

    _must_be_known(exercises or ())
    rows = mistake_table.mistake_table(exercises or ())
    if as_json:
        print(json.dumps({"mistakes": rows}, indent=1))
    else:
        from autograder.own_file.report import console

        mistake_table.show(rows, console())
    raise typer.Exit(0 if all(row["rejected_by"] for row in rows) else 1)


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


@app.command(short_help="Grade submissions with nbgrader.")
def grade(
    assignments: Assignments = None,
    submitted: Submitted = None,
    workers: Workers = None,
    device: DeviceName = None,
    seed: SeedName = None,
    sandbox: SandboxChoice = None,
    force: Force = False,
    json_file: JsonFile = None,
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
        from autograder.grading import grade, results
        from autograder.grading.watch import Terminal

        if json_file is not None and not json_file.resolve().parent.is_dir():
            raise FixableError(f"{json_file} cannot be written: its folder does not exist")
        with Terminal() as terminal:
            run = grade.grade(
                folder,
                tuple(assignments or ()),
                submitted=submitted,
                workers=workers or len(os.sched_getaffinity(0)),
                force=force,
                report=terminal.report,
                watch=terminal,
                **_grading_settings(device, seed, sandbox),
            )
        rows = run.rows()
        if json_file is not None:
            results.write_json(rows, json_file)
    from autograder.own_file.report import console

    console().print(results.table(rows))
    problems = results.problems(rows)
    for problem in problems:
        _progress(problem)
    if terminal.stop():
        _progress(f"stopped: {run.left} not graded yet; the same command goes on from here")
        raise typer.Exit(130)
    raise typer.Exit(1 if problems else 0)


def _grading_settings(device, seed, sandbox):
    """The settings that were typed, by the names of `autograder.grading.worker.Settings`."""
    from autograder.grading.seeds import as_seed
    from autograder.student_code.walls import WALLS

    given = {"device": device and device.value, "seed": as_seed(seed) if seed else None}
    if sandbox is not None:
        given["walls"] = () if sandbox is Sandboxing.none else tuple(WALLS)
    return {name: value for name, value in given.items() if value is not None}


def _progress(line):
    """Say something beside the result; standard output is for the result."""
    print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def _course_work():
    """The course's folder, which is the current one; a package that is missing is named with the remedy."""
    folder = Path.cwd()
    if not (folder / "solutions").is_dir():
        raise FixableError(f"{folder} is not the course's folder (it has no solutions/): change into that first")
    try:
        yield folder
    except ModuleNotFoundError as error:
        raise FixableError(
            f"this needs {error.name}, which is not installed: python -m pip install '.[grade]'"
        ) from error


def main(arguments=None):
    """Run one command and return its exit code.

    An error that a person can mend, and one of the machine, is one line on standard error, and 2; any other is a fault
    of ours, and keeps its traceback.

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
    except (FixableError, OSError) as error:
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
