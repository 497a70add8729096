"""A pointwise layer shows the reference's counts, twice: as filters, and as a matrix times one pixel."""

import drawings
import pytest
from drawings import maps
from drawn import (
    assert_map,
    assert_maps,
    assert_products,
    assert_rest,
    assert_totals,
    boxes,
    corner_of_frame,
    count_one_too_many,
    heights,
    hidden,
    is_level,
    labels,
    paints,
    paints_of,
    part,
    patterned,
    texts,
    touched,
)

from convolution import reference


def assert_pointwise(drawing, in_channels, out_channels, size):
    looks, outputs = maps.CHANNELS[:in_channels], maps.OUTPUTS[: min(out_channels, 2)]
    counts = (
        reference.pointwise_params(in_channels, 1, bias=False),
        reference.pointwise_params(in_channels, out_channels, bias=False),
        reference.pointwise_macs(in_channels, out_channels, size),
    )
    assert_products(assert_totals(drawing, counts))
    assert_maps(drawing, "input", size, looks, 1)
    assert hidden(drawing) == []
    for o, look in enumerate(outputs):
        assert_filter(drawing, o, looks, look, size)
    assert corner_of_frame(part(drawing, "output-0")) == corner_of_frame(part(drawing, "input")[0])
    assert_rest(drawing, out_channels, len(outputs))
    assert_matrix(drawing, looks, outputs)
    assert_letters(drawing, in_channels)
    names = [text for text in labels(drawing) if text.startswith("Filter #")]
    assert names == [f"Filter #{o + 1}" for o in range(len(outputs))]
    for text in (f"{out_channels} × {in_channels}", str((*size, in_channels)), str((*size, out_channels))):
        assert text in labels(drawing)


def assert_filter(drawing, o, looks, look, size):
    """A filter has a weight for every channel, and makes one map; only the first is touched."""
    row, output = part(drawing, f"filter-{o}"), part(drawing, f"output-{o}")
    assert paints(drawing, row) == paints_of(looks)
    assert len(patterned(row)) == len(looks)
    assert touched(row) == (len(looks) if o == 0 else 0)
    assert boxes(row, f"stroke:{look.colour}")
    assert_map(drawing, output, look, size, 1 if o == 0 else 0)
    beside_map, *others = heights(drawing, look.letter)
    assert is_level(beside_map, output) and len(others) == 2


def assert_matrix(drawing, looks, outputs):
    """The matrix has a filter in each row and a channel in each column; row times pixel is the framed number."""
    matrix, pixel, result = (part(drawing, name) for name in ("matrix", "pixel", "result"))
    rows = [y for (_, y, _, _), _ in patterned(matrix)]
    assert [rows.count(y) for y in sorted(set(rows))] == [len(looks)] * len(outputs)
    assert len({x for (x, _, _, _), _ in patterned(matrix)}) == len(looks)
    assert paints(drawing, matrix) == paints(drawing, pixel) == paints_of(looks)
    assert paints(drawing, result) == paints_of(outputs)
    assert len(patterned(pixel)) == touched(pixel) == touched(matrix) == len(looks)
    assert len(patterned(result)) == len(outputs) and touched(result) == 1


def assert_letters(drawing, in_channels):
    """Every channel has its letter twice, at its map and at its number in the pixel, from top to bottom."""
    at = [heights(drawing, f"c{c}") for c in range(in_channels)]
    assert {len(both) for both in at} == {2}
    for column in zip(*at, strict=True):
        assert list(column) == sorted(set(column))


POINTWISE = [(3, 2, (4, 4)), (1, 1, (1, 1)), (5, 7, (3, 8)), (2, 3, (7, 2)), (4, 1, (2, 5))]


@pytest.mark.parametrize("layer", POINTWISE, ids=str)
def test_a_pointwise_layer_shows_the_reference_s_counts(layer):
    assert_pointwise(drawings.pointwise(*layer), *layer)


def test_the_seed_s_layer():
    assert texts(part(drawings.pointwise(), "totals"))[::3] == ["3", "6", "96"]


@pytest.mark.parametrize(
    "wrong", [pytest.param((2, 3, (4, 5)), id="channels swapped"), pytest.param((3, 2, (5, 4)), id="size swapped")]
)
def test_a_wrong_layer_is_refused(wrong):
    drawing = drawings.pointwise(*wrong)
    with pytest.raises(AssertionError):
        assert_pointwise(drawing, 3, 2, (4, 5))


@pytest.mark.parametrize("counter", ["pointwise_params", "pointwise_macs"])
def test_a_layer_counted_wrong_is_refused(monkeypatch, counter):
    count_one_too_many(monkeypatch, counter)
    wrong = drawings.pointwise(*POINTWISE[0])
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_pointwise(wrong, *POINTWISE[0])
