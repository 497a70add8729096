"""The data checks use, drawn from a seed.

`draw(exercise, aspect, seed)` gives the same cases every time, from the smallest to the ugliest. Every case has a
random stream of its own, named by a hash of (seed, exercise, aspect, case), so a new check moves no other and an
old failure can be seen again. The data cannot flatter: sizes differ from one another, values are signed and
without symmetry, and one square case stands among the rectangular ones because some mistakes show only there.
"""

import hashlib
import random
from dataclasses import dataclass, field, replace

import numpy as np

from autograder.exercises import EXERCISES


@dataclass(frozen=True)
class Case:
    """One call: what is passed by position, what by keyword, and which errors it must raise."""

    args: tuple
    options: dict = field(default_factory=dict)
    #: Texts the ValueError must contain; None where a result is expected.
    must_mention: tuple[str, ...] | None = None

    def without(self, name):
        """The same case with one thing left at its default: an option, or "batch" (one image)."""
        if name == "batch":
            return replace(self, args=(self.args[0][:1], *self.args[1:]))
        return replace(self, options={key: value for key, value in self.options.items() if key != name})


def stream(seed, *names):
    """A random stream of its own for every name; `random.Random.random` does not change between versions.

    Examples
    --------
    >>> stream(1, "conv2d", "stride", 0).random() == stream(1, "conv2d", "stride", 0).random()
    True
    >>> stream(1, "conv2d", "stride", 0).random() == stream(1, "conv2d", "stride", 1).random()
    False
    """
    digest = hashlib.sha256("|".join(map(str, (seed, *names))).encode()).digest()
    return random.Random(int.from_bytes(digest, "big"))


def whole(rng, low, high, *others):
    """A whole number from low to high that is none of the others."""
    choices = [number for number in range(low, high + 1) if number not in others]
    return choices[int(rng.random() * len(choices))]


def values(rng, *shape):
    """Random signed numbers with two decimals, between 0.1 and 2 in size, so that none vanishes from a sum."""
    count = int(np.prod(shape))
    numbers = [round(0.1 + 1.9 * rng.random(), 2) * (1 if rng.random() < 0.5 else -1) for _ in range(count)]
    return np.array(numbers).reshape(shape)


def in_memory_order(array, order):
    """The same numbers, laid out in memory another way: "C", "F" (Fortran), or "view" (a slice of a larger array)."""
    if order == "C":
        return array
    if order == "F":
        return np.asfortranarray(array)
    larger = np.full([2 * size + 1 for size in array.shape], 7.5, array.dtype)
    view = larger[tuple(slice(1, 2 * size + 1, 2) for size in array.shape)]
    view[...] = array
    return view


# --- the arrays of a convolution -------------------------------------------------------------------------------


def _planes(rng, *, channels=None, images=1, H=None, W=None, kH=None, kW=None):
    """An image and a kernel; with channels = (C_in, C_out) the four-axis x and weight.

    Sizes that are not given are drawn, all different.
    """
    kH = kH or whole(rng, 2, 3)
    kW = kW or whole(rng, 2, 4, kH)
    H = H or whole(rng, max(kH, kW) + 2, 8, kH, kW)
    W = W or whole(rng, max(kH, kW) + 2, 9, H, kH, kW)
    if channels is None:
        return values(rng, H, W), values(rng, kH, kW)
    C_in, C_out = channels
    return values(rng, images, C_in, H, W), values(rng, C_out, C_in, kH, kW)


def _some_channels(rng, name):
    """Two different numbers of channels, both above 1, or None for the kernels of a single plane."""
    if EXERCISES[name].assignment == "01-window":
        return None
    C_in = whole(rng, 2, 4)
    return C_in, whole(rng, 2, 5, C_in)


def _square(rng, name, side=None):
    """H = W, kH = kW, C_in = C_out: axes swapped and kernels transposed give numbers only here."""
    channels = None if _some_channels(rng, name) is None else (3, 3)
    return _planes(rng, channels=channels, H=side or 6, W=side or 6, kH=3, kW=3)


