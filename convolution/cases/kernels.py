"""Cases for kernels and layers: arrays whose sizes all differ, one square among them, and bad input to be refused."""

from dataclasses import replace

import numpy as np

from autograder.model import Case
from autograder.sampling import in_memory_order, values, whole
from convolution.cases.families import Depthwise, Merge, Plane, Pointwise, Regular, Separable, Separate, Sizes, shapes


def _arrays(rng, family, channels="some", images=1, H=None, W=None, kH=None, kW=None, multiplier=1):
    """The arrays that a family takes by position. Sizes that are not given are drawn, all different.

    ``channels``: "one" channel and one filter; "some", two different numbers above 1; "equal", 3 and 3.
    """
    kH = kH or whole(rng, 2, 3)
    kW = kW or whole(rng, 2, 4, kH)
    H = H or whole(rng, max(kH, kW) + 2, 8, kH, kW)
    W = W or whole(rng, max(kH, kW) + 2, 9, H, kH, kW)
    # Both are drawn in any case, so that the numbers after them do not depend on which is taken.
    C = {"one": 1, "some": whole(rng, 2, 4, images), "equal": 3}[channels]
    O = {"one": 1, "some": whole(rng, 2, 5, C, images), "equal": 3}[channels]  # noqa: E741
    return family.arrays(rng, Sizes(images, C, O, H, W, kH, kW, multiplier))


def _square(rng, family, side=6, images=1):
    """H = W, kH = kW, C_in = C_out: axes swapped and kernels transposed give numbers only here."""
    return _arrays(rng, family, "equal", images, H=side, W=side, kH=3, kW=3)


def _values(family, rng):
    H, kH = whole(rng(0), 4, 5), whole(rng(0, "kernel"), 2, 3)
    tiny = _arrays(rng(0), family, family.smallest, H=H, W=9 - H, kH=kH, kW=5 - kH)
    tall = _arrays(rng(1), family, H=whole(rng(1), 7, 9), W=whole(rng(1), 5, 6), kH=3, kW=2)
    wide = _arrays(rng(2), family, H=whole(rng(2), 5, 6), W=whole(rng(2), 8, 9), kH=2, kW=3)
    return [
        Case(tiny),
        Case(tall),
        Case(wide),
        # The same shapes with other numbers: an answer that was remembered is no answer.
        Case(tuple(values(rng(3), *array.shape) for array in wide)),
        Case(_square(rng(4), family)),
    ]


def _shape(family, rng):
    one_pixel = _arrays(rng(0), family, H=4, W=3, kH=4, kW=3)
    one_column = _arrays(rng(1), family, H=whole(rng(1), 6, 8), W=3, kH=2, kW=3)
    one_tap = _arrays(rng(2), family, H=whole(rng(2), 3, 5), W=6, kH=1, kW=1)
    return [Case(one_pixel), Case(one_column), Case(one_tap), Case(_square(rng(3), family))]


def _batch(family, rng):
    few = _arrays(rng(0), family, "one", images=2, H=4, W=5, kH=2, kW=3)
    more = _arrays(rng(1), family, images=3, H=6, W=5, kH=2, kW=3)
    return [Case(few), Case(more), Case(_square(rng(2), family, images=2))]


def _bias(family, rng):
    cases = []
    for index in range(3):
        arrays = _arrays(rng(index), family)
        cases.append(Case(arrays, family.biases(rng(index, "bias"), arrays)))
    square = _square(rng(3), family)
    cases.append(Case(square, family.biases(rng(3, "bias"), square)))
    for index, bias in enumerate(family.lone_biases):
        cases.append(replace(cases[index], options={bias: cases[index].options[bias]}))
    return cases


def _stride(family, rng):
    # Remainders after the last window: 1 of 3 (rounds down) and 2 of 3 (rounds to nearest), on either axis.
    tiny = _arrays(rng(0), family, "one", H=10, W=7, kH=2, kW=3)
    low = _arrays(rng(1), family, H=3 + 3 * 2 + 1, W=2 + 2 * 3, kH=3, kW=2)
    high = _arrays(rng(2), family, H=2 + 4 * 2 + 1, W=3 + 3 * 3 + 2, kH=2, kW=3)
    square = _square(rng(3), family, side=3 + 4 * 2)
    return [
        Case(tiny, {"stride": 2}),
        Case(low, {"stride": (3, 2)}),
        Case(high, {"stride": (4, 3)}),
        Case(square, {"stride": 2}),
    ]


def _padding(family, rng):
    tiny = _arrays(rng(0), family, "one", H=4, W=3, kH=2, kW=3)
    pairs = _arrays(rng(1), family, H=whole(rng(1), 5, 6), W=7, kH=3, kW=2)
    return [
        Case(tiny, {"padding": 1}),
        Case(pairs, {"padding": (1, 2)}),
        Case(_square(rng(2), family), {"padding": (2, 1)}),
    ]


