"""The text after `python -m autograder check FILE`, for people: 80 columns, with or without a terminal."""

import textwrap

from rich.console import Console
from rich.text import Text

#: passed -> (mark, mark where the output has no such letter, style)
MARKS = {True: ("✓", "+", "green"), False: ("✗", "x", "bold red"), None: ("?", "?", "yellow")}

#: The number of aspects side by side, and the characters that each takes: three fit into 80 columns.
COLUMNS, WIDTH = 3, 25


def console(file=None):
    """A console for plain text: without markup, so that `[0, 0]` stays as it is; without colour outside a terminal."""
    made = Console(file=file, markup=False, highlight=False, emoji=False)
    made.width = min(made.width, 100)
    return made


def show(rows, out):
    """Print results, exercise by exercise, and the points.

    Parameters
    ----------
    rows : list of dict, as `check --json` prints them
    out : rich Console
    """
    for name in dict.fromkeys(row["exercise"] for row in rows):
        _show_exercise(name, [row for row in rows if row["exercise"] == name], out)
    out.print(last_line(rows))


def last_line(rows):
    """The points, and how many checks failed or could not be made.

    Examples
    --------
    >>> row = {"passed": True, "points": 0.5, "max_points": 0.5}
    >>> last_line([row, row])
    '1 of 1 points; every check passed'
    >>> last_line([row, row | {"passed": False, "points": 0}, row | {"passed": None, "points": 0}])
    '0.5 of 1.5 points; 1 check failed, 1 could not be made'
    """
    failed = sum(row["passed"] is False for row in rows)
    open_ = sum(row["passed"] is None for row in rows)
    parts = [f"{failed} check{'s' * (failed != 1)} failed"] if failed else []
    parts += [f"{open_} could not be made"] if open_ else []
    return f"{_points(rows)} points; {', '.join(parts) or 'every check passed'}"


def _show_exercise(name, rows, out):
    out.print(Text.assemble((name, "bold"), f"  {_points(rows)} points"))
    cells = [_aspect(row, out) for row in rows]
    same = {row["passed"] for row in rows}
    if same in ({False}, {None}) and len(rows) > 1:
        what = "failed" if False in same else "could not be made"
        cells = [Text.assemble(_mark(rows[0]["passed"], out), f" all {len(rows)} checks {what}")]
    for start in range(0, len(cells), COLUMNS):
        line = Text("  ")
        for cell in cells[start : start + COLUMNS]:
            line += cell + Text(" " * (WIDTH - len(cell)))
        line.rstrip()
        out.print(line)
    shown = next((row for passed in (False, None) for row in rows if row["passed"] is passed), None)
    if shown:
        out.print()
        for line in shown["message"].splitlines():
            print_line(f"  {line}".rstrip(), out)
    for passed, what in ((False, "also failed"), (None, "not checked")):
        others = [row["aspect"] for row in rows if row["passed"] is passed and row is not shown]
        if others and len(same) > 1:
            print_line(f"  {what}: {', '.join(others)}", out)
    out.print()


def _mark(passed, out):
    mark, plain, style = MARKS[passed]
    try:
        mark.encode(out.encoding)
    except UnicodeEncodeError:
        mark = plain
    return mark, style


def _aspect(row, out):
    points = f"{row['points']:g}/{row['max_points']:g}" if row["max_points"] else "further"
    return Text.assemble(_mark(row["passed"], out), f" {row['aspect']:<12} {points}")


def _points(rows):
    got, most = sum(row["points"] for row in rows), sum(row["max_points"] for row in rows)
    return f"{got:g} of {most:g}"


def print_line(line, out):
    """Print one line; where it is longer than the screen, go on below its own beginning, between words."""
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    wrapped = textwrap.wrap(
        line,
        out.width,
        subsequent_indent=indent,
        drop_whitespace=True,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    out.print("\n".join(wrapped) if len(line) > out.width else line, soft_wrap=True)
