"""Questions that answer back: what is refused at the build, and what a reader's browser does with the rest.

The real questions of all chapters are built without the chapters around them, which takes seconds: each page here has
a chapter's name, title and questions. Then they are answered, by pointer, by keyboard, by touch, and without a script.
"""

import contextlib
import itertools
import re

import line_orders
import pytest
from accessibility import ask_axe
from asked_again import due
from browsers import LOSSES, reused_tabs
from built import ROOT, build_pages
from chapters import CHAPTERS, asked, chapter, options
from pages import LOOK_AGAIN

from convolution import reference

BOOK = ROOT / "book"
LOOPS = {"01-window": "window-loops", "02-regular": "regular-loops", "03-depthwise": "depthwise-loops"}


def only_questions(text):
    """A chapter's label, title and questions, without all else."""
    kinds = "question|prediction|answer|parsons|revisit"
    title = re.search(r"^\(chapter-.*\n# .*\n", text, re.M)[0]
    asked_here = re.findall(rf"^:::\{{(?:{kinds})\}}.*?^:::$", text, re.M | re.S)
    return "\n\n".join([title, "A paragraph.", *asked_here]) + "\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("questions")
    pages = {"intro": "# Introduction\n\nThe first page.\n"}
    pages |= {name: only_questions(chapter(name)) for name in CHAPTERS}
    code, printed = build_pages(folder, pages)
    assert code == 0, printed
    return folder / "_build" / "html"


# ---------------------------------------------------------------- what is refused at the build

