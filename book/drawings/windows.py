# ruff: noqa: RUF001, RUF003 (× and − are the signs that readers know)
"""Drawings of one channel: a grid, a window, an axis, and correlation beside convolution."""

import numpy as np

from convolution import reference

from . import inputs
from .canvas import CELL, GREY, INK, MUTED, PAPER, SKY, WIDTH, Canvas, number, text_width
from .maps import arrow, cells, indices, numbers, outline

CELL_SIZE = 40
INDEX_ROOM = 26  # for the row numbers to the left of a grid


def _times(rows, columns):
    return f"{rows} × {columns}"


def _rows_in_words(array):
    return "; ".join(" ".join(number(value) for value in row) for row in array)


def _cell_for(*arrays):
    """Cells wide enough for the widest number in them."""
    widest = max(len(number(value)) for array in arrays for value in np.ravel(array))
    return max(CELL_SIZE, text_width("0" * widest) + 8)


def grid(array, highlight=None, title=None, caption=None):
    """A grid of numbers with its row and column indices.

    Parameters
    ----------
    array : array-like, shape (rows, columns)
    highlight : (row, column, height, width), optional; a region to point out, inside the grid
    title : str, optional; written above the grid
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If array is no grid of numbers, too wide to read, or highlight is not inside it.

    Examples
    --------
    >>> grid([[1, 2, 3], [4, 5, 6]], highlight=(0, 1, 2, 2), title="image")
    <drawing: image, 2 × 3>
    """
    array = inputs.matrix("grid", "array", array)
    rows, columns = array.shape
    region = None if highlight is None else _region(highlight, array.shape)
    cell = _cell_for(array)
    inputs.fits("grid", f"array {array.shape}", INDEX_ROOM + columns * cell)

    canvas = Canvas()
    if title:
        canvas.text(columns * cell / 2, -46, title, strong=True)
    with canvas.part("grid"):
        indices(canvas, 0, 0, rows, columns, cell)
        cells(canvas, 0, 0, rows, columns, cell)
        strong = ()
        if region:
            row, column, height, width = region
            strong = {(row + u, column + v) for u in range(height) for v in range(width)}
            outline(canvas, column * cell, row * cell, width * cell, height * cell)
        numbers(canvas, 0, 0, array, cell, strong)

    name = f"{title or 'grid'}, {_times(rows, columns)}"
    words = f"{rows} rows and {columns} columns, row by row: {_rows_in_words(array)}."
    if region:
        inside = array[row : row + height, column : column + width]
        words += (
            f" Pointed out: rows {row} to {row + height - 1}, columns {column} to {column + width - 1}, "
            f"which hold {_rows_in_words(inside)}."
        )
    if caption is None:
        caption = f"{rows} rows, {columns} columns, both counted from 0."
        if region:
            caption += f" The frame holds {height} × {width} of them, from row {row}, column {column}."
    return canvas.drawing(name, words, caption)


def _region(highlight, shape):
    message = f"grid: highlight must be (row, column, height, width) inside the array {tuple(shape)}, got {highlight!r}"
    try:
        row, column, height, width = (inputs.whole("grid", "highlight", one, 0) for one in highlight)
    except (TypeError, ValueError):
        raise ValueError(message) from None
    if height < 1 or width < 1 or row + height > shape[0] or column + width > shape[1]:
        raise ValueError(message)
    return row, column, height, width


