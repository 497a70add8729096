"""The charts of `drawings.charts`: what they refuse, and that a reader without eyes or colours gets all of it."""

import re

import pytest
from drawings.charts import LOOKS, Line, Scale, lines

ACROSS = Scale("filters", [(1, "1"), (4, "4"), (16, "16")], logarithmic=True)
UP = Scale("share", [(0, "0"), (1, "1")])


def chart(*series, **options):
    return lines("a chart", list(series), ACROSS, UP, "A chart.", **options)


def test_a_point_lies_where_the_scales_say():
    html = chart(Line("one", [(1, 0), (4, 0.5), (16, 1)])).html
    part = re.search(r'data-part="line-one">(.*?)</g>', html)[1]
    starts = [(float(x), float(y)) for x, y in re.findall(r'd="M([\d.]+) ([\d.]+)L', part)]
    (x0, y0), (x1, y1) = starts
    assert x0 == 0 and y0 == 2 * y1  # half the way up
    ends = re.findall(r'L([\d.]+) ([\d.]+)"', part)
    assert float(ends[-1][0]) == pytest.approx(2 * x1, abs=0.2) and float(ends[-1][1]) == 0


def test_the_words_hold_every_point():
    drawing = chart(Line("one", [(1, 0.25), (16, 1)]), Line("two", [(4, 0.125)]))
    assert "one: 0.25 at 1, 1 at 16." in drawing.description
    assert "two: 0.125 at 4." in drawing.description
    assert "filters from 1 to 16" in drawing.description


def test_lines_are_told_apart_without_colour():
    assert len({(dash, mark) for _, dash, mark in LOOKS}) == len(LOOKS)


def test_no_name_hangs_over_the_edge():
    html = chart(Line("a rather long name", [(1, 0), (16, 1)])).html
    left, _, width, _ = map(float, re.search(r'viewBox="([^"]*)"', html)[1].split())
    x = float(re.search(r'<text x="([\d.]+)"[^>]*>a rather long name<', html)[1])
    assert x + len("a rather long name") * 18 * 0.6 < left + width
    assert width <= 560  # readable on a phone


@pytest.mark.parametrize("point", [(32, 0.5), (4, 1.5), (4, -0.5)])
def test_a_point_outside_is_refused(point):
    with pytest.raises(ValueError, match=re.escape(f"the point {point} lies outside the scales")):
        chart(Line("one", [(1, 0), point]))


def test_more_lines_than_looks_are_refused():
    with pytest.raises(ValueError, match="at most 4 lines can be told apart, got 5"):
        chart(*[Line(str(number), [(1, 0)]) for number in range(5)])