GOOD = "- [x] 4\n\n  Two and two.\n- [ ] 5\n\n  One too many.\n"
BAD = {
    "none-right": (GOOD.replace("[x]", "[ ]"), "0 options are marked as right with [x], not one"),
    "two-right": (GOOD.replace("[ ]", "[x]"), "2 options are marked as right with [x], not one"),
    "unexplained": (GOOD.replace("\n  One too many.\n", ""), "the option '5' has no explanation"),
    "one-option": (GOOD.split("- [ ]")[0], "1 option(s), not 2 to 8"),
    "unmarked": (GOOD.replace("[ ] ", ""), "an option has to begin with [x] or [ ]: '5"),
    "no-options": ("Nothing to choose.\n", "the options are missing"),
    "twice-the-same": (GOOD.replace("5", "4"), "the option '4' is there twice"),
    "twice-on-a-page": (GOOD, "this page has another question of that name"),
}
LOOP = """\
:computes: correlate2d

Order them.

```python
y = np.zeros((H_out, W_out))
for i in range(H_out):
    for j in range(W_out):
        y[i, j] = (image[i : i + kH, j : j + kW] * kernel).sum()
```

- [1 before 2, 3, 4] First the box.
"""
BAD_LOOPS = {
    "unknown": (LOOP.replace("correlate2d", "conv3d"), ":computes: 'conv3d' is none of correlate2d, conv2d, depth"),
    "wrong-program": (LOOP.replace(".sum()", ".mean()"), "the order 1 2 3 4 does not compute the right numbers"),
    "no-sentence": (LOOP.replace("1 before 2, 3, 4", "1 before 1"), "does not compute the right numbers, and no sent"),
    "too-strict": (LOOP + "- [2 before 3] Rows first.\n", "computes the right numbers, and sentence 2 refuses it"),
    "idle": (LOOP + "- [1 before 4] Box before number.\n", "sentence 2 is never the first that an order breaks"),
    "no-such-line": (LOOP.replace("1 before", "9 before"), "there is no line 9: '[9 before 2, 3, 4]"),
    "no-rule": (LOOP.replace("[1 before 2, 3, 4] ", ""), "a sentence has to begin like [1 before 2, 3]: 'First"),
    "no-code": (re.sub("```.*```", "", LOOP, flags=re.S), "it has to hold one block of code and, after it, one list"),
    "asks-nothing": (LOOP.replace("Order them.", ""), "what is asked comes first"),
    "line-twice": (LOOP.replace("for j in range(W_out)", "for i in range(H_out)"), "is there twice"),
    "no-loop": (LOOP.replace("    for j in range(W_out):", "    pass"), "a line ends with a colon where nothing"),
}
ELSEWHERE = {
    "other": "question none-right: bad has a question of that name too",
    "open": "prediction unanswered: there is no {answer} to it",
    "answers": "answer unasked: this page asks no prediction of that name",
    "early": "revisit: no earlier chapter has a question",
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """All mistakes at once: each is reported by itself, and one build is enough."""
    bad = [f":::{{question}} {name}\nTwo and two?\n\n{body}:::\n" for name, (body, _) in BAD.items()]
    bad += [bad[-1], f":::{{question}} asked-nothing\n{GOOD}:::\n"]
    loops = [f":::{{parsons}} {name}\n{body}:::\n" for name, (body, _) in BAD_LOOPS.items()]
    pages = {
        "early": f"# Early\n\n:::{{revisit}}\n:::\n\n:::{{question}} fine\nTwo and two?\n\n{GOOD}:::\n",
        "bad": "# Bad\n\n" + "\n".join(bad),
        "loops": "# Loops\n\n" + "\n".join(loops),
        "other": f"# Other\n\n:::{{question}} none-right\nTwo and two?\n\n{GOOD}:::\n",
        "open": f"# Open\n\n:::{{prediction}} unanswered\nTwo and two?\n\n{GOOD}:::\n",
        "answers": "# Answers\n\n:::{answer} unasked\n:::\n",
    }
    code, printed = build_pages(tmp_path_factory.mktemp("refused"), pages)
    assert code != 0
    return printed


@pytest.mark.parametrize("name", BAD)
def test_a_question_that_cannot_be_asked_fails_the_build(name, refused):
    assert f"bad: question {name}: {BAD[name][1]}" in refused


def test_a_question_that_asks_nothing_fails_the_build(refused):
    assert "bad: question asked-nothing: nothing is asked before the options" in refused


@pytest.mark.parametrize("name", BAD_LOOPS)
def test_lines_that_cannot_be_judged_fail_the_build(name, refused):
    assert re.search(rf"loops: parsons {name}: .*{re.escape(BAD_LOOPS[name][1])}", refused), refused


@pytest.mark.parametrize("page", ELSEWHERE)
def test_pages_that_do_not_fit_together_fail_the_build(page, refused):
    assert f"{page}: {ELSEWHERE[page]}" in refused


def test_nothing_else_is_refused(refused):
    # The pages above hold one good question, and good parts of bad ones.
    assert "question fine" not in refused
    assert len(re.findall(r"(?:bad|loops): (?:question|parsons) ", refused)) == len(BAD) + len(BAD_LOOPS) + 1


# ---------------------------------------------------------------- orders of lines, against the reference


def loop_nest(page):
    text = asked(chapter(page), "parsons")[LOOPS[page]]
    target = re.search(r":computes: (\w+)", text)[1]
    lines, levels = line_orders.levels_of(re.search(r"```python\n(.*?)```", text, re.S)[1])
    found = re.findall(r"^- \[([\d, ]+) before ([\d, ]+)\]", text, re.M)
    rules = [tuple([int(number) - 1 for number in re.findall(r"\d+", part)] for part in parts) for parts in found]
    return target, lines, levels, rules


@pytest.mark.parametrize("page", LOOPS)
def test_the_accepted_orders_are_those_that_compute_the_reference(page):
    """Every order that Python can read is run here, by other means than the build's."""
    target, lines, levels, rules = loop_nest(page)
    names, _ = line_orders.DATA[target]()
    if target == "correlate2d":
        expected = reference.correlate2d(names["image"], names["kernel"])
    else:
        options = {"bias": names["bias"]} if "bias" in names else {}
        expected = getattr(reference, target)(names["x"][None], names["weight"], **options)[0]
    right = set()
    for order in line_orders.readable_orders(lines, levels):
        here = {"np": line_orders.np, **names}
        try:
            exec(line_orders.program_of(lines, levels, order), here)
        except (NameError, IndexError, ValueError, TypeError, UnboundLocalError):
            continue
        if getattr(here["y"], "shape", None) == expected.shape and (here["y"] == expected).all():
            right.add(order)
    assert right == {
        order for order in line_orders.readable_orders(lines, levels) if not line_orders.broken(rules, order)
    }
    assert len(right) == {"01-window": 4, "02-regular": 6, "03-depthwise": 4}[page]


def test_orders_that_are_not_run_are_those_that_python_cannot_read():
    """The build leaves orders out; here Python's own compiler judges all 40320 of the first loop nest.

    It is given beginnings, each a line longer than those before: what it cannot read stays so, whatever lines follow.
    """
    _, lines, levels, _ = loop_nest("01-window")
    orders = [()]
    for count in range(1, len(lines) + 1):
        longer = [(*order, line) for order in orders for line in range(len(lines)) if line not in order]
        orders = []
        for order in longer:
            text = line_orders.program_of(lines, levels[:count], order)
            if count < len(lines) and text.rstrip().endswith(":"):  # a body may follow
                text = text.rstrip() + " pass"
            with contextlib.suppress(SyntaxError):
                compile(text, "order", "exec")
                orders.append(order)
    assert set(orders) == set(line_orders.readable_orders(lines, levels))


# ---------------------------------------------------------------- what comes back


def test_questions_come_back_after_longer_and_longer_gaps():
    chapters = [(str(page), [f"{page}-{letter}" for letter in "abc"]) for page in range(10)]
    shown = [name for page, _ in chapters for _, name in due(chapters, page)]
    assert len(shown) == len(set(shown))  # none twice
    assert [page for page, _ in due(chapters, "9")] == ["5", "7", "8"]
    assert due(chapters, "0") == []
    assert due(chapters, "6") == due(list(chapters), "6")


@pytest.fixture(scope="module")
def shelf(browser):
    """Open a page of a book as a reader who was never there before."""
    with reused_tabs(browser) as open_tab:

        def opened(book, page, **settings):
            return open_tab((book / f"{page}.html").as_uri(), **settings)

        yield opened


@pytest.fixture(scope="module")
def read(shelf, book):
    """Of every chapter what can be read in its questions, then what they answer; and what went wrong."""
    found = {}
    for page in CHAPTERS:
        tab = shelf(book, page)
        found[page] = tab.evaluate(READ_ALL), tab.evaluate(TRY_ALL, list(asked(chapter(page), "question"))), tab.wrong
    return found


def right_and_wrong(page, name):
    """The places of a question's right option and of a wrong one, and their explanations' first words."""
    found = options({**asked(chapter(page), "question"), **asked(chapter(page), "prediction")}[name])
    right = [is_right for is_right, _, _ in found].index(True)
    return right, (right + 1) % len(found)


@pytest.mark.browser
def test_questions_come_back_as_they_were_written_in_another_order(read):
    shown = {page: texts for page, (texts, _, _) in read.items()}
    for page in CHAPTERS:
        back = [name for name in shown[page] if "/" in name]
        assert len(back) == {"00-start": 0, "01-window": 0, "02-regular": 2, "03-depthwise": 2}.get(page, 3)
        for name in back:
            here, own = shown[page][name], name.partition("/")[2]
            home = next(earlier for earlier in CHAPTERS if own in asked(chapter(earlier), "question"))
            there = shown[home][own]
            assert home < page and here["address"].partition("#")[0] == f"{home}.html"
            assert normal(here["prompt"]) == normal(there["prompt"])
            assert here["letters"] == there["letters"] == list("ABCD")
            assert sorted(map(normal, here["options"])) == sorted(map(normal, there["options"]))
            assert all(mine != first for mine, first in zip(here["options"], there["options"], strict=True))
            # Each option keeps its explanation, and the right one is right here too.
            pairs = [dict(zip(one["options"], one["whys"], strict=True)) for one in (here, there)]
            assert {normal(key): normal(why) for key, why in pairs[0].items()} == {
                normal(key): normal(why) for key, why in pairs[1].items()
            }


# name -> what is asked, the options and what is said of each, in the order in which they stand.
READ_ALL = """
() => Object.fromEntries([...document.querySelectorAll(".asking.question, .asking.revisit")].map((box) => {
  const texts = (selector) => [...box.querySelectorAll(selector)].map((part) => part.textContent);
  const why = (radio) => {
    const found = box.querySelector(`.explanation[data-place="${radio.value}"]`);
    return [...found.querySelectorAll(":scope > :not(.verdict)"), found].map((part) =>
      part === found ? found.className.replace("chosen", "") : part.textContent).join(" ");
  };
  return [box.dataset.name, {
    prompt: box.querySelector(".prompt").textContent,
    letters: texts(".option .letter"),
    options: texts(".option .letter + span"),
    whys: [...box.querySelectorAll("input")].map(why),
    address: box.querySelector(".asked-in a")?.getAttribute("href") ?? "",
  }];
}))
"""


def normal(text):
    return " ".join(text.replace("\u2019", "'").split())  # Sphinx curls quotation marks


# ---------------------------------------------------------------- answering


@pytest.mark.browser
@pytest.mark.parametrize("by", ["pointer", "keyboard"])
def test_wrong_then_right(by, book, shelf):
    tab = shelf(book, "01-window")
    box = tab.locator("#q-window-reach")
    right, wrong = right_and_wrong("01-window", "window-reach")
    explanations = box.locator(".explanation")
    assert explanations.count() == 4 and not any(one.is_visible() for one in explanations.all())
    assert box.get_by_role("group").count() == 1  # the fieldset, named by its legend and what is asked
    assert "Question 3 A kernel of 3 pixels" in normal(box.get_by_role("group").aria_snapshot())

    def choose(place):
        if by == "pointer":
            box.locator(f"label[for='q-window-reach-{place}']").click()
            box.get_by_role("button", name="Check").click()
            return
        box.locator("input:checked, input >> nth=0").first.focus()
        if not box.locator("input:checked").count():
            tab.keyboard.press("Space")
        while not box.locator(f"input[value='{place}']").is_checked():
            tab.keyboard.press("ArrowDown")
        tab.keyboard.press("Enter")

    box.get_by_role("button", name="Check").click()
    assert box.locator(".hint").inner_text() == "Choose an option first."

    choose(wrong)
    assert [one.get_attribute("data-place") for one in explanations.all() if one.is_visible()] == [str(wrong)]
    assert box.locator(".explanation:visible .verdict").inner_text().endswith("Not this one")
    assert box.locator(".option.wrong").count() == 1 and box.locator(".option.right").count() == 0

    choose(right)
    assert [one.get_attribute("data-place") for one in explanations.all() if one.is_visible()] == [str(right)]
    assert "Two gaps of 3 pixels" in box.locator("[role=status]").inner_text()
    assert not box.get_by_role("button", name="Check").is_visible()
    box.get_by_role("button", name="Explain the others").press("Enter")
    assert all(one.is_visible() for one in explanations.all())

    box.get_by_role("button", name="Start over").press("Enter")
    assert not any(one.is_visible() for one in explanations.all())
    assert box.locator("input:checked, .option.right, .option.wrong").count() == 0
    assert tab.evaluate("document.activeElement.id") == "q-window-reach-0"
    assert tab.wrong == []


# Every option from the top until the right one: its verdict, and whether it is the only one to be seen.
TRY_ALL = """
(names) => Object.fromEntries(names.map((name) => {
  const box = document.getElementById("q-" + name), said = [];
  for (const radio of box.querySelectorAll("input")) {
    radio.click();
    box.querySelector(".check").click();
    const seen = [...box.querySelectorAll(".explanation")].filter((why) => why.checkVisibility());
    said.push([seen[0].querySelector(".verdict").textContent,
               seen.length === 1 && seen[0].dataset.place === radio.value]);
    if (box.matches(".solved")) break;
  }
  return [name, said];
}))
"""


@pytest.mark.browser
def test_every_question_of_every_chapter_knows_its_right_option(read):
    for page, (_, shown, wrong) in read.items():
        written = {name: options(body) for name, body in asked(chapter(page), "question").items()}
        for name, found in written.items():
            right = [is_right for is_right, _, _ in found].index(True)
            verdicts = [("Right" if place == right else "Not this one") for place in range(right + 1)]
            assert [said[len("A ") :] for said, _ in shown[name]] == verdicts, name
            assert all(is_alone for _, is_alone in shown[name]), name
        assert wrong == []


STORED = "() => Object.entries(localStorage).filter(([name]) => name.startsWith('convolution-course/')).sort()"
REFUSE = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"


@pytest.mark.browser
@pytest.mark.parametrize("storage", ["kept", "refused", "spoilt"])
def test_what_is_remembered(storage, book, shelf):
    _, wrong = right_and_wrong("00-start", "start-slice")
    for attempt in range(LOSSES):
        tab = shelf(book, "00-start", script=REFUSE if storage == "refused" else f"/* reader {attempt} */")
        box = tab.locator("#q-start-slice")
        box.locator(f"input[value='{wrong}']").check()
        box.get_by_role("button", name="Check").click()
        tab.locator("#q-start-row input").nth(2).check()
        assert box.locator(".explanation.wrong:visible").count() == 1
        if storage != "kept":
            break
        written = tab.evaluate(STORED)
        assert [name for name, _ in written] == ["convolution-course/start-row", "convolution-course/start-slice"]
        tab.reload()
        if tab.evaluate(STORED) == written:
            break
    if storage == "spoilt":
        # Another wording, and what no question can be.
        tab.evaluate("""() => {
          const name = "convolution-course/start-slice";
          localStorage.setItem(name, JSON.stringify({...JSON.parse(localStorage.getItem(name)), version: "older"}));
          localStorage.setItem("convolution-course/start-row", "{not json");
          localStorage.setItem("convolution-course/start-einsum", '{"version": "x", "chosen": 7}');
        }""")
    if storage != "kept":
        tab.reload()
    remembered = storage == "kept"
    assert box.locator(f"input[value='{wrong}']").is_checked() == remembered
    assert box.locator(".explanation.wrong:visible").count() == remembered
    assert tab.locator("#q-start-row input").nth(2).is_checked() == remembered
    if remembered:
        for _ in range(LOSSES):
            box.get_by_role("button", name="Start over").click()
            written = tab.evaluate(STORED)
            tab.reload()
            if tab.evaluate(STORED) == written:
                break
        assert box.locator("input:checked, .explanation:visible").count() == 0
    # Without storage the theme complains of itself.
    assert [line for line in tab.wrong if storage != "refused" or "questions.js" in line] == []


@pytest.mark.browser
@pytest.mark.parametrize("at", [0, 1])
def test_a_prediction_is_answered_only_when_it_was_made(at, book, shelf):
    tab = shelf(book, "02-regular")
    box, answer = tab.locator("#q-regular-one-input"), tab.locator("#q-regular-one-input-answer")
    place = right_and_wrong("02-regular", "regular-one-input")[at]
    assert answer.locator(".explanation").count() == 4 and not answer.get_by_text("windows").first.is_visible()
    answer.locator("summary").click()
    assert answer.locator(".explanation:visible").count() == 0
    answer.get_by_role("link", name="Choose an option").click()
    assert tab.evaluate("document.activeElement.id") == "q-regular-one-input-0"

    box.locator(f"input[value='{place}']").check()
    letter = "ABCD"[place]
    assert normal(box.locator(".kept").inner_text()) == f"You chose {letter}."
    assert box.locator(".explanation, .option.right, .option.wrong").count() == 0  # nothing is told up there
    said = f"You chose {letter}, and it is right." if at == 0 else f"You chose {letter}."
    assert answer.locator(".yours").inner_text() == said
    assert answer.locator(".explanation:visible").count() == 4
    assert answer.locator(".explanation.chosen").get_attribute("data-place") == str(place)

    box.get_by_role("button", name="Start over").click()
    assert answer.get_attribute("open") is None
    answer.locator("summary").click()
    assert answer.locator(".explanation:visible").count() == 0
    assert tab.wrong == []


# ---------------------------------------------------------------- lines in order


def order_of(box):
    return box.locator(".lines > li").evaluate_all("lines => lines.map((line) => Number(line.dataset.line))")


def sort_by(move, box, goal):
    """Bring the lines into an order, one after the other from the top."""
    for place, number in enumerate(goal):
        while (now := order_of(box).index(number)) > place:
            move(box.locator(f".lines > li[data-line='{number}']"), now, place)
            assert order_of(box).index(number) < now, "the line did not move"
    assert order_of(box) == list(goal)


@pytest.mark.browser
def test_lines_are_put_in_order_with_buttons_and_keys(book, shelf):
    page = "01-window"
    _, lines, levels, _ = loop_nest(page)
    tab = shelf(book, page)
    box = tab.locator(f"#q-{LOOPS[page]}")
    count = len(lines)
    mixed = order_of(box)
    assert sorted(mixed) == list(range(count)) != mixed
    box.get_by_role("button", name="Check").click()
    assert box.locator(".explanation.wrong:visible").count() == 1  # the order at the beginning is never right
    assert box.locator(".lines > li.wrong").count() == 1

    def press(line, now, place):
        button = line.locator(".up")
        button.focus()
        tab.keyboard.press("Enter" if now % 2 else "ArrowUp")
        # The focus goes with the line, and its new place is said.
        assert tab.evaluate("document.activeElement.closest('li').dataset.line") == line.get_attribute("data-line")
        code = line.locator("code").inner_text()
        assert box.locator("[aria-live]").text_content() == (
            f"Now line {now} of {count}, indented {levels[now - 1]} times: {code}"
        )

    sort_by(press, box, range(count))
    assert box.locator(".explanation:visible").count() == 0  # the verdict was about another order
    indents = box.locator(".lines code").evaluate_all(
        "codes => codes.map((code) => parseFloat(getComputedStyle(code).paddingLeft))"
    )
    assert [round(indent / max(indents) * max(levels)) for indent in indents] == levels
    box.get_by_role("button", name="Check").click()
    assert "orders of these lines compute" in box.locator("[role=status]").inner_text()
    assert box.evaluate("box => box.classList.contains('solved')")
    assert box.locator(".lines > li").first.locator(".up").get_attribute("aria-disabled") == "true"

    for _ in range(LOSSES):
        tab.reload()
        if order_of(box) != mixed:
            break
        sort_by(press, box, range(count))
        box.get_by_role("button", name="Check").click()
    assert order_of(box) == list(range(count)) and box.locator(".explanation.right:visible").count() == 1
    box.get_by_role("button", name="Start over").click()
    assert order_of(box) == mixed and box.locator(".explanation:visible").count() == 0
    assert tab.wrong == []


@pytest.mark.browser
@pytest.mark.parametrize("page", LOOPS)
def test_the_page_accepts_what_computes_the_reference_and_nothing_else(page, book, shelf):
    """Every order that Python can read, and some that it cannot, is put into the page and checked there."""
    _, lines, levels, rules = loop_nest(page)
    tab = shelf(book, page)
    # 2,880 orders of nine lines take too long: each seventh, and all that are right.
    orders = [order for at, order in enumerate(line_orders.readable_orders(lines, levels)) if at % 7 == 0]
    right = [order for order in line_orders.readable_orders(lines, levels) if not line_orders.broken(rules, order)]
    unreadable = list(itertools.islice(itertools.permutations(range(len(lines))), 1, 40))
    verdicts = tab.evaluate(
        """([name, orders]) => {
          const box = document.getElementById(name), list = box.querySelector(".lines");
          const check = box.querySelector(".check");
          const at = (number) => list.querySelector(`[data-line="${number}"]`);
          return orders.map((order) => {
            list.append(...order.map(at));
            check.click();
            return [box.classList.contains("solved"), box.querySelector(".answers").textContent];
          });
        }""",
        [f"q-{LOOPS[page]}", [list(order) for order in [*orders, *right, *unreadable]]],
    )
    readable = set(line_orders.readable_orders(lines, levels))
    sentences = [normal(text) for text in re.findall(r"^- \[[\d, ]+ before [\d, ]+\] (.*)$", chapter(page), re.M)]
    for order, (solved, said) in zip([*orders, *right, *unreadable], verdicts, strict=True):
        against = line_orders.broken(rules, order)
        assert solved == (order in readable and not against), order
        if order not in readable:
            assert re.search(r"Line \d is a loop, and no|Line \d is indented under", said)
        elif against:
            assert sentences[against[0]].replace("`", "") in normal(said)


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["mouse", "touch"])
def test_lines_are_dragged(kind, book, shelf):
    _, lines, _, _ = loop_nest("03-depthwise")
    settings = {"has_touch": True, "is_mobile": True, "viewport": {"width": 360, "height": 900}}
    tab = shelf(book, "03-depthwise", **(settings if kind == "touch" else {}))
    box = tab.locator("#q-depthwise-loops")
    box.locator(".lines").evaluate("list => list.scrollIntoView({block: 'center', behavior: 'instant'})")
    chrome = tab.context.new_cdp_session(tab)

    def drag(line, now, place):
        goal = box.locator(".lines > li").nth(place).bounding_box()
        start = line.locator(".handle" if kind == "touch" else "code").bounding_box()
        x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
        end = goal["y"] + 3
        if kind == "mouse":
            tab.mouse.move(x, y)
            tab.mouse.down()
            tab.mouse.move(x, (y + end) / 2, steps=3)
            tab.mouse.move(x, end, steps=3)
            tab.mouse.up()
            return
        for name, points in (
            ("touchStart", [{"x": x, "y": y}]),
            *(("touchMove", [{"x": x, "y": y + (end - y) * part / 5}]) for part in range(1, 6)),
            ("touchEnd", []),
        ):
            chrome.send("Input.dispatchTouchEvent", {"type": name, "touchPoints": points})

    before = tab.evaluate("scrollY")
    sort_by(drag, box, range(len(lines)))
    assert tab.evaluate("scrollY") == before  # the page stood still under the finger
    assert box.locator(".dragged").count() == 0
    assert "Now line" in box.locator("[aria-live]").text_content()
    box.get_by_role("button", name="Check").click()
    assert box.locator(".explanation.right:visible").count() == 1
    assert tab.wrong == []


