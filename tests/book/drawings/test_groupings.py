"""Groups connect the channels that the reference connects."""

import drawings
import pytest
from drawings import canvas
from drawn import SVG, labels, part, parts, sees

from convolution import reference


def connections(drawing, groups):
    """For every output channel the inputs whose lines end at it, and the thick lines as (input, output)."""
    panel = part(drawing, f"groups-{groups}")
    at = {text.text: float(text.get("y")) for text in panel.iter(f"{SVG}text")}
    channels = {kind: {y: name for name, y in at.items() if name[0] == kind} for kind in "co"}
    seen, thick = {name: set() for name in at if name[0] == "o"}, set()
    for path in panel.findall(f"{SVG}path"):
        (_, y0), (_, y1) = (map(float, point.split()) for point in path.get("d")[1:].split("L"))
        start, end = channels["c"][y0], channels["o"][y1]  # a line that ends between two letters is an error
        seen[end].add(int(start[1:]))
        if f"stroke:{canvas.INK}" in path.get("style"):
            thick.add((int(start[1:]), end))
    return [sorted(inputs) for inputs in seen.values()], thick


def assert_groups(drawing, in_channels, out_channels, groups):
    panels = sorted({1, groups, in_channels})
    assert [name for name in parts(drawing) if name.startswith("groups-")] == [f"groups-{g}" for g in panels]
    for g in panels:
        assert_panel(drawing, in_channels, out_channels, g)


def assert_panel(drawing, in_channels, out_channels, groups):
    expected = sees(in_channels, out_channels, groups)
    seen, thick = connections(drawing, groups)
    assert seen == expected
    assert thick == {(c, "o0") for c in expected[0]}
    kernels = reference.conv2d_params(in_channels // groups, out_channels, 1, bias=False)
    assert canvas.count(kernels, "kernel") in labels(drawing) and sum(map(len, seen)) == kernels
    assert f"{out_channels} · {in_channels // groups}" in labels(drawing)
    for o, inputs_seen in enumerate(expected):
        assert f"o{o} sees {', '.join(f'c{c}' for c in inputs_seen)}" in drawing.description


GROUPS = [(4, 4, 2), (4, 8, 2), (6, 6, 3), (6, 6, 2), (3, 9, 3), (3, 3, 1), (2, 10, 2), (1, 2, 1), (7, 7, 7)]


@pytest.mark.parametrize("case", GROUPS, ids=str)
def test_groups_connect_what_the_reference_connects(case):
    assert_groups(drawings.groups(*case), *case)


@pytest.mark.parametrize("wrong", [(6, 6, 2), (6, 6, 1), (3, 6, 3)], ids=str)
def test_wrong_groups_are_refused(wrong):
    drawing = drawings.groups(*wrong)
    with pytest.raises(AssertionError):
        assert_groups(drawing, 6, 6, 3)
