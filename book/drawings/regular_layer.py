# ruff: noqa: RUF001 (the minus sign of print)
"""Drawings of a regular convolution: what one output number touches, and the same layer with its axes told apart."""

from convolution import reference

from . import inputs
from .axes import AXES, TILE, equal_axes, sizes_of, tile
from .canvas import GREY, MUTED, WIDTH, Canvas, count, text_width
from .layers import LARGEST_CELL, SMALLEST_CELL, Counts, frame, layer_of, letters, rest
from .maps import CHANNELS, NEUTRAL, OUTPUTS, arrow, cells, chip, dimension, outline, single_map, stack, totals

LEFT, RIGHT = -54, 46  # room for what is written beside the input, which begins at 0, and beside the output
MARGIN = 9  # between a filter's kernels and its frame


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
    layer = layer_of("regular", in_channels, out_channels, size, kernel_size)
    counts = Counts(
        window=reference.conv2d_params(layer.C, 1, layer.kernel, bias=False),
        weights=reference.conv2d_params(layer.C, layer.filters, layer.kernel, bias=False),
        macs=reference.conv2d_macs(layer.C, layer.filters, layer.kernel, layer.pixels),
    )
    picture = _Picture("regular", layer, by_axis=False)
    picture.draw()
    _key(picture.canvas, *picture.below_input)
    (kH, kW), (H_out, W_out) = layer.kernel, layer.pixels
    columns = (
        (counts.window, "inputs meet", f"{counts.window} weights"),
        (counts.weights, "weights", f"{layer.filters} · {layer.C} · {kH} · {kW}"),
        (counts.macs, "MACs", f"{H_out} · {W_out} · {counts.weights}"),
    )
    totals(picture.canvas, columns, LEFT)
    if caption is None:
        channels = f", over all {layer.C} channels at once" if layer.C > 1 else ""
        caption = (
            "A filter has a kernel for every channel of the input. One output number is the sum of "
            f"{count(counts.window, 'product')}{channels}."
        )
    title = f"a regular convolution, {layer.input_shape} to {layer.output_shape}"
    return picture.canvas.drawing(title, _regular_words(layer, counts), caption)


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
    layer = layer_of("which_is_which", in_channels, out_channels, size, kernel_size)
    picture = _Picture("which_is_which", layer, by_axis=True)
    picture.draw()
    _shapes(picture.canvas, layer)
    remark = equal_axes(sizes_of(layer))
    title = f"the axes of a regular convolution, {layer.input_shape} to {layer.output_shape}"
    return picture.canvas.drawing(title, _axes_words(layer, remark), remark if caption is None else caption)


