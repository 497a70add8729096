"""A failure as data, and the text a student reads.

An error says what was called, the shapes, what was expected and what came, where they first differ, and the
likely cause. Where the case is small enough it shows the numbers themselves.
"""

import inspect
from dataclasses import dataclass

import numpy as np

from autograder.model import PUBLIC_SEED
from convolution.mistakes import right_function
from convolution.reference import pair

#: The largest image and kernel that are printed number by number.
SMALL_IMAGE, SMALL_KERNEL = 30, 9


@dataclass(frozen=True)
class Failure:
    """Why one aspect of one exercise did not pass.

    Attributes
    ----------
    exercise, aspect : what was asked
    headline : "wrong", "not written yet", or what else happened
    call : the arguments in words, such as "x (1, 1, 4, 5), weight (1, 1, 3, 2)"; empty where no call matters
    findings : what was seen, a line each
    picture : the numbers themselves, where they are few
    sentence : the mistake this equals, explained; empty where none does
    seed : the seed the case was drawn from
    """

    exercise: str
    aspect: str
    headline: str
    call: str = ""
    findings: tuple[str, ...] = ()
    picture: str = ""
    sentence: str = ""
    seed: int = PUBLIC_SEED

    def __str__(self):
        heading = f"{self.exercise}, {self.aspect}: {self.headline}"
        lines = [f"{heading} for {self.call}" if self.call else heading]
        lines += [f"  {line}" for line in self.findings]
        lines += [f"  {line}" if line else "" for line in self.picture.splitlines()]
        if self.sentence:
            lines.append(f"  {self.sentence}")
        if self.call:
            again = "" if self.seed == PUBLIC_SEED else f", seed={self.seed}"
            lines.append(f'  To see this case again: check({self.exercise}, "{self.exercise}-{self.aspect}"{again})')
        return "\n".join(lines)


def named_arguments(name, case):
    """The (name, value) pairs of a call, those passed by position first.

    Examples
    --------
    >>> from autograder.model import Case
    >>> named_arguments("output_size", Case((6, 3), {"stride": 2}))
    [('size', 6), ('kernel_size', 3), ('stride', 2)]
    """
    names = list(inspect.signature(right_function(name)).parameters)
    return [*zip(names, case.args, strict=False), *case.options.items()]


def describe_call(name, case):
    """A call in words: shapes of arrays, values of numbers, under the arguments' names.

    Examples
    --------
    >>> from autograder.model import Case
    >>> describe_call("conv2d", Case((np.zeros((1, 3, 6, 6)), np.zeros((2, 3, 3, 3))), {"stride": 2}))
    'x (1, 3, 6, 6), weight (2, 3, 3, 3), stride 2'
    """
    said = []
    for key, value in named_arguments(name, case):
        said.append(f"{key} {tuple(value.shape) if np.ndim(value) and hasattr(value, 'shape') else value}")
    return ", ".join(said)


def picture(name, case, expected, actual, index):
    """The numbers of a small case: what went in, yours, expected, and the first wrong window's products.

    Returns an empty text where the case is too large to help, or is no single plane.
    """
    if len(case.args) != 2 or not all(hasattr(array, "shape") for array in case.args):
        return ""
    image, kernel = (_plane(array) for array in case.args)
    if image is None or kernel is None or image.size > SMALL_IMAGE or kernel.size > SMALL_KERNEL:
        return ""
    parts = [_beside({"image": image, "kernel": kernel})]
    results = {"yours": _plane(actual), "expected": _plane(expected)}
    if all(plane is not None and plane.size <= 2 * SMALL_IMAGE for plane in results.values()):
        parts.append(_beside(results))
    if index is not None:
        parts.append(_products(name, case, image, kernel, index[-2:]))
    return "\n\n".join(parts)


def _plane(array):
    """The single plane of an array, or None where it has several."""
    array = np.asarray(array)
    if array.ndim < 2 or array.size != array.shape[-1] * array.shape[-2] or array.size == 0:
        return None
    return array.reshape(array.shape[-2:])


def _beside(planes):
    """Titled grids of numbers, side by side."""
    blocks = []
    for title, plane in planes.items():
        cells = [[f"{number:.4g}" for number in row] for row in plane]
        width = max(len(cell) for row in cells for cell in row)
        rows = ["  ".join(cell.rjust(width) for cell in row) for row in cells]
        blocks.append([title, *rows])
    height = max(map(len, blocks))
    widths = [max(map(len, block)) for block in blocks]
    lines = []
    for i in range(height):
        line = [(block[i] if i < len(block) else "").ljust(w) for block, w in zip(blocks, widths, strict=True)]
        lines.append("     ".join(line).rstrip())
    return "\n".join(lines)


def _products(name, case, image, kernel, position):
    """The products of one window and their sum, written out."""
    i, j = position
    (sH, sW), (pH, pW), (dH, dW) = (
        pair(case.options.get(key, default)) for key, default in (("stride", 1), ("padding", 0), ("dilation", 1))
    )
    if name == "convolve2d":
        kernel = kernel[::-1, ::-1]
    kH, kW = kernel.shape
    padded = np.pad(image, ((pH, pH), (pW, pW)))
    window = padded[i * sH : i * sH + dH * (kH - 1) + 1 : dH, j * sW : j * sW + dW * (kW - 1) + 1 : dW]
    terms = [f"{a:.4g}*{b:.4g}" for a, b in zip(window.ravel(), kernel.ravel(), strict=True)]
    total = float((window * kernel).sum())
    bias = case.options.get("bias")
    if bias is not None:
        terms.append(f"bias {float(bias[0]):.4g}")
        total += float(bias[0])
    flipped = " with the kernel flipped" if name == "convolve2d" else ""
    return f"the window at [{i}, {j}]{flipped}:\n{' + '.join(terms)} = {total:.4g}"
