# ruff: noqa: RUF001, RUF003 (× and − are the signs that readers know)
"""Drawings of the seed's other layers: depthwise, pointwise, and the two in a row beside regular.

In all of them the output number that is followed is in the first map, row 0, column 1 (0 where there is no column 1);
only what it touches is framed. No padding, stride 1, no bias.
"""

from typing import NamedTuple

from convolution import reference

from . import inputs
from .canvas import GREY, WIDTH, Canvas, count, text_width
from .maps import CHANNELS, OUTPUTS, Look, arrow, cells, chip, outline, stack, totals

SMALLEST, LARGEST = 7, 24  # units of a cell
CHIP = 38  # room for a chip
MOST_MAPS = 8
LANE_GAP = 24  # between the channels of a depthwise drawing
SHIFT = 8  # how far each map of a tight stack stands to the right of the one before
KEY = "touched by one output number"


def _cell(function, what, wide):
    """The largest cell, in half units, with which the drawing, `wide(cell)` units across, can be read on a phone."""
    inputs.fits(function, what, wide(SMALLEST))
    return next(half / 2 for half in range(2 * LARGEST, 0, -1) if wide(half / 2) <= WIDTH)


def _half(maps_wide, shape):
    """How far a column reaches from its middle: its maps or its heading, whichever is wider."""
    return max(maps_wide, text_width(str(shape))) / 2


def _key(canvas, left):
    """What the frames mean, in a line below all that is drawn."""
    y, side = canvas.bottom + 34, 24
    start = left + (WIDTH - text_width(KEY) - side - 12) / 2
    with canvas.part("key"):
        cells(canvas, start, y - side / 2, 1, 1, side, fill=canvas.pattern("plain", GREY))
        outline(canvas, start, y - side / 2, side, side, tint=False)
        canvas.text(start + side + 12, y, KEY, anchor="start", muted=True)


def _heading(canvas, x, y, name, shape=None):
    canvas.text(x, y, name, strong=True)
    if shape:
        canvas.text(x, y + 23, str(shape), muted=True)


