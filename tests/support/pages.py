"""The book's pages, the widths they are shown at, and what is wrong with one as a browser shows it."""

import yaml
from places import ROOT

DESK, PHONE = 1280, 360

CONTENTS = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [CONTENTS["root"], *(page["file"] for part in CONTENTS["parts"] for page in part["chapters"])]
PAGES += ["genindex", "search"]  # which the build adds

#: The complaints about a page that can only be seen from inside it. It is one function, because each call into the
#: browser takes time.
LOOK = r"""
() => {
  const complaints = [];
  const name = (element) => element.tagName.toLowerCase() + (element.id && "#" + element.id);
  const label = (element) => {
    const others = (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id));
    return (element.getAttribute("aria-label") ?? others.map((other) => other?.textContent ?? "").join("")).trim();
  };

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest("pre, code, script, style, textarea")) continue;
    const raw = text.data.match(/\$[^$]+\$|\\[([]|\\begin\{/);
    if (raw) complaints.push("raw math: " + raw[0].slice(0, 60));
  }
  for (const formula of document.querySelectorAll(".math:not(:has(math))"))
    complaints.push("math that is not set: " + formula.textContent.slice(0, 60));

  for (const image of document.querySelectorAll("img"))
    if (!image.alt.trim()) complaints.push("no text alternative: " + name(image) + " " + image.src.slice(-40));
  for (const drawing of document.querySelectorAll("svg")) {
    if (drawing.closest("[aria-hidden=true], button")) continue;
    if (drawing.getAttribute("role") !== "img" || !label(drawing))
      complaints.push("no text alternative: " + name(drawing));
  }
  for (const control of document.querySelectorAll("button, a[href], summary"))
    if (!(control.textContent.trim() || label(control) || control.title || control.dataset.bsOriginalTitle))
      complaints.push("no name: " + control.outerHTML.slice(0, 80));

  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) complaints.push("id twice: " + id);
  return complaints;
}
"""

#: The complaints that depend on the width and the theme as well.
LOOK_AGAIN = """
(theme) => {
  const complaints = [];
  const root = document.documentElement;
  // The sidebar slides in when the window becomes wide.
  for (const change of document.getAnimations()) if (change instanceof CSSTransition) change.finish();
  if (root.dataset.theme !== theme) complaints.push(`asked for ${theme}, shown in ${root.dataset.theme}`);

  if (root.scrollWidth > root.clientWidth) {
    const scrolls = (element) => element !== document.body && getComputedStyle(element).overflowX !== "visible";
    const inScroller = (element) => element !== null && (scrolls(element) || inScroller(element.parentElement));
    const outside = [...document.body.querySelectorAll("*")].filter((element) =>
      element.getBoundingClientRect().right > root.clientWidth + 1 && !inScroller(element.parentElement));
    const names = outside.slice(0, 3).map((element) => element.tagName.toLowerCase() + "." + element.className);
    complaints.push(`wider than the screen: ${root.scrollWidth} of ${root.clientWidth} pixels, ${names}`);
  }

  // A button that opens the search counts: it is what the reader sees.
  const boxes = [...document.querySelectorAll("input[type=search], button[class*=search]")].filter((box) => {
    const place = box.getBoundingClientRect();
    return box.checkVisibility({visibilityProperty: true}) && place.right > 0 && place.left < root.clientWidth;
  });
  if (boxes.length !== 1) complaints.push(`${boxes.length} search boxes at ${root.clientWidth} pixels`);

  for (const icon of document.querySelectorAll("[class*=' fa-'], [class^='fa-']"))
    if (icon.checkVisibility() && getComputedStyle(icon).maskImage === "none")
      complaints.push("no icon for " + icon.className);
  return complaints;
}
"""
