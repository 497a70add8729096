"""A drawing of what an output channel sees as groups grow: regular, in groups, depthwise."""

from typing import NamedTuple

from convolution import reference

from . import inputs
from .canvas import GREY, INK, ORANGE, PURPLE, WIDTH, Canvas, count, text_width
from .maps import CHANNELS, Look, chip

# Outputs are grey, so that the looks of outputs are free for further channels.
GROUPED = (*CHANNELS, Look("c5", "backhatch", ORANGE), Look("c6", "rings", PURPLE))
MOST_OUTPUTS = 10  # their letters have two characters
CHIP_WIDTH = text_width("o0") + 14
PANEL_WIDTH, ROW_PITCH = 146, 40


def groups(in_channels, out_channels, groups, caption=None):
    """The input channels that each output channel sees: regular, in groups, depthwise.

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
    C = inputs.channels("groups", in_channels, len(GROUPED))
    O = inputs.whole("groups", "out_channels", out_channels, 1)  # noqa: E741 (the field's name)
    middle = inputs.whole("groups", "groups", groups, 1)
    if O > MOST_OUTPUTS:
        raise ValueError(f"groups: out_channels must be at most {MOST_OUTPUTS} to be drawn, got {O}")
    panels = [_Grouping(C, O, g) for g in sorted({1, middle, C})]
    for panel in panels:
        if C % panel.groups or O % panel.groups:
            raise ValueError(f"groups: {panel.groups} groups do not divide in_channels {C} and out_channels {O}")

    canvas = Canvas()
    room = min(60, (WIDTH - PANEL_WIDTH * len(panels)) / max(1, len(panels) - 1))
    for index, panel in enumerate(panels):
        _panel(canvas, index * (PANEL_WIDTH + room), panel)
    *most, last = (str(panel.groups) for panel in panels)
    listed = f"{', '.join(most)} and {last} groups" if most else f"{last} group"
    if caption is None:
        caption = (
            f"With g groups an output channel sees {C}/g of the {count(C, 'input channel')}, and has as many kernels. "
            "Drawn thick: what o0 sees."
        )
    title = f"what each of {O} output channels sees of {C}, with {listed}"
    return canvas.drawing(title, " ".join(_grouping_words(panel) for panel in panels), caption)


class _Grouping(NamedTuple):
    """A 1 × 1 layer in groups."""

    in_channels: int
    out_channels: int
    groups: int

    @property
    def name(self):
        kinds = (("regular", 1), ("depthwise", self.in_channels))
        return " = ".join(name for name, groups in kinds if groups == self.groups) or "in groups"

    @property
    def share(self):
        """The number of input channels that an output channel sees."""
        return self.in_channels // self.groups

    @property
    def kernels(self):
        return reference.conv2d_params(self.share, self.out_channels, 1, bias=False)

    def seen(self, output):
        """The input channels that an output channel sees."""
        group = output // (self.out_channels // self.groups)
        return range(group * self.share, (group + 1) * self.share)


def _panel(canvas, x, panel):
    """A grouping: its names above, its inputs on the left, its outputs on the right, its kernels counted below."""
    middle, high = x + PANEL_WIDTH / 2, max(panel.in_channels, panel.out_channels) * ROW_PITCH
    canvas.text(middle, -56, f"groups = {panel.groups}", strong=True)
    canvas.text(middle, -32, panel.name, muted=True)
    with canvas.part(f"groups-{panel.groups}"):
        _connections(canvas, x, high, panel)
    canvas.text(middle, high + 28, count(panel.kernels, "kernel"), strong=True)
    canvas.text(middle, high + 52, f"{panel.out_channels} · {panel.share}", muted=True)


def _connections(canvas, x, high, panel):
    """A line from every input channel to every output channel that sees it, and the channels' letters."""
    C, O = panel.in_channels, panel.out_channels  # noqa: E741
    inputs_y, outputs_y = ([(i + 0.5) * high / n for i in range(n)] for n in (C, O))
    start, end = x + CHIP_WIDTH, x + PANEL_WIDTH - CHIP_WIDTH
    for o in range(1, O):
        for c in panel.seen(o):
            canvas.line([(start, inputs_y[c]), (end, outputs_y[o])], stroke_width=1.3)
    # What the first output sees is drawn last, so that no other line crosses it.
    for c in panel.seen(0):
        points = [(start, inputs_y[c]), (end, outputs_y[0])]
        canvas.line(points, stroke=INK, stroke_width=5.5)
        canvas.line(points, stroke=GROUPED[c].colour, stroke_width=3)
    for c in range(C):
        chip(canvas, x, inputs_y[c], GROUPED[c])
    for o in range(O):
        chip(canvas, end, outputs_y[o], Look(f"o{o}", "plain", GREY))
    canvas.rect(end, outputs_y[0] - 13, CHIP_WIDTH, 26, stroke=INK, stroke_width=2.5, radius=13)


def _grouping_words(panel):
    O, kernels = panel.out_channels, panel.kernels  # noqa: E741
    connections = "; ".join(f"o{o} sees {', '.join(GROUPED[c].letter for c in panel.seen(o))}" for o in range(O))
    product = f"{O} · {panel.share} = {count(kernels, 'kernel')}"
    return f"{count(panel.groups, 'group')} ({panel.name}): {connections}; {product}."