# ---------------------------------------------------------------- for everyone


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_answered_questions_are_sound(theme, book, shelf):
    tab = shelf(book, "02-regular", color_scheme=theme, viewport={"width": 360, "height": 900})
    tab.evaluate("""() => {
      document.querySelectorAll(".asking").forEach((box, at) => {
        const radios = box.querySelectorAll("input[type=radio]");
        radios[at % radios.length]?.click();
        box.querySelector(".check")?.click();
        box.querySelector(".others:not([hidden])")?.click();
      });
      for (const fold of document.querySelectorAll("details")) fold.open = true;
    }""")
    assert tab.locator(".explanation.right:visible").count() and tab.locator(".explanation.wrong:visible").count()
    assert [*tab.evaluate(LOOK_AGAIN, theme), *ask_axe(tab)] == []


@pytest.mark.browser
def test_with_the_readers_own_colours_the_signs_are_drawn(book, shelf):
    tab = shelf(book, "03-depthwise", forced_colors="active")
    tab.locator("#q-depthwise-loops .check").click()
    tab.locator("#q-depthwise-weight-shape input").first.check()
    tab.locator("#q-depthwise-weight-shape .check").click()
    painted = tab.evaluate("""() => {
      const ink = (selector, part) => getComputedStyle(document.querySelector(selector), part).backgroundColor;
      const ground = ink("#q-depthwise-loops .lines > li");
      return [[".moves .down", "::before"], [".option.wrong label", "::after"], [".asking legend", "::before"]]
        .map(([selector, part]) => ink(selector, part) !== ground);
    }""")
    assert painted == [True, True, True]
    wrong = tab.locator("#q-depthwise-loops li.wrong").evaluate("line => getComputedStyle(line).borderTopStyle")
    assert wrong == "dashed"


