"""Bad input is refused with an error that names the drawing, the argument and what was passed."""

import drawings
import numpy as np
import pytest
from drawn import IMAGE, KERNEL

BAD = {
    "grid of words": (lambda: drawings.grid("abc"), "grid: array must be a 2-D array of numbers, got 'abc'"),
    "grid of one axis": (
        lambda: drawings.grid([1, 2]),
        r"grid: array must be a 2-D array of numbers, got shape \(2,\)",
    ),
    "grid of nothing": (lambda: drawings.grid([[]]), r"grid: array must be a 2-D array of numbers, got shape \(1, 0\)"),
    "grid ragged": (lambda: drawings.grid([[1], [1, 2]]), r"grid: array must be .*got \[\[1\], \[1, 2\]\]"),
    "grid with nan": (lambda: drawings.grid([[1, np.nan]]), "grid: array must hold finite numbers"),
    "grid too wide": (lambda: drawings.grid(np.ones((2, 40))), r"grid: array \(2, 40\) would be 1626 units wide"),
    "region outside": (
        lambda: drawings.grid(IMAGE, highlight=(3, 0, 3, 2)),
        r"grid: highlight .*inside the array \(5, 7\), got \(3, 0, 3, 2\)",
    ),
    "region empty": (lambda: drawings.grid(IMAGE, highlight=(0, 0, 0, 2)), r"got \(0, 0, 0, 2\)"),
    "region short": (lambda: drawings.grid(IMAGE, highlight=(1, 2)), r"got \(1, 2\)"),
    "region no tuple": (lambda: drawings.grid(IMAGE, highlight=3), "grid: highlight must be .* got 3"),
    "kernel too large": (
        lambda: drawings.window(IMAGE[:2, :2], KERNEL),
        r"window: no window fits.*image \(2, 2\), kernel \(3, 2\)",
    ),
    "no such output": (
        lambda: drawings.window(IMAGE, KERNEL, 3, 0),
        r"window: the output \(3, 6\) has no pixel at row 3, column 0",
    ),
    "negative row": (lambda: drawings.window(IMAGE, KERNEL, -1), "window: row must be .* at least 0, got -1"),
    "stride zero": (lambda: drawings.window(IMAGE, KERNEL, stride=0), "window: stride must be .* at least 1, got 0"),
    "stride word": (lambda: drawings.window(IMAGE, KERNEL, stride="2"), "window: stride must be .*got '2'"),
    "padding of three": (lambda: drawings.window(IMAGE, KERNEL, padding=(1, 1, 1)), r"padding must be .*\(1, 1, 1\)"),
    "window too wide": (lambda: drawings.window(np.ones((2, 30)), [[1]]), r"window: image \(2, 30\) .* would be"),
    "axis of no length": (lambda: drawings.padding_and_stride(0, 3), "padding_and_stride: size must be .*got 0"),
    "axis too short": (
        lambda: drawings.padding_and_stride(2, 3),
        "padding_and_stride: no window fits: size 2 .*kernel_size 3",
    ),
    "axis too long": (
        lambda: drawings.padding_and_stride(60, 3),
        "padding_and_stride: size 60 with padding 0 would be",
    ),
    "axis of a half": (lambda: drawings.padding_and_stride(7, 2.5), "kernel_size must be a whole number.*got 2.5"),
    "axis of truth": (lambda: drawings.padding_and_stride(7, True), "kernel_size must be a whole number.*got True"),
    "both, kernel too large": (
        lambda: drawings.correlation_and_convolution([[1]], KERNEL),
        r"correlation_and_convolution: no window fits.*image \(1, 1\), kernel \(3, 2\)",
    ),
    "both, too wide": (
        lambda: drawings.correlation_and_convolution(np.ones((3, 9)), [[1]]),
        r"correlation_and_convolution: image \(3, 9\) with kernel \(1, 1\) would be",
    ),
    "no channels": (lambda: drawings.regular(in_channels=0), "regular: in_channels must be .* at least 1, got 0"),
    "six channels": (lambda: drawings.regular(in_channels=6), "regular: in_channels must be at most 5 .*got 6"),
    "half a filter": (lambda: drawings.regular(out_channels=1.5), "regular: out_channels .*got 1.5"),
    "layer does not fit": (
        lambda: drawings.regular(size=(6, 2), kernel_size=3),
        r"regular: no window fits.*size \(6, 2\), kernel_size \(3, 3\)",
    ),
    "layer too large": (
        lambda: drawings.which_is_which(size=224),
        r"which_is_which: size \(224, 224\) with kernel_size \(3, 3\) would be",
    ),
    "size of three": (
        lambda: drawings.which_is_which(size=(6, 6, 3)),
        r"size must be .*\(H, W\) pair.*got \(6, 6, 3\)",
    ),
    "pixel outside": (
        lambda: drawings.sheets(pixel=(6, 0)),
        r"sheets: pixel \(6, 0\) is not inside the image \(6, 6\)",
    ),
    "depthwise, six channels": (lambda: drawings.depthwise(6), "depthwise: in_channels must be at most 5 .*got 6"),
    "depthwise, no multiplier": (
        lambda: drawings.depthwise(multiplier=0),
        "depthwise: multiplier must be .* at least 1, got 0",
    ),
    "depthwise, too many maps": (
        lambda: drawings.depthwise(multiplier=3),
        "depthwise: in_channels 3 times multiplier 3 must be at most 8 to be drawn",
    ),
    "depthwise does not fit": (
        lambda: drawings.depthwise(size=2),
        r"depthwise: no window fits.*size \(2, 2\), kernel_size \(3, 3\)",
    ),
    "depthwise too wide": (
        lambda: drawings.depthwise(size=(4, 30)),
        r"depthwise: size \(4, 30\) with kernel_size \(3, 3\) and 3 maps would be",
    ),
    "pointwise, no channels": (lambda: drawings.pointwise("3"), "pointwise: in_channels must be .*got '3'"),
    "pointwise, no filters": (lambda: drawings.pointwise(3, 0), "pointwise: out_channels must be .* least 1, got 0"),
    "pointwise too wide": (
        lambda: drawings.pointwise(size=(2, 40)),
        r"pointwise: size \(2, 40\) with 3 channels would be",
    ),
    "separable, half a filter": (lambda: drawings.separable(3, 2.5), "separable: out_channels .*got 2.5"),
    "separable does not fit": (
        lambda: drawings.separable(size=(6, 2)),
        r"separable: no window fits.*size \(6, 2\), kernel_size \(3, 3\)",
    ),
    "separable too wide": (
        lambda: drawings.separable(size=(6, 33)),
        r"separable: size \(6, 33\) with kernel_size \(3, 3\) and 3 channels would be",
    ),
    "groups, too many channels": (lambda: drawings.groups(8, 8, 2), "groups: in_channels must be at most 7 .*got 8"),
    "groups, too many outputs": (lambda: drawings.groups(2, 12, 2), "groups: out_channels must be at most 10 .*got 12"),
    "groups do not divide": (
        lambda: drawings.groups(4, 4, 3),
        "groups: 3 groups do not divide in_channels 4 and out_channels 4",
    ),
    "groups, outputs no multiple": (
        lambda: drawings.groups(3, 2, 1),
        "groups: 3 groups do not divide in_channels 3 and out_channels 2",
    ),
    "groups of none": (lambda: drawings.groups(4, 4, 0), "groups: groups must be .* at least 1, got 0"),
    "shares of none": (lambda: drawings.cost_shares(0, 3), "cost_shares: out_channels must be .*got 0"),
    "shares of a word": (lambda: drawings.cost_shares(2, "3x3"), "cost_shares: kernel_size must be .*got '3x3'"),
    "sheets too wide": (lambda: drawings.sheets(size=50), r"sheets: size \(50, 50\) with 3 channels would be"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case):
    call, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        call()
