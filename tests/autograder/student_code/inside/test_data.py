"""Values as data: what is plain data stays, what is not is kept by its name, and no class of a student is asked."""

import math
import re
import sys
from collections import OrderedDict, namedtuple
from fractions import Fraction

import numpy as np
import pytest
import torch

from autograder.student_code.inside import data
from autograder.student_code.inside.data import Foreign, Tensor, as_data, from_data, is_module, kind_of


def taken(value):
    """A value as data; what is kept is a Foreign."""
    return as_data(value, lambda _value, kind: Foreign(kind))


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 3, -(2**4095), 0.5, math.nan, "text", "", Fraction(1, 3)),
        *(np.float64(1), np.float32(1), np.int8(1), np.bool_(True), np.complex128(1), np.longdouble(1), np.uint64(1)),
        *(np.zeros(()), np.ones((2, 3)), np.zeros((0, 2)), np.arange(3, dtype=np.int8), np.array([True])),
    ],
    ids=lambda value: f"{type(value).__name__} {value!r:.20}",
)
def test_plain_data_is_itself(value):
    assert taken(value) is value


def test_lists_tuples_and_dicts_are_looked_into():
    value = [(1, {"a": [np.ones(2), {3}]}), {}, ()]
    found = taken(value)
    assert found[0][1]["a"][0] is value[0][1]["a"][0]
    assert found[0][1]["a"][1] == Foreign("set")
    assert found[1:] == [{}, ()]
    assert found is not value


class Liar:
    """Says of itself what it is not."""

    __class__ = float
    __module__ = "torch"

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


Liar.__name__ = "Tensor"


class Number(int):
    pass


class Float(float):
    pass


class Text(str):
    pass


class Items(list):
    pass


class Table(dict):
    pass


class Ratio(Fraction):
    pass


class Array(np.ndarray):
    pass


class Scalar(np.float64):
    pass


Scalar.__module__ = "numpy"
Pair = namedtuple("Pair", "x y")


@pytest.mark.parametrize(
    "value",
    [
        *(Number(1), Float(1), Text("a"), Items([1]), Table(a=1), Ratio(1, 2), Pair(1, 2), OrderedDict(a=1), Liar()),
        *(np.ones(2).view(Array), Scalar(1), np.ma.ones(2), np.ones((2, 2)).view(np.recarray)),
        *({1}, b"bytes", bytearray(2), 1j, range(3), object(), lambda: 1, int, iter([]), Ellipsis, np.dtype("f8")),
        *(np.array([None]), np.array(["a"]), np.array(["2026-01-01"], "M8[D]"), np.zeros(2, "f8,i4"), np.str_("a")),
        *(np.datetime64("2026-01-01"), torch.nn.Parameter(torch.ones(2)), torch.nn.Linear(1, 1), torch.float32),
    ],
    ids=lambda value: f"{type(value).__mro__[0]}",
)
def test_everything_else_is_kept_by_its_name(value):
    assert type(taken(value)) is Foreign
    (inner,) = taken((value,))
    assert type(inner) is Foreign


def test_names_are_those_of_exact_types():
    assert kind_of(Liar()) == "Tensor"
    assert kind_of(np.ma.ones(2)) == "numpy.ma.MaskedArray"
    assert kind_of(torch.nn.Linear(1, 1)) == "torch.nn.modules.linear.Linear"
    assert taken(np.array([None])).kind == "numpy.ndarray of object"


