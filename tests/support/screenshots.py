"""Pictures of every page for somebody to look at: `make screenshots`.

Into _build/screenshots/, named PAGE-THEME-WIDTH.png: light and dark, on a desk and on a phone; and pages with a figure
in forced colours, as a reader who has chosen colours of their own sees them. The tests take none: a picture of a long
page takes longer than all that they look at.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book"))

from browsers import MISSING, find_browser, launched, show_as
from built import HTML, ROOT
from pages import DESK, PAGES, PHONE

SCREENSHOTS = ROOT / "_build" / "screenshots"
MOST_PICTURES = 10


def ways(page):
    """The ways to show a page: name -> options of the browser."""
    for theme in ("light", "dark"):
        for width in (DESK, PHONE):
            yield f"{theme}-{width}", {"color_scheme": theme, "forced_colors": "none"}, width
    if page.locator("conv-figure").count():
        yield f"forced-{DESK}", {"color_scheme": "dark", "forced_colors": "active"}, DESK


def picture(page):
    """The whole page, once it shows the same twice: what scrolls is painted later than the rest, and often too late."""
    before = None
    for _ in range(MOST_PICTURES):
        taken = page.screenshot(full_page=True, animations="disabled")
        if taken == before:
            return taken
        before = taken
    raise RuntimeError(f"{page.url} looks different each time")


def main():
    if find_browser() is None:
        print(f"error: {MISSING}", file=sys.stderr)
        return 2
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        for number, name in enumerate(PAGES, start=1):
            page = browser.new_page()
            page.set_default_timeout(120_000)
            page.goto((HTML / f"{name}.html").as_uri())
            for way, media, width in ways(page):
                show_as(page, width, **media)
                (SCREENSHOTS / f"{name}-{way}.png").write_bytes(picture(page))
            page.close()
            print(f"[{number}/{len(PAGES)}] {name}", flush=True)
    print(f"Look at them in {SCREENSHOTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
