"""The text of a failure: what was called, where it first differs, and the likely cause."""

import dataclasses
import re

import numpy as np
import pytest
from handwritten import message_of

from autograder.checks import judge
from autograder.checks.diagnosis import Failure, describe_call, named_arguments, picture
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.model import Case
from autograder.student_code.subject import Local
from convolution.mistakes import BANK

# --- a failure as text -------------------------------------------------------------------------------------------


def test_a_failure_has_its_parts_in_order_and_leaves_out_what_is_empty():
    failure = Failure("conv2d", "stride", "wrong", "x (1, 1)", ("first", "second"), "1  2\n\n3  4", "Because.", 7)
    assert str(failure) == (
        "conv2d, stride: wrong for x (1, 1)\n  first\n  second\n  1  2\n\n  3  4\n  Because.\n"
        '  To see this case again: check(conv2d, "conv2d-stride", seed=7)'
    )
    assert str(Failure("conv2d", "stride", "not written yet")) == "conv2d, stride: not written yet"
    public = str(Failure("conv2d", "stride", "wrong", "x (1, 1)"))
    assert public.endswith('again: check(conv2d, "conv2d-stride")'), "what everybody sees needs no seed"


CALL = (
    EXERCISES["conv2d"],
    Case((np.zeros((1, 3, 6, 6)), np.zeros((2, 3, 3, 3))), {"bias": np.zeros(2), "stride": (2, 1)}),
)


def test_arguments_are_named_as_in_the_right_function_whether_passed_by_position_or_not():
    assert [name for name, _ in named_arguments(*CALL)] == ["x", "weight", "bias", "stride"]
    assert describe_call(*CALL) == "x (1, 3, 6, 6), weight (2, 3, 3, 3), bias (2,), stride (2, 1)"
    # A pair of numbers and a number without axes are shown, not their shapes.
    numbers = Case((np.int64(6), (3, 2)), {"padding": np.array(1)})
    assert describe_call(EXERCISES["output_size"], numbers) == "size 6, kernel_size (3, 2), padding 1"


def small(*arrays, **options):
    """The picture of a small case of correlate2d, with its first number wrong."""
    case = Case(arrays, options)
    expected = EXERCISES["correlate2d"].right(*arrays, **options)
    return picture(EXERCISES["correlate2d"], case, expected, expected + 1, (0, 0))


def test_the_numbers_of_a_small_case():
    image, kernel = np.array([[1.0, 2], [3, 4]]), np.array([[10.0, -1.5]])
    assert small(image, kernel) == (
        "image     kernel\n1  2        10  -1.5\n3  4\n\n"
        "yours     expected\n 8         7\n25        24\n\n"
        "the window at [0, 0]:\n1*10 + 2*-1.5 = 7"
    )


@pytest.mark.parametrize(
    ("image", "kernel", "drawn"),
    [
        ((5, 6), (3, 3), True),
        ((5, 7), (3, 3), False),
        ((5, 6), (2, 5), False),
        ((1, 1, 5, 6), (1, 1, 3, 3), True),
        ((1, 2, 3, 4), (1, 2, 3, 3), False),
    ],
    ids=["largest", "large image", "large kernel", "planes with more axes", "two channels"],
)
def test_only_planes_small_enough_are_drawn(image, kernel, drawn):
    name = "correlate2d" if len(image) == 2 else "conv2d"
    case = Case((np.ones(image), np.ones(kernel)))
    expected = EXERCISES[name].right(*case.args)
    index = (0,) * expected.ndim
    assert bool(picture(EXERCISES[name], case, expected, expected, index)) is drawn


def test_a_result_that_is_no_plane_is_left_out_of_the_picture():
    case = Case((np.ones((3, 3)), np.ones((2, 2))))
    text = picture(EXERCISES["correlate2d"], case, np.ones((2, 2)), np.ones(4), (0, 0))
    assert "yours" not in text and text.endswith("1*1 + 1*1 + 1*1 + 1*1 = 4")
    large = picture(EXERCISES["correlate2d"], case, np.ones((2, 2)), np.ones((8, 8)), (0, 0))
    assert "yours" not in large


def test_an_exercise_that_is_not_worked_out_has_no_picture():
    case = Case((np.ones((3, 3)), np.ones((2, 2))))
    without = dataclasses.replace(EXERCISES["correlate2d"], worked=None)
    assert picture(without, case, np.ones((2, 2)), np.ones((2, 2)), (0, 0)) == ""
    assert picture(EXERCISES["correlate2d"], Case((np.ones((3, 3)), 2)), np.ones((2, 2)), np.ones((2, 2)), (0, 0)) == ""


# --- through `check` ---------------------------------------------------------------------------------------------


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
