"""The content of a drawing, read back from its SVG, and the checks that several drawings share.

Each check takes the drawing, so that tests can also give it a drawing that is wrong, which it must refuse.
"""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
from drawings import canvas

from convolution import reference

RNG = np.random.default_rng(20261122)
IMAGE = RNG.integers(-9, 10, (5, 7))
KERNEL = RNG.integers(-3, 4, (3, 2))
IMPULSE = np.pad([[1]], 2)

SVG = "{http://www.w3.org/2000/svg}"

# ---------------------------------------------------------------- parts and texts


def svg_of(drawing):
    return ET.fromstring(drawing.html).find(f"{SVG}svg")


def part(drawing, name):
    """The only group of that name."""
    (group,) = (g for g in svg_of(drawing).iter(f"{SVG}g") if g.get("data-part") == name)
    return group


def parts(drawing):
    """The names of all groups, in the order in which they are drawn."""
    return [g.get("data-part") for g in svg_of(drawing).iter(f"{SVG}g") if g.get("data-part")]


def texts(element):
    return [text.text for text in element.iter(f"{SVG}text")]


def labels(drawing):
    return texts(svg_of(drawing))


def value(text):
    """The number that a text shows, its minus sign that of print."""
    return float(text.replace("\N{MINUS SIGN}", "-"))


def values(group):
    return [value(text) for text in texts(group)]


def rounded(array):
    """Numbers as the drawings round them: to three decimals."""
    return [round(float(number), 3) for number in np.ravel(array)]


def heights(drawing, letter):
    """The y of every text that is this letter, in the order in which they are drawn."""
    return [float(text.get("y")) for text in svg_of(drawing).iter(f"{SVG}text") if text.text == letter]


# ---------------------------------------------------------------- rectangles


def box(rect):
    return tuple(float(rect.get(name)) for name in ("x", "y", "width", "height"))


def boxes(element, paint):
    """(x, y, width, height) of the rectangles whose paint holds a text."""
    return [box(rect) for rect in element.iter(f"{SVG}rect") if paint in (rect.get("style") or "")]


def frames(element):
    """The boxes of windows and of what is touched: frames in ink."""
    return boxes(element, f"stroke:{canvas.INK};stroke-width:2.5")


def plain_cell(group):
    """The side of a cell of a grid of numbers, which is drawn with a gap of two units."""
    return boxes(group, f"fill:{canvas.CELL}")[0][2] + 2


def framed_cells(group):
    """Each frame of a grid of numbers whose first cell is at (0, 0), as (column, row, columns, rows)."""
    cell = plain_cell(group)
    return [tuple(round(number / cell) for number in frame) for frame in frames(group)]


# ---------------------------------------------------------------- maps in patterns


def maps_of(group):
    """The maps of a stack, in the order in which they are drawn, or the map that the group is."""
    return [g for g in group.iter(f"{SVG}g") if g.get("data-part", "").startswith("map")]


def patterned(group):
    """The cells of maps, as (box, paint)."""
    rects = (rect for rect in group.iter(f"{SVG}rect") if "url(" in (rect.get("style") or ""))
    return [(box(rect), rect.get("style")) for rect in rects]


def shape(group):
    """(rows, columns) of a map."""
    cells = [cell for cell, _ in patterned(group)]
    return len({y for _, y, _, _ in cells}), len({x for x, _, _, _ in cells})


def touched(group):
    """The number of cells of each map that lie inside its own frames, over all maps of a group."""
    return sum(
        x <= left and y <= top and left + cell <= x + width and top + cell <= y + height
        for each in maps_of(group)
        for x, y, width, height in frames(each)
        for (left, top, cell, _), _ in patterned(each)
    )


def framed_shapes(group, cell):
    """(rows, columns) of every frame, in cells of a given side."""
    return [(round(height / cell), round(width / cell)) for _, _, width, height in frames(group)]


def corner_of_frame(group):
    """(row, column) at which a map's only frame begins."""
    ((x, y, _, _),), cells = frames(group), patterned(group)
    (left, top, size, _), _ = cells[0]
    pitch = cells[1][0][0] - left if len(cells) > 1 and cells[1][0][0] > left else size
    return round((y - top) / pitch), round((x - left) / pitch)


def is_level(height, group):
    """True if a height is among those of a map's rows."""
    rows = [(y, y + high) for (_, y, _, high), _ in patterned(group)]
    return min(rows)[0] <= height <= max(rows)[1]


