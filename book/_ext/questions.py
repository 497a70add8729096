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

import question_html as html
from asked_again import again, due, reading_order
from docutils import nodes
from question_nodes import (
    LETTERS,
    AnswerNode,
    ChoiceNode,
    ExplanationNode,
    ExplanationsNode,
    Mistake,
    PromptNode,
    QuestionNode,
    RevisitNode,
)
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from autograder.files import fingerprint

log = logging.getLogger(__name__)

#: The modules of which a question is made.
OURS = [Path(__file__).with_name(f"{name}.py") for name in ("questions", "question_nodes", "asked_again")]


# ---------------------------------------------------------------- reading


def options_of(content):
    """Split the content of a directive into the prompt's nodes and (right, option, explanation) of each option."""
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
    """Take one item of the list apart: (right, its text, its explanation)."""
    first = item[0] if item.children else nodes.paragraph()
    start = first[0].astext() if isinstance(first, nodes.paragraph) and first.children else ""
    if start[:4] not in ("[x] ", "[ ] "):
        raise Mistake(f"an option has to begin with [x] or [ ]: {item.astext()[:40]!r}")
    text = nodes.Text(start[4:])
    if len(item) < 2:
        raise Mistake(f"the option {(text.astext() + ''.join(n.astext() for n in first[1:]))!r} has no explanation")
    return start[1] == "x", nodes.paragraph("", "", text, *first[1:]), item[1:]


class Asking(SphinxDirective):
    """A directive that asks something; it has a name, and an error in it names the page and the question."""

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
        """A short text that changes with the wording: what a reader chose under another wording is forgotten."""
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
        fold = ExplanationsNode()
        for number, (is_right, text, why) in enumerate(options):
            node += ChoiceNode("", *text.children, number=number, letter=LETTERS[number])
            fold += ExplanationNode("", *why, number=number, letter=LETTERS[number], right=is_right)
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
    """The questions of a page: name -> question, or None for what never comes back in another chapter."""
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
    """Refuse a name that two pages have: names are addresses, and the browser remembers choices by them."""
    seen = {}
    for page, names in sorted(getattr(env, "questions", {}).items()):
        for name in names:
            if name in seen:
                log.error("%s: question %s: %s has a question of that name too", page, name, seen[name], location=page)
            seen.setdefault(name, page)


class FillIn(SphinxPostTransform):
    """Fill `{answer}` and `{revisit}`, before references are resolved, when all pages have been read."""

    default_priority = 5

    def run(self, **options):
        self.fill_answers()
        for node in list(self.document.findall(RevisitNode)):
            self.fill_revisit(node)

    def fill_answers(self):
        """Move the explanations of predictions to where their answers stand."""
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

    def fill_revisit(self, node):
        """Ask the questions that are due on this page again, each with a link to where it was asked."""
        page, chapters = self.env.docname, self.chapters()
        found = due(chapters, page) if page in [chapter for chapter, _ in chapters] else []
        if not found:
            log.error("%s: revisit: no earlier chapter has a question", page, location=node)
        for count, (chapter, name) in enumerate(found, start=1):
            asked = again(names_on(self.env, chapter)[name], page, f"Again {count}")
            address = self.app.builder.get_relative_uri(page, chapter)
            link = nodes.reference("", self.env.titles[chapter].astext(), refuri=address, internal=True)
            asked[-1] += nodes.paragraph("", "This was asked in ", link, nodes.Text("."), classes=["asked-in"])
            node += asked

    def chapters(self):
        """(page, names of its questions) of every page that asks something, in reading order."""
        return [
            (chapter, [name for name, asked in names.items() if asked is not None and asked["kind"] == "question"])
            for chapter in reading_order(self.env)
            if (names := getattr(self.env, "questions", {}).get(chapter))
        ]


def setup(app):
    for node, writers in (
        (QuestionNode, (html.visit_question, html.depart_question)),
        (PromptNode, (html.visit_prompt, html.depart_div)),
        (ChoiceNode, (html.visit_choice, html.depart_choice)),
        (ExplanationsNode, (html.visit_explanations, html.depart_details)),
        (ExplanationNode, (html.visit_explanation, html.depart_div)),
        (AnswerNode, (html.visit_answer, html.depart_details)),
        (RevisitNode, (html.visit_revisit, html.depart_div)),
    ):
        app.add_node(node, html=writers)
    app.add_directive("question", Question)
    app.add_directive("prediction", Question)
    app.add_directive("answer", Answer)
    app.add_directive("revisit", Revisit)
    app.add_post_transform(FillIn)
    app.connect("doctree-read", remember)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", no_name_twice)
    # Pages that were read by another state of these modules are read again.
    return {"env_version": fingerprint(*OURS), "parallel_read_safe": True, "parallel_write_safe": True}
