"""Cases for kernels and layers: arrays whose sizes all differ, one square among them, and what must be refused."""

from dataclasses import replace

import numpy as np

from autograder.model import Case
from autograder.sampling import in_memory_order, values, whole
from convolution.catalogue import EXERCISES


def _family(name):
    """What an exercise takes: one plane, or the layer its name begins with."""
    if EXERCISES[name].assignment == "01-window":
        return "plane"
    if name == "DepthwiseSeparableConv2d":
        return "separable"
    return name.partition("_")[0]  # conv2d, depthwise, pointwise, separable, merge, separate


def _arrays(rng, name, channels="some", images=1, H=None, W=None, kH=None, kW=None, multiplier=1):
    """The arrays an exercise takes by position. Sizes that are not given are drawn, all different.

    ``channels``: "one" channel and one filter; "some", two different numbers above 1; "equal", 3 and 3.
    """
    kH = kH or whole(rng, 2, 3)
    kW = kW or whole(rng, 2, 4, kH)
    H = H or whole(rng, max(kH, kW) + 2, 8, kH, kW)
    W = W or whole(rng, max(kH, kW) + 2, 9, H, kH, kW)
    C = {"one": 1, "some": whole(rng, 2, 4, images), "equal": 3}[channels]
    O = {"one": 1, "some": whole(rng, 2, 5, C, images), "equal": 3}[channels]  # noqa: E741
    family = _family(name)
    if family == "plane":
        return values(rng, H, W), values(rng, kH, kW)
    if family == "merge":
        return values(rng, C, 1, kH, kW), values(rng, O, C, 1, 1)
    if family == "separate":
        return (values(rng, O, C, kH, kW),)
    x = values(rng, images, C, H, W)
    if family == "conv2d":
        return x, values(rng, O, C, kH, kW)
    if family == "depthwise":
        return x, values(rng, C * multiplier, 1, kH, kW)
    if family == "pointwise":
        return x, values(rng, O, C, 1, 1)
    return x, values(rng, C, 1, kH, kW), values(rng, O, C, 1, 1)


def _biases(rng, name, arrays):
    """The biases that go with these arrays, as options."""
    if _family(name) == "plane":
        return {}
    if _family(name) == "separable":
        _x, depthwise_weight, pointwise_weight = arrays
        return {
            "depthwise_bias": values(rng, depthwise_weight.shape[0]),
            "pointwise_bias": values(rng, pointwise_weight.shape[0]),
        }
    return {"bias": values(rng, arrays[1].shape[0])}


def _square(rng, name, side=6, images=1):
    """H = W, kH = kW, C_in = C_out: axes swapped and kernels transposed give numbers only here."""
    return _arrays(rng, name, "equal", images, H=side, W=side, kH=3, kW=3)


def _values(name, rng):
    H, kH = whole(rng(0), 4, 5), whole(rng(0, "kernel"), 2, 3)
    few = "some" if _family(name) in ("pointwise", "merge", "separate") else "one"
    tiny = _arrays(rng(0), name, few, H=H, W=9 - H, kH=kH, kW=5 - kH)
    tall = _arrays(rng(1), name, H=whole(rng(1), 7, 9), W=whole(rng(1), 5, 6), kH=3, kW=2)
    wide = _arrays(rng(2), name, H=whole(rng(2), 5, 6), W=whole(rng(2), 8, 9), kH=2, kW=3)
    return [
        Case(tiny),
        Case(tall),
        Case(wide),
        # The same shapes with other numbers: an answer that was remembered is no answer.
        Case(tuple(values(rng(3), *array.shape) for array in wide)),
        Case(_square(rng(4), name)),
    ]


def _shape(name, rng):
    one_pixel = _arrays(rng(0), name, H=4, W=3, kH=4, kW=3)
    one_column = _arrays(rng(1), name, H=whole(rng(1), 6, 8), W=3, kH=2, kW=3)
    one_tap = _arrays(rng(2), name, H=whole(rng(2), 3, 5), W=6, kH=1, kW=1)
    return [Case(one_pixel), Case(one_column), Case(one_tap), Case(_square(rng(3), name))]


