"""The separable layer as a class: what of a case goes to its constructor, and which numbers it holds.

How students' classes are judged is tested with the kind, in `tests/autograder/kinds/test_layers.py`.
"""

import numpy as np
import pytest
import torch

from autograder.model import Case
from convolution.layers import SEPARABLE_LAYER
from convolution.reference import separable_conv2d

X, DEPTHWISE, POINTWISE = np.ones((1, 3, 6, 7)), np.ones((3, 1, 2, 4)), np.ones((5, 3, 1, 1))
BIASES = {"depthwise_bias": np.arange(3.0), "pointwise_bias": np.arange(5.0)}


@pytest.mark.parametrize(
    ("kernel", "options", "kernel_size", "given"),
    [
        ((2, 4), {}, (2, 4), {"bias": False}),
        ((3, 3), {}, 3, {"bias": False}),
        ((2, 4), BIASES, (2, 4), {"bias": True}),
        ((2, 4), {"pointwise_bias": BIASES["pointwise_bias"]}, (2, 4), {"bias": True}),
        ((2, 4), {"stride": 2, "padding": (1, 2)}, (2, 4), {"bias": False, "stride": 2, "padding": (1, 2)}),
    ],
)
def test_the_constructor_gets_sizes_and_options_and_no_numbers(kernel, options, kernel_size, given):
    case = Case((X, np.ones((3, 1, *kernel)), POINTWISE), options)
    args, keywords = SEPARABLE_LAYER.construct(case)
    assert args == {"in_channels": 3, "out_channels": 5, "kernel_size": kernel_size}
    assert keywords == given


def test_the_layer_holds_the_weights_and_biases_of_the_case():
    held = SEPARABLE_LAYER.numbers(Case((X, DEPTHWISE, POINTWISE), {**BIASES, "stride": 2}))
    assert list(held) == ["depthwise.weight", "pointwise.weight", "depthwise.bias", "pointwise.bias"]
    assert held["depthwise.weight"] is DEPTHWISE and held["pointwise.bias"] is BIASES["pointwise_bias"]
    assert list(SEPARABLE_LAYER.numbers(Case((X, DEPTHWISE, POINTWISE)))) == ["depthwise.weight", "pointwise.weight"]
    assert SEPARABLE_LAYER.optional == ("depthwise.bias", "pointwise.bias")


WANTED = {"depthwise.weight": (3, 1, 2, 4), "pointwise.weight": (5, 3, 1, 1)}


@pytest.mark.parametrize(
    ("held", "hint"),
    [
        ({"depthwise.weight": (3, 3, 2, 4)}, True),
        ({"depthwise.weight": (3, 2, 2, 4)}, False),
        ({"depthwise.weight": (3,)}, False),
        ({"depthwise.weight": ()}, False),
        ({"dw.weight": (3, 3, 2, 4)}, False),
        ({}, False),
    ],
)
def test_a_depthwise_step_that_sees_all_channels_is_hinted_at(held, hint):
    text = SEPARABLE_LAYER.hint(held, WANTED)
    assert bool(text) is hint and ("groups=in_channels" in text) is hint


def test_with_one_channel_a_depthwise_step_is_a_regular_one():
    assert SEPARABLE_LAYER.hint({"depthwise.weight": (1, 1, 2, 4)}, {"depthwise.weight": (1, 1, 2, 4)}) == ""


@pytest.mark.parametrize("bias", [True, False])
def test_a_right_function_makes_a_right_class(bias):
    made = SEPARABLE_LAYER.submitted(separable_conv2d)(3, 5, (2, 4), stride=2, padding=(1, 2), bias=bias)
    x = torch.rand(2, 3, 6, 7)
    expected = made.pointwise(
        torch.nn.functional.conv2d(x, made.depthwise.weight, made.depthwise.bias, 2, (1, 2), groups=3)
    )
    torch.testing.assert_close(made(x), expected.detach())
    assert (made.depthwise.bias is not None) == bias