def _kernel_values(name, rng):
    one = None if _some_channels(rng(0), name) is None else (1, 1)
    H = whole(rng(0), 4, 5)
    tiny = _planes(rng(0), channels=one, H=H, W=9 - H, kH=whole(rng(0), 2, 3), kW=2)
    if tiny[1].shape[-2:] == (2, 2):
        tiny = _planes(rng(0), channels=one, H=H, W=9 - H, kH=2, kW=3)
    tall = _planes(
        rng(1), channels=_some_channels(rng(1), name), H=whole(rng(1), 7, 9), W=whole(rng(1), 5, 6), kH=3, kW=2
    )
    wide = _planes(
        rng(2), channels=_some_channels(rng(2), name), H=whole(rng(2), 5, 6), W=whole(rng(2), 8, 9), kH=2, kW=3
    )
    return [
        Case(tiny),
        Case(tall),
        Case(wide),
        # The same shapes with other numbers: an answer that was remembered is no answer.
        Case(tuple(values(rng(3), *array.shape) for array in wide)),
        Case(_square(rng(4), name)),
    ]


def _kernel_shape(name, rng):
    channels = [_some_channels(rng(i), name) for i in range(3)]
    one_pixel = _planes(rng(0), channels=channels[0], H=4, W=3, kH=4, kW=3)
    one_column = _planes(rng(1), channels=channels[1], H=whole(rng(1), 6, 8), W=3, kH=2, kW=3)
    one_tap = _planes(rng(2), channels=channels[2], H=whole(rng(2), 3, 5), W=6, kH=1, kW=1)
    return [Case(one_pixel), Case(one_column), Case(one_tap), Case(_square(rng(3), name))]


def _kernel_batch(name, rng):
    few = _planes(rng(0), channels=(1, 1), images=2, H=4, W=5, kH=2, kW=3)
    more = _planes(rng(1), channels=(2, 4), images=3, H=6, W=5, kH=2, kW=3)
    square = _planes(rng(2), channels=(3, 3), images=2, H=6, W=6, kH=3, kW=3)
    return [Case(few), Case(more), Case(square)]


def _kernel_bias(name, rng):
    cases = []
    for index, channels in enumerate([(1, 2), (2, 4), (4, 3)]):
        planes = _planes(rng(index), channels=channels)
        cases.append(Case(planes, {"bias": values(rng(index, "bias"), channels[1])}))
    square = _square(rng(3), name)
    cases.append(Case(square, {"bias": values(rng(3, "bias"), square[1].shape[0])}))
    return cases


def _kernel_stride(name, rng):
    channels = [_some_channels(rng(i), name) for i in range(3)]
    one = None if channels[0] is None else (1, 1)
    # Remainders after the last window: 1 of 3 (rounds down) and 2 of 3 (rounds to nearest), on either axis.
    tiny = _planes(rng(0), channels=one, H=10, W=7, kH=2, kW=3)
    low = _planes(rng(1), channels=channels[1], H=3 + 3 * 2 + 1, W=2 + 2 * 3, kH=3, kW=2)
    high = _planes(rng(2), channels=channels[2], H=2 + 4 * 2 + 1, W=3 + 3 * 3 + 2, kH=2, kW=3)
    square = _square(rng(3), name, side=3 + 4 * 2)
    return [
        Case(tiny, {"stride": 2}),
        Case(low, {"stride": (3, 2)}),
        Case(high, {"stride": (4, 3)}),
        Case(square, {"stride": 2}),
    ]


def _kernel_padding(name, rng):
    channels = [_some_channels(rng(i), name) for i in range(2)]
    one = None if channels[0] is None else (1, 1)
    tiny = _planes(rng(0), channels=one, H=4, W=3, kH=2, kW=3)
    pairs = _planes(rng(1), channels=channels[1], H=whole(rng(1), 5, 6), W=7, kH=3, kW=2)
    return [
        Case(tiny, {"padding": 1}),
        Case(pairs, {"padding": (1, 2)}),
        Case(_square(rng(2), name), {"padding": (2, 1)}),
    ]


def _kernel_dilation(name, rng):
    channels = [_some_channels(rng(i), name) for i in range(2)]
    one = None if channels[0] is None else (1, 1)
    tiny = _planes(rng(0), channels=one, H=7, W=8, kH=2, kW=3)
    pairs = _planes(rng(1), channels=channels[1], H=9, W=8, kH=3, kW=2)
    return [
        Case(tiny, {"dilation": 2}),
        Case(pairs, {"dilation": (2, 3)}),
        Case(_square(rng(2), name, side=9), {"dilation": (3, 2)}),
    ]


