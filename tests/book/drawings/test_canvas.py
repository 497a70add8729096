"""The form of every drawing: valid, stable, legible, with words for all that it shows."""

import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import drawings
import numpy as np
import pytest
from drawings import axes, canvas, groupings, maps, shares
from drawn import IMAGE, IMPULSE, KERNEL, SVG, svg_of
from places import ROOT

WIDE_KERNEL = np.array([[2, -6, 4, -3], [1, -4, 2, -8]]) / 4

EXAMPLES = {
    "grid": lambda: drawings.grid(IMAGE),
    "grid with a region": lambda: drawings.grid(IMAGE, highlight=(1, 2, 3, 2), title="image <of> & 5 rows"),
    "window": lambda: drawings.window(IMAGE, KERNEL, 1, 2),
    "window, strides": lambda: drawings.window(IMAGE, KERNEL, 1, 0, stride=(2, 3), padding=(1, 0)),
    "window, fractions": lambda: drawings.window(IMAGE[:4, :4] / 8, KERNEL / 4, 1, 2),
    "window, wide": lambda: drawings.window(IMAGE, WIDE_KERNEL),
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


def test_a_drawing_is_a_figure_with_words(drawing):
    figure = ET.fromstring(drawing._repr_html_())
    assert (figure.tag, figure.get("class")) == ("figure", canvas.FIGURE_CLASS)
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
    uses = re.findall(r"var\([^)]*\)", drawing.html)
    assert uses
    assert all(re.fullmatch(r"var\(--pst-color-[a-z-]+, #\w{3,6}\)", use) for use in uses)
    # Texts have no colour of their own but the two of the style sheet, so that they turn with the page.
    assert not any(
        "fill" in (text.get("style") or "") or text.get("fill") for text in svg_of(drawing).iter(f"{SVG}text")
    )


@pytest.mark.parametrize(
    "looks",
    [
        maps.CHANNELS + maps.OUTPUTS,
        tuple(axes.AXES.values()),
        groupings.GROUPED,
        tuple(shares.KINDS.values()),
    ],
)
def test_letter_pattern_and_colour_each_tell_alone(looks):
    for field in ("letter", "pattern", "colour"):
        values = [getattr(look, field) for look in looks]
        assert len(values) == len(set(values)), field
        assert "plain" not in values


def test_every_drawing_has_an_example_that_the_docstring_tests_run():
    assert all(">>>" in getattr(drawings, name).__doc__ for name in drawings.__all__ if name != "Drawing")


# ---------------------------------------------------------------- in a browser

OVERLAPS = """() => {
  const svg = document.querySelector("svg"), page = svg.getBoundingClientRect(), found = [];
  const texts = [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()]);
  texts.forEach(([text, box], index) => {
    const wide = box.left < page.left - 1 || box.right > page.right + 1;
    if (wide || box.top < page.top - 3 || box.bottom > page.bottom + 3)
      found.push(`${text} is cut off`);
    for (const [other, there] of texts.slice(0, index)) {
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