@pytest.mark.browser
def test_without_a_script_everything_can_be_read(book, shelf):
    tab = shelf(book, "03-depthwise", java_script_enabled=False)
    for name, body in asked(chapter("03-depthwise"), "question").items():
        box = tab.locator(f"#q-{name}")
        assert box.locator(".option:visible").count() == len(options(body)) == 4
        assert box.locator("button").count() == 0
        assert box.locator(".explanation:visible").count() == 0
        box.locator("summary").click()
        assert box.locator(".explanation:visible").count() == 4
    answer = tab.locator("details.answer")
    assert answer.locator(".explanation:visible").count() == 0
    answer.locator("summary").click()
    assert answer.locator(".explanation:visible").count() == 4
    loops = tab.locator(".parsons")
    loops.locator("summary").click()
    assert loops.locator("li:visible").count() > 8 and loops.locator("details pre").is_visible()


@pytest.mark.browser
def test_on_paper_the_answers_stand_behind_the_page(book, shelf):
    tab = shelf(book, "03-depthwise")
    # The theme marks the link to where the reader is, whenever it comes to it.
    content = """() => {
      const copy = document.querySelector("article").cloneNode(true);
      for (const link of copy.querySelectorAll("a")) {
        link.classList.remove("active");
        if (!link.className) link.removeAttribute("class");
      }
      return copy.outerHTML;
    }"""
    before = tab.evaluate(content)
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    asked = tab.locator(".asking:not(.prediction)").count()
    assert tab.locator(".asking :is(.option, .lines li):visible").count() > 4 * asked
    assert tab.locator(".asking :is(.explanation, pre, button):visible").count() == 0
    assert tab.locator("details.answer .explanation:visible").count() == 4  # at its own place, after what shows it
    answers = tab.locator("article > section:last-child")
    assert answers.locator("h3:visible").count() == asked
    assert answers.locator(".explanation:visible").count() == 4 * (asked - 1) + 1
    assert answers.locator("pre:visible").count() == 1
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert tab.evaluate(content) == before


def test_nothing_is_made_from_text():
    """The script builds elements; it never parses markup."""
    script = (BOOK / "_assets" / "questions.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(", script)
