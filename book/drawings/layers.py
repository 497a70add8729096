"""Drawings of a whole layer: the seed's regular convolution, and the same layer with its axes told apart."""

from typing import NamedTuple

from autograder import reference

from . import inputs
from .canvas import BLUE, GREEN, MUTED, ORANGE, PAPER, PURPLE, SKY, VERMILLION, WIDTH, Canvas, text_width
from .maps import CHANNELS, NEUTRAL, OUTPUTS, arrow, chip, dimension, stack

DRAWN_FILTERS = len(OUTPUTS)  # of more filters than these the rest is only counted


class Layer(NamedTuple):
    """A regular layer's sizes and what they come to, without padding, stride or bias."""

    in_channels: int
    out_channels: int
    H: int
    W: int
    kH: int
    kW: int
    H_out: int
    W_out: int
    window: int  # inputs, and as many weights, behind one output number
    weights: int
    macs: int


def _layer(function, in_channels, out_channels, size, kernel_size):
    """Check the four arguments and let the reference count."""
    in_channels = inputs.whole(function, "in_channels", in_channels, 1)
    out_channels = inputs.whole(function, "out_channels", out_channels, 1)
    if in_channels > len(CHANNELS):
        raise ValueError(f"{function}: in_channels must be at most {len(CHANNELS)} to be drawn, got {in_channels}")
    H, W = inputs.whole_pair(function, "size", size, 1)
    kH, kW = inputs.whole_pair(function, "kernel_size", kernel_size, 1)
    try:
        H_out, W_out = reference.output_size(H, kH), reference.output_size(W, kW)
    except ValueError as error:
        raise ValueError(f"{function}: {error}: size {(H, W)}, kernel_size {(kH, kW)}") from None
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
    "W": Axis("W", "9 4", "bars", SKY, "columns of the image"),
    "C": Axis("C", "2 3", "dots", VERMILLION, "input channels"),
    "kH": Axis("kH", "12 3 2 3", "crosses", GREEN, "rows of the kernel"),
    "kW": Axis("kW", "5 3", "hatch", ORANGE, "columns of the kernel"),
    "O": Axis("O", "2 6", "rings", PURPLE, "output channels"),
}


class Picture(NamedTuple):
    """Where the picture of a layer left room."""

    free_top: float  # below this the half to the left of the filters is empty
    free_right: float


