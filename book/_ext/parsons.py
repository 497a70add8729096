"""The lines of a loop nest to be put in order: `{parsons}`.

    :::{parsons} window-loops
    :computes: correlate2d

    Put the lines in order.

    ```python
    total = 0
    for u in range(kH):
        total += …
    ```

    - [1 before 2, 3] A sentence for the reader who has line 2 or 3 before line 1.
    - …

    What else can be said when it is right.
    :::

The code block is one right order; positions keep their indentation when lines change theirs. An order is right if and
only if the program it makes computes what `convolution.reference` computes. That is tried when the book is built: every
order that Python can read is run, and the sentences have to refuse all those that compute something else and none of
those that compute the same. So the page, which knows the sentences only, and the reference cannot disagree.
"""

import itertools
import json
import re
from pathlib import Path
from typing import ClassVar

from asked_again import mixed
from docutils import nodes
from docutils.parsers.rst import directives
from line_orders import DATA, accepted_orders, levels_of
from question_html import depart_div
from question_nodes import ExplanationsNode, Mistake, PromptNode
from questions import Asking

from autograder.files import fingerprint
from convolution import reference

#: The files that a problem depends on.
OURS = [Path(__file__), Path(__file__).with_name("line_orders.py"), Path(reference.__file__)]


class ParsonsNode(nodes.General, nodes.Element):
    """Holds a prompt, the lines in a mixed order, and the answer's fold, in this order."""


class LinesNode(nodes.General, nodes.Element):
    """The lines, in the order in which they are shown."""


class LineNode(nodes.General, nodes.Element):
    """A line; `number` counts the lines as they are written, from 0, `level` is how deep it is shown."""


class RulesNode(nodes.General, nodes.Element):
    """The rules of the order, a sentence for each."""


class ClosingNode(nodes.General, nodes.Element):
    """The closing words, when the order is right."""


# ---------------------------------------------------------------- reading


class Parsons(Asking):
    option_spec: ClassVar = {"computes": directives.unchanged_required}

    def ask(self, page, name):
        target = self.options.get("computes", "")
        if target not in DATA:
            raise Mistake(f":computes: {target!r} is none of {', '.join(DATA)}")
        prompt, block, items, more = self.parts()
        lines, levels = levels_of(block.astext())
        for line in lines:
            if lines.count(line) > 1:
                raise Mistake(f"the line {line!r} is there twice")
        rules, sentences = self.rules_of(items, len(lines))
        accepted = accepted_orders(lines, levels, rules, DATA[target])

        node = ParsonsNode(name=name, uid=name, version=self.version(), rules=rules, levels=levels)
        node["opens"] = [number for number, line in enumerate(lines) if line.endswith(":")]
        self.set_source_info(node)
        node += PromptNode("", *prompt)
        box = LinesNode()
        for level, number in zip(levels, self.start(name, lines, accepted), strict=True):
            code = nodes.literal(lines[number], lines[number], classes=["code"], language="python")
            box += LineNode("", code, number=number, level=level)
        node += box
        fold = ExplanationsNode("", block)
        fold += ClosingNode("", *self.closing(len(accepted), more))
        fold += RulesNode("", *sentences)
        node += fold
        return [node]

    def parts(self):
        """The nodes of the prompt, the block of code, the list of sentences, and the nodes after it."""
        content = self.read()
        kinds = [type(node) for node in content]
        if kinds.count(nodes.literal_block) != 1 or kinds.count(nodes.bullet_list) != 1:
            raise Mistake("it has to hold one block of code and, after it, one list of sentences")
        at, then = kinds.index(nodes.literal_block), kinds.index(nodes.bullet_list)
        if not 0 < at < then:
            raise Mistake("what is asked comes first, then the code, then the sentences")
        return content[:at], content[at], content[then], content[then + 1 :]

    @staticmethod
    def start(name, lines, accepted):
        """The order in which the lines are shown at first, which is none of the right ones."""
        orders = (mixed(len(lines), f"{name} {attempt}") for attempt in itertools.count())
        return next(order for order in orders if tuple(order) not in accepted)

    @staticmethod
    def closing(count, more):
        """The words when the order is right; ``count`` orders are."""
        count = f"{count} orders of these lines compute" if count > 1 else "Only this order of the lines computes"
        return [nodes.paragraph("", f"{count} what the course's reference computes. All orders were run."), *more]

    @staticmethod
    def rules_of(items, count):
        """The rules of the sentences, as (these lines, before those), and the sentences without them."""
        rules, sentences = [], []
        for item in items:
            found = re.match(r"\[([\d, ]+) before ([\d, ]+)\] ", item.astext())
            if not found:
                raise Mistake(f"a sentence has to begin like [1 before 2, 3]: {item.astext()[:40]!r}")
            these, those = ([int(number) - 1 for number in re.findall(r"\d+", part)] for part in found.groups())
            for number in (*these, *those):
                if not 0 <= number < count:
                    raise Mistake(f"there is no line {number + 1}: {item.astext()[:40]!r}")
            rules.append((these, those))
            text = item[0]
            text.replace(text[0], nodes.Text(text[0].astext()[found.end() :]))
            sentences.append(item)
        return rules, sentences


# ---------------------------------------------------------------- writing


def visit_parsons(self, node):
    uid = self.attval(node["uid"])
    facts = {"rules": node["rules"], "levels": node["levels"], "opens": node["opens"]}
    self.body.append(
        f'<div class="asking parsons" id="q-{uid}" data-name="{self.attval(node["name"])}" '
        f'data-version="{node["version"]}" data-facts="{self.attval(json.dumps(facts))}">\n'
        f'<fieldset aria-labelledby="q-{uid}-title q-{uid}-prompt">\n'
        f'<legend id="q-{uid}-title">Put the lines in order</legend>\n'
    )


def visit_lines(self, node):
    self.body.append('<ol class="lines">\n')


def depart_lines(self, node):
    self.body.append("</ol>\n")


def visit_line(self, node):
    self.body.append(f'<li data-line="{node["number"]}" style="--level: {node["level"]}">')


def depart_line(self, node):
    self.body.append("</li>\n")


def visit_closing(self, node):
    self.body.append('<div class="explanation right"><p class="verdict">Right</p>\n')


def visit_rules(self, node):
    self.body.append('<ul class="rules">\n')


def depart_rules(self, node):
    self.body.append("</ul>\n")


def setup(app):
    for node, writers in (
        (ParsonsNode, (visit_parsons, depart_div)),
        (LinesNode, (visit_lines, depart_lines)),
        (LineNode, (visit_line, depart_line)),
        (ClosingNode, (visit_closing, depart_div)),
        (RulesNode, (visit_rules, depart_rules)),
    ):
        app.add_node(node, html=writers)
    app.add_directive("parsons", Parsons)
    return {"env_version": fingerprint(*OURS), "parallel_read_safe": True, "parallel_write_safe": True}
