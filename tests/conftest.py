"""What several files share: the built book, a server for it, a browser.

The files that take longest begin, so that the cores end together. `make test` hands out whole files.
"""

import os
import shutil

import pytest
from built import built_book, serving

LONGEST_FIRST = (
    "test_roads.py",
    "test_book.py",
    "test_attacks.py",
    "test_comforts.py",
    "test_faults.py",
    "test_nbgrader_cycle.py",
)


def pytest_collection_modifyitems(items):
    place = {name: at for at, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture(scope="session")
def book():
    return built_book()


@pytest.fixture(scope="module")  # not longer: while it is open, nothing else in the process can use asyncio
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        message = "chromium is not installed: apt-get install chromium"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    from playwright.sync_api import sync_playwright

    # No name is ever resolved, so a request that leaves this machine fails, and is seen to.
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # chromium has no sandbox for root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(book):
    with serving(book) as address:
        yield address
