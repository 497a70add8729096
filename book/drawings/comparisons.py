# ruff: noqa: RUF001, RUF003 (× and − are the signs that readers know)
"""Drawings that compare layers: what an output channel sees as groups grow, and what the separable pair costs."""

from fractions import Fraction

from convolution import reference

from . import inputs
from .canvas import GREEN, GREY, INK, MUTED, ORANGE, PURPLE, WIDTH, Canvas, count, text_width
from .maps import CHANNELS, Look, chip

# Outputs are grey in `groups`, so that the looks of outputs are free for further channels.
GROUPED = (*CHANNELS, Look("c5", "backhatch", ORANGE), Look("c6", "rings", PURPLE))
MOST_OUTPUTS = 10  # their letters have two characters
CHIP_WIDTH = text_width("o0") + 14
MOST_FILTERS = 24  # that are told apart in a bar
KINDS = {
    "regular": Look("regular", "hatch", GREY),
    "depthwise": Look("depthwise", "bars", GREEN),
    "pointwise": Look("pointwise", "rings", PURPLE),
}


def groups(in_channels, out_channels, groups, caption=None):
    """Which input channels each output channel sees: regular, in groups, depthwise.

    Parameters
    ----------
    in_channels, out_channels : int
    groups : int, drawn between 1 and in_channels; divides in_channels and out_channels
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If a number is no whole number or too large to draw, or groups do not divide the channels.

    Examples
    --------
    >>> groups(4, 4, 2)
    <drawing: what each of 4 output channels sees of 4, with 1, 2 and 4 groups>
    """
    function = "groups"
    C = inputs.channels(function, in_channels, len(GROUPED))
    O = inputs.whole(function, "out_channels", out_channels, 1)  # noqa: E741 (the field's name)
    middle = inputs.whole(function, "groups", groups, 1)
    if O > MOST_OUTPUTS:
        raise ValueError(f"{function}: out_channels must be at most {MOST_OUTPUTS} to be drawn, got {O}")
    panels = sorted({1, middle, C})
    for g in panels:
        if C % g or O % g:
            raise ValueError(f"{function}: {g} groups do not divide in_channels {C} and out_channels {O}")

    pitch, wide = 40, 146
    room = min(60, (WIDTH - wide * len(panels)) / max(1, len(panels) - 1))
    high = max(C, O) * pitch
    ins = [(c + 0.5) * high / C for c in range(C)]
    outs = [(o + 0.5) * high / O for o in range(O)]
    canvas = Canvas()
    said = []
    for place, g in enumerate(panels):
        x = place * (wide + room)
        start, end, middle = x + CHIP_WIDTH, x + wide - CHIP_WIDTH, x + wide / 2
        sees = C // g
        seen = [range(o // (O // g) * sees, (o // (O // g) + 1) * sees) for o in range(O)]
        kernels = reference.conv2d_params(sees, O, 1, bias=False)
        kinds = [name for groups, name in ((1, "regular"), (C, "depthwise")) if g == groups]
        name = " = ".join(kinds) or "in groups"
        canvas.text(middle, -56, f"groups = {g}", strong=True)
        canvas.text(middle, -32, name, muted=True)
        with canvas.part(f"groups-{g}"):
            for o in range(1, O):
                for c in seen[o]:
                    canvas.line([(start, ins[c]), (end, outs[o])], stroke_width=1.3)
            # What the first output sees is drawn last, so that no other line crosses it.
            for c in seen[0]:
                canvas.line([(start, ins[c]), (end, outs[0])], stroke=INK, stroke_width=5.5)
                canvas.line([(start, ins[c]), (end, outs[0])], stroke=GROUPED[c].colour, stroke_width=3)
            for c in range(C):
                chip(canvas, x, ins[c], GROUPED[c])
            for o in range(O):
                chip(canvas, end, outs[o], Look(f"o{o}", "plain", GREY))
            canvas.rect(end, outs[0] - 13, CHIP_WIDTH, 26, stroke=INK, stroke_width=2.5, radius=13)
        canvas.text(middle, high + 28, count(kernels, "kernel"), strong=True)
        canvas.text(middle, high + 52, f"{O} · {sees}", muted=True)
        connections = "; ".join(f"o{o} sees {', '.join(GROUPED[c].letter for c in seen[o])}" for o in range(O))
        said.append(f"{count(g, 'group')} ({name}): {connections}; {O} · {sees} = {count(kernels, 'kernel')}.")
    names = [str(g) for g in panels]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    if caption is None:
        caption = (
            f"With g groups an output channel sees {C}/g of the {count(C, 'input channel')}, and has as many kernels. "
            "Drawn thick: what o0 sees."
        )
    title = f"what each of {O} output channels sees of {C}, with {listed} {'group' if panels == [1] else 'groups'}"
    return canvas.drawing(title, " ".join(said), caption)


def cost_shares(out_channels, kernel_size, caption=None):
    """A regular layer's weights as a bar, and to the same scale the separable pair's two parts.

    Parameters
    ----------
    out_channels : int
    kernel_size : int or (int, int), in pixels
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If a number is no whole number of at least 1.

    Notes
    -----
    The number of input channels divides out, and so does the number of pixels: the shares are those of the MACs too.

    Examples
    --------
    >>> cost_shares(2, 3)
    <drawing: the separable pair has 11/18 of the regular layer's weights>
    """
    function = "cost_shares"
    O = inputs.whole(function, "out_channels", out_channels, 1)  # noqa: E741
    kH, kW = inputs.whole_pair(function, "kernel_size", kernel_size, 1)
    regular = reference.conv2d_params(1, O, (kH, kW), bias=False)
    depthwise = Fraction(reference.depthwise_params(1, (kH, kW), bias=False), regular)
    pointwise = Fraction(reference.pointwise_params(1, O, bias=False), regular)
    total = reference.cost_ratio(O, (kH, kW))
    full = WIDTH / float(max(Fraction(1), total))
    high = 44

    canvas = Canvas()
    canvas.reach(0, 0, WIDTH, 0)

    def bar(y, start, share, look):
        x, wide = float(start) * full, float(share) * full
        with canvas.part(f"bar-{look.letter}"):
            if wide < 4:  # too thin for an edge
                canvas.rect(x, y, max(wide, 1.2), high, fill=look.colour, radius=0)
            else:
                fill = canvas.pattern(look.pattern, look.colour)
                canvas.rect(x + 1, y, wide - 2, high, fill=fill, stroke=look.colour, stroke_width=2, radius=3)

    with canvas.part("regular"):
        canvas.text(0, 0, "regular", anchor="start", strong=True)
        canvas.text(text_width("regular") + 4, 0, f"O = {O}, kernel {kH} × {kW}", anchor="start", muted=True)
        canvas.text(WIDTH, 0, "1", anchor="end", strong=True)
    bar(18, 0, Fraction(1), KINDS["regular"])
    if O <= MOST_FILTERS:
        for o in range(1, O):
            x = full * o / O
            canvas.line([(x, 19), (x, 61)], stroke=GREY, stroke_width=2, cap="butt")
    y = 100
    with canvas.part("separable"):
        canvas.text(0, y, "depthwise, then pointwise", anchor="start", strong=True)
        canvas.text(WIDTH, y, str(total), anchor="end", strong=True)
    bar(y + 18, 0, depthwise, KINDS["depthwise"])
    bar(y + 18, depthwise, pointwise, KINDS["pointwise"])
    saved = 1 - total
    if saved > 0:
        x = float(total) * full
        canvas.rect(x + 2, y + 18, WIDTH - x - 3, high, stroke=MUTED, stroke_width=1.5, radius=3, dash="5 4")
    difference = ("saved", f"1 − {total}") if saved >= 0 else ("added", f"{total} − 1")
    rows = (
        ("depthwise", "1 / O", depthwise),
        ("pointwise", "1 / (kH · kW)", pointwise),
        ("together", f"{depthwise} + {pointwise}", total),
        (*difference, abs(saved)),
    )
    y += 98
    with canvas.part("shares"):
        for name, how, share in rows:
            look = KINDS.get(name)
            if look:
                fill = canvas.pattern(look.pattern, look.colour)
                canvas.rect(1, y - 13, 26, 26, fill=fill, stroke=look.colour, stroke_width=2)
            elif name == "saved" and saved:
                canvas.rect(1, y - 13, 26, 26, stroke=MUTED, stroke_width=1.5, dash="5 4")
            canvas.text(40, y, name, anchor="start", strong=True)
            canvas.text(164, y, how, anchor="start", muted=True)
            canvas.text(WIDTH, y, str(share), anchor="end", strong=True)
            y += 36
    words = (
        f"Two bars to one scale. Regular, {count(O, 'filter')} with kernels of {kH} × {kW}: 1. "
        f"Depthwise, then pointwise: {depthwise} and {pointwise}, together {total}. "
        f"The depthwise part is 1 / O = {depthwise}, as large as one of the {count(O, 'filter')}; "
        f"the pointwise part is 1 / (kH · kW) = {pointwise}. {difference[0].capitalize()}: {abs(saved)}."
    )
    if caption is None:
        caption = (
            f"The pair's weights over the regular layer's: {depthwise} + {pointwise} = {total}. "
            "Its depthwise part is as large as one regular filter."
        )
    return canvas.drawing(f"the separable pair has {total} of the regular layer's weights", words, caption)
