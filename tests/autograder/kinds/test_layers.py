"""Classes of torch modules as results."""

import pytest
import torch
from torch import nn

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.student_code.subject import Handle, Local


class DepthwiseSeparableConv2d(nn.Module):
    """A right module; the wrong ones below change one thing."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, padding, dilation, groups=in_channels, bias=bias
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


def changed(**methods):
    return type("DepthwiseSeparableConv2d", (DepthwiseSeparableConv2d,), methods)


def lost(made):
    return {v.aspect: v.message for v in judge(EXERCISES["DepthwiseSeparableConv2d"], Local(made)) if not v.passed}


def test_a_right_module_passes():
    assert lost(DepthwiseSeparableConv2d) == {}


def test_a_wrong_module_is_told_how_it_was_made():
    message = lost(changed(__init__=always_biased))["parameters"]
    assert "made with in_channels 3, out_channels 4, kernel_size (3, 4), bias False: expected the parameters" in message


def test_a_module_is_a_handle_and_keeps_its_numbers_to_itself():
    made = Local(DepthwiseSeparableConv2d).call(3, 2, 3).value
    assert isinstance(made, Handle) and made.is_module
    assert made.parameters().value == {
        "depthwise.weight": (3, 1, 3, 3),
        "depthwise.bias": (3,),
        "pointwise.weight": (2, 3, 1, 1),
        "pointwise.bias": (2,),
    }


def without_groups(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
    nn.Module.__init__(self)
    self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride, padding, dilation, bias=bias)
    self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)


def always_biased(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
    DepthwiseSeparableConv2d.__init__(self, in_channels, out_channels, kernel_size, stride, padding, dilation, True)


def other_names(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
    nn.Module.__init__(self)
    self.dw = nn.Conv2d(in_channels, in_channels, kernel_size, stride, padding, dilation, groups=in_channels)
    self.pw = nn.Conv2d(in_channels, out_channels, 1)


@pytest.mark.parametrize(
    ("init", "text"),
    [
        (without_groups, "Every depthwise kernel sees all channels: the layer lacks groups=in_channels"),
        (other_names, "the module has dw.weight"),
    ],
)
def test_parameters_that_are_not_the_two_steps_are_named(init, text):
    messages = lost(changed(__init__=init))
    assert text in messages["values"]
    assert messages["parameters"].endswith("get the values right first")


def test_a_parameter_too_many_is_no_separable_layer():
    def with_scale(self, *args, **options):
        DepthwiseSeparableConv2d.__init__(self, *args, **options)
        self.scale = nn.Parameter(torch.ones(1))

    assert "the module has scale (1,)" in lost(changed(__init__=with_scale))["values"]


def test_a_bias_that_ignores_the_option_costs_nothing_but_its_aspects():
    assert set(lost(changed(__init__=always_biased))) == {"parameters"}

    def never_biased(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        DepthwiseSeparableConv2d.__init__(
            self, in_channels, out_channels, kernel_size, stride, padding, dilation, False
        )

    assert set(lost(changed(__init__=never_biased))) == {"bias"}


def test_stride_in_both_steps_loses_the_stride_alone_and_is_named():
    def twice(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True):
        DepthwiseSeparableConv2d.__init__(self, in_channels, out_channels, kernel_size, stride, padding, dilation, bias)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=bias)

    messages = lost(changed(__init__=twice))
    assert set(messages) == {"stride"}
    assert "Your stride is taken in both steps" in messages["stride"]


def test_a_tensor_made_in_forward_on_the_wrong_device_is_caught():
    def forward(self, x):
        return DepthwiseSeparableConv2d.forward(self, x) + torch.zeros(1, 1, 1, 1)

    assert set(lost(changed(forward=forward))) == {"device"}


def test_what_is_no_module_is_named():
    assert "should make a torch.nn.Module, got list" in lost(lambda *args, **options: [1])["values"]
    assert "should make a torch.nn.Module, got None" in lost(lambda *args, **options: None)["values"]


def test_a_module_whose_forward_is_missing_says_so():
    class Empty(nn.Module):
        def __init__(self, *args, **options):
            super().__init__()
            right = DepthwiseSeparableConv2d(*args, **options)
            self.depthwise, self.pointwise = right.depthwise, right.pointwise

    assert 'missing the required "forward" function' in lost(Empty)["values"]
