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

The code block is one right order; places keep their indentation when lines change theirs. An order is right if and
only if the program it makes computes what `convolution.reference` computes. That is tried when the book is built: every
order that Python can read is run, and the sentences have to refuse all those that compute something else and none of
those that compute the same. So the page, which knows the sentences only, and the reference cannot disagree.
"""

import hashlib
import itertools
import json
import math
import re
from pathlib import Path
from typing import ClassVar

import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from questions import Asking, ExplanationsNode, Mistake, PromptNode, depart_div, mixed

from convolution import reference

INDENT = 4
#: Orders that are run at most: more would make the build slow.
MOST_ORDERS = 5000


class ParsonsNode(nodes.General, nodes.Element):
    """Holds a prompt, the lines in a mixed order, and the answer's fold, in this order."""


class LinesNode(nodes.General, nodes.Element):
    """The lines; `indents` are those of the places."""


class LineNode(nodes.General, nodes.Element):
    """One line; `number` is its place in the order in which it is written."""


class RulesNode(nodes.General, nodes.Element):
    """What has to stand before what, a sentence for each."""


class ClosingNode(nodes.General, nodes.Element):
    """What is said when the order is right."""


# ---------------------------------------------------------------- what a program has to compute


def correlate2d_data():
    image, kernel = numbers(5, 4), numbers(3, 2)
    names = {"image": image, "kernel": kernel, "kH": 3, "kW": 2, "H_out": 3, "W_out": 3}
    return names, reference.correlate2d(image, kernel)


def conv2d_data():
    x, weight, bias = numbers(2, 5, 4), numbers(3, 2, 3, 2), numbers(3)
    names = {"x": x, "weight": weight, "bias": bias, "O": 3, "C": 2, "kH": 3, "kW": 2, "H_out": 3, "W_out": 3}
    return names, reference.conv2d(x[None], weight, bias)[0]


def depthwise_conv2d_data():
    x, weight = numbers(3, 5, 4), numbers(6, 1, 3, 2)
    names = {"x": x, "weight": weight, "C": 3, "m": 2, "kH": 3, "kW": 2, "H_out": 3, "W_out": 3}
    return names, reference.depthwise_conv2d(x[None], weight)[0]


def numbers(*shape):
    """Whole numbers without symmetry, so that sums are exact in every order."""
    return np.random.default_rng(math.prod(shape)).integers(-9, 10, shape).astype(float)


DATA = {"correlate2d": correlate2d_data, "conv2d": conv2d_data, "depthwise_conv2d": depthwise_conv2d_data}


# ---------------------------------------------------------------- orders


