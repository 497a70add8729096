"""Classes of torch modules as results."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.kinds.layers import Layer, shapes_held
from autograder.model import Case
from autograder.student_code.subject import Handle, Local, Outcome, Raised


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


# --- the kind, on a layer that has nothing to do with convolution ------------------------------------------------


class Affine(nn.Module):
    """x * scale + shift, with a scale for every feature."""

    def __init__(self, features, has_shift=True):
        super().__init__()
        print("made")
        self.scale = nn.Parameter(torch.ones(features))
        self.shift = nn.Parameter(torch.ones(features)) if has_shift else None

    def forward(self, x, extra=None):
        print("called")
        y = x * self.scale
        y = y if self.shift is None else y + self.shift
        return y if extra is None else y + extra


def construct(case):
    return {"features": case.args[1].size}, {"has_shift": "shift" in case.options}


def numbers(case):
    return {"scale": case.args[1], **({"shift": case.options["shift"]} if "shift" in case.options else {})}


def shift_is_missing(held, wanted):
    return "It has no shift." if "shift" in wanted and "shift" not in held else ""


AFFINE = Layer(
    construct=construct, numbers=numbers, as_class=lambda function: function, optional=("shift",), hint=shift_is_missing
)
X, SCALE, SHIFT = np.float32([[1, 2], [3, 4]]), np.float32([10, 100]), np.float32([5, 6])
PLAIN, SHIFTED = Case((X, SCALE)), Case((X, SCALE), {"shift": SHIFT})


def handle_with(parameters):
    """A module that says this of its parameters."""
    return SimpleNamespace(parameters=lambda: Outcome(parameters))


def test_a_layer_is_a_class_of_tensors():
    assert AFFINE.keyword == "class" and AFFINE.imports == ("numpy", "torch") and AFFINE.natural_dtype == np.float32


def test_a_layer_is_made_given_its_numbers_and_called():
    outcome = AFFINE.call(Local(Affine), SHIFTED)
    assert not outcome.raised and outcome.value.array.tolist() == [[15, 206], [35, 406]]
    assert outcome.printed == "made\ncalled\n"
    assert AFFINE.call(Local(Affine), PLAIN).value.array.tolist() == [[10, 200], [30, 400]]


def test_an_optional_parameter_that_the_case_does_not_want_is_set_to_zero():
    """It counts in the aspect "parameters", and nowhere else."""
    always = type("Affine", (Affine,), {"__init__": lambda self, features, **options: Affine.__init__(self, features)})
    assert AFFINE.call(Local(always), PLAIN).value.array.tolist() == [[10, 200], [30, 400]]
    strict = replace(AFFINE, optional=())
    assert "the module has scale (2,), shift (2,)" in strict.call(Local(always), PLAIN).raised.text


def test_an_optional_parameter_of_several_axes_is_no_such_parameter():
    class Strange(Affine):
        def __init__(self, features, has_shift=True):
            super().__init__(features)
            self.shift = nn.Parameter(torch.ones(1, features))

    assert "the module has scale (2,), shift (1, 2)" in AFFINE.call(Local(Strange), PLAIN).raised.text


def test_a_layer_says_what_it_is_called_with():
    more = replace(AFFINE, inputs=lambda case: (case.args[0], np.float32([1000, 2000])))
    assert more.call(Local(Affine), PLAIN).value.array.tolist() == [[1010, 2200], [1030, 2400]]


@pytest.mark.parametrize(
    ("held", "case", "text"),
    [
        ({"scale": (2,)}, PLAIN, None),
        ({"scale": (2,), "shift": (2,)}, SHIFTED, None),
        (
            {"gain": (2,)},
            PLAIN,
            "made with features 2, has_shift False: expected the parameters scale (2,); the module has gain (2,)",
        ),
        ({}, PLAIN, "made with features 2, has_shift False: expected the parameters scale (2,); the module has none"),
        (
            {"scale": (2,)},
            SHIFTED,
            "made with features 2, has_shift True: expected the parameters scale (2,), shift (2,); the module has "
            "scale (2,). It has no shift.",
        ),
        ({"scale": (2, 1)}, PLAIN, "the module has scale (2, 1)"),
    ],
)
def test_parameters_are_compared_by_name_and_shape(held, case, text):
    problem = AFFINE.parameters_problem(case, held)
    assert (problem is None) if text is None else problem.endswith(text)


@pytest.mark.parametrize(
    "parameters",
    [None, [("scale", (2,))], *({"scale": shape} for shape in (2, [2], (2.0,), (True,), (-1,), (10_001,)))],
    ids=str,
)
def test_parameters_that_cannot_be_believed_are_no_shapes(parameters):
    outcome = shapes_held(handle_with(parameters))
    assert outcome.raised.text == "the module's parameters cannot be read: named_parameters() gives no tensors"


def test_parameters_that_can_be_believed():
    for parameters in ({}, {"scale": (2,), "number": ()}, {"scale": (10_000, 0)}):
        outcome = shapes_held(handle_with(parameters))
        assert not outcome.raised and outcome.value == parameters


def test_what_a_module_raises_when_asked_is_kept():
    def parameters():
        return Outcome(raised=Raised("KeyError", ("KeyError",), "scale"))

    assert shapes_held(SimpleNamespace(parameters=parameters)).raised.name == "KeyError"


def test_a_class_that_raises_is_not_asked_for_its_parameters():
    class Broken(nn.Module):
        def __init__(self, *args, **options):
            raise KeyError("scale")

    outcome = AFFINE.call(Local(Broken), PLAIN)
    assert outcome.raised.name == "KeyError"
    assert AFFINE.make(Local(Broken), PLAIN).raised.name == "KeyError"


def test_what_the_class_makes_is_a_module_or_named():
    made = AFFINE.make(Local(lambda features, has_shift: np.zeros(2)), PLAIN)
    assert made.raised.text == "calling the class should make a torch.nn.Module, got numpy.ndarray"


def test_the_wrong_class_of_the_course_computes_with_the_wrong_function():
    """`submitted` makes the class of a student from a function on arrays."""
    held = []
    layer = replace(AFFINE, as_class=lambda function: held.append(function) or Affine)
    assert layer.submitted(lambda x: 2 * x) is Affine
    assert torch.equal(held[0](torch.ones(2)), torch.full((2,), 2.0))
