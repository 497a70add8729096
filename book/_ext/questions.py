"""Questions that answer back: `{question}`, `{prediction}` with `{answer}`, and `{revisit}`.

    :::{question} window-size
    A row of 10 pixels, a kernel of 3, stride 2. How long is the output?

    - [ ] 5

      That counts pixels by twos. The window also has to fit.
    - [x] 4

      The room is 10 - 3 = 7. Three whole steps go into it, and the position at the start makes 4.
    :::

The last list holds the options, `[x]` before the right one; what follows an option's first paragraph is its
explanation. Sphinx reads both, so code and formulas in them are the page's own. A `{prediction}` is written the same
way and explained where `{answer}` with its name stands. `{revisit}` shows questions of earlier chapters again: it
holds no text of its own.

Without a script the options can be read and the explanations lie in a fold below; _assets/questions.js makes the
fold answer. A mistake in a question is an error that names the page and the question.
"""

import hashlib
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

log = logging.getLogger(__name__)

LETTERS = "ABCDEFGH"
#: How many chapters after its own a question comes back: soon, then after longer and longer gaps.
GAPS = (1, 2, 4)


class QuestionNode(nodes.General, nodes.Element):
    """Holds a prompt, options, explanations, in this order; `kind` is question, prediction or revisit."""


class PromptNode(nodes.General, nodes.Element):
    """What is asked."""


class ChoiceNode(nodes.General, nodes.Element):
    """What can be chosen; `place` is its place where the question is written, `letter` the one that is shown."""


class ExplanationsNode(nodes.General, nodes.Element):
    """The fold below the options."""


class ExplanationNode(nodes.General, nodes.Element):
    """Why an option is right or wrong."""


class AnswerNode(nodes.General, nodes.Element):
    """Where the explanations of a prediction go."""


class RevisitNode(nodes.General, nodes.Element):
    """Where questions of earlier chapters go."""


# ---------------------------------------------------------------- reading


class Mistake(Exception):
    """A question that cannot be asked; the text says what to mend."""


def options_of(content):
    """Split what a directive holds into the prompt's nodes and (right, option, explanation) of each option."""
    if not content or not isinstance(content[-1], nodes.bullet_list):
        raise Mistake("the options are missing: it has to end with a list, `- [x] …` or `- [ ] …`")
    options = [read_option(item) for item in content[-1]]
    if not content[:-1]:
        raise Mistake("nothing is asked before the options")
    if not 2 <= len(options) <= len(LETTERS):
        raise Mistake(f"{len(options)} option(s), not 2 to {len(LETTERS)}")
    right = sum(is_right for is_right, _, _ in options)
    if right != 1:
        raise Mistake(f"{right} options are marked as right with [x], not one")
    texts = [text.astext() for _, text, _ in options]
    for text in texts:
        if texts.count(text) > 1:
            raise Mistake(f"the option {text!r} is there twice")
    return content[:-1], options


def read_option(item):
    """Take one item of the list apart: whether it is right, its text, its explanation."""
    first = item[0] if item.children else nodes.paragraph()
    start = first[0].astext() if isinstance(first, nodes.paragraph) and first.children else ""
    if start[:4] not in ("[x] ", "[ ] "):
        raise Mistake(f"an option has to begin with [x] or [ ]: {item.astext()[:40]!r}")
    text = nodes.Text(start[4:])
    if len(item) < 2:
        raise Mistake(f"the option {(text.astext() + ''.join(n.astext() for n in first[1:]))!r} has no explanation")
    return start[1] == "x", nodes.paragraph("", "", text, *first[1:]), item[1:]


class Asking(SphinxDirective):
    """What directives of ours share: a name of their own, and errors that say where."""

    required_arguments = 1
    has_content = True

    def run(self):
        page, name = self.env.docname, self.arguments[0]
        try:
            if name in names_on(self.env, page):
                raise Mistake("this page has another question of that name")
            names_on(self.env, page)[name] = None
            return self.ask(page, name)
        except Mistake as mistake:
            raise self.error(f"{page}: {self.name} {name}: {mistake}") from None

    def version(self):
        """A name for the wording. What a reader chose under another wording is forgotten."""
        return hashlib.sha256("\n".join(self.content).encode()).hexdigest()[:8]

    def read(self):
        container = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, container)
        return container.children


class Question(Asking):
    def ask(self, page, name):
        asked, options = options_of(self.read())
        count = self.env.temp_data[self.name] = self.env.temp_data.get(self.name, 0) + 1
        title = f"Question {count}" if self.name == "question" else "Predict first"
        node = QuestionNode(name=name, uid=name, kind=self.name, title=title, version=self.version())
        self.set_source_info(node)
        node += PromptNode("", *asked)
        for place, (_, text, _) in enumerate(options):
            node += ChoiceNode("", *text.children, place=place, letter=LETTERS[place])
        fold = ExplanationsNode()
        for place, (is_right, _, why) in enumerate(options):
            fold += ExplanationNode("", *why, place=place, letter=LETTERS[place], right=is_right)
        node += fold
        return [node]


