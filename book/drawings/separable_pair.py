"""A drawing of depthwise, then pointwise, and below it the regular convolution of the same shapes."""

from typing import NamedTuple

from convolution import reference

from .canvas import WIDTH, Canvas, count
from .layers import (
    CHIP_ROOM,
    SHIFT,
    filter_row,
    frame,
    heading,
    key,
    largest_cell,
    layer_of,
    left_edge,
    letters,
    rest,
    whole_width,
)
from .maps import CHANNELS, OUTPUTS, arrow, chip, single_map, stack, totals

LINK_ROOM, MAP_ROOM, FILTER_ROOM, OUTPUT_ROOM = CHIP_ROOM + 14, 22, 24, CHIP_ROOM + 23
WEIGHT_GAP = 4  # between the weights of a pointwise filter
TITLE_SIZE = 20


def separable(in_channels=3, out_channels=2, size=6, kernel_size=3, caption=None):
    """Depthwise, then pointwise; below it the regular convolution of the same shapes.

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
    The counts are those of `convolution.reference`.

    Examples
    --------
    >>> separable()
    <drawing: depthwise then pointwise beside regular, (6, 6, 3) to (4, 4, 2)>
    """
    layer = layer_of("separable", in_channels, out_channels, size, kernel_size)
    costs = _costs(layer)
    picture = _Both(layer)
    picture.pair()
    totals(picture.canvas, _pair_columns(costs), picture.left, "separable-totals")
    picture.regular()
    totals(picture.canvas, _regular_columns(layer, costs), picture.left, "regular-totals")
    key(picture.canvas, picture.left)
    if caption is None:
        caption = (
            f"Both turn {layer.input_shape} into {layer.output_shape}, and in both one output number depends on "
            f"{count(costs.window, 'input')}. Weights: {costs.both_weights} against {costs.regular_weights}; "
            f"MACs: {costs.both_macs} against {costs.regular_macs}."
        )
    title = f"depthwise then pointwise beside regular, {layer.input_shape} to {layer.output_shape}"
    return picture.canvas.drawing(title, _words(layer, costs), caption)


# Counts


class _Costs(NamedTuple):
    """Parameters, multiplications and memory of the separable pair and of the regular layer of the same shapes."""

    taps: int  # weights of one depthwise kernel, and the inputs it meets
    one_filter: int  # weights of one pointwise filter
    depthwise_weights: int
    pointwise_weights: int
    both_weights: int
    depthwise_macs: int
    pointwise_macs: int
    both_macs: int
    window: int  # inputs behind one output number, of either; weights of one regular filter
    regular_weights: int
    regular_macs: int


def _costs(layer):
    C, filters, _, kernel, pixels = layer
    return _Costs(
        taps=reference.depthwise_params(1, kernel, bias=False),
        one_filter=reference.pointwise_params(C, 1, bias=False),
        depthwise_weights=reference.depthwise_params(C, kernel, bias=False),
        pointwise_weights=reference.pointwise_params(C, filters, bias=False),
        both_weights=reference.separable_params(C, filters, kernel, bias=False),
        depthwise_macs=reference.depthwise_macs(C, kernel, pixels),
        pointwise_macs=reference.pointwise_macs(C, filters, pixels),
        both_macs=reference.separable_macs(C, filters, kernel, pixels),
        window=reference.conv2d_params(C, 1, kernel, bias=False),
        regular_weights=reference.conv2d_params(C, filters, kernel, bias=False),
        regular_macs=reference.conv2d_macs(C, filters, kernel, pixels),
    )


def _pair_columns(costs):
    return (
        (costs.window, "inputs meet", f"{costs.window} + {costs.one_filter} weights"),
        (costs.both_weights, "weights", f"{costs.depthwise_weights} + {costs.pointwise_weights}"),
        (costs.both_macs, "MACs", f"{costs.depthwise_macs} + {costs.pointwise_macs}"),
    )


def _regular_columns(layer, costs):
    C, filters, _, (kH, kW), (H_out, W_out) = layer
    return (
        (costs.window, "inputs meet", count(costs.window, "weight")),
        (costs.regular_weights, "weights", f"{filters} · {C} · {kH} · {kW}"),
        (costs.regular_macs, "MACs", f"{H_out} · {W_out} · {costs.regular_weights}"),
    )


# The picture


