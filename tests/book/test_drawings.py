# ruff: noqa: RUF001, RUF003 (− is the sign that readers know)
"""The book's drawings show the reference's numbers: valid, stable, legible, with words for all that they show.

What a drawing must show is checked by a function that takes the drawing; each of those functions is also given a
drawing that is wrong and must refuse it.
"""

import doctest
import hashlib
import itertools
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from fractions import Fraction

import numpy as np
import pytest
from places import ROOT

from convolution import reference

sys.path.insert(0, str(ROOT / "book"))

import drawings
from drawings import canvas, comparisons, inputs, kinds, layers, maps, windows

RNG = np.random.default_rng(20261122)
IMAGE = RNG.integers(-9, 10, (5, 7))
KERNEL = RNG.integers(-3, 4, (3, 2))
IMPULSE = np.pad([[1]], 2)
SVG = "{http://www.w3.org/2000/svg}"

EXAMPLES = {
    "grid": lambda: drawings.grid(IMAGE),
    "grid with a region": lambda: drawings.grid(IMAGE, highlight=(1, 2, 3, 2), title="image <of> & 5 rows"),
    "window": lambda: drawings.window(IMAGE, KERNEL, 1, 2),
    "window, strides": lambda: drawings.window(IMAGE, KERNEL, 1, 0, stride=(2, 3), padding=(1, 0)),
    "window, fractions": lambda: drawings.window(IMAGE[:4, :4] / 8, KERNEL / 4, 1, 2),
    "window, wide": lambda: drawings.window(IMAGE, RNG.integers(-9, 9, (2, 4)) / 4),
    "axis": lambda: drawings.padding_and_stride(7, 3, 2, 1),
    "axis, left over": lambda: drawings.padding_and_stride(8, 3, 2, 0),
    "impulse": lambda: drawings.correlation_and_convolution(IMPULSE, np.arange(1, 10).reshape(3, 3)),
    "picture": lambda: drawings.correlation_and_convolution(IMAGE[:, :5], KERNEL),
    "sheets": lambda: drawings.sheets(),
    "sheets, ugly": lambda: drawings.sheets((4, 7), 4, (1, 3)),
    "sheets, wide": lambda: drawings.sheets((5, 12), 5, (0, 9)),
    "regular": lambda: drawings.regular(),
    "regular, one of all": lambda: drawings.regular(1, 1, 5, 2),
    "regular, ugly": lambda: drawings.regular(4, 6, (9, 11), (3, 5)),
    "regular, five channels": lambda: drawings.regular(5, 3, (5, 7), (2, 3)),
    "which": lambda: drawings.which_is_which(),
    "which, ugly": lambda: drawings.which_is_which(5, 7, (11, 13), (3, 4)),
    "legend": lambda: drawings.axes_legend(),
    "depthwise": lambda: drawings.depthwise(),
    "depthwise, two a channel": lambda: drawings.depthwise(multiplier=2),
    "depthwise, ugly": lambda: drawings.depthwise(5, (5, 7), (2, 3)),
    "depthwise, one of all": lambda: drawings.depthwise(1, 5, 2),
    "depthwise, one pixel": lambda: drawings.depthwise(2, (5, 4), (5, 4), 3),
    "pointwise": lambda: drawings.pointwise(),
    "pointwise, ugly": lambda: drawings.pointwise(5, 7, (3, 8)),
    "pointwise, one of all": lambda: drawings.pointwise(1, 1, 1),
    "pointwise, tall": lambda: drawings.pointwise(2, 2, (7, 2)),
    "separable": lambda: drawings.separable(),
    "separable, ugly": lambda: drawings.separable(5, 7, (5, 7), (2, 3)),
    "separable, one of all": lambda: drawings.separable(1, 1, 5, 2),
    "separable, one pixel": lambda: drawings.separable(4, 3, (4, 5), (4, 5)),
    "groups": lambda: drawings.groups(4, 4, 2),
    "groups, more outputs": lambda: drawings.groups(3, 9, 3),
    "groups, many": lambda: drawings.groups(6, 6, 3),
    "groups, one channel": lambda: drawings.groups(1, 2, 1),
    "shares": lambda: drawings.cost_shares(2, 3),
    "shares, thin": lambda: drawings.cost_shares(1024, (3, 5)),
    "shares, more than regular": lambda: drawings.cost_shares(1, 1),
    "shares, as many": lambda: drawings.cost_shares(2, (1, 2)),
}


@pytest.fixture(params=EXAMPLES)
def drawing(request):
    return EXAMPLES[request.param]()


def svg_of(drawing):
    return ET.fromstring(drawing.html).find(f"{SVG}svg")


def part(drawing, name):
    """The one group of that name."""
    (group,) = (g for g in svg_of(drawing).iter(f"{SVG}g") if g.get("data-part") == name)
    return group


def parts(drawing):
    return [g.get("data-part") for g in svg_of(drawing).iter(f"{SVG}g") if g.get("data-part")]


def texts(element):
    return [text.text for text in element.iter(f"{SVG}text")]


def value(text):
    return float(text.replace("−", "-"))


def rounded(array):
    """As the drawings round: three decimals."""
    return [round(float(number), 3) for number in np.ravel(array)]


def boxes(element, paint):
    """(x, y, width, height) of the rectangles whose paint holds a text."""
    return [
        tuple(float(rect.get(name)) for name in ("x", "y", "width", "height"))
        for rect in element.iter(f"{SVG}rect")
        if paint in (rect.get("style") or "")
    ]


def frames(element):
    """The windows drawn: frames in ink."""
    return boxes(element, f"stroke:{canvas.INK};stroke-width:2.5")


# Form


def test_a_drawing_is_a_figure_with_words(drawing):
    figure = ET.fromstring(drawing._repr_html_())
    assert (figure.tag, figure.get("class")) == ("figure", "drawing")
    svg = figure.find(f"{SVG}svg")
    assert svg.get("role") == "img"
    labels = {child.get("id"): child.text for child in svg if child.tag in (f"{SVG}title", f"{SVG}desc")}
    assert svg.get("aria-labelledby").split() == list(labels)
    assert list(labels.values()) == [drawing.title, drawing.description]
    assert len(drawing.title) > 10 and len(drawing.description) > 40
    assert figure.find("figcaption").text == drawing.caption


def test_a_caption_of_one_s_own_replaces_the_drawing_s():
    assert drawings.regular(caption="What <one> filter does.").html.count("What &lt;one&gt; filter does.") == 1


def test_ids_are_unique_over_all_drawings_and_references_find_theirs():
    seen = set()
    for name, make in EXAMPLES.items():
        html = make().html
        ids = re.findall(r' id="([^"]+)"', html)
        assert len(ids) == len(set(ids)), name
        assert not seen & set(ids), name
        seen |= set(ids)
        assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(ids), name


def test_a_drawing_is_the_same_at_every_build():
    code = (
        "import hashlib, drawings; "
        "html = drawings.regular().html + drawings.grid([[1, 2]], (0, 0, 1, 2)).html; "
        "print(hashlib.sha256(html.encode()).hexdigest())"
    )
    path = os.pathsep.join([str(ROOT / "book"), str(ROOT)])
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = drawings.regular().html + drawings.grid([[1, 2]], (0, 0, 1, 2)).html
    assert run.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


