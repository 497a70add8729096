# ruff: noqa: E741, RUF001 (O is the field's name; readers see the signs of multiplication and minus)
"""The figures to take hold of: their numbers, what they light, and every way to hold them, in a real browser.

Most tests open a page of one figure, without the book around it. The directive is tried in a small book, built as the
course is.
"""

import copy
import itertools
import json
import re
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from accessibility import ask_axe
from browsers import reused_tabs
from built import ROOT, build_pages
from conv_figure import KINDS, MODES

from convolution import reference

ASSETS = ROOT / "book" / "_assets"

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>A figure</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="{assets}/book.css"><link rel="stylesheet" href="{assets}/conv-figure.css">
<style>body {{ background: var(--paper); color: var(--ink); margin: 0 }}
main {{ margin: auto; max-width: 736px }}</style>
<script defer src="{assets}/conv-figure.js"></script></head>
<body><main class="bd-article"><h1>A figure</h1><div id="still">the drawing</div>
<conv-figure kind="{kind}" mode="{mode}"><div class="cf-ask"><p>How many?</p><details><summary>The answer</summary>
<p>27</p></details></div></conv-figure></main></body></html>"""


@pytest.fixture(scope="module")
def open_tab(browser):
    with reused_tabs(browser) as open_tab:
        yield open_tab


@pytest.fixture
def show(open_tab, tmp_path):
    """Open one figure from a folder; when the test ends, the console must have been silent."""
    complaints = []

    def open_figure(kind="figure", mode="regular", theme="light", width=1280, **options):
        path = tmp_path / "page.html"
        path.write_text(PAGE.format(theme=theme, kind=kind, mode=mode, assets=ASSETS.as_uri()), encoding="utf-8")
        page = open_tab(path.as_uri(), viewport={"width": width, "height": 1000}, **options)
        complaints.append(page.wrong)
        return page

    yield open_figure
    assert [*itertools.chain(*complaints)] == []


def lit(page):
    """The number of lit cells of each part: x input, pad padding, w and p weights, h maps between, y output."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".cf-lit[data-part]")].reduce(
            (counts, {dataset: {part}}) => ({...counts, [part]: (counts[part] ?? 0) + 1}), {})"""
    )


def choose(page, text, by):
    # Asked of the whole page, hundreds of numbers would be gone through for their names.
    radio = page.locator(".cf-choice").get_by_role("radio", name=text, exact=True)
    if by == "pointer":
        radio.locator("xpath=..").click()
    else:
        radio.focus()
        page.keyboard.press("Space")
    assert radio.is_checked()


# ---------------------------------------------------------------- the numbers

GRID = [
    {"mode": mode, "C": C, "O": O, "k": k, "s": s, "p": p, "d": d, "m": m}
    for mode, C, O, (k, s, p, d), m in product(
        MODES,
        (1, 3, 4),
        (2, 4),
        ((3, 1, 0, 1), (3, 2, 1, 1), (2, 3, 2, 2), (1, 1, 0, 1), (5, 1, 2, 1), (3, 1, 2, 3), (4, 2, 0, 1)),
        (1, 2),
    )
]


def expected(f):
    """The reference's results for the layer that the figure shows, from the figure's own x and weights."""
    x, w = np.array(f["x"], float)[None], np.array(f["w"], float)
    C, O, k, m, size = f["C"], f["O"], f["k"], f["m"], f["size"]
    slides = {"stride": f["s"], "padding": f["p"], "dilation": f["d"]}
    size = reference.output_size(x.shape[2], k, **slides)
    between = None
    if f["mode"] == "regular":
        y = reference.conv2d(x, w, **slides)
        weights, macs = reference.conv2d_params(C, O, k, bias=False), reference.conv2d_macs(C, O, k, size)
    elif f["mode"] == "pointwise":
        y = reference.pointwise_conv2d(x, w)
        weights, macs = reference.pointwise_params(C, O, bias=False), reference.pointwise_macs(C, O, size)
    else:
        y = reference.depthwise_conv2d(x, w, **slides)
        weights, macs = reference.depthwise_params(C, k, m, bias=False), reference.depthwise_macs(C, k, size, m)
    values = [x, w, y]
    if f["mode"] == "separable":
        between, mix = y, np.array(f["mix"], float)[:, :, None, None]
        y = reference.separable_conv2d(x, w, mix, **slides)
        values += [between, mix, y]
        weights += reference.pointwise_params(C * m, O, bias=False)
        macs += reference.pointwise_macs(C * m, O, size)
    ratio = Fraction(weights, reference.conv2d_params(C, O, k, bias=False))
    if f["mode"] == "separable" and m == 1:
        assert ratio == reference.cost_ratio(O, k)
        assert (weights, macs) == (
            reference.separable_params(C, O, k, bias=False),
            reference.separable_macs(C, O, k, size),
        )
    return {
        "y": y[0].tolist(),
        "between": None if between is None else between[0].tolist(),
        "shape": list(y.shape[1:]),
        "weights": weights,
        "macs": macs,
        "bytes": sum(value.astype(np.float32).nbytes for value in values),
        "ratio": [ratio.numerator, ratio.denominator],
    }


COMPUTE = "(grid) => grid.map((settings) => customElements.get('conv-figure').compute(settings))"


def disagreements(computed, right):
    return [
        (settings, name)
        for settings, f, values in zip(GRID, computed, right, strict=True)
        for name, value in values.items()
        if f[name] != value
    ]


def test_every_number_is_the_references_and_a_wrong_one_is_found(show):
    computed = show().evaluate(COMPUTE, GRID)
    right = [expected(f) for f in computed]
    assert disagreements(computed, right) == []
    for settings, f in zip(GRID, computed, strict=True):  # and it is the layer that was asked for
        assert f["C"] == settings["C"]
        if f["mode"] != "depthwise":
            assert f["O"] == settings["O"]
        if f["mode"] != "pointwise":
            assert all(f[name] == settings[name] for name in "kspd")

    place = next(place for place, f in enumerate(computed) if f["mode"] == "separable")
    for name, value in right[place].items():
        wrong = copy.deepcopy(value)
        innermost = wrong
        while isinstance(innermost, list) and isinstance(innermost[0], list):
            innermost = innermost[0]
        if isinstance(innermost, list):
            innermost[0] += 1
        else:
            wrong += 1
        broken = [*computed[:place], {**computed[place], name: wrong}, *computed[place + 1 :]]
        assert disagreements(broken, right) == [(GRID[place], name)]


def test_the_example_is_the_chapters(show):
    page = show()
    rng = np.random.default_rng(20261122)
    x = rng.integers(0, 10, (6, 6, 3)).transpose(2, 0, 1)
    weight = rng.integers(-2, 3, (2, 3, 3, 3))
    regular, separable = page.evaluate(COMPUTE, [{"mode": "regular"}, {"mode": "separable"}])
    assert np.array_equal(regular["x"], x) and np.array_equal(regular["w"], weight)
    rng = np.random.default_rng(20261122)
    rng.integers(0, 10, (6, 6, 3))
    assert np.array_equal(separable["w"], rng.integers(-2, 3, (3, 1, 3, 3)))
    assert separable["mix"] == [[2, -1, 1], [0, 1, 3]]
    for text in ("[[2.0, -1.0, 1.0], [0.0, 1.0, 3.0]]", "default_rng(20261122)"):
        assert text in (ROOT / "book" / "05-separable.md").read_text(encoding="utf-8")
    kernel = page.evaluate("customElements.get('conv-figure').given('window').kernel")
    assert f"np.array({json.dumps(kernel)})" in (ROOT / "book" / "01-window.md").read_text(encoding="utf-8")


def test_the_calculators_costs_are_the_references(show):
    grid = [
        {"C": C, "O": O, "k": k, "H": H, "W": W} for C, O, k, H, W in product((1, 32), (1, 64), (1, 5), (7, 28), (11,))
    ]
    found = show("cost").evaluate("(grid) => grid.map((one) => customElements.get('conv-figure').costs(one))", grid)
    for settings, cost in zip(grid, found, strict=True):
        C, O, k, H, W = settings.values()
        size = (H, W)
        weights = {
            "regular": reference.conv2d_params(C, O, k, bias=False),
            "depthwise": reference.depthwise_params(C, k, bias=False),
            "pointwise": reference.pointwise_params(C, O, bias=False),
            "both": reference.separable_params(C, O, k, bias=False),
        }
        macs = {
            "regular": reference.conv2d_macs(C, O, k, size),
            "depthwise": reference.depthwise_macs(C, k, size),
            "pointwise": reference.pointwise_macs(C, O, size),
            "both": reference.separable_macs(C, O, k, size),
        }
        values = {"regular": C + O, "depthwise": 2 * C, "pointwise": C + O, "both": 3 * C + O}
        for kind in weights:
            in_bytes = 4 * (values[kind] * H * W + weights[kind])
            assert cost[kind] == {"weights": weights[kind], "macs": macs[kind], "bytes": in_bytes}, (settings, kind)


# ---------------------------------------------------------------- what is lit

NAMES = {"separable": "depthwise, then pointwise"}
OUTPUT = {
    "regular": {"x": 27, "w": 27, "y": 1},
    "depthwise": {"x": 9, "w": 9, "y": 1},
    "pointwise": {"x": 3, "w": 3, "y": 1},
    "separable": {"x": 27, "w": 27, "h": 3, "p": 3, "y": 1},
}
WHOLE = {
    "regular": ({"x": 108, "w": 54, "y": 32}, 54),
    "depthwise": ({"x": 108, "w": 27, "y": 48}, 27),
    "pointwise": ({"x": 108, "w": 6, "y": 72}, 6),
    "separable": ({"x": 108, "w": 27, "h": 48, "p": 6, "y": 32}, 33),
}
WEIGHT = {
    "regular": {"x": 16, "w": 1, "y": 16},
    "depthwise": {"x": 16, "w": 1, "y": 16},
    "pointwise": {"x": 36, "w": 1, "y": 36},
    "separable": {"x": 16, "w": 1, "h": 16, "y": 32},
}


@pytest.mark.parametrize("by", ["pointer", "keyboard"])
def test_what_is_lit_in_every_mode(by, show):
    page = show("figure", "regular")
    for mode in ("separable", "pointwise", "depthwise", "regular"):
        choose(page, NAMES.get(mode, mode), by)
        choose(page, "one output", by)
        assert lit(page) == OUTPUT[mode]
        choose(page, "one weight", by)
        assert lit(page) == WEIGHT[mode]
        choose(page, "the whole output", by)
        counts, weights = WHOLE[mode]
        assert lit(page) == counts
        assert page.locator(".cf-costs .cf-value").first.inner_text() == str(weights)
        page.locator(".cf-said", has_text=f"made with {weights} weight").wait_for()


def test_a_weight_of_the_second_step_serves_one_map(show):
    page = show("figure", "separable")
    page.locator('[data-key="p:1,2"]').click()
    assert lit(page) == {"p": 1, "h": 16, "y": 16}


@pytest.mark.parametrize("mode", MODES)
def test_the_window_steps_by_keyboard(mode, show):
    page = show("figure", mode)
    page.locator(".cf-stage").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "PageDown"):
        page.keyboard.press(key)
    assert page.locator('.cf-chosen[data-key="y:1,1,1"]').count() == 1
    assert lit(page) == OUTPUT[mode]
    page.get_by_text("Output map 1, row 1, column 1:").wait_for()
    page.keyboard.press("PageUp")
    page.keyboard.press("End")
    last = page.locator(".cf-chosen").get_attribute("data-key")
    assert last == ("y:0,1,5" if mode == "pointwise" else "y:0,1,3")
    page.keyboard.press("ArrowRight")  # the wall
    assert page.locator(".cf-chosen").get_attribute("data-key") == last


@pytest.mark.parametrize("mode", MODES)
def test_the_window_is_dragged_and_an_output_is_clicked(mode, show):
    page = show("figure", mode)

    def middle(key):
        box = page.locator(f'[data-key="{key}"]').bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    page.mouse.move(*middle("x:0,1,1"))
    page.mouse.down()
    page.mouse.move(*middle("x:0,2,3"), steps=4)
    page.mouse.up()
    chosen = page.locator(".cf-chosen").get_attribute("data-key")
    assert chosen == ("y:0,2,3" if mode == "pointwise" else "y:0,1,2")
    page.mouse.move(*middle("x:0,0,0"))  # let go
    assert page.locator(".cf-chosen").get_attribute("data-key") == chosen
    page.mouse.click(*middle("y:1,3,0"))
    assert page.locator(".cf-chosen").get_attribute("data-key") == "y:1,3,0"
    assert lit(page) == OUTPUT[mode]
    page.mouse.click(*middle("w:1,1,0,0"))
    assert page.get_by_role("radio", name="one weight").is_checked()
    assert lit(page)["w"] == 1


def test_a_finger_taps_and_steps(show):
    page = show("figure", "depthwise", width=360, has_touch=True)
    page.locator('[data-key="y:2,1,1"]').tap()
    assert lit(page) == OUTPUT["depthwise"]
    page.get_by_role("button", name="one to the right").tap()
    assert page.locator(".cf-chosen").get_attribute("data-key") == "y:2,1,2"


def test_a_finger_drags_the_window_and_scrolls_beside_it(show):
    page = show("figure", "regular", width=360, has_touch=True)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    touch = page.context.new_cdp_session(page)

    def drag(start, end):
        boxes = [page.locator(f'[data-key="{key}"]').bounding_box() for key in (start, end)]
        (x0, y0), (x1, y1) = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
        steps = [(x0 + (x1 - x0) * part / 5, y0 + (y1 - y0) * part / 5) for part in range(6)]
        for place, (x, y) in enumerate(steps):
            name = "touchMove" if place else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": name, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    drag("x:1,0,0", "x:1,2,1")  # held by its corner, the window keeps its grip
    assert page.locator(".cf-chosen").get_attribute("data-key") == "y:0,2,1"
    assert page.evaluate("scrollY") == 0
    drag("x:2,5,5", "x:0,0,5")  # not lit
    assert page.locator(".cf-chosen").get_attribute("data-key") == "y:0,2,1"
    page.wait_for_function("scrollY > 50")


def test_the_largest_layers_stay_inside_the_drawing(show):
    page = show("figure", "regular", width=360)
    page.get_by_text("Change the layer").click()
    for mode in MODES:
        choose(page, NAMES.get(mode, mode), "pointer")
        for name in ("input channels C", "output channels O", "padding", "multiplier m", "kernel k × k"):
            slider = page.locator(".cf-slider").get_by_label(name)
            if slider.is_enabled():
                slider.fill(slider.get_attribute("max"))
        outside = page.evaluate(
            """() => { const box = document.querySelector(".cf-stage svg").getBoundingClientRect();
            return [...document.querySelectorAll(".cf-cell path, .cf-stage text")].filter((one) => {
                const place = one.getBoundingClientRect();
                return place.left < box.left - 1 || place.right > box.right + 1 || place.bottom > box.bottom + 1;
            }).map((one) => one.outerHTML.slice(0, 90)) }"""
        )
        assert outside == [], mode


def test_products_and_sum_are_written_out(show):
    page = show("figure", "separable")
    f = page.evaluate(COMPUTE, [{"mode": "separable"}])[0]
    lines = page.locator(".cf-line").all_inner_texts()
    assert len(lines) == 4
    for q, line in enumerate(lines[:3]):
        assert line.count("·") == 9
        assert line.endswith(f"= {f['between'][q][0][0]}".replace("-", "−"))
    assert lines[3].count("·") == 3 and lines[3].endswith(f"= {f['y'][0][0][0]}".replace("-", "−"))


def test_the_layer_changes_and_what_does_not_fit_is_refused(show):
    page = show("figure", "regular")
    page.get_by_text("Change the layer").click()
    page.get_by_label("padding").fill("1")
    assert lit(page) == {"x": 12, "pad": 15, "w": 27, "y": 1}
    page.get_by_text("12 inputs and 15 padding zeros and 27 weights").wait_for()
    page.get_by_label("padding").fill("0")
    page.get_by_label("kernel k × k").fill("4")
    page.get_by_label("dilation").fill("2")  # 7 pixels wide
    page.get_by_text("No window fits").wait_for()
    assert page.get_by_label("dilation").input_value() == "1"
    page.get_by_label("stride").fill("2")
    assert [cell.replace(",", "") for cell in page.locator(".cf-costs .cf-value").all_inner_texts()[:2]] == [
        "96",
        "384",
    ]


# ---------------------------------------------------------------- the smaller ones


def test_the_window_over_one_channel(show):
    page = show("window")
    assert lit(page) == {"x": 9, "w": 9, "y": 1}
    page.locator(".cf-stage").press("ArrowRight")
    assert page.locator(".cf-line").count() == 1


def test_split_and_stack(show):
    page = show("split")
    assert lit(page) == {} and page.locator('[data-part="w"]').count() == 0
    choose(page, "2 split", "keyboard")
    assert page.locator('[data-part="x"]').count() == 108 and page.locator('[data-part="w"]').count() == 0
    choose(page, "3 convolve each", "pointer")
    assert lit(page) == OUTPUT["depthwise"]
    choose(page, "4 stack", "keyboard")
    assert page.locator(".cf-stacked").count() == 3


def test_a_stack_shows_whole_numbers_only(show):
    page = show("split")
    covered = """() => [...document.querySelectorAll(".cf-cell text")].filter((text) => {
        const box = text.getBoundingClientRect(), cell = text.closest(".cf-cell");
        if (!text.textContent) return false;
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return top.closest(".cf-cell") !== cell;
    }).length"""
    numbers = "document.querySelectorAll('.cf-cell text:not(:empty)').length"
    assert page.evaluate(covered) == 0
    assert page.evaluate(numbers) == 3 * 6 + 3 * 6 + 6 * 6
    choose(page, "4 stack", "pointer")
    assert page.evaluate(covered) == 0
    choose(page, "2 split", "pointer")
    assert page.evaluate(numbers) == 108
    choose(page, "1 the input", "pointer")
    # A number under the next map is found.
    page.evaluate("document.querySelector('[data-key=\"x:0,4,4\"] text').textContent = '7'")
    assert page.evaluate(covered) == 1


def test_what_is_shown_is_said_at_once_and_then_when_the_window_rests(show):
    page = show()
    said = "document.querySelector('.cf-said').textContent"
    first = page.evaluate(said)
    assert first.startswith("Output map 0, row 0, column 0: 40.")
    steps = """() => { const stage = document.querySelector(".cf-stage"), said = document.querySelector(".cf-said");
        window.spoken = 0;
        new MutationObserver(() => { window.spoken += 1; }).observe(said, {childList: true});
        for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"])
            stage.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})); }"""
    page.evaluate(steps)
    assert page.evaluate(said) == first
    page.get_by_text("Output map 0, row 1, column 2:").wait_for()
    assert page.evaluate("spoken") == 1


def test_a_pixel_goes_through_the_matrix(show):
    page = show("matrix")
    weights, pixel, output = (
        np.array([[int(n) for n in row.split(",")] for row in label.split(":")[1].replace("−", "-").split(";")])
        for label in page.locator(".cf-matrix").evaluate_all("all => all.map((one) => one.getAttribute('aria-label'))")
    )
    assert weights.shape == (2, 3) and np.array_equal(weights @ pixel, output)
    assert page.locator(".cf-costs .cf-value").all_inner_texts()[:2] == ["6", "96"]


def test_the_calculator_follows_its_sliders(show):
    page = show("cost")
    for name, value in {
        "input channels C": 3,
        "output channels O": 2,
        "kernel k × k": 3,
        "rows H": 4,
        "columns W": 4,
    }.items():
        page.get_by_label(name).fill(str(value))
    totals = dict(
        page.locator("[data-cost]").evaluate_all("all => all.map((one) => [one.dataset.cost, one.innerText])")
    )
    assert totals["weights-regular"] == "54" and totals["weights-pair"] == "33"
    assert totals["macs-regular"] == "864" and totals["macs-pair"] == "528"
    page.get_by_text("11/18").wait_for()
    page.get_by_label("rows H").press("ArrowRight")
    assert page.locator('[data-cost="macs-pair"]').inner_text() == "660"


# ---------------------------------------------------------------- for everyone


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_width_and_targets(kind, theme, show):
    page = show(kind, theme=theme, width=360)
    for mode in MODES if kind == "figure" else [None]:
        if mode:
            choose(page, NAMES.get(mode, mode), "pointer")
        assert page.evaluate("document.documentElement.scrollWidth") == 360, mode
    for fold in page.locator(".cf-change:not([open]) > summary").all():
        fold.click()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, summary, label, input")]
            .map((one) => [one.outerHTML.slice(0, 60), one.getBoundingClientRect()])
            .filter(([, {width, height}]) => height > 0 && Math.min(width, height) < 24)"""
    )
    assert small == []
    assert ask_axe(page) == []


