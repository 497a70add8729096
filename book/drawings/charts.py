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
    """One line of a chart: its name, its points as (x, y), beside which of them the name stands, on which side."""

    name: str
    points: list
    named_at: int = -1
    side: str = "right"


class Scale(NamedTuple):
    """One direction of a chart: what it shows, the ticks as (value, text), and whether it is logarithmic."""

    label: str
    ticks: list
    logarithmic: bool = False

    def place(self, value):
        """Where ``value`` lies between the first tick, 0, and the last, 1.

        Examples
        --------
        >>> Scale("filters", [(1, "1"), (16, "16")], logarithmic=True).place(4)
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
    left = max(text_width(text) for _, text in up.ticks) + 14
    # Names may stand behind the last points.
    width = WIDTH - left - max(text_width(line.name) for line in series) - 12
    canvas = Canvas()

    def at(x, y):
        right, high = across.place(x), up.place(y)
        if not (-1e-9 <= right <= 1 + 1e-9 and -1e-9 <= high <= 1 + 1e-9):
            raise ValueError(f"lines: the point {(x, y)} lies outside the scales")
        return right * width, (1 - high) * HEIGHT

    with canvas.part("scales"):
        canvas.text(-left, -34, up.label, anchor="start", muted=True)
        for value, text in up.ticks:
            height = (1 - up.place(value)) * HEIGHT
            canvas.line([(0, height), (width, height)], EDGE, 1)
            canvas.text(-10, height, text, anchor="end", muted=True)
        for value, text in across.ticks:
            canvas.text(across.place(value) * width, HEIGHT + 22, text, muted=True)
        canvas.text(width, HEIGHT + 52, across.label, anchor="end", muted=True)
    if rule:
        level, name = rule
        height = (1 - up.place(level)) * HEIGHT
        with canvas.part("rule"):
            canvas.line([(0, height), (width, height)], GREY, 2.5)
            canvas.text(width, height - 14, name, anchor="end", muted=True)
    for line, (colour, dash, mark) in zip(series, LOOKS, strict=False):
        points = [at(x, y) for x, y in line.points]
        with canvas.part(f"line-{line.name}"):
            for start, end in pairwise(points):
                canvas.line([start, end], colour, 2.5, dash, cap="butt")
            for x, y in points:
                _mark(canvas, x, y, mark, colour)
            x, y = points[line.named_at]
            away, anchor = {"right": (12, "start"), "left": (-12, "end")}[line.side]
            canvas.text(x + away, y, line.name, anchor=anchor, strong=True)

    words = f"{across.label} from {across.ticks[0][1]} to {across.ticks[-1][1]}, {up.label}."
    for line in series:
        words += f" {line.name}: " + ", ".join(f"{number(y)} at {number(x)}" for x, y in line.points) + "."
    return canvas.drawing(title, words, caption)


def _mark(canvas, x, y, mark, colour):
    if mark == "cross":
        canvas.line([(x - 4, y - 4), (x + 4, y + 4)], colour, 2.5)
        canvas.line([(x - 4, y + 4), (x + 4, y - 4)], colour, 2.5)
    elif mark == "diamond":
        canvas.line([(x - 4, y), (x, y - 4), (x + 4, y), (x, y + 4), (x - 4, y)], colour, 2.5)
    else:
        canvas.rect(x - 4, y - 4, 8, 8, fill=colour, radius=4 if mark == "circle" else 1)
