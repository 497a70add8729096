"""The assignments' sources: what each notebook asks and shows, and whether its solutions are right.

Each kind of fault is looked for by a function that returns a list of sentences, empty where all is well. Each is
used twice: on the source as it is, and on sources broken on purpose, where the sentence must come.
"""

import ast
import functools
import re
from fractions import Fraction

import jupytext
import numpy as np
import pytest
import torch
from places import ROOT

from autograder.checks import judge
from autograder.course import ASSIGNMENTS, EXERCISES, exercises_of, graded_cells
from autograder.student_code.subject import Local
from convolution import reference
from convolution.predictions import PREDICTIONS

REGION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.M | re.S)


@functools.cache
def source(assignment):
    return (ROOT / "solutions" / assignment / f"{assignment}.md").read_text(encoding="utf-8")


def broken(assignment, old, new):
    """The source with one thing changed; the change must find its place."""
    text = source(assignment)
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {assignment}"
    return text.replace(old, new)


def cells(text):
    """The cells of a source. It is read in pieces, each once: a source with one fault is elsewhere as it was."""
    return [cell for piece in re.split(r"^(?=```\{code-cell\}|\+\+\+)", text, flags=re.M) for cell in cells_of(piece)]


@functools.cache
def cells_of(piece):
    return jupytext.reads(piece, fmt="md:myst").cells


def tag(cell):
    return "".join(cell.metadata.get("tags", []))


def calls(code, *names):
    """The calls of some functions anywhere in a cell."""
    nodes = ast.walk(ast.parse(code))
    return [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", None) in names]


def words(text):
    """Text without the accidents of line breaks and quote marks."""
    return " ".join(re.sub(r"^>", "", text, flags=re.M).split())


# What the notebook asks


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
    about = ASSIGNMENTS[assignment]
    question = PREDICTIONS[about.prediction]
    before, _, _ = text.partition(f"solution:{about.prediction}-answer")
    shown = words(before)
    listed = re.findall(r"- \*\*(\w)\.\*\* (.*?)(?= - \*\*|$| In the next cell)", shown)
    faults = [] if question.prompt in shown else ["the prompt is another"]
    if dict(listed) != question.options:
        faults.append(f"the options are {dict(listed)}")
    if any(f"solution:{exercise.name}]" in before for exercise in exercises_of(assignment)):
        faults.append("a function comes before the prediction")
    return faults


def around_faults(text, assignment):
    """What stands around the functions: facts, folds, boxes, examples, the reveal, the last cell."""
    about = ASSIGNMENTS[assignment]
    faults = []
    total = sum(graded_cells(assignment).values())
    if f"\n# {assignment[:2]} {about.title}\n" not in text:
        faults.append(f"the title should be {about.title}")
    facts = f"**{about.minutes} minutes · difficulty {about.difficulty} of 3 · {total:g} points**"
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
    if f'reveal(prediction, "{about.prediction}")' not in text[end:]:
        faults.append("the prediction is not revealed after the functions")
    if about.explanation_points:
        levels = [*range(about.explanation_points + 1)]
        rubric, _, answers = text.partition(f'"explain:{about.explanation}"')
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
    ("faults", "assignment", "old", "new", "said"),
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
def test_a_fault_is_found(faults, assignment, old, new, said):
    assert any(said in fault for fault in faults(broken(assignment, old, new), assignment))


def reasons_faults(questions):
    """Every option has a reason, no reason is empty or given twice, and the right letter is an option."""
    faults = []
    for name, question in questions.items():
        if question.reasons.keys() != question.options.keys():
            faults.append(f"{name}: reasons for {[*question.reasons]}, options {[*question.options]}")
        if question.answer not in question.options:
            faults.append(f"{name}: {question.answer!r} is right but no option")
        if not all(reason.strip() for reason in question.reasons.values()):
            faults.append(f"{name}: an empty reason")
        for texts in (question.options, question.reasons):
            if len(set(texts.values())) < len(texts):
                faults.append(f"{name}: the same text twice")
    return faults


def test_every_option_has_its_reason():
    assert reasons_faults(PREDICTIONS) == []
    assert [*PREDICTIONS] == [about.prediction for about in ASSIGNMENTS.values()]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reasons": {"a": "x", "b": "y", "c": "z"}}, "reasons for"),
        ({"reasons": {"a": "v", "b": "x", "c": "y", "d": " "}}, "empty"),
        ({"reasons": {"a": "v", "b": "v", "c": "y", "d": "z"}}, "twice"),
        ({"answer": "e"}, "no option"),
    ],
)
def test_a_missing_reason_is_found(change, said):
    question = PREDICTIONS["predict-window"]
    changed = type(question)(**{**vars(question), **change})
    assert any(said in fault for fault in reasons_faults({"predict-window": changed}))


# Whether the right letter is right, by computing it


def chosen(name, text):
    """The letter of the option with this text."""
    (letter,) = (letter for letter, option in PREDICTIONS[name].options.items() if option == text)
    return letter


def test_the_slice_of_the_first_prediction():
    numbers = [int(number) for number in np.arange(20).reshape(4, 5)[1:3, 2:4].ravel()]
    listed = ", ".join(map(str, numbers[:-1])) + f" and {numbers[-1]}."
    assert chosen("predict-start", listed) == PREDICTIONS["predict-start"].answer


