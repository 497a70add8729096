# ruff: noqa: RUF001, RUF003 (× and − are the signs that readers know)
"""Drawings of a whole layer: the seed's regular convolution, and the same layer with its axes told apart."""

from typing import NamedTuple

from convolution import reference

from . import inputs
from .canvas import (
    BLUE,
    GREEN,
    GREY,
    MUTED,
    ORANGE,
    PAPER,
    PURPLE,
    SKY,
    VERMILLION,
    WIDTH,
    Canvas,
    count,
    text_width,
)
from .maps import CHANNELS, NEUTRAL, OUTPUTS, arrow, cells, chip, dimension, outline, stack, totals

LEFT = -54  # the input stands at 0; what is written beside it reaches to here
DRAWN_FILTERS = len(OUTPUTS)  # of more filters than these the rest is only counted


class Layer(NamedTuple):
    """A regular layer's sizes and what they come to, without padding, stride or bias."""

    in_channels: int
    out_channels: int
    H: int
    W: int
    kH: int  # noqa: N815 (the field's name)
    kW: int  # noqa: N815
    H_out: int
    W_out: int
    window: int  # inputs, and as many weights, behind one output number
    weights: int
    macs: int


def _layer(function, in_channels, out_channels, size, kernel_size):
    """Check the four arguments and let the reference count."""
    in_channels = inputs.channels(function, in_channels, len(CHANNELS))
    out_channels = inputs.whole(function, "out_channels", out_channels, 1)
    (H, W), (kH, kW), (H_out, W_out) = inputs.geometry(function, size, kernel_size)
    return Layer(
        in_channels,
        out_channels,
        H,
        W,
        kH,
        kW,
        H_out,
        W_out,
        window=reference.conv2d_params(in_channels, 1, (kH, kW), bias=False),
        weights=reference.conv2d_params(in_channels, out_channels, (kH, kW), bias=False),
        macs=reference.conv2d_macs(in_channels, out_channels, (kH, kW), (H_out, W_out)),
    )


class Axis(NamedTuple):
    """One axis: its letter, the dashes of its dimension line, its pattern and colour, what it counts."""

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


