# ruff: noqa: RUF001 (the minus sign of print)
"""A drawing of one axis as a ruler: padding, stride, and every position of the window."""

from typing import NamedTuple

from convolution import reference

from . import inputs
from .canvas import CELL, GREY, INK, MUTED, PAPER, SKY, WIDTH, Canvas, count, number
from .maps import arrow

LABEL_ROOM = 76  # for the names of the outputs, right of the axis
SMALLEST_CELL, LARGEST_CELL = 26, 44
WINDOWS_TOP, WINDOW_PITCH = 62, 40


class _Axis(NamedTuple):
    """An axis of a layer; all sizes in pixels, and pixels counted from 0, so that padding begins below 0."""

    size: int
    kernel_size: int
    stride: int
    padding: int
    windows: int

    @property
    def length(self):
        return self.size + 2 * self.padding

    @property
    def cell(self):
        """The side of a pixel in drawing units."""
        return min(LARGEST_CELL, (WIDTH - LABEL_ROOM) / self.length)

    @property
    def pixels(self):
        return range(-self.padding, self.size + self.padding)

    @property
    def starts(self):
        """The first pixel of every window."""
        return [i * self.stride - self.padding for i in range(self.windows)]

    @property
    def missed(self):
        """The pixels in no window."""
        reached = {start + u for start in self.starts for u in range(self.kernel_size)}
        return [pixel for pixel in self.pixels if pixel not in reached]

    @property
    def formula(self):
        quotient = f"({self.size} + 2·{self.padding} − {self.kernel_size}) / {self.stride}"
        is_exact = (self.length - self.kernel_size) % self.stride == 0
        return f"{quotient if is_exact else f'⌊{quotient}⌋'} + 1 = {self.windows}"


def padding_and_stride(size, kernel_size, stride=1, padding=0, caption=None):
    """An axis as a ruler: its pixels, the zeros around them, and every position of the window.

    Parameters
    ----------
    size, kernel_size, stride, padding : int, in pixels
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If a number is no whole number or out of range, no window fits, or the axis is too long to read.

    Examples
    --------
    >>> padding_and_stride(6, 3, stride=2)
    <drawing: 2 windows of 3 pixels on an axis of 6>
    """
    axis = _checked(size, kernel_size, stride, padding)
    canvas = Canvas()
    canvas.reach(-4, 0, axis.length * axis.cell + LABEL_ROOM, 0)
    left_over = canvas.pattern("hatch", GREY, 0.7)
    _pixels(canvas, axis, left_over)
    _windows(canvas, axis)
    _count(canvas, axis, left_over)
    if caption is None:
        left = f"{len(axis.missed)} left over" if axis.missed else "nothing left over"
        caption = (
            f"{axis.size} pixels, padding {axis.padding}, a window of {axis.kernel_size}, stride {axis.stride}: "
            f"{count(axis.windows, 'position')}, {left}."
        )
    name = f"{count(axis.windows, 'window')} of {axis.kernel_size} pixels on an axis of {axis.size}"
    return canvas.drawing(name, _words(axis), caption)


def _checked(size, kernel_size, stride, padding):
    """Check the arguments of `padding_and_stride` and let the reference count the windows."""
    function = "padding_and_stride"
    size = inputs.whole(function, "size", size, 1)
    kernel_size = inputs.whole(function, "kernel_size", kernel_size, 1)
    stride = inputs.whole(function, "stride", stride, 1)
    padding = inputs.whole(function, "padding", padding, 0)
    try:
        windows = reference.output_size(size, kernel_size, stride, padding)
    except ValueError as error:
        raise ValueError(f"{function}: {error}") from None
    axis = _Axis(size, kernel_size, stride, padding, windows)
    inputs.fits(function, f"size {size} with padding {padding}", LABEL_ROOM + SMALLEST_CELL * axis.length)
    return axis


def _pixels(canvas, axis, left_over):
    """The axis: zeros dashed, pixels numbered, and what no window reaches in the paint `left_over`."""
    missed = axis.missed
    with canvas.part("axis"):
        for pixel in axis.pixels:
            x, is_zero = (pixel + axis.padding) * axis.cell, not 0 <= pixel < axis.size
            fill = left_over if pixel in missed else (PAPER if is_zero else CELL)
            dash = "3 3" if is_zero else None
            canvas.rect(x + 2, 2, axis.cell - 4, 40, fill=fill, stroke=MUTED, radius=6, dash=dash)
            if is_zero:
                canvas.text(x + axis.cell / 2, 22, "0")
            else:
                canvas.text(x + axis.cell / 2, -14, str(pixel), muted=True)


def _windows(canvas, axis):
    """A bar for each window, below the pixels that it covers, with an arrow to its output."""
    cell, wide, right = axis.cell, axis.kernel_size * axis.cell, axis.length * axis.cell
    with canvas.part("windows"):
        for i, start in enumerate(axis.starts):
            x, y = (start + axis.padding) * cell, WINDOWS_TOP + i * WINDOW_PITCH
            canvas.rect(x + 2, y, wide - 4, 28, fill=SKY, radius=8, opacity=0.45)
            canvas.rect(x + 2, y, wide - 4, 28, stroke=INK, stroke_width=2, radius=8)
            for u in range(1, axis.kernel_size):
                canvas.line([(x + u * cell, y + 9), (x + u * cell, y + 19)], stroke=INK, stroke_width=1)
            arrow(canvas, (x + wide + 6, y + 14), (right + 30, y + 14))
            canvas.text(right + 38, y + 14, f"y[{i}]", anchor="start", strong=True)


def _count(canvas, axis, left_over):
    """The formula with its numbers, and how many pixels are in no window."""
    y = WINDOWS_TOP + axis.windows * WINDOW_PITCH + 20
    with canvas.part("count"):
        noun = "window" if axis.windows == 1 else "windows"
        canvas.text(0, y, f"{axis.formula} {noun}", anchor="start", strong=True)
        if axis.missed:
            canvas.rect(2, y + 22, 28, 24, fill=left_over, stroke=MUTED, radius=6)
            noun = "pixel" if all(0 <= pixel < axis.size for pixel in axis.missed) else "cell"
            canvas.text(40, y + 34, f"{count(len(axis.missed), noun)} in no window", anchor="start")


def _words(axis):
    windows = "; ".join(
        f"window {i} covers {number(start)} to {number(start + axis.kernel_size - 1)}"
        for i, start in enumerate(axis.starts)
    )
    zeros = f", and {count(axis.padding, 'zero')} on each side, numbered on" if axis.padding else ""
    missed = ", ".join(number(pixel) for pixel in axis.missed)
    reach = f"In no window: {missed}." if missed else "All are in a window."
    return (
        f"An axis of {count(axis.size, 'pixel')}, 0 to {axis.size - 1}{zeros}. Windows of {axis.kernel_size}, "
        f"stride {axis.stride}: {windows}. {axis.formula}. {reach}"
    )