def _batch(name, rng):
    few = _arrays(rng(0), name, "one", images=2, H=4, W=5, kH=2, kW=3)
    more = _arrays(rng(1), name, images=3, H=6, W=5, kH=2, kW=3)
    return [Case(few), Case(more), Case(_square(rng(2), name, images=2))]


def _bias(name, rng):
    cases = []
    for index in range(3):
        arrays = _arrays(rng(index), name)
        cases.append(Case(arrays, _biases(rng(index, "bias"), name, arrays)))
    square = _square(rng(3), name)
    cases.append(Case(square, _biases(rng(3, "bias"), name, square)))
    if _family(name) == "separable" and EXERCISES[name].kind != "module":
        # One bias without the other, each way.
        for index, key in enumerate(("depthwise_bias", "pointwise_bias")):
            cases.append(replace(cases[index], options={key: cases[index].options[key]}))
    return cases


def _stride(name, rng):
    # Remainders after the last window: 1 of 3 (rounds down) and 2 of 3 (rounds to nearest), on either axis.
    tiny = _arrays(rng(0), name, "one", H=10, W=7, kH=2, kW=3)
    low = _arrays(rng(1), name, H=3 + 3 * 2 + 1, W=2 + 2 * 3, kH=3, kW=2)
    high = _arrays(rng(2), name, H=2 + 4 * 2 + 1, W=3 + 3 * 3 + 2, kH=2, kW=3)
    square = _square(rng(3), name, side=3 + 4 * 2)
    return [
        Case(tiny, {"stride": 2}),
        Case(low, {"stride": (3, 2)}),
        Case(high, {"stride": (4, 3)}),
        Case(square, {"stride": 2}),
    ]


def _padding(name, rng):
    tiny = _arrays(rng(0), name, "one", H=4, W=3, kH=2, kW=3)
    pairs = _arrays(rng(1), name, H=whole(rng(1), 5, 6), W=7, kH=3, kW=2)
    return [
        Case(tiny, {"padding": 1}),
        Case(pairs, {"padding": (1, 2)}),
        Case(_square(rng(2), name), {"padding": (2, 1)}),
    ]


def _dilation(name, rng):
    tiny = _arrays(rng(0), name, "one", H=7, W=8, kH=2, kW=3)
    pairs = _arrays(rng(1), name, H=9, W=8, kH=3, kW=2)
    return [
        Case(tiny, {"dilation": 2}),
        Case(pairs, {"dilation": (2, 3)}),
        Case(_square(rng(2), name, side=9), {"dilation": (3, 2)}),
    ]


def _multiplier(name, rng):
    """Several output channels for each input channel, never as many as there are channels."""
    return [
        Case(_arrays(rng(0), name, "equal", H=4, W=5, kH=2, kW=3, multiplier=2)),
        Case(_arrays(rng(1), name, "some", H=6, W=5, kH=3, kW=2, multiplier=5)),
        Case(_arrays(rng(2), name, "equal", H=6, W=6, kH=3, kW=3, multiplier=2)),
    ]


def _all_together(name, rng):
    cases = []
    for index, (H, W, kH, kW, stride, padding) in enumerate(
        [(7, 6, 3, 2, (2, 1), 1), (8, 9, 2, 3, (3, 2), (1, 2)), (8, 8, 3, 3, 2, (2, 1))]
    ):
        channels = "equal" if kH == kW else "some"
        arrays = _arrays(rng(index), name, channels, images=2 + index % 2, H=H, W=W, kH=kH, kW=kW)
        slides = {} if _family(name) == "pointwise" else {"stride": stride, "padding": padding}
        cases.append(Case(arrays, slides | _biases(rng(index, "bias"), name, arrays)))
    return cases


