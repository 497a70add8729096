"""The content of each notebook: its graded cells, prediction, title, folds, boxes, examples and docstrings.

Each kind of fault is looked for by a function that returns a list of sentences, empty where all is well. Each is used
twice: on the source as it is, and on sources broken on purpose, where the sentence must come.
"""

import ast
import re

import jupytext
import pytest
from solutions.sources import broken, calls, cells, source, tag, words

from autograder.course import ASSIGNMENTS, exercises_of, graded_cells
from convolution.predictions import PREDICTIONS

REGION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.M | re.S)


def graded_faults(text, assignment):
    """Graded cells: each of the catalogue once, in its order, of one line, and nothing else."""
    faults, seen = [], []
    for cell in cells(text):
        if tag(cell).startswith("explain:"):
            seen.append(tag(cell).removeprefix("explain:"))
        if cell.cell_type != "code":
            continue
        for call in calls(cell.source, "check", "check_answer"):
            seen.append(call.args[1].value)
            subject = "prediction" if call.func.id == "check_answer" else seen[-1].partition("-")[0]
            if cell.source != f'{call.func.id}({subject}, "{seen[-1]}")':
                faults.append(f"{seen[-1]}: not one line of the fixed form: {cell.source}")
    if seen != [*graded_cells(assignment)]:
        faults.append(f"graded cells are {seen}")
    return faults


def question_faults(text, assignment):
    """The prediction is printed as `convolution.predictions` has it, and is asked before any function."""
    entry = ASSIGNMENTS[assignment]
    question = PREDICTIONS[entry.prediction]
    before, _, _ = text.partition(f"solution:{entry.prediction}-answer")
    shown = words(before)
    listed = re.findall(r"- \*\*(\w)\.\*\* (.*?)(?= - \*\*|$| In the next cell)", shown)
    faults = [] if question.prompt in shown else ["the prompt is another"]
    if dict(listed) != question.options:
        faults.append(f"the options are {dict(listed)}")
    if any(f"solution:{exercise.name}]" in before for exercise in exercises_of(assignment)):
        faults.append("a function comes before the prediction")
    return faults


def around_faults(text, assignment):
    """Everything around the functions: facts, folds, boxes, examples, the reveal, the last cell."""
    entry = ASSIGNMENTS[assignment]
    faults = []
    total = sum(graded_cells(assignment).values())
    if f"\n# {assignment[:2]} {entry.title}\n" not in text:
        faults.append(f"the title should be {entry.title}")
    facts = f"**{entry.minutes} minutes · difficulty {entry.difficulty} of 3 · {total:g} points**"
    if facts not in text:
        faults.append(f"the label should say {facts}")
    end = text.index("## Compare with your prediction")
    starts = [text.index(f"solution:{exercise.name}]") for exercise in exercises_of(assignment)] + [end]
    for exercise, start, stop in zip(exercises_of(assignment), starts, starts[1:], strict=False):
        section = text[start:stop]
        first_check = section.partition(f"check({exercise.name}, ")[0]
        if "<details><summary>Hint</summary>\n\n" not in first_check:
            faults.append(f"{exercise.name} has no hint before its first check")
        box = first_check.partition("> **The error I get**\n>\n")[2]
        if len(re.findall(r"^> - ", box, re.M)) != 2:
            faults.append(f"{exercise.name} has no box with two errors")
        # What `separate` gives is judged by what `merge` makes of it.
        if not re.search(rf"^yours = (merge\(\*)?{exercise.name}\(.*\nexpected = ", first_check, re.M):
            faults.append(f"{exercise.name} has no tiny example before its first check")
    if text.count("<details>") != text.count("</details>"):
        faults.append("a fold is not closed")
    code = [cell.source for cell in cells(text) if cell.cell_type == "code"]
    if code[-1] != f'progress("{assignment}", globals())':
        faults.append("the last cell is not the progress")
    if f'reveal(prediction, "{entry.prediction}")' not in text[end:]:
        faults.append("the prediction is not revealed after the functions")
    if entry.explanation_points:
        levels = [*range(entry.explanation_points + 1)]
        rubric, _, answers = text.partition(f'"explain:{entry.explanation}"')
        if [int(level) for level in re.findall(r"^\| (\d) \|", rubric, re.M)] != levels:
            faults.append("the rubric does not have a row per level")
        if sorted(int(level) for level in re.findall(r"^\*\*(\d) points?\.\*\*", answers, re.M)) != levels:
            faults.append("there is not a sample answer per level")
    return faults


def released(code):
    """A solution cell as nbgrader releases it."""
    return REGION.sub(r"\1# YOUR CODE HERE\n\1raise NotImplementedError()", code)


