"""Calls in this process: what comes of them is kept as data, whatever the function does."""

import sys
import warnings

import numpy as np
import pytest
import torch

from autograder.student_code.inside.calling import MAX_PRINTED, Handle, Local, Raised
from autograder.student_code.inside.data import Foreign, Tensor


def test_what_is_returned_is_data_and_the_rest_is_held():
    assert Local(lambda x, scale=1: x * scale).call(3, scale=2).value == 6
    assert Local(lambda: None).call().value is None
    value = Local(lambda: ({1}, [np.ones(2)])).call().value
    assert type(value[0]) is Handle and value[0].kind == "set"
    assert value[1][0].tolist() == [1, 1]


def test_several_arrays_and_tensors_come_back_in_a_tuple():
    x = np.arange(6.0).reshape(2, 3)
    outcome = Local(lambda x: (x, x.sum(axis=0), x.shape)).call(x)
    assert [type(part) for part in outcome.value] == [np.ndarray, np.ndarray, tuple]
    outcome = Local(lambda x: (x.sum(0), x.shape, x.max())).call(Tensor.of(x))
    assert outcome.value[0].shape == (3,) and outcome.value[2].array == 5
    assert type(outcome.value[1]) is Handle  # torch.Size is no tuple


def test_shapes_are_arguments():
    outcome = Local(lambda x_shape, weight_shape: (x_shape[0], *weight_shape)).call((1, 2, 3), (4, 5))
    assert outcome.value == (1, 4, 5)
    assert outcome.arguments == ((1, 2, 3), (4, 5))


def test_arguments_and_options_come_back_as_they_are_afterwards():
    def changes(x, numbers, *, weight, name="a"):
        x += 1
        weight.zero_()
        numbers.append(3)

    outcome = Local(changes).call(np.zeros(2), [1], weight=Tensor.of(np.ones(2)), name="b")
    assert outcome.arguments[0].tolist() == [1, 1] and outcome.arguments[1] == [1, 3]
    assert outcome.options["weight"].array.tolist() == [0, 0] and outcome.options["name"] == "b"


class Loud(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def raises(error):
    def function(*args):
        raise error

    return Local(function)


def test_an_exception_is_its_name_its_bases_its_text_and_the_students_line():
    raised = raises(KeyError("key")).call().raised
    assert (raised.name, raised.text) == ("KeyError", "'key'")
    assert raised.bases == ("KeyError", "LookupError", "Exception", "BaseException", "object")
    assert raised.where.endswith("raise error")
    assert str(raised) == f"KeyError: 'key', at {raised.where}"


def test_the_line_is_the_deepest_of_the_students_own():
    def outer():
        np.linalg.inv(np.zeros((2, 2)))

    def within():
        return torch.nn.functional.conv2d(torch.ones(1), torch.ones(1))

    assert Local(outer).call().raised.where.endswith("np.linalg.inv(np.zeros((2, 2)))")
    assert "conv2d(torch.ones(1)" in Local(within).call().raised.where


def test_exceptions_of_every_kind_are_kept():
    assert raises(SystemExit(3)).call().raised.name == "SystemExit"
    assert raises(Loud()).call().raised.text == ""
    assert str(raises(Loud()).call().raised).startswith("Loud, at line ")
    assert len(raises(ValueError("x" * 10_000)).call().raised.text) == 2000
    assert Local(None).call().raised.text == "'NoneType' object is not callable"
    assert Local(lambda: 1).call(1, 2).raised.name == "TypeError"
    endless = {}
    exec("def endless(): return endless()", endless)
    assert Local(endless["endless"]).call().raised.name == "RecursionError"


def test_ctrl_c_is_the_readers_own():
    with pytest.raises(KeyboardInterrupt):
        raises(KeyboardInterrupt()).call()


def test_a_call_that_could_not_be_made_has_a_text_and_no_name():
    assert str(Raised("", (), "the machine is gone")) == "the machine is gone"


def test_what_is_printed_is_kept_and_warnings_come_last():
    def prints():
        warnings.warn("careful", stacklevel=1)
        print("out")
        print("err", file=sys.stderr)
        return 1

    outcome = Local(prints).call()
    assert outcome.printed == "out\nerr\nUserWarning: careful\n"
    assert outcome.value == 1


def test_of_much_print_the_beginning_is_kept():
    outcome = Local(lambda: [print("x" * 999) for _ in range(100)]).call()
    assert outcome.printed == ("x" * 999 + "\n") * (MAX_PRINTED // 1000)
    many = Local(lambda: [warnings.warn(f"{n}", stacklevel=1) for n in range(100)]).call()
    assert many.printed.count("UserWarning") == 20


def test_what_a_watcher_saw_is_there_also_where_the_call_raised():
    assert Local(lambda: 1 / 0).call(observe=("lines",)).observed["lines"] >= 1
    outcome = Local(lambda x: torch.relu(x)).call(Tensor.of(np.ones(2)), observe=("operations", "one_device"))
    assert outcome.observed == {"operations": ["aten.relu"], "one_device": None}


# ---------------------------------------------------------------- things that are held


class Scale(torch.nn.Module):
    def __init__(self, *sizes, start=1.0):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.full(sizes, start))
        self.register_buffer("count", torch.zeros(1))

    def forward(self, x):
        return x * self.factor


def test_a_class_is_called_its_module_asked_given_numbers_and_called():
    made = Local(Scale).call(2, 3, start=5.0).value
    assert type(made) is Handle and made.is_module and made.kind.endswith("Scale")
    assert made.parameters().value == {"factor": (2, 3)}
    assert made.assign({"factor": np.full((2, 3), 7, np.float32)}).raised is None
    assert made.call(Tensor.of(np.ones((2, 3), np.float32))).value.array.tolist() == [[7] * 3] * 2
    assert made.to("meta").value is False
    assert made.call(Tensor.of(np.ones((2, 3), np.float32), "meta")).value.device == "meta"


def test_what_a_held_thing_cannot_do_is_an_exception_like_another():
    made = Local(lambda: {1}).call().value
    assert not made.is_module
    assert made.call().raised.name == "TypeError"
    assert made.parameters().raised.name == "AttributeError"
    assert Local(Scale).call(2).value.assign({"bias": np.ones(2)}).raised.name == "KeyError"
    assert Local(Scale).call(2).value.assign({"factor": np.ones(3)}).raised.name == "RuntimeError"
    assert Local(Scale).call(2).value.to("nowhere").raised.name == "RuntimeError"


def test_a_held_thing_is_told_from_others_by_its_name_only():
    assert Foreign("set") == Foreign("set", False)


def test_devices():
    assert Local(abs).devices()[0] == "cpu"


def test_without_torch_tensors_can_be_nowhere(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert Local(abs).devices() == ()