def window(image, kernel, row=0, column=0, stride=1, padding=0, caption=None):
    """One window of one channel: what it covers, the products, their sum, and where the sum goes.

    Parameters
    ----------
    image : array-like, shape (H, W)
    kernel : array-like, shape (kH, kW)
    row, column : int, the output pixel whose window is shown
    stride, padding : int or (int, int), in pixels; padding is zeros on both sides
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If an argument is no grid or no whole number, the kernel does not fit, or the output has no such pixel.

    Examples
    --------
    >>> window([[1, 2, 0], [0, 1, 3], [4, 0, 1]], [[1, -1], [0, 2]], row=1, column=0)
    <drawing: one window of a 3 × 3 image under a 2 × 2 kernel>
    """
    image = inputs.matrix("window", "image", image)
    kernel = inputs.matrix("window", "kernel", kernel)
    row = inputs.whole("window", "row", row, 0)
    column = inputs.whole("window", "column", column, 0)
    stride = inputs.whole_pair("window", "stride", stride, 1)
    padding = inputs.whole_pair("window", "padding", padding, 0)
    try:
        output = reference.correlate2d(image, kernel, stride, padding)
    except ValueError as error:
        raise ValueError(f"window: {error}") from None
    if row >= output.shape[0] or column >= output.shape[1]:
        raise ValueError(f"window: the output {output.shape} has no pixel at row {row}, column {column}")

    padded = np.pad(image, [(padding[0], padding[0]), (padding[1], padding[1])])
    kH, kW = kernel.shape
    top, left = row * stride[0], column * stride[1]  # in the padded image
    covered = padded[top : top + kH, left : left + kW]
    products = covered * kernel
    total = output[row, column]
    gap = 54

    canvas = Canvas()
    cell, kernel_cell, output_cell = _cell_for(padded), _cell_for(kernel), _cell_for(output)
    H, W = padded.shape
    beside = INDEX_ROOM + W * cell + gap + kW * kernel_cell <= WIDTH
    inputs.fits("window", f"image {image.shape} with padding {padding}", INDEX_ROOM + W * cell)

    # The image and, beside it where there is room, the kernel.
    canvas.text(W * cell / 2, -46, f"image {_times(*image.shape)}", strong=True)
    with canvas.part("image"):
        _padded_map(canvas, padded, padding, cell)
        outline(canvas, left * cell, top * cell, kW * cell, kH * cell)
        inside = {(top + u, left + v) for u in range(kH) for v in range(kW)}
        numbers(canvas, 0, 0, padded, cell, inside)
    kernel_x = W * cell + gap if beside else 0
    kernel_y = max(0, (H * cell - kH * kernel_cell) / 2) if beside else H * cell + 80
    canvas.text(kernel_x + kW * kernel_cell / 2, kernel_y - 22, f"kernel {_times(kH, kW)}", strong=True)
    with canvas.part("kernel"):
        cells(canvas, kernel_x, kernel_y, kH, kW, kernel_cell)
        numbers(canvas, kernel_x, kernel_y, kernel, kernel_cell)
    if beside:
        canvas.text(W * cell + gap / 2, kernel_y + kH * kernel_cell / 2, "×", size=26)

    # The products, one for each cell of the window, and their sum.
    y = canvas.bottom + 36
    canvas.text(0, y, _many(kH * kW, "product"), anchor="start", strong=True)
    y += 22
    factors = [[_product(a, b) for a, b in zip(*pair, strict=True)] for pair in zip(covered, kernel, strict=True)]
    wide = max(text_width(text) for line in factors for text in line) + 12
    inputs.fits("window", f"kernel {kernel.shape} with its products written out", kW * wide)
    high = 58
    with canvas.part("products"):
        for u in range(kH):
            for v in range(kW):
                x = v * wide
                canvas.rect(x + 2, y + u * high + 2, wide - 4, high - 4, fill=SKY, radius=6, opacity=0.28)
                canvas.text(x + wide / 2, y + u * high + 18, factors[u][v])
                canvas.text(x + wide / 2, y + u * high + 40, number(products[u, v]), strong=True)
    products_right, products_middle = kW * wide, y + kH * high / 2

    H_out, W_out = output.shape
    output_beside = products_right + 72 + INDEX_ROOM + W_out * output_cell <= WIDTH
    if output_beside:
        output_x = products_right + 72 + INDEX_ROOM
        output_y = max(products_middle - H_out * output_cell / 2, y + 26)
        arrow(canvas, (products_right + 8, products_middle), (products_right + 58, products_middle))
        canvas.text(products_right + 30, products_middle - 18, "add")
    sum_y = y + kH * high + 24
    with canvas.part("sum"):
        _sum(canvas, 0, sum_y, [number(value) for value in products.ravel()], number(total))
    if not output_beside:
        below = canvas.bottom
        arrow(canvas, (20, below + 6), (20, below + 40))
        canvas.text(34, below + 22, "add", anchor="start")
        output_x, output_y = 0, below + 120
        inputs.fits("window", f"output {output.shape}", INDEX_ROOM + W_out * output_cell)
    canvas.text(output_x + W_out * output_cell / 2, output_y - 46, f"output {_times(H_out, W_out)}", strong=True)
    with canvas.part("output"):
        indices(canvas, output_x, output_y, H_out, W_out, output_cell)
        cells(canvas, output_x, output_y, H_out, W_out, output_cell)
        outline(canvas, output_x + column * output_cell, output_y + row * output_cell, output_cell, output_cell)
        numbers(canvas, output_x, output_y, output, output_cell, {(row, column)})

    written = " + ".join(text for line in factors for text in line)
    zeros = ""
    if any(padding):
        zeros = f" with {_many(padding[0], 'row')} and {_many(padding[1], 'column')} of zeros added on each side"
    words = (
        f"Image, {_times(*image.shape)}{zeros}: {_rows_in_words(image)}. "
        f"Kernel, {_times(kH, kW)}: {_rows_in_words(kernel)}. "
        f"The window for output row {row}, column {column} starts at image row {number(top - padding[0])}, "
        f"column {number(left - padding[1])} and holds {_rows_in_words(covered)}. "
        f"Cell by cell: {written} = {number(total)}. That sum is the output at row {row}, column {column}. "
        f"The whole output, {_times(H_out, W_out)}, stride {_stride(stride)}: {_rows_in_words(output)}."
    )
    if caption is None:
        caption = (
            f"The window's {kH * kW} numbers times the kernel's {kH * kW}, added up: {number(total)}, "
            f"the output at row {row}, column {column}."
        )
    title = f"one window of a {_times(*image.shape)} image under a {_times(kH, kW)} kernel"
    return canvas.drawing(title, words, caption)


