"""A regular layer shows the reference's counts, what one output number touches, and its six axes."""

import math
import re

import drawings
import pytest
from drawings import axes, regular_layer
from drawn import (
    SVG,
    assert_products,
    assert_rest,
    assert_totals,
    count_one_too_many,
    framed_shapes,
    frames,
    hidden,
    labels,
    output_pixels,
    part,
    parts,
    patterned,
    svg_of,
    texts,
    touched,
)

from convolution import reference

LAYERS = [
    (3, 2, (6, 6), (3, 3)),
    (1, 1, (5, 5), (2, 2)),
    (2, 1, (6, 4), (1, 3)),
    (4, 6, (9, 11), (3, 5)),
    (5, 7, (11, 13), (3, 4)),
    (3, 3, (4, 5), (4, 5)),
]


def assert_regular(drawing, in_channels, out_channels, size, kernel_size):
    pixels = output_pixels(size, kernel_size)
    window = reference.conv2d_params(in_channels, 1, kernel_size, bias=False)
    weights = reference.conv2d_params(in_channels, out_channels, kernel_size, bias=False)
    macs = reference.conv2d_macs(in_channels, out_channels, kernel_size, pixels)
    shown = assert_totals(drawing, (window, weights, macs))
    assert_products(shown)
    assert shown[2] == f"{window} weights"
    assert len(patterned(part(drawing, "input"))) == in_channels * math.prod(size)
    assert_touched(drawing, in_channels, kernel_size, window)
    assert_filters(drawing, out_channels, window, math.prod(pixels))
    sizes = dict(H=size[0], W=size[1], C=in_channels, kH=kernel_size[0], kW=kernel_size[1], O=out_channels)
    for letter, number in sizes.items():
        assert (f"{letter} = {number}" in labels(drawing)) == (letter in ("H", "W", "kH", "kW") or number > 1)


def assert_touched(drawing, in_channels, kernel_size, window):
    """One output number touches as many inputs as weights: a window in each map, and all of the first filter."""
    assert touched(part(drawing, "input")) == touched(part(drawing, "filter-0")) == window
    assert touched(part(drawing, "output-0")) == 1
    ((_, _, cell, _),) = frames(part(drawing, "output-0"))
    for name in ("input", "filter-0"):
        assert framed_shapes(part(drawing, name), cell) == [kernel_size] * in_channels


def assert_filters(drawing, out_channels, window, pixels):
    """Two filters at most are drawn, each with its map; only the first is touched; the rest is counted."""
    drawn = sum(name.startswith("filter-") for name in parts(drawing))
    assert drawn == min(out_channels, 2)
    for o in range(drawn):
        kernels, output = part(drawing, f"filter-{o}"), part(drawing, f"output-{o}")
        assert len(patterned(kernels)) == window
        assert len(patterned(output)) == pixels
        assert o == 0 or not frames(kernels) + frames(output)
    assert_rest(drawing, out_channels, drawn)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_a_layer_shows_the_reference_s_counts(layer):
    assert_regular(drawings.regular(*layer), *layer)


def test_the_seed_s_layer():
    drawing = drawings.regular()
    assert texts(part(drawing, "totals"))[::3] == ["27", "54", "864"]
    assert [name for name in parts(drawing) if name.startswith("map-c")] == ["map-c0", "map-c1", "map-c2"] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param((2, 3, (6, 7), (3, 2)), id="channels swapped"),
        pytest.param((3, 2, (7, 6), (3, 2)), id="size swapped"),
        pytest.param((3, 2, (6, 7), (2, 3)), id="kernel swapped"),
    ],
)
def test_a_wrong_layer_is_refused(wrong):
    right = (3, 2, (6, 7), (3, 2))
    assert_regular(drawings.regular(*right), *right)
    drawing = drawings.regular(*wrong)
    with pytest.raises(AssertionError):
        assert_regular(drawing, *right)


@pytest.mark.parametrize("counter", ["conv2d_params", "conv2d_macs"])
def test_a_layer_counted_wrong_is_refused(monkeypatch, counter):
    count_one_too_many(monkeypatch, counter)
    wrong = drawings.regular()
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_regular(wrong, 3, 2, (6, 6), (3, 3))


@pytest.mark.parametrize("draw", [drawings.regular, drawings.which_is_which])
@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_no_map_hides_what_is_touched(draw, layer):
    assert hidden(draw(*layer)) == []


def test_a_stack_too_tight_is_refused(monkeypatch):
    loose = regular_layer.stack

    def tight(canvas, x, y, looks, rows, columns, cell, step, touched=None):
        return loose(canvas, x, y, looks, rows, columns, cell, (step[0], cell), touched)

    monkeypatch.setattr(regular_layer, "stack", tight)
    assert hidden(drawings.regular())


# ---------------------------------------------------------------- the axes


def assert_which(drawing, in_channels, out_channels, size, kernel_size):
    H_out, W_out = output_pixels(size, kernel_size)
    tiles = [texts(g) for g in part(drawing, "shapes") if g.tag == f"{SVG}g"]
    x = [("C", in_channels), ("H", size[0]), ("W", size[1])]
    weight = [("O", out_channels), ("C", in_channels), ("kH", kernel_size[0]), ("kW", kernel_size[1])]
    y = [("O", out_channels), ("H_out", H_out), ("W_out", W_out)]
    assert [(letter, int(number)) for letter, number in tiles] == x + weight + y


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_which_is_which_shows_the_shapes(layer):
    assert_which(drawings.which_is_which(*layer), *layer)


def test_a_wrong_which_is_which_is_refused():
    wrong = drawings.which_is_which(3, 2, (7, 6), (3, 2))
    with pytest.raises(AssertionError):
        assert_which(wrong, 3, 2, (6, 7), (3, 2))


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        ((3, 2, 6, 3), "C, kH and kW are all 3; H and W are both 6: only the letter tells them apart."),
        ((5, 7, (11, 13), (3, 4)), "No two of the six axes have the same size."),
        ((4, 3, (7, 10), (3, 5)), "kH and O are both 3: only the letter tells them apart."),
    ],
)
def test_it_names_the_axes_that_are_equal_by_accident(layer, sentence):
    drawing = drawings.which_is_which(*layer)
    assert drawing.caption == sentence
    assert drawing.description.endswith(sentence)


def test_the_legend_has_the_six_axes():
    drawing = drawings.axes_legend()
    shown = labels(drawing)
    assert shown[::2] == ["H", "W", "C", "kH", "kW", "O"]
    assert shown[1::2] == [axis.meaning for axis in axes.AXES.values()]
    dashes = [path.get("stroke-dasharray") for path in svg_of(drawing).findall(f"{SVG}path")]
    assert len(set(dashes)) == len(shown[::2])


def test_the_words_count_what_is_left_out():
    drawing = drawings.regular(3, 6)
    assert re.search(r"\b4 more filters, 4 more maps", " ".join(labels(drawing)))
