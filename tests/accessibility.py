"""axe, the accessibility checker, asked of a page in a browser: contrast, names, roles, headings and much else."""

from axe_playwright_python.sync_playwright import Axe

#: Three quarters of axe's time go into contrast, and nearly all of that into code and tables, where thousands of words
#: have the same few looks. So contrast is asked of the first visible element of each look: its colour, size and weight,
#: and every ground, picture and transparency that it stands on. Whoever has children is asked in any case.
MARK_ALIKE = r"""
() => {
  const seen = new Set();
  for (const one of document.querySelectorAll("[data-alike]")) one.removeAttribute("data-alike");
  for (const one of document.body.querySelectorAll("*")) {
    if (one.children.length || !one.textContent.trim() || !one.checkVisibility({visibilityProperty: true})) continue;
    const {width, height} = one.getBoundingClientRect();
    if (Math.min(width, height) < 2) continue;  // for screen readers only
    const {color, fontSize, fontWeight} = getComputedStyle(one);
    const look = [color, fontSize, fontWeight];
    for (let at = one; at; at = at.parentElement) {
      const {backgroundColor: ground, backgroundImage: picture, opacity, filter} = getComputedStyle(at);
      if (ground !== "rgba(0, 0, 0, 0)") look.push(ground);
      if (picture !== "none" || opacity !== "1" || filter !== "none") look.push(picture, opacity, filter);
    }
    const key = look.join("|");
    if (seen.has(key)) one.dataset.alike = "";
    seen.add(key);
  }
}
"""

CONTRAST = "color-contrast"


def ask_axe(page, exclude=(), contrast_outside="", only_contrast=False):
    """What axe finds on a page as it is shown: its rules, each with the elements that break it.

    Parameters
    ----------
    exclude : selectors of what is not looked at
    contrast_outside : selector of what contrast is not asked of
    only_contrast : whether nothing else is asked
    """
    # preload would fetch the style sheets once more, which no browser allows from file://.
    options = {"preload": False, "resultTypes": ["violations"]}
    left_out = [[selector] for selector in exclude]
    page.evaluate(MARK_ALIKE)
    alike = [*left_out, ["[data-alike]"], *([[contrast_outside]] if contrast_outside else [])]
    rule = {"runOnly": {"type": "rule", "values": [CONTRAST]}}
    found = Axe().run(page, context={"exclude": alike}, options=options | rule).response["violations"]
    page.evaluate("() => document.querySelectorAll('[data-alike]').forEach((one) => one.removeAttribute('data-alike'))")
    if not only_contrast:
        others = {"rules": {CONTRAST: {"enabled": False}}}
        context = {"exclude": left_out} if left_out else None
        found += Axe().run(page, context=context, options=options | others).response["violations"]
    return found
