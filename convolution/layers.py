"""The layers that students write as classes of torch modules."""

from autograder.kinds.layers import Layer

_BIASES = {"depthwise_bias": "depthwise.bias", "pointwise_bias": "pointwise.bias"}


def _construct(case):
    """in_channels, out_channels and kernel_size follow from the weights; the rest are options."""
    _x, depthwise_weight, pointwise_weight = case.args
    out_channels, in_channels = pointwise_weight.shape[:2]
    kH, kW = depthwise_weight.shape[2:]
    args = {
        "in_channels": in_channels,
        "out_channels": out_channels,
        "kernel_size": kH if kH == kW else (kH, kW),
    }
    has_bias = any(name in case.options for name in _BIASES)
    options = {name: value for name, value in case.options.items() if name not in _BIASES}
    return args, {"bias": has_bias, **options}


def _numbers(case):
    _x, depthwise_weight, pointwise_weight = case.args
    numbers = {"depthwise.weight": depthwise_weight, "pointwise.weight": pointwise_weight}
    return numbers | {_BIASES[name]: value for name, value in case.options.items() if name in _BIASES}


def _hint(held, wanted):
    in_channels = wanted["depthwise.weight"][0]
    if (*held.get("depthwise.weight", ()), 0, 0)[1] == in_channels > 1:
        return "Every depthwise kernel sees all channels: the layer lacks groups=in_channels"
    return ""


def _as_class(separable_conv2d):
    """A class whose two torch layers hold the numbers, while a function on tensors computes with them."""
    import torch

    class DepthwiseSeparableConv2d(torch.nn.Module):
        def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
            super().__init__()
            self.options = {"stride": stride, "padding": padding, "dilation": dilation}
            self.depthwise = torch.nn.Conv2d(in_channels, in_channels, kernel_size, groups=in_channels, bias=bias)
            self.pointwise = torch.nn.Conv2d(in_channels, out_channels, 1, bias=bias)

        def forward(self, x):
            options = dict(self.options)
            for name, layer in (("depthwise_bias", self.depthwise), ("pointwise_bias", self.pointwise)):
                if layer.bias is not None:
                    options[name] = layer.bias.detach()
            weights = self.depthwise.weight.detach(), self.pointwise.weight.detach()
            return separable_conv2d(x.detach(), *weights, **options)

    return DepthwiseSeparableConv2d


SEPARABLE_LAYER = Layer(
    construct=_construct, numbers=_numbers, as_class=_as_class, optional=tuple(_BIASES.values()), hint=_hint
)
