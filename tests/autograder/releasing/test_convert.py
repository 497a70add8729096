"""The complaints about a source that is wrong: every fault at once, with its line and what to do."""

import re

import pytest
from places import ROOT

from autograder.course import exercises_of, graded_cells
from autograder.releasing.convert import ReleaseError, convert

START = "solutions/00-start/00-start.md"


def broken(old, new):
    before = (ROOT / START).read_text(encoding="utf-8")
    assert before.count(old) == 1, (before.count(old), old)
    return before.replace(old, new)


CHECK = 'check(window_sum, "window_sum-values")'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (CHECK, 'check(window_sum, "window_sum-value")', "00-start has no graded cell 'window_sum-value'; it has"),
        (CHECK, f"{CHECK}\nprint('right')", "window_sum-values is not graded; add a cell of one line"),
        (CHECK, f"{CHECK}  # right?", "window_sum-values is not graded; add a cell of one line"),
        (CHECK, 'check(sum, "window_sum-values")', "check(sum, 'window_sum-values') should check window_sum"),
        (
            CHECK,
            'check_answer(window_sum, "window_sum-values")',
            "check_answer(window_sum, 'window_sum-values') should be check",
        ),
        (
            CHECK,
            f"{CHECK}\n```\n\n```{{code-cell}}\n{CHECK}",
            "a second cell for 'window_sum-values'; the first is at solutions/00-start/00-start.md, line ",
        ),
        (":tags: [solution:window_sum]", ":tags: [solution:window]", "00-start does not ask for solution:window, but"),
        (":tags: [solution:window_sum]", "", "a solution region in a cell that students get as it is"),
        (":tags: [solution:window_sum]", ":tags: [solution]", "00-start does not ask for solution:, but"),
        (
            ":tags: [solution:window_sum]",
            ":tags: [solution:window_sum, scratch]",
            "the cell has the tags solution:window_sum, scratch; one at most",
        ),
        (":tags: [scratch]", ":tags: [hide-input]", "the tag 'hide-input' is unknown; there are solution:NAME"),
        (":tags: [scratch]", ":collapsed: true", "collapsed is set; only tags may be"),
        (
            "    # A slice leaves its end out",
            "    ### BEGIN SOLUTION\n    # A slice leaves its end out",
            "solution:window_sum: `### BEGIN SOLUTION` and `### END SOLUTION` do not pair up",
        ),
        (
            "\n## Hand in\n",
            '\n+++ {"tags": ["explain:explain-start"]}\n\nBecause.\n\n+++\n\n## Hand in\n',
            "00-start does not ask for explain:explain-start, but for no explanation",
        ),
        ("\n## Hand in\n", '\n+++ {"tags": ["scratch"]}\n\nText.\n\n+++\n\n## Hand in\n', "scratch is for code cells"),
        ("\n## Hand in\n", '\n+++ {"tags: \n\n## Hand in\n', "tags are written as"),
    ],
)
def test_a_broken_source_is_explained(old, new, message):
    with pytest.raises(ReleaseError) as error:
        convert(broken(old, new), "00-start", START)
    assert message in str(error.value)
    assert START in str(error.value)


def test_the_line_is_the_cells():
    md = broken(CHECK, 'check(window_sum, "window_sum-value")')
    with pytest.raises(ReleaseError) as error:
        convert(md, "00-start", START)
    line = int(re.match(rf"{START}, line (\d+): ", str(error.value))[1])
    assert md.splitlines()[line - 1] == 'check(window_sum, "window_sum-value")'


def test_solution_cells_without_a_region_would_be_lost():
    md = broken("    ### BEGIN SOLUTION\n    # A slice", "    # A slice").replace(
        ".sum()\n    ### END SOLUTION", ".sum()"
    )
    with pytest.raises(ReleaseError, match="put the solution between"):
        convert(md, "00-start", START)


def test_a_check_before_its_function():
    md = broken(CHECK, "print()").replace("\n## Write: `window_sum`\n", f"\n```{{code-cell}}\n{CHECK}\n```\n")
    with pytest.raises(ReleaseError, match="no cell before it is tagged solution:window_sum"):
        convert(md, "00-start", START)


def test_what_is_missing_is_listed():
    front_matter = (ROOT / START).read_text(encoding="utf-8").split("# 00 Start")[0]
    with pytest.raises(ReleaseError) as error:
        convert(front_matter, "02-regular", "empty.md")
    lines = str(error.value).splitlines()
    assert "empty.md: no cell is tagged solution:conv2d; 02-regular asks for it" in lines
    assert "empty.md: no cell is tagged solution:predict-regular-answer; 02-regular asks for a prediction" in lines
    assert "empty.md: no Markdown cell is tagged explain:explain-regular; 02-regular asks for an explanation" in lines
    stride = 'empty.md: conv2d-stride is not graded; add a cell of one line: check(conv2d, "conv2d-stride")'
    assert stride in lines
    assert len(lines) == len(exercises_of("02-regular")) + 1 + len(graded_cells("02-regular"))
