# ruff: noqa: RUF002 (the minus sign of print)
"""A grid of numbers, and what all drawings of one channel share: the size of a cell, and numbers in words."""

import numpy as np

from . import inputs
from .canvas import Canvas, number, text_width
from .maps import cells, indices, numbers, outline

CELL_SIZE = 40
INDEX_ROOM = 26  # for the row numbers to the left of a grid


def times(rows, columns):
    """The size of a grid, as readers write it.

    Examples
    --------
    >>> times(3, 2)
    '3 × 2'
    """
    return f"{rows} × {columns}"


def in_words(array):
    """The numbers of a 2-D array in one line, row by row.

    Examples
    --------
    >>> in_words([[1, 2], [-3, 0.5]])
    '1 2; −3 0.5'
    """
    return "; ".join(" ".join(number(value) for value in row) for row in array)


def cell_for(*arrays):
    """The side of a cell that holds the widest number in the arrays, in drawing units."""
    widest = max(len(number(value)) for array in arrays for value in np.ravel(array))
    return max(CELL_SIZE, text_width("0" * widest) + 8)


def grid(array, highlight=None, title=None, caption=None):
    """A grid of numbers with its row and column indices.

    Parameters
    ----------
    array : array-like, shape (rows, columns)
    highlight : (row, column, height, width), optional; a region to point out, inside the grid
    title : str, optional; written above the grid
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If array is no grid of numbers, too wide to read, or highlight is not inside it.

    Examples
    --------
    >>> grid([[1, 2, 3], [4, 5, 6]], highlight=(0, 1, 2, 2), title="image")
    <drawing: image, 2 × 3>
    """
    array = inputs.matrix("grid", "array", array)
    rows, columns = array.shape
    region = None if highlight is None else _region(highlight, array.shape)
    cell = cell_for(array)
    inputs.fits("grid", f"array {array.shape}", INDEX_ROOM + columns * cell)

    canvas = Canvas()
    if title:
        canvas.text(columns * cell / 2, -46, title, strong=True)
    with canvas.part("grid"):
        indices(canvas, 0, 0, rows, columns, cell)
        cells(canvas, 0, 0, rows, columns, cell)
        strong = ()
        if region:
            row, column, height, width = region
            strong = {(row + u, column + v) for u in range(height) for v in range(width)}
            outline(canvas, column * cell, row * cell, width * cell, height * cell)
        numbers(canvas, 0, 0, array, cell, strong)

    words = f"{rows} rows and {columns} columns, row by row: {in_words(array)}."
    default_caption = f"{rows} rows, {columns} columns, both counted from 0."
    if region:
        inside = array[row : row + height, column : column + width]
        words += (
            f" Pointed out: rows {row} to {row + height - 1}, columns {column} to {column + width - 1}, "
            f"which hold {in_words(inside)}."
        )
        default_caption += f" The frame holds {height} × {width} of them, from row {row}, column {column}."
    name = f"{title or 'grid'}, {times(rows, columns)}"
    return canvas.drawing(name, words, default_caption if caption is None else caption)


def _region(highlight, shape):
    """Return (row, column, height, width) as ints, or raise a ValueError if it is not inside `shape`."""
    message = f"grid: highlight must be (row, column, height, width) inside the array {tuple(shape)}, got {highlight!r}"
    try:
        row, column, height, width = (inputs.whole("grid", "highlight", number, 0) for number in highlight)
    except (TypeError, ValueError):
        raise ValueError(message) from None
    if height < 1 or width < 1 or row + height > shape[0] or column + width > shape[1]:
        raise ValueError(message)
    return row, column, height, width
