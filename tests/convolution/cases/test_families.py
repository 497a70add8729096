"""Families of exercises: the arrays that go together, their biases, and those that must be refused."""

import pytest

from autograder.sampling import stream
from convolution import reference
from convolution.cases.families import (
    Depthwise,
    Family,
    Merge,
    Plane,
    Pointwise,
    Regular,
    Separable,
    Separate,
    Sizes,
    other_channels,
    other_filters,
    shapes,
)

SIZES = Sizes(N=2, C=3, O=5, H=8, W=9, kH=4, kW=7)

#: Family -> its arrays for the sizes above, its biases, and a right function.
FAMILIES = {
    "plane": (Plane(), [(8, 9), (4, 7)], {}, reference.correlate2d),
    "regular": (Regular(), [(2, 3, 8, 9), (5, 3, 4, 7)], {"bias": (5,)}, reference.conv2d),
    "depthwise": (Depthwise(), [(2, 3, 8, 9), (3, 1, 4, 7)], {"bias": (3,)}, reference.depthwise_conv2d),
    "pointwise": (Pointwise(), [(2, 3, 8, 9), (5, 3, 1, 1)], {"bias": (5,)}, reference.pointwise_conv2d),
    "separable": (
        Separable(),
        [(2, 3, 8, 9), (3, 1, 4, 7), (5, 3, 1, 1)],
        {"depthwise_bias": (3,), "pointwise_bias": (5,)},
        reference.separable_conv2d,
    ),
    "merge": (Merge(), [(3, 1, 4, 7), (5, 3, 1, 1)], {}, reference.merge),
    "separate": (Separate(), [(5, 3, 4, 7)], {}, reference.separate),
}


def streams(*names):
    return stream("families", *names)


@pytest.mark.parametrize(("family", "arrays", "biases", "right"), FAMILIES.values(), ids=FAMILIES)
def test_the_arrays_and_biases_of_a_family_go_together(family, arrays, biases, right):
    drawn = family.arrays(streams(), SIZES)
    assert [array.shape for array in drawn] == arrays
    given = family.biases(streams(), drawn)
    assert {name: bias.shape for name, bias in given.items()} == biases
    assert right(*drawn, **given) is not None


@pytest.mark.parametrize(("family", "arrays", "biases", "right"), FAMILIES.values(), ids=FAMILIES)
def test_what_must_be_refused_is_refused_and_named(family, arrays, biases, right):
    for case in family.refused(streams, family.arrays(streams(), SIZES)):
        with pytest.raises(ValueError) as refusal:
            right(*case.args)
        assert case.must_mention and all(shape in str(refusal.value) for shape in case.must_mention)


def test_arrays_that_do_not_go_together_are_too_many_and_too_few():
    """Both ways: code that cuts off, and code that runs past the end, are different mistakes."""
    x, weight = Regular().arrays(streams(), SIZES)
    for change in (1, -1):
        assert other_channels(streams, (x, weight), change).args[1].shape == (5, 3 + change, 4, 7)
        assert other_filters(streams, Depthwise().arrays(streams(), SIZES), change).args[1].shape == (
            6 + change,
            1,
            4,
            7,
        )
    assert len(Pointwise().refused(streams, Pointwise().arrays(streams(), SIZES))) == 3
    assert len(Depthwise().refused(streams, Depthwise().arrays(streams(), SIZES))) == 3
    assert len(Separable().refused(streams, Separable().arrays(streams(), SIZES))) == 4


def test_a_multiplier_makes_more_filters():
    sizes = Sizes(N=2, C=3, O=5, H=8, W=9, kH=4, kW=7, multiplier=4)
    x, weight = Depthwise().arrays(streams(), sizes)
    assert weight.shape == (12, 1, 4, 7)
    assert Depthwise().biases(streams(), (x, weight))["bias"].shape == (12,)


def test_lone_biases_are_given_to_functions_and_not_to_layers():
    assert Separable(lone_biases=("depthwise_bias",)).lone_biases == ("depthwise_bias",)
    assert Separable().lone_biases == ()
    assert Plane().slides and not Plane(slides=False).slides


def test_a_family_says_its_own_arrays():
    with pytest.raises(NotImplementedError):
        Family().arrays(streams(), SIZES)
    assert Family().refused(streams, ()) == []


def test_shapes_are_named_as_python_writes_them():
    assert shapes(*Merge().arrays(streams(), SIZES)) == ("(3, 1, 4, 7)", "(5, 3, 1, 1)")