class _Both:
    """The pair and the regular layer on one canvas: the same cells, the same columns for input and output."""

    def __init__(self, layer):
        self.canvas, self.layer = Canvas(), layer
        self.channels, self.outputs = CHANNELS[: layer.C], OUTPUTS[: min(layer.filters, len(OUTPUTS))]
        self.right_shift = (layer.C - 1) * SHIFT  # from a stack's first map to its last
        what = f"size {layer.size} with kernel_size {layer.kernel} and {count(layer.C, 'channel')}"
        self.cell = cell = largest_cell("separable", what, self._width)
        W, (kH, kW), W_out = layer.size[1], layer.kernel, layer.pixels[1]
        self.step = (SHIFT, max((kH + 0.5) * cell, 34))
        self.input_wide = W * cell + self.right_shift
        self.left = left_edge(self.input_wide, layer.input_shape, self._width(cell))
        self.kernel_x = self.input_wide + LINK_ROOM
        self.kernels_wide = kW * cell + self.right_shift
        self.between_x = self.kernel_x + self.kernels_wide + MAP_ROOM
        self.between_right = self.between_x + W_out * cell + self.right_shift
        self.filter_x = self.between_right + FILTER_ROOM
        self.output_x = self.filter_x + layer.C * (cell + WEIGHT_GAP) - WEIGHT_GAP + 16 + OUTPUT_ROOM
        self.right = self.output_x + W_out * cell

    def _width(self, cell):
        """The width of the whole drawing with cells of this size."""
        layer = self.layer
        first, last = layer.size[1] * cell + self.right_shift, layer.pixels[1] * cell
        steps = LINK_ROOM + layer.kernel[1] * cell + self.right_shift + MAP_ROOM + last + self.right_shift + FILTER_ROOM
        filters = layer.C * (cell + WEIGHT_GAP) - WEIGHT_GAP + 16 + OUTPUT_ROOM
        return whole_width(layer, first, steps + filters, last)

    # What both have

    def _input(self, part, y):
        """The input's maps; returns their corners."""
        with self.canvas.part(part):
            size, window = self.layer.size, self.layer.window
            return stack(self.canvas, 0, y, self.channels, *size, self.cell, self.step, window)

    def _kernels(self, y, step, is_touched):
        """A kernel for each channel; returns their corners."""
        touched = self.layer.whole_kernel if is_touched else None
        return stack(self.canvas, self.kernel_x, y, self.channels, *self.layer.kernel, self.cell, step, touched)

    def _links(self, maps, kernels):
        """Link each window with the kernel it meets, and name the channel."""
        for look, (map_x, map_y), (kernel_x, _) in zip(self.channels, maps, kernels, strict=True):
            level = map_y + self.layer.kernel[0] * self.cell / 2
            start = map_x + self.layer.size[1] * self.cell + 4
            self.canvas.line([(start, level), (kernel_x - 4, level)], stroke=look.colour, stroke_width=2)
            chip(self.canvas, (start + self.kernel_x - 9) / 2, level, look, anchor="middle")

    def _output(self, part, o, start, y):
        """The map of one filter, whose right edge is `start` and whose middle is `y`."""
        look, touched = self.outputs[o], self.layer.pixel if o == 0 else None
        arrow(self.canvas, (start + 5, y), (self.output_x - 7, y))
        chip(self.canvas, self.output_x - OUTPUT_ROOM / 2 - 7, y, look, anchor="middle")
        with self.canvas.part(f"{part}-output-{o}"):
            top = y - self.layer.pixels[0] * self.cell / 2
            single_map(self.canvas, self.output_x, top, look, self.layer.pixels, self.cell, touched)

    def _rest(self):
        rest(self.canvas, self.right, self.canvas.bottom + 20, self.layer.filters - len(self.outputs))

    # Depthwise, then pointwise

    def pair(self):
        """Draw the pair: the input, a kernel for each channel, the maps between, the pointwise filters, the output."""
        title = "depthwise, then pointwise"
        self.canvas.text(self.left, -92, title, anchor="start", size=TITLE_SIZE, strong=True)
        maps = self._input("separable-input", 0)
        with self.canvas.part("separable-kernels"):
            kernels = self._kernels(0, self.step, is_touched=True)
        self._links(maps, kernels)
        middle = self._between(kernels)
        self._filters(middle)
        y, layer = -54, self.layer
        heading(self.canvas, self.input_wide / 2, y, "input", layer.input_shape)
        heading(self.canvas, (self.between_x + self.between_right) / 2, y, "between", (*layer.pixels, layer.C))
        heading(self.canvas, (self.output_x + self.right) / 2, y, "output", layer.output_shape)
        self._rest()

    def _between(self, kernels):
        """The maps that the depthwise kernels make, each level with its kernel; returns the middle of all of them."""
        (kH, kW), pixels, cell = self.layer.kernel, self.layer.pixels, self.cell
        top = (kH - min(pixels[0], kH)) * cell / 2
        with self.canvas.part("separable-between"):
            at = (self.between_x, top)
            results = stack(self.canvas, *at, self.channels, *pixels, cell, self.step, self.layer.pixel)
        for (kernel_x, kernel_y), (result_x, _) in zip(kernels, results, strict=True):
            level = kernel_y + kH * cell / 2
            arrow(self.canvas, (kernel_x + kW * cell + 4, level), (result_x - 4, level))
        return top + ((self.layer.C - 1) * self.step[1] + pixels[0] * cell) / 2

    def _filters(self, middle):
        """The pointwise filters, above and below the `middle`, and their maps."""
        cell = self.cell
        pitch = max(self.layer.pixels[0] * cell, cell + 16) + 30
        for o, look in enumerate(self.outputs):
            y = middle + (o - (len(self.outputs) - 1) / 2) * pitch
            with self.canvas.part(f"separable-filter-{o}"):
                end = filter_row(self.canvas, self.filter_x, y, look, self.channels, cell, WEIGHT_GAP, o == 0)
            arrow(self.canvas, (self.between_right + 4, middle), (self.filter_x - 5, y))
            self._output("separable", o, end, y)

    # Regular

    def regular(self):
        """Draw the regular layer of the same shapes, below all that is drawn."""
        y = self.canvas.bottom + 40
        self.canvas.line([(self.left, y), (self.left + WIDTH, y)], stroke_width=1)
        self.canvas.text(self.left, y + 34, "regular", anchor="start", size=TITLE_SIZE, strong=True)
        y += 76
        maps = self._input("regular-input", y)
        for o, look in enumerate(self.outputs):
            # The first filter is level with the windows that it meets; the others take as little room as they can.
            step = self.step if o == 0 else (SHIFT, self.cell + 5)
            high = (self.layer.C - 1) * step[1] + self.layer.kernel[0] * self.cell
            with self.canvas.part(f"regular-filter-{o}"):
                frame(self.canvas, self.kernel_x, y, self.kernels_wide, high, look, 9)
                kernels = self._kernels(y, step, is_touched=o == 0)
            if o == 0:
                self._links(maps, kernels)
            self._output("regular", o, self.kernel_x + self.kernels_wide + 9, y + high / 2)
            y += high + 40
        self._rest()


