"""Verdicts: asked once, and could not be checked."""

import sys

import torch
from handwritten import message_of, taps

from autograder.checks import judge
from autograder.course import EXERCISES
from autograder.student_code.subject import Local


def test_sys_exit_in_student_code_is_a_failure_like_another():
    assert "raised SystemExit" in message_of(lambda *args: sys.exit(0), "window_sum-values")


def test_without_torch_or_cuda_a_torch_check_could_not_be_made(monkeypatch):
    if not torch.cuda.is_available():
        verdict = judge(EXERCISES["conv2d_torch"], Local(taps), aspects=["values"], device="cuda")[0]
        assert verdict.passed is None and verdict.points == 0
        assert verdict.message == "conv2d_torch, values: could not be checked: this machine has no CUDA device"
    monkeypatch.setitem(sys.modules, "torch", None)
    verdict = judge(EXERCISES["conv2d_torch"], Local(taps), aspects=["values"])[0]
    assert verdict.passed is None
    assert "could not be checked: torch is not installed" in verdict.message
