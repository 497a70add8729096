"""A kernel split into two factors, judged by what they make together."""

import pytest
import torch

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.student_code.subject import Local


def separate(weight):
    O, C, kH, kW = weight.shape  # noqa: E741
    left, sizes, right = torch.linalg.svd(weight.permute(1, 0, 2, 3).reshape(C, O, kH * kW), full_matrices=False)
    depthwise = right[:, 0].reshape(C, 1, kH, kW)
    pointwise = (left[:, :, 0] * sizes[:, :1]).T.reshape(O, C, 1, 1)
    return depthwise, pointwise


@pytest.mark.parametrize("scale", [1, -1, 4])
def test_sign_and_scale_are_free_between_the_factors(scale):
    def scaled(weight):
        depthwise, pointwise = separate(weight)
        return scale * depthwise, pointwise / scale

    assert [v.message for v in judge(EXERCISES["separate"], Local(scaled)) if not v.passed] == []


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (lambda weight: separate(weight)[0], "expected a tuple of two Tensors, got Tensor"),
        (lambda weight: (separate(weight)[0], 3), "got tuple of Tensor, int"),
        (lambda weight: separate(weight)[::-1], "expected shapes"),
        (lambda weight: (2 * separate(weight)[0], separate(weight)[1]), "values differ"),
    ],
)
def test_factors_that_do_not_merge_into_the_nearest_kernel_are_refused(wrong, text):
    verdict = judge(EXERCISES["separate"], Local(wrong))[0]
    assert verdict.passed is False and text in verdict.message
