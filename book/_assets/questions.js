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

  for (const box of document.querySelectorAll(".asking.question, .asking.revisit")) question(box);
  for (const box of document.querySelectorAll(".asking.prediction")) prediction(box);
})();
