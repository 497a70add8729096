// Questions that answer back, over the markup that book/_ext/questions.py writes: fieldsets of radio buttons with
// their explanations in a fold. A classic script, because a module does not load from file://.
(() => {
  // ---------------------------------------------------------------- what is remembered

  // Only on this machine. Where the browser keeps nothing, this page remembers until it is left.
  const memory = (() => {
    const prefix = "convolution-course/";
    const here = new Map();
    return {
      get(name) {
        try {
          return JSON.parse(localStorage.getItem(prefix + name)) ?? here.get(name);
        } catch {
          return here.get(name);
        }
      },
      set(name, value) {
        here.set(name, value);
        try {
          localStorage.setItem(prefix + name, JSON.stringify(value));
        } catch {}
      },
      forget(name) {
        here.delete(name);
        try {
          localStorage.removeItem(prefix + name);
        } catch {}
      },
    };
  })();

  // What is kept of a question counts only for the wording it was chosen under.
  const recall = (box, isSound) => {
    const kept = memory.get(box.dataset.name);
    return kept?.version === box.dataset.version && isSound(kept) ? kept : null;
  };
  const keep = (box, what) => memory.set(box.dataset.name, {version: box.dataset.version, ...what});

  const make = (tag, name, text = "") => {
    const element = document.createElement(tag);
    element.className = name;
    element.textContent = text;
    if (tag === "button") element.type = "button";
    return element;
  };

  // ---------------------------------------------------------------- questions

  const question = (box) => {
    const radios = [...box.querySelectorAll("input[type=radio]")];
    const fold = box.querySelector("details.explanations");
    const whys = radios.map((radio) => fold.querySelector(`[data-place="${radio.value}"]`));
    const askedIn = fold.querySelector(".asked-in");
    const places = radios.map((radio) => radio.value);

    // The answers lie below the buttons, hidden one by one; the status is read out when its text changes.
    const buttons = make("div", "buttons");
    const check = make("button", "check", "Check");
    const others = make("button", "others", "Explain the others");
    const again = make("button", "again", "Start over");
    buttons.append(check, others, again);
    const answers = make("div", "answers");
    answers.setAttribute("role", "status");
    const hint = make("p", "hint");
    answers.append(hint, ...whys, ...(askedIn ? [askedIn] : []));
    fold.replaceWith(buttons, answers);

    let state;
    const start = () => ({chosen: null, tried: [], all: false});

    const show = () => {
      const solved = state.tried.some((place) => whys[places.indexOf(place)].classList.contains("right"));
      const latest = state.tried.at(-1);
      radios.forEach((radio, at) => {
        const why = whys[at];
        const tried = state.tried.includes(radio.value);
        radio.checked = radio.value === state.chosen;
        radio.closest(".option").classList.toggle("right", tried && why.classList.contains("right"));
        radio.closest(".option").classList.toggle("wrong", tried && why.classList.contains("wrong"));
        if (tried) radio.setAttribute("aria-describedby", `${radio.id}-why`);
        else radio.removeAttribute("aria-describedby");
        // Of the wrong ones the last, until the right one is found; then all that were tried, if asked for.
        why.hidden = !(state.all || (solved ? why.classList.contains("right") : radio.value === latest));
      });
      if (askedIn) askedIn.hidden = state.tried.length === 0;
      hint.hidden = hint.textContent === "";
      box.classList.toggle("solved", solved);
      check.hidden = solved;
      others.hidden = !solved || state.all;
      again.hidden = state.tried.length === 0;
    };

    whys.forEach((why, at) => (why.id = `${radios[at].id}-why`));
    for (const radio of radios)
      radio.addEventListener("change", () => {
        state.chosen = radio.value;
        hint.textContent = "";
        keep(box, state);
        show();
      });

    const judge = () => {
      if (state.chosen === null) {
        hint.textContent = "Choose an option first.";
      } else {
        hint.textContent = "";
        state.tried = [...state.tried.filter((place) => place !== state.chosen), state.chosen];
        keep(box, state);
      }
      show();
      // A button that goes away must not take the focus with it.
      if (check.hidden && document.activeElement === document.body) others.focus();
    };
    check.addEventListener("click", judge);
    box.querySelector("fieldset").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.type === "radio") {
        event.preventDefault();
        if (!check.hidden) judge();
      }
    });
    others.addEventListener("click", () => {
      state.all = true;
      keep(box, state);
      show();
      again.focus();
    });
    again.addEventListener("click", () => {
      memory.forget(box.dataset.name);
      state = start();
      hint.textContent = "";
      show();
      radios[0].focus();
    });

    const isKept = (kept) =>
      (kept.chosen === null || places.includes(kept.chosen)) &&
      Array.isArray(kept.tried) &&
      kept.tried.every((place) => places.includes(place));
    state = recall(box, isKept) ?? start();
    show();
  };

  // ---------------------------------------------------------------- predictions

  // Nothing is judged at the question. The answer further down is shown once there is something to compare it with.
  const prediction = (box) => {
    const radios = [...box.querySelectorAll("input[type=radio]")];
    const answer = document.getElementById(`${box.id}-answer`);
    const whys = [...answer.querySelectorAll(".explanation")];
    const later = box.querySelector(".later");
    const kept = make("span", "kept");
    kept.setAttribute("role", "status");
    later.prepend(kept);
    const again = make("button", "again", "Start over");
    const buttons = make("div", "buttons");
    buttons.append(again);
    box.append(buttons);

    const first = make("p", "predict-first");
    const back = make("a", "", "Choose an option");
    back.href = `#${radios[0].id}`;
    back.addEventListener("click", (event) => {
      event.preventDefault();
      radios[0].focus();
      box.scrollIntoView({block: "center"});
    });
    first.append(back, " at the beginning of this page first, then look here.");
    const yours = make("p", "yours");
    answer.querySelector("summary").after(first, yours);

    let chosen = null;
    const show = () => {
      const at = radios.findIndex((radio) => radio.value === chosen);
      radios.forEach((radio, other) => (radio.checked = other === at));
      const letter = at < 0 ? "" : box.querySelectorAll(".option .letter")[at].textContent;
      kept.textContent = at < 0 ? "" : `You chose ${letter}. `;
      later.classList.toggle("has-choice", at >= 0);
      again.hidden = at < 0;
      first.hidden = at >= 0;
      yours.hidden = at < 0;
      const right = whys[at]?.classList.contains("right");
      yours.textContent = at < 0 ? "" : right ? `You chose ${letter}, and it is right.` : `You chose ${letter}.`;
      whys.forEach((why) => {
        why.hidden = at < 0;
        why.classList.toggle("chosen", why.dataset.place === chosen);
      });
    };
    for (const radio of radios)
      radio.addEventListener("change", () => {
        chosen = radio.value;
        keep(box, {chosen});
        show();
      });
    again.addEventListener("click", () => {
      memory.forget(box.dataset.name);
      chosen = null;
      answer.open = false;
      show();
      radios[0].focus();
    });
    chosen = recall(box, (kept) => radios.some((radio) => radio.value === kept.chosen))?.chosen ?? null;
    show();
  };

  // ---------------------------------------------------------------- lines in order

  const parsons = (box) => {
    const {rules, levels, opens} = JSON.parse(box.dataset.facts);
    const list = box.querySelector(".lines");
    const mixed = [...list.children];
    const fold = box.querySelector("details.explanations");
    const sentences = [...fold.querySelectorAll(".rules > li")];

    const numbers = () => [...list.children].map((line) => Number(line.dataset.line));
    const code = (line) => line.querySelector("code").textContent;

    const how = make("p", "later", "Drag the lines, or move them with their buttons or the arrow keys.");
    list.before(how);
    const buttons = make("div", "buttons");
    const check = make("button", "check", "Check");
    const again = make("button", "again", "Start over");
    buttons.append(check, again);
    const answers = make("div", "answers");
    answers.setAttribute("role", "status");
    const moved = make("p", "visually-hidden");
    moved.setAttribute("aria-live", "polite");
    box.append(buttons, answers, moved);
    // Paper still gets the answer.
    fold.hidden = true;

    let checked = false;

    const step = (line, by) => {
      const other = by < 0 ? line.previousElementSibling : line.nextElementSibling;
      if (!other) return false;
      // The other line goes round this one, so that this one keeps the focus and the pointer.
      if (by < 0) line.after(other);
      else line.before(other);
      return true;
    };

    const lay = () => {
      [...list.children].forEach((line, at) => {
        line.style.setProperty("--level", levels[at]);
        line.querySelector(".up").setAttribute("aria-disabled", at === 0);
        line.querySelector(".down").setAttribute("aria-disabled", at === levels.length - 1);
      });
      again.hidden = numbers().every((number, at) => number === Number(mixed[at].dataset.line)) && !checked;
    };

    const announce = (line) => {
      const at = [...list.children].indexOf(line);
      moved.textContent = `Now line ${at + 1} of ${levels.length}, indented ${levels[at]} times: ${code(line)}`;
    };

    const forgetVerdict = () => {
      checked = false;
      answers.replaceChildren();
      box.classList.remove("solved");
      for (const line of list.children) line.classList.remove("wrong");
    };

    const save = () => keep(box, {order: numbers(), checked});

    const move = (line, by) => {
      if (step(line, by)) {
        forgetVerdict();
        save();
        lay();
      }
      announce(line);
    };

    for (const line of mixed) {
      const handle = make("span", "handle");
      handle.setAttribute("aria-hidden", "true");
      line.prepend(handle);
      const pair = make("span", "moves");
      for (const [name, by, word] of [["up", -1, "Up"], ["down", 1, "Down"]]) {
        const button = make("button", name);
        button.setAttribute("aria-label", `${word}: ${code(line)}`);
        button.addEventListener("click", () => move(line, by));
        pair.append(button);
      }
      line.append(pair);
      line.addEventListener("keydown", (event) => {
        const by = {ArrowUp: -1, ArrowDown: 1}[event.key];
        if (!by) return;
        event.preventDefault();
        move(line, by);
      });
      line.addEventListener("pointerdown", (event) => {
        // A finger on the code scrolls the page; on the handle it drags. A mouse drags anywhere.
        if (event.button !== 0 || event.target.closest("button")) return;
        if (event.pointerType !== "mouse" && event.target !== handle) return;
        event.preventDefault();
        drag(line, event.pointerId);
      });
    }

    const drag = (line, pointer) => {
      const before = numbers().join();
      const middle = (other) => {
        const place = other.getBoundingClientRect();
        return place.top + place.height / 2;
      };
      const follow = (event) => {
        if (event.pointerId !== pointer) return;
        while (line.previousElementSibling && event.clientY < middle(line.previousElementSibling)) step(line, -1);
        while (line.nextElementSibling && event.clientY > middle(line.nextElementSibling)) step(line, 1);
        lay();
      };
      const drop = (event) => {
        if (event.pointerId !== pointer) return;
        line.classList.remove("dragged");
        line.removeEventListener("pointermove", follow);
        for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) line.removeEventListener(name, drop);
        if (numbers().join() === before) return;
        forgetVerdict();
        save();
        lay();
        announce(line);
      };
      line.setPointerCapture(pointer);
      line.classList.add("dragged");
      line.addEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) line.addEventListener(name, drop);
    };

    // What is wrong with the order: the lines it shows at, and a sentence; or null. Python's own rule about
    // indentation comes first, then the sentences; the build has run all orders to see that there is no third.
    const complaint = () => {
      const order = numbers();
      for (let at = 0; at < order.length; at += 1) {
        const isLoop = opens.includes(order[at]);
        const isIndented = (levels[at + 1] ?? 0) > levels[at];
        if (isLoop === isIndented) continue;
        const text = isIndented
          ? `Line ${at + 2} is indented under line ${at + 1}, so line ${at + 1} has to be a loop.`
          : `Line ${at + 1} is a loop, and no line is indented under it.`;
        return {lines: [order[at]], say: [document.createTextNode(text)]};
      }
      for (const [at, [these, those]] of rules.entries()) {
        const last = Math.max(...these.map((number) => order.indexOf(number)));
        const late = those.filter((number) => order.indexOf(number) < last);
        if (late.length) return {lines: [order[last]], say: [...sentences[at].cloneNode(true).childNodes]};
      }
      return null;
    };

    const judge = () => {
      forgetVerdict();
      checked = true;
      const found = complaint();
      const why = make("div", `explanation ${found ? "wrong" : "right"}`);
      if (found) {
        why.append(make("p", "verdict", "Not yet"), ...found.say);
        for (const line of list.children) line.classList.toggle("wrong", found.lines.includes(Number(line.dataset.line)));
      } else {
        why.append(...fold.querySelector(".explanation").cloneNode(true).childNodes);
        box.classList.add("solved");
      }
      answers.replaceChildren(why);
      save();
      lay();
    };
    check.addEventListener("click", judge);

    again.addEventListener("click", () => {
      memory.forget(box.dataset.name);
      forgetVerdict();
      list.append(...mixed);
      lay();
      list.querySelector(".down").focus();
    });

    const places = mixed.map((line) => Number(line.dataset.line)).sort((a, b) => a - b);
    const isOrder = ({order}) => Array.isArray(order) && [...order].sort((a, b) => a - b).join() === places.join();
    const kept = recall(box, isOrder);
    if (kept) list.append(...kept.order.map((number) => mixed.find((line) => Number(line.dataset.line) === number)));
    lay();
    if (kept?.checked) judge();
  };

  for (const box of document.querySelectorAll(".asking.parsons")) parsons(box);
  for (const box of document.querySelectorAll(".asking.question, .asking.revisit")) question(box);
  for (const box of document.querySelectorAll(".asking.prediction")) prediction(box);
})();
