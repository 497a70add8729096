"""A drawing of an image as a box of numbers."""

from . import inputs
from .canvas import WIDTH, Canvas, count
from .layers import letters
from .maps import CHANNELS, chip, dimension, stack

LEFT, RIGHT = -54, 60  # room for what is written beside the sheets, which begin at 0
SMALLEST_CELL, LARGEST_CELL = 12, 26


def sheets(size=6, in_channels=3, pixel=(2, 4), caption=None):
    """An image as a box of numbers: one sheet for each channel, its axes, and one pixel through all of them.

    Parameters
    ----------
    size : int or (int, int), in pixels
    in_channels : int
    pixel : (row, column), counted from 0
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If a number is no whole number, the image is too large to draw, or the pixel is not in it.

    Examples
    --------
    >>> sheets()
    <drawing: an image as a box of numbers, (6, 6, 3)>
    """
    H, W = inputs.whole_pair("sheets", "size", size, 1)
    C = inputs.channels("sheets", in_channels, len(CHANNELS))
    row, column = inputs.whole_pair("sheets", "pixel", pixel, 0)
    if row >= H or column >= W:
        raise ValueError(f"sheets: pixel {(row, column)} is not inside the image {(H, W)}")
    columns = W + (C - 1) * 2  # each sheet stands two cells to the right of the one before
    inputs.fits("sheets", f"size {(H, W)} with {count(C, 'channel')}", SMALLEST_CELL * columns - LEFT + RIGHT)
    cell = min(LARGEST_CELL, (WIDTH + LEFT - RIGHT) // columns)

    canvas = Canvas()
    # As many rows down as it takes to leave the pixel and the rows above it free.
    step = (2 * cell, (row + 1.5) * cell)
    looks = CHANNELS[:C]
    corners = stack(canvas, 0, 0, looks, H, W, cell, step, (row, column, 1, 1))
    for (left, top), look in zip(corners, looks, strict=True):
        chip(canvas, left + W * cell + 10, top + 15, look)
    _axes(canvas, (H, W, C), cell, corners[-1])
    words = (
        f"{count(C, 'sheet')} of {H} rows and {W} columns in a stack, one for each channel: {letters(looks)}. "
        f"Framed in every sheet: row {row}, column {column}, {count(C, 'number')} that together are one pixel. "
        f"In all {H} · {W} · {C} = {H * W * C} numbers."
    )
    if caption is None:
        caption = (
            f"{count(C, 'sheet')} of {H} rows and {W} columns. "
            f"The pixel in row {row}, column {column} is {count(C, 'number')}, one in each sheet."
        )
    return canvas.drawing(f"an image as a box of numbers, {(H, W, C)}", words, caption)


def _axes(canvas, shape, cell, last):
    """The dimensions H, W and, from the first sheet to the `last` one's corner, C."""
    (H, W, C), (last_x, last_y) = shape, last
    wide, high = W * cell, H * cell
    dimension(canvas, (0, -14), (wide, -14), f"W = {W}", (0, -18), stroke_width=2)
    dimension(canvas, (-14, 0), (-14, high), f"H = {H}", (-18, 0), stroke_width=2)
    if C > 1:
        dimension(canvas, (-14, high), (last_x - 14, last_y + high), f"C = {C}", (-32, 16), stroke_width=2)
