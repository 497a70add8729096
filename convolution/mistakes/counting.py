"""Wrong counts of weights and multiply-accumulates.

The counters share their mistakes but not the order of their arguments: a mistake in one argument finds it by its name.
"""

import functools
from fractions import Fraction

from convolution.mistakes.groups import MACS, PARAMS, mistake, position
from convolution.reference import pair

COUNTERS = (*PARAMS, *MACS, "cost_ratio")
MIXING = ("conv2d_params", "conv2d_macs", "pointwise_params", "pointwise_macs")
#: Without one factor the count is still no argument handed back (pointwise weights are C_in * C_out).
LONG_PRODUCTS = ("conv2d_params", "conv2d_macs", "pointwise_macs")


def _with_another(parameter, id, sentence, change):
    """A mistake that changes one argument, in every counter that has it."""
    for name in COUNTERS:
        at = position(name, parameter)
        if at is not None:
            mistake(id, [name], sentence)(functools.partial(_bend, at=at, change=change))


def _bend(right, *args, at, change, **options):
    return right(*args[:at], change(args[at]), *args[at + 1 :], **options)


_with_another(
    "kernel_size",
    "kernel-height-for-width",
    "The kernel's height is used where its width belongs.",
    lambda kernel_size: pair(kernel_size)[0],
)
_with_another(
    "kernel_size",
    "kernel-not-squared",
    "Your count uses the kernel size once. A kernel has height times width weights.",
    lambda kernel_size: (pair(kernel_size)[0], 1),
)
_with_another(
    "output_size",
    "height-for-width",
    "The output's height is used where its width belongs.",
    lambda output_size: pair(output_size)[0],
)
_with_another(
    "output_size",
    "output-size-not-squared",
    "Your count multiplies by one side of the output. Every one of its height times width pixels costs the same.",
    lambda output_size: (pair(output_size)[0], 1),
)
_with_another(
    "output_size",
    "output-size-forgotten",
    "Your count is for one pixel of the output. Every one of its height times width pixels costs the same.",
    lambda output_size: 1,
)


@mistake(
    "flops-not-macs",
    MACS,
    "Your count is twice the MACs: the number of FLOPs. One MAC is a multiply and an add.",
)
def _(right, *args, **options):
    return 2 * right(*args, **options)


# --- biases ---


@mistake("bias-not-counted", PARAMS, "Your count leaves out the bias: one number for each output channel of a step.")
def _(right, *args, bias=True, **options):
    return right(*args, bias=False, **options)


@mistake(
    "bias-always-counted",
    PARAMS,
    "Your count has the bias even where bias=False says there is none.",
)
def _(right, *args, bias=True, **options):
    return right(*args, bias=True, **options)


@mistake("bias-per-weight", PARAMS, "Your count has a bias for every weight. There is one for each output channel.")
def _(right, *args, bias=True, **options):
    return right(*args, bias=False, **options) * (2 if bias else 1)


@mistake(
    "bias-for-input-channels",
    ("conv2d_params", "pointwise_params"),
    "Your count has a bias for every input channel. There is one for each output channel.",
)
def _(right, C_in, *others, bias=True):
    return right(C_in, *others, bias=False) + (C_in if bias else 0)


@mistake(
    "bias-for-input-channels",
    ["depthwise_params"],
    "Your count has a bias for every input channel. There is one for each output channel, and with a channel "
    "multiplier there are more of those.",
)
def _(right, C_in, *others, bias=True, **options):
    return right(C_in, *others, bias=False, **options) + (C_in if bias else 0)


@mistake(
    "bias-in-one-step-only",
    ["separable_params"],
    "Your count has the bias of the pointwise step only. Here both steps have one.",
)
def _(right, C_in, C_out, kernel_size, bias=True):
    return right(C_in, C_out, kernel_size, bias=False) + (C_out if bias else 0)


@mistake(
    "bias-per-pixel",
    ("conv2d_macs", "pointwise_macs"),
    "Your count has one more for the bias of every output. Adding a bias is no multiply-accumulate here.",
)
def _(right, C_in, C_out, *others):
    H_out, W_out = pair(others[-1])
    return right(C_in, C_out, *others) + C_out * H_out * W_out


# --- channels ---


