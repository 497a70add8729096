# ruff: noqa: RUF001 (× is the sign that readers know)
"""Drawings that compare layers: what an output channel sees as groups grow, and what the separable pair costs."""

from fractions import Fraction

from autograder import reference

from . import inputs
from .canvas import EDGE, GREEN, GREY, INK, MUTED, ORANGE, PURPLE, WIDTH, Canvas, count
from .maps import CHANNELS, Look, cells, chip

# Outputs are grey in `groups`, so that the looks of outputs are free for further channels.
GROUPED = (*CHANNELS, Look("c5", "backhatch", ORANGE), Look("c6", "rings", PURPLE))
MOST_OUTPUTS = 14
KINDS = {
    "regular": Look("regular", "plain", GREY),
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

    pitch, chip_wide, wide = 40, 38, 146
    room = (WIDTH - wide * len(panels)) / max(1, len(panels) - 1)
    room = min(room, 60)
    high = max(C, O) * pitch
    canvas = Canvas()
    said = []
    for place, g in enumerate(panels):
        left = place * (wide + room)
        ins = [(c + 0.5) * high / C for c in range(C)]
        outs = [(o + 0.5) * high / O for o in range(O)]
        sees = C // g
        kernels = reference.conv2d_params(sees, O, 1, bias=False)
        name = {1: "regular", C: "depthwise"}.get(g, "in groups") if C > 1 else "one channel"
        canvas.text(left + wide / 2, -56, f"groups = {g}", strong=True)
        canvas.text(left + wide / 2, -32, name, muted=True)
        with canvas.part(f"groups-{g}"):
            for o in range(O):
                first = o // (O // g) * sees
                for c in range(first, first + sees):
                    canvas.line(
                        [(left + chip_wide, ins[c]), (left + wide - chip_wide, outs[o])],
                        stroke=GROUPED[c].colour,
                        stroke_width=4 if o == 0 else 1.5,
                    )
            for c in range(C):
                chip(canvas, left, ins[c], GROUPED[c])
            for o in range(O):
                chip(canvas, left + wide - chip_wide, outs[o], Look(f"o{o}", "plain", GREY))
        canvas.text(left + wide / 2, high + 28, count(kernels, "kernel"), strong=True)
        canvas.text(left + wide / 2, high + 52, f"{O} · {sees}", muted=True)
        seen = [
            f"o{o} sees {', '.join(GROUPED[c].letter for c in range(o // (O // g) * sees, (o // (O // g) + 1) * sees))}"
            for o in range(O)
        ]
        said.append(f"{count(g, 'group')} ({name}): {'; '.join(seen)}; {O} · {sees} = {count(kernels, 'kernel')}.")
    names = [str(g) for g in panels]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    if caption is None:
        caption = (
            f"With g groups an output channel sees {C}/g of the {C} input channels. Drawn thick: what o0 sees."
        )
    title = f"what each of {O} output channels sees of {C}, with {listed} groups"
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
    longest = max(Fraction(1), total)
    full, high = float(WIDTH / longest), 44

    canvas = Canvas()
    canvas.reach(0, 0, WIDTH, 0)

    def bar(part, y, start, share, look):
        with canvas.part(part):
            x, wide = float(start) * full, float(share) * full
            canvas.rect(x, y, wide, high, fill=canvas.pattern(look.pattern, look.colour), radius=min(5, wide / 3))
            canvas.rect(x, y, wide, high, stroke=look.colour, stroke_width=2, radius=min(5, wide / 3))

    canvas.text(0, 0, "regular", anchor="start", strong=True)
    canvas.text(full, 0, "1", anchor="end", strong=True)
    bar("regular", 18, 0, Fraction(1), KINDS["regular"])
    canvas.text(0, 100, "depthwise, then pointwise", anchor="start", strong=True)
    canvas.text(float(total) * full, 100, str(total), anchor="end", strong=True)
    bar("depthwise", 118, 0, depthwise, KINDS["depthwise"])
    bar("pointwise", 118, depthwise, pointwise, KINDS["pointwise"])
    rows = (
        ("depthwise", f"1 / C_out = 1/{O}", depthwise),
        ("pointwise", f"1 / (kH · kW) = 1/({kH} · {kW})", pointwise),
    )
    y = 196
    for name, how, share in rows:
        look = KINDS[name]
        canvas.rect(0, y - 13, 26, 26, fill=canvas.pattern(look.pattern, look.colour), stroke=look.colour)
        canvas.text(38, y, name, anchor="start", strong=True)
        canvas.text(140, y, how, anchor="start", muted=True)
        canvas.text(WIDTH, y, str(share), anchor="end", strong=True)
        y += 36
    words = f"{depthwise} {pointwise} {total}"
    if caption is None:
        caption = words
    return canvas.drawing(f"the separable pair has {total} of the regular layer's weights", words, caption)