def test_a_single_one_gives_the_kernel_half_turned():
    image, kernel = np.zeros((5, 5)), np.arange(1.0, 10.0).reshape(3, 3)
    image[2, 2] = 1
    np.testing.assert_array_equal(reference.correlate2d(image, kernel), np.rot90(kernel, 2))
    half_turn = "It is the kernel turned by half a turn: upside down and mirrored."
    assert chosen("predict-window", half_turn) == PREDICTIONS["predict-window"].answer


def test_twice_the_channels():
    text = PREDICTIONS["predict-regular"].prompt
    assert f"It holds {reference.conv2d_params(3, 2, 3, bias=False)} weights" in text
    y = reference.conv2d(np.zeros((1, 6, 6, 6)), np.zeros((2, 6, 3, 3)))
    weights = reference.conv2d_params(6, 2, 3, bias=False)
    right = f"{ {2: 'Two', 4: 'Four'}[y.shape[1]] } maps, {weights} weights."
    assert chosen("predict-regular", right) == PREDICTIONS["predict-regular"].answer


def test_a_third_of_the_weights():
    text = PREDICTIONS["predict-depthwise"].prompt
    regular = reference.conv2d_params(3, 3, 3, bias=False)
    assert f"It holds {regular} weights" in text
    y = reference.depthwise_conv2d(np.zeros((1, 3, 6, 6)), np.zeros((3, 1, 3, 3)))
    weights = reference.depthwise_params(3, 3, bias=False)
    right = f"{ {1: 'One', 3: 'Three'}[y.shape[1]] } maps, {weights} weights."
    assert chosen("predict-depthwise", right) == PREDICTIONS["predict-depthwise"].answer
    assert f"{regular - weights} zeros, and {regular} - {regular - weights} = {weights}" in words(
        source("03-depthwise")
    )


def test_two_pixels_change_places():
    rng = random_generator()
    x, weight = rng.standard_normal((1, 3, 4, 5)), rng.standard_normal((2, 3, 1, 1))
    places = np.arange(20)
    places[[3, 11]] = 11, 3
    before, after = (
        reference.pointwise_conv2d(a, weight) for a in (x, x.reshape(1, 3, 20)[..., places].reshape(x.shape))
    )
    np.testing.assert_array_equal(after.reshape(2, 20), before.reshape(2, 20)[:, places])
    assert not np.array_equal(after, before)
    right = "The same two pixels have changed places, in both maps."
    assert chosen("predict-pointwise", right) == PREDICTIONS["predict-pointwise"].answer


def test_weights_of_the_two_steps():
    text = PREDICTIONS["predict-separable"].prompt
    assert f"holds {reference.conv2d_params(32, 64, 3, bias=False)} weights" in text
    steps = reference.depthwise_params(32, 3, bias=False), reference.pointwise_params(32, 64, bias=False)
    assert sum(steps) == reference.separable_params(32, 64, 3, bias=False)
    right = f"{steps[0]} in the depthwise step and {steps[1]} in the pointwise step."
    assert chosen("predict-separable", right) == PREDICTIONS["predict-separable"].answer


def test_numbers_in_the_explanation_of_the_two_steps():
    text = words(source("05-separable"))
    regular, both = (count(3, 2, 3, bias=False) for count in (reference.conv2d_params, reference.separable_params))
    assert f"so there are 6 kernels and {regular} weights" in text
    ratio = Fraction(both, regular)
    assert f"Together that is {both}, and {both}/{regular} is {ratio} or 1/2 + 1/9" in text
    assert ratio == Fraction(1, 2) + Fraction(1, 9)


def test_numbers_in_the_explanation():
    text = words(source("02-regular"))
    macs = [reference.conv2d_macs(channels, 2, 3, 4) for channels in (3, 6)]
    products = [reference.conv2d_params(channels, 1, 3, bias=False) for channels in (3, 6)]
    outputs = 2 * reference.output_size(6, 3) ** 2
    assert (
        f"{outputs} numbers with {products[0]} products each are {macs[0]} MACs, with {products[1]} they are "
        f"{macs[1]}" in text
    )


# Whether the solutions are right


def needs_the_checker(code):
    return "from autograder import" in code or calls(code, "check", "check_answer", "reveal", "progress")


def run(text, only="", after_cell=lambda namespace: None):
    """Run a source's code cells from top to bottom, all but those that ask for a verdict."""
    namespace = {"np": np, "torch": torch, "Fraction": Fraction}
    for cell in cells(text):
        if cell.cell_type == "code" and only in cell.source and not needs_the_checker(cell.source):
            exec(compile(cell.source, "<notebook>", "exec"), namespace)
            after_cell(namespace)
    return namespace


def functions(text):
    """The functions a source defines, given ones and solutions; its examples and asserts are not run."""
    return run(text, only="def ")


@functools.cache
def solved(assignment):
    return functions(source(assignment))


def example_faults(text):
    """Each tiny example's expected value is what the solution gives, of the same type."""
    faults = []

    def compare(namespace):
        if "expected" in namespace:
            yours, expected = namespace.pop("yours"), namespace.pop("expected")
            # NumPy's own ints are as good as Python's; an array is not as good as a list.
            kinds = (int, np.integer) if type(expected) is int else type(expected)
            if not isinstance(yours, kinds) or not np.array_equal(yours, expected):
                faults.append(f"{yours!r} for {expected!r}")

    run(text, after_cell=compare)
    return faults


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_tiny_examples(assignment, capsys):
    assert example_faults(source(assignment)) == []


