"""How something was computed: packages, torch's operations, lines of Python."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from handwritten import taps

from autograder.checks import judge
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.student_code.subject import Local


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
