"""The still picture in a cell's output: a drawing of the `drawings` package, found by the class of its figure."""

import base64
import re
import sys
from html import escape, unescape
from pathlib import Path

# Cells import `drawings` from the book's folder, where they run; Sphinx does not run there.
sys.path.append(str(Path(__file__).parents[1]))

from drawings.canvas import FIGURE_CLASS


def has_still(html):
    """True if a cell's output is a drawing.

    Examples
    --------
    >>> import drawings
    >>> has_still(drawings.grid([[1]]).html), has_still("<figure><img></figure>")
    (True, False)
    """
    return f'<figure class="{FIGURE_CLASS}' in html


def still_as_image(html):
    """The drawing in a cell's output as an image with its description and caption, in HTML and Markdown.

    Nothing of a page reaches into an image, so its type and its paper go with it.
    """
    svg = re.search(r"<svg.*?</svg>", html, re.S)[0].replace(f"figure.{FIGURE_CLASS} ", "")
    svg = svg.replace("<svg ", '<svg font-family="system-ui, sans-serif" ', 1)
    svg = svg.replace('style="', 'style="background:#fff;', 1)
    title, description = (unescape(re.search(f"<{tag} id.*?>(.*?)</{tag}>", svg, re.S)[1]) for tag in ("title", "desc"))
    width = re.search(r"max-width:(\d+)", svg)
    size = f' width="{width[1]}"' if width else ""
    data = base64.b64encode(svg.encode()).decode()
    text = " ".join(f"{title}. {description}".split())
    image = f'<img alt="{escape(text)}"{size} src="data:image/svg+xml;base64,{data}">'
    caption = re.search(r"<figcaption>(.*?)</figcaption>", html, re.S)
    return image + (f"\n\n*{' '.join(unescape(caption[1]).split())}*" if caption else "")
