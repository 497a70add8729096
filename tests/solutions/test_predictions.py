"""The predictions: every option has its reason, and the right letter is right, by computing it."""

from fractions import Fraction

import numpy as np
import pytest
from solutions.arguments import random_generator
from solutions.sources import source, words

from autograder.course import ASSIGNMENTS
from convolution import reference
from convolution.predictions import PREDICTIONS


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
    assert [*PREDICTIONS] == [entry.prediction for entry in ASSIGNMENTS.values()]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reasons": {"a": "x", "b": "y", "c": "z"}}, "reasons for"),
        ({"reasons": {"a": "v", "b": "x", "c": "y", "d": " "}}, "empty"),
        ({"reasons": {"a": "v", "b": "v", "c": "y", "d": "z"}}, "twice"),
        ({"answer": "e"}, "no option"),
    ],
)
def test_a_missing_reason_is_found(change, message):
    question = PREDICTIONS["predict-window"]
    changed = type(question)(**{**vars(question), **change})
    assert any(message in fault for fault in reasons_faults({"predict-window": changed}))


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
    order = np.arange(20)
    order[[3, 11]] = 11, 3
    before, after = (
        reference.pointwise_conv2d(a, weight) for a in (x, x.reshape(1, 3, 20)[..., order].reshape(x.shape))
    )
    np.testing.assert_array_equal(after.reshape(2, 20), before.reshape(2, 20)[:, order])
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
