# ruff: noqa: RUF001 (the minus sign of print)
"""A drawing of what the separable pair costs beside the regular layer."""

from fractions import Fraction
from typing import NamedTuple

from convolution import reference

from . import inputs
from .canvas import GREEN, GREY, MUTED, PURPLE, WIDTH, Canvas, count, text_width
from .maps import Look

KINDS = {
    "regular": Look("regular", "hatch", GREY),
    "depthwise": Look("depthwise", "bars", GREEN),
    "pointwise": Look("pointwise", "rings", PURPLE),
}
MOST_FILTERS = 24  # that are told apart in a bar
BAR_HEIGHT = 44


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
    O = inputs.whole("cost_shares", "out_channels", out_channels, 1)  # noqa: E741
    kernel = inputs.whole_pair("cost_shares", "kernel_size", kernel_size, 1)
    regular = reference.conv2d_params(1, O, kernel, bias=False)
    shares = _Shares(
        out_channels=O,
        kernel=kernel,
        depthwise=Fraction(reference.depthwise_params(1, kernel, bias=False), regular),
        pointwise=Fraction(reference.pointwise_params(1, O, bias=False), regular),
        total=reference.cost_ratio(O, kernel),
    )
    canvas = Canvas()
    canvas.reach(0, 0, WIDTH, 0)
    _regular_bar(canvas, shares)
    _pair_bar(canvas, shares, 100)
    _table(canvas, shares, 198)
    if caption is None:
        caption = (
            f"The pair's weights over the regular layer's: {shares.depthwise} + {shares.pointwise} = {shares.total}. "
            "Its depthwise part is as large as one regular filter."
        )
    title = f"the separable pair has {shares.total} of the regular layer's weights"
    return canvas.drawing(title, _shares_words(shares), caption)


class _Shares(NamedTuple):
    """The separable pair's weights over the regular layer's."""

    out_channels: int
    kernel: tuple
    depthwise: Fraction
    pointwise: Fraction
    total: Fraction

    @property
    def full(self):
        """The length of the regular bar, in drawing units: the longer of the two bars fills the drawing."""
        return WIDTH / float(max(Fraction(1), self.total))

    @property
    def difference(self):
        """The saving of the pair, or its surplus: its name, the subtraction, the result."""
        if self.total <= 1:
            return "saved", f"1 − {self.total}", 1 - self.total
        return "added", f"{self.total} − 1", self.total - 1


def _bar(canvas, y, shares, start, share, look):
    """A bar; `start` and `share` are parts of the regular bar's length."""
    x, wide = float(start) * shares.full, float(share) * shares.full
    with canvas.part(f"bar-{look.letter}"):
        if wide < 4:  # too thin for an edge
            canvas.rect(x, y, max(wide, 1.2), BAR_HEIGHT, fill=look.colour, radius=0)
        else:
            fill = canvas.pattern(look.pattern, look.colour)
            canvas.rect(x + 1, y, wide - 2, BAR_HEIGHT, fill=fill, stroke=look.colour, stroke_width=2, radius=3)


def _regular_bar(canvas, shares):
    """The regular layer's weights, divided into its filters where they can be told apart."""
    O, (kH, kW) = shares.out_channels, shares.kernel  # noqa: E741
    with canvas.part("regular"):
        canvas.text(0, 0, "regular", anchor="start", strong=True)
        canvas.text(text_width("regular") + 4, 0, f"O = {O}, kernel {kH} × {kW}", anchor="start", muted=True)
        canvas.text(WIDTH, 0, "1", anchor="end", strong=True)
    _bar(canvas, 18, shares, 0, Fraction(1), KINDS["regular"])
    if O <= MOST_FILTERS:
        for o in range(1, O):
            x = shares.full * o / O
            canvas.line([(x, 19), (x, 61)], stroke=GREY, stroke_width=2, cap="butt")


def _pair_bar(canvas, shares, y):
    """The pair's weights and, dashed, what it saves."""
    with canvas.part("separable"):
        canvas.text(0, y, "depthwise, then pointwise", anchor="start", strong=True)
        canvas.text(WIDTH, y, str(shares.total), anchor="end", strong=True)
    y += 18
    _bar(canvas, y, shares, 0, shares.depthwise, KINDS["depthwise"])
    _bar(canvas, y, shares, shares.depthwise, shares.pointwise, KINDS["pointwise"])
    if shares.total < 1:
        x = float(shares.total) * shares.full
        canvas.rect(x + 2, y, WIDTH - x - 3, BAR_HEIGHT, stroke=MUTED, stroke_width=1.5, radius=3, dash="5 4")


def _table(canvas, shares, y):
    """A row for each share: its look, its name, its formula, its value."""
    rows = (
        ("depthwise", "1 / O", shares.depthwise),
        ("pointwise", "1 / (kH · kW)", shares.pointwise),
        ("together", f"{shares.depthwise} + {shares.pointwise}", shares.total),
        shares.difference,
    )
    with canvas.part("shares"):
        for name, formula, share in rows:
            if look := KINDS.get(name):
                fill = canvas.pattern(look.pattern, look.colour)
                canvas.rect(1, y - 13, 26, 26, fill=fill, stroke=look.colour, stroke_width=2)
            elif name == "saved" and share:
                canvas.rect(1, y - 13, 26, 26, stroke=MUTED, stroke_width=1.5, dash="5 4")
            canvas.text(40, y, name, anchor="start", strong=True)
            canvas.text(164, y, formula, anchor="start", muted=True)
            canvas.text(WIDTH, y, str(share), anchor="end", strong=True)
            y += 36


def _shares_words(shares):
    filters, (kH, kW) = count(shares.out_channels, "filter"), shares.kernel
    change, _, amount = shares.difference
    return (
        f"Two bars to one scale. Regular, {filters} with kernels of {kH} × {kW}: 1. "
        f"Depthwise, then pointwise: {shares.depthwise} and {shares.pointwise}, together {shares.total}. "
        f"The depthwise part is 1 / O = {shares.depthwise}, as large as one of the {filters}; "
        f"the pointwise part is 1 / (kH · kW) = {shares.pointwise}. {change.capitalize()}: {amount}."
    )
