// A classic script, because a module does not load from file://.
// Folds are <details>: they work without this. Paper has nothing to click on, so they are open while printing.
(() => {
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const fold of opened) fold.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const fold of opened) fold.open = false;
    opened = [];
  });

  // What scrolls sideways must be reachable with the keyboard too.
  const markScrollers = () => {
    const selector = "article pre, .pst-scrollable-table-container, div.math, mjx-container";
    for (const box of document.querySelectorAll(selector)) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  window.addEventListener("load", () => {
    markScrollers();
    window.MathJax?.startup?.promise.then(markScrollers); // formulas come later than the page
  });
  window.addEventListener("resize", markScrollers);

  // The copy button's name is only drawn, by CSS; a screen reader needs it as a name.
  window.addEventListener("load", () => {
    for (const button of document.querySelectorAll(".copybtn"))
      button.setAttribute("aria-label", button.dataset.tooltip);
  });
})();
