"""A chapter as a notebook of its own: what MyST and our directives say, in the Markdown that every notebook shows.

The notebook runs with nothing but the packages that its first cell names. The pictures that the `drawings` package made
stand in it as images, so that package stays at home. Questions and figures become text with the answer in a fold. What
this module does not know is a `Mistake`, not a piece of markup in a reader's notebook.
"""

import ast
import base64
import re
import sys
from html import escape, unescape

import jupytext
import nbformat
from questions import LETTERS, Mistake, due, mixed

FENCE = re.compile(r"^(:{3,}|`{3,})\{([\w-]+)\} *(.*)\n((?:.*\n)*?)\1$", re.M)
OPTIONS = re.compile(r"\A(?::[\w-]+:.*\n)*")
ROLE = re.compile(r"\{([\w:]+)\}`([^`<]*?)(?: *<([^>`]*)>)?`")
CHOICE = re.compile(r"^- \[([x ])\] (.*?)\n\n((?:  .*\n|\n)*)", re.M)
#: What must not be left of the source's markup.
LEFT_OVER = re.compile(r":::|```\{|\{[\w:]+\}`|\]\(#|\{\.[\w-]|^\([\w-]+\)=|^\+\+\+|\[[x ]\] ", re.M)

NEEDS = """\
> **Run this notebook**
>
> You need Python 3.11, 3.12 or 3.13, an environment as the page *For students* of the book makes it, and in it, once:
>
> `python -m pip install {packages}`
>
> The first is a file, the course's package. In `student.zip` it lies one folder above this notebook; *For students*
> also has it by itself. Give it with its path.{torch}
>
> Change what you like here: nothing you do can break anything.
"""
TORCH = " torch is large on Linux; that page says how to get the small build."


def chapter_notebook(name, texts, outputs, loops, sources, wheel):
    """Turn one chapter into a notebook.

    Parameters
    ----------
    name : str, such as "02-regular"
    texts : dict, chapter -> its MyST text, in reading order
    outputs : list of str, for each of the chapter's code cells the HTML that it shows in the book
    loops : dict, name of a Parsons problem -> its lines, indented, in the order in which the book shows them
    sources : dict, key of a source -> (authors, year, address or None)
    wheel : str, the file name of the course's package

    Returns
    -------
    notebook node, without outputs

    Raises
    ------
    Mistake
        If the chapter holds something that has no form in a notebook; the message names it.
    """
    notebook = jupytext.reads(texts[name], fmt="md:myst")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = {id(cell): output for cell, output in zip(code, outputs, strict=True)}
    needs = packages([cell.source for cell in code], wheel)
    torch = TORCH if "torch" in needs else ""
    writer = Writer(name, texts, loops, sources, NEEDS.format(packages=" ".join(needs), torch=torch))
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cells.append(nbformat.v4.new_markdown_cell(writer.plain(cell.source)))
            continue
        still = drawing_in(shown[id(cell)])
        source = without_drawing(cell) if still else cell.source
        if source:
            hidden = {"jupyter": {"source_hidden": True}} if "hide-input" in cell.metadata.get("tags", []) else {}
            cells.append(nbformat.v4.new_code_cell(source, metadata=hidden))
        if still:
            cells.append(nbformat.v4.new_markdown_cell(still))
    for place, cell in enumerate(cells, start=1):
        cell.id = f"{name}-chapter-{place}"  # the same at every build
        if cell.cell_type == "code" and "drawings" in cell.source:
            raise Mistake(f"{name}: a cell that is not only a drawing needs the drawings package: {cell.source[:60]!r}")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def packages(code, wheel):
    """What has to be installed: the wheel first, which brings NumPy.

    Examples
    --------
    >>> packages(["import math, torch", "from autograder import check", "import drawings"], "course.whl")
    ['course.whl', 'torch', 'jupyterlab']
    """
    found = set()
    for node in (node for source in code for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module.split(".")[0])
    found -= {*sys.stdlib_module_names, "autograder", "numpy", "drawings"}
    return [wheel, *sorted(found), "jupyterlab"]


# ---------------------------------------------------------------- drawings


def drawing_in(shown):
    """The drawing in a cell's output, as an image with its description and caption, or None."""
    if '<figure class="drawing' not in shown:
        return None
    svg = re.search(r"<svg.*?</svg>", shown, re.S)[0].replace("figure.drawing ", "")
    # Nothing of the page reaches into an image: its type and its paper go with it.
    svg = svg.replace("<svg ", '<svg font-family="system-ui, sans-serif" ', 1).replace(
        'style="', 'style="background:#fff;', 1
    )
    title, description = (unescape(re.search(f"<{tag} id.*?>(.*?)</{tag}>", svg, re.S)[1]) for tag in ("title", "desc"))
    caption = re.search(r"<figcaption>(.*?)</figcaption>", shown, re.S)
    width = re.search(r"max-width:(\d+)", svg)
    size = f' width="{width[1]}"' if width else ""
    data = base64.b64encode(svg.encode()).decode()
    text = " ".join(f"{title}. {description}".split())
    image = f'<img alt="{escape(text)}"{size} src="data:image/svg+xml;base64,{data}">'
    return image + (f"\n\n*{' '.join(unescape(caption[1]).split())}*" if caption else "")


def without_drawing(cell):
    """A cell's code without the drawing, which is its last statement; nothing if it only draws."""
    if "remove-input" in cell.metadata.get("tags", []):
        return ""
    statements = ast.parse(cell.source).body
    return "\n".join(cell.source.splitlines()[: statements[-1].lineno - 1]).rstrip() if statements else ""


# ---------------------------------------------------------------- text


class Writer:
    """Markdown from MyST, for one chapter."""

    def __init__(self, name, texts, loops, sources, needs):
        self.name, self.texts, self.loops, self.sources, self.needs = name, texts, loops, sources, needs
        self.count = 0

    def plain(self, text):
        text = FENCE.sub(self.directive, text + "\n")
        text = ROLE.sub(self.role, text)
        text = re.sub(r"^\([\w-]+\)=\n", "", text, flags=re.M)
        text = re.sub(r"\[([^\]]+)\]\(#[\w-]+\)", self.elsewhere, text)
        if left := LEFT_OVER.search(text):
            raise Mistake(f"{self.name}: no plain form for {text[left.start() : left.start() + 60]!r}")
        return text.strip()

    def directive(self, found):
        _, kind, argument, body = found.groups()
        options = OPTIONS.match(body)[0]
        write = getattr(self, f"write_{kind.replace('-', '_')}", None)
        if write is None:
            raise Mistake(f"{self.name}: no plain form for the directive {kind}")
        return write(
            argument, dict(re.findall(r"^:([\w-]+): *(.*)$", options, re.M)), body[len(options) :].strip() + "\n"
        )

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
        """A link to a page that is not here: its title if the link's text is one."""
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
        choices = [choices[place] for place in order] if order else choices
        return f"**{title}** {prompt}\n\n{listed(choices)}\n\n{fold('Answer', reasons(choices))}"


def questions_of(text, kind):
    """(name, body) of each question of a chapter, in order."""
    return [(argument, body) for _, found, argument, body in FENCE.findall(text) if found == kind]


def choices_of(body):
    """What is asked, and (right, option, why) of each option."""
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