def _errors(name, rng):
    def shapes(*arrays):
        return tuple(str(array.shape) for array in arrays)

    large = _arrays(rng(0), name, H=3, W=5, kH=4, kW=2)
    fits = _arrays(rng(1), name, H=6, W=7, kH=2, kW=3)
    family = _family(name)
    if family == "merge":
        depthwise, pointwise = fits
        more, fewer = (values(rng(i), pointwise.shape[0], depthwise.shape[0] + i, 1, 1) for i in (1, -1))
        return [Case((depthwise, other), {}, shapes(depthwise, other)) for other in (more, fewer)]
    x, weight, *rest = fits
    cases = []
    if family != "pointwise":
        cases.append(Case(large, {}, shapes(*large[:2])))
    if name == "convolve2d":
        return cases
    if family == "pointwise":
        cases.append(Case((x, values(rng(2), weight.shape[0], x.shape[1], 3, 2)), {}))
        cases[-1] = replace(cases[-1], must_mention=shapes(*cases[-1].args))
    else:
        cases += [Case(fits, {"stride": 0}, shapes(x, weight)), Case(fits, {"padding": -1}, shapes(x, weight))]
    for change in (1, -1):
        if family in ("conv2d", "pointwise"):
            other = values(rng(3, change), weight.shape[0], x.shape[1] + change, *weight.shape[2:])
            cases.append(Case((x, other), {}, shapes(x, other)))
        if family in ("depthwise", "separable"):
            # A number of filters that is no multiple of the channels, which there are at least 2 of.
            other = values(rng(3, change), 2 * x.shape[1] + change, *weight.shape[1:])
            cases.append(Case((x, other, *rest), {}, shapes(x, other)))
        if family == "separable":
            other = values(rng(4, change), rest[0].shape[0], x.shape[1] + change, 1, 1)
            cases.append(Case((x, weight, other), {}, shapes(other)))
    if family == "depthwise":
        other = values(rng(5), x.shape[1], 2, *weight.shape[2:])
        cases.append(Case((x, other), {}, shapes(x, other)))
    return cases


def _dtype(name, rng):
    drawn = [_arrays(rng(0), name, H=5, W=6, kH=2, kW=3), _arrays(rng(1), name, H=5, W=6, kH=2, kW=3)]
    # Once more as a square, so that a mistake without numbers for rectangles is asked for its dtype too.
    drawn += [_square(rng(2), name), _square(rng(3), name)]
    dtypes = (np.float64, np.float32) * 2
    return [Case(tuple(array.astype(dtype) for array in arrays)) for arrays, dtype in zip(drawn, dtypes, strict=True)]


def _layout(name, rng):
    cases = []
    for index, order in enumerate(("F", "view", "F", "view")):
        arrays = _arrays(rng(index), name, H=6, W=5, kH=2, kW=3) if index < 2 else _square(rng(index), name)
        cases.append(Case(tuple(in_memory_order(array, order) for array in arrays)))
    return cases


def _unchanged(name, rng):
    """With a bias where there is one: what code is tempted to write into."""
    plain = _arrays(rng(0), name)
    biases = _biases(rng(2), name, plain)
    return [Case(plain), Case(_square(rng(1), name)), *([Case(plain, biases)] if biases else [])]


def _one_square(name, rng):
    return [Case(_square(rng(0), name))]


def _twice(name, rng):
    """A square and one with twice its height and width: what grows with the image shows."""
    return [Case(_square(rng(0), name, side)) for side in (6, 12)]


def _parameters(name, rng):
    """Layers with and without biases."""
    plain, more = _arrays(rng(0), name), _arrays(rng(1), name)
    return [Case(plain), Case(more, _biases(rng(2), name, more))]


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


def draw(name, aspect, rng):
    """The cases of one aspect, float64 and in memory order unless the aspect is about that."""
    return _ASPECTS[aspect](name, rng)