@pytest.mark.parametrize(
    ("assignment", "old", "new"),
    [
        ("00-start", "expected = 87", "expected = 88"),
        ("01-window", "expected = np.array([[12.0, 24.0]])", "expected = [[12.0, 24.0]]"),
        ("02-regular", "expected = 864", "expected = 864.0"),
        ("02-regular", "expected = torch.tensor([[[[4321.0, 6452.0]]]])", "expected = torch.zeros(1, 1, 1, 2)"),
        ("03-depthwise", "expected = 432", "expected = 433"),
        ("04-pointwise", "expected = np.array([[[[31.0,", "expected = np.array([[[[32.0,"),
        ("05-separable", "expected = Fraction(11, 18)", "expected = 11 / 18"),
        ("05-separable", "expected = torch.Size([1, 2, 4, 4])", "expected = torch.Size([1, 2, 4, 5])"),
        ("05-separable", "expected = weight", "expected = 2 * weight"),
    ],
)
def test_a_wrong_tiny_example_is_found(assignment, old, new, capsys):
    assert len(example_faults(broken(assignment, old, new))) == 1


def either(rng, low, high):
    """An int, or a pair of ints."""
    return int(rng.integers(low, high)) if rng.random() < 0.3 else tuple(map(int, rng.integers(low, high, 2)))


def array(rng, shape, dtype):
    """Random signed values, contiguous or not."""
    values = rng.standard_normal((*shape[:-1], 2 * shape[-1])).astype(dtype)[..., ::2]
    return [values, np.ascontiguousarray(values), np.asfortranarray(values)][rng.integers(3)]


def layers(rng, count):
    """Arguments of conv2d: most fit, some have a kernel too large, channels that disagree, a number out of range."""
    for _ in range(count):
        dtype = [np.float32, np.float64][rng.integers(2)]
        N, C, O = rng.integers(1, 4, 3)  # noqa: E741
        H, W = rng.integers(3, 10, 2)
        kH, kW = rng.integers(1, 4, 2)
        x = array(rng, (N, C, H, W), dtype)
        weight = array(rng, (O, C + (rng.random() < 0.1), kH, kW), dtype)
        optional = {"stride": either(rng, 1, 4), "padding": either(rng, 0, 3), "dilation": either(rng, 1, 4)}
        if rng.random() < 0.1:
            optional |= [{"stride": (1, 0)}, {"dilation": 0}, {"padding": -1}][rng.integers(3)]
        if rng.random() < 0.7:
            optional["bias"] = array(rng, (O,), dtype)
        yield (x, weight), optional


def images(rng, count):
    for (x, weight), optional in layers(rng, count):
        optional.pop("bias", None)
        yield (x[0, 0], weight[0, 0]), optional


def axes(rng, count):
    for _ in range(count):
        low = -1 if rng.random() < 0.2 else 1
        size, kernel_size, stride, dilation = map(int, rng.integers(low, [12, 6, 4, 4]))
        padding = int(rng.integers(min(low, 0), 3))
        yield (size, kernel_size), {"stride": stride, "padding": padding, "dilation": dilation}


def outcome(function, arguments, optional):
    """What a function returns, or the exception it raises."""
    try:
        return function(*arguments, **optional)
    except Exception as error:
        return error


def is_close(got, expected):
    is_float32 = np.asarray(expected).dtype == np.float32
    return np.allclose(got, expected, rtol=0, atol=1e-4 if is_float32 else 1e-10)


ASKED = {}  # name -> what `asked` gave for it


def asked(name, oracle, cases):
    """(arguments, optional, what they hold, what the oracle says) of all cases: once, not for every wrong function."""
    if name not in ASKED:
        ASKED[name] = [
            (
                arguments,
                optional,
                [*map(np.array, (*arguments, *optional.values()))],
                outcome(oracle, arguments, optional),
            )
            for arguments, optional in cases
        ]
    return ASKED[name]


def faults_beside(name, function, oracle, cases, shown=lambda argument: str(np.shape(argument))):
    """Where a function's answers are not the oracle's: type, shape, dtype, values, refusals, arguments changed.

    Returns the faults and how many calls the oracle refused. ``shown`` is what a refusal must say of an argument.
    """
    faults, answered, refused = [], 0, 0
    cases = asked(name, oracle, cases)
    for arguments, optional, before, expected in cases:
        call = f"{[*map(np.shape, arguments)]} {optional if not np.shape(arguments[0]) else [*optional]}"
        given = [*arguments, *optional.values()]
        got = outcome(function, arguments, optional)
        refused += isinstance(expected, ValueError)
        answered += not isinstance(expected, Exception)
        if not all(map(np.array_equal, before, given)):
            faults.append(f"arguments changed: {call}")
            for argument, held in zip(given, before, strict=True):  # the next function gets them as they were
                if isinstance(argument, np.ndarray):
                    argument[...] = held
        elif isinstance(expected, Exception):
            if not isinstance(got, ValueError) or not all(shown(argument) in str(got) for argument in arguments):
                faults.append(f"should refuse {call} and name both: {got!r}")
        else:
            kinds = (int, np.integer) if type(expected) is int else type(expected)
            if not isinstance(got, kinds) or np.shape(got) != np.shape(expected):
                faults.append(f"{type(got)} {np.shape(got)} for {type(expected)} {np.shape(expected)}: {call}")
            elif getattr(got, "dtype", None) != getattr(expected, "dtype", None):
                faults.append(f"dtype {got.dtype} for {expected.dtype}: {call}")
            elif not (got == expected if type(expected) is Fraction else is_close(got, expected)):
                faults.append(f"values differ: {call}")
    assert answered > 50 and answered + refused == len(cases), "too few cases, or a fault of the oracle's"
    return faults, refused


