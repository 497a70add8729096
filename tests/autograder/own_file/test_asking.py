"""Asking the functions of a file, without a process: what is sent, and how long each step may take."""

import pytest

from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.own_file.asking import Functions, ask
from autograder.own_file.cells import Stop
from autograder.own_file.job import SLOW_IMPORT, Job
from autograder.own_file.reading import Cell


class Recorded:
    """Events that are kept."""

    def __init__(self):
        self.events = []

    def send(self, event, more_seconds=0, **content):
        self.events.append({"event": event, "more_seconds": more_seconds, **content})


def asked(name, namespace, cells=(), stops=None):
    events = Recorded()
    ask(name, Functions(cells, namespace), stops or {}, Job("/my.ipynb", list(cells)), events)
    return events.events


@pytest.mark.parametrize("name", EXERCISES)
def test_what_needs_torch_has_time_to_import_it(name):
    """A class of torch modules was forgotten once."""
    look, *_ = asked(name, {name: 3})
    assert look["event"] == "look"
    assert look["more_seconds"] == (SLOW_IMPORT if "torch" in EXERCISES[name].kind.imports else 0)
    assert ("torch" in name or name[0].isupper()) <= bool(look["more_seconds"])


def test_each_check_is_announced_before_it_is_made():
    events = asked("conv2d_macs", {"conv2d_macs": as_submitted(EXERCISES["conv2d_macs"])})
    aspects = list(EXERCISES["conv2d_macs"].points)
    assert [event["event"] for event in events] == ["look", *["ask", "verdict"] * len(aspects)]
    assert [event["aspect"] for event in events if event["event"] == "ask"] == aspects
    assert all(event["row"]["passed"] for event in events if event["event"] == "verdict")


@pytest.mark.parametrize(
    ("namespace", "cells", "stops", "passed", "message"),
    [
        ({"conv2d_macs": 3}, (), {}, False, "conv2d_macs is 3 (a int), not a function; give that value another name"),
        ({}, (), {}, None, "my.ipynb does not define conv2d_macs"),
        ({}, [Cell("code cell 1", "", "conv2d_macs")], {}, False, "code cell 1 does not define conv2d_macs; its line"),
        (
            {},
            [Cell("code cell 1", "", "conv2d_macs")],
            {0: Stop("no torch", "no torch here")},
            None,
            "no torch here\n  Install torch, or move the import out of the cell of conv2d_macs",
        ),
        ({}, [Cell("code cell 1", "", "conv2d_macs")], {0: Stop("syntax", "syntax error")}, False, "syntax error"),
        (
            {},
            [Cell("code cell 1", "", "conv2d_macs")],
            {0: Stop("error", "1 / 0")},
            False,
            "conv2d_macs was never defined, because its cell stopped before. 1 / 0",
        ),
    ],
)
def test_what_keeps_a_function_from_being_asked(namespace, cells, stops, passed, message):
    rows = [event["row"] for event in asked("conv2d_macs", namespace, cells, stops) if event["event"] == "verdict"]
    assert {row["passed"] for row in rows} == {passed}
    assert rows[0]["message"].startswith(f"conv2d_macs, values: {message}")
