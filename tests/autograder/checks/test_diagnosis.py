"""The text of a failure: what was called, where it first differs, and the likely cause."""

import re

import numpy as np
import pytest
from handwritten import message_of

from autograder.checks import judge
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.student_code.subject import Local
from convolution.mistakes import BANK


def test_a_wrong_answer_says_what_where_and_why():
    text = message_of(as_submitted(EXERCISES["conv2d"], BANK["flipped-kernel"]), "conv2d-values")
    first, second = text.splitlines()[:2]
    assert re.fullmatch(r"conv2d, values: wrong for x \(1, 1, \d, \d\), weight \(1, 1, \d, \d\)", first)
    assert re.search(
        r"first difference at \[0, 0, 0, 0\]: expected .*, got .*; (\d+) of \1 values differ, largest by", second
    )
    assert "(allowed 1e-09)" in second
    for part in ("  x  ", "weight", "yours", "expected", "the window at [0, 0]:"):
        assert part in text
    assert "flipped in both directions" in text
    assert text.endswith('To see this case again: check(conv2d, "conv2d-values")')


def test_the_products_in_the_message_add_up_to_what_was_expected():
    text = message_of(as_submitted(EXERCISES["correlate2d"], BANK["flipped-kernel"]), "correlate2d-values")
    products, total = re.search(r"the window at \[0, 0\]:\n  (.*) = (.*)\n", text).groups()
    terms = [np.prod([float(number) for number in term.split("*")]) for term in products.split(" + ")]
    expected = float(re.search(r"expected (\S+), got", text).group(1))
    assert sum(terms) == pytest.approx(float(total), abs=1e-2) == pytest.approx(expected, abs=1e-2)


def test_the_window_of_a_padded_and_strided_case_is_the_right_one():
    """The written-out sum is the expected number at that place, padding and stride included."""
    wrong_at_one_pixel = as_submitted(EXERCISES["correlate2d"])

    def correlate2d(image, kernel, **options):
        y = wrong_at_one_pixel(image, kernel, **options)
        y[1, 1] += 1
        return y

    for aspect in ("padding", "dilation"):
        verdict = judge(EXERCISES["correlate2d"], Local(correlate2d), aspects=[aspect])[0]
        total = re.search(r"the window at \[1, 1\].*\n.* = (\S+)", verdict.message)
        if total:
            expected = re.search(r"at \[1, 1\]: expected (\S+),", verdict.message).group(1).rstrip(",")
            assert float(total.group(1)) == pytest.approx(float(expected), abs=1e-2)
            return
    pytest.fail("no picture was drawn for a small padded case")


def test_another_seed_draws_other_numbers_and_says_so():
    wrong = as_submitted(EXERCISES["conv2d"], BANK["flipped-kernel"])
    public = judge(EXERCISES["conv2d"], Local(wrong), aspects=["values"])[0].message
    private = judge(EXERCISES["conv2d"], Local(wrong), 7, ["values"])[0].message
    assert public.splitlines()[1] != private.splitlines()[1]
    assert private.endswith('check(conv2d, "conv2d-values", seed=7)')


def test_a_crash_names_the_students_line():
    def conv2d(x, weight, **options):
        return x[0, 0, 0, 99]

    text = message_of(conv2d, "conv2d-values")
    assert "raised IndexError for x (1, 1," in text
    assert re.search(r"at line \d+: return x\[0, 0, 0, 99\]", text)


def test_the_message_is_about_the_smallest_case_that_fails():
    """Wrong only with several channels: the one-channel case is not what is shown."""

    def conv2d(x, weight, **options):
        return as_submitted(EXERCISES["conv2d"])(x[:, :1], weight[:, :1], **options)

    text = message_of(conv2d, "conv2d-values")
    assert not text.startswith("conv2d, values: wrong for x (1, 1,")
    assert "uses the first input channel only" in text
