"""The shares of the separable pair are exact and to scale."""

import math
from fractions import Fraction

import drawings
import numpy as np
import pytest
from drawings import canvas, shares
from drawn import SVG, boxes, count_one_too_many, part, svg_of, texts

from convolution import reference


def bar(drawing, name):
    """(start, length) of a bar, in drawing units."""
    x, _, width, _ = boxes(part(drawing, f"bar-{name}"), "fill:")[0]
    # An edge of two units is drawn within the bar; where there is no room for it, the bar is all fill.
    return (x - 1, width + 2) if width > 2 else (x, width)


def assert_shares(drawing, out_channels, kernel_size):
    depthwise, pointwise = Fraction(1, out_channels), Fraction(1, math.prod(kernel_size))
    assert_total(depthwise + pointwise, out_channels, kernel_size)
    assert_bars(drawing, depthwise, pointwise)
    assert_saved(drawing, depthwise + pointwise)
    assert_table(drawing, depthwise, pointwise)
    assert_dividers(drawing, out_channels)
    kH, kW = kernel_size
    assert texts(part(drawing, "separable"))[-1] == str(depthwise + pointwise)
    assert texts(part(drawing, "regular"))[1:] == [f"O = {out_channels}, kernel {kH} × {kW}", "1"]
    assert f"together {depthwise + pointwise}" in drawing.description


def assert_total(total, out_channels, kernel_size):
    """The share is the reference's, and that of one layer counted out, with more than one input channel."""
    assert total == reference.cost_ratio(out_channels, kernel_size)
    counters = (reference.separable_params, reference.conv2d_params)
    assert Fraction(*(count(5, out_channels, kernel_size, bias=False) for count in counters)) == total


def assert_bars(drawing, depthwise, pointwise):
    """The pair's parts follow each other, to the scale of the regular bar; the longer of the two bars is full."""
    start, unit = bar(drawing, "regular")
    assert math.isclose(start, 0, abs_tol=0.11)
    start, length = bar(drawing, "depthwise")
    assert math.isclose(start, 0, abs_tol=0.11)
    assert math.isclose(length / unit, depthwise, abs_tol=2e-3)
    start, length = bar(drawing, "pointwise")
    assert math.isclose(start / unit, depthwise, abs_tol=2e-3)
    assert math.isclose(length / unit, pointwise, abs_tol=2e-3)
    assert math.isclose(max(unit, unit * float(depthwise + pointwise)), canvas.WIDTH, rel_tol=1e-3)


def assert_saved(drawing, total):
    """The rest of the regular bar is dashed, if the pair saves anything."""
    dashed = [rect for rect in svg_of(drawing).findall(f"{SVG}rect") if rect.get("stroke-dasharray")]
    assert len(dashed) == (1 if total < 1 else 0)
    for rect in dashed:
        assert math.isclose(float(rect.get("width")) + 3, bar(drawing, "regular")[1] * float(1 - total), abs_tol=0.2)


def assert_table(drawing, depthwise, pointwise):
    total, shown = depthwise + pointwise, texts(part(drawing, "shares"))
    rows = zip(shown[::3], shown[1::3], shown[2::3], strict=True)
    table = {name: (formula, Fraction(share)) for name, formula, share in rows}
    is_saving = total <= 1
    assert table == {
        "depthwise": ("1 / O", depthwise),
        "pointwise": ("1 / (kH · kW)", pointwise),
        "together": (f"{depthwise} + {pointwise}", total),
        "saved" if is_saving else "added": (
            f"1 \N{MINUS SIGN} {total}" if is_saving else f"{total} \N{MINUS SIGN} 1",
            abs(1 - total),
        ),
    }


def assert_dividers(drawing, out_channels):
    """The regular bar is divided into its filters, unless there are too many to tell apart."""
    dividers = svg_of(drawing).findall(f"{SVG}path")
    if out_channels > shares.MOST_FILTERS:
        assert not dividers
        return
    at = [float(path.get("d")[1:].split()[0]) / bar(drawing, "regular")[1] for path in dividers]
    assert np.allclose(at, [o / out_channels for o in range(1, out_channels)], atol=1e-3)


SHARES = [(2, (3, 3)), (256, (3, 3)), (1, (3, 3)), (2, (1, 1)), (8, (3, 5)), (24, (1, 7)), (2, (1, 2)), (1024, (5, 5))]


@pytest.mark.parametrize("case", SHARES, ids=str)
def test_shares_are_exact_and_to_scale(case):
    assert_shares(drawings.cost_shares(*case), *case)


@pytest.mark.parametrize("wrong", [(3, (3, 3)), (2, (3, 5)), (9, (1, 2))], ids=str)
def test_wrong_shares_are_refused(wrong):
    drawing = drawings.cost_shares(*wrong)
    with pytest.raises(AssertionError):
        assert_shares(drawing, 2, (3, 3))


@pytest.mark.parametrize("counter", ["depthwise_params", "pointwise_params", "conv2d_params", "cost_ratio"])
def test_shares_counted_wrong_are_refused(monkeypatch, counter):
    count_one_too_many(monkeypatch, counter)
    wrong = drawings.cost_shares(2, 3)
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_shares(wrong, 2, (3, 3))
