"""A number worked out for a student must be the number that the reference computes."""

import re

import numpy as np
import pytest

from autograder.model import Case
from convolution.reference import conv2d, convolve2d
from convolution.worked import flipped_window, window

RNG = np.random.default_rng(5)
OPTIONS = [
    {},
    {"stride": (2, 1)},
    {"padding": (1, 2)},
    {"dilation": (1, 2)},
    {"stride": 2, "padding": 1, "dilation": 2},
]


def drawn(*shape):
    return RNG.integers(-9, 10, shape).astype(float)


def total(text):
    return float(text.rpartition("= ")[2])


def sum_of_terms(text):
    terms = text.splitlines()[1].rpartition(" = ")[0].split(" + ")
    return sum(float(np.prod([float(number) for number in re.sub("bias ", "", term).split("*")])) for term in terms)


@pytest.mark.parametrize("bias", [None, np.array([3.0])], ids=["no bias", "bias"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_every_window_comes_to_the_reference(options, bias):
    options = options | {"bias": bias}
    case = Case((drawn(1, 1, 6, 7), drawn(1, 1, 2, 3)), options)
    result = conv2d(*case.args, **options)
    for index in np.ndindex(result.shape):
        text = window(case, index)
        assert total(text) == sum_of_terms(text) == result[index]


def test_a_flipped_window_comes_to_the_mathematicians_convolution():
    case = Case((drawn(5, 6), drawn(3, 2)))
    result = convolve2d(*case.args)
    assert [total(flipped_window(case, index)) for index in np.ndindex(result.shape)] == result.ravel().tolist()
    assert "with the kernel flipped" in flipped_window(case, (0, 0))
    assert total(window(case, (0, 0))) != result[0, 0]
