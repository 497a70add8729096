# ruff: noqa: RUF001 (the minus sign of print)
"""A drawing of one window: what it covers, the products, their sum, and the output pixel that holds the sum."""

from typing import NamedTuple

import numpy as np

from convolution import reference

from . import inputs
from .canvas import MUTED, SKY, WIDTH, Canvas, count, number, text_width
from .grids import INDEX_ROOM, cell_for, in_words, times
from .maps import arrow, cells, indices, numbers, outline

KERNEL_GAP = 54  # between the image and a kernel that stands beside it
OUTPUT_GAP = 72  # between the products and an output that stands beside them; the arrow is in it
PRODUCT_HEIGHT = 58


class _Window(NamedTuple):
    """A window of a channel, and all that is computed from it."""

    image: np.ndarray
    kernel: np.ndarray
    output: np.ndarray
    padded: np.ndarray
    row: int  # of the output pixel
    column: int
    stride: tuple
    padding: tuple

    @property
    def corner(self):
        """The window's (top, left) in the padded image."""
        return self.row * self.stride[0], self.column * self.stride[1]

    @property
    def covered(self):
        """The numbers in the window, shape (kH, kW)."""
        (top, left), (kH, kW) = self.corner, self.kernel.shape
        return self.padded[top : top + kH, left : left + kW]

    @property
    def total(self):
        """The sum of the products: the output pixel."""
        return self.output[self.row, self.column]

    @property
    def factors(self):
        """Every product before it is multiplied out, as a list of rows of texts."""
        rows = zip(self.covered, self.kernel, strict=True)
        return [[_product(a, b) for a, b in zip(*row, strict=True)] for row in rows]