def test_the_text_is_large_enough_on_a_phone(drawing):
    width = float(svg_of(drawing).get("viewBox").split()[2])
    # The column of the book on a screen of 360 px is 328 px wide.
    assert canvas.FONT * min(1, 328 / width) >= 11
    sizes = [int(size) for size in re.findall(r"font-size:(\d+)px", drawing.html)]
    assert sizes and min(sizes) == canvas.FONT


def test_ink_and_paper_come_from_the_page_with_a_fallback(drawing):
    assert re.findall(r"var\([^)]*\)", drawing.html)
    assert all(
        re.fullmatch(r"var\(--pst-color-[a-z-]+, #\w{3,6}\)", use) for use in re.findall(r"var\([^)]*\)", drawing.html)
    )
    # Texts have no colour of their own but the two of the style sheet, so that they turn with the page.
    assert not any(
        "fill" in (text.get("style") or "") or text.get("fill") for text in svg_of(drawing).iter(f"{SVG}text")
    )


@pytest.mark.parametrize(
    "looks",
    [
        maps.CHANNELS + maps.OUTPUTS,
        tuple(layers.AXES.values()),
        comparisons.GROUPED,
        tuple(comparisons.KINDS.values()),
    ],
)
def test_letter_pattern_and_colour_each_tell_alone(looks):
    for field in ("letter", "pattern", "colour"):
        values = [getattr(look, field) for look in looks]
        assert len(values) == len(set(values)), field
        assert "plain" not in values


def test_the_docstrings_run():
    for module in (canvas, maps, inputs, windows, layers, kinds, comparisons):
        assert doctest.testmod(module).failed == 0
    assert all(">>>" in getattr(drawings, name).__doc__ for name in drawings.__all__ if name != "Drawing")


# Grid and window


def assert_grid(drawing, array, region):
    shown = texts(part(drawing, "grid"))
    rows, columns = array.shape
    assert [int(text) for text in shown[: rows + columns]] == [*range(columns), *range(rows)]
    assert [value(text) for text in shown[rows + columns :]] == rounded(array)
    cell = canvas_cell(part(drawing, "grid"))
    assert [tuple(round(number / cell) for number in frame) for frame in frames(part(drawing, "grid"))] == [
        (region[1], region[0], region[3], region[2])
    ]


def canvas_cell(group):
    """The size of a cell: it is drawn with a gap of two units."""
    return boxes(group, f"fill:{canvas.CELL}")[0][2] + 2


def test_a_grid_shows_its_numbers_its_indices_and_its_region():
    region = (1, 2, 3, 2)
    assert_grid(drawings.grid(IMAGE, highlight=region), IMAGE, region)
    assert not frames(part(drawings.grid(IMAGE), "grid"))


def test_a_wrong_grid_is_refused():
    for wrong in (
        drawings.grid(IMAGE, (1, 2, 2, 3)),
        drawings.grid(IMAGE.T, (1, 2, 3, 2)),
        drawings.grid(-IMAGE, (1, 2, 3, 2)),
    ):
        with pytest.raises(AssertionError):
            assert_grid(wrong, IMAGE, (1, 2, 3, 2))


def assert_window(drawing, image, kernel, row, column, stride=(1, 1), padding=(0, 0)):
    output = reference.correlate2d(image, kernel, stride, padding)
    padded = np.pad(image, [(padding[0],) * 2, (padding[1],) * 2])
    kH, kW = kernel.shape
    shown = texts(part(drawing, "image"))
    assert [value(text) for text in shown[sum(image.shape) :]] == rounded(padded)
    assert [value(text) for text in texts(part(drawing, "kernel"))] == rounded(kernel)
    cell = canvas_cell(part(drawing, "image"))
    assert [tuple(round(number / cell) for number in frame) for frame in frames(part(drawing, "image"))] == [
        (column * stride[1], row * stride[0], kW, kH)
    ]
    products = texts(part(drawing, "products"))
    covered = padded[row * stride[0] :, column * stride[1] :][:kH, :kW]
    assert [value(text) for text in products[1::2]] == rounded(covered * kernel)
    for text, pixel, weight in zip(products[::2], rounded(covered), rounded(kernel), strict=True):
        assert [value(factor.strip("()")) for factor in text.split("·")] == [pixel, weight]
    left, right = " ".join(texts(part(drawing, "sum"))).split("=")
    assert math.isclose(eval(left.replace("−", "-")), output[row, column], abs_tol=1e-2)
    assert value(right.strip()) == round(float(output[row, column]), 3)
    assert [value(text) for text in texts(part(drawing, "output"))[sum(output.shape) :]] == rounded(output)
    group = part(drawing, "output")
    corner, cell = boxes(group, f"fill:{canvas.CELL}")[0], canvas_cell(group)
    ((x, y, _, _),) = frames(group)
    assert (round((y - corner[1]) / cell), round((x - corner[0]) / cell)) == (row, column)
    assert f"= {canvas.number(output[row, column])}." in drawing.description


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
    with pytest.raises(AssertionError):
        assert_window(drawings.window(*wrong), IMAGE, KERNEL, 1, 2)


def test_a_window_with_a_wrong_sum_is_refused(monkeypatch):
    right = reference.correlate2d
    monkeypatch.setattr(windows.reference, "correlate2d", lambda *a: right(*a) + 1)
    wrong = drawings.window(IMAGE, KERNEL, 1, 2)
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_window(wrong, IMAGE, KERNEL, 1, 2)


# One axis


def assert_axis(drawing, size, kernel_size, stride, padding):
    axis, group = part(drawing, "axis"), part(drawing, "windows")
    pixels = [box for box in boxes(axis, f"stroke:{canvas.MUTED}")]
    assert len(pixels) == size + 2 * padding
    pitch = pixels[1][0] - pixels[0][0]
    dashed = [rect.get("stroke-dasharray") is not None for rect in axis.iter(f"{SVG}rect")]
    assert dashed == [True] * padding + [False] * size + [True] * padding
    starts = [i for i in range(0, size + 2 * padding) if i % stride == 0 and i + kernel_size <= size + 2 * padding]
    bars = boxes(group, f"stroke:{canvas.INK};stroke-width:2;") or boxes(group, f"stroke:{canvas.INK};stroke-width:2")
    assert [round(x / pitch) for x, _, _, _ in bars] == starts
    assert {round((width + 4) / pitch) for _, _, width, _ in bars} == {kernel_size}
    count = reference.output_size(size, kernel_size, stride, padding)
    assert texts(group) == [f"y[{i}]" for i in range(count)]
    reached = {start + u for start in starts for u in range(kernel_size)}
    hatched = ["url(" in rect.get("style") for rect in axis.iter(f"{SVG}rect")]
    assert hatched == [i not in reached for i in range(size + 2 * padding)]
    formula = texts(part(drawing, "count"))[0]
    assert formula.split(" = ")[1].split()[0] == str(count)
    assert (formula[0] == "⌊") == ((size + 2 * padding - kernel_size) % stride != 0)
    written = re.sub(r"[⌊⌋]", "", formula.split(" = ")[0]).replace("−", "-").replace("·", "*")
    assert math.floor(eval(written)) == count
    if any(hatched):
        assert texts(part(drawing, "count"))[1].split()[0] == str(sum(hatched))