class _Picture:
    """A regular layer: input, filters, output, what one output number touches, and the six axes.

    Attributes
    ----------
    canvas : Canvas
    layer : Layer
    by_axis : bool; maps in grey and axes in their colours, or channels in theirs and axes in grey

    All others are in drawing units.
    """

    def __init__(self, function, layer, by_axis):
        self.canvas, self.layer, self.by_axis = Canvas(), layer, by_axis
        self.channels = [NEUTRAL] * layer.C if by_axis else CHANNELS[: layer.C]
        self.drawn = min(layer.filters, len(OUTPUTS))
        self._scale(function)
        self._arrange()

    def _scale(self, function):
        """Choose the largest cell with which the picture can be read on a phone."""
        C, (H, W), (kH, kW), W_out = self.layer.C, self.layer.size, self.layer.kernel, self.layer.pixels[1]
        shift = 12 if C <= 3 else 10  # how far each map of a cascade stands to the right of the one before
        # By channel, the links and arrows carry chips. With one channel the filter is so low that its arrow has to
        # start beyond kH's dimension line.
        self.link = 46 if self.by_axis else 60
        self.past_height = 5 if C > 1 else 50
        self.arrow_room = (57 if self.by_axis else 63) + self.past_height
        fixed, columns = -LEFT + self.link + self.arrow_room + RIGHT + 2 * shift * (C - 1), W + kW + W_out
        what = f"size {(H, W)} with kernel_size {(kH, kW)}"
        inputs.fits(function, what, fixed + SMALLEST_CELL * columns)
        self.cell = min(LARGEST_CELL, (WIDTH - fixed) // columns)
        # Each map shows the window's rows and a little more above the next, so that every touched cell is seen.
        self.step = (shift, max((kH + 0.5) * self.cell, 24 if self.by_axis else 36))

    def _arrange(self):
        (H, W), (kH, kW), (H_out, W_out), cell = self.layer.size, self.layer.kernel, self.layer.pixels, self.cell
        right, down = ((self.layer.C - 1) * step for step in self.step)  # from a cascade's first map to its last
        self.input_wide, self.input_high = W * cell + right, H * cell + down
        self.filter_wide, self.filter_high = kW * cell + right, kH * cell + down
        self.filter_x = self.input_wide + self.link
        self.output_x = self.filter_x + self.filter_wide + self.arrow_room
        self.output_right = self.output_x + W_out * cell
        self.output_high = H_out * cell
        self.pitch = max(self.filter_high + 18, self.output_high) + 30
        self.filters_bottom = (self.drawn - 1) * self.pitch + self.filter_high
        # By channel, each window is level with the kernel it meets; by axis, the input is level with all filters.
        self.input_y = max(0, (self.filters_bottom - self.input_high) / 2) if self.by_axis else 0

    @property
    def below_input(self):
        """The middle and the bottom of the input, as (x, y)."""
        return self.input_wide / 2, self.input_y + self.input_high

    def draw(self):
        maps = self._input()
        for o in range(self.drawn):
            y = o * self.pitch
            middle = y + self.filter_high / 2
            kernels = self._filter(o, y)
            self._output(o, middle)
            if o == 0:
                self._kernel_axes(y)
                if not self.by_axis:
                    self._links(maps, kernels)
        if self.layer.filters > 1:
            side, first = self.output_right + 16, (self.filter_high - self.output_high) / 2
            last = first + (self.drawn - 1) * self.pitch
            self._measure("O", (side, first), (side, last + self.output_high), (19, 0))
        self._names()
        rest(self.canvas, self.output_right, self.filters_bottom + 34, self.layer.filters - self.drawn)

    def _measure(self, letter, start, end, away):
        """An axis as a line from start to end; its letter and size stand `away` from the line's middle."""
        axis, size = AXES[letter], sizes_of(self.layer)[letter]
        colour, stroke_width, dash = (axis.colour, 4, axis.dash) if self.by_axis else (MUTED, 2, None)
        dimension(self.canvas, start, end, f"{letter} = {size}", away, colour, dash, stroke_width)

    def _input(self):
        """The input's maps and axes; returns the maps' corners."""
        (H, W), y, left = self.layer.size, self.input_y, -14
        wide, high = W * self.cell, H * self.cell
        with self.canvas.part("input"):
            maps = stack(self.canvas, 0, y, self.channels, H, W, self.cell, self.step, self.layer.window)
        self._measure("W", (0, y - 14), (wide, y - 14), (0, -18))
        self._measure("H", (left, y), (left, y + high), (-18, 0))
        if self.layer.C > 1:
            self._measure("C", (left, y + high), (maps[-1][0] + left, y + self.input_high), (-26, 18))
        return maps

    def _filter(self, o, y):
        """A filter's kernels in their frame; returns the kernels' corners."""
        look = NEUTRAL if self.by_axis else OUTPUTS[o]
        # The number that is followed is in the first map, so only the first filter is touched.
        touched = self.layer.whole_kernel if o == 0 else None
        with self.canvas.part(f"filter-{o}"):
            frame(self.canvas, self.filter_x, y, self.filter_wide, self.filter_high, look, MARGIN)
            at = (self.filter_x, y)
            return stack(self.canvas, *at, self.channels, *self.layer.kernel, self.cell, self.step, touched)

    def _output(self, o, middle):
        """The map of one filter, and the arrows that lead to the filter and to the map."""
        look, touched = NEUTRAL if self.by_axis else OUTPUTS[o], self.layer.pixel if o == 0 else None
        with self.canvas.part(f"output-{o}"):
            top = middle - self.output_high / 2
            single_map(self.canvas, self.output_x, top, look, self.layer.pixels, self.cell, touched)
        if self.by_axis:
            start = (self.input_wide + 10, self.input_y + self.input_high / 2)
            arrow(self.canvas, start, (self.filter_x - MARGIN - 6, middle))
        start, end = self.filter_x + self.filter_wide + MARGIN + self.past_height, self.output_x - 7
        arrow(self.canvas, (start, middle), (end, middle))
        if not self.by_axis:
            chip(self.canvas, (start + end) / 2 - 7, middle, look, anchor="middle")

    def _kernel_axes(self, y):
        (kH, kW), side = self.layer.kernel, self.filter_x + self.filter_wide + MARGIN + 14
        self._measure("kW", (self.filter_x, y - 23), (self.filter_x + kW * self.cell, y - 23), (0, -18))
        self._measure("kH", (side, y), (side, y + kH * self.cell), (19, 0))

    def _links(self, maps, kernels):
        """Link each window of the input with the kernel it meets, and name the channel."""
        for look, (map_x, map_y), (kernel_x, _) in zip(self.channels, maps, kernels, strict=True):
            level = map_y + self.layer.kernel[0] * self.cell / 2
            start = map_x + self.layer.size[1] * self.cell + 4
            self.canvas.line([(start, level), (kernel_x - 5, level)], stroke=look.colour, stroke_width=2)
            chip(self.canvas, (start + self.filter_x - MARGIN) / 2, level, look, anchor="middle")

    def _names(self):
        names = ("x", "weight", "y") if self.by_axis else ("input", "filters", "output")
        middles = (
            self.input_wide / 2,
            self.filter_x + self.filter_wide / 2,
            (self.output_x + self.output_right) / 2,
        )
        for name, middle in zip(names, middles, strict=True):
            self.canvas.text(middle, -72, name, strong=self.by_axis, muted=not self.by_axis)


def _key(canvas, x, y):
    """The meaning of the frames, below the input."""
    with canvas.part("key"):
        cells(canvas, x - 13, y + 34, 1, 1, 26, fill=canvas.pattern("plain", GREY))
        outline(canvas, x - 13, y + 34, 26, 26, tint=False)
        canvas.text(x, y + 80, "touched by one", muted=True)
        canvas.text(x, y + 104, "output number", muted=True)


def _shapes(canvas, layer):
    """The shapes of x, weight and y as rows of tiles, below all that is drawn."""
    sizes, (H_out, W_out) = sizes_of(layer), layer.pixels
    H, W, C, kH, kW, O = ((letter, letter, size) for letter, size in sizes.items())  # noqa: E741 (the field's name)
    arrays = {
        "x": (None, C, H, W),
        "weight": (O, C, kH, kW),
        "y": (O, None, ("H", "H_out", H_out), ("W", "W_out", W_out)),
    }
    (wide, high), y = TILE, canvas.bottom + 40
    first = LEFT + text_width("weight") + 14
    with canvas.part("shapes"):
        for name, axes in arrays.items():
            canvas.text(LEFT, y + high / 2, name, anchor="start", strong=True)
            for index, axis in enumerate(axes):
                if axis:
                    letter, label, size = axis
                    tile(canvas, first + index * (wide + 8), y, AXES[letter], label, size)
            y += high + 12


# Words


def _regular_words(layer, counts):
    C, filters, (H, W), (kH, kW), (H_out, W_out) = layer
    return (
        f"The input has {count(C, 'map')} of {H} rows and {W} columns, one for each channel: {letters(CHANNELS[:C])}. "
        f"The layer has {count(filters, 'filter')}; each filter holds {count(C, 'kernel')} of {kH} rows and {kW} "
        f"columns, one for each input channel, and makes one output map of {H_out} rows and {W_out} columns. "
        f"One output number touches {count(counts.window, 'input')}, a {kH} × {kW} window in each input map, and "
        f"{count(counts.window, 'weight')}, one whole filter. "
        f"In all {filters} · {C} · {kH} · {kW} = {count(counts.weights, 'weight')} and "
        f"{H_out} · {W_out} · {counts.weights} = {count(counts.macs, 'MAC')}."
    )


def _axes_words(layer, remark):
    C, filters, (H, W), (kH, kW), (H_out, W_out) = layer
    return (
        f"x has C = {C}, H = {H}, W = {W}. "
        f"weight has O = {filters}, C = {C}, kH = {kH}, kW = {kW}. "
        f"y has O = {filters}, H_out = {H_out}, W_out = {W_out}. "
        "C is in x and in weight and is summed over; O is in weight and in y. "
        f"H_out = {H} − {kH} + 1 and W_out = {W} − {kW} + 1. {remark}"
    )
