"""An axis shows every window, and what no window reaches."""

import itertools
import math
import re

import drawings
import pytest
from drawings import canvas
from drawn import SVG, boxes, part, texts

from convolution import reference


def assert_axis(drawing, size, kernel_size, stride, padding):
    length = size + 2 * padding
    starts = [i for i in range(length) if i % stride == 0 and i + kernel_size <= length]
    missed = set(range(length)) - {start + u for start in starts for u in range(kernel_size)}
    assert_pixels(drawing, size, padding, missed)
    assert_bars(drawing, starts, kernel_size)
    assert_count(drawing, reference.output_size(size, kernel_size, stride, padding), missed)
    formula = texts(part(drawing, "count"))[0]
    assert (formula[0] == "⌊") == ((length - kernel_size) % stride != 0)


def assert_pixels(drawing, size, padding, missed):
    """Zeros are dashed, and what no window reaches is hatched."""
    rects = list(part(drawing, "axis").iter(f"{SVG}rect"))
    dashed = [rect.get("stroke-dasharray") is not None for rect in rects]
    assert dashed == [True] * padding + [False] * size + [True] * padding
    hatched = ["url(" in rect.get("style") for rect in rects]
    assert hatched == [i in missed for i in range(size + 2 * padding)]


def assert_bars(drawing, starts, kernel_size):
    """Every window is a bar below its pixels, with the name of its output."""
    pixels, group = boxes(part(drawing, "axis"), f"stroke:{canvas.MUTED}"), part(drawing, "windows")
    pitch = pixels[1][0] - pixels[0][0]
    bars = boxes(group, f"stroke:{canvas.INK};stroke-width:2")
    assert [round(x / pitch) for x, _, _, _ in bars] == starts
    assert {round((width + 4) / pitch) for _, _, width, _ in bars} == {kernel_size}
    assert texts(group) == [f"y[{i}]" for i in range(len(starts))]


def assert_count(drawing, count, missed):
    """The formula gives the count that stands behind it; below it the pixels in no window are counted."""
    formula, *more = texts(part(drawing, "count"))
    quotient, result = formula.split(" = ")
    assert result.split()[0] == str(count)
    written = re.sub(r"[⌊⌋]", "", quotient).replace("\N{MINUS SIGN}", "-").replace("·", "*")
    assert math.floor(eval(written)) == count
    assert [text.split()[0] for text in more] == ([str(len(missed))] if missed else [])


AXIS_CASES = [
    case for case in itertools.product((3, 6, 8), (1, 2, 3), (1, 2, 4), (0, 1, 2)) if case[0] + 2 * case[3] >= case[1]
]


@pytest.mark.parametrize("case", AXIS_CASES, ids=str)
def test_an_axis_shows_every_window_and_what_none_reaches(case):
    assert_axis(drawings.padding_and_stride(*case), *case)


@pytest.mark.parametrize("wrong", [(8, 3, 1, 0), (7, 3, 2, 0), (8, 2, 2, 0), (8, 3, 2, 1)], ids=str)
def test_a_wrong_axis_is_refused(wrong):
    drawing = drawings.padding_and_stride(*wrong)
    with pytest.raises(AssertionError):
        assert_axis(drawing, 8, 3, 2, 0)