def levels_of(program):
    """Take a program apart: its lines without their indentation, and how deep each place is indented.

    Examples
    --------
    >>> levels_of("for i in range(3):\\n    y = i")
    (['for i in range(3):', 'y = i'], [0, 1])
    """
    rows = program.rstrip("\n").split("\n")
    return [row.strip() for row in rows], [(len(row) - len(row.lstrip())) // INDENT for row in rows]


def written(lines, levels, order):
    """The program that an order of the lines makes; places keep their indentation."""
    return "\n".join(" " * INDENT * level + lines[number] for level, number in zip(levels, order, strict=True))


def readable_orders(lines, levels):
    """The orders in which a line ends with a colon exactly where the next place is indented further."""
    opens = [after > level for level, after in itertools.pairwise([*levels, 0])]
    openers = [number for number, line in enumerate(lines) if line.endswith(":")]
    others = [number for number in range(len(lines)) if number not in openers]
    if len(openers) != sum(opens):
        raise Mistake("a line ends with a colon where nothing is indented below it, or the other way round")
    if math.factorial(len(openers)) * math.factorial(len(others)) > MOST_ORDERS:
        raise Mistake(f"more than {MOST_ORDERS} orders to try: use fewer lines")
    for loops, rest in itertools.product(itertools.permutations(openers), itertools.permutations(others)):
        loop, plain = iter(loops), iter(rest)
        yield tuple(next(loop) if is_open else next(plain) for is_open in opens)


def computes(program, names, expected):
    """Whether a program leaves the expected numbers in `y`."""
    here = {"np": np, **{name: value.copy() if hasattr(value, "copy") else value for name, value in names.items()}}
    try:
        exec(compile(program, "an order of the lines", "exec"), here)
    except Exception:
        return False
    found = here.get("y")
    return isinstance(found, np.ndarray) and found.shape == expected.shape and np.array_equal(found, expected)


def broken(rules, order):
    """Which rules an order breaks; a rule is (these, before those)."""
    place = {number: at for at, number in enumerate(order)}
    return [
        at
        for at, (these, those) in enumerate(rules)
        if max(place[number] for number in these) > min(place[number] for number in those)
    ]


def accepted_orders(lines, levels, rules, data):
    """Run every order that can be read; return those that compute the expected numbers, if the rules agree."""
    names, expected = data()
    accepted, needed = [], set()
    for order in readable_orders(lines, levels):
        is_right = computes(written(lines, levels, order), names, expected)
        against = broken(rules, order)
        said = " ".join(str(number + 1) for number in order)
        if is_right and against:
            raise Mistake(f"the order {said} computes the right numbers, and sentence {against[0] + 1} refuses it")
        if not is_right and not against:
            raise Mistake(f"the order {said} does not compute the right numbers, and no sentence says why")
        if is_right:
            accepted.append(order)
        needed.update(against[:1])
    if tuple(range(len(lines))) not in accepted:
        raise Mistake("the lines as they are written do not compute the right numbers")
    for at in range(len(rules)):
        if at not in needed:
            raise Mistake(f"sentence {at + 1} is never the first that an order breaks, so nobody reads it")
    return accepted


# ---------------------------------------------------------------- reading


class Parsons(Asking):
    option_spec: ClassVar = {"computes": directives.unchanged_required}

    def ask(self, page, name):
        target = self.options.get("computes", "")
        if target not in DATA:
            raise Mistake(f":computes: {target!r} is none of {', '.join(DATA)}")
        content = self.read()
        kinds = [type(node) for node in content]
        if kinds.count(nodes.literal_block) != 1 or kinds.count(nodes.bullet_list) != 1:
            raise Mistake("it has to hold one block of code and, after it, one list of sentences")
        at, then = kinds.index(nodes.literal_block), kinds.index(nodes.bullet_list)
        if not 0 < at < then:
            raise Mistake("what is asked comes first, then the code, then the sentences")
        lines, levels = levels_of(content[at].astext())
        for line in lines:
            if lines.count(line) > 1:
                raise Mistake(f"the line {line!r} is there twice")
        rules, sentences = self.rules_of(content[then], len(lines))
        accepted = accepted_orders(lines, levels, rules, DATA[target])

        node = ParsonsNode(name=name, uid=name, version=self.version(), rules=rules, levels=levels)
        node["opens"] = [number for number, line in enumerate(lines) if line.endswith(":")]
        self.set_source_info(node)
        node += PromptNode("", *content[:at])
        box = LinesNode()
        for place, number in enumerate(self.start(name, lines, accepted)):
            code = nodes.literal(lines[number], lines[number], classes=["code"], language="python")
            box += LineNode("", code, number=number, level=levels[place])
        node += box
        fold = ExplanationsNode("", content[at])
        fold += ClosingNode("", *self.closing(len(accepted), content[then + 1 :]))
        fold += RulesNode("", *sentences)
        node += fold
        return [node]

    @staticmethod
    def start(name, lines, accepted):
        turn = 0
        while tuple(mixed(len(lines), f"{name} {turn}")) in accepted:
            turn += 1
        return mixed(len(lines), f"{name} {turn}")

    @staticmethod
    def closing(count, more):
        count = f"{count} orders of these lines compute" if count > 1 else "Only this order of the lines computes"
        return [nodes.paragraph("", f"{count} what the course's reference computes. All orders were run."), *more]

    @staticmethod
    def rules_of(items, count):
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
    version = hashlib.sha256(Path(__file__).read_bytes() + Path(reference.__file__).read_bytes()).hexdigest()
    return {"env_version": version, "parallel_read_safe": True, "parallel_write_safe": True}
