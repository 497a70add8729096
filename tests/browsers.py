"""Debian's chromium, for the tests and the screenshots."""

import contextlib
import os
import shutil

#: The first is the same browser without windows and menus: to open a page takes it half of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
MISSING = "chromium is not installed: apt-get install chromium-headless-shell"


def find_browser():
    """Where it is; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextlib.contextmanager
def launched():
    """A browser that reaches nothing but this machine: no name is resolved, so a request elsewhere fails."""
    from playwright.sync_api import sync_playwright

    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # chromium has no sandbox for root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        yield browser
        browser.close()


#: Resolved once the page has been painted as it is now: styles, what its scripts hear of the reader, and fonts.
PAINTED = """async () => {
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  await document.fonts.ready;
}"""


def show_as(page, width, **media):
    """Show a page at a width and as `emulate_media` names it, and wait: a page hears of it with its next frame."""
    page.emulate_media(**media)
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(PAINTED)


def leave_formulas(context):
    """Have pages get an empty script for MathJax, half of a chapter's loading time: for tests of other things."""
    context.route("**/mathjax/**", lambda route: route.fulfill(body="", content_type="text/javascript"))
