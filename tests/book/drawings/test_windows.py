"""A drawing of one window shows what the reference computes."""

import math

import drawings
import numpy as np
import pytest
from drawings import canvas
from drawn import IMAGE, KERNEL, boxes, framed_cells, frames, part, plain_cell, rounded, texts, value, values

from convolution import reference


def assert_window(drawing, image, kernel, row, column, stride=(1, 1), padding=(0, 0)):
    padded = np.pad(image, [(padding[0],) * 2, (padding[1],) * 2])
    corner, (kH, kW) = (row * stride[0], column * stride[1]), kernel.shape
    shown = texts(part(drawing, "image"))
    assert [value(text) for text in shown[sum(image.shape) :]] == rounded(padded)
    assert framed_cells(part(drawing, "image")) == [(corner[1], corner[0], kW, kH)]
    assert values(part(drawing, "kernel")) == rounded(kernel)
    assert_products(drawing, padded[corner[0] :, corner[1] :][:kH, :kW], kernel)
    output = reference.correlate2d(image, kernel, stride, padding)
    assert_sum(drawing, output[row, column])
    assert_output(drawing, output, row, column)


def assert_products(drawing, covered, kernel):
    """Every product is written out, as its factors and as their product."""
    shown = texts(part(drawing, "products"))
    assert [value(text) for text in shown[1::2]] == rounded(covered * kernel)
    for text, pixel, weight in zip(shown[::2], rounded(covered), rounded(kernel), strict=True):
        assert [value(factor.strip("()")) for factor in text.split("·")] == [pixel, weight]


def assert_sum(drawing, total):
    """The sum is that of the terms that are written, and the words end with it."""
    terms, result = " ".join(texts(part(drawing, "sum"))).split("=")
    assert math.isclose(eval(terms.replace("\N{MINUS SIGN}", "-")), total, abs_tol=1e-2)
    assert value(result.strip()) == round(float(total), 3)
    assert f"= {canvas.number(total)}." in drawing.description


def assert_output(drawing, output, row, column):
    """The output is there, and the frame is around the pixel."""
    group = part(drawing, "output")
    assert [value(text) for text in texts(group)[sum(output.shape) :]] == rounded(output)
    left, top, _, _ = boxes(group, f"fill:{canvas.CELL}")[0]
    ((x, y, _, _),), cell = frames(group), plain_cell(group)
    assert (round((y - top) / cell), round((x - left) / cell)) == (row, column)


WINDOWS = [
    (IMAGE, KERNEL, 0, 0, (1, 1), (0, 0)),
    (IMAGE, KERNEL, 2, 5, (1, 1), (0, 0)),
    (IMAGE, KERNEL, 1, 1, (2, 3), (0, 0)),
    (IMAGE, KERNEL, 3, 1, (1, 3), (1, 1)),
    (IMAGE[:4, :4] / 8, KERNEL / 4, 1, 2, (1, 1), (0, 0)),
    (IMAGE[:3, :2], IMAGE[:3, :2], 0, 0, (1, 1), (0, 0)),
    (IMAGE, np.array([[2]]), 4, 6, (1, 1), (0, 0)),
]


@pytest.mark.parametrize("case", WINDOWS)
def test_a_window_shows_what_the_reference_computes(case):
    assert_window(drawings.window(*case), *case)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param((IMAGE, KERNEL[::-1, ::-1], 1, 2), id="flipped kernel"),
        pytest.param((IMAGE, KERNEL, 2, 1), id="row for column"),
        pytest.param((IMAGE, KERNEL, 1, 2, (1, 2)), id="other stride"),
        pytest.param((IMAGE, KERNEL, 1, 2, 1, 1), id="other padding"),
    ],
)
def test_a_wrong_window_is_refused(wrong):
    drawing = drawings.window(*wrong)
    with pytest.raises(AssertionError):
        assert_window(drawing, IMAGE, KERNEL, 1, 2)


def test_a_window_with_a_wrong_sum_is_refused(monkeypatch):
    right = reference.correlate2d
    monkeypatch.setattr(reference, "correlate2d", lambda *a: right(*a) + 1)
    wrong = drawings.window(IMAGE, KERNEL, 1, 2)
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_window(wrong, IMAGE, KERNEL, 1, 2)