def _stride(stride):
    return str(stride[0]) if stride[0] == stride[1] else f"{stride[0]} down and {stride[1]} across"


def _bracket(value):
    return f"({number(value)})" if value < 0 else number(value)


def _product(a, b):
    return f"{number(a)}·{_bracket(b)}"


def _padded_map(canvas, padded, padding, cell):
    """The image in its frame of zeros: dashed cells; the indices count the image's own pixels from 0."""
    (pH, pW), (H, W) = padding, padded.shape
    for i in range(H):
        for j in range(W):
            if i < pH or i >= H - pH or j < pW or j >= W - pW:
                canvas.rect(j * cell + 2, i * cell + 2, cell - 4, cell - 4, stroke=MUTED, radius=5, dash="3 3")
    cells(canvas, pW * cell, pH * cell, H - 2 * pH, W - 2 * pW, cell, backdrop=False)
    for column in range(W - 2 * pW):
        canvas.text((column + pW + 0.5) * cell, -15, str(column), muted=True)
    for row in range(H - 2 * pH):
        canvas.text(-10, (row + pH + 0.5) * cell, str(row), anchor="end", muted=True)


def _sum(canvas, x, y, terms, total):
    """Write terms as a sum with its result, on as many lines as it takes."""
    words = [terms[0]]
    for term in terms[1:]:
        words.append(f"− {term[1:]}" if term.startswith("−") else f"+ {term}")
    words.append(f"= {total}")
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        if text_width(longer) > WIDTH:
            canvas.text(x, y, line, anchor="start")
            line, y = word, y + 26
        else:
            line = longer
    canvas.text(x, y, line, anchor="start")