def _dilation(family, rng):
    tiny = _arrays(rng(0), family, "one", H=7, W=8, kH=2, kW=3)
    pairs = _arrays(rng(1), family, H=9, W=8, kH=3, kW=2)
    return [
        Case(tiny, {"dilation": 2}),
        Case(pairs, {"dilation": (2, 3)}),
        Case(_square(rng(2), family, side=9), {"dilation": (3, 2)}),
    ]


def _multiplier(family, rng):
    """Several output channels for each input channel, never as many as there are channels."""
    return [
        Case(_arrays(rng(0), family, "equal", H=4, W=5, kH=2, kW=3, multiplier=2)),
        Case(_arrays(rng(1), family, "some", H=6, W=5, kH=3, kW=2, multiplier=5)),
        Case(_arrays(rng(2), family, "equal", H=6, W=6, kH=3, kW=3, multiplier=2)),
    ]


def _all_together(family, rng):
    cases = []
    for index, (H, W, kH, kW, stride, padding) in enumerate(
        [(7, 6, 3, 2, (2, 1), 1), (8, 9, 2, 3, (3, 2), (1, 2)), (8, 8, 3, 3, 2, (2, 1))]
    ):
        channels = "equal" if kH == kW else "some"
        arrays = _arrays(rng(index), family, channels, images=2 + index % 2, H=H, W=W, kH=kH, kW=kW)
        slides = {"stride": stride, "padding": padding} if family.slides else {}
        cases.append(Case(arrays, slides | family.biases(rng(index, "bias"), arrays)))
    return cases


def _errors(family, rng):
    """A kernel larger than its image, a stride and a padding that make no sense, and arrays that do not go together."""
    fits = _arrays(rng(1), family, H=6, W=7, kH=2, kW=3)
    cases = []
    if family.has_window:
        large = _arrays(rng(0), family, H=3, W=5, kH=4, kW=2)
        cases.append(Case(large, {}, shapes(*large[:2])))
    if family.slides:
        cases += [Case(fits, {"stride": 0}, shapes(*fits[:2])), Case(fits, {"padding": -1}, shapes(*fits[:2]))]
    return [*cases, *family.refused(rng, fits)]


def _dtype(family, rng):
    drawn = [_arrays(rng(0), family, H=5, W=6, kH=2, kW=3), _arrays(rng(1), family, H=5, W=6, kH=2, kW=3)]
    # Once more as a square, so that a mistake without numbers for rectangles is asked for its dtype too.
    drawn += [_square(rng(2), family), _square(rng(3), family)]
    dtypes = (np.float64, np.float32) * 2
    return [Case(tuple(array.astype(dtype) for array in arrays)) for arrays, dtype in zip(drawn, dtypes, strict=True)]


def _layout(family, rng):
    cases = []
    for index, order in enumerate(("F", "view", "F", "view")):
        arrays = _arrays(rng(index), family, H=6, W=5, kH=2, kW=3) if index < 2 else _square(rng(index), family)
        cases.append(Case(tuple(in_memory_order(array, order) for array in arrays)))
    return cases


def _unchanged(family, rng):
    """Arguments that code is tempted to write into: a bias too, where there is one."""
    plain = _arrays(rng(0), family)
    biases = family.biases(rng(2), plain)
    return [Case(plain), Case(_square(rng(1), family)), *([Case(plain, biases)] if biases else [])]


def _one_square(family, rng):
    return [Case(_square(rng(0), family))]


def _twice(family, rng):
    """A square, and one with twice its height and width, where work that grows with the image shows."""
    return [Case(_square(rng(0), family, side)) for side in (6, 12)]


def _parameters(family, rng):
    """Layers with and without biases."""
    plain, more = _arrays(rng(0), family), _arrays(rng(1), family)
    return [Case(plain), Case(more, family.biases(rng(2), more))]


_ASPECTS = {
    "values": _values,
    "shape": _shape,
    "batch": _batch,
    "bias": _bias,
    "stride": _stride,
    "padding": _padding,
    "dilation": _dilation,
    "multiplier": _multiplier,
    "all-together": _all_together,
    "errors": _errors,
    "dtype": _dtype,
    "unchanged": _unchanged,
    "layout": _layout,
    "device": _one_square,
    "how": _twice,
    "parameters": _parameters,
}


def _cases_of(family):
    """A function (aspect, rng) -> cases, as `autograder.model.Exercise` takes it, for the exercises of a family.

    The arrays are float64 and in memory order unless the aspect is about that.
    """

    def cases(aspect, rng):
        ask = _ASPECTS.get(aspect)
        return ask(family, rng) if ask else []

    return cases


correlation = _cases_of(Plane())
convolution = _cases_of(Plane(slides=False))
regular = _cases_of(Regular())
depthwise = _cases_of(Depthwise())
pointwise = _cases_of(Pointwise())
separable = _cases_of(Separable(lone_biases=("depthwise_bias", "pointwise_bias")))
separable_layer = _cases_of(Separable())
merge = _cases_of(Merge())
separate = _cases_of(Separate())