def random_generator():
    return np.random.default_rng(20261122)


def of_output_size(namespace):
    return faults_beside(
        "output_size", namespace["output_size"], reference.output_size, axes(random_generator(), 500), str
    )


def of_correlate2d(namespace):
    return faults_beside(
        "correlate2d", namespace["correlate2d"], reference.correlate2d, images(random_generator(), 200)
    )


def of_convolve2d(namespace):
    pairs = [arrays for arrays, _ in images(random_generator(), 200)]
    # Every fourth the other way round, so that the kernel is the larger one.
    cases = ((arrays if number % 4 else arrays[::-1], {}) for number, arrays in enumerate(pairs))
    return faults_beside("convolve2d", namespace["convolve2d"], reference.convolve2d, cases)


def of_conv2d(namespace):
    return faults_beside("conv2d", namespace["conv2d"], reference.conv2d, layers(random_generator(), 200))


def by_torch(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """torch's own answer for NumPy arguments; its refusals as ValueError."""
    try:
        y = torch.nn.functional.conv2d(
            *(None if a is None else torch.from_numpy(a) for a in (x, weight, bias)), stride, padding, dilation, groups
        )
    except RuntimeError as error:
        raise ValueError(error) from error
    return y.numpy()


def on_tensors(function):
    """A function of tensors as one of arrays; numbers and pairs stay what they are."""

    def tensor(value):
        return torch.from_numpy(value) if isinstance(value, np.ndarray) else value

    def on_arrays(*arguments, **optional):
        y = function(*map(tensor, arguments), **{name: tensor(value) for name, value in optional.items()})
        assert type(y) is torch.Tensor
        return y.detach().numpy()

    return on_arrays


def of_conv2d_torch(namespace):
    return faults_beside(
        "conv2d_torch", on_tensors(namespace["conv2d_torch"]), by_torch, layers(random_generator(), 200)
    )


def depthwise_by_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return by_torch(x, weight, bias, stride, padding, dilation, groups=x.shape[1])


def pointwise_by_torch(x, weight, bias=None):
    if weight.shape[2:] != (1, 1):
        raise ValueError("not pointwise")
    return by_torch(x, weight, bias)


def depthwise_layers(rng, count):
    """Arguments of depthwise_conv2d: up to three kernels a channel; in some, numbers that do not fit."""
    for (x, weight), optional in layers(rng, count):
        C, dtype = x.shape[1], x.dtype
        kernels = C * int(rng.integers(1, 4)) + (rng.random() < 0.1)
        weight = array(rng, (kernels, 1 + (rng.random() < 0.1), *weight.shape[2:]), dtype)
        if "bias" in optional:
            optional["bias"] = array(rng, (kernels,), dtype)
        yield (x, weight), optional


def pointwise_layers(rng, count):
    """Arguments of pointwise_conv2d: in some the channels disagree or the kernel is larger than a pixel."""
    for (x, weight), optional in layers(rng, count):
        size = weight.shape[2:] if rng.random() < 0.1 else (1, 1)
        weight = array(rng, (*weight.shape[:2], *size), x.dtype)
        yield (x, weight), {name: optional[name] for name in optional if name == "bias"}


def separable_layers(rng, count):
    """Arguments of separable_conv2d: in some, one of the two weights does not fit."""
    for (x, weight), optional in depthwise_layers(rng, count):
        O, maps = int(rng.integers(1, 4)), weight.shape[0] + (rng.random() < 0.1)  # noqa: E741
        size = (1, 1) if rng.random() < 0.9 else (2, 1)
        if "bias" in optional:
            optional["depthwise_bias"] = optional.pop("bias")
        if rng.random() < 0.7:
            optional["pointwise_bias"] = array(rng, (O,), x.dtype)
        yield (x, weight, array(rng, (O, maps, *size), x.dtype)), optional


def of_depthwise_conv2d(namespace):
    cases = depthwise_layers(random_generator(), 200)
    return faults_beside("depthwise_conv2d", namespace["depthwise_conv2d"], reference.depthwise_conv2d, cases)


def of_depthwise_conv2d_torch(namespace):
    function = on_tensors(namespace["depthwise_conv2d_torch"])
    return faults_beside(
        "depthwise_conv2d_torch", function, depthwise_by_torch, depthwise_layers(random_generator(), 200)
    )


def of_pointwise_conv2d(namespace):
    cases = pointwise_layers(random_generator(), 200)
    return faults_beside("pointwise_conv2d", namespace["pointwise_conv2d"], reference.pointwise_conv2d, cases)


def of_pointwise_conv2d_torch(namespace):
    function = on_tensors(namespace["pointwise_conv2d_torch"])
    return faults_beside(
        "pointwise_conv2d_torch", function, pointwise_by_torch, pointwise_layers(random_generator(), 200)
    )


def separable_by_torch(x, depthwise_weight, pointwise_weight, depthwise_bias=None, pointwise_bias=None, **slides):
    maps = depthwise_by_torch(x, depthwise_weight, depthwise_bias, **slides)
    return pointwise_by_torch(maps, pointwise_weight, pointwise_bias)


def of_separable_conv2d(namespace):
    function = on_tensors(namespace["separable_conv2d"])
    return faults_beside("separable_conv2d", function, separable_by_torch, separable_layers(random_generator(), 300))


def of_merge(namespace):
    # Only weights: the depthwise one has a kernel a channel, or one too many.
    weights = ((arrays[1:], {}) for arrays, _ in separable_layers(random_generator(), 300))
    return faults_beside("merge", on_tensors(namespace["merge"]), reference.merge, weights)


def of_separate(namespace):
    def function(weight):
        factors = namespace["separate"](weight)
        assert type(factors) is tuple
        return torch.from_numpy(reference.merge(*(factor.numpy() for factor in factors)))

    cases = (((weight,), {}) for (_, weight), _ in layers(random_generator(), 200))
    return faults_beside(
        "separate", on_tensors(function), lambda weight: reference.merge(*reference.separate(weight)), cases
    )


def of_module(namespace):
    """The layer as a function: made, given its numbers under their names, called."""

    def function(x, depthwise_weight, pointwise_weight, depthwise_bias=None, pointwise_bias=None, **slides):
        numbers = {"depthwise.weight": depthwise_weight, "pointwise.weight": pointwise_weight}
        if depthwise_bias is not None:
            numbers |= {"depthwise.bias": depthwise_bias, "pointwise.bias": pointwise_bias}
        (O, C), kernel_size = pointwise_weight.shape[:2], tuple(depthwise_weight.shape[2:])  # noqa: E741
        has_bias = depthwise_bias is not None
        layer = namespace["DepthwiseSeparableConv2d"](C, O, kernel_size, bias=has_bias, **slides).to(x.dtype)
        layer.load_state_dict(numbers)  # refuses names or shapes that are not the layer's
        return layer(x)

    def fit(cases):
        for (x, weight, _), optional in cases:
            C = x.shape[1]
            for name in [name for name in optional if name.endswith("bias")]:
                optional.pop(name)
            arrays = x, weight[:C, :1], array(rng, (2, C, 1, 1), x.dtype)
            if rng.random() < 0.5:
                biases = array(rng, (C,), x.dtype), array(rng, (2,), x.dtype)
                optional |= dict(zip(("depthwise_bias", "pointwise_bias"), biases, strict=True))
            if not isinstance(outcome(separable_by_torch, arrays, optional), Exception):
                yield arrays, optional

    rng = random_generator()
    return faults_beside(
        "DepthwiseSeparableConv2d", on_tensors(function), separable_by_torch, fit(separable_layers(rng, 200))
    )


def counters(rng, count):
    for _ in range(count):
        C, O = map(int, rng.integers(1, 9, 2))  # noqa: E741
        yield (C, O, either(rng, 1, 6)), int(rng.integers(2))


def of_conv2d_params(namespace):
    cases = (((*numbers,), {"bias": bool(bias)}) for numbers, bias in counters(random_generator(), 100))
    return faults_beside("conv2d_params", namespace["conv2d_params"], reference.conv2d_params, cases)


def of_conv2d_macs(namespace):
    rng = random_generator()
    cases = (((*numbers, either(rng, 1, 9)), {}) for numbers, _ in counters(rng, 100))
    return faults_beside("conv2d_macs", namespace["conv2d_macs"], reference.conv2d_macs, cases)


def of_depthwise_params(namespace):
    rng = random_generator()
    cases = (
        ((C, kernel_size), {"channel_multiplier": m, "bias": bool(bias)})
        for (C, m, kernel_size), bias in counters(rng, 100)
    )
    return faults_beside("depthwise_params", namespace["depthwise_params"], reference.depthwise_params, cases)


def of_depthwise_macs(namespace):
    rng = random_generator()
    cases = (
        ((C, kernel_size, either(rng, 1, 9)), {"channel_multiplier": m})
        for (C, m, kernel_size), _ in counters(rng, 100)
    )
    return faults_beside("depthwise_macs", namespace["depthwise_macs"], reference.depthwise_macs, cases)


def of_pointwise_params(namespace):
    cases = (((C, O), {"bias": bool(bias)}) for (C, O, _), bias in counters(random_generator(), 100))  # noqa: E741
    return faults_beside("pointwise_params", namespace["pointwise_params"], reference.pointwise_params, cases)


def of_pointwise_macs(namespace):
    rng = random_generator()
    cases = (((C, O, either(rng, 1, 9)), {}) for (C, O, _), _ in counters(rng, 100))  # noqa: E741
    return faults_beside("pointwise_macs", namespace["pointwise_macs"], reference.pointwise_macs, cases)


def of_separable_params(namespace):
    cases = (((*numbers,), {"bias": bool(bias)}) for numbers, bias in counters(random_generator(), 100))
    return faults_beside("separable_params", namespace["separable_params"], reference.separable_params, cases)


def of_separable_macs(namespace):
    rng = random_generator()
    cases = (((*numbers, either(rng, 1, 9)), {}) for numbers, _ in counters(rng, 100))
    return faults_beside("separable_macs", namespace["separable_macs"], reference.separable_macs, cases)


def of_cost_ratio(namespace):
    cases = (((O, kernel_size), {}) for (_, O, kernel_size), _ in counters(random_generator(), 100))  # noqa: E741
    return faults_beside("cost_ratio", namespace["cost_ratio"], reference.cost_ratio, cases)


def of_window_sum(namespace):
    def cases(rng):
        for _ in range(400):
            image = array(rng, tuple(rng.integers(2, 8, 2)), [np.float32, np.float64][rng.integers(2)])
            row, column = map(int, rng.integers(-1, 4, 2))
            yield (image, row, column, *map(int, rng.integers(0, 5, 2))), {}

    def shown(argument):
        return str(argument.shape) if isinstance(argument, np.ndarray) else ""

    return faults_beside("window_sum", namespace["window_sum"], reference.window_sum, cases(random_generator()), shown)


RIGHT = {
    "window_sum": of_window_sum,
    "output_size": of_output_size,
    "correlate2d": of_correlate2d,
    "convolve2d": of_convolve2d,
    "conv2d": of_conv2d,
    "conv2d_torch": of_conv2d_torch,
    "conv2d_params": of_conv2d_params,
    "conv2d_macs": of_conv2d_macs,
    "depthwise_conv2d": of_depthwise_conv2d,
    "depthwise_conv2d_torch": of_depthwise_conv2d_torch,
    "depthwise_params": of_depthwise_params,
    "depthwise_macs": of_depthwise_macs,
    "pointwise_conv2d": of_pointwise_conv2d,
    "pointwise_conv2d_torch": of_pointwise_conv2d_torch,
    "pointwise_params": of_pointwise_params,
    "pointwise_macs": of_pointwise_macs,
    "separable_conv2d": of_separable_conv2d,
    "separable_params": of_separable_params,
    "separable_macs": of_separable_macs,
    "cost_ratio": of_cost_ratio,
    "merge": of_merge,
    "DepthwiseSeparableConv2d": of_module,
    "separate": of_separate,
}


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_is_right(name, capsys):
    faults, refused = RIGHT[name](solved(EXERCISES[name].assignment))
    assert faults == []
    # Where the function must refuse, the cases have let it.
    raises = "errors" in EXERCISES[name].points or name == "window_sum"
    assert (refused > 10) == raises


#: All channels, then all of them again; torch's order has each channel's copies side by side.
TILED = "padded.repeat(1, out_channels // in_channels, 1, 1)"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("window_sum", "row : row + height,", "row : row + height - 1,"),
        ("output_size", "return room // stride + 1", "return -(-room // stride) + 1"),
        ("output_size", "return room // stride + 1", "return room / stride + 1"),
        ("output_size", "    if padding < 0:\n", "    if padding < -9:\n"),
        ("output_size", '(f"no window fits: {sizes}")', '("no window fits")'),
        ("correlate2d", "rows = slice(i * sH,", "rows = slice(i * sW,"),
        ("correlate2d", 'raise ValueError(f"{error}; {shapes}") from None', "raise"),
        ("correlate2d", "np.zeros((H_out, W_out), image.dtype)", "np.zeros((H_out, W_out))"),
        ("convolve2d", "(image, kernel[::-1, ::-1])", "(image, kernel[::-1])"),
        ("conv2d", "y += bias[:, None, None]\n    return y\n\n", "y += bias[0]\n    return y\n\n"),
        ("conv2d", "if filter_channels != in_channels:", "if False:"),
        ("conv2d", "padded = np.pad(", "x *= 2\n    padded = np.pad("),
        ("conv2d_torch", "rows = slice(u * dH,", "rows = slice(v * dH,"),
        ("conv2d_torch", "H + 2 * pH, W + 2 * pW", "H + 2 * pH, W + 2 * pH"),
        ("conv2d_params", "biases = out_channels if bias", "biases = 1 if bias"),
        ("conv2d_params", "biases = out_channels if bias", "biases = float(out_channels) if bias"),
        ("conv2d_macs", "out_channels * H_out * W_out", "out_channels * H_out * H_out"),
        ("depthwise_conv2d", "c = o // multiplier", "c = o % in_channels"),
        ("depthwise_conv2d", "        y += bias[:, None, None]\n    return y\n\n", "        pass\n    return y\n\n"),
        ("depthwise_conv2d", "out_channels == 0 or out_channels % in_channels != 0", "out_channels < in_channels"),
        ("depthwise_conv2d", "    if kernel_channels != 1:", "    if False:"),
        ("depthwise_conv2d_torch", "padded.repeat_interleave(out_channels // in_channels, dim=1)", TILED),
        ("depthwise_conv2d_torch", "weight[:, 0, u, v, None, None]", "weight[:, 0, u, v, None, None].abs()"),
        ("depthwise_params", "biases = kernels if bias", "biases = in_channels if bias"),
        ("depthwise_params", "return kernels * kH * kW", "return kernels * kH * kH"),
        ("depthwise_macs", "channel_multiplier, bias=False)\n    ### END", "1, bias=False)\n    ### END"),
        ("pointwise_conv2d", '"nchw,oc->nohw"', '"nchw,oc->nowh"'),
        ("pointwise_conv2d", "if tuple(weight.shape[2:]) != (1, 1):", "if False:"),
        ("pointwise_conv2d_torch", "pixels = x.reshape(N, C, H * W)", "pixels = x.reshape(N, H * W, C).mT"),
        ("pointwise_conv2d_torch", "        y = y + bias[:, None]\n", "        y = y + bias[0]\n"),
        ("pointwise_params", "biases = out_channels if bias", "biases = in_channels if bias"),
        ("pointwise_macs", "return H_out * W_out * pointwise_params", "return H_out * H_out * pointwise_params"),
        ("separable_conv2d", "(maps, pointwise_weight, pointwise_bias)", "(maps, pointwise_weight)"),
        (
            "separable_conv2d",
            "(maps, pointwise_weight, pointwise_bias)",
            "(maps, pointwise_weight, pointwise_bias, stride)",
        ),
        ("separable_conv2d", "if tuple(pointwise_weight.shape[1:]) != (mid_channels, 1, 1):", "if False:"),
        (
            "separable_conv2d",
            "except RuntimeError as error:\n        # What",
            "except KeyError as error:\n        # What",
        ),
        ("separable_params", "biases = in_channels + out_channels if bias", "biases = out_channels if bias"),
        ("separable_macs", "kernel_size, bias=False)\n    ### END", "kernel_size)\n    ### END"),
        ("cost_ratio", "return Fraction(1, out_channels) +", "return 1 / out_channels +"),
        ("cost_ratio", "Fraction(1, kH * kW)", "Fraction(1, kH * kH)"),
        ("merge", "tuple(pointwise_weight.shape[1:]) != (in_channels, 1, 1)", "False"),
        (
            "merge",
            "return pointwise_weight * depthwise_weight[:, 0]",
            "return pointwise_weight + depthwise_weight[:, 0]",
        ),
        ("DepthwiseSeparableConv2d", "            dilation=dilation,\n", ""),
        ("DepthwiseSeparableConv2d", "            groups=in_channels,\n", ""),
        ("DepthwiseSeparableConv2d", "out_channels, 1, bias=bias)", "out_channels, 1)"),
        ("separate", "sizes[:, :1] * right[:, 0]", "right[:, 0]"),
        ("separate", "left[:, :, 0].T", "left[:, :, -1].T"),
    ],
)
def test_a_wrong_solution_is_found(name, old, new):
    faults, _ = RIGHT[name](functions(broken(EXERCISES[name].assignment, old, new)))
    assert faults