def padding_and_stride(size, kernel_size, stride=1, padding=0, caption=None):
    """One axis as a ruler: its pixels, the zeros around them, and every position of the window.

    Parameters
    ----------
    size, kernel_size, stride, padding : int, in pixels
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If a number is no whole number or out of range, no window fits, or the axis is too long to read.

    Examples
    --------
    >>> padding_and_stride(6, 3, stride=2)
    <drawing: 2 windows of 3 pixels on an axis of 6>
    """
    function = "padding_and_stride"
    size = inputs.whole(function, "size", size, 1)
    kernel_size = inputs.whole(function, "kernel_size", kernel_size, 1)
    stride = inputs.whole(function, "stride", stride, 1)
    padding = inputs.whole(function, "padding", padding, 0)
    try:
        count = reference.output_size(size, kernel_size, stride, padding)
    except ValueError as error:
        raise ValueError(f"{function}: {error}") from None
    length = size + 2 * padding
    label_room = 76
    cell = min(44, (WIDTH - label_room) / length)
    inputs.fits(function, f"size {size} with padding {padding}", label_room + 26 * length)
    starts = [i * stride - padding for i in range(count)]
    reached = {start + u for start in starts for u in range(kernel_size)}
    missed = [pixel for pixel in range(-padding, size + padding) if pixel not in reached]

    canvas = Canvas()
    canvas.reach(-4, 0, length * cell + label_room, 0)
    left_over = canvas.pattern("hatch", GREY, 0.7)
    with canvas.part("axis"):
        for pixel in range(-padding, size + padding):
            x = (pixel + padding) * cell
            is_zero = pixel < 0 or pixel >= size
            canvas.rect(
                x + 2,
                2,
                cell - 4,
                40,
                fill=left_over if pixel in missed else (PAPER if is_zero else CELL),
                stroke=MUTED,
                radius=6,
                dash="3 3" if is_zero else None,
            )
            if is_zero:
                canvas.text(x + cell / 2, 22, "0")
            else:
                canvas.text(x + cell / 2, -14, str(pixel), muted=True)
    pitch = 40
    with canvas.part("windows"):
        for i, start in enumerate(starts):
            x, y = (start + padding) * cell, 62 + i * pitch
            canvas.rect(x + 2, y, kernel_size * cell - 4, 28, fill=SKY, radius=8, opacity=0.45)
            canvas.rect(x + 2, y, kernel_size * cell - 4, 28, stroke=INK, stroke_width=2, radius=8)
            for u in range(1, kernel_size):
                canvas.line([(x + u * cell, y + 9), (x + u * cell, y + 19)], stroke=INK, stroke_width=1)
            arrow(canvas, (x + kernel_size * cell + 6, y + 14), (length * cell + 30, y + 14))
            canvas.text(length * cell + 38, y + 14, f"y[{i}]", anchor="start", strong=True)
    formula = (
        f"({size} + 2·{padding} − {kernel_size}) / {stride} + 1 = {count}"
        if (length - kernel_size) % stride == 0
        else f"⌊({size} + 2·{padding} − {kernel_size}) / {stride}⌋ + 1 = {count}"
    )
    y = 62 + count * pitch + 20
    with canvas.part("count"):
        canvas.text(0, y, f"{formula} {'window' if count == 1 else 'windows'}", anchor="start", strong=True)
        if missed:
            canvas.rect(2, y + 22, 28, 24, fill=left_over, stroke=MUTED, radius=6)
            noun = "pixel" if all(0 <= pixel < size for pixel in missed) else "cell"
            canvas.text(40, y + 34, f"{_many(len(missed), noun)} in no window", anchor="start")
    windows = "; ".join(
        f"window {i} covers {number(start)} to {number(start + kernel_size - 1)}" for i, start in enumerate(starts)
    )
    zeros = f", and {_many(padding, 'zero')} on each side, numbered on" if padding else ""
    reach = f"In no window: {', '.join(number(pixel) for pixel in missed)}." if missed else "All are in a window."
    words = (
        f"An axis of {_many(size, 'pixel')}, 0 to {size - 1}{zeros}. Windows of {kernel_size}, "
        f"stride {stride}: {windows}. {formula}. {reach}"
    )
    if caption is None:
        caption = (
            f"{size} pixels, padding {padding}, a window of {kernel_size}, stride {stride}: "
            f"{count} {'position' if count == 1 else 'positions'}"
            + (f", {len(missed)} left over." if missed else ", nothing left over.")
        )
    name = f"{count} {'window' if count == 1 else 'windows'} of {kernel_size} pixels on an axis of {size}"
    return canvas.drawing(name, words, caption)


