"""axe, the accessibility checker, asked of a page in a browser: contrast, names, roles, headings and much else."""

from axe_playwright_python.sync_playwright import Axe

#: Most of axe's time went into the contrast of code: thousands of words of which each kind has one look. The first
#: visible word of a kind in a kind of block stays an element, the others become plain text of the block's own colour.
#: What a drawing holds goes altogether: it is one picture with one text to axe, and its parts would only cost time. So
#: do the numbers in a figure's drawing: what lies behind a text in SVG axe cannot see, and says of each "incomplete".
#: A formula in a line becomes text of that line, unless it has colours of its own.
THIN = """
() => {
  const seen = new Set(), others = [];
  for (const word of document.querySelectorAll("pre span[class]")) {
    if (word.children.length || word.attributes.length > 1 || !word.checkVisibility()) continue;
    let kind = "";
    for (let at = word; at; at = at.parentElement) kind += at.className + " < ";
    if (seen.has(kind)) others.push(word);
    seen.add(kind);
  }
  for (const word of others) word.replaceWith(word.textContent);  // after all: the page is laid out only once
  for (const block of document.querySelectorAll("pre")) block.normalize();
  for (const drawing of document.querySelectorAll("figure.drawing svg"))
    drawing.replaceChildren(...drawing.querySelectorAll("style"));  // it styles the caption too
  for (const formula of document.querySelectorAll("span.math > math:not(:has([mathcolor], [style]))"))
    formula.replaceWith(formula.textContent);
  for (const number of document.querySelectorAll("conv-figure svg[aria-hidden=true] text")) number.remove();
}
"""

#: axe reads the text of a colour, such as "rgb(31, 41, 51)", thousands of times a page, for a quarter of its time; of a
#: page's dozens of colours it now remembers what it has read.
REMEMBER = """
() => {
  const kind = axe.commons.color.Color.prototype, read = kind.parseString, known = new Map();
  kind.parseString = function (text) {
    if (!known.has(text)) {
      read.call(this, text);
      const { r, g, b, alpha } = this;
      known.set(text, { r, g, b, alpha });
    }
    return Object.assign(this, known.get(text));
  };
}
"""

CONTRAST = "color-contrast"


def ask_axe(page, exclude=(), include=(), **asked):
    """The findings of axe on a page as it is shown: a line for each element that breaks a rule.

    The page is not whole afterwards: ask everything else before.

    Parameters
    ----------
    exclude, include : selectors of what is not looked at, and of what only is looked at
    asked : which rules, as axe's ``runOnly`` or ``rules``
    """
    page.evaluate(THIN)
    left_out = ["figure.drawing svg", *exclude]
    context = {"exclude": [[selector] for selector in left_out]}
    if include:
        context["include"] = [[selector] for selector in include]
    # preload would fetch the style sheets once more, which no browser allows from file://.
    options = {"preload": False, "resultTypes": ["violations"]} | asked
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
        page.evaluate(REMEMBER)
    found = page.evaluate("async (asked) => (await axe.run(...asked)).violations", [context, options])
    return [f"axe, {rule['id']}, {rule['impact']}: {node['html'][:100]}" for rule in found for node in rule["nodes"]]


def only_contrast():
    return {"runOnly": {"type": "rule", "values": [CONTRAST]}}


def all_but_contrast():
    return {"rules": {CONTRAST: {"enabled": False}}}