# Whether the checks say so too


def not_passed(name, namespace):
    return {
        verdict.aspect: verdict.message
        for verdict in judge(EXERCISES[name], Local(namespace[name]))
        if not verdict.passed
    }


@pytest.mark.parametrize("name", EXERCISES)
def test_every_aspect_passes(name):
    assert not_passed(name, solved(EXERCISES[name].assignment)) == {}


EVERY_PIXEL = """\
    N, in_channels, H, W = x.shape
    for pixel in range(H * W):
        pass
"""


@pytest.mark.parametrize(
    ("name", "old", "new", "aspect"),
    [
        ("correlate2d", "window * kernel", "torch.from_numpy(window * kernel).numpy()", "how"),
        ("correlate2d", "np.zeros((H_out, W_out), image.dtype)", "np.zeros((H_out, W_out))", "dtype"),
        ("conv2d", "j * sW + dW * (kW - 1) + 1, dW)", "j * sW + kW)", "dilation"),
        ("conv2d_torch", "    y = x.new_zeros((", "    y = torch.zeros((", "device"),
        ("conv2d_torch", "    N, in_channels, H, W = x.shape\n", EVERY_PIXEL, "how"),
        ("depthwise_conv2d", "correlate2d(x[n, c]", "correlate2d(torch.from_numpy(x[n, c]).numpy()", "how"),
        ("depthwise_conv2d", "c = o // multiplier", "c = o % in_channels", "multiplier"),
        ("depthwise_conv2d_torch", "    N, in_channels, H, W = x.shape\n", EVERY_PIXEL, "how"),
        ("depthwise_conv2d_torch", "    y = x.new_zeros((", "    y = torch.zeros((", "device"),
        ("depthwise_params", "biases = kernels if bias", "biases = 1 if bias", "bias"),
        ("pointwise_conv2d", "if tuple(weight.shape[2:]) != (1, 1):", "if False:", "errors"),
        ("pointwise_conv2d_torch", "pixels = x.reshape(", "pixels = x.view(", "layout"),
        ("separable_conv2d", "(maps, pointwise_weight, pointwise_bias)", "(maps, pointwise_weight)", "bias"),
        ("separable_conv2d", "stride, padding, dilation, groups", "stride, padding, groups", "dilation"),
        ("cost_ratio", "return Fraction(1, out_channels) +", "return 1 / out_channels +", "dtype"),
        ("merge", "tuple(pointwise_weight.shape[1:]) != (in_channels, 1, 1)", "False", "errors"),
        ("DepthwiseSeparableConv2d", "out_channels, 1, bias=bias)", "out_channels, 1)", "parameters"),
        ("separate", "sizes[:, :1] * right[:, 0]", "right[:, 0]", "values"),
        (
            "conv2d_torch",
            "    N, in_channels, H, W = x.shape\n",
            """\
    if dilation == 1:
        return torch.nn.functional.conv2d(x, weight, bias, stride, padding)
    N, in_channels, H, W = x.shape
""",
            "how",
        ),
    ],
)
def test_an_aspect_that_fails(name, old, new, aspect):
    assert aspect in not_passed(name, functions(broken(EXERCISES[name].assignment, old, new)))


