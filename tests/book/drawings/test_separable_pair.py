"""Depthwise, then pointwise, beside regular: the reference's counts, and the same output number followed in both."""

import math

import drawings
import pytest
from drawings import canvas, maps
from drawn import (
    assert_map,
    assert_maps,
    assert_products,
    assert_rest,
    assert_totals,
    boxes,
    corner_of_frame,
    count_one_too_many,
    covered_rows,
    framed_shapes,
    frames,
    heights,
    hidden,
    is_level,
    labels,
    output_pixels,
    paints,
    paints_of,
    part,
    patterned,
    texts,
    touched,
)

from convolution import reference


def assert_separable(drawing, in_channels, out_channels, size, kernel_size):
    pixels, taps = output_pixels(size, kernel_size), math.prod(kernel_size)
    looks, outputs = maps.CHANNELS[:in_channels], maps.OUTPUTS[: min(out_channels, 2)]
    assert_counts(drawing, in_channels, out_channels, kernel_size, pixels)
    for name, shape, framed in (
        ("separable-input", size, taps),
        ("separable-kernels", kernel_size, taps),
        ("separable-between", pixels, 1),
        ("regular-input", size, taps),
    ):
        assert_maps(drawing, name, shape, looks, framed)
        assert hidden(drawing, name) == []
    for o, look in enumerate(outputs):
        assert_filter(drawing, "separable", o, look, looks, in_channels, pixels)
        assert_filter(drawing, "regular", o, look, looks, in_channels * taps, pixels)
        assert covered_rows(drawing, f"regular-filter-{o}") == []
    assert_levels(drawing, in_channels, outputs)
    assert_followed(drawing, kernel_size)
    for axes in ((*size, in_channels), (*pixels, in_channels), (*pixels, out_channels)):
        assert str(axes) in labels(drawing)
    assert_rest(drawing, out_channels, len(outputs), times=2)


def assert_counts(drawing, in_channels, out_channels, kernel_size, pixels):
    """Both totals are the reference's, and the weights that they name are those that are framed."""
    window = reference.conv2d_params(in_channels, 1, kernel_size, bias=False)
    pair = (
        window,
        reference.separable_params(in_channels, out_channels, kernel_size, bias=False),
        reference.separable_macs(in_channels, out_channels, kernel_size, pixels),
    )
    regular = (
        window,
        reference.conv2d_params(in_channels, out_channels, kernel_size, bias=False),
        reference.conv2d_macs(in_channels, out_channels, kernel_size, pixels),
    )
    pair_texts, regular_texts = (
        assert_totals(drawing, counts, f"{name}-totals") for name, counts in (("separable", pair), ("regular", regular))
    )
    assert_products(pair_texts)
    assert_products(regular_texts)
    framed = [touched(part(drawing, name)) for name in ("separable-kernels", "separable-filter-0")]
    assert pair_texts[2] == f"{framed[0]} + {framed[1]} weights"
    assert touched(part(drawing, "regular-filter-0")) == window
    assert regular_texts[2] == canvas.count(window, "weight")


def assert_filter(drawing, kind, o, look, looks, weights, pixels):
    """A filter of so many weights over all channels makes one map; only the first is touched."""
    row, output = part(drawing, f"{kind}-filter-{o}"), part(drawing, f"{kind}-output-{o}")
    assert len(patterned(row)) == weights
    assert paints(drawing, row) == paints_of(looks)
    assert boxes(row, f"stroke:{look.colour}")
    assert o == 0 or not frames(row)
    assert_map(drawing, output, look, pixels, 1 if o == 0 else 0)


def assert_levels(drawing, in_channels, outputs):
    """Letters are level with their maps, and kernels with the maps that they make."""
    kernels, results = part(drawing, "separable-kernels"), part(drawing, "separable-between")
    for kernel, result in zip(kernels, results, strict=True):
        ((_, y, _, high),) = frames(kernel)
        assert is_level(y + high / 2, result)
    for o, look in enumerate(outputs):
        for height, kind in zip(heights(drawing, look.letter), ("separable", "regular"), strict=True):
            assert is_level(height, part(drawing, f"{kind}-output-{o}"))
    for c in range(in_channels):
        for height, kind in zip(heights(drawing, f"c{c}"), ("separable", "regular"), strict=True):
            assert is_level(height, part(drawing, f"{kind}-input")[c])


def assert_followed(drawing, kernel_size):
    """The same output number is followed through all maps, and its windows have the kernel's size."""
    stacks = ("separable-input", "separable-between", "regular-input")
    followed = [group for name in stacks for group in part(drawing, name)]
    followed += [part(drawing, f"{kind}-output-0") for kind in ("separable", "regular")]
    assert len({corner_of_frame(group) for group in followed}) == 1
    ((_, _, cell, _),) = frames(part(drawing, "separable-output-0"))
    assert set(framed_shapes(part(drawing, "separable-input"), cell)) == {kernel_size}


SEPARABLE = [
    (3, 2, (6, 6), (3, 3)),
    (1, 1, (5, 5), (2, 2)),
    (2, 1, (6, 4), (1, 3)),
    (5, 7, (5, 7), (2, 3)),
    (4, 3, (4, 5), (4, 5)),
    (2, 5, (7, 5), (1, 1)),
]


@pytest.mark.parametrize("layer", SEPARABLE, ids=str)
def test_separable_beside_regular_shows_the_reference_s_counts(layer):
    assert_separable(drawings.separable(*layer), *layer)


def test_the_seed_s_layer():
    drawing = drawings.separable()
    assert texts(part(drawing, "separable-totals")) == [
        *("27", "inputs meet", "27 + 3 weights"),
        *("33", "weights", "27 + 6"),
        *("528", "MACs", "432 + 96"),
    ]
    assert texts(part(drawing, "regular-totals"))[::3] == ["27", "54", "864"]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param((2, 3, (6, 5), (3, 2)), id="channels swapped"),
        pytest.param((3, 2, (6, 5), (2, 3)), id="kernel swapped"),
    ],
)
def test_a_wrong_pair_is_refused(wrong):
    drawing = drawings.separable(*wrong)
    with pytest.raises(AssertionError):
        assert_separable(drawing, 3, 2, (6, 5), (3, 2))


COUNTERS = (
    *("separable_params", "separable_macs", "conv2d_params", "conv2d_macs"),
    *("depthwise_params", "pointwise_macs"),
)


@pytest.mark.parametrize("counter", COUNTERS)
def test_a_pair_counted_wrong_is_refused(monkeypatch, counter):
    count_one_too_many(monkeypatch, counter)
    wrong = drawings.separable(*SEPARABLE[0])
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_separable(wrong, *SEPARABLE[0])