def covers(group):
    """The backdrops of a stack's maps; each hides what was drawn before it."""
    return [boxes(each, f"fill:{canvas.PAPER}")[0] for each in maps_of(group)]


def hidden(drawing, name="input"):
    """The frames of a stack that a map drawn later lies over."""
    group = part(drawing, name)
    return [
        frame
        for depth, each in enumerate(maps_of(group))
        for frame in frames(each)
        for x, y, width, height in covers(group)[depth + 1 :]
        if x < frame[0] + frame[2] and frame[0] < x + width and y < frame[1] + frame[3] and frame[1] < y + height
    ]


def covered_rows(drawing, name):
    """The maps of a stack whose first row a map drawn later lies over, by their place in the stack."""
    group = part(drawing, name)
    rows = [patterned(each)[0][0] for each in maps_of(group)]
    return [
        depth
        for depth, (_, y, _, high) in enumerate(rows)
        if any(y + high > top for _, top, _, _ in covers(group)[depth + 1 :])
    ]


def paints(drawing, group):
    """(pattern, colour) of the cells of a group, each once, in the order in which they come."""
    names = {markup: name for name, markup in canvas.PATTERNS.items()}
    fills = {}
    for pattern in svg_of(drawing).iter(f"{SVG}pattern"):
        drawn = "".join(ET.tostring(element, "unicode") for element in pattern[1])
        markup = re.sub(r"ns0:| xmlns:ns0=\"[^\"]*\"| (?=/>)", "", drawn)
        fills[pattern.get("id")] = (names[markup], pattern[0].get("fill"))
    used = [fills[re.search(r"url\(#([^)]+)\)", style)[1]] for _, style in patterned(group)]
    return list(dict.fromkeys(used))


def paints_of(looks):
    return [(look.pattern, look.colour) for look in looks]


# ---------------------------------------------------------------- what the reference says


def output_pixels(size, kernel_size):
    """(H_out, W_out) without padding, at stride 1."""
    return tuple(reference.output_size(s, k) for s, k in zip(size, kernel_size, strict=True))


def sees(in_channels, out_channels, groups):
    """For every output channel the input channels that change it, tried on the reference."""
    weight = np.ones((out_channels, in_channels // groups, 1, 1))
    changed = []
    for channel in range(in_channels):
        x = np.zeros((1, in_channels, 1, 1))
        x[0, channel] = 1
        changed.append(reference.grouped_conv2d(x, weight, groups=groups)[0, :, 0, 0] != 0)
    return [[c for c in range(in_channels) if changed[c][o]] for o in range(out_channels)]


def count_one_too_many(monkeypatch, counter):
    """Have one of the reference's counters be wrong, until ``monkeypatch.undo()``."""
    right = getattr(reference, counter)
    monkeypatch.setattr(reference, counter, lambda *a, **k: right(*a, **k) + 1)


# ---------------------------------------------------------------- checks that drawings of layers share


def assert_totals(drawing, counts, name="totals"):
    """The three counts stand below the drawing and in its description; returns the texts below it."""
    shown = texts(part(drawing, name))
    assert [int(text) for text in shown[::3]] == list(counts)
    for number in counts:
        assert re.search(rf"\b{number} ", drawing.description)
    return shown


def assert_products(shown):
    """The terms below the weights and the MACs make their number: a product, or a sum of two steps."""
    for result, terms in ((shown[3], shown[5]), (shown[6], shown[8])):
        combine, sign = (sum, " + ") if "+" in terms else (math.prod, " · ")
        assert combine(int(number) for number in terms.split(sign)) == int(result)


def assert_maps(drawing, name, size, looks, framed):
    """A stack has one map of this size for each look, with as many cells framed in each of them."""
    stacked = maps_of(part(drawing, name))
    assert paints(drawing, part(drawing, name)) == paints_of(looks)
    assert [shape(each) for each in stacked] == [size] * len(looks)
    assert [touched(each) for each in stacked] == [framed] * len(looks)


def assert_map(drawing, group, look, size, framed):
    """A group is one map in this look and size, with as many cells framed."""
    assert paints(drawing, group) == paints_of([look])
    assert shape(group) == size
    assert touched(group) == framed


def assert_rest(drawing, out_channels, drawn, times=1):
    """Filters that are not drawn are counted in words, and only if there are any."""
    more = [text for text in labels(drawing) if text.startswith("and ")]
    assert len(more) == (times if out_channels > drawn else 0)
    assert all(text.split()[1] == str(out_channels - drawn) for text in more)
