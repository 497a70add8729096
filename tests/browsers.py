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
