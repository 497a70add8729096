"""The tab that tests in a browser share: opened again it keeps nothing of the test before, and is shown in full."""

import pytest
from browsers import reused_tabs, show_as

pytestmark = pytest.mark.browser

STATE = """() => [
  localStorage.length, sessionStorage.length, innerWidth, innerHeight, matchMedia("print").matches,
  ...["color-scheme: dark", "reduced-motion: reduce"].map((wish) => matchMedia(`(prefers-${wish})`).matches),
  matchMedia("(forced-colors: active)").matches, document.querySelectorAll("p:hover").length,
]"""
PAGE = "<!DOCTYPE html><title>t</title><style>p { margin: 200px }</style><p>text</p>"


@pytest.mark.parametrize("settings", [{}, {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}}], ids=str)
def test_a_tab_that_is_opened_again_is_as_a_new_one(settings, browser, tmp_path):
    (tmp_path / "page.html").write_text(PAGE)
    address = (tmp_path / "page.html").as_uri()
    with reused_tabs(browser) as open_tab:
        tab = open_tab(address, **settings)
        new = tab.evaluate(STATE)
        tab.evaluate("localStorage.a = sessionStorage.a = 1; console.error('complaint')")
        tab.emulate_media(media="print", color_scheme="no-preference", reduced_motion="reduce", forced_colors="active")
        tab.set_viewport_size({"width": 700, "height": 500})
        tab.mouse.move(210, 210)
        used = tab.evaluate(STATE)
        assert tab.wrong == ["complaint"]
        assert open_tab(address, **settings) is tab
        assert (tab.evaluate(STATE), tab.wrong) == (new, [])
        assert open_tab(address, script="localStorage.b = 1", **settings) is not tab
    assert sum(one != other for one, other in zip(new, used, strict=True)) >= 7  # or it could not fail


def test_a_page_is_shown_once_its_colours_have_changed(browser, tmp_path):
    dark = "@media (prefers-color-scheme: dark) { p { color: rgb(255, 255, 255) } }"
    style = f"<style>p {{ color: rgb(0, 0, 0); transition: color 0.5s }} {dark}</style>"
    (tmp_path / "page.html").write_text(PAGE.replace("<p>", f"{style}<p>"))
    page = browser.new_page(color_scheme="light")
    page.goto((tmp_path / "page.html").as_uri())
    show_as(page, 1280, color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.querySelector('p')).color") == "rgb(255, 255, 255)"
    page.close()