def _kernel_all_together(name, rng):
    plain = EXERCISES[name].assignment == "01-window"
    cases = []
    for index, (H, W, kH, kW, stride, padding) in enumerate(
        [(7, 6, 3, 2, (2, 1), 1), (8, 9, 2, 3, (3, 2), (1, 2)), (8, 8, 3, 3, 2, (2, 1))]
    ):
        options = {"stride": stride, "padding": padding}
        channels, images = None, 1
        if not plain:
            channels = (3, 3) if kH == kW else _some_channels(rng(index), name)
            images = 2 + index % 2
            options["bias"] = values(rng(index, "bias"), channels[1])
        planes = _planes(rng(index), channels=channels, images=images, H=H, W=W, kH=kH, kW=kW)
        cases.append(Case(planes, options))
    return cases


def _kernel_errors(name, rng):
    def case(channels_of_weight=None, **options):
        image, kernel = _planes(rng(0), channels=_some_channels(rng(0), name), H=6, W=7, kH=2, kW=3)
        if channels_of_weight:
            kernel = values(rng(0, "weight"), kernel.shape[0], image.shape[1] + channels_of_weight, 2, 3)
        return Case((image, kernel), options, (str(image.shape), str(kernel.shape)))

    large = _planes(rng(1), channels=_some_channels(rng(1), name), H=3, W=5, kH=4, kW=2)
    cases = [Case(large, {}, (str(large[0].shape), str(large[1].shape)))]
    if name == "convolve2d":
        return cases
    cases += [case(stride=0), case(padding=-1)]
    if EXERCISES[name].assignment != "01-window":
        cases += [case(channels_of_weight=1), case(channels_of_weight=-1)]
    return cases


def _kernel_dtype(name, rng):
    cases = []
    for index, dtype in enumerate((np.float64, np.float32)):
        planes = _planes(rng(index), channels=_some_channels(rng(index), name), H=5, W=6, kH=2, kW=3)
        cases.append(Case(tuple(array.astype(dtype) for array in planes)))
    # Once more as a square, so that a mistake without numbers for rectangles is asked for its dtype too.
    return [
        *cases,
        *(Case(tuple(a.astype(dtype) for a in _square(rng(2), name))) for dtype in (np.float64, np.float32)),
    ]


def _kernel_layout(name, rng):
    cases = []
    for index, (order, is_square) in enumerate([("F", False), ("view", False), ("F", True), ("view", True)]):
        planes = _planes(rng(index), channels=_some_channels(rng(index), name), H=6, W=5, kH=2, kW=3)
        if is_square:
            planes = _square(rng(index), name)
        dtype = _natural_dtype(name)
        cases.append(Case(tuple(in_memory_order(array.astype(dtype), order) for array in planes)))
    return cases


def _kernel_twice(name, rng):
    """A square and one with twice its height and width: what grows with the image shows."""
    channels = None if _some_channels(rng(0), name) is None else (3, 3)
    return [Case(_planes(rng(0), channels=channels, H=n, W=n, kH=3, kW=3)) for n in (6, 12)]


def _kernel_square(name, rng):
    return [Case(_square(rng(0), name))]


def _kernel_unchanged(name, rng):
    """With a bias where there is one: what code is tempted to write into."""
    plain = _planes(rng(0), channels=_some_channels(rng(0), name))
    cases = [Case(plain), Case(_square(rng(1), name))]
    if EXERCISES[name].assignment != "01-window":
        cases.append(Case(plain, {"bias": values(rng(2), plain[1].shape[0])}))
    return cases


_KERNEL = {
    "values": _kernel_values,
    "shape": _kernel_shape,
    "batch": _kernel_batch,
    "bias": _kernel_bias,
    "stride": _kernel_stride,
    "padding": _kernel_padding,
    "dilation": _kernel_dilation,
    "all-together": _kernel_all_together,
    "errors": _kernel_errors,
    "dtype": _kernel_dtype,
    "unchanged": _kernel_unchanged,
    "layout": _kernel_layout,
    "device": _kernel_square,
    "how": _kernel_twice,
}

# --- one axis, one window, and the counters --------------------------------------------------------------------


def _window_sum(aspect, rng):
    cases = []
    for index, (H, W) in enumerate([(4, 5), (6, 7), (5, 8), (7, 7)]):
        # The window touches no border: one row or column too many changes the sum.
        height = whole(rng(index), 2, H - 2)
        width = whole(rng(index), 1, W - 3, height)
        row = whole(rng(index, "row"), 1, H - height - 1)
        column = whole(rng(index, "column"), 1, W - width - 1, row)
        cases.append(Case((values(rng(index), H, W), row, column, height, width)))
    return cases


