"""The bank of this course, and the exercises by what they share: a mistake names the groups it can be made in."""

from autograder.model import Bank
from convolution.catalogue import EXERCISES

BANK = Bank(EXERCISES)

#: The decorator that puts a bend into the bank.
mistake = BANK.mistake

PLANES = ("correlate2d",)
REGULAR = ("conv2d", "conv2d_torch")
DEPTHWISE = ("depthwise_conv2d", "depthwise_conv2d_torch")
POINTWISE = ("pointwise_conv2d", "pointwise_conv2d_torch")
SEPARABLE = ("separable_conv2d", "DepthwiseSeparableConv2d")
#: A window slides, with stride, padding and dilation.
SLIDING = (*PLANES, *REGULAR, *DEPTHWISE, *SEPARABLE)
#: An image per entry of the first axis, channels on the second, one weight, one bias.
LAYERS = (*REGULAR, *DEPTHWISE, *POINTWISE)
#: The device of the result is the function's business.
ON_DEVICES = ("conv2d_torch", "depthwise_conv2d_torch", "pointwise_conv2d_torch", "separable_conv2d")

#: Counters of parameters and of MACs.
PARAMS = ("conv2d_params", "depthwise_params", "pointwise_params", "separable_params")
MACS = ("conv2d_macs", "depthwise_macs", "pointwise_macs", "separable_macs")


def position(exercise, parameter):
    """The position of a parameter among the arguments of an exercise; None where it has none.

    Examples
    --------
    >>> position("depthwise_macs", "kernel_size"), position("pointwise_macs", "kernel_size")
    (1, None)
    """
    names = EXERCISES[exercise].parameters
    return names.index(parameter) if parameter in names else None
