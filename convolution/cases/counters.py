"""Cases for exercises that return a number: one axis, one window, and the counters."""

from autograder.model import Case
from autograder.sampling import values, whole


def window_sum(aspect, rng):
    cases = []
    for index, (H, W) in enumerate([(4, 5), (6, 7), (5, 8), (7, 7)]):
        # The window touches no border: one row or column too many changes the sum.
        height = whole(rng(index), 2, H - 2)
        width = whole(rng(index), 1, W - 3, height)
        row = whole(rng(index, "row"), 1, H - height - 1)
        column = whole(rng(index, "column"), 1, W - width - 1, row)
        cases.append(Case((values(rng(index), H, W), row, column, height, width)))
    return cases


def output_size(aspect, rng):
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
    return _refused(rng, sizes(1)) if aspect == "errors" else []


def _refused(rng, fits):
    """A kernel larger than its image, and numbers out of their ranges with sizes that fit."""
    size, kernel_size = whole(rng(0), 3, 5), whole(rng(0), 8, 9)
    return [
        Case((size, kernel_size), {}, (str(size), str(kernel_size))),
        Case((size, kernel_size), {"padding": 1}, (str(size), str(kernel_size))),
        Case(fits, {"stride": 0}, tuple(map(str, fits))),
        Case(fits, {"dilation": 0}, tuple(map(str, fits))),
        Case(fits, {"padding": -1}, tuple(map(str, fits))),
    ]


def _counted_sizes(rng, count):
    """Numbers that all differ, and none of them is 2, because 2 * 2 is 2 + 2."""
    numbers = []
    while len(numbers) < count:
        numbers.append(whole(rng, 3, 13, *numbers))
    return numbers


#: The aspects of counters that have cases.
COUNTED = ("values", "rectangle", "bias", "multiplier", "dtype")


def _counter(channels, *sizes, has_bias=False, has_multiplier=False):
    """Cases for a counter called with ``channels`` numbers of channels and then ``sizes`` many (H, W) sizes.

    Only the aspect "rectangle" passes the sizes as pairs, and only "bias" and "multiplier" their own argument; but
    the last case of "multiplier" counts the bias too, because how many there are follows from the multiplier.
    """

    def cases(aspect, rng):
        drawn = []
        for index in range(3 if aspect in COUNTED else 0):
            numbers = _counted_sizes(rng(index), channels + 2 * len(sizes) + 1)
            args = numbers[:channels]
            for i in range(len(sizes)):
                H, W = numbers[channels + 2 * i : channels + 2 * i + 2]
                args.append((H, W) if aspect == "rectangle" else H)
            options = {"bias": False} if has_bias else {}
            if aspect == "bias":
                # Once by default, then given.
                options = {} if index == 0 else {"bias": True}
            if aspect == "multiplier" and has_multiplier:
                options["channel_multiplier"] = numbers[-1]
                if has_bias and index == 2:
                    options["bias"] = True
            drawn.append(Case(tuple(args), options))
        return drawn

    return cases


#: Named after the arguments, in their order.
channels_kernel_bias = _counter(2, "kernel", has_bias=True)
channels_kernel_output = _counter(2, "kernel", "output")
channels_bias = _counter(2, has_bias=True)
channels_output = _counter(2, "output")
channel_kernel = _counter(1, "kernel")
channel_kernel_bias_multiplier = _counter(1, "kernel", has_bias=True, has_multiplier=True)
channel_kernel_output_multiplier = _counter(1, "kernel", "output", has_multiplier=True)