def _output_size(aspect, rng):
    def sizes(index, stride=1, padding=0, dilation=1, left_over=0):
        kernel_size = whole(rng(index), 3, 5)
        # Built backwards from the number of windows, so that the remainder is what the case is about.
        windows = whole(rng(index, "windows"), 8, 14)
        size = (windows - 1) * stride + left_over + dilation * (kernel_size - 1) + 1 - 2 * padding
        return size, kernel_size

    if aspect in ("values", "dtype"):
        return [Case(sizes(index)) for index in range(3)]
    if aspect == "stride":
        return [
            Case(sizes(i, stride=stride, left_over=left), {"stride": stride})
            for i, (stride, left) in enumerate([(3, 0), (3, 1), (3, 2), (5, 2), (5, 4)])
        ]
    if aspect == "padding":
        return [Case(sizes(i, padding=p), {"padding": p}) for i, p in enumerate((3, 1, 4))]
    if aspect == "dilation":
        return [Case(sizes(i, dilation=d), {"dilation": d}) for i, d in enumerate((3, 4))]
    if aspect == "all-together":
        options = [(3, 1, 4, 1), (5, 3, 1, 4), (4, 1, 3, 3)]
        return [
            Case(sizes(i, s, p, d, left), {"stride": s, "padding": p, "dilation": d})
            for i, (s, p, d, left) in enumerate(options)
        ]
    size, kernel_size = whole(rng(0), 3, 5), whole(rng(0), 8, 9)  # errors
    fits = sizes(1)
    return [
        Case((size, kernel_size), {}, (str(size), str(kernel_size))),
        Case((size, kernel_size), {"padding": 1}, (str(size), str(kernel_size))),
        Case(fits, {"stride": 0}, tuple(map(str, fits))),
        Case(fits, {"dilation": 0}, tuple(map(str, fits))),
        Case(fits, {"padding": -1}, tuple(map(str, fits))),
    ]


def _counted_sizes(rng, count):
    """Numbers that all differ, none of them 2: the seed's own layer cannot tell k*k*k from C*k*k."""
    numbers = []
    while len(numbers) < count:
        numbers.append(whole(rng, 3, 13, *numbers))
    return numbers


def _conv2d_params(aspect, rng):
    cases = []
    for index in range(3):
        C_in, C_out, kH, kW = _counted_sizes(rng(index), 4)
        kernel_size = (kH, kW) if aspect == "rectangle" else kH
        if aspect == "bias":
            # Once as it stands in the signature, then said aloud.
            cases.append(Case((C_in, C_out, kernel_size), {} if index == 0 else {"bias": True}))
        else:
            cases.append(Case((C_in, C_out, kernel_size), {"bias": False}))
    return cases


def _conv2d_macs(aspect, rng):
    cases = []
    for index in range(3):
        C_in, C_out, kH, kW, H_out, W_out = _counted_sizes(rng(index), 6)
        rectangle = aspect == "rectangle"
        cases.append(Case((C_in, C_out, (kH, kW) if rectangle else kH, (H_out, W_out) if rectangle else H_out)))
    return cases


_OTHERS = {
    "window_sum": _window_sum,
    "output_size": _output_size,
    "conv2d_params": _conv2d_params,
    "conv2d_macs": _conv2d_macs,
}


def draw(name, aspect, seed):
    """The cases of one aspect of one exercise, from the smallest to the ugliest; new arrays at every call.

    Examples
    --------
    >>> [(case.args[0].shape, case.args[1].shape) for case in draw("correlate2d", "values", 20261122)][-1]
    ((6, 6), (3, 3))
    """

    def rng(*parts):
        return stream(seed, name, aspect, *parts)

    if name in _OTHERS:
        return _OTHERS[name](aspect, rng)
    drawn = _KERNEL[aspect](name, rng)
    return drawn if aspect in ("dtype", "layout") else [_in_natural_dtype(name, case) for case in drawn]


def _natural_dtype(name):
    """What each library makes when nobody says a dtype; only the aspect dtype asks for others."""
    return np.float32 if EXERCISES[name].kind == "torch" else np.float64


def _in_natural_dtype(name, case):
    def cast(value):
        return value.astype(_natural_dtype(name)) if isinstance(value, np.ndarray) else value

    options = {key: cast(value) for key, value in case.options.items()}
    return replace(case, args=tuple(map(cast, case.args)), options=options)
