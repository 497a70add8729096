"""The book's drawings: SVG by code, from the numbers they show.

Each function returns a `Drawing`, which shows itself as the last expression of a cell. `canvas` is the page and
`maps` holds what drawings are made of; `grids` and `layers` hold what the drawings of one channel and those of whole
layers share. Every other module holds one drawing, or two that belong together. Every count comes from
`convolution.reference`.
"""

from .axes import axes_legend
from .canvas import Drawing
from .depthwise_layer import depthwise
from .flips import correlation_and_convolution
from .grids import grid
from .groupings import groups
from .images import sheets
from .pointwise_layer import pointwise
from .regular_layer import regular, which_is_which
from .ruler import padding_and_stride
from .separable_pair import separable
from .shares import cost_shares
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