def _picture(canvas, function, layer, by_axis):
    """Draw a layer: input, filters, output, what one output number touches, and the six axes.

    Returns the middle and the bottom of the input, as (x, y).

    by_axis : bool; maps in grey and axes in their colours, or channels in theirs and axes in grey
    """
    C, filters = layer.in_channels, layer.out_channels
    shift = 12 if C <= 3 else 10  # how far each map of a cascade stands to the right of the one before
    # By channel, the links and arrows carry chips. With one channel the filter is so low that its arrow has to start
    # beyond kH's dimension line.
    link, right = (46 if by_axis else 60), 46
    past_height = 5 if C > 1 else 50
    arrow_room = (57 if by_axis else 63) + past_height
    fixed, columns = -LEFT + link + arrow_room + right + 2 * shift * (C - 1), layer.W + layer.kW + layer.W_out
    smallest, largest = 7, 24
    inputs.fits(
        function,
        f"size {(layer.H, layer.W)} with kernel_size {(layer.kH, layer.kW)}",
        fixed + smallest * columns,
    )
    cell = min(largest, (WIDTH - fixed) // columns)
    # Each map shows the window's rows and a little more above the next, so that every touched cell is seen.
    step = (shift, max((layer.kH + 0.5) * cell, 24 if by_axis else 36))
    touched = min(1, layer.W_out - 1)  # column of the output number that is followed; its row is the first
    channels = [NEUTRAL] * C if by_axis else CHANNELS[:C]
    sizes = {"H": layer.H, "W": layer.W, "C": C, "kH": layer.kH, "kW": layer.kW, "O": filters}

    def measure(letter, start, end, away):
        axis = AXES[letter]
        colour, stroke_width = (axis.colour, 4) if by_axis else (MUTED, 2)
        dash = axis.dash if by_axis else None
        dimension(canvas, start, end, f"{letter} = {sizes[letter]}", away, colour, dash, stroke_width)

    wide, high = layer.W * cell, layer.H * cell
    input_wide, input_high = wide + (C - 1) * shift, high + (C - 1) * step[1]
    filter_x = input_wide + link
    filter_wide, filter_high = (C - 1) * shift + layer.kW * cell, (C - 1) * step[1] + layer.kH * cell
    output_x = filter_x + filter_wide + arrow_room
    pitch = max(filter_high + 18, layer.H_out * cell) + 30
    drawn = min(filters, DRAWN_FILTERS)
    filters_bottom = (drawn - 1) * pitch + filter_high
    # By channel, each window is level with the kernel it meets; by axis, the input is level with all filters.
    input_y = max(0, (filters_bottom - input_high) / 2) if by_axis else 0

    # Input
    with canvas.part("input"):
        maps = stack(canvas, 0, input_y, channels, layer.H, layer.W, cell, step, (0, touched, layer.kH, layer.kW))
    measure("W", (0, input_y - 14), (wide, input_y - 14), (0, -18))
    measure("H", (-14, input_y), (-14, input_y + high), (-18, 0))
    if C > 1:
        measure("C", (-14, input_y + high), (maps[-1][0] - 14, input_y + input_high), (-26, 18))

    # Filters, and the output map that each of them makes
    tops = []
    for o in range(drawn):
        y = o * pitch
        middle = y + filter_high / 2
        tops.append(middle - layer.H_out * cell / 2)
        look = NEUTRAL if by_axis else OUTPUTS[o]
        frame_left, frame_right = filter_x - 9, filter_x + filter_wide + 9
        with canvas.part(f"filter-{o}"):
            canvas.rect(
                frame_left,
                y - 9,
                frame_right - frame_left,
                filter_high + 18,
                stroke=look.colour,
                stroke_width=2,
                radius=10,
            )
            # The number that is followed is in the first map, so only the first filter is touched.
            whole = (0, 0, layer.kH, layer.kW) if o == 0 else None
            kernels = stack(canvas, filter_x, y, channels, layer.kH, layer.kW, cell, step, whole)
        with canvas.part(f"output-{o}"):
            followed = (0, touched, 1, 1) if o == 0 else None
            stack(canvas, output_x, tops[-1], [look], layer.H_out, layer.W_out, cell, step, followed)
        if by_axis:
            arrow(canvas, (input_wide + 10, input_y + input_high / 2), (frame_left - 6, middle))
        start, end = frame_right + past_height, output_x - 7
        arrow(canvas, (start, middle), (end, middle))
        if not by_axis:
            chip(canvas, (start + end) / 2 - 7, middle, look, anchor="middle")
        if o == 0:
            measure("kW", (filter_x, y - 23), (filter_x + layer.kW * cell, y - 23), (0, -18))
            side = frame_right + 14
            measure("kH", (side, y), (side, y + layer.kH * cell), (19, 0))
            for look, map_at, kernel_at in zip(channels, maps, kernels, strict=True):
                if not by_axis:
                    at, start = map_at[1] + layer.kH * cell / 2, map_at[0] + wide + 4
                    canvas.line([(start, at), (kernel_at[0] - 5, at)], stroke=look.colour, stroke_width=2)
                    chip(canvas, (start + frame_left) / 2, at, look, anchor="middle")
    if filters > 1:
        side = output_x + layer.W_out * cell + 16
        measure("O", (side, tops[0]), (side, tops[-1] + layer.H_out * cell), (19, 0))
    names = ("x", "weight", "y") if by_axis else ("input", "filters", "output")
    middles = (input_wide / 2, filter_x + filter_wide / 2, output_x + layer.W_out * cell / 2)
    for name, middle in zip(names, middles, strict=True):
        canvas.text(middle, -72, name, strong=by_axis, muted=not by_axis)
    if filters > drawn:
        more = filters - drawn
        text = f"and {count(more, 'more filter')}, {count(more, 'more map')}"
        canvas.text(output_x + layer.W_out * cell, filters_bottom + 34, text, anchor="end", muted=True)
    return input_wide / 2, input_y + input_high


def _key(canvas, x, y):
    """What the frames mean, below the input."""
    with canvas.part("key"):
        cells(canvas, x - 13, y + 34, 1, 1, 26, fill=canvas.pattern("plain", GREY))
        outline(canvas, x - 13, y + 34, 26, 26, tint=False)
        canvas.text(x, y + 80, "touched by one", muted=True)
        canvas.text(x, y + 104, "output number", muted=True)


def _totals(canvas, layer):
    """The three counts: behind one number, in the layer, and done by it."""
    filters = f"{layer.out_channels} · {layer.in_channels} · {layer.kH} · {layer.kW}"
    columns = (
        (layer.window, "inputs meet", f"{layer.window} weights"),
        (layer.weights, "weights", filters),
        (layer.macs, "MACs", f"{layer.H_out} · {layer.W_out} · {layer.weights}"),
    )
    totals(canvas, columns, LEFT)


def regular(in_channels=3, out_channels=2, size=6, kernel_size=3, caption=None):
    """A regular convolution: the input's maps, the filters, the output's maps, and what one output number touches.

    Parameters
    ----------
    in_channels, out_channels : int; of many filters the first two are drawn and the others counted
    size, kernel_size : int or (int, int), in pixels
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If a number is no whole number, the kernel does not fit, or the layer is too large to draw.

    Notes
    -----
    No padding, stride 1, no bias. The counts are those of `convolution.reference`.

    Examples
    --------
    >>> regular()
    <drawing: a regular convolution, (6, 6, 3) to (4, 4, 2)>
    """
    layer = _layer("regular", in_channels, out_channels, size, kernel_size)
    canvas = Canvas()
    _key(canvas, *_picture(canvas, "regular", layer, by_axis=False))
    _totals(canvas, layer)
    C, filters = layer.in_channels, layer.out_channels
    letters = [look.letter for look in CHANNELS[:C]]
    words = (
        f"The input has {count(C, 'map')} of {layer.H} rows and {layer.W} columns, one for each channel: "
        f"{', '.join(letters)}. The layer has {count(filters, 'filter')}; each filter holds {count(C, 'kernel')} "
        f"of {layer.kH} rows and {layer.kW} columns, one for each input channel, and makes one output map of "
        f"{layer.H_out} rows and {layer.W_out} columns. One output number touches "
        f"{count(layer.window, 'input')}, a {layer.kH} × {layer.kW} window in each input map, and "
        f"{count(layer.window, 'weight')}, one whole filter. In all "
        f"{filters} · {C} · {layer.kH} · {layer.kW} = {count(layer.weights, 'weight')} and "
        f"{layer.H_out} · {layer.W_out} · {layer.weights} = {count(layer.macs, 'MAC')}."
    )
    if caption is None:
        channels = f", over all {C} channels at once" if C > 1 else ""
        caption = (
            "A filter has a kernel for every channel of the input. One output number is the sum of "
            f"{count(layer.window, 'product')}{channels}."
        )
    return canvas.drawing(f"a regular convolution, {_shapes(layer)}", words, caption)


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
    columns, right, smallest = W + (C - 1) * 2, 60, 12
    inputs.fits("sheets", f"size {(H, W)} with {count(C, 'channel')}", smallest * columns - LEFT + right)
    cell = min(26, (WIDTH + LEFT - right) // columns)
    # Two columns and as many rows as it takes to leave the pixel and the rows above it free.
    step = (2 * cell, (row + 1.5) * cell)
    wide, high = W * cell, H * cell

    canvas = Canvas()
    corners = stack(canvas, 0, 0, CHANNELS[:C], H, W, cell, step, (row, column, 1, 1))
    for (left, top), look in zip(corners, CHANNELS, strict=False):
        chip(canvas, left + wide + 10, top + 15, look)
    dimension(canvas, (0, -14), (wide, -14), f"W = {W}", (0, -18), stroke_width=2)
    dimension(canvas, (-14, 0), (-14, high), f"H = {H}", (-18, 0), stroke_width=2)
    last_x, last_y = corners[-1]
    if C > 1:
        dimension(canvas, (-14, high), (last_x - 14, last_y + high), f"C = {C}", (-32, 16), stroke_width=2)
    letters = [look.letter for look in CHANNELS[:C]]
    words = (
        f"{count(C, 'sheet')} of {H} rows and {W} columns in a stack, one for each channel: {', '.join(letters)}. "
        f"Framed in every sheet: row {row}, column {column}, {count(C, 'number')} that together are one pixel. "
        f"In all {H} · {W} · {C} = {H * W * C} numbers."
    )
    if caption is None:
        caption = (
            f"{count(C, 'sheet')} of {H} rows and {W} columns. "
            f"The pixel in row {row}, column {column} is {count(C, 'number')}, one in each sheet."
        )
    return canvas.drawing(f"an image as a box of numbers, {(H, W, C)}", words, caption)


def _shapes(layer):
    return f"{(layer.H, layer.W, layer.in_channels)} to {(layer.H_out, layer.W_out, layer.out_channels)}"


TILE = (102, 50)


def _tile(canvas, x, y, axis, label, value):
    """One axis of one array: its pattern in its colour on the left, then its letter and size."""
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


def which_is_which(in_channels=3, out_channels=2, size=6, kernel_size=3, caption=None):
    """A layer with its axes told apart, in the picture and in the shapes of x, weight and y.

    Parameters
    ----------
    in_channels, out_channels, size, kernel_size, caption : as for `regular`

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        As `regular`.

    Examples
    --------
    >>> which_is_which()
    <drawing: the axes of a regular convolution, (6, 6, 3) to (4, 4, 2)>
    """
    layer = _layer("which_is_which", in_channels, out_channels, size, kernel_size)
    canvas = Canvas()
    _picture(canvas, "which_is_which", layer, by_axis=True)
    C, filters = layer.in_channels, layer.out_channels
    arrays = (
        ("x", (None, ("C", "C", C), ("H", "H", layer.H), ("W", "W", layer.W))),
        ("weight", (("O", "O", filters), ("C", "C", C), ("kH", "kH", layer.kH), ("kW", "kW", layer.kW))),
        ("y", (("O", "O", filters), None, ("H", "H_out", layer.H_out), ("W", "W_out", layer.W_out))),
    )
    wide, high = TILE
    x, y = LEFT, canvas.bottom + 40
    first = x + text_width("weight") + 14
    with canvas.part("shapes"):
        for name, axes in arrays:
            canvas.text(x, y + high / 2, name, anchor="start", strong=True)
            for place, entry in enumerate(axes):
                if entry:
                    letter, label, value = entry
                    _tile(canvas, first + place * (wide + 8), y, AXES[letter], label, value)
            y += high + 12
    remark = _equal_axes({"H": layer.H, "W": layer.W, "C": C, "kH": layer.kH, "kW": layer.kW, "O": filters})
    words = (
        f"x has C = {C}, H = {layer.H}, W = {layer.W}. "
        f"weight has O = {filters}, C = {C}, kH = {layer.kH}, kW = {layer.kW}. "
        f"y has O = {filters}, H_out = {layer.H_out}, W_out = {layer.W_out}. "
        "C is in x and in weight and is summed over; O is in weight and in y. "
        f"H_out = {layer.H} − {layer.kH} + 1 and W_out = {layer.W} − {layer.kW} + 1. {remark}"
    )
    if caption is None:
        caption = remark
    return canvas.drawing(f"the axes of a regular convolution, {_shapes(layer)}", words, caption)


def _equal_axes(sizes):
    """Which axes have one size by accident, in a sentence."""
    groups = []
    for value in sorted(set(sizes.values())):
        letters = [letter for letter, size in sizes.items() if size == value]
        if len(letters) > 1:
            both = "both" if len(letters) == 2 else "all"
            groups.append(f"{', '.join(letters[:-1])} and {letters[-1]} are {both} {value}")
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
    for place, axis in enumerate(AXES.values()):
        y = place * (high + 12)
        _tile(canvas, 0, y, axis, axis.letter, None)
        canvas.line([(wide + 18, y + high / 2), (wide + 86, y + high / 2)], axis.colour, 4, axis.dash, cap="butt")
        canvas.text(wide + 104, y + high / 2, axis.meaning, anchor="start")
    words = "; ".join(f"{axis.letter}: {axis.meaning}" for axis in AXES.values()) + "."
    if caption is None:
        caption = "Each axis has its own letter, pattern, line and colour."
    return canvas.drawing("the six axes of a layer", words, caption)