def _many(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def correlation_and_convolution(image, kernel, caption=None):
    """One picture under one kernel twice: as it is (correlation), and flipped both ways (convolution).

    With one bright pixel in the middle of the picture, convolution gives the kernel back and correlation gives
    it turned round; the drawing says so only where it is so.

    Parameters
    ----------
    image : array-like, shape (H, W)
    kernel : array-like, shape (kH, kW)
    caption : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        If an argument is no grid of numbers, the kernel does not fit, or the picture is too wide to read.

    Examples
    --------
    >>> correlation_and_convolution([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1, 2], [3, 4]])
    <drawing: correlation and convolution of a 3 × 3 image and a 2 × 2 kernel>
    """
    function = "correlation_and_convolution"
    image = inputs.matrix(function, "image", image)
    kernel = inputs.matrix(function, "kernel", kernel)
    flipped = kernel[::-1, ::-1]
    try:
        correlated = reference.correlate2d(image, kernel)
        convolved = reference.convolve2d(image, kernel)
    except ValueError as error:
        raise ValueError(f"{function}: {error}") from None
    cell = _cell_for(image, kernel, correlated, convolved)
    (H, W), (kH, kW), (H_out, W_out) = image.shape, kernel.shape, correlated.shape
    column_width = max(kW, W_out) * cell
    column_gap = 64
    full = max(2 * column_width + column_gap, W * cell)
    inputs.fits(function, f"image {image.shape} with kernel {kernel.shape}", full)

    canvas = Canvas()
    # Headings may be wider than the maps below them.
    column_width = max(column_width, text_width("Convolution", 20))
    centres = (column_width / 2, column_width * 1.5 + column_gap)
    middle = sum(centres) / 2
    canvas.text(middle, -20, f"image {_times(H, W)}", strong=True)
    with canvas.part("image"):
        _tinted(canvas, middle - W * cell / 2, 0, image, cell)
    y = H * cell + 62
    for centre in centres:
        arrow(
            canvas,
            (middle + (centre - middle) * 0.35, H * cell + 10),
            (middle + (centre - middle) * 0.8, y - 20),
        )
    sides = (
        ("Correlation", "kernel as it is", kernel, correlated, "correlation"),
        ("Convolution", "kernel flipped", flipped, convolved, "convolution"),
    )
    for centre, (heading, note, used, result, part) in zip(centres, sides, strict=True):
        canvas.text(centre, y, heading, size=20, strong=True)
        canvas.text(centre, y + 27, note, muted=True)
        below = y + 50
        with canvas.part(f"{part}-kernel"):
            _tinted(canvas, centre - kW * cell / 2, below, used, cell)
        below += kH * cell
        arrow(canvas, (centre, below + 10), (centre, below + 44))
        below += 56
        with canvas.part(f"{part}-output"):
            _tinted(canvas, centre - W_out * cell / 2, below, result, cell)
        remark = _remark(result, kernel)
        if remark:
            canvas.text(centre, below + H_out * cell + 22, remark, muted=True)

    same = (
        " The two results are equal, because this kernel looks the same from both ends."
        if np.array_equal(kernel, flipped)
        else ""
    )
    words = (
        f"Image, {_times(H, W)}: {_rows_in_words(image)}. "
        f"Correlation slides the kernel as it is, {_rows_in_words(kernel)}, "
        f"and gives {_rows_in_words(correlated)}{_in_words(correlated, kernel)}. "
        f"Convolution slides the kernel flipped in both directions, {_rows_in_words(flipped)}, "
        f"and gives {_rows_in_words(convolved)}{_in_words(convolved, kernel)}.{same}"
    )
    if caption is None:
        caption = "The same image and the same kernel, slid as it is and slid flipped in both directions."
    return canvas.drawing(
        f"correlation and convolution of a {_times(H, W)} image and a {_times(kH, kW)} kernel", words, caption
    )


def _remark(result, kernel):
    """What a result is to the kernel, where it is anything."""
    if np.array_equal(result, kernel):
        return "= the kernel"
    return "= the kernel, flipped" if np.array_equal(result, kernel[::-1, ::-1]) else ""


def _in_words(result, kernel):
    remark = _remark(result, kernel)
    return f", which is {remark[2:]}" if remark else ""


def _tinted(canvas, x, y, array, cell):
    """A map whose cells are the bluer the larger their number, so that a flip is seen before it is read."""
    largest = np.abs(array).max() or 1
    rows, columns = array.shape
    cells(canvas, x, y, rows, columns, cell)
    for row in range(rows):
        for column in range(columns):
            depth = 0.4 * abs(array[row, column]) / largest
            if depth:
                canvas.rect(
                    x + column * cell + 1,
                    y + row * cell + 1,
                    cell - 2,
                    cell - 2,
                    fill=SKY,
                    radius=5,
                    opacity=depth,
                )
    numbers(canvas, x, y, array, cell)