@pytest.mark.parametrize(
    ("largest", "too_large", "name"),
    [
        (2**4096 - 1, 2**4096, "int of more than"),
        (-(2**4096) + 1, -(2**4096), "int of more than"),
        (Fraction(1, 2**4095), Fraction(1, 2**4096), "Fraction of more than"),
        ("x" * data.MAX_TEXT, "x" * (data.MAX_TEXT + 1), "str of 20001 characters"),
        (np.zeros(data.MAX_BYTES // 8), np.zeros(data.MAX_BYTES // 8 + 1), "numpy.ndarray of shape .*, too large"),
        ([0] * data.MAX_ITEMS, [0] * (data.MAX_ITEMS + 1), "list of 10001 items, too large"),
        ((0,) * data.MAX_ITEMS, (0,) * (data.MAX_ITEMS + 1), "tuple of 10001 items, too large"),
        (
            dict.fromkeys(range(data.MAX_ITEMS), 0),
            dict.fromkeys(range(data.MAX_ITEMS + 1), 0),
            "dict of 10001 items, too large",
        ),
    ],
    ids=["int", "negative int", "Fraction", "str", "ndarray", "list", "tuple", "dict"],
)
def test_what_is_too_large_is_kept(largest, too_large, name):
    assert type(taken(largest)) is type(largest)
    kept = taken(too_large)
    assert type(kept) is Foreign
    assert re.match(name, kept.kind)


def test_lists_in_lists_are_looked_into_so_deep():
    value = 1
    for _ in range(data.MAX_DEPTH):
        value = [value]
    assert taken(value) == value
    assert "too large to look into" in str(taken([value]))
    endless = []
    endless.append(endless)
    assert "too large to look into" in str(taken(endless))


def test_keys_are_texts_and_whole_numbers():
    assert taken({"a": 1, 2: 2, (1, 2): 3, True: 4}) == {"a": 1, 2: 2, "<class 'tuple'>": 3, "<class 'bool'>": 4}


# ---------------------------------------------------------------- tensors


def test_a_tensor_is_its_numbers_and_where_they_are():
    found = taken(torch.arange(6.0).reshape(2, 3).requires_grad_())
    assert (found.device, found.dtype, found.shape) == ("cpu", "float32", (2, 3))
    assert type(found) is Tensor and found.array.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_tensor_on_meta_has_no_numbers():
    found = taken(torch.ones(2, 3, device="meta"))
    assert (found.array, found.device, found.dtype, found.shape) == (None, "meta", "float32", (2, 3))


def test_bfloat16_has_the_numbers_of_float32():
    found = taken(torch.tensor([1.5, -2.0], dtype=torch.bfloat16))
    assert found.dtype == "bfloat16" and found.array.dtype == np.float32 and found.array.tolist() == [1.5, -2.0]


def test_conjugated_and_negated_views_have_their_own_numbers():
    z = torch.tensor([1 + 2j])
    assert taken(z.conj()).array.tolist() == [1 - 2j]
    assert taken(z.conj().imag).array.tolist() == [-2.0]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (torch.eye(2).to_sparse(), "Tensor of layout torch.sparse_coo, float32"),
        (torch.ones(2).to(torch.float8_e4m3fn), "Tensor of float8_e4m3fn"),
        (torch.zeros(1).expand(data.MAX_BYTES // 4 + 1), "Tensor of shape .*, too large to compare"),
        (torch.nn.Parameter(torch.ones(1)), "torch.nn.parameter.Parameter"),
    ],
    ids=["sparse", "float8", "large", "parameter"],
)
def test_a_tensor_that_is_no_plain_one_is_kept(value, name):
    assert re.fullmatch(name, taken(value).kind)


def test_a_module_is_one_by_its_class_only():
    class Claims:
        __class__ = torch.nn.Module

    assert is_module(torch.nn.Linear(1, 1)) and not is_module(Claims()) and not is_module(torch.nn.Linear)


# ---------------------------------------------------------------- arguments


def test_an_argument_is_itself_but_for_tensors():
    for value in (1, "a", np.ones(2), None, Fraction(1, 2)):
        assert from_data(value) is value


def test_a_tensor_is_made_with_the_layout_of_its_array():
    for array in (np.ones((2, 3, 4), np.float32), np.ones((2, 3, 4)).transpose(2, 0, 1), np.ones((4, 6))[::2, ::3]):
        made = from_data(Tensor.of(array))
        assert type(made) is torch.Tensor and made.shape == array.shape
        assert [stride * array.itemsize for stride in made.stride()] == list(array.strides)
        assert str(made.dtype) == f"torch.{array.dtype}"
    assert from_data(Tensor.of(np.ones((2, 3)), "meta")).device.type == "meta"


def test_tensors_in_tuples_lists_and_dicts_are_made_too():
    pair, listed, named, shape = from_data(
        ((Tensor.of(np.ones(2)), 1), [Tensor.of(np.ones(3))], {"x": Tensor.of(np.ones(1))}, (2, 3))
    )
    assert type(pair) is tuple and pair[0].shape == (2,) and pair[1] == 1
    assert type(listed) is list and listed[0].shape == (3,)
    assert named["x"].shape == (1,)
    assert shape == (2, 3)


def test_there_and_back():
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    back = taken(from_data(Tensor.of(array)))
    assert back.array.tolist() == array.tolist() and (back.dtype, back.shape) == ("float32", (2, 3))


def test_without_torch_nothing_is_a_tensor(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch")
    assert taken(torch.ones(1)) == Foreign("Tensor")
    assert not is_module(torch.nn.Linear(1, 1))