AXIS_CASES = [
    case for case in itertools.product((3, 6, 8), (1, 2, 3), (1, 2, 4), (0, 1, 2)) if case[0] + 2 * case[3] >= case[1]
]


@pytest.mark.parametrize("case", AXIS_CASES, ids=str)
def test_an_axis_shows_every_window_and_what_none_reaches(case):
    assert_axis(drawings.padding_and_stride(*case), *case)


@pytest.mark.parametrize("wrong", [(8, 3, 1, 0), (7, 3, 2, 0), (8, 2, 2, 0), (8, 3, 2, 1)], ids=str)
def test_a_wrong_axis_is_refused(wrong):
    with pytest.raises(AssertionError):
        assert_axis(drawings.padding_and_stride(*wrong), 8, 3, 2, 0)


# Correlation and convolution


def assert_both(drawing, image, kernel):
    def shown(name):
        return [value(text) for text in texts(part(drawing, name))]

    assert shown("image") == rounded(image)
    assert shown("correlation-kernel") == rounded(kernel)
    assert shown("convolution-kernel") == rounded(kernel[::-1, ::-1])
    assert shown("correlation-output") == rounded(reference.correlate2d(image, kernel))
    assert shown("convolution-output") == rounded(reference.convolve2d(image, kernel))


def test_correlation_and_convolution_are_the_reference_s():
    for image, kernel in ((IMPULSE, IMAGE[:3, :3]), (IMAGE[:, :5], KERNEL)):
        assert_both(drawings.correlation_and_convolution(image, kernel), image, kernel)


def test_a_drawing_that_confuses_the_two_is_refused(monkeypatch):
    monkeypatch.setattr(windows.reference, "convolve2d", reference.correlate2d)
    wrong = drawings.correlation_and_convolution(IMAGE[:, :5], KERNEL)
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_both(wrong, IMAGE[:, :5], KERNEL)


def test_it_says_what_an_impulse_gives_and_only_then():
    def remarks(image, kernel):
        return [text for text in texts(svg_of(drawings.correlation_and_convolution(image, kernel))) if text[0] == "="]

    assert remarks(IMPULSE, np.arange(9).reshape(3, 3)) == ["= the kernel, flipped", "= the kernel"]
    assert remarks(IMAGE[:, :5], KERNEL) == []
    same = drawings.correlation_and_convolution(IMAGE[:, :5], np.ones((2, 2)))
    assert "equal, because this kernel looks the same from both ends" in same.description


# Layers

LAYERS = [
    (3, 2, (6, 6), (3, 3)),
    (1, 1, (5, 5), (2, 2)),
    (2, 1, (6, 4), (1, 3)),
    (4, 6, (9, 11), (3, 5)),
    (5, 7, (11, 13), (3, 4)),
    (3, 3, (4, 5), (4, 5)),
]


def patterned(group):
    """The cells of a map, as boxes with their paint."""
    return [
        (tuple(float(rect.get(name)) for name in ("x", "y", "width", "height")), rect.get("style"))
        for rect in group.iter(f"{SVG}rect")
        if "url(" in (rect.get("style") or "")
    ]


def touched(group):
    """How many cells of each map lie inside its own frames, over all maps of a group."""
    sheets = [g for g in group.iter(f"{SVG}g") if g.get("data-part", "").startswith("map")]
    return sum(
        x <= left and y <= top and left + cell <= x + width and top + cell <= y + height
        for sheet in sheets
        for x, y, width, height in frames(sheet)
        for (left, top, cell, _), _ in patterned(sheet)
    )


def assert_regular(drawing, in_channels, out_channels, size, kernel_size):
    H_out, W_out = (reference.output_size(s, k) for s, k in zip(size, kernel_size, strict=True))
    window = reference.conv2d_params(in_channels, 1, kernel_size, bias=False)
    weights = reference.conv2d_params(in_channels, out_channels, kernel_size, bias=False)
    macs = reference.conv2d_macs(in_channels, out_channels, kernel_size, (H_out, W_out))
    totals = texts(part(drawing, "totals"))
    assert [int(text) for text in totals[::3]] == [window, weights, macs]
    assert totals[2] == f"{window} weights"
    for result, product in ((weights, totals[5]), (macs, totals[8])):
        assert math.prod(int(factor) for factor in product.split(" · ")) == result
    # What one output number touches: as many framed cells as inputs and weights, none in a second filter.
    assert len(patterned(part(drawing, "input"))) == in_channels * math.prod(size)
    assert touched(part(drawing, "input")) == touched(part(drawing, "filter-0")) == window
    assert touched(part(drawing, "output-0")) == 1
    ((_, _, cell, _),) = frames(part(drawing, "output-0"))
    for name in ("input", "filter-0"):
        sizes = [(round(height / cell), round(width / cell)) for _, _, width, height in frames(part(drawing, name))]
        assert sizes == [kernel_size] * in_channels
    drawn = sum(name.startswith("filter-") for name in parts(drawing))
    assert drawn == min(out_channels, 2)
    for o in range(drawn):
        assert len(patterned(part(drawing, f"filter-{o}"))) == window
        assert len(patterned(part(drawing, f"output-{o}"))) == H_out * W_out
        assert o == 0 or not frames(part(drawing, f"filter-{o}")) + frames(part(drawing, f"output-{o}"))
    labels = texts(svg_of(drawing))
    names = dict(H=size[0], W=size[1], C=in_channels, kH=kernel_size[0], kW=kernel_size[1], O=out_channels)
    for letter, number in names.items():
        assert (f"{letter} = {number}" in labels) == (letter in ("H", "W", "kH", "kW") or number > 1)
    if out_channels > 2:
        more = out_channels - 2
        assert any(text.startswith(f"and {more} more filter") for text in labels)
    for number in (window, weights, macs):
        assert re.search(rf"\b{number} ", drawing.description)


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
    with pytest.raises(AssertionError):
        assert_regular(drawings.regular(*wrong), *right)


@pytest.mark.parametrize("counter", ["conv2d_params", "conv2d_macs"])
def test_a_layer_counted_wrong_is_refused(monkeypatch, counter):
    right = getattr(reference, counter)
    monkeypatch.setattr(layers.reference, counter, lambda *a, **k: right(*a, **k) + 1)
    wrong = drawings.regular()
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_regular(wrong, 3, 2, (6, 6), (3, 3))


def hidden(drawing, name="input"):
    """Touched cells of a stack that a map drawn later lies over."""
    sheets = [g for g in part(drawing, name) if g.get("data-part", "").startswith("map")]
    covers = [boxes(sheet, f"fill:{canvas.PAPER}")[0] for sheet in sheets]
    return [
        frame
        for depth, sheet in enumerate(sheets)
        for frame in frames(sheet)
        for x, y, width, height in covers[depth + 1 :]
        if x < frame[0] + frame[2] and frame[0] < x + width and y < frame[1] + frame[3] and frame[1] < y + height
    ]


@pytest.mark.parametrize("draw", [drawings.regular, drawings.which_is_which])
@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_no_map_hides_what_is_touched(draw, layer):
    assert hidden(draw(*layer)) == []