def window(image, kernel, row=0, column=0, stride=1, padding=0, caption=None):
    """A window of a channel: what it covers, the products, their sum, and where the sum goes.

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
    shown = _checked(image, kernel, row, column, stride, padding)
    canvas = Canvas()
    _image_and_kernel(canvas, shown)
    box = _products(canvas, shown)
    corner = _beside(canvas, shown, box)
    with canvas.part("sum"):
        terms = [number(value) for value in (shown.covered * shown.kernel).ravel()]
        _sum(canvas, 0, box.bottom + 24, terms, number(shown.total))
    _output(canvas, shown, corner or _below(canvas, shown))
    if caption is None:
        weights = shown.kernel.size
        caption = (
            f"The window's {weights} numbers times the kernel's {weights}, added up: {number(shown.total)}, "
            f"the output at row {shown.row}, column {shown.column}."
        )
    title = f"one window of a {times(*shown.image.shape)} image under a {times(*shown.kernel.shape)} kernel"
    return canvas.drawing(title, _words(shown), caption)


def _checked(image, kernel, row, column, stride, padding):
    """Check the arguments of `window` and let the reference compute the output."""
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
    width = INDEX_ROOM + padded.shape[1] * cell_for(padded)
    inputs.fits("window", f"image {image.shape} with padding {padding}", width)
    return _Window(image, kernel, output, padded, row, column, stride, padding)


# The panels, from top to bottom


def _image_and_kernel(canvas, shown):
    """The image with the window in it and, beside it where there is room, the kernel."""
    cell, kernel_cell = cell_for(shown.padded), cell_for(shown.kernel)
    (H, W), (kH, kW), (top, left) = shown.padded.shape, shown.kernel.shape, shown.corner
    canvas.text(W * cell / 2, -46, f"image {times(*shown.image.shape)}", strong=True)
    with canvas.part("image"):
        _padded_map(canvas, shown.padded, shown.padding, cell)
        outline(canvas, left * cell, top * cell, kW * cell, kH * cell)
        inside = {(top + u, left + v) for u in range(kH) for v in range(kW)}
        numbers(canvas, 0, 0, shown.padded, cell, inside)
    is_beside = INDEX_ROOM + W * cell + KERNEL_GAP + kW * kernel_cell <= WIDTH
    x = W * cell + KERNEL_GAP if is_beside else 0
    y = max(0, (H * cell - kH * kernel_cell) / 2) if is_beside else H * cell + 80
    canvas.text(x + kW * kernel_cell / 2, y - 22, f"kernel {times(kH, kW)}", strong=True)
    with canvas.part("kernel"):
        cells(canvas, x, y, kH, kW, kernel_cell)
        numbers(canvas, x, y, shown.kernel, kernel_cell)
    if is_beside:
        canvas.text(W * cell + KERNEL_GAP / 2, y + kH * kernel_cell / 2, "×", size=26)


class _Box(NamedTuple):
    """The room that the products take; it begins at x = 0."""

    right: float
    top: float
    bottom: float


def _products(canvas, shown):
    """A product for each cell of the window; returns the box that they fill."""
    kH, kW = shown.kernel.shape
    products, factors = shown.covered * shown.kernel, shown.factors
    y = canvas.bottom + 36
    canvas.text(0, y, count(kH * kW, "product"), anchor="start", strong=True)
    y += 22
    wide = max(text_width(text) for line in factors for text in line) + 12
    inputs.fits("window", f"kernel {shown.kernel.shape} with its products written out", kW * wide)
    with canvas.part("products"):
        for u in range(kH):
            for v in range(kW):
                x, top = v * wide, y + u * PRODUCT_HEIGHT
                canvas.rect(x + 2, top + 2, wide - 4, PRODUCT_HEIGHT - 4, fill=SKY, radius=6, opacity=0.28)
                canvas.text(x + wide / 2, top + 18, factors[u][v])
                canvas.text(x + wide / 2, top + 40, number(products[u, v]), strong=True)
    return _Box(kW * wide, y, y + kH * PRODUCT_HEIGHT)


def _beside(canvas, shown, box):
    """Point from the products to an output beside them; returns its corner, or None if there is no room for it."""
    (H_out, W_out), cell = shown.output.shape, cell_for(shown.output)
    x, middle = box.right + OUTPUT_GAP + INDEX_ROOM, (box.top + box.bottom) / 2
    if x + W_out * cell > WIDTH:
        return None
    arrow(canvas, (box.right + 8, middle), (box.right + 58, middle))
    canvas.text(box.right + 30, middle - 18, "add")
    return x, max(middle - H_out * cell / 2, box.top + 26)


def _below(canvas, shown):
    """Point from the sum to an output below it; returns its corner."""
    bottom = canvas.bottom
    arrow(canvas, (20, bottom + 6), (20, bottom + 40))
    canvas.text(34, bottom + 22, "add", anchor="start")
    wide = shown.output.shape[1] * cell_for(shown.output)
    inputs.fits("window", f"output {shown.output.shape}", INDEX_ROOM + wide)
    return 0, bottom + 120


def _output(canvas, shown, corner):
    """The output, with the pixel that holds the sum in a frame."""
    (x, y), (H_out, W_out), cell = corner, shown.output.shape, cell_for(shown.output)
    canvas.text(x + W_out * cell / 2, y - 46, f"output {times(H_out, W_out)}", strong=True)
    with canvas.part("output"):
        indices(canvas, x, y, H_out, W_out, cell)
        cells(canvas, x, y, H_out, W_out, cell)
        outline(canvas, x + shown.column * cell, y + shown.row * cell, cell, cell)
        numbers(canvas, x, y, shown.output, cell, {(shown.row, shown.column)})


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


# Words


def _words(shown):
    (top, left), (pH, pW) = shown.corner, shown.padding
    zeros = ""
    if any(shown.padding):
        zeros = f" with {count(pH, 'row')} and {count(pW, 'column')} of zeros added on each side"
    written = " + ".join(text for line in shown.factors for text in line)
    return (
        f"Image, {times(*shown.image.shape)}{zeros}: {in_words(shown.image)}. "
        f"Kernel, {times(*shown.kernel.shape)}: {in_words(shown.kernel)}. "
        f"The window for output row {shown.row}, column {shown.column} starts at image row {number(top - pH)}, "
        f"column {number(left - pW)} and holds {in_words(shown.covered)}. "
        f"Cell by cell: {written} = {number(shown.total)}. "
        f"That sum is the output at row {shown.row}, column {shown.column}. "
        f"The whole output, {times(*shown.output.shape)}, stride {_stride(shown.stride)}: {in_words(shown.output)}."
    )


def _stride(stride):
    return str(stride[0]) if stride[0] == stride[1] else f"{stride[0]} down and {stride[1]} across"


def _product(a, b):
    """A product as it is written, a negative weight in brackets."""
    return f"{number(a)}·({number(b)})" if b < 0 else f"{number(a)}·{number(b)}"