def _picture(canvas, function, layer, by_axis):
    """Draw a layer: input, filters, output, what one output number touches, and the six axes.

    by_axis : bool; maps in grey and axes in their colours, or channels in theirs and axes in grey
    """
    C, O = layer.in_channels, layer.out_channels
    shift = 16 if C <= 3 else 10  # how far each map of a cascade stands to the right of the one before
    left, link, arrow_room, right = 34, 66, 62, 36
    cell = (WIDTH - left - link - arrow_room - right - 2 * shift * (C - 1)) // (layer.W + layer.kW + layer.W_out)
    cell = min(24, cell)
    inputs.legible(function, cell, 7, f"size {(layer.H, layer.W)} with kernel_size {(layer.kH, layer.kW)}")
    # Each map shows the window's rows and a little more above the next one, so that every touched cell is seen.
    step = (shift, max((layer.kH + 0.5) * cell, 36))
    touched = min(1, layer.W_out - 1)  # the column of the output number that is followed; its row is the first
    channels = [NEUTRAL] * C if by_axis else CHANNELS[:C]
    sizes = {"H": layer.H, "W": layer.W, "C": C, "kH": layer.kH, "kW": layer.kW, "O": O}

    def measure(letter, start, end, away):
        axis = AXES[letter]
        colour, stroke_width = (axis.colour, 4) if by_axis else (MUTED, 2)
        dash = axis.dash if by_axis else None
        dimension(canvas, start, end, f"{letter} = {sizes[letter]}", away, colour, dash, stroke_width)

    # Input
    wide, high = layer.W * cell, layer.H * cell
    with canvas.part("input"):
        maps = stack(canvas, 0, 0, channels, layer.H, layer.W, cell, step, (0, touched, layer.kH, layer.kW))
    measure("W", (0, -14), (wide, -14), (0, -18))
    measure("H", (-14, 0), (-14, high), (-18, 0))
    free_top = maps[-1][1] + high
    if C > 1:
        measure("C", (-14, high), (maps[-1][0] - 14, free_top), (-40, 14))

    # Filters, and the output map that each of them makes
    filter_x = wide + (C - 1) * shift + link
    filter_wide, filter_high = (C - 1) * shift + layer.kW * cell, (C - 1) * step[1] + layer.kH * cell
    output_x = filter_x + filter_wide + arrow_room
    pitch = max(filter_high, layer.H_out * cell) + 70
    drawn = min(O, DRAWN_FILTERS)
    tops = []
    for o in range(drawn):
        y = o * pitch
        middle = y + filter_high / 2
        tops.append(middle - layer.H_out * cell / 2)
        look = NEUTRAL if by_axis else OUTPUTS[o]
        with canvas.part(f"filter-{o}"):
            canvas.rect(
                filter_x - 9, y - 9, filter_wide + 18, filter_high + 18, stroke=look.colour, stroke_width=2, radius=10
            )
            kernels = stack(
                canvas, filter_x, y, channels, layer.kH, layer.kW, cell, step, (0, 0, layer.kH, layer.kW)
            )
        with canvas.part(f"output-{o}"):
            ((x, top),) = stack(
                canvas, output_x, tops[-1], [look], layer.H_out, layer.W_out, cell, step, (0, touched, 1, 1)
            )
        arrow(canvas, (filter_x + filter_wide + 14, middle), (output_x - 8, middle))
        if not by_axis:
            heading = y - 62 if o == 0 else y - 28
            chip(canvas, filter_x - 9, heading, look)
            chip(canvas, output_x, tops[-1] - 20, look)
        if o == 0:
            measure("kW", (filter_x, y - 20), (filter_x + layer.kW * cell, y - 20), (0, -18))
            side = filter_x + filter_wide + 20
            measure("kH", (side, y), (side, y + layer.kH * cell), (18, 0))
            for c, (map_at, kernel_at) in enumerate(zip(maps, kernels, strict=True)):
                at = map_at[1] + layer.kH * cell / 2
                canvas.line([(map_at[0] + wide + 4, at), (kernel_at[0] - 5, at)], stroke=channels[c].colour, stroke_width=2)
                if not by_axis:
                    chip(canvas, map_at[0] + wide + 8, at, channels[c])
    bottom = tops[-1] + layer.H_out * cell
    if O > 1:
        side = output_x + layer.W_out * cell + 16
        measure("O", (side, tops[0]), (side, bottom), (18, 0))
    if O > drawn:
        more = O - drawn
        text = f"and {more} more {'filter' if more == 1 else 'filters'}, {more} more {'map' if more == 1 else 'maps'}"
        canvas.text(side, canvas.bottom + 24, text, anchor="end", muted=True)
    return Picture(free_top + 30, filter_x - 24)