class Answer(SphinxDirective):
    required_arguments = 1

    def run(self):
        node = AnswerNode(name=self.arguments[0])
        self.set_source_info(node)
        return [node]


class Revisit(SphinxDirective):
    def run(self):
        for page in self.env.found_docs:  # what they ask is shown here, so a change there is one here
            self.env.note_dependency(self.env.doc2path(page))
        node = RevisitNode()
        self.set_source_info(node)
        return [node]


# ---------------------------------------------------------------- what the book asks, page by page


def names_on(env, page):
    """What a page asks: name -> question, or None for what never comes back in another chapter."""
    if not hasattr(env, "questions"):
        env.questions = {}
    return env.questions.setdefault(page, {})


def remember(app, doctree):
    """Keep a page's questions as they are when all of the page has been read."""
    for node in doctree.findall(QuestionNode):
        names_on(app.env, app.env.docname)[node["name"]] = node.deepcopy()


def forget(app, env, page):
    getattr(env, "questions", {}).pop(page, None)


def merge(app, env, pages, other):
    for page in pages:
        names_on(env, page).update(getattr(other, "questions", {}).get(page, {}))


def no_name_twice(app, env):
    """Names are addresses and the browser's memory goes by them, so they are for the whole book."""
    seen = {}
    for page, names in sorted(getattr(env, "questions", {}).items()):
        for name in names:
            if name in seen:
                log.error("%s: question %s: %s has a question of that name too", page, name, seen[name], location=page)
            seen.setdefault(name, page)


def reading_order(env):
    """All pages in the order of the table of contents."""
    pages, waiting = [], [env.config.root_doc]
    while waiting:
        page = waiting.pop(0)
        if page not in pages:
            pages.append(page)
            waiting = env.toctree_includes.get(page, []) + waiting
    return pages


def scatter(items, salt):
    """Put items into an order that looks like chance and is the same at every build.

    Examples
    --------
    >>> scatter("abcd", "one") == scatter("abcd", "one")
    True
    >>> sorted(scatter("abcd", "two"))
    ['a', 'b', 'c', 'd']
    """
    return sorted(items, key=lambda item: hashlib.sha256(f"{salt} {item}".encode()).digest())


def mixed(count, salt):
    """An order of ``count`` places in which none is where it was.

    Examples
    --------
    >>> any(place == now for now, place in enumerate(mixed(4, "start-slice")))
    False
    """
    turn = 0
    while any(place == now for now, place in enumerate(scatter(range(count), f"{salt} {turn}"))):
        turn += 1
    return scatter(range(count), f"{salt} {turn}")


def due(chapters, page):
    """Which questions come back on a page.

    One of the chapter before, one of two before, one of four before. What a chapter asked is drawn once and then
    shown in that order, so that no question comes back twice while there are others.

    Parameters
    ----------
    chapters : list of (page, names of its questions), in reading order
    page : str

    Returns
    -------
    list of (page, name), the oldest first

    Examples
    --------
    >>> chapters = [("00", ["a", "b"]), ("01", ["c", "d"]), ("02", ["e"]), ("03", [])]
    >>> [page for page, _ in due(chapters, "02")]
    ['00', '01']
    >>> due(chapters, "00")
    []
    """
    here = [name for name, _ in chapters].index(page)
    found = []
    for turn, gap in enumerate(GAPS):
        earlier, names = chapters[here - gap] if gap <= here else (None, [])
        if names:
            found.append((earlier, scatter(names, earlier)[turn % len(names)]))
    return found[::-1]


def again(node, page, title):
    """The same question on a later page: its options in another order, with letters to match."""
    node = node.deepcopy()
    uid = f"{page}-{node['name']}"
    node["kind"], node["title"], node["uid"], node["name"] = "revisit", title, uid, f"{page}/{node['name']}"
    options, fold = [part for part in node if isinstance(part, ChoiceNode)], node[-1]
    order = mixed(len(options), uid)
    for part in [*options, fold]:
        node.remove(part)
    whys = list(fold)
    fold.clear()
    for letter, place in zip(LETTERS, order, strict=False):
        options[place]["letter"] = whys[place]["letter"] = letter
        node += options[place]
        fold += whys[place]
    node += fold
    for part in node.findall(nodes.Element):
        part["ids"], part["names"] = [], []  # an address leads to where the question is written
        if "refdoc" in part:
            part["refdoc"] = page
    return node


