"""A depthwise layer shows the reference's counts, and its output maps in torch's order."""

import math

import drawings
import pytest
from drawings import canvas, depthwise_layer, maps
from drawn import (
    assert_map,
    assert_maps,
    assert_products,
    assert_totals,
    corner_of_frame,
    count_one_too_many,
    covered_rows,
    framed_shapes,
    frames,
    heights,
    is_level,
    labels,
    output_pixels,
    paints,
    paints_of,
    part,
    parts,
    sees,
    shape,
    texts,
    touched,
)

from convolution import reference


def assert_depthwise(drawing, in_channels, size, kernel_size, multiplier=1):
    outs, pixels = in_channels * multiplier, output_pixels(size, kernel_size)
    looks = maps.CHANNELS[:in_channels]
    owners = [looks[owner] for (owner,) in sees(in_channels, outs, in_channels)]
    assert_counts(drawing, in_channels, kernel_size, multiplier, pixels)
    assert_maps(drawing, "input", size, looks, 0)
    assert covered_rows(drawing, "input") == []
    assert_lanes(drawing, size, kernel_size, looks)
    for o, owner in enumerate(owners):
        assert_kernel(drawing, o, owner, kernel_size, pixels)
    assert not any(name.startswith((f"lane-{in_channels}", f"kernel-{outs}")) for name in parts(drawing))
    assert_stacked(drawing, owners, pixels)
    assert_followed(drawing, kernel_size)
    for axes in ((*size, in_channels), (*pixels, outs)):
        assert str(axes) in labels(drawing)


def assert_counts(drawing, in_channels, kernel_size, multiplier, pixels):
    window = math.prod(kernel_size)
    weights = reference.depthwise_params(in_channels, kernel_size, multiplier, bias=False)
    macs = reference.depthwise_macs(in_channels, kernel_size, pixels, multiplier)
    shown = assert_totals(drawing, (window, weights, macs))
    assert_products(shown)
    assert shown[2] == canvas.count(window, "weight")


def assert_lanes(drawing, size, kernel_size, looks):
    """Each channel stands by itself beside its letter; only the first has a window."""
    for c, look in enumerate(looks):
        lane = part(drawing, f"lane-{c}")
        assert_map(drawing, lane, look, size, math.prod(kernel_size) if c == 0 else 0)
        (height,) = heights(drawing, look.letter)
        assert is_level(height, lane)


def assert_kernel(drawing, o, owner, kernel_size, pixels):
    """One kernel and its map have the look of the channel that owns them; the map's letter is beside both."""
    (height,) = heights(drawing, f"o{o}")
    for name, size, framed in (("kernel", kernel_size, math.prod(kernel_size)), ("output", pixels, 1)):
        group = part(drawing, f"{name}-{o}")
        assert_map(drawing, group, owner, size, framed if o == 0 else 0)
        assert is_level(height, group)


def assert_stacked(drawing, owners, pixels):
    """The output's maps are stacked in the order of their channels, with one number touched."""
    stacked = part(drawing, "stacked")
    assert [g.get("data-part") for g in stacked] == [f"map-o{o}" for o in range(len(owners))]
    assert [paints(drawing, g) for g in stacked] == [paints_of([owner]) for owner in owners]
    assert [shape(g) for g in stacked] == [pixels] * len(owners)
    assert touched(stacked) == 1 and covered_rows(drawing, "stacked") == []


def assert_followed(drawing, kernel_size):
    """The same output number is followed through all columns, and its window has the kernel's size."""
    lane, output = part(drawing, "lane-0"), part(drawing, "output-0")
    assert len({corner_of_frame(group) for group in (lane, output, part(drawing, "stacked")[0])}) == 1
    ((_, _, cell, _),) = frames(output)
    assert framed_shapes(lane, cell) == [kernel_size]


DEPTHWISE = [
    (3, (6, 6), (3, 3)),
    (3, (6, 6), (3, 3), 2),
    (1, (5, 5), (2, 2), 4),
    (5, (5, 7), (2, 3)),
    (2, (9, 7), (5, 2), 3),
    (2, (4, 5), (4, 5), 2),
]


@pytest.mark.parametrize("layer", DEPTHWISE, ids=str)
def test_a_depthwise_layer_shows_the_reference_s_counts_and_order(layer):
    assert_depthwise(drawings.depthwise(*layer), *layer)


def test_the_seed_s_layer():
    assert texts(part(drawings.depthwise(), "totals"))[::3] == ["9", "27", "432"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pytest.param((2, (6, 5), (3, 2)), (2, (5, 6), (3, 2)), id="size swapped"),
        pytest.param((2, (5, 6), (2, 3)), (2, (5, 6), (3, 2)), id="kernel swapped"),
        pytest.param((3, 6, 3, 2), (2, (6, 6), (3, 3), 3), id="multiplier for channels"),
    ],
)
def test_a_wrong_layer_is_refused(wrong, right):
    drawing = drawings.depthwise(*wrong)
    with pytest.raises(AssertionError):
        assert_depthwise(drawing, *right)


@pytest.mark.parametrize("counter", ["depthwise_params", "depthwise_macs"])
def test_a_layer_counted_wrong_is_refused(monkeypatch, counter):
    count_one_too_many(monkeypatch, counter)
    wrong = drawings.depthwise(*DEPTHWISE[0])
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_depthwise(wrong, *DEPTHWISE[0])


def test_outputs_in_another_order_than_torch_s_are_refused(monkeypatch):
    def look(letter, pattern, colour):
        return maps.Look(letter, pattern, maps.CHANNELS[int(letter[1:]) % 3].colour)

    monkeypatch.setattr(depthwise_layer, "Look", look)
    wrong = drawings.depthwise(*DEPTHWISE[1])
    with pytest.raises(AssertionError):
        assert_depthwise(wrong, *DEPTHWISE[1])