def test_a_stack_too_tight_is_refused(monkeypatch):
    loose = layers.stack

    def tight(canvas, x, y, looks, rows, columns, cell, step, touched=None):
        return loose(canvas, x, y, looks, rows, columns, cell, (step[0], cell), touched)

    monkeypatch.setattr(layers, "stack", tight)
    assert hidden(drawings.regular())


def assert_which(drawing, in_channels, out_channels, size, kernel_size):
    H_out, W_out = (reference.output_size(s, k) for s, k in zip(size, kernel_size, strict=True))
    tiles = [texts(g) for g in part(drawing, "shapes") if g.tag == f"{SVG}g"]
    x = [("C", in_channels), ("H", size[0]), ("W", size[1])]
    weight = [("O", out_channels), ("C", in_channels), ("kH", kernel_size[0]), ("kW", kernel_size[1])]
    y = [("O", out_channels), ("H_out", H_out), ("W_out", W_out)]
    assert [(letter, int(number)) for letter, number in tiles] == x + weight + y


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_which_is_which_shows_the_shapes(layer):
    assert_which(drawings.which_is_which(*layer), *layer)


def test_a_wrong_which_is_which_is_refused():
    with pytest.raises(AssertionError):
        assert_which(drawings.which_is_which(3, 2, (7, 6), (3, 2)), 3, 2, (6, 7), (3, 2))


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
    shown = texts(svg_of(drawing))
    assert shown[::2] == ["H", "W", "C", "kH", "kW", "O"]
    assert shown[1::2] == [axis.meaning for axis in layers.AXES.values()]
    dashes = [path.get("stroke-dasharray") for path in svg_of(drawing).findall(f"{SVG}path")]
    assert len(set(dashes)) == len(shown[::2])


def assert_sheets(drawing, size, in_channels, pixel):
    sheets = [g for g in svg_of(drawing) if g.get("data-part", "").startswith("map")]
    assert len(sheets) == in_channels
    for sheet in sheets:
        cells = patterned(sheet)
        assert len(cells) == math.prod(size)
        full = {style for _, style in cells if [s for _, s in cells].count(style) == 1}
        (at,) = (place for place, (_, style) in enumerate(cells) if style in full)
        assert divmod(at, size[1]) == pixel
        assert touched(sheet) == 1
    assert f"= {math.prod(size) * in_channels} numbers" in drawing.description


def test_sheets_frame_one_pixel_in_each_channel():
    assert_sheets(drawings.sheets((4, 7), 4, (1, 3)), (4, 7), 4, (1, 3))
    with pytest.raises(AssertionError):
        assert_sheets(drawings.sheets((4, 7), 4, (3, 1)), (4, 7), 4, (1, 3))


# The seed's other layers


def paints(drawing, group):
    """(pattern, colour) of the cells of a group, in the order in which they come."""
    kinds_of = {markup: kind for kind, markup in canvas.PATTERNS.items()}
    fills = {}
    for pattern in svg_of(drawing).iter(f"{SVG}pattern"):
        drawn = "".join(ET.tostring(shape, "unicode") for shape in pattern[1])
        markup = re.sub(r"ns0:| xmlns:ns0=\"[^\"]*\"| (?=/>)", "", drawn)
        fills[pattern.get("id")] = (kinds_of[markup], pattern[0].get("fill"))
    used = [fills[re.search(r"url\(#([^)]+)\)", style)[1]] for _, style in patterned(group)]
    return list(dict.fromkeys(used))


def paints_of(looks):
    return [(look.pattern, look.colour) for look in looks]


def shape(group):
    """(rows, columns) of a map."""
    cells = [box for box, _ in patterned(group)]
    return len({y for _, y, _, _ in cells}), len({x for x, _, _, _ in cells})


def covered_rows(drawing, name):
    """Maps of a stack whose first row a map drawn later lies over."""
    sheets = [g for g in part(drawing, name).iter(f"{SVG}g") if g.get("data-part", "").startswith("map")]
    covers = [boxes(sheet, f"fill:{canvas.PAPER}")[0] for sheet in sheets]
    rows = [patterned(sheet)[0][0] for sheet in sheets]
    return [
        depth
        for depth, (_, y, _, high) in enumerate(rows)
        if any(y + high > top for _, top, _, _ in covers[depth + 1 :])
    ]


def chips(drawing, letter):
    """The heights at which a letter stands."""
    return [float(text.get("y")) for text in svg_of(drawing).iter(f"{SVG}text") if text.text == letter]


def beside(height, group):
    """Whether a height is among those of a map's rows."""
    tops = [(y, y + high) for (_, y, _, high), _ in patterned(group)]
    return min(tops)[0] <= height <= max(tops)[1]


def corner_of_frame(group):
    """(row, column) of a map's frame, in cells; the window or the output number that is followed."""
    ((x, y, _, _),), cells = frames(group), patterned(group)
    (left, top, size, _), _ = cells[0]
    pitch = cells[1][0][0] - left if len(cells) > 1 and cells[1][0][0] > left else size
    return round((y - top) / pitch), round((x - left) / pitch)


def assert_totals(drawing, counts, name="totals"):
    shown = texts(part(drawing, name))
    assert [int(text) for text in shown[::3]] == list(counts)
    for number in counts:
        assert re.search(rf"\b{number} ", drawing.description)
    return shown


def assert_products(shown):
    """What stands below weights and MACs makes their number: a product, or a sum of the two steps."""
    for result, how in ((shown[3], shown[5]), (shown[6], shown[8])):
        combine, sign = (sum, " + ") if "+" in how else (math.prod, " · ")
        assert combine(int(number) for number in how.split(sign)) == int(result)


