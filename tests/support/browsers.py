"""Debian's chromium, for the tests and the screenshots."""

import contextlib
import os
import shutil

#: The first is the same browser without windows and menus: to open a page takes it half of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
MISSING = "chromium is not installed: apt-get install chromium-headless-shell"


def find_browser():
    """The path of chromium; None where there is none."""
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


#: Resolved once the page has been painted as it is now: styles, what its scripts hear of the reader, fonts, and colours
#: that change slowly, as those of buttons do. They are taken to their end, and so are those that follow them.
PAINTED = """async () => {
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  const passing = () => document.getAnimations().filter((one) => one instanceof CSSTransition);
  for (let left = passing(); left.length; left = passing()) {
    for (const one of left) one.finish();
    await new Promise(requestAnimationFrame);
  }
  await document.fonts.ready;
}"""


def show_as(page, width, **media):
    """Show a page at a width and as `emulate_media` names it, and wait: a page hears of it with its next frame."""
    page.emulate_media(**media)
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(PAINTED)


#: So often a test may begin again where Chromium lost what a page from a folder stored: it does in one to four of a
#: hundred times when the page is left at once, whatever stored it, and looks as if nothing had been stored.
LOSSES = 5


@contextlib.contextmanager
def reused_tabs(browser):
    """Give a function that opens an address, in one tab for each kind of reader: a new tab takes half of the time.

    A reader who opens the next page was never there before: nothing is stored, the pointer is in a corner, and no
    paper, colours, width or request of an earlier test is left. What the page's console complains of is in ``wrong``,
    a new list each time.
    """
    tabs = {}
    usual = {"color_scheme": "light", "reduced_motion": "no-preference", "forced_colors": "none"}
    desk = {"width": 1280, "height": 900}

    def begin(script, settings):
        context = browser.new_context(**{"viewport": desk, **settings})
        context.set_default_timeout(60_000)  # a busy machine is slow, not wrong
        if script:
            context.add_init_script(script)
        tab = context.new_page()
        tab.on("pageerror", lambda error: tab.wrong.append(f"{error} {error.stack}"))
        tab.on("console", lambda line: tab.wrong.append(line.text) if line.type in ("error", "warning") else None)
        return tab

    def open_tab(address, script="", **settings):
        kind = repr((script, sorted(settings.items())))
        if kind in tabs:
            tab = tabs[kind]
            tab.unroute_all()
            tab.evaluate("() => { try { localStorage.clear(); sessionStorage.clear(); } catch {} }")
            tab.emulate_media(media="null", **{name: settings.get(name, value) for name, value in usual.items()})
            tab.set_viewport_size(settings.get("viewport", desk))
            tab.mouse.move(0, 0)
        else:
            tab = tabs[kind] = begin(script, settings)
        tab.wrong = []
        tab.goto(address)
        return tab

    yield open_tab
    for tab in tabs.values():
        tab.context.close()
