"""Arrays and tensors as results."""

import re

import numpy as np
import pytest

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.student_code.subject import Local


class LiesAboutItsClass:
    """Equal to everything, and raises when asked what it is."""

    @property
    def __class__(self):
        raise RuntimeError("never ask")

    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "got None; is a return missing"),
        ([1.0], "got list"),
        (float("nan"), "got float"),
        (True, "got bool"),
        ("right", "got str"),
        (np.full((1, 1, 3, 3), np.nan), "values differ|expected shape"),
        (np.full((1, 1, 3, 3), True), "got an array of bool"),
        (np.full((1, 1, 3, 3), None), "got numpy.ndarray of object"),
        (LiesAboutItsClass(), "got .*LiesAboutItsClass"),
    ],
    ids=["none", "list", "nan", "bool", "text", "array of nan", "array of bool", "array of objects", "liar"],
)
def test_what_is_no_array_of_numbers_is_rejected(value, text):
    verdict = judge(EXERCISES["conv2d"], Local(lambda *args, **options: value), aspects=["values"])[0]
    assert verdict.passed is False
    assert re.search(text, verdict.message)
