"""The elements of every drawing: maps of cells, stacks of maps, windows, arrows, dimensions, chips.

Positions are top left corners; a map of `rows` by `columns` cells of `cell` units takes `columns * cell` by
`rows * cell`.
"""

from typing import NamedTuple

from .canvas import (
    BLUE,
    CELL,
    EDGE,
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    PURPLE,
    SKY,
    VERMILLION,
    WIDTH,
    YELLOW,
    number,
    text_width,
)


class Look(NamedTuple):
    """The letter, pattern and colour that tell a channel or a map from its neighbours; each of them tells alone."""

    letter: str
    pattern: str
    colour: str


CHANNELS = (
    Look("c0", "hatch", VERMILLION),
    Look("c1", "dots", GREEN),
    Look("c2", "lines", BLUE),
    Look("c3", "crosses", YELLOW),
    Look("c4", "bars", GREY),
)
OUTPUTS = (Look("o0", "backhatch", ORANGE), Look("o1", "rings", PURPLE))
NEUTRAL = Look("", "plain", GREY)


def cells(canvas, x, y, rows, columns, cell, fill=None, special=None, backdrop=True):
    """A map: rounded cells on a backdrop that hides what lies behind it.

    fill : str, paint of every cell; default the page's surface colour with an edge
    special : dict from (row, column) to the paint of that cell
    """
    # Cells with a pattern have no edge, so they stand further apart: they are there to be counted.
    gap = max(1.6, cell * 0.11) if fill else 2
    radius = min(5, cell * 0.18)
    if backdrop:
        canvas.rect(x - 2, y - 2, columns * cell + 4, rows * cell + 4, fill=PAPER, radius=radius + 3)
    for row in range(rows):
        for column in range(columns):
            paint = (special or {}).get((row, column), fill or CELL)
            canvas.rect(
                x + column * cell + gap / 2,
                y + row * cell + gap / 2,
                cell - gap,
                cell - gap,
                fill=paint,
                stroke="none" if fill else EDGE,
                radius=radius,
            )


def numbers(canvas, x, y, array, cell, strong=()):
    """The numbers of a 2-D array, one in each cell of a map drawn before; `strong` holds (row, column) pairs."""
    for row, values in enumerate(array):
        for column, value in enumerate(values):
            canvas.text(
                x + (column + 0.5) * cell,
                y + (row + 0.5) * cell,
                number(value),
                strong=(row, column) in strong,
            )


def indices(canvas, x, y, rows, columns, cell, first_row=0, first_column=0, above=True, beside=True):
    """Row numbers to the left of a map and column numbers above it, counted from 0."""
    if above:
        for column in range(columns):
            canvas.text(x + (column + 0.5) * cell, y - 15, str(column + first_column), muted=True)
    if beside:
        for row in range(rows):
            canvas.text(x - 10, y + (row + 0.5) * cell, str(row + first_row), anchor="end", muted=True)


def outline(canvas, x, y, width, height, tint=True):
    """The window: a sky-blue tint and a frame in the page's ink, which shows on every colour and in both modes."""
    radius = min(6, 0.28 * min(width, height))
    if tint:
        canvas.rect(x, y, width, height, fill=SKY, radius=radius, opacity=0.4)
    canvas.rect(x, y, width, height, stroke=INK, stroke_width=2.5, radius=radius)


def arrow(canvas, start, end, colour=MUTED):
    """A straight arrow from start to end, both (x, y)."""
    (x0, y0), (x1, y1) = start, end
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    head = 8
    back_x, back_y = x1 - head * ux, y1 - head * uy
    wing_x, wing_y = -uy * head * 0.6, ux * head * 0.6
    canvas.line([start, end], stroke=colour, stroke_width=2)
    canvas.line(
        [(back_x + wing_x, back_y + wing_y), (x1, y1), (back_x - wing_x, back_y - wing_y)],
        stroke=colour,
        stroke_width=2,
    )


def chip(canvas, x, y, look, anchor="start"):
    """A small plate with a look's letter; (x, y) is the middle of its left end, or with anchor "middle" its middle."""
    width, height = text_width(look.letter) + 14, 26
    left, top = (x if anchor == "start" else x - width / 2), y - height / 2
    canvas.rect(left, top, width, height, fill=PAPER, radius=height / 2)
    canvas.rect(left, top, width, height, fill=look.colour, radius=height / 2, opacity=0.3)
    canvas.rect(left, top, width, height, stroke=look.colour, stroke_width=2, radius=height / 2)
    canvas.text(left + width / 2, y, look.letter, strong=True)


def single_map(canvas, x, y, look, shape, cell, touched=None, strength=0.4):
    """A map in a look's pattern.

    shape : (rows, columns)
    touched : (row, column, height, width), cells drawn in full strength with a frame around them
    strength : how far the other cells fade
    """
    with canvas.part(f"map-{look.letter}" if look.letter else "map"):
        faded = canvas.pattern(look.pattern, look.colour, strength)
        special = {}
        if touched:
            row, column, height, width = touched
            full = canvas.pattern(look.pattern, look.colour)
            special = {(row + u, column + v): full for u in range(height) for v in range(width)}
        cells(canvas, x, y, *shape, cell, fill=faded, special=special)
        if touched:
            outline(canvas, x + column * cell, y + row * cell, width * cell, height * cell, tint=False)


def stack(canvas, x, y, looks, rows, columns, cell, step, touched=None, strength=0.4):
    """Maps in a cascade, the first at the back; returns the (x, y) of each.

    looks : one Look per map
    step : (right, down) from one map to the next, in drawing units
    touched, strength : as for `single_map`, the same in every map
    """
    corners = [(x + depth * step[0], y + depth * step[1]) for depth in range(len(looks))]
    for look, corner in zip(looks, corners, strict=True):
        single_map(canvas, *corner, look, (rows, columns), cell, touched, strength)
    return corners


def dimension(canvas, start, end, label, away, colour=MUTED, dash=None, stroke_width=1.5):
    """A line from start to end with end marks; its label stands `away` = (dx, dy) from its middle."""
    (x0, y0), (x1, y1) = start, end
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    mark_x, mark_y = -(y1 - y0) / length * 5, (x1 - x0) / length * 5
    canvas.line([start, end], stroke=colour, dash=dash, stroke_width=stroke_width, cap="butt")
    for mx, my in (start, end):
        canvas.line([(mx - mark_x, my - mark_y), (mx + mark_x, my + mark_y)], stroke=colour, stroke_width=stroke_width)
    dx, dy = away
    canvas.text((x0 + x1) / 2 + dx, (y0 + y1) / 2 + dy, label, strong=True, turned=x0 == x1)


def totals(canvas, columns, left, part="totals"):
    """Counts in a row below all that is drawn, from `left` on.

    columns : for each count the number, what it counts, how it comes about
    """
    wide, y = WIDTH / len(columns), canvas.bottom + 40
    with canvas.part(part):
        for index, (result, unit, how) in enumerate(columns):
            x = left + (index + 0.5) * wide
            canvas.text(x, y, str(result), size=30, strong=True)
            canvas.text(x, y + 30, unit, strong=True)
            canvas.text(x, y + 55, how, muted=True)
