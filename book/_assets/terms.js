// The cards at the end of a page (book/_ext/looks/terms.py), shown beside their words. Shown on hover and on focus, a card stays
// while the pointer is on it and goes with Escape. On a screen that is touched the first tap shows, the second follows.
(() => {
  const WAIT = 200; // ms: for a pointer that only passes by, and for its way from the word to the card
  const cardOf = (link) => document.getElementById(link.getAttribute("aria-describedby"));
  let open = null; // the link whose card is shown
  let timer;

  const hide = () => {
    clearTimeout(timer);
    if (open) cardOf(open).hidden = true;
    open = null;
  };

  const show = (link, x) => {
    hide();
    open = link;
    const card = cardOf(link);
    card.hidden = false;
    // A word can be broken across two lines: the card goes to the part that is pointed at.
    const parts = [...link.getClientRects()];
    const part = parts.find((box) => x >= box.left && x <= box.right) ?? parts[0];
    card.style.left = card.style.top = "0";
    const { width, height, left: zero, top: start } = card.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const left = Math.max(8, Math.min(part.left, clientWidth - width - 8));
    const below = part.bottom + 4;
    const above = part.top - 4 - height;
    card.style.left = `${left - zero}px`;
    card.style.top = `${(below + height > clientHeight && above > 0 ? above : below) - start}px`;
  };

  const soon = (action) => {
    clearTimeout(timer);
    timer = setTimeout(action, WAIT);
  };

  for (const link of document.querySelectorAll("a[aria-describedby^=is-term]")) {
    let shownBefore = false;
    let touched = false;
    link.addEventListener("pointerenter", ({ pointerType, clientX }) => {
      if (pointerType === "touch") return;
      if (open === link) clearTimeout(timer);
      else soon(() => show(link, clientX));
    });
    link.addEventListener("pointerleave", ({ pointerType }) => pointerType === "touch" || soon(hide));
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("blur", hide);
    link.addEventListener("pointerdown", ({ pointerType }) => {
      touched = pointerType === "touch";
      shownBefore = open === link;
    });
    link.addEventListener("click", (event) => {
      if (touched && !shownBefore) {
        event.preventDefault();
        show(link, event.clientX);
      }
      touched = false; // the next click may come from the keyboard
    });
  }
  for (const card of document.querySelectorAll(".term-card")) {
    card.addEventListener("pointerenter", () => clearTimeout(timer));
    card.addEventListener("pointerleave", ({ pointerType }) => pointerType === "touch" || soon(hide));
  }
  document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
  document.addEventListener("pointerdown", ({ target }) => {
    if (open && !open.contains(target) && !cardOf(open).contains(target)) hide();
  });
  window.addEventListener("resize", hide);
})();
