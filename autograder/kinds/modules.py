"""Asking a class of torch modules: make one, give it numbers, call it. Its numbers are then those of a function.

The case is that of the function the module stands for: x, the two weights, and as options what the class takes
(stride, padding, dilation) and the two biases it should hold.
"""

import numpy as np

from autograder.kinds import results
from autograder.kinds.compare import kind_of
from autograder.student_code.subject import Outcome, Raised

#: The largest axis of a parameter that is believed; the checks' own have less than ten.
MAX_SIZE = 10_000

BIASES = {"depthwise_bias": "depthwise.bias", "pointwise_bias": "pointwise.bias"}


def make(subject, case):
    """Construct the module a case is about. Returns (outcome, the numbers it should hold by parameter name)."""
    _x, depthwise_weight, pointwise_weight = case.args
    out_channels, in_channels = pointwise_weight.shape[:2]
    kH, kW = depthwise_weight.shape[2:]
    numbers = {"depthwise.weight": depthwise_weight, "pointwise.weight": pointwise_weight}
    numbers |= {BIASES[key]: value for key, value in case.options.items() if key in BIASES}
    options = {key: value for key, value in case.options.items() if key not in BIASES}
    has_bias = len(numbers) > 2
    kernel_size = kH if kH == kW else (kH, kW)
    made = subject.call(in_channels, out_channels, kernel_size, bias=has_bias, **options)
    if not made.raised and not getattr(made.value, "is_module", False):
        made = Outcome(raised=_said(f"calling the class should make a torch.nn.Module, got {kind_of(made.value)}"))
    return made, numbers


def held_by(module):
    """A module's parameters, name -> shape, as an Outcome: asking for them runs student code too."""
    outcome = module.parameters()
    is_sound = type(outcome.value) is dict and all(
        type(shape) is tuple and all(type(size) is int and 0 <= size <= MAX_SIZE for size in shape)
        for shape in outcome.value.values()
    )
    if not outcome.raised and not is_sound:
        outcome.raised = _said("the module's parameters cannot be read: named_parameters() gives no tensors")
    return outcome


def parameters_differ(held, numbers):
    """What is wrong with a module's parameters, in a sentence; None where they are as they should be."""
    want = {name: tuple(array.shape) for name, array in numbers.items()}
    if held == want:
        return None
    (in_channels, _, kH, kW), out_channels = want["depthwise.weight"], want["pointwise.weight"][0]
    text = (
        f"made with in_channels {in_channels}, out_channels {out_channels}, kernel_size {(kH, kW)}, "
        f"bias {len(want) > 2}: expected the parameters {_listed(want)}; the module has {_listed(held) or 'none'}"
    )
    if (*held.get("depthwise.weight", ()), 0, 0)[1] == in_channels > 1:
        text += ". Every depthwise kernel sees all channels: the layer lacks groups=in_channels"
    return text


def make_and_call(subject, case, device="cpu", observe=()):
    """Construct the module, give it the case's numbers, and call it on x. The Outcome is that of the call."""
    made, numbers = make(subject, case)
    if made.raised:
        return made
    # A bias that should not be there is zero here: that it is there is counted once, by the aspect parameters.
    held = held_by(made.value)
    if held.raised:
        return held
    one_axis = {name: shape for name, shape in held.value.items() if len(shape) == 1}
    surplus = {name: np.zeros(one_axis[name]) for name in BIASES.values() if name in one_axis and name not in numbers}
    problem = parameters_differ(held.value, numbers | surplus)
    if problem:
        return Outcome(raised=_said(problem), printed=made.printed)
    for given in (made.value.assign(numbers | surplus), made.value.to(device)):
        if given.raised:
            return given
    outcome = made.value.call(results.as_tensor(case.args[0], device), observe=observe)
    outcome.printed = made.printed + outcome.printed
    return outcome


def _said(text):
    return Raised("", (), text)


def _listed(shapes):
    return ", ".join(f"{name} {shape}" for name, shape in shapes.items())
