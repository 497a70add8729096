"""The aspects that count once the values hold: arguments, layout, devices."""

import numpy as np
import pytest
import torch
from handwritten import message_of, taps

from autograder.checks import judge
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.student_code.subject import Local

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def test_the_argument_that_changed_is_named():
    def conv2d(x, weight, bias=None, **options):
        if bias is not None:
            bias *= 2
            return as_submitted(EXERCISES["conv2d"])(x, weight, bias=bias / 2, **options)
        return as_submitted(EXERCISES["conv2d"])(x, weight, **options)

    assert "bias is not what it was before the call" in message_of(conv2d, "conv2d-unchanged")


def test_code_that_relies_on_memory_order_fails_layout_alone():
    def conv2d(x, weight, **options):
        x = x if x.flags.c_contiguous else np.ascontiguousarray(x)[..., ::-1]
        return as_submitted(EXERCISES["conv2d"])(x, weight, **options)

    failed = [v.aspect for v in judge(EXERCISES["conv2d"], Local(conv2d)) if not v.passed]
    assert failed == ["layout"]


def test_a_view_of_a_torch_tensor_that_is_not_contiguous_fails_layout():
    def conv2d_torch(x, weight, *args, **options):
        x.view(-1)  # refuses a tensor whose memory is not in order
        return taps(x, weight, *args, **options)

    failed = [v.aspect for v in judge(EXERCISES["conv2d_torch"], Local(conv2d_torch)) if not v.passed]
    assert failed == ["layout"]


@pytest.mark.parametrize("device", DEVICES)
def test_a_right_torch_kernel_passes_on_every_device(device):
    assert [v.message for v in judge(EXERCISES["conv2d_torch"], Local(taps), device=device) if not v.passed] == []


#: Slips that pass on a CPU and fail on a GPU: each makes or leaves a tensor on the wrong device.
SLIPS = {
    "zeros": lambda x, y: torch.zeros(y.shape) + y,
    "zeros, in place": lambda x, y: torch.zeros(y.shape).add_(y),
    "zeros, then moved back": lambda x, y: torch.zeros(y.shape).add_(y).to(x.device),
    "empty, written by pixel": lambda x, y: _written(torch.empty(y.shape), y),
    "arange": lambda x, y: y * (torch.arange(y.shape[-1]) >= 0),
    "ones": lambda x, y: y * torch.ones(y.shape[-1]),
    "tensor": lambda x, y: y + torch.tensor([0.0] * y.shape[-1]),
    "cat": lambda x, y: torch.cat([y, torch.zeros(y.shape)])[: y.shape[0]],
    "stack": lambda x, y: torch.stack([y, torch.zeros(y.shape)])[0],
    "where": lambda x, y: torch.where(torch.ones(y.shape) > 0, y, y),
    "eye": lambda x, y: y @ torch.eye(y.shape[-1]),
    "index_select": lambda x, y: torch.index_select(y, 3, torch.arange(y.shape[3])),
    "index_select and add": lambda x, y: torch.zeros_like(y).index_add(3, torch.arange(y.shape[3]), y),
    "written at an index": lambda x, y: _put(torch.zeros_like(y), torch.zeros(y.shape)) + y,
    "result on the CPU": lambda x, y: torch.ones(y.shape),
    "numpy": lambda x, y: torch.from_numpy(y.numpy()),
}


def _put(out, values):
    out[:, torch.arange(out.shape[1])] = values
    return out


def _written(out, y):
    for row in range(y.shape[2]):
        out[:, :, row] = y[:, :, row]
    return out


@pytest.mark.parametrize("slip", SLIPS)
def test_every_slip_between_devices_is_caught_without_a_gpu(slip):
    def conv2d_torch(x, weight, *args, **options):
        y = taps(x, weight, *args, **options)
        return y if slip == "result on the CPU" and x.device.type == "cpu" else SLIPS[slip](x, y)

    verdicts = {
        v.aspect: v for v in judge(EXERCISES["conv2d_torch"], Local(conv2d_torch), aspects=["values", "device"])
    }
    assert verdicts["values"].passed
    assert verdicts["device"].passed is False


LEGAL = {
    "new_zeros": lambda x, y: x.new_zeros(y.shape) + y,
    "device=": lambda x, y: torch.zeros(y.shape, device=x.device) + y,
    "zeros_like": lambda x, y: torch.zeros_like(y) + y,
    "a number": lambda x, y: y * torch.tensor(1.0),
    "an index on the CPU": lambda x, y: y[:, torch.arange(y.shape[1])],
    "written at an index on the CPU": lambda x, y: _put(torch.zeros_like(y), y),
    "brought over": lambda x, y: y + torch.zeros(y.shape).to(x.device),
    "asks for a number": lambda x, y: y if float(y.sum()) < 1e9 else y * 2,
}


@pytest.mark.parametrize("way", LEGAL)
def test_legal_code_passes_the_device_check(way):
    verdict = judge(
        EXERCISES["conv2d_torch"], Local(lambda x, *a, **o: LEGAL[way](x, taps(x, *a, **o))), aspects=["device"]
    )[0]
    assert verdict.passed, verdict.message
