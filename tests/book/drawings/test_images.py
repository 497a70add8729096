"""An image as a box of numbers has a sheet for each channel, and one pixel framed in each of them."""

import math

import drawings
import pytest
from drawn import SVG, patterned, svg_of, touched


def assert_sheets(drawing, size, in_channels, pixel):
    sheets = [g for g in svg_of(drawing) if g.tag == f"{SVG}g" and g.get("data-part", "").startswith("map")]
    assert len(sheets) == in_channels
    for sheet in sheets:
        paints = [paint for _, paint in patterned(sheet)]
        assert len(paints) == math.prod(size)
        (at,) = (index for index, paint in enumerate(paints) if paints.count(paint) == 1)
        assert divmod(at, size[1]) == pixel
        assert touched(sheet) == 1
    assert f"= {math.prod(size) * in_channels} numbers" in drawing.description


def test_sheets_frame_one_pixel_in_each_channel():
    assert_sheets(drawings.sheets((4, 7), 4, (1, 3)), (4, 7), 4, (1, 3))


def test_sheets_with_another_pixel_are_refused():
    wrong = drawings.sheets((4, 7), 4, (3, 1))
    with pytest.raises(AssertionError):
        assert_sheets(wrong, (4, 7), 4, (1, 3))
