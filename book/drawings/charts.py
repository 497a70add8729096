"""A chart: a few lines over two scales, in the drawings' own colours, so that it is read in light and dark mode."""

from itertools import pairwise
from math import log2
from typing import NamedTuple

from .canvas import BLUE, EDGE, GREEN, GREY, PURPLE, VERMILLION, WIDTH, Canvas, number, text_width

HEIGHT = 270
# Each line has a colour, a dash and a mark, so that none of them has to tell it apart alone.
LOOKS = (
    (VERMILLION, None, "square"),
    (BLUE, "10 5", "circle"),
    (GREEN, "2 5", "diamond"),
    (PURPLE, "10 4 2 4", "cross"),
)


class Line(NamedTuple):
    """A line of a chart.

    Attributes
    ----------
    name : str
    points : list of (x, y)
    named_at : int, the index of the point beside which the name stands
    side : "left" or "right" of that point
    """

    name: str
    points: list
    named_at: int = -1
    side: str = "right"


class Scale(NamedTuple):
    """A direction of a chart: its label, its ticks as (value, text), linear or logarithmic."""

    label: str
    ticks: list
    logarithmic: bool = False

    def position(self, value):
        """The position of ``value`` between the first tick, 0, and the last, 1.

        Examples
        --------
        >>> Scale("filters", [(1, "1"), (16, "16")], logarithmic=True).position(4)
        0.5
        """
        as_drawn = log2 if self.logarithmic else float
        first, last = as_drawn(self.ticks[0][0]), as_drawn(self.ticks[-1][0])
        return (as_drawn(value) - first) / (last - first)


def lines(title, series, across, up, caption, rule=None):
    """Draw lines.

    Parameters
    ----------
    title : str
    series : list of Line, at most four; every point lies within the ticks
    across, up : Scale
    caption : str
    rule : (y, str), optional; a level to compare with, and its name

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If there are too many lines, or a point lies outside the scales.

    Examples
    --------
    >>> ticks = [(0, "0"), (1, "1")]
    >>> lines("a slope", [Line("y", [(0, 0), (1, 1)])], Scale("x", ticks), Scale("y", ticks), "A slope.")
    <drawing: a slope>
    """
    if len(series) > len(LOOKS):
        raise ValueError(f"lines: at most {len(LOOKS)} lines can be told apart, got {len(series)}")
    # Names may stand behind the last points.
    width = WIDTH - _left(up) - max(text_width(line.name) for line in series) - 12
    canvas = Canvas()
    with canvas.part("scales"):
        _scales(canvas, across, up, width)
    if rule:
        _rule(canvas, up, width, *rule)
    for line, look in zip(series, LOOKS, strict=False):
        with canvas.part(f"line-{line.name}"):
            _line(canvas, line, [_point(across, up, width, *point) for point in line.points], look)
    words = f"{across.label} from {across.ticks[0][1]} to {across.ticks[-1][1]}, {up.label}."
    for line in series:
        words += f" {line.name}: " + ", ".join(f"{number(y)} at {number(x)}" for x, y in line.points) + "."
    return canvas.drawing(title, words, caption)


def _left(up):
    """The room for the texts to the left of the chart, which begins at x = 0."""
    return max(text_width(text) for _, text in up.ticks) + 14


def _level(up, value):
    """The y of a value."""
    return (1 - up.position(value)) * HEIGHT


def _point(across, up, width, x, y):
    """The point (x, y) in drawing units."""
    if not all(-1e-9 <= share <= 1 + 1e-9 for share in (across.position(x), up.position(y))):
        raise ValueError(f"lines: the point {(x, y)} lies outside the scales")
    return across.position(x) * width, _level(up, y)


def _scales(canvas, across, up, width):
    """The labels, the ticks and, at the height of each, a line across."""
    canvas.text(-_left(up), -34, up.label, anchor="start", muted=True)
    for value, text in up.ticks:
        canvas.line([(0, _level(up, value)), (width, _level(up, value))], EDGE, 1)
        canvas.text(-10, _level(up, value), text, anchor="end", muted=True)
    for value, text in across.ticks:
        canvas.text(across.position(value) * width, HEIGHT + 22, text, muted=True)
    canvas.text(width, HEIGHT + 52, across.label, anchor="end", muted=True)


def _rule(canvas, up, width, value, name):
    """A level to compare with, and its name."""
    level = _level(up, value)
    with canvas.part("rule"):
        canvas.line([(0, level), (width, level)], GREY, 2.5)
        canvas.text(width, level - 14, name, anchor="end", muted=True)


def _line(canvas, line, points, look):
    """A line through points in drawing units, with its marks and its name."""
    colour, dash, mark = look
    for start, end in pairwise(points):
        canvas.line([start, end], colour, 2.5, dash, cap="butt")
    for x, y in points:
        _mark(canvas, x, y, mark, colour)
    x, y = points[line.named_at]
    away, anchor = {"right": (12, "start"), "left": (-12, "end")}[line.side]
    canvas.text(x + away, y, line.name, anchor=anchor, strong=True)


def _mark(canvas, x, y, mark, colour):
    if mark == "cross":
        canvas.line([(x - 4, y - 4), (x + 4, y + 4)], colour, 2.5)
        canvas.line([(x - 4, y + 4), (x + 4, y - 4)], colour, 2.5)
    elif mark == "diamond":
        canvas.line([(x - 4, y), (x, y - 4), (x + 4, y), (x, y + 4), (x - 4, y)], colour, 2.5)
    else:
        canvas.rect(x - 4, y - 4, 8, 8, fill=colour, radius=4 if mark == "circle" else 1)
