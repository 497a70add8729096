"""The bank of mistakes, and how a wrong function is made of one.

A mistake is a turn taken around a right function: it is called with that function and the arguments, and bends
either what goes in or what comes out. So mistakes compose: a kernel that flips and forgets the bias is one turn
around the other, which is how a mistake already counted is not counted again.

A turn that gives no numbers for some arguments (a transposed kernel that is not square would index past its edge)
raises IndexError, as the student's code would.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from convolution import reference
from convolution.catalogue import EXERCISES


@dataclass
class Mistake:
    """One wrong turn.

    Attributes
    ----------
    id : the fixed name, such as "flipped-kernel"
    turns : exercise -> turn(right, *args, **options), which returns the wrong result
    sentences : exercise -> what a student reads; it explains and does not hand over the answer
    stub : True for what earns nothing and is never carried over (zeros, the input returned)
    """

    id: str
    turns: dict[str, Callable] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)
    stub: bool = False


BANK: dict[str, Mistake] = {}

# The exercises by what they share. Later ones in a line take everything the earlier ones take.
PLANES = ("correlate2d",)
REGULAR = ("conv2d", "conv2d_torch")
DEPTHWISE = ("depthwise_conv2d", "depthwise_conv2d_torch")
POINTWISE = ("pointwise_conv2d", "pointwise_conv2d_torch")
SEPARABLE = ("separable_conv2d", "DepthwiseSeparableConv2d")
#: A window slides, with stride, padding and dilation.
SLIDING = (*PLANES, *REGULAR, *DEPTHWISE, *SEPARABLE)
#: One image per entry of the first axis, channels on the second, one weight, one bias.
LAYERS = (*REGULAR, *DEPTHWISE, *POINTWISE)


def mistake(id, functions, sentence, stub=False):
    """Put a turn into the bank; the same id may have other turns for other functions."""

    def add(turn):
        entry = BANK.setdefault(id, Mistake(id, stub=stub))
        for name in functions:
            if name in entry.turns:
                raise ValueError(f"{name} has a mistake {id!r} already")
            if name not in EXERCISES:
                raise ValueError(f"the mistake {id!r} is for {name!r}, which is no exercise")
            entry.turns[name] = turn
            entry.sentences[name] = sentence
        return turn

    return add


def applicable(name):
    """The mistakes that apply to a function, in the bank's order.

    Examples
    --------
    >>> [mistake.id for mistake in applicable("conv2d_params")][:2]
    ['kernel-height-for-width', 'kernel-not-squared']
    """
    return [mistake for mistake in BANK.values() if name in mistake.turns]


def right_function(name):
    """The reference of an exercise, in NumPy and plain numbers also where the exercise is in torch."""
    if name == "DepthwiseSeparableConv2d":
        return reference.separable_conv2d
    if name == "separate":
        # Sign and scale are free between the two factors: what is compared is what they make together.
        return nearest_separable
    return getattr(reference, name.removesuffix("_torch"))


def nearest_separable(weight):
    """The regular kernel that `reference.separate` comes nearest with."""
    return reference.merge(*reference.separate(weight))


def wrong_function(name, *mistakes):
    """The reference with these wrong turns taken, the first one innermost.

    Examples
    --------
    >>> wrong_function("conv2d_macs", BANK["flops-not-macs"])(3, 2, 3, 4)
    1728
    """
    function = right_function(name)
    for wrong in mistakes:
        function = functools.partial(wrong.turns[name], function)
    return function


def as_submitted(name, *mistakes):
    """What a student who made these mistakes (or none) would have defined, in torch where torch is due."""
    right, wrong = right_function(name), wrong_function(name, *mistakes)

    def function(*args, **options):
        right(*args, **options)  # bad input raises before any turn is taken
        return wrong(*args, **options)

    kind = EXERCISES[name].kind
    if kind == "module":
        return _as_module(wrong)
    if name == "separate":
        return _as_factors(wrong)
    if kind == "torch":
        return _as_torch(function, keep_device=all(wrong.id != "device-lost" for wrong in mistakes))
    return function


def _as_torch(function, keep_device=True):
    """Make a NumPy function take and return tensors, as a student's torch kernel does.

    ``keep_device=False`` is the mistake device-lost: the result stays on the CPU.
    """
    import torch

    def array(value):
        if not isinstance(value, torch.Tensor):
            return value
        # A meta tensor has a shape and no numbers: any will do, only the shape of the result is asked.
        return value.numpy() if value.device.type == "cpu" else np.zeros(tuple(value.shape), np.float32)

    def on_tensors(*args, **options):
        result = function(*map(array, args), **{key: array(value) for key, value in options.items()})
        tensor = torch.from_numpy(np.array(result))
        return tensor.to(args[0].device) if keep_device else tensor

    return on_tensors


def _as_factors(wrong):
    """Make a function of a regular kernel return factors that merge into its result, with another sign and scale."""
    import torch

    def separate(weight):
        depthwise, pointwise = reference.separate(np.asarray(wrong(weight.numpy())))
        return torch.from_numpy(-2 * depthwise), torch.from_numpy(pointwise / -2)

    return separate


def _as_module(wrong):
    """Make a module of a separable convolution: two torch layers hold the numbers, the function does the work."""
    import torch

    class DepthwiseSeparableConv2d(torch.nn.Module):
        def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
            super().__init__()
            self.options = {"stride": stride, "padding": padding, "dilation": dilation}
            self.depthwise = torch.nn.Conv2d(in_channels, in_channels, kernel_size, groups=in_channels, bias=bias)
            self.pointwise = torch.nn.Conv2d(in_channels, out_channels, 1, bias=bias)

        def forward(self, x):
            held = [self.depthwise.weight, self.pointwise.weight, self.depthwise.bias, self.pointwise.bias]
            args = [x, *(tensor for tensor in held[:2])]
            options = dict(self.options)
            for key, tensor in zip(("depthwise_bias", "pointwise_bias"), held[2:], strict=True):
                if tensor is not None:
                    options[key] = tensor.detach()
            return _as_torch(wrong)(*(tensor.detach() for tensor in args), **options)

    return DepthwiseSeparableConv2d
