"""Students' files that tests write and check, and the functions in them."""

import os
import subprocess
import sys

from places import ROOT, TESTS

from autograder.course import EXERCISES

#: Files that are longer than a few lines.
FILES = TESTS / "student_files"

PAIR = "def pair(v):\n    return v if isinstance(v, tuple) else (v, v)\n"

PARAMS = """def conv2d_params(in_channels, out_channels, kernel_size, bias=True):
    kH, kW = pair(kernel_size)
    return out_channels * (in_channels * kH * kW + bool(bias))
"""

MACS = """def conv2d_macs(in_channels, out_channels, kernel_size, output_size):
    (kH, kW), (H, W) = pair(kernel_size), pair(output_size)
    return in_channels * out_channels * kH * kW * H * W
"""

TORCH = """import torch
def conv2d_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return x
"""


def points(*names, aspects=None):
    """The points of some exercises, as a person reads them; only those of some aspects where these are given."""
    found = [EXERCISES[name].points for name in names]
    return f"{sum(value for each in found for aspect, value in each.items() if not aspects or aspect in aspects):g}"


def outcomes(report, name):
    """aspect -> passed, for one function."""
    return {row["aspect"]: row["passed"] for row in report.rows if row["exercise"] == name}


def message(report, name, aspect="values"):
    """The message of one check."""
    (found,) = (row["message"] for row in report.rows if (row["exercise"], row["aspect"]) == (name, aspect))
    return found


def run(*arguments, **environment):
    """The command line as a person runs it."""
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=ROOT, timeout=120, env=os.environ | environment
    )