def docstring_faults(text, assignment):
    """The stub students get has the docstring, with shapes and errors, and none of the solution."""
    faults = []
    for exercise in exercises_of(assignment):
        (cell,) = (cell for cell in cells(text) if tag(cell) == f"solution:{exercise.name}")
        stub = released(cell.source)
        defined = {node.name: node for node in ast.parse(stub).body}
        docstring = ast.get_docstring(defined[exercise.name]) or ""
        sections = re.findall(r"^(\w+)\n-+$", docstring, re.M)
        raises = "errors" in exercise.points or exercise.name == "window_sum"
        gives = "Attributes" if exercise.kind.keyword == "class" else "Returns"
        if sections != ["Parameters", gives] + ["Raises"] * raises:
            faults.append(f"{exercise.name}: the docstring has the sections {sections}")
        if exercise.kind.keyword == "class":
            methods = {node.name: node for node in defined[exercise.name].body if isinstance(node, ast.FunctionDef)}
            if [*methods] != ["__init__", "forward"] or stub.count("raise NotImplementedError()") != len(methods):
                faults.append(f"{exercise.name}: the stub should have __init__ and forward, and each should stop")
                continue
            arguments = [argument.arg for argument in methods["__init__"].args.args[1:]]
        else:
            arguments = [argument.arg for argument in defined[exercise.name].args.args]
        missing = [argument for argument in arguments if not re.search(rf"\b{argument}\b.* : ", docstring)]
        if missing:
            faults.append(f"{exercise.name}: the docstring does not say what {', '.join(missing)} is")
        if not stub.rstrip().endswith("raise NotImplementedError()"):
            faults.append(f"{exercise.name}: the stub does more than stop")
    return faults


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_source_read_in_pieces_has_the_same_cells(assignment):
    whole = jupytext.reads(source(assignment), fmt="md:myst").cells
    pieces = cells(source(assignment))
    assert len(whole) == len(pieces) > 10
    for name in ("cell_type", "metadata", "source"):
        assert [cell[name] for cell in pieces] == [cell[name] for cell in whole]


FAULTS = [graded_faults, question_faults, around_faults, docstring_faults]


@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: faults.__name__)
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_source_has_no(faults, assignment):
    assert faults(source(assignment), assignment) == []


@pytest.mark.parametrize(
    ("faults", "assignment", "old", "new", "message"),
    [
        (graded_faults, "01-window", 'check(convolve2d, "convolve2d-shape")', "pass", "graded cells are"),
        (graded_faults, "00-start", 'progress("00', 'check(window_sum, "window_sum")\nprogress("00', "not one"),
        (graded_faults, "00-start", 'check(window_sum, "', 'x = 1\ncheck(window_sum, "', "not one line"),
        (graded_faults, "02-regular", 'check(conv2d, "conv2d-bias")', 'check(x, "conv2d-bias")', "not one"),
        (graded_faults, "02-regular", '{"tags": ["explain:explain-regular"]}', "", "graded cells are"),
        (graded_faults, "01-window", '"output_size-stride"', '"output_size-padding"', "graded cells are"),
        (question_faults, "00-start", "Which numbers are in", "Which values are in", "the prompt"),
        (question_faults, "01-window", "It is the kernel.", "It is a kernel.", "the options"),
        (question_faults, "02-regular", "- **d.** Two maps, 108 weights.\n", "", "the options"),
        (question_faults, "01-window", "solution:predict-window-answer", "", "a function comes before"),
        (around_faults, "00-start", "# 00 Start", "# 00 Begin", "the title should be"),
        (around_faults, "02-regular", "90 minutes", "60 minutes", "the label should say"),
        (around_faults, "00-start", "<details><summary>Hint</summary>", "<details>", "no hint before"),
        (around_faults, "00-start", "\n> - `NameError: ", "\n>   `NameError: ", "no box with two errors"),
        (around_faults, "00-start", "yours = window_sum", "mine = window_sum", "no tiny example"),
        (around_faults, "02-regular", "That is one `torch.einsum` with five letters.\n\n</details>", "", "fold"),
        (around_faults, "01-window", 'progress("01-window", globals())', "", "the last cell"),
        (around_faults, "02-regular", "| 1 | One true reason", "| 4 | One true reason", "the rubric"),
        (around_faults, "02-regular", "**1 point.**", "", "a sample answer per level"),
        (around_faults, "02-regular", "reveal(prediction", "print(prediction", "not revealed"),
        (docstring_faults, "00-start", "    Raises\n    ------\n", "", "the docstring has the sections"),
        (docstring_faults, "01-window", "    dilation : int, pixels", "    gaps : int, pixels", "what dilation is"),
        (
            docstring_faults,
            "00-start",
            "### END SOLUTION\n```\n\nTry",
            "### END SOLUTION\n    pass\n```\n\nTry",
            "stop",
        ),
        (
            graded_faults,
            "03-depthwise",
            '"depthwise_conv2d-multiplier"',
            '"depthwise_conv2d-times"',
            "graded cells are",
        ),
        (question_faults, "03-depthwise", "and the results are\nstacked", "and the results are\nadded", "the prompt"),
        (
            question_faults,
            "04-pointwise",
            "A pointwise layer, whose kernels are\n1x1, has",
            "A layer has",
            "the prompt",
        ),
        (around_faults, "05-separable", "yours = merge(*separate(", "yours = merge(*apart(", "separate has no tiny"),
        (around_faults, "05-separable", "| 2 | Both halves", "| Both halves", "the rubric"),
        (docstring_faults, "05-separable", "    Attributes\n    ----------\n", "", "has the sections"),
        (
            docstring_faults,
            "05-separable",
            "    bias : bool, whether both steps have a bias\n\n    Attr",
            "\n    Attr",
            "bias",
        ),
        (
            docstring_faults,
            "05-separable",
            "        ### BEGIN SOLUTION\n        return self.pointwise(self.depthwise(x))\n        ### END SOLUTION",
            "        return x",
            "each should stop",
        ),
    ],
)
def test_a_fault_is_found(faults, assignment, old, new, message):
    assert any(message in fault for fault in faults(broken(assignment, old, new), assignment))
