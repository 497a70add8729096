"""The module that stands in for `autograder` while a notebook is graded: it takes the same calls and only prints."""

import inspect

import pytest

import autograder
from autograder.student_code.inside import stub

CALLS = {
    "check": (None, "conv2d-stride"),
    "check_answer": ("a", "predict-window"),
    "reveal": ("a", "predict-window"),
    "progress": ("01-window", {}),
}


@pytest.mark.parametrize("name", CALLS)
def test_each_name_takes_the_calls_of_the_real_one(name):
    real, stubbed = (inspect.signature(getattr(module, name)) for module in (autograder, stub))
    assert list(stubbed.parameters) == list(real.parameters)
    inspect.signature(getattr(autograder, name)).bind(*CALLS[name])


@pytest.mark.parametrize("name", CALLS)
def test_each_name_prints_a_line_and_judges_nothing(name, capsys):
    assert getattr(stub, name)(*CALLS[name]) is None
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and any(part in said for part in CALLS[name] if isinstance(part, str))


def test_every_name_that_a_notebook_imports_is_there():
    calls = {name for name in autograder.__all__ if not inspect.isclass(getattr(autograder, name))}
    assert calls == set(CALLS) == {name for name in vars(stub) if inspect.isfunction(getattr(stub, name))}
