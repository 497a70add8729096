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

  // The theme would open a notebook in a new tab instead of saving it.
  for (const link of document.querySelectorAll(".dropdown-download-buttons a")) {
    link.removeAttribute("target");
    link.download = "";
  }

  // Code to type or run can be copied. Browsers hide the clipboard from a page that came over plain http; there the old
  // way is left, which copies what is selected.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.readOnly = true; // no keyboard slides in on a phone
      area.style.cssText = "position: fixed; opacity: 0";
      document.body.append(area);
      area.select();
      const copied = document.execCommand("copy");
      area.remove();
      return copied;
    }
  };
  for (const code of document.querySelectorAll(".cell_input pre, .highlight-bash pre, .highlight-bat pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.ariaLabel = "Copy the code";
    const said = document.createElement("span");
    said.className = "copied";
    said.role = "status";
    let timer;
    button.addEventListener("click", async () => {
      const copied = await copy(code.textContent.trimEnd());
      button.focus(); // the old way takes the focus away
      button.classList.toggle("done", copied);
      said.textContent = copied ? "Copied" : "Not copied: select the code and copy it";
      clearTimeout(timer);
      timer = setTimeout(() => {
        button.classList.remove("done");
        said.textContent = "";
      }, 4000);
    });
    code.after(button, said);
  }
})();
