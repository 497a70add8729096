"""Watchers of a call: what each sees, and what it lets pass."""

import json
import sys

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from autograder.student_code.inside.observe import WATCHERS, DeviceMix, lines, one_device, operations, packages
from autograder.student_code.remote import SEEN


def test_watchers_put_back_what_they_found():
    before = sys.gettrace(), sys.getprofile()
    with lines(), packages(), operations(), one_device():
        pass
    assert (sys.gettrace(), sys.getprofile()) == before
    with pytest.raises(ZeroDivisionError), lines(), packages(), operations(), one_device():
        1 / 0  # noqa: B018
    assert (sys.gettrace(), sys.getprofile()) == before


@pytest.mark.parametrize("name", WATCHERS)
def test_what_a_watcher_sees_is_of_the_type_that_the_reader_expects(name):
    with WATCHERS[name]() as seen:
        pass
    assert type(seen()) is SEEN[name]


def test_lines_grow_with_a_loop_and_not_with_an_array():
    def loop(x):
        total = 0
        for row in x:
            for value in row:
                total += value
        return total

    counts = {}
    for name, function in (("loop", loop), ("array", lambda x: x.sum())):
        for size in (10, 20):
            with lines() as count:
                function(np.ones((size, size)))
            counts[name, size] = count()
    assert counts["loop", 20] > 3.5 * counts["loop", 10]
    assert counts["array", 20] == counts["array", 10]


def test_lines_in_a_library_count_too():
    with lines() as count:
        np.apply_along_axis(sum, 1, np.ones((50, 2)))
    assert count() > 100


def test_packages_are_those_that_are_installed_but_for_numpy():
    with packages() as called:
        json.dumps([1])
        np.ones(2).sum()
        sorted([2, 1])
    assert called() == []
    with packages() as called:
        torch.ones(2).sum()
    assert called() == ["torch"]


def test_operations_are_those_that_reach_torch():
    x, weight = torch.ones(1, 2, 4, 4), torch.ones(3, 2, 3, 3)
    with operations() as seen:
        F.conv2d(x, weight)
    assert seen() == ["aten.convolution"]
    with operations() as seen:
        np.ones(2) + 1
    assert seen() == []


META, CPU = torch.ones(2, 3, device="meta"), torch.ones(2, 3)

MIXED = {
    "a sum": lambda: META + CPU,
    "a sum, the other way": lambda: CPU + META,
    "in place": lambda: META.clone().add_(CPU),
    "a matrix product": lambda: META @ CPU.T,
    "a list of both": lambda: torch.cat([META, CPU]),
    "written at an index": lambda: META.clone().__setitem__(torch.tensor([1, 0]), CPU),
    "index_select": lambda: META.index_select(0, torch.tensor([1])),
}

LEGAL = {
    "one device": lambda: META + META,
    "the other": lambda: CPU + CPU,
    "a single number": lambda: META * torch.tensor(2.0),
    "an index on the CPU": lambda: META[torch.tensor([1, 0])],
    "written at an index on the CPU": lambda: META.clone().__setitem__(torch.tensor([1]), META[0]),
    "a copy to the other device": lambda: CPU.to("meta") + META,
    "a copy into": lambda: META.clone().copy_(CPU),
    "a copy into a row": lambda: META.clone().__setitem__(0, CPU[0]),
}


@pytest.mark.parametrize("name", MIXED)
def test_two_devices_in_one_operation_are_refused(name):
    with one_device(), pytest.raises(DeviceMix, match=r"met a tensor \(2, 3\) on the input's device and a tensor"):
        MIXED[name]()


@pytest.mark.parametrize("name", LEGAL)
def test_what_a_gpu_allows_is_allowed(name):
    with one_device():
        LEGAL[name]()
