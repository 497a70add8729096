"""Everything that the tests of the solutions know of an exercise, in one place: an `Entry` in the catalogue's order.

The changes are of the exercise's own solution cell, in which the old text must occur once. So what other cells say, and
what other exercises change, does not matter.
"""

import torch
from solutions.arguments import (
    axes,
    by_torch,
    counters,
    depthwise_by_torch,
    depthwise_layers,
    either,
    images,
    images_either_way,
    layers,
    pointwise_by_torch,
    pointwise_layers,
    random_generator,
    regular_weights,
    separable_by_torch,
    separable_layers,
    separable_modules,
    two_weights,
    windows,
)
from solutions.oracles import Entry, array_shape_text, on_tensors

from convolution import reference


def macs(arguments):
    """The cases of a counter of MACs; ``arguments`` makes them from the numbers and an output size."""

    def cases():
        rng = random_generator()
        for numbers, _ in counters(rng, 100):
            yield arguments(numbers, either(rng, 1, 9))

    return cases


def module_as_function(layer_class):
    """The layer as a function: made, given its numbers under their names, called."""

    def function(x, depthwise_weight, pointwise_weight, depthwise_bias=None, pointwise_bias=None, **slides):
        numbers = {"depthwise.weight": depthwise_weight, "pointwise.weight": pointwise_weight}
        if depthwise_bias is not None:
            numbers |= {"depthwise.bias": depthwise_bias, "pointwise.bias": pointwise_bias}
        (O, C), kernel_size = pointwise_weight.shape[:2], tuple(depthwise_weight.shape[2:])  # noqa: E741
        has_bias = depthwise_bias is not None
        layer = layer_class(C, O, kernel_size, bias=has_bias, **slides).to(x.dtype)
        layer.load_state_dict(numbers)  # refuses names or shapes that are not the layer's
        return layer(x)

    return on_tensors(function)


def merged_again(separate):
    """The kernel that two factors make together: sign and scale are free between them."""

    def function(weight):
        factors = separate(weight)
        assert type(factors) is tuple
        return torch.from_numpy(reference.merge(*(factor.numpy() for factor in factors)))

    return on_tensors(function)


#: A loop over all pixels that changes no result.
EVERY_PIXEL = """\
    N, in_channels, H, W = x.shape
    for pixel in range(H * W):
        pass
"""

