"""Parts shared by the drawings of layers: a layer's sizes and counts, the largest cell that fits, headings, the key.

In all of them the output number that is followed is in the first map, row 0, column 1 (0 where there is no column 1);
only what it touches is framed. No padding, stride 1, no bias.
"""

from typing import NamedTuple

from . import inputs
from .canvas import GREY, WIDTH, count, text_width
from .maps import CHANNELS, cells, outline, single_map

SMALLEST_CELL, LARGEST_CELL = 7, 24
CHIP_ROOM = 38
SHIFT = 8  # how far each map of a tight stack stands to the right of the one before
KEY = "touched by one output number"


class Layer(NamedTuple):
    """A layer's sizes.

    Attributes
    ----------
    C, filters : int, input and output channels
    size, kernel, pixels : (H, W), (kH, kW) and (H_out, W_out)
    """

    C: int
    filters: int
    size: tuple
    kernel: tuple
    pixels: tuple

    @property
    def input_shape(self):
        """(H, W, C)"""
        return (*self.size, self.C)

    @property
    def output_shape(self):
        """(H_out, W_out, O)"""
        return (*self.pixels, self.filters)

    @property
    def followed(self):
        """The column of the output number that is followed; its row is the first."""
        return min(1, self.pixels[1] - 1)

    @property
    def window(self):
        """The followed number's window as (row, column, height, width) of an input map."""
        return (0, self.followed, *self.kernel)

    @property
    def pixel(self):
        """The followed number as (row, column, height, width) of its map."""
        return (0, self.followed, 1, 1)

    @property
    def whole_kernel(self):
        """All of a kernel as (row, column, height, width)."""
        return (0, 0, *self.kernel)


class Counts(NamedTuple):
    """The size and the cost of a layer, counted by the reference."""

    window: int  # inputs behind one output number, and as many weights
    weights: int
    macs: int


def layer_of(function, in_channels, out_channels, size, kernel_size):
    """Check a layer's arguments.

    Returns
    -------
    Layer

    Raises
    ------
    ValueError
        If a number is no whole number, there are too many channels to draw, or the kernel does not fit.
    """
    in_channels = inputs.channels(function, in_channels, len(CHANNELS))
    out_channels = inputs.whole(function, "out_channels", out_channels, 1)
    return Layer(in_channels, out_channels, *inputs.geometry(function, size, kernel_size))


# Sizes


def largest_cell(function, what, width_at):
    """The largest cell, in half units, with which a drawing can be read on a phone.

    width_at : function, cell -> width of the drawing, in drawing units
    """
    inputs.fits(function, what, width_at(SMALLEST_CELL))
    return next(half / 2 for half in range(2 * LARGEST_CELL, 0, -1) if width_at(half / 2) <= WIDTH)


def half_width(maps_wide, shape):
    """The reach of a column from its middle: its maps or its heading, whichever is wider."""
    return max(maps_wide, text_width(str(shape))) / 2


def whole_width(layer, first, between, last):
    """The width of a drawing from the input's column to the output's.

    first, last : float, the widths of the input's and the output's maps; between : float, the room between them
    """
    reach = half_width(first, layer.input_shape) + first / 2 + between
    return reach + last / 2 + half_width(last, layer.output_shape)


def left_edge(maps_wide, shape, width):
    """The left edge of a drawing that is centred on the page, where the first column's maps begin at x = 0."""
    return maps_wide / 2 - half_width(maps_wide, shape) - (WIDTH - width) / 2


# Elements


def heading(canvas, x, y, name, shape=None):
    """A column's name and, below it, its shape."""
    canvas.text(x, y, name, strong=True)
    if shape:
        canvas.text(x, y + 23, str(shape), muted=True)


def key(canvas, left):
    """The meaning of the frames, in a line below all that is drawn."""
    y, side = canvas.bottom + 34, 24
    start = left + (WIDTH - text_width(KEY) - side - 12) / 2
    with canvas.part("key"):
        cells(canvas, start, y - side / 2, 1, 1, side, fill=canvas.pattern("plain", GREY))
        outline(canvas, start, y - side / 2, side, side, tint=False)
        canvas.text(start + side + 12, y, KEY, anchor="start", muted=True)


def rest(canvas, x, y, more):
    """The number of filters that are not drawn, if any; x is the right end of the line."""
    if more > 0:
        text = f"and {count(more, 'more filter')}, {count(more, 'more map')}"
        canvas.text(x, y, text, anchor="end", muted=True)


def frame(canvas, x, y, width, height, look, margin):
    """The frame around one filter's kernels, in the colour of the map that it makes."""
    wide, high = width + 2 * margin, height + 2 * margin
    canvas.rect(x - margin, y - margin, wide, high, stroke=look.colour, stroke_width=2, radius=10)


def filter_row(canvas, x, y, look, channels, cell, gap, is_followed):
    """A pointwise filter, a 1 × 1 kernel for every channel, in a row; y is the middle. Returns its right end."""
    wide = len(channels) * (cell + gap) - gap
    frame(canvas, x + 8, y - cell / 2, wide, cell, look, 8)
    for c, channel in enumerate(channels):
        touched = (0, 0, 1, 1) if is_followed else None
        single_map(canvas, x + 8 + c * (cell + gap), y - cell / 2, channel, (1, 1), cell, touched)
    return x + wide + 16


def letters(looks):
    """The letters of looks, as a list in a sentence."""
    return ", ".join(look.letter for look in looks)
