"""The book's drawings: SVG by code, from the numbers they show.

Each function returns a `Drawing`, which shows itself as the last expression of a cell. `canvas` is the page,
`maps` what drawings are made of; `windows`, `layers`, `kinds` and `comparisons` hold the drawings. Every count
comes from `convolution.reference`.
"""

from .canvas import Drawing
from .comparisons import cost_shares, groups
from .kinds import depthwise, pointwise, separable
from .layers import axes_legend, regular, sheets, which_is_which
from .flips import correlation_and_convolution
from .grids import grid
from .ruler import padding_and_stride
from .windows import window

__all__ = [
    "Drawing",
    "axes_legend",
    "correlation_and_convolution",
    "cost_shares",
    "depthwise",
    "grid",
    "groups",
    "padding_and_stride",
    "pointwise",
    "regular",
    "separable",
    "sheets",
    "which_is_which",
    "window",
]