ENTRIES = {
    "window_sum": Entry(
        oracle=reference.window_sum,
        cases=lambda: windows(random_generator(), 400),
        named=array_shape_text,
        wrong=[
            ("row : row + height,", "row : row + height - 1,"),
        ],
        errors=[
            ("", "", "del window_sum\nwindow_sum(np.ones((2, 2)), 0, 0, 1, 1)"),
        ],
    ),
    "output_size": Entry(
        oracle=reference.output_size,
        cases=lambda: axes(random_generator(), 500),
        named=str,
        wrong=[
            ("return room // stride + 1", "return -(-room // stride) + 1"),
            ("return room // stride + 1", "return room / stride + 1"),
            ("if padding < 0:", "if padding < -9:"),
            ('(f"no window fits: {sizes}")', '("no window fits")'),
        ],
        errors=[
            ("room // stride + 1", "room / stride + 1", "correlate2d(np.ones((3, 3)), np.ones((2, 2)))"),
            ("return room // stride", "room // stride", "output_size(6, 3) + 1"),
        ],
    ),
    "correlate2d": Entry(
        oracle=reference.correlate2d,
        cases=lambda: images(random_generator(), 200),
        wrong=[
            ("rows = slice(i * sH,", "rows = slice(i * sW,"),
            ('raise ValueError(f"{error}; {shapes}") from None', "raise"),
            ("np.zeros((H_out, W_out), image.dtype)", "np.zeros((H_out, W_out))"),
        ],
        fails=[
            ("window * kernel", "torch.from_numpy(window * kernel).numpy()", "how"),
            ("np.zeros((H_out, W_out), image.dtype)", "np.zeros((H_out, W_out))", "dtype"),
        ],
        errors=[
            ("range(W_out)", "range(W_out + 1)", "correlate2d(np.ones((4, 4)), np.ones((3, 3)))"),
            ("range(H_out)", "range(0, H, stride)", "correlate2d(np.ones((9, 9)), np.ones((2, 2)), (2, 3))"),
        ],
    ),
    "convolve2d": Entry(
        oracle=reference.convolve2d,
        cases=lambda: images_either_way(random_generator(), 200),
        wrong=[
            ("(image, kernel[::-1, ::-1])", "(image, kernel[::-1])"),
        ],
    ),
    "conv2d": Entry(
        oracle=reference.conv2d,
        cases=lambda: layers(random_generator(), 200),
        wrong=[
            ("y += bias[:, None, None]", "y += bias[0]"),
            ("if filter_channels != in_channels:", "if False:"),
            ("padded = np.pad(", "x *= 2\n    padded = np.pad("),
        ],
        fails=[
            ("j * sW + dW * (kW - 1) + 1, dW)", "j * sW + kW)", "dilation"),
        ],
        errors=[
            ("range(W_out)", "range(W_out + 1)", "conv2d(np.ones((1, 2, 4, 4)), np.ones((1, 2, 3, 3)))"),
            (
                "y += bias[:, None, None]",
                "y = y + bias",
                "conv2d(np.ones((1, 3, 6, 7)), np.ones((2, 3, 3, 3)), np.ones(2))",
            ),
        ],
    ),
    "conv2d_torch": Entry(
        oracle=by_torch,
        cases=lambda: layers(random_generator(), 200),
        adapted=on_tensors,
        wrong=[
            ("rows = slice(u * dH,", "rows = slice(v * dH,"),
            ("H + 2 * pH, W + 2 * pW", "H + 2 * pH, W + 2 * pH"),
        ],
        fails=[
            ("    y = x.new_zeros((", "    y = torch.zeros((", "device"),
            ("    N, in_channels, H, W = x.shape\n", EVERY_PIXEL, "how"),
            (
                "    N, in_channels, H, W = x.shape\n",
                "    if dilation == 1:\n"
                "        return torch.nn.functional.conv2d(x, weight, bias, stride, padding)\n"
                "    N, in_channels, H, W = x.shape\n",
                "how",
            ),
        ],
        errors=[
            (
                'torch.einsum("nchw,oc->nohw", padded[:, :, rows, columns], weight[:, :, u, v])',
                "padded[:, :, rows, columns] * weight[:, :, u, v]",
                "conv2d_torch(torch.ones(1, 3, 6, 7), torch.ones(2, 3, 3, 3))",
            ),
        ],
    ),
    "conv2d_params": Entry(
        oracle=reference.conv2d_params,
        cases=lambda: ((numbers, {"bias": bool(bias)}) for numbers, bias in counters(random_generator(), 100)),
        wrong=[
            ("biases = out_channels if bias", "biases = 1 if bias"),
            ("biases = out_channels if bias", "biases = float(out_channels) if bias"),
        ],
        errors=[
            (
                "    kH, kW = pair(kernel_size)\n    weights_per_filter = in_channels * kH * kW",
                "    weights_per_filter = in_channels * kernel_size ** 2",
                "conv2d_params(3, 2, (3, 5))",
            ),
        ],
    ),
    "conv2d_macs": Entry(
        oracle=reference.conv2d_macs,
        cases=macs(lambda numbers, size: ((*numbers, size), {})),
        wrong=[
            ("out_channels * H_out * W_out", "out_channels * H_out * H_out"),
        ],
        errors=[
            ("H_out, W_out = pair(output_size)", "H_out = output_size(6, 3)", "conv2d_macs(3, 2, 3, 4)"),
        ],
    ),
    "depthwise_conv2d": Entry(
        oracle=reference.depthwise_conv2d,
        cases=lambda: depthwise_layers(random_generator(), 200),
        wrong=[
            ("c = o // multiplier", "c = o % in_channels"),
            ("y += bias[:, None, None]", "pass"),
            ("out_channels == 0 or out_channels % in_channels != 0", "out_channels < in_channels"),
            ("    if kernel_channels != 1:", "    if False:"),
        ],
        fails=[
            ("correlate2d(x[n, c]", "correlate2d(torch.from_numpy(x[n, c]).numpy()", "how"),
            ("c = o // multiplier", "c = o % in_channels", "multiplier"),
        ],
        errors=[
            (
                "weight[o, 0], stride",
                "weight[o], stride",
                "depthwise_conv2d(np.ones((1, 1, 6, 6)), np.ones((1, 1, 3, 3)))",
            ),
        ],
    ),
    "depthwise_conv2d_torch": Entry(
        oracle=depthwise_by_torch,
        cases=lambda: depthwise_layers(random_generator(), 200),
        adapted=on_tensors,
        wrong=[
            (
                "padded.repeat_interleave(out_channels // in_channels, dim=1)",
                "padded.repeat(1, out_channels // in_channels, 1, 1)",
            ),
            ("weight[:, 0, u, v, None, None]", "weight[:, 0, u, v, None, None].abs()"),
        ],
        fails=[
            ("    N, in_channels, H, W = x.shape\n", EVERY_PIXEL, "how"),
            ("    y = x.new_zeros((", "    y = torch.zeros((", "device"),
        ],
        errors=[
            (
                "weight[:, 0, u, v, None, None]",
                "weight[:, 0, u, v]",
                "depthwise_conv2d_torch(torch.ones(1, 3, 6, 6), torch.ones(3, 1, 3, 3))",
            ),
        ],
    ),
    "depthwise_params": Entry(
        oracle=reference.depthwise_params,
        cases=lambda: (
            ((C, kernel_size), {"channel_multiplier": m, "bias": bool(bias)})
            for (C, m, kernel_size), bias in counters(random_generator(), 100)
        ),
        wrong=[
            ("biases = kernels if bias", "biases = in_channels if bias"),
            ("return kernels * kH * kW", "return kernels * kH * kH"),
        ],
        fails=[
            ("biases = kernels if bias", "biases = 1 if bias", "bias"),
        ],
        errors=[
            (
                "return kernels * kH * kW + biases",
                "return kernels * (kernel_size * kernel_size)",
                "depthwise_params(3, (3, 5))",
            ),
        ],
    ),
    "depthwise_macs": Entry(
        oracle=reference.depthwise_macs,
        cases=macs(lambda numbers, size: ((numbers[0], numbers[2], size), {"channel_multiplier": numbers[1]})),
        wrong=[
            ("channel_multiplier, bias=False)", "1, bias=False)"),
        ],
        errors=[
            ("H_out, W_out = pair(output_size)", "H_out, W_out = output_size", "depthwise_macs(3, 3, 4)"),
        ],
    ),
    "pointwise_conv2d": Entry(
        oracle=reference.pointwise_conv2d,
        cases=lambda: pointwise_layers(random_generator(), 200),
        wrong=[
            ('"nchw,oc->nohw"', '"nchw,oc->nowh"'),
            ("if tuple(weight.shape[2:]) != (1, 1):", "if False:"),
        ],
        fails=[
            ("if tuple(weight.shape[2:]) != (1, 1):", "if False:", "errors"),
        ],
        errors=[
            (
                'np.einsum("nchw,oc->nohw", x, weight[:, :, 0, 0])',
                "weight[:, :, 0, 0] @ x",
                "pointwise_conv2d(np.ones((1, 3, 5, 5)), np.ones((2, 3, 1, 1)))",
            ),
        ],
    ),
    "pointwise_conv2d_torch": Entry(
        oracle=pointwise_by_torch,
        cases=lambda: pointwise_layers(random_generator(), 200),
        adapted=on_tensors,
        wrong=[
            ("pixels = x.reshape(N, C, H * W)", "pixels = x.reshape(N, H * W, C).mT"),
            ("y = y + bias[:, None]", "y = y + bias[0]"),
        ],
        fails=[
            ("pixels = x.reshape(", "pixels = x.view(", "layout"),
        ],
        errors=[
            (
                "pixels = x.reshape(",
                "pixels = x.view(",
                "pointwise_conv2d_torch(torch.ones(1, 3, 4, 5).mT, torch.ones(2, 3, 1, 1))",
            ),
        ],
    ),
    "pointwise_params": Entry(
        oracle=reference.pointwise_params,
        cases=lambda: ((numbers[:2], {"bias": bool(bias)}) for numbers, bias in counters(random_generator(), 100)),
        wrong=[
            ("biases = out_channels if bias", "biases = in_channels if bias"),
        ],
        errors=[
            (
                "biases = out_channels if bias else 0",
                "biases = out_channels if bias else None",
                "pointwise_params(3, 2, bias=False)",
            ),
        ],
    ),
    "pointwise_macs": Entry(
        oracle=reference.pointwise_macs,
        cases=macs(lambda numbers, size: ((*numbers[:2], size), {})),
        wrong=[
            ("return H_out * W_out * pointwise_params", "return H_out * H_out * pointwise_params"),
        ],
        errors=[
            (
                "    H_out, W_out = pair(output_size)\n",
                "    return in_channels * out_channels * (output_size * output_size)\n",
                "pointwise_macs(3, 2, (4, 5))",
            ),
        ],
    ),
    "separable_conv2d": Entry(
        oracle=separable_by_torch,
        cases=lambda: separable_layers(random_generator(), 300),
        adapted=on_tensors,
        wrong=[
            ("(maps, pointwise_weight, pointwise_bias)", "(maps, pointwise_weight)"),
            ("(maps, pointwise_weight, pointwise_bias)", "(maps, pointwise_weight, pointwise_bias, stride)"),
            ("if tuple(pointwise_weight.shape[1:]) != (mid_channels, 1, 1):", "if False:"),
            ("except RuntimeError as error:", "except KeyError as error:"),
        ],
        fails=[
            ("(maps, pointwise_weight, pointwise_bias)", "(maps, pointwise_weight)", "bias"),
            ("stride, padding, dilation, groups", "stride, padding, groups", "dilation"),
        ],
        errors=[
            (
                "            x, depthwise_weight, depthwise_bias, stride, padding, dilation, groups=in_channels\n"
                "        )\n"
                "        return torch.nn.functional.conv2d(maps, pointwise_weight, pointwise_bias)\n"
                "    except RuntimeError",
                "            x, depthwise_weight\n        )\n    except KeyError",
                "separable_conv2d(torch.ones(1, 2, 1, 3), torch.ones(2, 1, 1, 2), torch.ones(2, 2, 1, 1))",
            ),
        ],
    ),
    "separable_params": Entry(
        oracle=reference.separable_params,
        cases=lambda: ((numbers, {"bias": bool(bias)}) for numbers, bias in counters(random_generator(), 100)),
        wrong=[
            ("biases = in_channels + out_channels if bias", "biases = out_channels if bias"),
        ],
        errors=[
            (
                "weights = in_channels * kH * kW +",
                "weights = in_channels * kernel_size ** 2 +",
                "separable_params(3, 2, (3, 5))",
            ),
        ],
    ),
    "separable_macs": Entry(
        oracle=reference.separable_macs,
        cases=macs(lambda numbers, size: ((*numbers, size), {})),
        wrong=[
            ("kernel_size, bias=False)", "kernel_size)"),
        ],
        errors=[
            (
                "    H_out, W_out = pair(output_size)\n",
                "    H_out, W_out = output_size * output_size, 1\n",
                "separable_macs(3, 2, 3, (4, 5))",
            ),
        ],
    ),
    "cost_ratio": Entry(
        oracle=reference.cost_ratio,
        cases=lambda: ((numbers[1:], {}) for numbers, _ in counters(random_generator(), 100)),
        wrong=[
            ("return Fraction(1, out_channels) +", "return 1 / out_channels +"),
            ("Fraction(1, kH * kW)", "Fraction(1, kH * kH)"),
        ],
        fails=[
            ("return Fraction(1, out_channels) +", "return 1 / out_channels +", "dtype"),
        ],
        errors=[
            ("Fraction(1, kH * kW)", "Fraction(1 / (kH * kW), 1)", "cost_ratio(2, 3)"),
        ],
    ),
    "merge": Entry(
        oracle=reference.merge,
        cases=lambda: two_weights(random_generator(), 300),
        adapted=on_tensors,
        wrong=[
            ("tuple(pointwise_weight.shape[1:]) != (in_channels, 1, 1)", "False"),
            ("return pointwise_weight * depthwise_weight[:, 0]", "return pointwise_weight + depthwise_weight[:, 0]"),
        ],
        fails=[
            ("tuple(pointwise_weight.shape[1:]) != (in_channels, 1, 1)", "False", "errors"),
        ],
        errors=[
            (
                "pointwise_weight * depthwise_weight[:, 0]",
                "pointwise_weight * depthwise_weight.repeat(1, 2, 1, 1)",
                "merge(torch.ones(3, 1, 3, 3), torch.ones(4, 3, 1, 1))",
            ),
        ],
    ),
    "DepthwiseSeparableConv2d": Entry(
        oracle=separable_by_torch,
        cases=lambda: separable_modules(random_generator(), 200),
        adapted=module_as_function,
        wrong=[
            ("dilation=dilation,", ""),
            ("groups=in_channels,", ""),
            ("out_channels, 1, bias=bias)", "out_channels, 1)"),
        ],
        fails=[
            ("out_channels, 1, bias=bias)", "out_channels, 1)", "parameters"),
        ],
        errors=[
            (
                "        super().__init__()\n        self.depthwise",
                "        self.depthwise",
                "DepthwiseSeparableConv2d(3, 2, 3)",
            ),
            (
                'def forward(self, x):\n        """The maps (N, out',
                'def foward(self, x):\n        """The maps (N, out',
                "DepthwiseSeparableConv2d(3, 2, 3)(torch.ones(1, 3, 6, 6))",
            ),
        ],
    ),
    "separate": Entry(
        oracle=lambda weight: reference.merge(*reference.separate(weight)),
        cases=lambda: regular_weights(random_generator(), 200),
        adapted=merged_again,
        wrong=[
            ("sizes[:, :1] * right[:, 0]", "right[:, 0]"),
            ("left[:, :, 0].T", "left[:, :, -1].T"),
        ],
        fails=[
            ("sizes[:, :1] * right[:, 0]", "right[:, 0]", "values"),
        ],
        errors=[
            ("left[:, :, 0].T.reshape(", "left.reshape(", "separate(torch.ones(2, 3, 3, 3))"),
        ],
    ),
}