# axe passes over what is hidden from screen readers, and so over the numbers in the maps.
CONTRASTS = """(lit) => {
    const paint = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const light = (colour) => {
        paint.fillStyle = colour;
        paint.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data].map((one) => one / 255)
            .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    if (lit) document.querySelector("conv-figure").style.setProperty("--lit", lit);
    return Math.min(...[...document.querySelectorAll(".cf-cell")].map((cell) => {
        const [one, other] = ["path", "text"].map((part) => light(getComputedStyle(cell.querySelector(part)).fill));
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    }));
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_in_the_maps_can_be_read(theme, show):
    page = show("figure", "regular", theme=theme, reduced_motion="reduce")
    page.get_by_text("Change the layer").click()
    page.get_by_label("input channels C").fill("4")
    page.get_by_label("output channels O").fill("4")
    choose(page, "the whole output", "pointer")
    assert page.evaluate(CONTRASTS, None) >= 4.5
    if theme == "dark":
        assert page.evaluate(CONTRASTS, "60%") < 4.5


def test_nothing_moves_by_itself_and_motion_is_a_wish(show):
    page = show("figure", reduced_motion="reduce")
    before = page.locator(".cf-stage").inner_html()
    page.wait_for_timeout(300)
    assert page.locator(".cf-stage").inner_html() == before
    duration = "getComputedStyle(document.querySelector('.cf-cell path')).transitionDuration"
    assert page.evaluate(duration) == "0s"
    assert show("figure", reduced_motion="no-preference").evaluate(duration) == "0.12s"  # it can be otherwise


def test_forced_colours_tell_lit_from_unlit(show):
    page = show("figure", forced_colors="active")
    page.wait_for_timeout(200)
    fill = "(name) => getComputedStyle(document.querySelector(name)).fill"
    assert page.evaluate(fill, ".cf-lit path") != page.evaluate(fill, ".cf-cell:not(.cf-lit) path")


def test_it_opens_with_a_question_and_the_answer_hidden(show):
    page = show()
    assert page.get_by_text("How many?").is_visible() and not page.get_by_text("27", exact=True).is_visible()
    page.get_by_text("The answer").click()
    assert page.locator(".cf-ask p", has_text="27").is_visible()


def test_paper_and_readers_without_scripts_see_the_still(show):
    page = show()
    assert not page.locator("#still").is_visible() and page.locator(".cf-live").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#still").is_visible() and not page.locator(".cf-live").is_visible()
    without = show(java_script_enabled=False)
    assert without.locator("#still").is_visible() and without.locator(".cf-live").count() == 0


def test_it_is_light():
    assert sum((ASSETS / f"conv-figure.{kind}").stat().st_size for kind in ("js", "css")) < 60_000


# ---------------------------------------------------------------- the directive

SMALL = """\
---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---

