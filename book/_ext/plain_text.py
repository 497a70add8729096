"""A chapter's text in Markdown that every notebook shows, from MyST and our directives.

Questions and figures become text with the answer in a fold. What this module does not know is a `Mistake`, not a piece
of markup in a reader's notebook.
"""

import re

from asked_again import due, mixed
from question_nodes import LETTERS, Mistake

FENCE = re.compile(r"^(:{3,}|`{3,})\{([\w-]+)\} *(.*)\n((?:.*\n)*?)\1$", re.M)
OPTIONS = re.compile(r"\A(?::[\w-]+:.*\n)*")
ROLE = re.compile(r"\{([\w:]+)\}`([^`<]*?)(?: *<([^>`]*)>)?`")
CHOICE = re.compile(r"^- \[([x ])\] (.*?)\n\n((?:  .*\n|\n)*)", re.M)
#: Markup of the source that must not be left.
LEFT_OVER = re.compile(r":::|```\{|\{[\w:]+\}`|\]\(#|\{\.[\w-]|^\([\w-]+\)=|^\+\+\+|\[[x ]\] ", re.M)


class Writer:
    """Markdown from MyST, for one chapter.

    Parameters
    ----------
    name, texts, loops, sources : as for `notebooks.chapter_notebook`
    needs : str, Markdown, what the notebook needs to run
    """

    def __init__(self, name, texts, loops, sources, needs):
        self.name, self.texts, self.loops, self.sources, self.needs = name, texts, loops, sources, needs
        self.count = 0

    def plain(self, text):
        """MyST in Markdown; raises Mistake where it has no plain form."""
        text = FENCE.sub(self.directive, text + "\n")
        text = ROLE.sub(self.role, text)
        text = re.sub(r"^\([\w-]+\)=\n", "", text, flags=re.M)
        text = re.sub(r"\[([^\]]+)\]\(#[\w-]+\)", self.elsewhere, text)
        if left := LEFT_OVER.search(text):
            raise Mistake(f"{self.name}: no plain form for {text[left.start() : left.start() + 60]!r}")
        return text.strip()

    def directive(self, found):
        _, kind, argument, body = found.groups()
        write = getattr(self, f"write_{kind.replace('-', '_')}", None)
        if write is None:
            raise Mistake(f"{self.name}: no plain form for the directive {kind}")
        lines = OPTIONS.match(body)[0]
        options = dict(re.findall(r"^:([\w-]+): *(.*)$", lines, re.M))
        return write(argument, options, body[len(lines) :].strip() + "\n")

    def role(self, found):
        kind, text, _ = found.groups()
        if kind == "term":
            return text
        if kind == "download":
            return f"`{text}`"
        if kind == "built":
            return "this notebook" if text == f"{self.name}-chapter.ipynb" else f"`{text}`"
        if kind in ("cite:p", "cite:t"):
            return self.cited(text, in_brackets=kind == "cite:p")
        raise Mistake(f"{self.name}: no plain form for the role {kind}")

    @staticmethod
    def elsewhere(found):
        """The text of a link to a page that is not here, in italics if it is the page's title."""
        return f"*{found[1]}*" if found[1][0].isupper() else found[1]

    def cited(self, keys, in_brackets):
        shown = []
        for key in keys.split(","):
            authors, year, address = self.sources[key.strip()]
            text = f"{authors}, {year}" if in_brackets else f"{authors} ({year})"
            shown.append(f"[{text}]({address})" if address else text)
        return f"({'; '.join(shown)})" if in_brackets else ", ".join(shown)

    # Directives

    def write_index(self, argument, options, body):
        return ""

    def write_div(self, argument, options, body):
        return re.sub(r" · \[the assignment\].*", "", body.strip())

    def write_admonition(self, title, options, body):
        if options.get("class") == "run-it":
            return self.needs.rstrip()
        lines = [f"**{title}**", "", *body.rstrip().splitlines()]
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def write_conv_figure(self, kind, options, body):
        asked = f"In the book this picture is a figure to take hold of. It asks: {options['question']}"
        return f"{asked}\n\n{fold('The answer', body)}"

    def write_question(self, name, options, body):
        self.count += 1
        return self.ask(f"Question {self.count}.", body)

    def write_prediction(self, name, options, body):
        prompt, choices = choices_of(body)
        later = "Choose one before you read on. The answer comes later."
        return f"**Predict first.** {prompt}\n\n{listed(choices)}\n\n{later}"

    def write_answer(self, name, options, body):
        [asked] = [body for found, body in questions_of(self.texts[self.name], "prediction") if found == name]
        return fold("The answer to the prediction", reasons(choices_of(asked)[1]))

    def write_revisit(self, argument, options, body):
        asked = [(page, dict(questions_of(text, "question"))) for page, text in self.texts.items()]
        again = []
        for count, (page, name) in enumerate(due(asked, self.name), start=1):
            body = dict(asked)[page][name]
            order = mixed(len(choices_of(body)[1]), f"{self.name}-{name}")
            again.append(self.ask(f"Again {count}.", body, order))
        return "\n\n".join(again)

    def write_parsons(self, name, options, body):
        prompt, code, rest = re.fullmatch(r"(.*?)\n```python\n(.*?)```\n(.*)", body, re.S).groups()
        rest = re.sub(r"^- \[[\d, ]+ before [\d, ]+\] ", "- ", rest, flags=re.M)
        mixed_up = "\n".join(self.loops[name])
        answer = fold(
            "Answer", f"```python\n{code}```\n\nIf another order does not work, one of these says why:\n{rest}"
        )
        return f"**Put the lines in order.** {prompt.strip()}\n\n```python\n{mixed_up}\n```\n\n{answer}"

    @staticmethod
    def ask(title, body, order=None):
        prompt, choices = choices_of(body)
        choices = [choices[index] for index in order] if order else choices
        return f"**{title}** {prompt}\n\n{listed(choices)}\n\n{fold('Answer', reasons(choices))}"


def questions_of(text, kind):
    """(name, body) of each question of a chapter, in order."""
    return [(argument, body) for _, found, argument, body in FENCE.findall(text) if found == kind]


def choices_of(body):
    """The prompt of a question, and (right, option, why) of each of its options."""
    first = CHOICE.search(body)
    return body[: first.start()].strip(), [(mark == "x", text, why) for mark, text, why in CHOICE.findall(body + "\n")]


def listed(choices):
    return "\n".join(f"- {letter}. {text}" for letter, (_, text, _) in zip(LETTERS, choices, strict=False))


def reasons(choices):
    parts = []
    for letter, (right, _, why) in zip(LETTERS, choices, strict=False):
        why = re.sub(r"^  ", "", why, flags=re.M).strip()
        parts.append(f"**{letter}. {'Right' if right else 'Not this one'}.** {why}")
    return "\n\n".join(parts)


def fold(title, body):
    """A fold; the empty lines make its text Markdown again.

    Examples
    --------
    >>> print(fold("Answer", "**27**"))
    <details><summary>Answer</summary>
    <BLANKLINE>
    **27**
    <BLANKLINE>
    </details>
    """
    return f"<details><summary>{title}</summary>\n\n{body.strip()}\n\n</details>"
