"""A drawing of a depthwise convolution: split, convolve each channel by itself, stack."""

from convolution import reference

from . import inputs
from .canvas import Canvas, count
from .layers import CHIP_ROOM, SHIFT, Counts, Layer, heading, key, largest_cell, left_edge, letters, whole_width
from .maps import CHANNELS, Look, arrow, chip, single_map, stack, totals

MOST_MAPS = 8
LANE_GAP = 24
STRENGTH = 0.65  # most of this drawing is not touched, and still is what it shows
# Between the columns: the input, the channels, the kernels, the results, the stacked output.
SPLIT_ROOM, LINK_ROOM, ARROW_ROOM, GATHER_ROOM = 30, CHIP_ROOM + 6, 28, CHIP_ROOM + 20


def depthwise(in_channels=3, size=6, kernel_size=3, multiplier=1, caption=None):
    """A depthwise convolution: the channels split, each convolved with kernels of its own, the maps stacked.

    Parameters
    ----------
    in_channels : int
    size, kernel_size : int or (int, int), in pixels
    multiplier : int, kernels for each channel; the output maps are in torch's order, all of one channel together
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
    >>> depthwise()
    <drawing: a depthwise convolution, (6, 6, 3) to (4, 4, 3)>
    """
    layer, multiplier = _checked(in_channels, size, kernel_size, multiplier)
    counts = Counts(
        window=reference.depthwise_params(1, layer.kernel, bias=False),
        weights=reference.depthwise_params(layer.C, layer.kernel, multiplier, bias=False),
        macs=reference.depthwise_macs(layer.C, layer.kernel, layer.pixels, multiplier),
    )
    picture = _Picture(layer, multiplier)
    picture.draw()
    (kH, kW), (H_out, W_out) = layer.kernel, layer.pixels
    columns = (
        (counts.window, "inputs meet", count(counts.window, "weight")),
        (counts.weights, "weights", f"{layer.filters} · {kH} · {kW}"),
        (counts.macs, "MACs", f"{H_out} · {W_out} · {counts.weights}"),
    )
    totals(picture.canvas, columns, picture.left)
    if caption is None:
        kernels = "a kernel" if multiplier == 1 else f"{multiplier} kernels"
        caption = (
            f"Every channel has {kernels} of its own; channels never mix. "
            f"One output number is the sum of {count(counts.window, 'product')}, from one channel."
        )
    title = f"a depthwise convolution, {layer.input_shape} to {layer.output_shape}"
    return picture.canvas.drawing(title, _words(picture, counts), caption)


def _checked(in_channels, size, kernel_size, multiplier):
    """Check the arguments of `depthwise`; returns the layer and the multiplier."""
    C = inputs.channels("depthwise", in_channels, len(CHANNELS))
    shapes = inputs.geometry("depthwise", size, kernel_size)
    m = inputs.whole("depthwise", "multiplier", multiplier, 1)
    if C * m > MOST_MAPS:
        raise ValueError(f"depthwise: in_channels {C} times multiplier {m} must be at most {MOST_MAPS} to be drawn")
    return Layer(C, C * m, *shapes), m