# A page

```{code-cell} ipython3
import drawings

drawings.grid([[1, 2]])
```

<!-- between -->

```{conv-figure} figure
:mode: depthwise
:question: How many < 10?

Nine, *always*.
```
"""

DIRECTIVE_BREAKS = {
    "kind": ("{conv-figure} figure", "{conv-figure} figger", "kind 'figger' is none of figure, window, split"),
    "mode": (":mode: depthwise", ":mode: deepwise", "'deepwise' is none of regular, depthwise"),
    "option": (":mode: depthwise", ":modes: depthwise", "modes"),
    "mode-of-window": ("{conv-figure} figure", "{conv-figure} window", "mode belongs to kind figure; window has none"),
    "question": (":question: How many < 10?\n", "", "it opens with a question"),
    "answer": ("Nine, *always*.", "", "the body is the answer to the question, and is missing"),
    "still": ("<!-- between -->", "Some text.", "no drawing in the cell directly before it"),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A build of two good pages and of all that are refused: its folder and its complaints."""
    folder = tmp_path_factory.mktemp("small")
    pages = {"page": SMALL, "other": "# Another\n"}
    pages |= {name: SMALL.replace(old, new) for name, (old, new, _) in DIRECTIVE_BREAKS.items()}
    pages = {name: text.replace("<!-- between -->\n\n", "") for name, text in pages.items()}
    code, printed = build_pages(folder, pages)
    assert code != 0
    return folder / "_build" / "html", [line for line in printed.splitlines() if re.search("(ERROR|WARNING):", line)]


def test_the_directive_places_a_figure_and_only_its_page_loads_the_script(small, open_tab):
    html, complaints = small
    assert [line for line in complaints if not any(f"/{name}.md" in line for name in DIRECTIVE_BREAKS)] == []
    assert "conv-figure" not in (html / "other.html").read_text(encoding="utf-8")
    page = open_tab((html / "page.html").as_uri())
    assert page.locator(".cf-ask > p").inner_text() == "How many < 10?"
    assert page.locator(".cf-ask em").count() == 1
    assert lit(page) == OUTPUT["depthwise"]
    assert not page.locator("figure.drawing").is_visible()
    page.emulate_media(media="print")
    assert page.locator("figure.drawing").count() == 1
    assert page.locator("div.cell.cf-still").is_visible()


def test_the_directive_refuses_what_it_does_not_know(small):
    _, complaints = small
    for name, (_, _, message) in DIRECTIVE_BREAKS.items():
        lines = [line for line in complaints if f"/{name}.md" in line]
        assert any(message in line for line in lines), (name, lines)
    assert any("ERROR" in line for line in complaints)