def sees(in_channels, out_channels, groups):
    """Which input channels change each output channel, tried on the reference."""
    weight = np.ones((out_channels, in_channels // groups, 1, 1))
    found = []
    for channel in range(in_channels):
        x = np.zeros((1, in_channels, 1, 1))
        x[0, channel] = 1
        found.append(reference.grouped_conv2d(x, weight, groups=groups)[0, :, 0, 0] != 0)
    return [[c for c in range(in_channels) if found[c][o]] for o in range(out_channels)]


def assert_depthwise(drawing, in_channels, size, kernel_size, multiplier=1):
    outs = in_channels * multiplier
    pixels = tuple(reference.output_size(s, k) for s, k in zip(size, kernel_size, strict=True))
    window = math.prod(kernel_size)
    shown = assert_totals(
        drawing,
        (
            window,
            reference.depthwise_params(in_channels, kernel_size, multiplier, bias=False),
            reference.depthwise_macs(in_channels, kernel_size, pixels, multiplier),
        ),
    )
    assert_products(shown)
    assert shown[2] == canvas.count(window, "weight")
    looks = paints_of(maps.CHANNELS[:in_channels])
    assert paints(drawing, part(drawing, "input")) == looks
    assert [shape(g) for g in part(drawing, "input")] == [size] * in_channels
    for c in range(in_channels):
        lane = part(drawing, f"lane-{c}")
        assert paints(drawing, lane) == [looks[c]]
        assert shape(lane) == size
        (height,) = chips(drawing, f"c{c}")
        assert beside(height, lane)
        assert touched(lane) == (window if c == 0 else 0)
    owners = sees(in_channels, outs, in_channels)
    for o in range(outs):
        (owner,) = owners[o]
        (height,) = chips(drawing, f"o{o}")
        for name, expected, framed in (("kernel", kernel_size, window), ("output", pixels, 1)):
            group = part(drawing, f"{name}-{o}")
            assert paints(drawing, group) == [looks[owner]]
            assert shape(group) == expected and beside(height, group)
            assert touched(group) == (framed if o == 0 else 0)
    assert not any(name.startswith((f"lane-{in_channels}", f"kernel-{outs}")) for name in parts(drawing))
    stacked = part(drawing, "stacked")
    assert [g.get("data-part") for g in stacked] == [f"map-o{o}" for o in range(outs)]
    assert [paints(drawing, g) for g in stacked] == [[looks[c]] for (c,) in owners]
    assert [shape(g) for g in stacked] == [pixels] * outs
    assert touched(stacked) == 1 and covered_rows(drawing, "stacked") == covered_rows(drawing, "input") == []
    at = {corner_of_frame(group) for group in (part(drawing, "lane-0"), part(drawing, "output-0"), stacked[0])}
    assert len(at) == 1
    ((_, _, wide, high),), (_, _, cell, _) = frames(part(drawing, "lane-0")), frames(part(drawing, "output-0"))[0]
    assert (round(high / cell), round(wide / cell)) == kernel_size
    for axes in ((*size, in_channels), (*pixels, outs)):
        assert str(axes) in texts(svg_of(drawing))


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


def assert_pointwise(drawing, in_channels, out_channels, size):
    drawn = min(out_channels, 2)
    shown = assert_totals(
        drawing,
        (
            reference.pointwise_params(in_channels, 1, bias=False),
            reference.pointwise_params(in_channels, out_channels, bias=False),
            reference.pointwise_macs(in_channels, out_channels, size),
        ),
    )
    assert_products(shown)
    looks, filter_looks = paints_of(maps.CHANNELS[:in_channels]), paints_of(maps.OUTPUTS[:drawn])
    assert [shape(g) for g in part(drawing, "input")] == [size] * in_channels
    assert paints(drawing, part(drawing, "input")) == looks
    assert touched(part(drawing, "input")) == in_channels and hidden(drawing) == []
    for o in range(drawn):
        row, output = part(drawing, f"filter-{o}"), part(drawing, f"output-{o}")
        assert paints(drawing, row) == looks
        assert len(patterned(row)) == in_channels
        assert touched(row) == (in_channels if o == 0 else 0)
        assert boxes(row, f"stroke:{filter_looks[o][1]}")
        assert paints(drawing, output) == [filter_looks[o]]
        assert shape(output) == size
        assert len(chips(drawing, f"o{o}")) == 3 and beside(chips(drawing, f"o{o}")[0], output)
        assert touched(output) == (1 if o == 0 else 0)
    assert corner_of_frame(part(drawing, "output-0")) == corner_of_frame(part(drawing, "input")[0])
    labels = texts(svg_of(drawing))
    assert [text for text in labels if text.startswith("Filter #")] == [f"Filter #{o + 1}" for o in range(drawn)]
    assert any(text.startswith(f"and {out_channels - drawn} more filter") for text in labels) == (out_channels > drawn)
    # Every channel has its letter twice, at its map and at its number in the pixel, from top to bottom.
    for heights in zip(*(chips(drawing, f"c{c}") for c in range(in_channels)), strict=True):
        assert list(heights) == sorted(set(heights))
    assert len(chips(drawing, "c0")) == 2
    # The matrix has a filter in each row and a channel in each column; row times pixel is the framed number.
    matrix, pixel, result = (part(drawing, name) for name in ("matrix", "pixel", "result"))
    rows = [y for (_, y, _, _), _ in patterned(matrix)]
    columns = [x for (x, _, _, _), _ in patterned(matrix)]
    assert [rows.count(y) for y in sorted(set(rows))] == [in_channels] * drawn
    assert len(set(columns)) == in_channels
    assert paints(drawing, matrix) == paints(drawing, pixel) == looks
    assert paints(drawing, result) == filter_looks
    assert len(patterned(pixel)) == touched(pixel) == touched(matrix) == in_channels
    assert len(patterned(result)) == drawn and touched(result) == 1
    assert f"{out_channels} × {in_channels}" in labels
    for axes in ((*size, in_channels), (*size, out_channels)):
        assert str(axes) in labels


POINTWISE = [(3, 2, (4, 4)), (1, 1, (1, 1)), (5, 7, (3, 8)), (2, 3, (7, 2)), (4, 1, (2, 5))]


@pytest.mark.parametrize("layer", POINTWISE, ids=str)
def test_a_pointwise_layer_shows_the_reference_s_counts(layer):
    assert_pointwise(drawings.pointwise(*layer), *layer)


def assert_separable(drawing, in_channels, out_channels, size, kernel_size):
    drawn, taps = min(out_channels, 2), math.prod(kernel_size)
    pixels = tuple(reference.output_size(s, k) for s, k in zip(size, kernel_size, strict=True))
    window = reference.conv2d_params(in_channels, 1, kernel_size, bias=False)
    pair = assert_totals(
        drawing,
        (
            window,
            reference.separable_params(in_channels, out_channels, kernel_size, bias=False),
            reference.separable_macs(in_channels, out_channels, kernel_size, pixels),
        ),
        "separable-totals",
    )
    regular = assert_totals(
        drawing,
        (
            window,
            reference.conv2d_params(in_channels, out_channels, kernel_size, bias=False),
            reference.conv2d_macs(in_channels, out_channels, kernel_size, pixels),
        ),
        "regular-totals",
    )
    assert_products(pair)
    assert_products(regular)
    looks, filter_looks = paints_of(maps.CHANNELS[:in_channels]), paints_of(maps.OUTPUTS[:drawn])
    for name, expected, framed in (
        ("separable-input", size, taps),
        ("separable-kernels", kernel_size, taps),
        ("separable-between", pixels, 1),
        ("regular-input", size, taps),
    ):
        group = part(drawing, name)
        assert paints(drawing, group) == looks
        assert [shape(g) for g in group] == [expected] * in_channels
        assert [touched(ET.fromstring(f"<g>{ET.tostring(g, 'unicode')}</g>")) for g in group] == [framed] * in_channels
        assert hidden(drawing, name) == []
    for kernel, result in zip(part(drawing, "separable-kernels"), part(drawing, "separable-between"), strict=True):
        ((_, y, _, high),) = frames(kernel)
        assert beside(y + high / 2, result)
    # 27 + 3: the weights that are framed are those that the sum names.
    framed = [touched(part(drawing, "separable-kernels")), touched(part(drawing, "separable-filter-0"))]
    assert pair[2] == f"{framed[0]} + {framed[1]} weights"
    assert touched(part(drawing, "regular-filter-0")) == window
    assert regular[2] == canvas.count(window, "weight")
    for o in range(drawn):
        for kind, weights in (("separable", in_channels), ("regular", window)):
            row, output = part(drawing, f"{kind}-filter-{o}"), part(drawing, f"{kind}-output-{o}")
            assert len(patterned(row)) == weights
            assert paints(drawing, row) == looks
            assert boxes(row, f"stroke:{filter_looks[o][1]}")
            assert shape(output) == pixels
            assert paints(drawing, output) == [filter_looks[o]]
            assert touched(output) == (1 if o == 0 else 0)
            assert o == 0 or not frames(row)
        assert covered_rows(drawing, f"regular-filter-{o}") == []
        for height, kind in zip(chips(drawing, f"o{o}"), ("separable", "regular"), strict=True):
            assert beside(height, part(drawing, f"{kind}-output-{o}"))
    for c in range(in_channels):
        for height, kind in zip(chips(drawing, f"c{c}"), ("separable", "regular"), strict=True):
            assert beside(height, part(drawing, f"{kind}-input")[c])
    followed = {
        corner_of_frame(group)
        for group in (
            *part(drawing, "separable-input"),
            *part(drawing, "separable-between"),
            *part(drawing, "regular-input"),
            part(drawing, "separable-output-0"),
            part(drawing, "regular-output-0"),
        )
    }
    assert len(followed) == 1
    for _, _, wide, high in frames(part(drawing, "separable-input")):
        (_, _, cell, _) = frames(part(drawing, "separable-output-0"))[0]
        assert (round(high / cell), round(wide / cell)) == kernel_size
    labels = texts(svg_of(drawing))
    for axes in ((*size, in_channels), (*pixels, in_channels), (*pixels, out_channels)):
        assert str(axes) in labels
    more = [text for text in labels if text.startswith("and ")]
    assert len(more) == (2 if out_channels > drawn else 0)
    assert all(text.split()[1] == str(out_channels - drawn) for text in more)


SEPARABLE = [*LAYERS[:3], (5, 7, (5, 7), (2, 3)), (4, 3, (4, 5), (4, 5)), (2, 5, (7, 5), (1, 1))]


@pytest.mark.parametrize("layer", SEPARABLE, ids=str)
def test_separable_beside_regular_shows_the_reference_s_counts(layer):
    assert_separable(drawings.separable(*layer), *layer)


def test_the_seed_s_other_layers():
    for drawing, counts in ((drawings.depthwise(), ("9", "27", "432")), (drawings.pointwise(), ("3", "6", "96"))):
        assert tuple(texts(part(drawing, "totals"))[::3]) == counts
    both = drawings.separable()
    assert texts(part(both, "separable-totals")) == [
        *("27", "inputs meet", "27 + 3 weights"),
        *("33", "weights", "27 + 6"),
        *("528", "MACs", "432 + 96"),
    ]
    assert texts(part(both, "regular-totals"))[::3] == ["27", "54", "864"]


WRONG_KINDS = {
    "depthwise, size swapped": (assert_depthwise, lambda: drawings.depthwise(2, (6, 5), (3, 2)), (2, (5, 6), (3, 2))),
    "depthwise, kernel swapped": (assert_depthwise, lambda: drawings.depthwise(2, (5, 6), (2, 3)), (2, (5, 6), (3, 2))),
    "depthwise, multiplier for channels": (
        assert_depthwise,
        lambda: drawings.depthwise(3, 6, 3, 2),
        (2, (6, 6), (3, 3), 3),
    ),
    "pointwise, channels swapped": (assert_pointwise, lambda: drawings.pointwise(2, 3, (4, 5)), (3, 2, (4, 5))),
    "pointwise, size swapped": (assert_pointwise, lambda: drawings.pointwise(3, 2, (5, 4)), (3, 2, (4, 5))),
    "separable, channels swapped": (
        assert_separable,
        lambda: drawings.separable(2, 3, (6, 5), (3, 2)),
        (3, 2, (6, 5), (3, 2)),
    ),
    "separable, kernel swapped": (
        assert_separable,
        lambda: drawings.separable(3, 2, (6, 5), (2, 3)),
        (3, 2, (6, 5), (3, 2)),
    ),
}


@pytest.mark.parametrize("case", WRONG_KINDS)
def test_a_wrong_kind_is_refused(case):
    judge, draw, right = WRONG_KINDS[case]
    with pytest.raises(AssertionError):
        judge(draw(), *right)


@pytest.mark.parametrize(
    ("counter", "draw", "judge", "layer"),
    [
        ("depthwise_params", "depthwise", assert_depthwise, DEPTHWISE[0]),
        ("depthwise_macs", "depthwise", assert_depthwise, DEPTHWISE[0]),
        ("pointwise_params", "pointwise", assert_pointwise, POINTWISE[0]),
        ("pointwise_macs", "pointwise", assert_pointwise, POINTWISE[0]),
        ("separable_params", "separable", assert_separable, SEPARABLE[0]),
        ("separable_macs", "separable", assert_separable, SEPARABLE[0]),
        ("conv2d_params", "separable", assert_separable, SEPARABLE[0]),
        ("conv2d_macs", "separable", assert_separable, SEPARABLE[0]),
        ("depthwise_params", "separable", assert_separable, SEPARABLE[0]),
        ("pointwise_macs", "separable", assert_separable, SEPARABLE[0]),
    ],
)
def test_a_kind_counted_wrong_is_refused(monkeypatch, counter, draw, judge, layer):
    right = getattr(reference, counter)
    monkeypatch.setattr(kinds.reference, counter, lambda *a, **k: right(*a, **k) + 1)
    wrong = getattr(drawings, draw)(*layer)
    monkeypatch.undo()
    judge(getattr(drawings, draw)(*layer), *layer)
    with pytest.raises(AssertionError):
        judge(wrong, *layer)


def test_outputs_in_another_order_than_torch_s_are_refused(monkeypatch):
    other = lambda letter, pattern, colour: maps.Look(letter, pattern, maps.CHANNELS[int(letter[1:]) % 3].colour)  # noqa: E731
    monkeypatch.setattr(kinds, "Look", other)
    wrong = drawings.depthwise(*DEPTHWISE[1])
    with pytest.raises(AssertionError):
        assert_depthwise(wrong, *DEPTHWISE[1])


# Groups and shares


def connections(drawing, groups):
    """For every output channel the inputs whose lines end at it, and for the first also the thick ones'."""
    panel = part(drawing, f"groups-{groups}")
    chips = [text for text in panel.iter(f"{SVG}text")]
    heights = {text.text: float(text.get("y")) for text in chips}

    def nearest(kind, y):
        return min((name for name in heights if name[0] == kind), key=lambda name: abs(heights[name] - y))

    seen, thick = {name: set() for name in heights if name[0] == "o"}, set()
    for path in panel.findall(f"{SVG}path"):
        (_, y0), (_, y1) = (map(float, point.split()) for point in path.get("d")[1:].split("L"))
        start, end = nearest("c", y0), nearest("o", y1)
        assert (heights[start], heights[end]) == (y0, y1)
        seen[end].add(int(start[1:]))
        if f"stroke:{canvas.INK}" in path.get("style"):
            thick.add((int(start[1:]), end))
    return [sorted(inputs) for inputs in seen.values()], thick


def assert_groups(drawing, in_channels, out_channels, groups):
    panels = sorted({1, groups, in_channels})
    assert [name for name in parts(drawing) if name.startswith("groups-")] == [f"groups-{g}" for g in panels]
    labels = texts(svg_of(drawing))
    for g in panels:
        expected = sees(in_channels, out_channels, g)
        seen, thick = connections(drawing, g)
        assert seen == expected
        assert thick == {(c, "o0") for c in expected[0]}
        kernels = reference.conv2d_params(in_channels // g, out_channels, 1, bias=False)
        assert canvas.count(kernels, "kernel") in labels and sum(map(len, seen)) == kernels
        assert f"{out_channels} · {in_channels // g}" in labels
        for o, inputs_seen in enumerate(expected):
            assert f"o{o} sees {', '.join(f'c{c}' for c in inputs_seen)}" in drawing.description


GROUPS = [(4, 4, 2), (4, 8, 2), (6, 6, 3), (6, 6, 2), (3, 9, 3), (3, 3, 1), (2, 10, 2), (1, 2, 1), (7, 7, 7)]


@pytest.mark.parametrize("case", GROUPS, ids=str)
def test_groups_connect_what_the_reference_connects(case):
    assert_groups(drawings.groups(*case), *case)


@pytest.mark.parametrize("wrong", [(6, 6, 2), (6, 6, 1), (3, 6, 3)], ids=str)
def test_wrong_groups_are_refused(wrong):
    with pytest.raises(AssertionError):
        assert_groups(drawings.groups(*wrong), 6, 6, 3)


def assert_shares(drawing, out_channels, kernel_size):
    kH, kW = kernel_size
    total = Fraction(1, out_channels) + Fraction(1, kH * kW)
    assert total == reference.cost_ratio(out_channels, kernel_size)
    # One layer counted out, with more than one input channel.
    weights = [
        count(5, out_channels, kernel_size, bias=False)
        for count in (reference.separable_params, reference.conv2d_params)
    ]
    assert Fraction(*weights) == total
    bars = {}
    for name in ("regular", "depthwise", "pointwise"):
        shape = boxes(part(drawing, f"bar-{name}"), "fill:")[0]
        # An edge of two units is drawn within the bar; where there is no room for it, the bar is all fill.
        bars[name] = (shape[0] - 1, shape[2] + 2) if shape[2] > 2 else (shape[0], shape[2])
    unit = bars["regular"][1]
    assert math.isclose(bars["regular"][0], 0, abs_tol=0.11)
    assert math.isclose(bars["depthwise"][0], 0, abs_tol=0.11)
    assert math.isclose(bars["depthwise"][1] / unit, 1 / out_channels, abs_tol=2e-3)
    assert math.isclose(bars["pointwise"][0] / unit, 1 / out_channels, abs_tol=2e-3)
    assert math.isclose(bars["pointwise"][1] / unit, 1 / (kH * kW), abs_tol=2e-3)
    assert math.isclose(max(unit, unit * float(total)), canvas.WIDTH, rel_tol=1e-3)
    shown = texts(part(drawing, "shares"))
    table = {name: (how, Fraction(share)) for name, how, share in zip(*(shown[i::3] for i in range(3)), strict=True)}
    assert table["depthwise"] == ("1 / O", Fraction(1, out_channels))
    assert table["pointwise"] == ("1 / (kH · kW)", Fraction(1, kH * kW))
    assert table["together"] == (f"{Fraction(1, out_channels)} + {Fraction(1, kH * kW)}", total)
    if total <= 1:
        assert table["saved"] == (f"1 − {total}", 1 - total) and "added" not in table
    else:
        assert table["added"] == (f"{total} − 1", total - 1) and "saved" not in table
    dashed = [rect for rect in svg_of(drawing).findall(f"{SVG}rect") if rect.get("stroke-dasharray")]
    assert len(dashed) == (1 if total < 1 else 0)
    for rect in dashed:
        assert math.isclose(float(rect.get("width")) + 3, unit * float(1 - total), abs_tol=0.2)
    assert texts(part(drawing, "separable"))[-1] == str(total)
    assert texts(part(drawing, "regular"))[1:] == [f"O = {out_channels}, kernel {kH} × {kW}", "1"]
    assert f"together {total}" in drawing.description
    dividers = svg_of(drawing).findall(f"{SVG}path")
    if out_channels <= comparisons.MOST_FILTERS:
        at = [float(path.get("d")[1:].split()[0]) / unit for path in dividers]
        assert np.allclose(at, [o / out_channels for o in range(1, out_channels)], atol=1e-3)
    else:
        assert not dividers


SHARES = [(2, (3, 3)), (256, (3, 3)), (1, (3, 3)), (2, (1, 1)), (8, (3, 5)), (24, (1, 7)), (2, (1, 2)), (1024, (5, 5))]


@pytest.mark.parametrize("case", SHARES, ids=str)
def test_shares_are_exact_and_to_scale(case):
    assert_shares(drawings.cost_shares(*case), *case)


@pytest.mark.parametrize("wrong", [(3, (3, 3)), (2, (3, 5)), (9, (1, 2))], ids=str)
def test_wrong_shares_are_refused(wrong):
    with pytest.raises(AssertionError):
        assert_shares(drawings.cost_shares(*wrong), 2, (3, 3))


@pytest.mark.parametrize("counter", ["depthwise_params", "pointwise_params", "conv2d_params", "cost_ratio"])
def test_shares_counted_wrong_are_refused(monkeypatch, counter):
    right = getattr(reference, counter)
    monkeypatch.setattr(comparisons.reference, counter, lambda *a, **k: right(*a, **k) + 1)
    wrong = drawings.cost_shares(2, 3)
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_shares(wrong, 2, (3, 3))


# Bad input

BAD = {
    "grid of words": (lambda: drawings.grid("abc"), "grid: array must be a 2-D array of numbers, got 'abc'"),
    "grid of one axis": (
        lambda: drawings.grid([1, 2]),
        r"grid: array must be a 2-D array of numbers, got shape \(2,\)",
    ),
    "grid of nothing": (lambda: drawings.grid([[]]), r"grid: array must be a 2-D array of numbers, got shape \(1, 0\)"),
    "grid ragged": (lambda: drawings.grid([[1], [1, 2]]), r"grid: array must be .*got \[\[1\], \[1, 2\]\]"),
    "grid with nan": (lambda: drawings.grid([[1, np.nan]]), "grid: array must hold finite numbers"),
    "grid too wide": (lambda: drawings.grid(np.ones((2, 40))), r"grid: array \(2, 40\) would be 1626 units wide"),
    "region outside": (
        lambda: drawings.grid(IMAGE, highlight=(3, 0, 3, 2)),
        r"grid: highlight .*inside the array \(5, 7\), got \(3, 0, 3, 2\)",
    ),
    "region empty": (lambda: drawings.grid(IMAGE, highlight=(0, 0, 0, 2)), r"got \(0, 0, 0, 2\)"),
    "region short": (lambda: drawings.grid(IMAGE, highlight=(1, 2)), r"got \(1, 2\)"),
    "region no tuple": (lambda: drawings.grid(IMAGE, highlight=3), "grid: highlight must be .* got 3"),
    "kernel too large": (
        lambda: drawings.window(IMAGE[:2, :2], KERNEL),
        r"window: no window fits.*image \(2, 2\), kernel \(3, 2\)",
    ),
    "no such output": (
        lambda: drawings.window(IMAGE, KERNEL, 3, 0),
        r"window: the output \(3, 6\) has no pixel at row 3, column 0",
    ),
    "negative row": (lambda: drawings.window(IMAGE, KERNEL, -1), "window: row must be .* at least 0, got -1"),
    "stride zero": (lambda: drawings.window(IMAGE, KERNEL, stride=0), "window: stride must be .* at least 1, got 0"),
    "stride word": (lambda: drawings.window(IMAGE, KERNEL, stride="2"), "window: stride must be .*got '2'"),
    "padding of three": (lambda: drawings.window(IMAGE, KERNEL, padding=(1, 1, 1)), r"padding must be .*\(1, 1, 1\)"),
    "window too wide": (lambda: drawings.window(np.ones((2, 30)), [[1]]), r"window: image \(2, 30\) .* would be"),
    "axis of no length": (lambda: drawings.padding_and_stride(0, 3), "padding_and_stride: size must be .*got 0"),
    "axis too short": (
        lambda: drawings.padding_and_stride(2, 3),
        "padding_and_stride: no window fits: size 2 .*kernel_size 3",
    ),
    "axis too long": (
        lambda: drawings.padding_and_stride(60, 3),
        "padding_and_stride: size 60 with padding 0 would be",
    ),
    "axis of a half": (lambda: drawings.padding_and_stride(7, 2.5), "kernel_size must be a whole number.*got 2.5"),
    "axis of truth": (lambda: drawings.padding_and_stride(7, True), "kernel_size must be a whole number.*got True"),
    "both, kernel too large": (
        lambda: drawings.correlation_and_convolution([[1]], KERNEL),
        r"correlation_and_convolution: no window fits.*image \(1, 1\), kernel \(3, 2\)",
    ),
    "both, too wide": (
        lambda: drawings.correlation_and_convolution(np.ones((3, 9)), [[1]]),
        r"correlation_and_convolution: image \(3, 9\) with kernel \(1, 1\) would be",
    ),
    "no channels": (lambda: drawings.regular(in_channels=0), "regular: in_channels must be .* at least 1, got 0"),
    "six channels": (lambda: drawings.regular(in_channels=6), "regular: in_channels must be at most 5 .*got 6"),
    "half a filter": (lambda: drawings.regular(out_channels=1.5), "regular: out_channels .*got 1.5"),
    "layer does not fit": (
        lambda: drawings.regular(size=(6, 2), kernel_size=3),
        r"regular: no window fits.*size \(6, 2\), kernel_size \(3, 3\)",
    ),
    "layer too large": (
        lambda: drawings.which_is_which(size=224),
        r"which_is_which: size \(224, 224\) with kernel_size \(3, 3\) would be",
    ),
    "size of three": (
        lambda: drawings.which_is_which(size=(6, 6, 3)),
        r"size must be .*\(H, W\) pair.*got \(6, 6, 3\)",
    ),
    "pixel outside": (
        lambda: drawings.sheets(pixel=(6, 0)),
        r"sheets: pixel \(6, 0\) is not inside the image \(6, 6\)",
    ),
    "depthwise, six channels": (lambda: drawings.depthwise(6), "depthwise: in_channels must be at most 5 .*got 6"),
    "depthwise, no multiplier": (
        lambda: drawings.depthwise(multiplier=0),
        "depthwise: multiplier must be .* at least 1, got 0",
    ),
    "depthwise, too many maps": (
        lambda: drawings.depthwise(multiplier=3),
        "depthwise: in_channels 3 times multiplier 3 must be at most 8 to be drawn",
    ),
    "depthwise does not fit": (
        lambda: drawings.depthwise(size=2),
        r"depthwise: no window fits.*size \(2, 2\), kernel_size \(3, 3\)",
    ),
    "depthwise too wide": (
        lambda: drawings.depthwise(size=(4, 30)),
        r"depthwise: size \(4, 30\) with kernel_size \(3, 3\) and 3 maps would be",
    ),
    "pointwise, no channels": (lambda: drawings.pointwise("3"), "pointwise: in_channels must be .*got '3'"),
    "pointwise, no filters": (lambda: drawings.pointwise(3, 0), "pointwise: out_channels must be .* least 1, got 0"),
    "pointwise too wide": (
        lambda: drawings.pointwise(size=(2, 40)),
        r"pointwise: size \(2, 40\) with 3 channels would be",
    ),
    "separable, half a filter": (lambda: drawings.separable(3, 2.5), "separable: out_channels .*got 2.5"),
    "separable does not fit": (
        lambda: drawings.separable(size=(6, 2)),
        r"separable: no window fits.*size \(6, 2\), kernel_size \(3, 3\)",
    ),
    "separable too wide": (
        lambda: drawings.separable(size=(6, 33)),
        r"separable: size \(6, 33\) with kernel_size \(3, 3\) and 3 channels would be",
    ),
    "groups, too many channels": (lambda: drawings.groups(8, 8, 2), "groups: in_channels must be at most 7 .*got 8"),
    "groups, too many outputs": (lambda: drawings.groups(2, 12, 2), "groups: out_channels must be at most 10 .*got 12"),
    "groups do not divide": (
        lambda: drawings.groups(4, 4, 3),
        "groups: 3 groups do not divide in_channels 4 and out_channels 4",
    ),
    "groups, outputs no multiple": (
        lambda: drawings.groups(3, 2, 1),
        "groups: 3 groups do not divide in_channels 3 and out_channels 2",
    ),
    "groups of none": (lambda: drawings.groups(4, 4, 0), "groups: groups must be .* at least 1, got 0"),
    "shares of none": (lambda: drawings.cost_shares(0, 3), "cost_shares: out_channels must be .*got 0"),
    "shares of a word": (lambda: drawings.cost_shares(2, "3x3"), "cost_shares: kernel_size must be .*got '3x3'"),
    "sheets too wide": (lambda: drawings.sheets(size=50), r"sheets: size \(50, 50\) with 3 channels would be"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case):
    call, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        call()


# In a browser

OVERLAPS = """() => {
  const svg = document.querySelector("svg"), page = svg.getBoundingClientRect(), found = [];
  const texts = [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()]);
  texts.forEach(([text, box], place) => {
    const wide = box.left < page.left - 1 || box.right > page.right + 1;
    if (wide || box.top < page.top - 3 || box.bottom > page.bottom + 3)
      found.push(`${text} is cut off`);
    for (const [other, there] of texts.slice(0, place)) {
      const wide = Math.min(box.right, there.right) - Math.max(box.left, there.left);
      const high = Math.min(box.bottom, there.bottom) - Math.max(box.top, there.top);
      if (wide > 1 && high > 4) found.push(`${text} is over ${other}`);
    }
  });
  return found;
}"""


@pytest.fixture(scope="module")
def page(browser):
    return browser.new_page(viewport={"width": 800, "height": 600})


def overlaps(page, html, font):
    page.set_content(f'<body style="font-family:{font};line-height:1.15">{html}')
    return page.evaluate(OVERLAPS)


@pytest.mark.browser
@pytest.mark.parametrize("font", ["sans-serif", "DejaVu Sans"])
def test_no_text_lies_over_another_or_is_cut_off(page, font):
    for name, make in EXAMPLES.items():
        assert overlaps(page, make().html, font) == [], name


@pytest.mark.browser
def test_texts_that_touch_are_seen(page):
    board = canvas.Canvas()
    board.text(0, 0, "weights")
    board.text(20, 6, "MACs")
    assert overlaps(page, board.drawing("two words", "Two words.", "").html, "sans-serif") == ["MACs is over weights"]
