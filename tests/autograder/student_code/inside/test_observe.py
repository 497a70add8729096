"""Watchers of a call."""

import sys

from autograder.student_code.inside.observe import lines, one_device, operations, packages


def test_watchers_put_back_what_they_found():
    before = sys.gettrace(), sys.getprofile()
    with lines(), packages(), operations(), one_device():
        pass
    assert (sys.gettrace(), sys.getprofile()) == before