def _totals(canvas, layer, picture):
    """The three counts: behind one number, in the layer, and done by it."""
    rows = (
        (layer.window, "inputs meet", f"{layer.window} weights"),
        (layer.weights, "weights", f"{layer.out_channels} · {layer.in_channels} · {layer.kH} · {layer.kW}"),
        (layer.macs, "MACs", f"{layer.H_out} · {layer.W_out} · {layer.weights}"),
    )
    size = 30
    numbers_wide = max(text_width(str(count), size) for count, _, _ in rows)
    words_wide = max(text_width(text) for row in rows for text in row[1:])
    x, y = -34, picture.free_top
    if x + numbers_wide + 14 + words_wide > picture.free_right:
        x, y = 0, canvas.bottom + 24
    y += 24
    with canvas.part("totals"):
        for count, unit, how in rows:
            canvas.text(x + numbers_wide, y + 10, str(count), anchor="end", size=size, strong=True)
            canvas.text(x + numbers_wide + 14, y, unit, anchor="start", strong=True)
            canvas.text(x + numbers_wide + 14, y + 24, how, anchor="start", muted=True)
            y += 68


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
    No padding, stride 1, no bias. The counts are those of `autograder.reference`.

    Examples
    --------
    >>> regular()
    <drawing: a regular convolution, (6, 6, 3) to (4, 4, 2)>
    """
    layer = _layer("regular", in_channels, out_channels, size, kernel_size)
    canvas = Canvas()
    picture = _picture(canvas, "regular", layer, by_axis=False)
    _totals(canvas, layer, picture)
    C, O = layer.in_channels, layer.out_channels
    letters = [look.letter for look in CHANNELS[:C]]
    words = (
        f"The input has {_count(C, 'map')} of {layer.H} rows and {layer.W} columns, one for each channel: "
        f"{', '.join(letters)}. The layer has {_count(O, 'filter')}; each filter holds {_count(C, 'kernel')} of {layer.kH} rows "
        f"and {layer.kW} columns, one for each input channel. Each filter makes one output map of {layer.H_out} rows and "
        f"{layer.W_out} columns. One output number touches {_count(layer.window, 'input')}, a {layer.kH} × {layer.kW} window in "
        f"every one of the {_count(C, 'input map')}, and {_count(layer.window, 'weight')}, one whole filter. In all "
        f"{O} · {C} · {layer.kH} · {layer.kW} = {_count(layer.weights, 'weight')} and "
        f"{layer.H_out} · {layer.W_out} · {layer.weights} = {_count(layer.macs, 'MAC')}."
    )
    if caption is None:
        caption = (
            f"Each of the {_count(O, 'filter')} has a kernel for every channel. One output number is the sum of "
            f"{_count(layer.window, 'product')}, over all {_count(C, 'channel')} at once."
        )
    return canvas.drawing(f"a regular convolution, {_shapes(layer)}", words, caption)


def _shapes(layer):
    return f"{(layer.H, layer.W, layer.in_channels)} to {(layer.H_out, layer.W_out, layer.out_channels)}"


def _count(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


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
    C, O = layer.in_channels, layer.out_channels
    arrays = (
        ("x", (None, ("C", "C", C), ("H", "H", layer.H), ("W", "W", layer.W))),
        ("weight", (("O", "O", O), ("C", "C", C), ("kH", "kH", layer.kH), ("kW", "kW", layer.kW))),
        ("y", (("O", "O", O), None, ("H", "H_out", layer.H_out), ("W", "W_out", layer.W_out))),
    )
    wide, high = TILE
    x, y = -34, canvas.bottom + 40
    first = x + text_width("weight") + 14
    with canvas.part("shapes"):
        for name, axes in arrays:
            canvas.text(x, y + high / 2, name, anchor="start", strong=True)
            for place, entry in enumerate(axes):
                if entry:
                    letter, label, value = entry
                    _tile(canvas, first + place * (wide + 8), y, AXES[letter], label, value)
            y += high + 12
    sizes = {"H": layer.H, "W": layer.W, "C": C, "kH": layer.kH, "kW": layer.kW, "O": O}
    equal = [
        (value, [letter for letter in sizes if sizes[letter] == value])
        for value in sorted(set(sizes.values()))
        if list(sizes.values()).count(value) > 1
    ]
    if equal:
        told = "; ".join(f"{' and '.join([', '.join(names[:-1]), names[-1]])} are all {value}" if len(names) > 2 else f"{names[0]} and {names[1]} are both {value}" for value, names in equal)
        remark = f"{told}: only the letter tells them apart."
    else:
        remark = "No two of the six axes have the same size."
    words = (
        f"x has C = {C}, H = {layer.H}, W = {layer.W}. weight has O = {O}, C = {C}, kH = {layer.kH}, kW = {layer.kW}. y has "
        f"O = {O}, H_out = {layer.H_out}, W_out = {layer.W_out}. C is shared by x and weight and is summed over; O is shared by "
        f"weight and y; H_out = {layer.H} − {layer.kH} + 1, W_out = {layer.W} − {layer.kW} + 1. {remark}"
    )
    if caption is None:
        caption = remark[0].upper() + remark[1:] if not equal else remark
    return canvas.drawing(f"the axes of a regular convolution, {_shapes(layer)}", words, caption)


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
        caption = "One letter, one pattern, one line and one colour for each axis, the same in every drawing."
    return canvas.drawing("the six axes of a layer", words, caption)
