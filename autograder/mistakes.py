"""Wrong kernels and wrong counters, one wrong turn each, with the sentence that explains it.

A mistake is a turn taken around a right function: it is called with that function and the arguments, and bends
either what goes in or what comes out. So mistakes compose: a kernel that flips and forgets the bias is one turn
around the other, which is how a mistake already counted is not counted again.

A turn that gives no numbers for some arguments (a transposed kernel that is not square would index past its edge)
raises IndexError, as the student's code would.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autograder import reference
from autograder.exercises import EXERCISES
from autograder.reference import pair


@dataclass(frozen=True)
class Mistake:
    """One wrong turn.

    Attributes
    ----------
    id : the fixed name, such as "flipped-kernel"
    sentence : what a student reads; it explains and does not hand over the answer
    functions : the exercises it applies to
    turn : turn(right, *args, **options), the wrong result
    stub : True for what earns nothing and is never carried over (zeros, the input returned)
    """

    id: str
    sentence: str
    functions: tuple[str, ...]
    turn: Callable
    stub: bool = False


BANK: dict[str, Mistake] = {}

PLANES = ("correlate2d",)
CHANNELS = ("conv2d", "conv2d_torch")
KERNELS = PLANES + CHANNELS
ALL_KERNELS = (*KERNELS, "convolve2d")


def mistake(id, functions, sentence, stub=False):
    """Put a turn into the bank."""

    def add(turn):
        if id in BANK:
            raise ValueError(f"there is a mistake {id!r} already")
        BANK[id] = Mistake(id, sentence, tuple(functions), turn, stub)
        return turn

    return add


def applicable(name):
    """The mistakes that apply to a function, in the bank's order.

    Examples
    --------
    >>> [mistake.id for mistake in applicable("conv2d_params")][:2]
    ['kernel-height-for-width', 'bias-not-counted']
    """
    return [mistake for mistake in BANK.values() if name in mistake.functions]


def right_function(name):
    """The reference of an exercise, in NumPy and plain numbers also where the exercise is a torch kernel."""
    return getattr(reference, name.removesuffix("_torch"))


def wrong_function(name, *mistakes):
    """The reference with these wrong turns taken, the first one innermost.

    Examples
    --------
    >>> wrong_function("conv2d_macs", BANK["flops-not-macs"])(3, 2, 3, 4)
    1728
    """
    function = right_function(name)
    for wrong in mistakes:
        function = functools.partial(wrong.turn, function)
    return function


def as_torch(function, keep_device=True):
    """Make a NumPy function take and return tensors, as a student's torch kernel does.

    ``keep_device=False`` is the mistake device-lost: the result stays on the CPU.
    """
    import torch

    def on_tensors(*args, **options):
        def array(value):
            if not isinstance(value, torch.Tensor):
                return value
            # A meta tensor has a shape and no numbers: any will do, only the shape of the result is asked.
            return value.numpy() if value.device.type == "cpu" else np.zeros(tuple(value.shape), np.float32)

        result = function(*map(array, args), **{key: array(value) for key, value in options.items()})
        tensor = torch.from_numpy(np.array(result))
        return tensor.to(args[0].device) if keep_device else tensor

    return on_tensors


def as_submitted(name, *mistakes):
    """What a student who made these mistakes (or none) would have defined: `wrong_function`, in torch where due."""
    right, wrong = right_function(name), wrong_function(name, *mistakes)

    def function(*args, **options):
        right(*args, **options)  # bad input raises before any turn is taken
        return wrong(*args, **options)

    if EXERCISES[name].kind != "torch":
        return function
    return as_torch(function, keep_device=all(wrong.id != "device-lost" for wrong in mistakes))


# --- geometry --------------------------------------------------------------------------------------------------


def _padded(x, rows, columns, **how):
    """x with (before, after) rows and columns added to its last two axes."""
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [rows, columns], **how)


@mistake(
    "flipped-kernel",
    KERNELS,
    'Your numbers are those of a kernel flipped in both directions. Deep learning\'s "convolution" does not flip it.',
)
def _(right, x, weight, **options):
    return right(x, weight[..., ::-1, ::-1], **options)


@mistake(
    "kernel-not-flipped",
    ["convolve2d"],
    "Your numbers are those of a kernel that was not flipped: that is correlation. This exercise asks for the "
    "mathematician's convolution.",
)
def _(right, x, weight, **options):
    return right(x, weight[::-1, ::-1], **options)


@mistake(
    "flipped-one-way",
    ["convolve2d"],
    "Your kernel is flipped in one direction only. Convolution flips it along both axes.",
)
def _(right, x, weight, **options):
    return right(x, weight[:, ::-1], **options)


@mistake(
    "transposed-kernel",
    ALL_KERNELS,
    "Your kernel's rows and columns are exchanged: the tap at row u, column v is weight[..., u, v].",
)
def _(right, x, weight, **options):
    if weight.shape[-1] != weight.shape[-2]:
        raise IndexError("a kernel that is not square has no entry there once rows and columns are exchanged")
    return right(x, weight.swapaxes(-1, -2), **options)


@mistake(
    "padding-one-sided",
    KERNELS,
    "Your zeros are at the top and the left only. Padding p adds p rows or columns on both sides.",
)
def _(right, x, weight, padding=0, **options):
    pH, pW = pair(padding)
    return right(_padded(x, (pH, 0), (pW, 0)), weight, **options)


@mistake(
    "padding-edge-values",
    KERNELS,
    "Your border repeats the image's outermost pixels. Padding here is zeros.",
)
def _(right, x, weight, padding=0, **options):
    pH, pW = pair(padding)
    return right(_padded(x, (pH, pH), (pW, pW), mode="edge"), weight, **options)


@mistake("padding-ignored", (*KERNELS, "output_size"), "Your result is the one without padding.")
def _(right, *args, **options):
    return right(*args, **{**options, "padding": 0})


@mistake(
    "border-wraps",
    KERNELS,
    "Your border is filled from the opposite side of the image, as negative indices and np.roll do. "
    "Padding here is zeros.",
)
def _(right, x, weight, padding=0, **options):
    pH, pW = pair(padding)
    return right(_padded(x, (pH, pH), (pW, pW), mode="wrap"), weight, **options)


@mistake(
    "channels-padded-too",
    CHANNELS,
    "Your padding also added channels of zeros, so every weight meets the wrong channel. Only the last two axes, "
    "rows and columns, are padded.",
)
def _(right, x, weight, padding=0, **options):
    pH, _pW = pair(padding)
    deeper = np.pad(x, ((0, 0), (pH, pH), (0, 0), (0, 0)))[:, : x.shape[1]]
    return right(deeper, weight, padding=padding, **options)


@mistake("stride-ignored", (*KERNELS, "output_size"), "Your result is the one with stride 1.")
def _(right, *args, **options):
    return right(*args, **{**options, "stride": 1})


@mistake(
    "stride-added",
    KERNELS,
    "Your window number i starts at pixel i + stride. Think of where window 0 starts, then window 1.",
)
def _(right, x, weight, stride=1, padding=0, **options):
    sH, sW = pair(stride)
    y = right(x, weight, stride=stride, padding=padding, **options)
    # Rows and columns of zeros keep the last windows inside; code that runs past the edge raises instead.
    pH, pW = pair(padding)
    larger = _padded(x, (pH, pH + sH), (pW, pW + sW))
    shifted = right(larger, weight, stride=1, padding=0, **options)[..., sH:, sW:]
    if shifted.shape[-2] < y.shape[-2] or shifted.shape[-1] < y.shape[-1]:
        raise IndexError("the shifted windows leave the image")
    return shifted[..., : y.shape[-2], : y.shape[-1]]


@mistake("dilation-ignored", (*KERNELS, "output_size"), "Your result is the one with dilation 1.")
def _(right, *args, **options):
    return right(*args, **{**options, "dilation": 1})


@mistake(
    "dilation-off-by-one",
    (*KERNELS, "output_size"),
    "Your taps lie dilation + 1 pixels apart. Dilation 1 means next to each other.",
)
def _(right, *args, dilation=1, **options):
    apart = dilation + 1 if np.ndim(dilation) == 0 else tuple(d + 1 for d in dilation)
    return right(*args, **options, dilation=apart)


@mistake(
    "size-plus-one-forgotten",
    (*ALL_KERNELS, "output_size"),
    "Your output is one too small along each axis. The first window counts too.",
)
def _(right, *args, **options):
    y = right(*args, **options)
    return y - 1 if np.ndim(y) == 0 else y[..., :-1, :-1]


def _with_size_rounded(rounding, right, *args, **options):
    """The result when (room / stride) is rounded by another rule than down; what is missing is read as zeros."""
    if np.ndim(args[0]) == 0:
        size, kernel_size = args
        stride = options.get("stride", 1)
        reach = options.get("dilation", 1) * (kernel_size - 1) + 1
        return rounding((size + 2 * options.get("padding", 0) - reach) / stride) + 1
    x, weight = args
    padded = _padded(x, *((p, p) for p in pair(options.get("padding", 0))))
    counts, missing = [], []
    for axis in (0, 1):
        stride = pair(options.get("stride", 1))[axis]
        reach = pair(options.get("dilation", 1))[axis] * (weight.shape[axis - 2] - 1) + 1
        room = padded.shape[axis - 2] - reach
        counts.append(rounding(room / stride) + 1)
        missing.append((0, max(0, (counts[axis] - 1) * stride - room)))
    y = right(_padded(padded, *missing), weight, **{**options, "padding": 0})
    return y[..., : counts[0], : counts[1]]


@mistake(
    "size-rounded-up",
    (*KERNELS, "output_size"),
    "Your output size is rounded up. A window that does not fit whole is left out.",
)
def _(right, *args, **options):
    return _with_size_rounded(math.ceil, right, *args, **options)


@mistake(
    "size-rounded-to-nearest",
    (*KERNELS, "output_size"),
    "Your output size is rounded to the nearest whole number. A window that does not fit whole is left out, "
    "however much of it would fit.",
)
def _(right, *args, **options):
    return _with_size_rounded(lambda ratio: math.floor(ratio + 0.5), right, *args, **options)


@mistake(
    "height-for-width",
    (*ALL_KERNELS, "conv2d_macs"),
    "Your result has as many columns as rows: the height is used where the width belongs.",
)
def _(right, *args, **options):
    if np.ndim(args[0]) == 0:
        *sizes, output_size = args
        return right(*sizes, pair(output_size)[0], **options)
    y = right(*args, **options)
    if y.shape[-2] > y.shape[-1]:
        raise IndexError("as many columns as rows do not fit in the image")
    return y[..., : y.shape[-2]]


@mistake(
    "kernel-height-for-width",
    (*KERNELS, "conv2d_params", "conv2d_macs"),
    "The kernel's height is used where its width belongs.",
)
def _(right, *args, **options):
    if np.ndim(args[0]) == 0:
        C_in, C_out, kernel_size, *output_size = args
        return right(C_in, C_out, pair(kernel_size)[0], *output_size, **options)
    x, weight = args
    kH, kW = weight.shape[-2:]
    if kH > kW:
        raise IndexError("the kernel has no such column")
    return right(x, weight[..., :kH], **options)


@mistake(
    "last-row-missing",
    ALL_KERNELS,
    "The last row of your result was never written. Look at where your loop over rows ends.",
)
def _(right, *args, **options):
    y = right(*args, **options)
    y[..., -1, :] = 0
    return y


# --- channels --------------------------------------------------------------------------------------------------


@mistake(
    "first-channel-only",
    CHANNELS,
    "Your result uses the first input channel only. A filter has a kernel for every input channel, and their "
    "results are added.",
)
def _(right, x, weight, **options):
    return right(x[:, :1], weight[:, :1], **options)


@mistake(
    "channels-reversed",
    CHANNELS,
    "Your input channels meet the filter's kernels in reverse order: channel c belongs to weight[:, c].",
)
def _(right, x, weight, **options):
    return right(x[:, ::-1], weight, **options)


@mistake(
    "output-channels-reversed",
    CHANNELS,
    "Your output channels are in reverse order: filter o makes channel o.",
)
def _(right, *args, **options):
    return right(*args, **options)[:, ::-1]


@mistake(
    "one-kernel-for-all-channels",
    CHANNELS,
    "Every input channel is convolved with the filter's first kernel. Each channel has its own.",
)
def _(right, x, weight, **options):
    return right(x, np.repeat(weight[:, :1], weight.shape[1], axis=1), **options)


@mistake(
    "one-filter-for-all-outputs",
    CHANNELS,
    "All your output channels are made by the first filter. Filter o makes channel o.",
)
def _(right, x, weight, **options):
    return right(x, np.repeat(weight[:1], weight.shape[0], axis=0), **options)


@mistake(
    "weight-axes-swapped",
    CHANNELS,
    "Your weight's first two axes are exchanged: weight[o, c] belongs to output channel o and input channel c.",
)
def _(right, x, weight, **options):
    if weight.shape[0] != weight.shape[1]:
        raise IndexError("with other numbers of channels the exchanged axes do not fit")
    return right(x, weight.swapaxes(0, 1), **options)


# --- values ----------------------------------------------------------------------------------------------------


@mistake("bias-forgotten", CHANNELS, "Your result is the one without the bias.")
def _(right, x, weight, bias=None, **options):
    return right(x, weight, **options)


@mistake(
    "bias-per-product",
    CHANNELS,
    "Your bias is added once for every product. It is added once for every output.",
)
def _(right, x, weight, bias=None, **options):
    products = math.prod(weight.shape[1:])
    return right(x, weight, bias=None if bias is None else bias * products, **options)


@mistake(
    "bias-first-only",
    CHANNELS,
    "Every output channel gets the first bias. There is one for each filter.",
)
def _(right, x, weight, bias=None, **options):
    return right(x, weight, bias=None if bias is None else np.full_like(bias, bias[0]), **options)


@mistake(
    "mean-not-sum",
    (*ALL_KERNELS, "window_sum"),
    "Your result is a mean. The products of a window are added, and nothing divides the sum.",
)
def _(right, x, *others, bias=None, **options):
    if np.ndim(others[0]) == 0:
        _row, _column, height, width = others
        return right(x, *others) / (height * width)
    weight = others[0]
    products = weight.size // weight.shape[0] if weight.ndim == 4 else weight.size
    y = right(x, weight, **options) / products
    return y if bias is None else y + bias[:, None, None]


@mistake(
    "only-first-image",
    CHANNELS,
    "Only the first image of the batch is convolved; the others come out as zeros.",
)
def _(right, *args, **options):
    y = right(*args, **options)
    y[1:] = 0
    return y


@mistake(
    "row-and-column-swapped",
    ["window_sum"],
    "Your window starts at (column, row). The first axis of an image counts rows.",
)
def _(right, image, row, column, height, width):
    H, W = image.shape
    if column + height > H or row + width > W:
        # Slices that leave the image are cut off, they do not raise.
        return image[column : column + height, row : row + width].sum()
    return right(image, column, row, height, width)


@mistake(
    "window-end-is-size",
    ["window_sum"],
    "Your slices end at height and at width. A slice ends where it starts plus its length.",
)
def _(right, image, row, column, height, width):
    return image[row:height, column:width].sum()


@mistake(
    "window-one-too-large",
    ["window_sum"],
    "Your window has one row and one column too many. A slice leaves out the pixel at its end.",
)
def _(right, image, row, column, height, width):
    return image[row : row + height + 1, column : column + width + 1].sum()


@mistake(
    "zeros",
    (*ALL_KERNELS, "window_sum"),
    "Your result is all zeros, so nothing was ever added to it.",
    stub=True,
)
def _(right, *args, **options):
    return right(*args, **options) * 0


@mistake(
    "input-returned",
    (*ALL_KERNELS, "window_sum", "output_size"),
    "Your result is what went in.",
    stub=True,
)
def _(right, x, *others, **options):
    return x


@mistake(
    "argument-changed",
    ALL_KERNELS,
    "Your function writes into what it was given. Whoever called it still needs those numbers: work on a copy.",
)
def _(right, x, *others, **options):
    y = right(x, *others, **options)
    x += 1
    return y


@mistake(
    "dtype-lost",
    ALL_KERNELS,
    "Your result does not have the dtype of the input. np.zeros and torch.zeros take a dtype.",
)
def _(right, x, *others, **options):
    y = right(x, *others, **options)
    return y.astype(np.float32 if x.dtype == np.float64 else np.float64)


@mistake(
    "device-lost",
    ["conv2d_torch"],
    "Your result is not on the device of the input. A tensor made without device=x.device is on the CPU.",
)
def _(right, *args, **options):
    return right(*args, **options)  # the numbers are right: `as_torch` leaves them where they should not be


# --- counting --------------------------------------------------------------------------------------------------


@mistake("bias-not-counted", ["conv2d_params"], "Your count leaves out the bias: one number for each filter.")
def _(right, *args, bias=True):
    return right(*args, bias=False)


@mistake(
    "bias-per-weight",
    ["conv2d_params"],
    "Your count has a bias for every weight. There is one for each filter.",
)
def _(right, *args, bias=True):
    return right(*args, bias=False) * (2 if bias else 1)


@mistake(
    "bias-for-input-channels",
    ["conv2d_params"],
    "Your count has a bias for every input channel. There is one for each filter.",
)
def _(right, C_in, C_out, kernel_size, bias=True):
    return right(C_in, C_out, kernel_size, bias=False) + (C_in if bias else 0)


@mistake(
    "bias-per-pixel",
    ["conv2d_macs"],
    "Your count has one more for the bias of every output. Adding a bias is no multiply-accumulate here.",
)
def _(right, C_in, C_out, kernel_size, output_size):
    H_out, W_out = pair(output_size)
    return right(C_in, C_out, kernel_size, output_size) + C_out * H_out * W_out


@mistake(
    "kernel-not-squared",
    ["conv2d_params", "conv2d_macs"],
    "Your count uses the kernel size once. A kernel has height times width weights.",
)
def _(right, C_in, C_out, kernel_size, *others, **options):
    return right(C_in, C_out, (pair(kernel_size)[0], 1), *others, **options)


@mistake(
    "input-channels-forgotten",
    ["conv2d_params", "conv2d_macs"],
    "Your count leaves out the input channels. A filter has a kernel for each of them.",
)
def _(right, C_in, *others, **options):
    return right(1, *others, **options)


@mistake(
    "output-channels-forgotten",
    ["conv2d_params", "conv2d_macs"],
    "Your count is for one filter. A layer has one for each output channel.",
)
def _(right, C_in, C_out, *others, **options):
    return right(C_in, 1, *others, **options)


@mistake(
    "output-channels-twice",
    ["conv2d_params", "conv2d_macs"],
    "Your count multiplies by the output channels twice.",
)
def _(right, C_in, C_out, *others, **options):
    return C_out * right(C_in, C_out, *others, **options)


@mistake(
    "output-size-not-squared",
    ["conv2d_macs"],
    "Your count multiplies by one side of the output. Every one of its height times width pixels costs the same.",
)
def _(right, C_in, C_out, kernel_size, output_size):
    return right(C_in, C_out, kernel_size, (pair(output_size)[0], 1))


@mistake(
    "flops-not-macs",
    ["conv2d_macs"],
    "Your count is twice the MACs: that is the number of FLOPs. One MAC is one multiply and one add together.",
)
def _(right, *args):
    return 2 * right(*args)
