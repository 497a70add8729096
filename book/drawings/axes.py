"""The six axes of a layer, told apart: their looks, tiles of them, and the drawing that explains them."""

from typing import NamedTuple

from .canvas import BLUE, GREEN, ORANGE, PAPER, PURPLE, SKY, VERMILLION, Canvas

TILE = (102, 50)


class Axis(NamedTuple):
    """The look and meaning of one axis; `dash` is that of its dimension line."""

    letter: str
    dash: str | None
    pattern: str
    colour: str
    meaning: str


AXES = {
    "H": Axis("H", None, "lines", BLUE, "rows of the image"),
    "W": Axis("W", "14 5", "bars", SKY, "columns of the image"),
    "C": Axis("C", "2 3", "dots", VERMILLION, "input channels"),
    "kH": Axis("kH", "8 4 2 4", "crosses", GREEN, "rows of the kernel"),
    "kW": Axis("kW", "5 3", "hatch", ORANGE, "columns of the kernel"),
    "O": Axis("O", "12 3 2 3 2 3", "rings", PURPLE, "output channels"),
}


def sizes_of(layer):
    """The sizes of a layer's six axes: letter -> int."""
    (H, W), (kH, kW) = layer.size, layer.kernel
    return {"H": H, "W": W, "C": layer.C, "kH": kH, "kW": kW, "O": layer.filters}


def tile(canvas, x, y, axis, label, value):
    """An axis of an array: its pattern in its colour on the left, then its letter and, unless None, its size."""
    wide, high = TILE
    band = 20
    with canvas.part(f"tile-{label}"):
        canvas.rect(x, y, wide, high, fill=PAPER, radius=8)
        canvas.rect(x + 1, y + 1, band, high - 2, fill=canvas.pattern(axis.pattern, axis.colour), radius=7)
        canvas.rect(x, y, wide, high, stroke=axis.colour, stroke_width=2.5, radius=8)
        middle = x + band + (wide - band) / 2
        if value is None:
            canvas.text(middle, y + high / 2, label, strong=True)
        else:
            canvas.text(middle, y + 15, label, muted=True)
            canvas.text(middle, y + 35, str(value), strong=True)


def equal_axes(sizes):
    """Name the axes that have one size by accident, in a sentence.

    Examples
    --------
    >>> equal_axes({"H": 6, "W": 6, "C": 3, "kH": 3, "kW": 3, "O": 2})
    'C, kH and kW are all 3; H and W are both 6: only the letter tells them apart.'
    """
    groups = []
    for size in sorted(set(sizes.values())):
        *most, last = (letter for letter in sizes if sizes[letter] == size)
        if most:
            groups.append(f"{', '.join(most)} and {last} are {'both' if len(most) == 1 else 'all'} {size}")
    if not groups:
        return "No two of the six axes have the same size."
    return f"{'; '.join(groups)}: only the letter tells them apart."


def axes_legend(caption=None):
    """The six axes of a layer: letter, pattern, colour and what each of them counts.

    Examples
    --------
    >>> axes_legend()
    <drawing: the six axes of a layer>
    """
    canvas = Canvas()
    wide, high = TILE
    for index, axis in enumerate(AXES.values()):
        y = index * (high + 12)
        tile(canvas, 0, y, axis, axis.letter, None)
        canvas.line([(wide + 18, y + high / 2), (wide + 86, y + high / 2)], axis.colour, 4, axis.dash, cap="butt")
        canvas.text(wide + 104, y + high / 2, axis.meaning, anchor="start")
    words = "; ".join(f"{axis.letter}: {axis.meaning}" for axis in AXES.values()) + "."
    if caption is None:
        caption = "Each axis has its own letter, pattern, line and colour."
    return canvas.drawing("the six axes of a layer", words, caption)
