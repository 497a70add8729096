// A classic script, because a module does not load from file://.
(() => {
  // Paper has nothing to click on. While printing, folds are open, the light theme is on, and what answers a question
  // stands behind the text of its page, where it gives nothing away. print.css says how that looks.
  let undo = [];
  const restore = () => undo.splice(0).forEach((step) => step());
  const gather = (article) => {
    const asked = article.querySelectorAll(".asking:not(.prediction), .tag_answers");
    if (!asked.length) return;
    const section = document.createElement("section");
    section.className = "on-paper";
    section.id = `${article.id}--answers`; // several pages are one when the book is printed as a whole
    const add = (tag, text) => (section.appendChild(document.createElement(tag)).textContent = text);
    add("h2", "Answers");
    for (const box of asked) {
      add("h3", box.querySelector("legend, .collapsed").textContent);
      for (const part of box.querySelectorAll(".explanation, .rules, details div[class*=highlight-]"))
        section.append(part.cloneNode(true));
    }
    for (const part of section.querySelectorAll("[id], [hidden]"))
      for (const name of ["id", "hidden"]) part.removeAttribute(name);
    article.append(section);
    undo.push(() => section.remove());
  };
  // A browser turns every cell that has a pattern into a picture when it prints: 60 MB for a chapter. On paper the
  // pattern's lines are lines.
  const shape = (name, facts) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const fact in facts) made.setAttribute(fact, facts[fact]);
    return made;
  };
  const shifted = (mark, x, y) => {
    const [cx, cy, r] = ["cx", "cy", "r"].map((name) => Number(mark.getAttribute(name)));
    if (r) return `M${cx - r + x} ${cy + y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    return mark.getAttribute("d").replace(/([MLHV])([^MLHV]+)/g, (_, step, numbers) => {
      const [first, second] = numbers.split(" ").map(Number);
      return step + (step === "V" ? first + y : step === "H" ? first + x : `${first + x} ${second + y}`);
    });
  };
  const drawLines = (cell) => {
    const style = cell.getAttribute("style");
    const [tint, lines] = document.getElementById(style.match(/#([^")]+)/)[1]).children;
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(cell.getAttribute(name)));
    let d = "";
    for (let left = x - (((x % 8) + 8) % 8); left < x + width; left += 8)
      for (let top = y - (((y % 8) + 8) % 8); top < y + height; top += 8)
        for (const mark of lines.children) d += shifted(mark, left, top);
    const frame = shape("svg", {x, y, width, height, viewBox: `${x} ${y} ${width} ${height}`, style: "overflow: hidden"});
    const pen = lines.cloneNode();
    pen.append(shape("path", {d}));
    frame.append(pen);
    cell.after(frame);
    cell.style.fill = tint.getAttribute("fill");
    cell.style.fillOpacity = tint.getAttribute("fill-opacity");
    undo.push(() => {
      frame.remove();
      cell.setAttribute("style", style);
    });
  };
  window.addEventListener("beforeprint", () => {
    restore();
    const {theme} = document.documentElement.dataset;
    document.documentElement.dataset.theme = "light";
    undo.push(() => (document.documentElement.dataset.theme = theme));
    for (const fold of document.querySelectorAll("details:not([open])")) {
      fold.open = true;
      undo.push(() => (fold.open = false));
    }
    document.querySelectorAll(".bd-article").forEach(gather);
    document.querySelectorAll("figure.drawing rect[style*='fill:url']").forEach(drawLines);
  });
  window.addEventListener("afterprint", restore);

  // What scrolls sideways must be reachable with the keyboard too.
  const markScrollers = () => {
    const selector = "article pre, .pst-scrollable-table-container, div.math";
    for (const box of document.querySelectorAll(selector)) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  window.addEventListener("load", markScrollers);
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
