# ruff: noqa: RUF001, RUF002 (the minus sign of print)
"""A page to draw on, and the finished drawing.

A `Canvas` collects SVG, remembers its bounds, and turns into a `Drawing`: one `<figure>` that a notebook shows by
itself. Colours come from the page (CSS variables with a light fallback), so the same markup is read in light and dark
mode. Ids are made from the contents: the same drawing is the same text at every build.
"""

import hashlib
from contextlib import contextmanager
from html import escape

# Column of a book on a phone of 360 px: about 330 px. 520 units at font size 18 leave 11 px of text there.
WIDTH = 520
FONT = 18
# The width of a character of the page's sans-serif at font size 1: enough for DejaVu Sans, the widest usual one.
CHARACTER = 0.62

INK = "var(--pst-color-text-base, #222832)"
MUTED = "var(--pst-color-text-muted, #48566b)"
PAPER = "var(--pst-color-background, #fff)"
CELL = "var(--pst-color-surface, #f3f4f5)"
EDGE = "var(--pst-color-border, #d1d5da)"

# Okabe and Ito's colours. Whatever has a colour has a pattern too, so that nothing is told by colour alone.
VERMILLION, GREEN, BLUE, YELLOW = "#D55E00", "#009E73", "#0072B2", "#F0E442"
ORANGE, PURPLE, SKY, GREY = "#E69F00", "#CC79A7", "#56B4E9", "#8A8F98"

#: The class of every drawing's <figure>, by which the book's extensions find it in a cell's output.
FIGURE_CLASS = "drawing"

STYLE = f"""
figure.{FIGURE_CLASS}{{margin:1.5rem 0;padding:0;background:{PAPER};color:{INK}}}
figure.{FIGURE_CLASS} svg{{display:block;width:100%;height:auto;margin:0 auto;overflow:visible}}
figure.{FIGURE_CLASS} text{{font-size:{FONT}px;fill:{INK};font-variant-numeric:tabular-nums}}
figure.{FIGURE_CLASS} text.muted{{fill:{MUTED}}}
figure.{FIGURE_CLASS} text.strong{{font-weight:700}}
figure.{FIGURE_CLASS} figcaption{{max-width:34rem;margin:.75rem auto 0;color:{MUTED}}}
figure.{FIGURE_CLASS} figcaption{{text-align:center;text-wrap:balance}}
html[data-theme] .bd-content div.cell_output .text_html:has(figure.{FIGURE_CLASS}){{background:none;padding:0}}
"""  # The last line undoes the theme's light plate behind a cell's HTML in dark mode.


def number(value):
    """Write a number as a reader would: no trailing zeros, a real minus sign.

    Examples
    --------
    >>> number(3.0), number(-2), number(0.125), number(2 / 3), number(-0.0)
    ('3', '−2', '0.125', '0.667', '0')
    """
    # Adding 0.0 turns minus zero, which a sum of products can be, into zero.
    return f"{round(float(value), 3) + 0.0:.10g}".replace("-", "−")


def count(amount, noun):
    """Write an amount with its noun.

    Examples
    --------
    >>> count(1, "filter"), count(2, "filter")
    ('1 filter', '2 filters')
    """
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def text_width(text, size=FONT):
    """The room to leave for a text, in drawing units: an estimate from above, because the page's font is not known."""
    return len(text) * CHARACTER * size


class Drawing:
    """A finished drawing, which shows itself in a notebook and describes in words what it shows.

    Attributes
    ----------
    title, description, caption : str
    html : str, the whole `<figure>`
    """

    def __init__(self, title, description, caption, html):
        self.title = title
        self.description = description
        self.caption = caption
        self.html = html

    def _repr_html_(self):
        return self.html

    def __repr__(self):
        return f"<drawing: {self.title}>"