class _Picture:
    """The input, a lane for each of its channels, and the stacked output; the lanes begin at y = 0.

    All attributes but the first five are in drawing units.
    """

    def __init__(self, layer, multiplier):
        self.canvas, self.layer, self.multiplier = Canvas(), layer, multiplier
        self.channels = CHANNELS[: layer.C]
        owners = [self.channels[k // multiplier] for k in range(layer.filters)]
        self.outputs = [Look(f"o{k}", owner.pattern, owner.colour) for k, owner in enumerate(owners)]
        what = f"size {layer.size} with kernel_size {layer.kernel} and {count(layer.filters, 'map')}"
        self.cell = largest_cell("depthwise", what, self._width)
        self.down = self.cell + 5  # a step of a tight stack: the first row of every map stays in sight
        self._arrange_columns()
        self._arrange_rows()

    def _ends(self, cell):
        """The widths of the input and of the stacked output."""
        first = self.layer.size[1] * cell + SHIFT * (self.layer.C - 1)
        return first, self.layer.pixels[1] * cell + SHIFT * (self.layer.filters - 1)

    def _width(self, cell):
        """The width of the whole drawing with cells of this size."""
        layer, (first, last) = self.layer, self._ends(cell)
        lane = SPLIT_ROOM + layer.size[1] * cell + LINK_ROOM + layer.kernel[1] * cell + ARROW_ROOM
        return whole_width(layer, first, lane + layer.pixels[1] * cell + GATHER_ROOM, last)

    def _arrange_columns(self):
        layer, cell = self.layer, self.cell
        self.input_wide, self.stack_wide = self._ends(cell)
        self.left = left_edge(self.input_wide, layer.input_shape, self._width(cell))
        self.lane_x = self.input_wide + SPLIT_ROOM
        self.lane_right = self.lane_x + layer.size[1] * cell
        self.kernel_x = self.lane_right + LINK_ROOM
        self.map_x = self.kernel_x + layer.kernel[1] * cell + ARROW_ROOM
        self.map_right = self.map_x + layer.pixels[1] * cell
        self.stack_x = self.map_right + GATHER_ROOM

    def _arrange_rows(self):
        C, filters, cell = self.layer.C, self.layer.filters, self.cell
        input_high, kernel_high, output_high = (
            rows * cell for rows, _ in (self.layer.size, self.layer.kernel, self.layer.pixels)
        )
        self.pitch = max(output_high, kernel_high, 26) + 14  # from one kernel of a channel to the next
        self.lane_high = max(input_high, self.multiplier * self.pitch - 14)
        high = C * self.lane_high + (C - 1) * LANE_GAP
        self.input_y = (high - input_high - (C - 1) * self.down) / 2
        self.stack_y = (high - output_high - (filters - 1) * self.down) / 2

    def draw(self):
        corners = self._input()
        self._stacked()
        chips = []  # drawn last, over the lines that they name
        for c, corner in enumerate(corners):
            y = c * (self.lane_high + LANE_GAP)
            chips.append(self._channel(c, corner, y))
            for k in range(self.multiplier):
                o = c * self.multiplier + k
                chips.append(self._result(o, c, y + k * self.pitch, y + self.layer.kernel[0] * self.cell / 2))
        for x, y, look in chips:
            chip(self.canvas, x, y, look, anchor="middle")
        self._headings()
        key(self.canvas, self.left)

    def _input(self):
        """The input's maps, in a tight stack; returns their corners."""
        (H, W), step = self.layer.size, (SHIFT, self.down)
        with self.canvas.part("input"):
            return stack(self.canvas, 0, self.input_y, self.channels, H, W, self.cell, step, None, STRENGTH)

    def _stacked(self):
        """The output's maps in a tight stack; only the first of them is touched."""
        first, *others = self.outputs
        pixels, step = self.layer.pixels, (SHIFT, self.down)
        with self.canvas.part("stacked"):
            single_map(self.canvas, self.stack_x, self.stack_y, first, pixels, self.cell, self.layer.pixel, STRENGTH)
            x, y = self.stack_x + SHIFT, self.stack_y + self.down
            stack(self.canvas, x, y, others, *pixels, self.cell, step, None, STRENGTH)

    def _channel(self, c, corner, y):
        """A channel by itself, linked with its map in the input; returns where its chip is to be, and its look."""
        (map_x, map_y), look, layer = corner, self.channels[c], self.layer
        # A window and the first kernel that meets it are level.
        level, bend = y + layer.kernel[0] * self.cell / 2, map_y + self.cell / 2
        path = [
            (map_x + layer.size[1] * self.cell + 3, bend),
            (self.input_wide + 5, bend),
            (self.lane_x - 10, level),
            (self.lane_x - 4, level),
        ]
        self.canvas.line(path, stroke=look.colour, stroke_width=2)
        touched = layer.window if c == 0 else None
        with self.canvas.part(f"lane-{c}"):
            single_map(self.canvas, self.lane_x, y, look, layer.size, self.cell, touched, STRENGTH)
        return self.lane_right + LINK_ROOM / 2, level, look

    def _result(self, o, c, y, channel_level):
        """A kernel of channel `c` and the map that it makes, linked on both sides; returns the chip as `_channel`."""
        layer, cell, look = self.layer, self.cell, self.channels[c]
        level = y + layer.kernel[0] * cell / 2
        path = [(self.lane_right + 4, channel_level), (self.kernel_x - 8, level), (self.kernel_x - 4, level)]
        self.canvas.line(path, stroke=look.colour, stroke_width=2)
        touched = layer.whole_kernel if o == 0 else None
        with self.canvas.part(f"kernel-{o}"):
            single_map(self.canvas, self.kernel_x, y, look, layer.kernel, cell, touched, STRENGTH)
        arrow(self.canvas, (self.map_x - ARROW_ROOM + 5, level), (self.map_x - 6, level))
        map_y = level - min(layer.pixels[0], layer.kernel[0]) * cell / 2
        touched = layer.pixel if o == 0 else None
        with self.canvas.part(f"output-{o}"):
            single_map(self.canvas, self.map_x, map_y, self.outputs[o], layer.pixels, cell, touched, STRENGTH)
        end, bend = self.stack_x + o * SHIFT - 4, self.stack_y + o * self.down + cell / 2
        path = [
            (self.map_right + 3, level),
            (self.map_right + 4 + CHIP_ROOM, level),
            (self.stack_x - 8, bend),
            (end, bend),
        ]
        self.canvas.line(path, stroke=look.colour, stroke_width=2)
        return self.map_right + 5 + CHIP_ROOM / 2, level, self.outputs[o]

    def _headings(self):
        y = -62
        heading(self.canvas, self.input_wide / 2, y, "input", self.layer.input_shape)
        heading(self.canvas, (self.lane_x + self.lane_right) / 2, y, "split")
        heading(self.canvas, (self.kernel_x + self.map_right) / 2, y, "convolve each")
        heading(self.canvas, self.stack_x + self.stack_wide / 2, y, "stack", self.layer.output_shape)


def _words(picture, counts):
    (C, maps, (H, W), (kH, kW), (H_out, W_out)), m = picture.layer, picture.multiplier
    return (
        f"The input has {count(C, 'map')} of {H} rows and {W} columns, one for each channel: "
        f"{letters(picture.channels)}. They are split. Each channel is convolved with {count(m, 'kernel')} of its own, "
        f"{kH} rows and {kW} columns, and with no other, which makes {count(m, 'map')} of {H_out} rows and {W_out} "
        f"columns. The {count(maps, 'map')} are stacked in the order of their channels: {letters(picture.outputs)}. "
        f"One output number touches {count(counts.window, 'input')}, a {kH} × {kW} window in one input map, "
        f"and {count(counts.window, 'weight')}, one kernel. "
        f"In all {maps} · {kH} · {kW} = {count(counts.weights, 'weight')} "
        f"and {H_out} · {W_out} · {counts.weights} = {count(counts.macs, 'MAC')}."
    )
