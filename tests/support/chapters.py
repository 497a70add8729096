"""The chapters of the book as text, and the questions in them."""

import functools
import re

from places import ROOT

from autograder.course import ASSIGNMENTS

#: Each assignment has a chapter of its name.
CHAPTERS = tuple(ASSIGNMENTS)


@functools.cache
def chapter(name):
    return (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")


def asked(text, kind):
    """The questions of one kind: name -> body. What is built of them tests/book/test_questions.py says."""
    return dict(re.findall(rf"^:::\{{{kind}\}} ?([^\n]*)\n(.*?)^:::$", text, re.M | re.S))


def options(body):
    """(right, what can be chosen, why) of every option of a question."""
    found = re.findall(r"^- \[([x ])\] (.*?)\n\n((?:  .*\n|\n)*)", body, re.M)
    return [(mark == "x", text, why.strip()) for mark, text, why in found]