@mistake(
    "input-channels-forgotten",
    LONG_PRODUCTS,
    "Your count leaves out the input channels. Every filter has weights for each of them.",
)
def _(right, C_in, *others, **options):
    return right(1, *others, **options)


@mistake(
    "output-channels-forgotten", LONG_PRODUCTS, "Your count is for one filter. A layer has one for each output channel."
)
def _(right, C_in, C_out, *others, **options):
    return right(C_in, 1, *others, **options)


@mistake("output-channels-twice", MIXING, "Your count multiplies by the output channels twice.")
def _(right, C_in, C_out, *others, **options):
    return C_out * right(C_in, C_out, *others, **options)


@mistake(
    "input-channels-forgotten",
    ("depthwise_params", "depthwise_macs"),
    "Your count is for one kernel. A depthwise layer has one for each input channel.",
)
def _(right, C_in, *others, **options):
    return right(1, *others, **options)


def _biases(right, *args, bias=True, **options):
    """The number of biases among the counted numbers."""
    return right(*args, bias=bias, **options) - right(*args, bias=False, **options)


EVERY_CHANNEL = "Your count lets every depthwise kernel see every channel, as in a regular layer. It sees one."


@mistake("depthwise-like-regular", ["depthwise_params"], EVERY_CHANNEL)
def _(right, C_in, *others, bias=True, **options):
    weights = right(C_in, *others, bias=False, **options)
    return C_in * weights + _biases(right, C_in, *others, bias=bias, **options)


@mistake("depthwise-like-regular", ["depthwise_macs"], EVERY_CHANNEL)
def _(right, C_in, *others, **options):
    return C_in * right(C_in, *others, **options)


@mistake(
    "multiplier-ignored",
    ("depthwise_params", "depthwise_macs"),
    "Your count has one kernel for each input channel. With a channel multiplier there are that many times more.",
)
def _(right, *args, channel_multiplier=1, **options):
    return right(*args, **options)


# --- two steps ---


@mistake(
    "pointwise-forgotten", ("separable_params", "separable_macs"), "Your count is that of the depthwise step alone."
)
def _(right, C_in, C_out, *others, **options):
    return right(C_in, 0, *others, **options)


@mistake(
    "depthwise-forgotten", ("separable_params", "separable_macs"), "Your count is that of the pointwise step alone."
)
def _(right, C_in, C_out, *others, **options):
    return right(C_in, C_out, *others, **options) - right(C_in, 0, *others, **options)


@mistake("depthwise-like-regular", ["separable_params"], EVERY_CHANNEL)
def _(right, C_in, C_out, kernel_size, bias=True):
    depthwise_weights = right(C_in, 0, kernel_size, bias=False)
    return right(C_in, C_out, kernel_size, bias=bias) + (C_in - 1) * depthwise_weights


@mistake("depthwise-like-regular", ["separable_macs"], EVERY_CHANNEL)
def _(right, C_in, C_out, *others):
    return right(C_in, C_out, *others) + (C_in - 1) * right(C_in, 0, *others)


REGULAR = "Your count is that of a regular layer. A separable one has two steps, and their counts are added."


@mistake("regular-not-separable", ["separable_params"], REGULAR)
def _(right, C_in, C_out, kernel_size, bias=True):
    return C_out * right(C_in, 0, kernel_size, bias=False) + (C_out if bias else 0)


@mistake("regular-not-separable", ["separable_macs"], REGULAR)
def _(right, C_in, C_out, *others):
    return C_out * right(C_in, 0, *others)


# --- the ratio ---


@mistake("ratio-upside-down", ["cost_ratio"], "Your ratio is regular over separable. It is asked the other way round.")
def _(right, *args):
    return 1 / right(*args)


@mistake("product-not-sum", ["cost_ratio"], "Your two shares are multiplied. The two steps' weights are added.")
def _(right, C_out, kernel_size):
    kH, kW = pair(kernel_size)
    return Fraction(1, C_out * kH * kW)


@mistake("pointwise-forgotten", ["cost_ratio"], "Your ratio has the depthwise step's weights only.")
def _(right, C_out, kernel_size):
    return Fraction(1, C_out)


@mistake("depthwise-forgotten", ["cost_ratio"], "Your ratio has the pointwise step's weights only.")
def _(right, C_out, kernel_size):
    kH, kW = pair(kernel_size)
    return Fraction(1, kH * kW)