# Whether the errors in the boxes are the errors one gets


QUOTED = [
    # assignment, what is written in the solution's place, the line that is run then
    ("00-start", "", "", "del window_sum\nwindow_sum(np.ones((2, 2)), 0, 0, 1, 1)"),
    ("01-window", "room // stride + 1", "room / stride + 1", "correlate2d(np.ones((3, 3)), np.ones((2, 2)))"),
    ("01-window", "return room // stride", "room // stride", "output_size(6, 3) + 1"),
    ("01-window", "range(W_out)", "range(W_out + 1)", "correlate2d(np.ones((4, 4)), np.ones((3, 3)))"),
    ("01-window", "range(H_out)", "range(0, H, stride)", "correlate2d(np.ones((9, 9)), np.ones((2, 2)), (2, 3))"),
    ("02-regular", "range(W_out)", "range(W_out + 1)", "conv2d(np.ones((1, 2, 4, 4)), np.ones((1, 2, 3, 3)))"),
    (
        "02-regular",
        "        # (O, 1, 1) lines up with the last three axes of (N, O, H_out, W_out): one number per map.\n"
        "        y += bias[:, None, None]",
        "        y = y + bias",
        "conv2d(np.ones((1, 3, 6, 7)), np.ones((2, 3, 3, 3)), np.ones(2))",
    ),
    (
        "02-regular",
        'torch.einsum("nchw,oc->nohw", padded[:, :, rows, columns], weight[:, :, u, v])',
        "padded[:, :, rows, columns] * weight[:, :, u, v]",
        "conv2d_torch(torch.ones(1, 3, 6, 7), torch.ones(2, 3, 3, 3))",
    ),
    (
        "02-regular",
        "    kH, kW = pair(kernel_size)\n    weights_per_filter = in_channels * kH * kW",
        "    weights_per_filter = in_channels * kernel_size ** 2",
        "conv2d_params(3, 2, (3, 5))",
    ),
    ("02-regular", "H_out, W_out = pair(output_size)", "H_out = output_size(6, 3)", "conv2d_macs(3, 2, 3, 4)"),
    (
        "03-depthwise",
        "weight[o, 0], stride",
        "weight[o], stride",
        "depthwise_conv2d(np.ones((1, 1, 6, 6)), np.ones((1, 1, 3, 3)))",
    ),
    (
        "03-depthwise",
        "weight[:, 0, u, v, None, None]",
        "weight[:, 0, u, v]",
        "depthwise_conv2d_torch(torch.ones(1, 3, 6, 6), torch.ones(3, 1, 3, 3))",
    ),
    (
        "03-depthwise",
        "return kernels * kH * kW + biases",
        "return kernels * (kernel_size * kernel_size)",
        "depthwise_params(3, (3, 5))",
    ),
    ("03-depthwise", "H_out, W_out = pair(output_size)", "H_out, W_out = output_size", "depthwise_macs(3, 3, 4)"),
    (
        "04-pointwise",
        'np.einsum("nchw,oc->nohw", x, weight[:, :, 0, 0])',
        "weight[:, :, 0, 0] @ x",
        "pointwise_conv2d(np.ones((1, 3, 5, 5)), np.ones((2, 3, 1, 1)))",
    ),
    (
        "04-pointwise",
        "pixels = x.reshape(",
        "pixels = x.view(",
        "pointwise_conv2d_torch(torch.ones(1, 3, 4, 5).mT, torch.ones(2, 3, 1, 1))",
    ),
    (
        "04-pointwise",
        "biases = out_channels if bias else 0",
        "biases = out_channels if bias else None",
        "pointwise_params(3, 2, bias=False)",
    ),
    (
        "04-pointwise",
        "    H_out, W_out = pair(output_size)\n",
        "    return in_channels * out_channels * (output_size * output_size)\n",
        "pointwise_macs(3, 2, (4, 5))",
    ),
    (
        "05-separable",
        "            x, depthwise_weight, depthwise_bias, stride, padding, dilation, groups=in_channels\n        )\n"
        "        return torch.nn.functional.conv2d(maps, pointwise_weight, pointwise_bias)\n"
        "    except RuntimeError",
        "            x, depthwise_weight\n        )\n    except KeyError",
        "separable_conv2d(torch.ones(1, 2, 1, 3), torch.ones(2, 1, 1, 2), torch.ones(2, 2, 1, 1))",
    ),
    (
        "05-separable",
        "weights = in_channels * kH * kW +",
        "weights = in_channels * kernel_size ** 2 +",
        "separable_params(3, 2, (3, 5))",
    ),
    (
        "05-separable",
        "    H_out, W_out = pair(output_size)\n",
        "    H_out, W_out = output_size * output_size, 1\n",
        "separable_macs(3, 2, 3, (4, 5))",
    ),
    ("05-separable", "Fraction(1, kH * kW)", "Fraction(1 / (kH * kW), 1)", "cost_ratio(2, 3)"),
    (
        "05-separable",
        "pointwise_weight * depthwise_weight[:, 0]",
        "pointwise_weight * depthwise_weight.repeat(1, 2, 1, 1)",
        "merge(torch.ones(3, 1, 3, 3), torch.ones(4, 3, 1, 1))",
    ),
    (
        "05-separable",
        "        super().__init__()\n        self.depthwise",
        "        self.depthwise",
        "DepthwiseSeparableConv2d(3, 2, 3)",
    ),
    (
        "05-separable",
        'def forward(self, x):\n        """The maps (N, out',
        'def foward(self, x):\n        """The maps (N, out',
        "DepthwiseSeparableConv2d(3, 2, 3)(torch.ones(1, 3, 6, 6))",
    ),
    ("05-separable", "left[:, :, 0].T.reshape(", "left.reshape(", "separate(torch.ones(2, 3, 3, 3))"),
]


@pytest.mark.parametrize(("assignment", "old", "new", "line"), QUOTED)
def test_the_boxes_quote_real_errors(assignment, old, new, line):
    text = broken(assignment, old, new) if old else source(assignment)
    with pytest.raises(Exception) as raised:
        exec(line, functions(text))
    quoted = f"`{raised.type.__name__}: {str(raised.value).strip()}`"
    assert quoted in words(text), quoted


def test_every_quoted_error_is_tried():
    quoted = [error for name in ASSIGNMENTS for error in re.findall(r"`(\w+Error): ", source(name))]
    # The one more says that autograder is not installed, which cannot be had here.
    assert len(quoted) == len(QUOTED) + 1
