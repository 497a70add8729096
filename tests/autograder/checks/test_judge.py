"""The rules of the marks, on kernels written as students write them (the bank bends the reference instead)."""

import pytest
from handwritten import loops, lost, variant

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.student_code.subject import Local


def test_an_excellent_solution_gets_everything():
    verdicts = judge(EXERCISES["conv2d"], Local(loops))
    assert sum(v.points for v in verdicts) == sum(EXERCISES["conv2d"].points.values()) > 0
    assert all(v.passed for v in verdicts)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("flips", {"values": "flipped-kernel"}),
        ("ignores the stride", {"stride": "stride-ignored"}),
        ("forgets the bias", {"bias": "bias-forgotten"}),
        ("always float64", {"dtype": "dtype-lost"}),
        ("crash with stride", {"stride": None}),
        ("nonsense with stride", {"stride": None}),
        ("no errors", {"errors": None}),
        ("crash with stride and bias", {"stride": None, "bias": None, "all-together": None}),
    ],
)
def test_a_mistake_costs_once(wrong, expected):
    assert lost(variant(wrong)) == expected


def test_what_is_already_counted_is_said():
    verdict = judge(EXERCISES["conv2d"], Local(variant("flips")), aspects=["stride"])[0]
    assert verdict.message == "conv2d, stride: right, given what is already counted: flipped-kernel"


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize(
    "stub",
    [
        lambda *args, **options: None,
        lambda *args, **options: 0,
        lambda *args, **options: args[0],
        lambda *args, **options: 864,
        lambda *args, **options: (_ for _ in ()).throw(NotImplementedError()),
    ],
    ids=["pass", "zero", "input", "constant", "not implemented"],
)
def test_nothing_for_nothing(name, stub):
    assert sum(v.points for v in judge(EXERCISES[name], Local(stub))) == 0


def test_zeros_of_the_right_shape_earn_nothing():
    assert sum(v.points for v in judge(EXERCISES["conv2d"], Local(lambda *a, **o: loops(*a, **o) * 0))) == 0


def test_always_raising_the_right_error_earns_nothing():
    def conv2d(x, weight, **options):
        raise ValueError(f"{x.shape} {weight.shape}")

    verdicts = judge(EXERCISES["conv2d"], Local(conv2d))
    assert sum(v.points for v in verdicts) == 0
    errors = next(v for v in verdicts if v.aspect == "errors")
    assert errors.message == "conv2d, errors: get the values right first"


def test_side_aspects_are_at_most_one_point_each():
    for exercise in EXERCISES.values():
        for aspect in ("dtype", "errors"):
            assert exercise.points.get(aspect, 0) <= 1