def _letters(looks):
    return ", ".join(look.letter for look in looks)


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
    function = "depthwise"
    C = inputs.channels(function, in_channels, len(CHANNELS))
    (H, W), (kH, kW), (H_out, W_out) = inputs.geometry(function, size, kernel_size)
    m = inputs.whole(function, "multiplier", multiplier, 1)
    if C * m > MOST_MAPS:
        raise ValueError(f"{function}: in_channels {C} times multiplier {m} must be at most {MOST_MAPS} to be drawn")
    window = reference.depthwise_params(1, (kH, kW), bias=False)
    weights = reference.depthwise_params(C, (kH, kW), m, bias=False)
    macs = reference.depthwise_macs(C, (kH, kW), (H_out, W_out), m)

    channels = CHANNELS[:C]
    outputs = [Look(f"o{k}", channels[k // m].pattern, channels[k // m].colour) for k in range(C * m)]
    split, link, arrow_room, gather = 30, CHIP + 6, 28, CHIP + 20
    in_shift, out_shift = SHIFT * (C - 1), SHIFT * (C * m - 1)  # from a stack's first map to its last
    in_shape, out_shape = (H, W, C), (H_out, W_out, C * m)

    def wide(cell):
        first, last = W * cell + in_shift, W_out * cell + out_shift
        lane = split + W * cell + link + kW * cell + arrow_room + W_out * cell + gather
        return _half(first, in_shape) + first / 2 + lane + last / 2 + _half(last, out_shape)

    cell = _cell(function, f"size {(H, W)} with kernel_size {(kH, kW)} and {count(C * m, 'map')}", wide)
    down = cell + 5  # a step of a tight stack: the first row of every map stays in sight
    input_wide = W * cell + in_shift
    left = input_wide / 2 - _half(input_wide, in_shape) - (WIDTH - wide(cell)) / 2
    lane_x = input_wide + split
    kernel_x = lane_x + W * cell + link
    map_x = kernel_x + kW * cell + arrow_room
    map_right = map_x + W_out * cell
    stack_x = map_right + gather
    pitch = max(H_out * cell, kH * cell, 26) + 14
    lane_high = max(H * cell, m * pitch - 14)
    all_high = C * lane_high + (C - 1) * LANE_GAP
    followed = min(1, W_out - 1)
    pixel = (0, followed, 1, 1)
    strength = 0.65  # most of this drawing is not touched, and still is what it shows

    canvas = Canvas()
    input_y = (all_high - H * cell - (C - 1) * down) / 2
    stack_y = (all_high - H_out * cell - (C * m - 1) * down) / 2
    with canvas.part("input"):
        corners = stack(canvas, 0, input_y, channels, H, W, cell, (SHIFT, down), None, strength)
    with canvas.part("stacked"):
        stack(canvas, stack_x, stack_y, outputs[:1], H_out, W_out, cell, (0, 0), pixel, strength)
        stack(canvas, stack_x + SHIFT, stack_y + down, outputs[1:], H_out, W_out, cell, (SHIFT, down), None, strength)
    chips = []
    for c, (look, (x, y)) in enumerate(zip(channels, corners, strict=True)):
        lane_y = c * (lane_high + LANE_GAP)
        # A window and the first kernel that meets it are level.
        level, start = lane_y + kH * cell / 2, x + W * cell + 3
        turn = y + cell / 2
        path = [(start, turn), (input_wide + 5, turn), (lane_x - 10, level), (lane_x - 4, level)]
        canvas.line(path, stroke=look.colour, stroke_width=2)
        with canvas.part(f"lane-{c}"):
            window_at = (0, followed, kH, kW) if c == 0 else None
            stack(canvas, lane_x, lane_y, [look], H, W, cell, (0, 0), window_at, strength)
        start = (lane_x + W * cell + 4, level)
        chips.append((start[0] + link / 2 - 4, level, look))
        for k in range(m):
            o, y = c * m + k, lane_y + k * pitch
            level = y + kH * cell / 2
            canvas.line([start, (kernel_x - 8, level), (kernel_x - 4, level)], stroke=look.colour, stroke_width=2)
            with canvas.part(f"kernel-{o}"):
                stack(canvas, kernel_x, y, [look], kH, kW, cell, (0, 0), (0, 0, kH, kW) if o == 0 else None, strength)
            arrow(canvas, (kernel_x + kW * cell + 5, level), (map_x - 6, level))
            map_y = level - min(H_out, kH) * cell / 2
            with canvas.part(f"output-{o}"):
                stack(
                    canvas, map_x, map_y, [outputs[o]], H_out, W_out, cell, (0, 0), pixel if o == 0 else None, strength
                )
            end, turn = stack_x + o * SHIFT - 4, stack_y + o * down + cell / 2
            path = [(map_right + 3, level), (map_right + 4 + CHIP, level), (stack_x - 8, turn), (end, turn)]
            canvas.line(path, stroke=look.colour, stroke_width=2)
            chips.append((map_right + 5 + CHIP / 2, level, outputs[o]))
    for x, y, look in chips:
        chip(canvas, x, y, look, anchor="middle")

    _heading(canvas, input_wide / 2, -62, "input", in_shape)
    _heading(canvas, lane_x + W * cell / 2, -62, "split")
    _heading(canvas, (kernel_x + map_right) / 2, -62, "convolve each")
    _heading(canvas, stack_x + (W_out * cell + out_shift) / 2, -62, "stack", out_shape)
    _key(canvas, left)
    totals(
        canvas,
        (
            (window, "inputs meet", count(window, "weight")),
            (weights, "weights", f"{C * m} · {kH} · {kW}"),
            (macs, "MACs", f"{H_out} · {W_out} · {weights}"),
        ),
        left,
    )
    words = (
        f"The input has {count(C, 'map')} of {H} rows and {W} columns, one for each channel: {_letters(channels)}. "
        f"They are split. Each channel is convolved with {count(m, 'kernel')} of its own, {kH} rows and {kW} columns, "
        f"and with no other, which makes {count(m, 'map')} of {H_out} rows and {W_out} columns. "
        f"The {count(C * m, 'map')} are stacked in the order of their channels: {_letters(outputs)}. "
        f"One output number touches {count(window, 'input')}, a {kH} × {kW} window in one input map, "
        f"and {count(window, 'weight')}, one kernel. In all {C * m} · {kH} · {kW} = {count(weights, 'weight')} "
        f"and {H_out} · {W_out} · {weights} = {count(macs, 'MAC')}."
    )
    if caption is None:
        caption = (
            f"Every channel has {'a kernel' if m == 1 else f'{m} kernels'} of its own; channels never mix. "
            f"One output number is the sum of {count(window, 'product')}, from one channel."
        )
    return canvas.drawing(f"a depthwise convolution, {(H, W, C)} to {(H_out, W_out, C * m)}", words, caption)


def _filter_row(canvas, x, y, look, channels, cell, gap, followed):
    """One pointwise filter, a 1 × 1 kernel for every channel, in a row; y is the middle. Returns its right end."""
    wide = len(channels) * (cell + gap) - gap
    canvas.rect(x, y - cell / 2 - 8, wide + 16, cell + 16, stroke=look.colour, stroke_width=2, radius=10)
    for c, channel in enumerate(channels):
        touched = (0, 0, 1, 1) if followed else None
        stack(canvas, x + 8 + c * (cell + gap), y - cell / 2, [channel], 1, 1, cell, (0, 0), touched)
    return x + wide + 16


def _rest(canvas, x, y, more):
    """Say how many filters are not drawn."""
    if more > 0:
        text = f"and {count(more, 'more filter')}, {count(more, 'more map')}"
        canvas.text(x, y, text, anchor="end", muted=True)


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
    function = "pointwise"
    C = inputs.channels(function, in_channels, len(CHANNELS))
    O = inputs.whole(function, "out_channels", out_channels, 1)  # noqa: E741 (the field's name)
    (H, W), _, _ = inputs.geometry(function, size, 1)
    window = reference.pointwise_params(C, 1, bias=False)
    weights = reference.pointwise_params(C, O, bias=False)
    macs = reference.pointwise_macs(C, O, (H, W))
    channels, drawn = CHANNELS[:C], min(O, len(OUTPUTS))
    outputs = OUTPUTS[:drawn]
    followed = min(1, W - 1)

    # Above: maps and filters
    link, arrow_room, gap = 2 * CHIP + 12, CHIP + 28, 5
    shift = 12
    in_shape, out_shape = (H, W, C), (H, W, O)

    def wide(cell):
        first, last = W * cell + (C - 1) * shift, W * cell
        between = link + C * (cell + gap) - gap + 16 + arrow_room
        return _half(first, in_shape) + first / 2 + between + last / 2 + _half(last, out_shape)

    cell = _cell(function, f"size {(H, W)} with {count(C, 'channel')}", wide)
    step = (shift, max(1.5 * cell, 34))
    input_wide, input_high = W * cell + (C - 1) * step[0], H * cell + (C - 1) * step[1]
    filter_x = input_wide + link
    pitch = max(H * cell, cell + 16) + 56
    high = (drawn - 1) * pitch + H * cell
    input_y = (high - input_high) / 2

    canvas = Canvas()
    with canvas.part("input"):
        maps = stack(canvas, 0, input_y, channels, H, W, cell, step, (0, followed, 1, 1))
    for look, (left, top) in zip(channels, maps, strict=True):
        chip(canvas, left + W * cell + 8, top + 15, look)
    for o, look in enumerate(outputs):
        y = o * pitch + H * cell / 2
        with canvas.part(f"filter-{o}"):
            right = _filter_row(canvas, filter_x, y, look, channels, cell, gap, o == 0)
        canvas.text((filter_x + right) / 2, y - cell / 2 - 26, f"Filter #{o + 1}", strong=True)
        output_x = right + arrow_room
        arrow(canvas, (right + 6, y), (output_x - 7, y))
        chip(canvas, (right + output_x) / 2 - 7, y, look, anchor="middle")
        with canvas.part(f"output-{o}"):
            stack(canvas, output_x, o * pitch, [look], H, W, cell, (0, 0), (0, followed, 1, 1) if o == 0 else None)
    canvas.text(filter_x - 22, high / 2, "∗", size=30)
    top = min(0, input_y) - 62
    _heading(canvas, input_wide / 2, top, "input", in_shape)
    _heading(canvas, output_x + W * cell / 2, top, "output", out_shape)
    drawing_right = output_x + W * cell
    _rest(canvas, drawing_right, high + 28, O - drawn)
    left = input_wide / 2 - _half(input_wide, in_shape) - (WIDTH - wide(cell)) / 2

    # Below: one pixel
    _matrix(canvas, left + WIDTH / 2, channels, outputs, O)
    _key(canvas, left)
    totals(
        canvas,
        (
            (window, "inputs meet", count(window, "weight")),
            (weights, "weights", f"{O} · {C}"),
            (macs, "MACs", f"{H} · {W} · {weights}"),
        ),
        left,
    )
    words = (
        f"The input has {count(C, 'map')} of {H} rows and {W} columns, one for each channel: {_letters(channels)}. "
        f"The layer has {count(O, 'filter')}; each filter holds {count(C, 'weight')}, one for each channel, and makes "
        f"one output map of {H} rows and {W} columns. The same as a matrix: at every pixel the {O} × {C} matrix of "
        f"all weights, a filter in each row, times the pixel's {count(C, 'number')} gives {count(O, 'number')}. "
        f"One output number touches {count(window, 'input')}, one pixel in every channel, and "
        f"{count(window, 'weight')}, one row of the matrix. In all {O} · {C} = {count(weights, 'weight')} and "
        f"{H} · {W} · {weights} = {count(macs, 'MAC')}."
    )
    if caption is None:
        caption = (
            f"A filter has one weight for every channel. At each pixel the {O} × {C} matrix of the weights turns "
            f"{count(C, 'number')} into {O}; pixels never mix."
        )
    return canvas.drawing(f"a pointwise convolution, {(H, W, C)} to {(H, W, O)}", words, caption)


def _matrix(canvas, middle, channels, outputs, rows):
    """The filters as a matrix times the channels of one pixel, centred below all that is drawn."""
    C, drawn = len(channels), len(outputs)
    side, gap = (34 if C <= 4 else 27), 8
    pitch = side + gap
    sign = 34
    wide = CHIP + 16 + C * pitch + sign + CHIP + 10 + pitch + 12 + sign + pitch + 12 + CHIP
    x, y = middle - wide / 2, canvas.bottom + 96
    tall = max(C, drawn) * pitch
    matrix_y, vector_y, result_y = (y + (tall - n * pitch) / 2 for n in (drawn, C, drawn))

    def bracket(left, right, top, bottom):
        for edge, inward in ((left, 7), (right, -7)):
            canvas.line([(edge + inward, top), (edge, top), (edge, bottom), (edge + inward, bottom)], stroke_width=2)

    def entry(left, top, look, framed):
        stack(canvas, left + gap / 2, top + gap / 2, [look], 1, 1, side, (0, 0), (0, 0, 1, 1) if framed else None)

    names_y = y - 44
    for o, look in enumerate(outputs):
        chip(canvas, x, matrix_y + (o + 0.5) * pitch, look)
    x += CHIP + 16
    with canvas.part("matrix"):
        for o in range(drawn):
            for c, look in enumerate(channels):
                entry(x + c * pitch, matrix_y + o * pitch, look, o == 0)
    bracket(x - 5, x + C * pitch + 5, matrix_y, matrix_y + drawn * pitch)
    if rows > drawn:
        canvas.text(x + C * pitch / 2, matrix_y + drawn * pitch + 12, "⋮")
    _heading(canvas, x + C * pitch / 2, names_y, "weights", f"{rows} × {C}")
    x += C * pitch
    canvas.text(x + sign / 2 + 3, y + tall / 2, "·", size=26, strong=True)
    x += sign
    for c, look in enumerate(channels):
        chip(canvas, x + pitch + 24, vector_y + (c + 0.5) * pitch, look)
    x += 10
    with canvas.part("pixel"):
        for c, look in enumerate(channels):
            entry(x, vector_y + c * pitch, look, True)
    bracket(x - 5, x + pitch + 5, vector_y, vector_y + C * pitch)
    _heading(canvas, x + pitch / 2, names_y, "pixel in", str(C))
    x += pitch + CHIP + 14
    canvas.text(x + sign / 2, y + tall / 2, "=", size=26)
    x += sign + 10
    with canvas.part("result"):
        for o, look in enumerate(outputs):
            entry(x, result_y + o * pitch, look, o == 0)
    bracket(x - 5, x + pitch + 5, result_y, result_y + drawn * pitch)
    if rows > drawn:
        canvas.text(x + pitch / 2, result_y + drawn * pitch + 12, "⋮")
    _heading(canvas, x + pitch / 2, names_y, "pixel out", str(rows))
    for o, look in enumerate(outputs):
        chip(canvas, x + pitch + 14, result_y + (o + 0.5) * pitch, look)


class Costs(NamedTuple):
    """What the separable pair and the regular layer of the same shapes hold, do and touch."""

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


def _costs(C, O, kernel, pixels):  # noqa: E741 (the field's name)
    return Costs(
        taps=reference.depthwise_params(1, kernel, bias=False),
        one_filter=reference.pointwise_params(C, 1, bias=False),
        depthwise_weights=reference.depthwise_params(C, kernel, bias=False),
        pointwise_weights=reference.pointwise_params(C, O, bias=False),
        both_weights=reference.separable_params(C, O, kernel, bias=False),
        depthwise_macs=reference.depthwise_macs(C, kernel, pixels),
        pointwise_macs=reference.pointwise_macs(C, O, pixels),
        both_macs=reference.separable_macs(C, O, kernel, pixels),
        window=reference.conv2d_params(C, 1, kernel, bias=False),
        regular_weights=reference.conv2d_params(C, O, kernel, bias=False),
        regular_macs=reference.conv2d_macs(C, O, kernel, pixels),
    )


class _Both:
    """The pair and the regular layer on one canvas: the same cells, the same places for input and output."""

    def __init__(self, function, C, O, size, kernel, pixels):  # noqa: E741
        self.C, self.O, self.size, self.kernel, self.pixels = C, O, size, kernel, pixels
        self.channels, self.outputs = CHANNELS[:C], OUTPUTS[: min(O, len(OUTPUTS))]
        W, (kH, kW), W_out = size[1], kernel, pixels[1]
        link, to_map, to_filter, self.to_output, self.gap = CHIP + 14, 22, 24, CHIP + 23, 4
        shifts = (C - 1) * SHIFT

        def wide(cell):
            first, last = W * cell + shifts, W_out * cell
            steps = link + kW * cell + shifts + to_map + W_out * cell + shifts + to_filter
            filters = C * (cell + self.gap) - self.gap + 16 + self.to_output
            return _half(first, (*size, C)) + first / 2 + steps + filters + last / 2 + _half(last, (*pixels, O))

        self.cell = cell = _cell(function, f"size {size} with kernel_size {kernel} and {count(C, 'channel')}", wide)
        self.step = (SHIFT, max((kH + 0.5) * cell, 34))
        self.shifts = shifts
        self.input_wide = W * cell + shifts
        self.kernel_x = self.input_wide + link
        self.between_x = self.kernel_x + kW * cell + shifts + to_map
        self.between_right = self.between_x + W_out * cell + shifts
        self.filter_x = self.between_right + to_filter
        self.output_x = self.filter_x + C * (cell + self.gap) - self.gap + 16 + self.to_output
        self.right = self.output_x + W_out * cell
        self.left = self.input_wide / 2 - _half(self.input_wide, (*size, C)) - (WIDTH - wide(cell)) / 2
        followed = min(1, W_out - 1)
        self.window, self.pixel = (0, followed, kH, kW), (0, followed, 1, 1)
        self.canvas = Canvas()

    def _input(self, part, y):
        with self.canvas.part(part):
            return stack(self.canvas, 0, y, self.channels, *self.size, self.cell, self.step, self.window)

    def _kernels(self, y, step, touched):
        whole = (0, 0, *self.kernel) if touched else None
        return stack(self.canvas, self.kernel_x, y, self.channels, *self.kernel, self.cell, step, whole)

    def _meet(self, maps, kernels):
        """Link each window with the kernel it meets, and name the channel."""
        for look, (map_x, map_y), (kernel_x, _) in zip(self.channels, maps, kernels, strict=True):
            level, start = map_y + self.kernel[0] * self.cell / 2, map_x + self.size[1] * self.cell + 4
            self.canvas.line([(start, level), (kernel_x - 4, level)], stroke=look.colour, stroke_width=2)
            chip(self.canvas, (start + self.kernel_x - 9) / 2, level, look, anchor="middle")

    def _output(self, part, o, start, y):
        """The map of one filter, whose right edge is `start` and whose middle `y`."""
        look, (H_out, W_out) = self.outputs[o], self.pixels
        arrow(self.canvas, (start + 5, y), (self.output_x - 7, y))
        chip(self.canvas, self.output_x - self.to_output / 2 - 7, y, look, anchor="middle")
        with self.canvas.part(f"{part}-output-{o}"):
            top, touched = y - H_out * self.cell / 2, self.pixel if o == 0 else None
            stack(self.canvas, self.output_x, top, [look], H_out, W_out, self.cell, (0, 0), touched)

    def pair(self):
        canvas, cell, (kH, kW), (H_out, W_out) = self.canvas, self.cell, self.kernel, self.pixels
        canvas.text(self.left, -92, "depthwise, then pointwise", anchor="start", size=20, strong=True)
        maps = self._input("separable-input", 0)
        with canvas.part("separable-kernels"):
            kernels = self._kernels(0, self.step, touched=True)
        self._meet(maps, kernels)
        between_y = (kH - min(H_out, kH)) * cell / 2  # what a kernel makes is level with it
        with canvas.part("separable-between"):
            results = stack(canvas, self.between_x, between_y, self.channels, H_out, W_out, cell, self.step, self.pixel)
        for (kernel_x, kernel_y), (result_x, _) in zip(kernels, results, strict=True):
            level = kernel_y + kH * cell / 2
            arrow(canvas, (kernel_x + kW * cell + 4, level), (result_x - 4, level))
        middle = between_y + ((self.C - 1) * self.step[1] + H_out * cell) / 2
        pitch = max(H_out * cell, cell + 16) + 30
        for o, look in enumerate(self.outputs):
            y = middle + (o - (len(self.outputs) - 1) / 2) * pitch
            with canvas.part(f"separable-filter-{o}"):
                end = _filter_row(canvas, self.filter_x, y, look, self.channels, cell, self.gap, o == 0)
            arrow(canvas, (self.between_right + 4, middle), (self.filter_x - 5, y))
            self._output("separable", o, end, y)
        _heading(canvas, self.input_wide / 2, -54, "input", (*self.size, self.C))
        _heading(canvas, (self.between_x + self.between_right) / 2, -54, "between", (*self.pixels, self.C))
        _heading(canvas, (self.output_x + self.right) / 2, -54, "output", (*self.pixels, self.O))
        _rest(canvas, self.right, canvas.bottom + 20, self.O - len(self.outputs))

    def regular(self):
        canvas, cell, kH, kernels_wide = (
            self.canvas,
            self.cell,
            self.kernel[0],
            self.kernel[1] * self.cell + self.shifts,
        )
        y = canvas.bottom + 40
        canvas.line([(self.left, y), (self.left + WIDTH, y)], stroke_width=1)
        canvas.text(self.left, y + 34, "regular", anchor="start", size=20, strong=True)
        y += 76
        maps = self._input("regular-input", y)
        for o, look in enumerate(self.outputs):
            # The first filter is level with the windows that it meets; the others take as little room as they can.
            step = self.step if o == 0 else (SHIFT, cell + 5)
            high = (self.C - 1) * step[1] + kH * cell
            left, wide = self.kernel_x - 9, kernels_wide + 18
            with canvas.part(f"regular-filter-{o}"):
                canvas.rect(left, y - 9, wide, high + 18, stroke=look.colour, stroke_width=2, radius=10)
                kernels = self._kernels(y, step, touched=o == 0)
            if o == 0:
                self._meet(maps, kernels)
            self._output("regular", o, left + wide, y + high / 2)
            y += high + 40
        _rest(canvas, self.right, canvas.bottom + 20, self.O - len(self.outputs))


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
    function = "separable"
    C = inputs.channels(function, in_channels, len(CHANNELS))
    O = inputs.whole(function, "out_channels", out_channels, 1)  # noqa: E741
    (H, W), (kH, kW), (H_out, W_out) = inputs.geometry(function, size, kernel_size)
    costs = _costs(C, O, (kH, kW), (H_out, W_out))
    board = _Both(function, C, O, (H, W), (kH, kW), (H_out, W_out))
    board.pair()
    totals(
        board.canvas,
        (
            (costs.window, "inputs meet", f"{costs.window} + {costs.one_filter} weights"),
            (costs.both_weights, "weights", f"{costs.depthwise_weights} + {costs.pointwise_weights}"),
            (costs.both_macs, "MACs", f"{costs.depthwise_macs} + {costs.pointwise_macs}"),
        ),
        board.left,
        "separable-totals",
    )
    board.regular()
    totals(
        board.canvas,
        (
            (costs.window, "inputs meet", count(costs.window, "weight")),
            (costs.regular_weights, "weights", f"{O} · {C} · {kH} · {kW}"),
            (costs.regular_macs, "MACs", f"{H_out} · {W_out} · {costs.regular_weights}"),
        ),
        board.left,
        "regular-totals",
    )
    _key(board.canvas, board.left)
    words = (
        f"The input has {count(C, 'map')} of {H} rows and {W} columns, one for each channel: {_letters(CHANNELS[:C])}. "
        f"Depthwise, then pointwise: each channel meets one kernel of {kH} rows and {kW} columns of its own, which "
        f"makes {count(C, 'map')} of {H_out} rows and {W_out} columns; then {count(O, 'filter')} of "
        f"{count(C, 'weight')} each make {count(O, 'map')}. One output number touches {count(C, 'number')} between, "
        f"each of them {count(costs.taps, 'input')}: in all {count(costs.window, 'input')}, "
        f"{count(costs.depthwise_weights, 'weight')} of the depthwise step and "
        f"{count(costs.one_filter, 'weight')} of the pointwise step. The layer has "
        f"{costs.depthwise_weights} + {costs.pointwise_weights} = {count(costs.both_weights, 'weight')} and "
        f"{costs.depthwise_macs} + {costs.pointwise_macs} = {count(costs.both_macs, 'MAC')}. "
        f"Regular: {count(O, 'filter')} of {count(costs.window, 'weight')} each make {count(O, 'map')} at once. "
        f"One output number touches {count(costs.window, 'input')} and {count(costs.window, 'weight')}. The layer has "
        f"{count(costs.regular_weights, 'weight')} and {count(costs.regular_macs, 'MAC')}."
    )
    if caption is None:
        caption = (
            f"Both turn {(H, W, C)} into {(H_out, W_out, O)}, and in both one output number depends on "
            f"{count(costs.window, 'input')}. Weights: {costs.both_weights} against {costs.regular_weights}; "
            f"MACs: {costs.both_macs} against {costs.regular_macs}."
        )
    title = f"depthwise then pointwise beside regular, {(H, W, C)} to {(H_out, W_out, O)}"
    return board.canvas.drawing(title, words, caption)
