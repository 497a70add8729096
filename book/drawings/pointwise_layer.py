"""A drawing of a pointwise convolution: filters of one weight a channel, and the same as a matrix times a pixel."""

from convolution import reference

from .canvas import WIDTH, Canvas, count
from .layers import (
    CHIP_ROOM,
    Counts,
    filter_row,
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

SHIFT = 12  # how far each map of the input stands to the right of the one before
LINK_ROOM, ARROW_ROOM = 2 * CHIP_ROOM + 12, CHIP_ROOM + 28
WEIGHT_GAP = 5  # between the weights of a filter


def pointwise(in_channels=3, out_channels=2, size=4, caption=None):
    """A pointwise convolution: filters of one weight a channel, and the same as a matrix times one pixel.

    Parameters
    ----------
    in_channels, out_channels : int; of many filters the first two are drawn and the others counted
    size : int or (int, int), in pixels
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If a number is no whole number, or the layer is too large to draw.

    Notes
    -----
    The counts are those of `convolution.reference`.

    Examples
    --------
    >>> pointwise()
    <drawing: a pointwise convolution, (4, 4, 3) to (4, 4, 2)>
    """
    layer = layer_of("pointwise", in_channels, out_channels, size, 1)
    C, filters, (H, W) = layer.C, layer.filters, layer.size
    counts = Counts(
        window=reference.pointwise_params(C, 1, bias=False),
        weights=reference.pointwise_params(C, filters, bias=False),
        macs=reference.pointwise_macs(C, filters, layer.pixels),
    )
    picture = _Picture(layer)
    picture.draw()
    _Product(picture.canvas, picture.left + WIDTH / 2, picture.channels, picture.outputs, filters).draw()
    key(picture.canvas, picture.left)
    columns = (
        (counts.window, "inputs meet", count(counts.window, "weight")),
        (counts.weights, "weights", f"{filters} · {C}"),
        (counts.macs, "MACs", f"{H} · {W} · {counts.weights}"),
    )
    totals(picture.canvas, columns, picture.left)
    if caption is None:
        caption = (
            f"A filter has one weight for every channel. At each pixel the {filters} × {C} matrix of the weights turns "
            f"{count(C, 'number')} into {filters}; pixels never mix."
        )
    title = f"a pointwise convolution, {layer.input_shape} to {layer.output_shape}"
    return picture.canvas.drawing(title, _words(layer, counts), caption)


class _Picture:
    """The upper half: the input, the filters, and the map that each of them makes."""

    def __init__(self, layer):
        self.canvas, self.layer = Canvas(), layer
        self.channels, self.outputs = CHANNELS[: layer.C], OUTPUTS[: min(layer.filters, len(OUTPUTS))]
        what = f"size {layer.size} with {count(layer.C, 'channel')}"
        self.cell = cell = largest_cell("pointwise", what, self._width)
        (H, W), last = layer.size, layer.C - 1
        self.step = (SHIFT, max(1.5 * cell, 34))
        self.input_wide = W * cell + last * self.step[0]
        self.left = left_edge(self.input_wide, layer.input_shape, self._width(cell))
        self.filter_x = self.input_wide + LINK_ROOM
        self.output_x = self.filter_x + layer.C * (cell + WEIGHT_GAP) - WEIGHT_GAP + 16 + ARROW_ROOM
        self.output_right = self.output_x + W * cell
        self.pitch = max(H * cell, cell + 16) + 56  # from one filter to the next
        self.high = (len(self.outputs) - 1) * self.pitch + H * cell
        self.input_y = (self.high - H * cell - last * self.step[1]) / 2

    def _width(self, cell):
        """The width of the whole drawing with cells of this size."""
        C, last = self.layer.C, self.layer.size[1] * cell
        between = LINK_ROOM + C * (cell + WEIGHT_GAP) - WEIGHT_GAP + 16 + ARROW_ROOM
        return whole_width(self.layer, last + (C - 1) * SHIFT, between, last)

    def draw(self):
        canvas, layer = self.canvas, self.layer
        self._input()
        for o in range(len(self.outputs)):
            self._filter(o)
        canvas.text(self.filter_x - 22, self.high / 2, "\N{ASTERISK OPERATOR}", size=30)
        top = min(0, self.input_y) - 62
        heading(canvas, self.input_wide / 2, top, "input", layer.input_shape)
        heading(canvas, (self.output_x + self.output_right) / 2, top, "output", layer.output_shape)
        rest(canvas, self.output_right, self.high + 28, layer.filters - len(self.outputs))

    def _input(self):
        """The maps of the input, with the letters of their channels."""
        (H, W), pixel = self.layer.size, self.layer.pixel
        with self.canvas.part("input"):
            corners = stack(self.canvas, 0, self.input_y, self.channels, H, W, self.cell, self.step, pixel)
        for look, (left, top) in zip(self.channels, corners, strict=True):
            chip(self.canvas, left + W * self.cell + 8, top + 15, look)

    def _filter(self, o):
        """A filter, and the map that it makes."""
        canvas, cell, look, top = self.canvas, self.cell, self.outputs[o], o * self.pitch
        middle = top + self.layer.size[0] * cell / 2
        with canvas.part(f"filter-{o}"):
            right = filter_row(canvas, self.filter_x, middle, look, self.channels, cell, WEIGHT_GAP, o == 0)
        canvas.text((self.filter_x + right) / 2, middle - cell / 2 - 26, f"Filter #{o + 1}", strong=True)
        arrow(canvas, (right + 6, middle), (self.output_x - 7, middle))
        chip(canvas, (right + self.output_x) / 2 - 7, middle, look, anchor="middle")
        touched = self.layer.pixel if o == 0 else None
        with canvas.part(f"output-{o}"):
            single_map(canvas, self.output_x, top, look, self.layer.size, cell, touched)


class _Product:
    """The lower half: the filters as a matrix times the channels of one pixel, below all that is drawn.

    Parameters
    ----------
    canvas : Canvas
    middle : float, the middle of the product, in drawing units
    channels, outputs : lists of Look
    filters : int; of these only as many as there are outputs are drawn
    """

    SIGN_ROOM = 34
    GAP = 8  # between entries

    def __init__(self, canvas, middle, channels, outputs, filters):
        self.canvas, self.channels, self.outputs, self.filters = canvas, channels, outputs, filters
        C = len(channels)
        self.side = 34 if C <= 4 else 27
        self.pitch = self.side + self.GAP
        matrix = CHIP_ROOM + 16 + C * self.pitch
        pixel = self.SIGN_ROOM + CHIP_ROOM + 10 + self.pitch + 12
        result = self.SIGN_ROOM + self.pitch + 12 + CHIP_ROOM
        self.left = middle - (matrix + pixel + result) / 2
        self.middle_y = canvas.bottom + 96 + max(C, len(outputs)) * self.pitch / 2
        self.names_y = canvas.bottom + 52

    def draw(self):
        canvas, x, C, y = self.canvas, self.left, len(self.channels), self.middle_y
        rows = [self.channels] * len(self.outputs)
        self._chips(x, self.outputs)
        x += CHIP_ROOM + 16
        self._bracketed(x, ("matrix", "weights", f"{self.filters} × {C}"), rows, framed=1, is_short=self._is_short)
        x += C * self.pitch
        canvas.text(x + self.SIGN_ROOM / 2 + 3, y, "·", size=26, strong=True)
        x += self.SIGN_ROOM
        self._chips(x + self.pitch + 24, self.channels)
        x += 10
        self._bracketed(x, ("pixel", "pixel in", str(C)), [[look] for look in self.channels], framed=C)
        x += self.pitch + CHIP_ROOM + 14
        canvas.text(x + self.SIGN_ROOM / 2, y, "=", size=26)
        x += self.SIGN_ROOM + 10
        rows = [[look] for look in self.outputs]
        self._bracketed(x, ("result", "pixel out", str(self.filters)), rows, framed=1, is_short=self._is_short)
        self._chips(x + self.pitch + 14, self.outputs)

    @property
    def _is_short(self):
        """True if there are more filters than are drawn."""
        return self.filters > len(self.outputs)

    def _chips(self, x, looks):
        """The letters of rows, beside them."""
        top = self.middle_y - len(looks) * self.pitch / 2
        for row, look in enumerate(looks):
            chip(self.canvas, x, top + (row + 0.5) * self.pitch, look)

    def _bracketed(self, x, names, rows, framed, is_short=False):
        """Entries in brackets.

        names : (str, str, str), the part, and what stands above it in two lines
        rows : list of rows, each a list of Look
        framed : int, how many of the rows are touched
        is_short : bool; mark that more rows follow
        """
        part, *words = names
        columns, high = len(rows[0]), len(rows) * self.pitch
        top = self.middle_y - high / 2
        with self.canvas.part(part):
            for row, looks in enumerate(rows):
                for column, look in enumerate(looks):
                    left, above = x + column * self.pitch + self.GAP / 2, top + row * self.pitch + self.GAP / 2
                    touched = (0, 0, 1, 1) if row < framed else None
                    single_map(self.canvas, left, above, look, (1, 1), self.side, touched)
        for edge, inward in ((x - 5, 7), (x + columns * self.pitch + 5, -7)):
            bracket = [(edge + inward, top), (edge, top), (edge, top + high), (edge + inward, top + high)]
            self.canvas.line(bracket, stroke_width=2)
        middle = x + columns * self.pitch / 2
        if is_short:
            self.canvas.text(middle, top + high + 12, "⋮")
        heading(self.canvas, middle, self.names_y, *words)


def _words(layer, counts):
    C, filters, (H, W) = layer.C, layer.filters, layer.size
    return (
        f"The input has {count(C, 'map')} of {H} rows and {W} columns, one for each channel: {letters(CHANNELS[:C])}. "
        f"The layer has {count(filters, 'filter')}; each filter holds {count(C, 'weight')}, one for each channel, "
        f"and makes one output map of {H} rows and {W} columns. "
        f"The same as a matrix: at every pixel the {filters} × {C} matrix of all weights, a filter in each row, "
        f"times the pixel's {count(C, 'number')} gives {count(filters, 'number')}. "
        f"One output number touches {count(counts.window, 'input')}, one pixel in every channel, and "
        f"{count(counts.window, 'weight')}, one row of the matrix. "
        f"In all {filters} · {C} = {count(counts.weights, 'weight')} and "
        f"{H} · {W} · {counts.weights} = {count(counts.macs, 'MAC')}."
    )