class Canvas:
    """SVG under construction; every method draws in the order it is called, later over earlier."""

    def __init__(self):
        self._body = []
        self._patterns = {}
        self._left = self._top = float("inf")
        self._right = self._bottom = float("-inf")

    # Bounds

    def reach(self, left, top, right, bottom):
        """Make sure that the finished drawing shows this much."""
        self._left, self._right = min(self._left, left), max(self._right, right)
        self._top, self._bottom = min(self._top, top), max(self._bottom, bottom)

    @property
    def bottom(self):
        """The lowest y that the drawing reaches so far."""
        return self._bottom

    # Shapes

    def text(self, x, y, text, anchor="middle", size=None, strong=False, muted=False, turned=False):
        """Write one line; (x, y) is the middle of its height."""
        size_used = size or FONT
        width = text_width(text, size_used)
        before = {"start": 0, "middle": width / 2, "end": width}[anchor]
        half = size_used * 0.6
        if turned:
            self.reach(x - half, y - width / 2, x + half, y + width / 2)
        else:
            self.reach(x - before, y - half, x - before + width, y + half)
        attributes = f' text-anchor="{anchor}"'
        names = [name for name, wanted in (("strong", strong), ("muted", muted)) if wanted]
        if names:
            attributes += f' class="{" ".join(names)}"'
        if size:
            attributes += f' style="font-size:{_short(size)}px"'
        if turned:
            attributes += f' transform="rotate(-90 {_short(x)} {_short(y)})"'
        # dominant-baseline differs between browsers for digits; a shift by a third of the size does not.
        self._body.append(
            f'<text x="{_short(x)}" y="{_short(y)}" dy="{_short(size_used * 0.35)}"{attributes}>{escape(text)}</text>'
        )

    def rect(self, x, y, width, height, fill="none", stroke="none", stroke_width=1, radius=4, dash=None, opacity=1):
        """A rectangle with rounded corners; (x, y) is its top left corner."""
        half = stroke_width / 2
        self.reach(x - half, y - half, x + width + half, y + height + half)
        # A chapter has a thousand and more of these, so SVG's defaults are left out.
        paint = (
            f"fill:{fill}" if stroke == "none" else f"fill:{fill};stroke:{stroke};stroke-width:{_short(stroke_width)}"
        )
        attributes = f' stroke-dasharray="{dash}"' if dash else ""
        if opacity != 1:
            attributes += f' opacity="{opacity:.2g}"'
        self._body.append(
            f'<rect x="{_short(x)}" y="{_short(y)}" width="{_short(width)}" height="{_short(height)}" '
            f'rx="{_short(radius)}" style="{paint}"{attributes}/>'
        )

    def line(self, points, stroke=MUTED, stroke_width=1.5, dash=None, cap="round"):
        """A line through the points, each (x, y)."""
        for x, y in points:
            self.reach(x, y, x, y)
        path = "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points)
        attributes = f' stroke-dasharray="{dash}"' if dash else ""
        self._body.append(
            f'<path d="{path}" style="fill:none;stroke:{stroke};stroke-width:{_short(stroke_width)};'
            f'stroke-linecap:{cap};stroke-linejoin:round"{attributes}/>'
        )

    def pattern(self, kind, colour, strength=1.0):
        """Return a fill: `kind` in `colour` over a tint of it; `strength` 0..1 fades both.

        kind : one of the names in PATTERNS
        """
        key = (kind, colour, strength)
        if key not in self._patterns:
            self._patterns[key] = f"p{len(self._patterns)}"
        return f"url(#@ID@-{self._patterns[key]})"

    @contextmanager
    def part(self, name):
        """Name what is drawn in the with block, so that tests and scripts can find it."""
        self._body.append(f'<g data-part="{escape(name)}">')
        yield
        self._body.append("</g>")

    # The result

    def drawing(self, title, description, caption):
        """Finish the drawing: `title` names it, `description` says all that it shows."""
        margin = 4
        left, top = self._left - margin, self._top - margin
        width, height = self._right - self._left + 2 * margin, self._bottom - self._top + 2 * margin
        defs = "".join(_pattern(f"@ID@-{name}", *key) for key, name in self._patterns.items())
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="@ID@-title @ID@-desc" '
            f'viewBox="{_short(left)} {_short(top)} {_short(width)} {_short(height)}" '
            f'style="max-width:{width:.0f}px">'
            f'<title id="@ID@-title">{escape(title)}</title><desc id="@ID@-desc">{escape(description)}</desc>'
            f"<style>{STYLE}</style><defs>{defs}</defs>{''.join(self._body)}</svg>"
        )
        html = f'<figure class="{FIGURE_CLASS}" id="@ID@">{svg}<figcaption>{escape(caption)}</figcaption></figure>'
        name = "d" + hashlib.sha256(html.encode()).hexdigest()[:8]
        return Drawing(title, description, caption, html.replace("@ID@", name))


def _short(value):
    """A coordinate to a tenth of a unit: nobody sees more, and every platform rounds to the same text."""
    return f"{round(float(value), 1) + 0.0:g}"


# The drawing of each pattern in a tile of 8 by 8 units.
PATTERNS = {
    "plain": "",
    "hatch": '<path d="M-2 2L2 -2M0 8L8 0M6 10L10 6"/>',
    "dots": '<circle cx="2" cy="2" r="1"/><circle cx="6" cy="6" r="1"/>',
    "lines": '<path d="M0 2H8M0 6H8"/>',
    "crosses": '<path d="M0 4H8M4 0V8"/>',
    "bars": '<path d="M2 0V8M6 0V8"/>',
    "backhatch": '<path d="M-2 6L2 10M0 0L8 8M6 -2L10 2"/>',
    "rings": '<circle cx="4" cy="4" r="2.4"/>',
}


def _pattern(name, kind, colour, strength):
    tint = (0.3 if PATTERNS[kind] else 0.55) * strength
    return (
        f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{colour}" fill-opacity="{tint:.2g}"/>'
        f'<g fill="none" stroke="{colour}" stroke-width="1.4" stroke-opacity="{strength:.2g}">'
        f"{PATTERNS[kind]}</g></pattern>"
    )