def _words(layer, costs):
    C, filters, (H, W), (kH, kW), (H_out, W_out) = layer
    return (
        f"The input has {count(C, 'map')} of {H} rows and {W} columns, one for each channel: {letters(CHANNELS[:C])}. "
        f"Depthwise, then pointwise: each channel meets one kernel of {kH} rows and {kW} columns of its own, which "
        f"makes {count(C, 'map')} of {H_out} rows and {W_out} columns; then {count(filters, 'filter')} of "
        f"{count(C, 'weight')} each make {count(filters, 'map')}. One output number touches {count(C, 'number')} "
        f"between, each of them {count(costs.taps, 'input')}: in all {count(costs.window, 'input')}, "
        f"{count(costs.depthwise_weights, 'weight')} of the depthwise step and "
        f"{count(costs.one_filter, 'weight')} of the pointwise step. The layer has "
        f"{costs.depthwise_weights} + {costs.pointwise_weights} = {count(costs.both_weights, 'weight')} and "
        f"{costs.depthwise_macs} + {costs.pointwise_macs} = {count(costs.both_macs, 'MAC')}. "
        f"Regular: {count(filters, 'filter')} of {count(costs.window, 'weight')} each make "
        f"{count(filters, 'map')} at once. "
        f"One output number touches {count(costs.window, 'input')} and {count(costs.window, 'weight')}. The layer has "
        f"{count(costs.regular_weights, 'weight')} and {count(costs.regular_macs, 'MAC')}."
    )
