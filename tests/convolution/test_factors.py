"""A kernel split into two factors, judged by what they make together."""

import numpy as np
import pytest
import torch

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.student_code.subject import Local, Tensor
from convolution import reference
from convolution.factors import FACTORS, nearest_separable


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


# --- the kind ----------------------------------------------------------------------------------------------------

WEIGHT = np.arange(1.0, 25).reshape(2, 3, 2, 2) % 7
NEAREST = nearest_separable(WEIGHT)


def pair_of(depthwise, pointwise):
    return Tensor.of(depthwise), Tensor.of(pointwise)


def test_the_nearest_kernel_is_what_its_factors_make():
    depthwise, pointwise = reference.separate(WEIGHT)
    assert NEAREST.shape == WEIGHT.shape and not np.allclose(NEAREST, WEIGHT)
    for factors in (pair_of(depthwise, pointwise), list(pair_of(-depthwise / 3, -3 * pointwise))):
        assert FACTORS.form_difference(factors) is None
        assert FACTORS.difference(NEAREST, factors, "float64") is None
    found = FACTORS.difference(NEAREST, pair_of(depthwise, 1.001 * pointwise), "float64")
    assert found.text.startswith("first difference at [0, 0, 0, 0]")


def test_the_coarser_of_input_and_factors_sets_the_tolerance():
    depthwise, pointwise = reference.separate(WEIGHT)
    nearly = pair_of(depthwise, pointwise * (1 + 1e-6))
    assert FACTORS.difference(NEAREST, nearly, "float64") is not None
    assert FACTORS.difference(NEAREST, nearly, "float32") is None


def test_factors_without_numbers_are_none():
    missing = Tensor(None, "meta", "float32", (3, 1, 2, 2))
    assert FACTORS.form_difference((missing, missing)).text == "expected two tensors with numbers"
    assert FACTORS.devices_of((missing, Tensor.of(np.zeros(1)))) == ("meta", "cpu")


def test_the_wrong_function_is_submitted_with_another_sign_and_scale():
    """Otherwise a check that compares with the reference's own factors would go unnoticed."""
    factors = FACTORS.submitted(nearest_separable)(torch.from_numpy(WEIGHT))
    ours = reference.separate(NEAREST)
    assert not np.allclose(np.abs(factors[0].numpy()), np.abs(ours[0]))
    np.testing.assert_allclose(reference.merge(*(factor.numpy() for factor in factors)), NEAREST, atol=1e-12)
