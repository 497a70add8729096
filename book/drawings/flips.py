"""A drawing of one kernel slid twice over one image: correlation beside convolution, which flips it first."""

import numpy as np

from convolution import reference

from . import inputs
from .canvas import SKY, Canvas, text_width
from .grids import cell_for, in_words, times
from .maps import arrow, cells, numbers

FUNCTION = "correlation_and_convolution"
COLUMN_GAP = 64
HEADING_SIZE = 20


def correlation_and_convolution(image, kernel, caption=None):
    """A picture under a kernel, twice: as it is (correlation), and flipped both ways (convolution).

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
    image = inputs.matrix(FUNCTION, "image", image)
    kernel = inputs.matrix(FUNCTION, "kernel", kernel)
    try:
        results = reference.correlate2d(image, kernel), reference.convolve2d(image, kernel)
    except ValueError as error:
        raise ValueError(f"{FUNCTION}: {error}") from None
    cell = cell_for(image, kernel, *results)
    column_width = max(kernel.shape[1], results[0].shape[1]) * cell
    width = max(2 * column_width + COLUMN_GAP, image.shape[1] * cell)
    inputs.fits(FUNCTION, f"image {image.shape} with kernel {kernel.shape}", width)

    canvas = Canvas()
    # Headings may be wider than the maps below them.
    column_width = max(column_width, text_width("Convolution", HEADING_SIZE))
    centres = (column_width / 2, column_width * 1.5 + COLUMN_GAP)
    _image(canvas, centres, image, cell)
    y = image.shape[0] * cell + 62
    _column(canvas, centres[0], y, ("Correlation", "kernel as it is"), kernel, kernel, results[0], cell)
    _column(canvas, centres[1], y, ("Convolution", "kernel flipped"), kernel, _flipped(kernel), results[1], cell)
    if caption is None:
        caption = "The same image and the same kernel, slid as it is and slid flipped in both directions."
    title = f"correlation and convolution of a {times(*image.shape)} image and a {times(*kernel.shape)} kernel"
    return canvas.drawing(title, _words(image, kernel, *results), caption)


def _flipped(kernel):
    return kernel[::-1, ::-1]


def _image(canvas, centres, image, cell):
    """The image above both columns, with an arrow to each."""
    (H, W), middle = image.shape, sum(centres) / 2
    canvas.text(middle, -20, f"image {times(H, W)}", strong=True)
    with canvas.part("image"):
        _tinted(canvas, middle - W * cell / 2, 0, image, cell)
    for centre in centres:
        start, end = ((middle + (centre - middle) * share) for share in (0.35, 0.8))
        arrow(canvas, (start, H * cell + 10), (end, H * cell + 42))


def _column(canvas, centre, y, headings, kernel, used, result, cell):
    """The kernel as it is used, and below it the result.

    headings : (str, str), the operation and what it does to the kernel
    """
    (kH, kW), (H_out, W_out) = kernel.shape, result.shape
    operation, note = headings
    canvas.text(centre, y, operation, size=HEADING_SIZE, strong=True)
    canvas.text(centre, y + 27, note, muted=True)
    y += 50
    with canvas.part(f"{operation.lower()}-kernel"):
        _tinted(canvas, centre - kW * cell / 2, y, used, cell)
    y += kH * cell
    arrow(canvas, (centre, y + 10), (centre, y + 44))
    y += 56
    with canvas.part(f"{operation.lower()}-output"):
        _tinted(canvas, centre - W_out * cell / 2, y, result, cell)
    if remark := _remark(result, kernel):
        canvas.text(centre, y + H_out * cell + 22, f"= {remark}", muted=True)


def _tinted(canvas, x, y, array, cell):
    """A map whose cells are the bluer the larger their number, so that a flip is seen before it is read."""
    largest = np.abs(array).max() or 1
    cells(canvas, x, y, *array.shape, cell)
    for (row, column), value in np.ndenumerate(array):
        if depth := 0.4 * abs(value) / largest:
            left, top = x + column * cell + 1, y + row * cell + 1
            canvas.rect(left, top, cell - 2, cell - 2, fill=SKY, radius=5, opacity=depth)
    numbers(canvas, x, y, array, cell)


def _remark(result, kernel):
    """Name a result that is the kernel or the flipped kernel; of any other there is nothing to say."""
    if np.array_equal(result, kernel):
        return "the kernel"
    return "the kernel, flipped" if np.array_equal(result, _flipped(kernel)) else ""


def _words(image, kernel, correlated, convolved):
    def told(result):
        remark = _remark(result, kernel)
        return f"{in_words(result)}, which is {remark}" if remark else in_words(result)

    is_symmetric = np.array_equal(kernel, _flipped(kernel))
    same = " The two results are equal, because this kernel looks the same from both ends." if is_symmetric else ""
    return (
        f"Image, {times(*image.shape)}: {in_words(image)}. "
        f"Correlation slides the kernel as it is, {in_words(kernel)}, and gives {told(correlated)}. "
        f"Convolution slides the kernel flipped in both directions, {in_words(_flipped(kernel))}, "
        f"and gives {told(convolved)}.{same}"
    )
