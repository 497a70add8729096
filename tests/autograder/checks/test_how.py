"""Rules about how a result is computed: packages, torch's operations, lines of Python."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from handwritten import taps

from autograder.checks import judge
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.kinds import ARRAY
from autograder.model import Case, Exercise, LinesStay, NeverReaches, OnlyNumPy
from autograder.student_code.subject import Local, Outcome, Raised

# --- the rules, one by one ---------------------------------------------------------------------------------------

PACKAGES = OnlyNumPy("not by NumPy", "use NumPy alone")
OPERATIONS = NeverReaches("conv", "a convolution was called", "it reached {}; write it yourself")
LINES = LinesStay("a loop over pixels", "Loop over taps.")


class Watched:
    """A right subject of which watchers see this; lines are those of the image of 6 pixels and of the one of 12."""

    def __init__(self, packages=(), operations=(), lines=(10, 10), raises=()):
        self.sees = {"packages": list(packages), "operations": list(operations)}
        self.lines, self.raises, self.asked = lines, raises, []

    def new_aspect(self):
        pass

    def call(self, x, observe=()):
        self.asked += [(watcher, x.shape[2]) for watcher in observe]
        if set(observe) & set(self.raises):
            return Outcome(raised=Raised("KeyError", (), "'x'"))
        sees = self.sees | {"lines": self.lines[x.shape[2] > 6]}
        return Outcome(2 * x, observed={watcher: sees[watcher] for watcher in observe})


def how(subject, *rules):
    """The verdict on "how" of an exercise with these rules."""
    exercise = Exercise(
        "double",
        "t0",
        ARRAY,
        {"values": 1, "how": 1},
        right=lambda x: 2 * x,
        cases=lambda aspect, rng: [Case((np.ones((1, 1, size, size + 1)),)) for size in (6, 12)],
        how=rules,
    )
    return judge(exercise, subject, aspects=["how"])[0]


def test_a_rule_that_holds_is_passed_and_asks_only_its_watcher():
    for rule, asked in (
        (PACKAGES, [("packages", 6)]),
        (OPERATIONS, [("operations", 6)]),
        (LINES, [("lines", 6), ("lines", 12)]),
    ):
        subject = Watched()
        assert how(subject, rule).message == "double, how: right"
        assert subject.asked == asked


@pytest.mark.parametrize(
    ("rule", "sees", "text"),
    [
        (PACKAGES, {"packages": ["scipy", "torch"]}, "not by NumPy{}\n  it called scipy, torch; use NumPy alone\n"),
        (
            OPERATIONS,
            {"operations": ["aten.mul", "aten.convolution", "aten.add", "aten.conv2d", "aten.convolution"]},
            "a convolution was called{}\n  it reached aten.conv2d, aten.convolution; write it yourself\n",
        ),
        (
            LINES,
            {"lines": (10, 40)},
            "a loop over pixels{}\n  an image of 6 x 7 runs 10 lines of Python, one of 12 x 13 runs 40\n"
            "  Loop over taps.\n",
        ),
    ],
)
def test_a_rule_that_does_not_hold_is_the_verdict(rule, sees, text):
    verdict = how(Watched(**sees), rule)
    size = 12 if rule is LINES else 6
    shown = text.format(f" for x (1, 1, {size}, {size + 1})")
    assert verdict.passed is False and verdict.message.startswith(f"double, how: {shown}")


def test_an_operation_of_another_name_is_legal():
    assert how(Watched(operations=["aten.mul", "aten.unfold"]), OPERATIONS).passed


@pytest.mark.parametrize(
    ("few", "many", "factor", "passes"),
    [
        (100, 100, 1.2, True),
        (100, 120, 1.2, True),
        (100, 121, 1.2, False),
        (100, 90, 1.2, True),
        (100, 290, 3, True),
        (100, 301, 3, False),
        (0, 0, 1.2, True),
        (0, 1, 1.2, False),
    ],
)
def test_lines_may_grow_by_the_factor_and_no_more(few, many, factor, passes):
    rule = LinesStay("a loop over pixels", "Loop over taps.", factor)
    assert how(Watched(lines=(few, many)), rule).passed is passes


def test_without_a_factor_lines_may_grow_by_a_fifth():
    assert how(Watched(lines=(100, 120)), LINES).passed
    assert how(Watched(lines=(100, 121)), LINES).passed is False


def test_the_first_rule_that_does_not_hold_is_the_verdict():
    both = Watched(packages=["torch"], operations=["aten.convolution"])
    assert "not by NumPy" in how(both, PACKAGES, OPERATIONS, LINES).message
    assert "a convolution was called" in how(both, OPERATIONS, PACKAGES).message
    assert "a convolution was called" in how(Watched(operations=["aten.convolution"]), PACKAGES, OPERATIONS).message


@pytest.mark.parametrize(("rule", "watcher"), [(PACKAGES, "packages"), (OPERATIONS, "operations"), (LINES, "lines")])
def test_what_raises_while_it_is_watched_has_crashed(rule, watcher):
    verdict = how(Watched(raises=[watcher]), rule)
    assert verdict.passed is False and verdict.message.startswith("double, how: raised KeyError for x (1, 1, 6, 7)")


# --- through the checks of the course ----------------------------------------------------------------------------


def test_unfold_and_matmul_are_legal():
    def conv2d_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
        taps(x, weight, bias, stride, padding, dilation)  # for its errors
        columns = F.unfold(x, weight.shape[2:], dilation, padding, stride)
        like = taps(x, weight, None, stride, padding, dilation)
        y = (weight.reshape(weight.shape[0], -1) @ columns).reshape(like.shape)
        return y if bias is None else y + bias[:, None, None]

    assert [v.message for v in judge(EXERCISES["conv2d_torch"], Local(conv2d_torch)) if not v.passed] == []


@pytest.mark.parametrize(
    "convolve",
    [
        lambda x, w: F.conv2d(x, w),
        lambda x, w: torch.conv2d(x, w),
        lambda x, w: torch.ops.aten.convolution(x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
        lambda x, w: getattr(torch, "conv" + "2d")(x, w),
        lambda x, w: F.conv3d(x[:, :, None], w[:, :, None])[:, :, 0],
    ],
    ids=["functional", "torch", "aten", "getattr", "conv3d"],
)
def test_torchs_own_convolution_is_seen_under_any_name(convolve):
    def conv2d_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
        if (stride, padding, dilation, bias) == (1, 0, 1, None) and x.shape[1] == weight.shape[1]:
            return convolve(x, weight)
        return taps(x, weight, bias, stride, padding, dilation)

    verdicts = {v.aspect: v for v in judge(EXERCISES["conv2d_torch"], Local(conv2d_torch))}
    assert [aspect for aspect, v in verdicts.items() if v.passed is False and aspect != "errors"] == ["how"]
    assert "it reached torch's own convolution (aten.convolution)" in verdicts["how"].message


@pytest.mark.parametrize("hidden", [False, True], ids=["loop", "in a library"])
def test_a_loop_over_pixels_is_counted(hidden):
    def conv2d_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
        like = taps(x, weight, bias, stride, padding, dilation)
        places = [(i, j) for i in range(like.shape[2]) for j in range(like.shape[3])]
        if hidden:
            np.apply_along_axis(lambda place: place, 1, np.array(places))
        else:
            for _i, _j in places:
                pass
        return like

    verdict = judge(EXERCISES["conv2d_torch"], Local(conv2d_torch), aspects=["how"])[0]
    assert verdict.passed is False
    assert re.search(r"an image of 6 x 6 runs \d+ lines of Python, one of 12 x 12 runs \d+", verdict.message)


def test_a_numpy_kernel_that_asks_torch_is_seen():
    def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
        y = taps(*map(torch.from_numpy, (x.copy(), weight.copy())), None, stride, padding, dilation).numpy()
        return y if bias is None else y + bias[:, None, None]

    failed = {v.aspect: v.message for v in judge(EXERCISES["conv2d"], Local(conv2d)) if not v.passed}
    assert list(failed) == ["how"]
    assert "it called torch; this exercise is done with NumPy alone" in failed["how"]


def test_a_students_module_may_be_called_as_an_installed_package_is():
    import pytest as installed

    source = "def conv2d(x, weight, **options):\n    return right(x, weight, **options)\n"
    namespace = {"__name__": installed.__name__, "right": as_submitted(EXERCISES["conv2d"])}
    exec(source, namespace)
    assert [v.message for v in judge(EXERCISES["conv2d"], Local(namespace["conv2d"])) if not v.passed] == []