class Place(SphinxPostTransform):
    """Fill `{answer}` and `{revisit}`, before references are resolved, when all pages have been read."""

    default_priority = 5

    def run(self, **options):
        page = self.env.docname
        answers = {node["name"]: node for node in self.document.findall(AnswerNode)}
        for node in self.document.findall(QuestionNode):
            if node["kind"] != "prediction":
                continue
            fold = node.pop()  # it is explained further down
            if node["name"] in answers:
                answers.pop(node["name"]).extend(fold.children)
            else:
                log.error("%s: prediction %s: there is no {answer} to it", page, node["name"], location=node)
        for name, node in answers.items():
            log.error("%s: answer %s: this page asks no prediction of that name", page, name, location=node)
        for node in list(self.document.findall(RevisitNode)):
            chapters = [
                (chapter, [name for name, asked in names.items() if asked is not None and asked["kind"] == "question"])
                for chapter in reading_order(self.env)
                if (names := getattr(self.env, "questions", {}).get(chapter))
            ]
            found = due(chapters, page) if page in [chapter for chapter, _ in chapters] else []
            if not found:
                log.error("%s: revisit: no earlier chapter has a question", page, location=node)
            for count, (chapter, name) in enumerate(found, start=1):
                asked = again(names_on(self.env, chapter)[name], page, f"Again {count}")
                address = self.app.builder.get_relative_uri(page, chapter)
                title = self.env.titles[chapter].astext()
                link = nodes.reference("", title, refuri=address, internal=True)
                asked[-1] += nodes.paragraph("", "This was asked in ", link, nodes.Text("."), classes=["asked-in"])
                node += asked


# ---------------------------------------------------------------- writing


def visit_question(self, node):
    uid, kind = self.attval(node["uid"]), node["kind"]
    self.body.append(
        f'<div class="asking {kind}" id="q-{uid}" data-name="{self.attval(node["name"])}" '
        f'data-version="{node["version"]}">\n<fieldset aria-labelledby="q-{uid}-title q-{uid}-prompt">\n'
        f'<legend id="q-{uid}-title">{self.encode(node["title"])}</legend>\n'
    )


def depart_question(self, node):
    if node["kind"] == "prediction":
        uid = self.attval(node["uid"])
        self.body.append(
            f'</fieldset>\n<p class="later"><span class="choose">Choose one before you read on.</span> '
            f"The answer comes "
            f'<a href="#q-{uid}-answer">later on this page</a>.</p>\n'
        )
    self.body.append("</div>\n")


def visit_prompt(self, node):
    self.body.append(f'<div class="prompt" id="q-{self.attval(node.parent["uid"])}-prompt">\n')


def depart_div(self, node):
    self.body.append("</div>\n")


def visit_choice(self, node):
    uid = self.attval(node.parent["uid"])
    self.body.append(
        f'<div class="option"><input type="radio" name="q-{uid}" id="q-{uid}-{node["place"]}" '
        f'value="{node["place"]}" autocomplete="off"><label for="q-{uid}-{node["place"]}">'
        f'<span class="letter">{node["letter"]}</span> <span>'
    )


def depart_choice(self, node):
    self.body.append("</span></label></div>\n")


def visit_explanations(self, node):
    self.body.append('</fieldset>\n<details class="explanations">\n<summary>Answer</summary>\n')


def depart_details(self, node):
    self.body.append("</details>\n")


def visit_answer(self, node):
    self.body.append(
        f'<details class="explanations answer" id="q-{self.attval(node["name"])}-answer">\n'
        "<summary>The answer to the prediction</summary>\n"
    )


def visit_explanation(self, node):
    verdict = "Right" if node["right"] else "Not this one"
    self.body.append(
        f'<div class="explanation {"right" if node["right"] else "wrong"}" data-place="{node["place"]}">'
        f'<p class="verdict"><span class="letter">{node["letter"]}</span> {verdict}</p>\n'
    )


def visit_revisit(self, node):
    self.body.append('<div class="from-earlier">\n')


def setup(app):
    for node, writers in (
        (QuestionNode, (visit_question, depart_question)),
        (PromptNode, (visit_prompt, depart_div)),
        (ChoiceNode, (visit_choice, depart_choice)),
        (ExplanationsNode, (visit_explanations, depart_details)),
        (ExplanationNode, (visit_explanation, depart_div)),
        (AnswerNode, (visit_answer, depart_details)),
        (RevisitNode, (visit_revisit, depart_div)),
    ):
        app.add_node(node, html=writers)
    app.add_directive("question", Question)
    app.add_directive("prediction", Question)
    app.add_directive("answer", Answer)
    app.add_directive("revisit", Revisit)
    app.add_post_transform(Place)
    app.connect("doctree-read", remember)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", no_name_twice)
    # Pages that were read by another state of this module are read again.
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return {"env_version": version, "parallel_read_safe": True, "parallel_write_safe": True}
