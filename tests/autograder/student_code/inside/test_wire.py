"""Values that cross to student code and back: what may travel arrives as it was, everything else is refused."""

import json
import math
import struct
import threading
import time
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from autograder.student_code.inside import packing, wire
from autograder.student_code.inside.data import Foreign, Tensor
from autograder.student_code.inside.packing import MAX_VALUES, Packer, Unpacker
from autograder.student_code.inside.wire import Channel, ClosedError, LateError, WireError

ARRAY = ["array", "<f8", [2], None, 0, 16]  # sound, with 16 bytes behind it


def array(**changed):
    """A node of an array of two numbers, with some of its parts changed."""
    parts = {"dtype": "<f8", "shape": [2], "strides": None, "offset": 0, "length": 16} | changed
    return ["array", *parts.values()]


def tensor(numbers=tuple(ARRAY[1:]), device="cpu", dtype="float64", shape=(2,)):
    """A node of a tensor of two numbers, with some of its parts changed."""
    as_list = list(numbers) if isinstance(numbers, tuple) else numbers
    return ["tensor", as_list, device, dtype, list(shape) if isinstance(shape, tuple) else shape]


def nested(depth):
    node = ["list"]
    for _ in range(depth):
        node = ["list", node]
    return node


#: what is wrong -> (a node, with 16 bytes of arrays behind it; the text of the refusal)
NODES = {
    "an empty list": ([], "no value and no list with a word"),
    "a list without a word": ([1, 2], "no value and no list with a word"),
    "a list that begins with a list": ([["list"]], "no value and no list with a word"),
    "a dict as JSON has them": ({"a": 1}, "no value and no list with a word"),
    "an unknown word": (["pickle", "gASVAA=="], "no value is called 'pickle'"),
    "a method's name as a word": (["unpack", 1], "no value is called 'unpack'"),
    "a private name as a word": (["__class__"], "no value is called '__class__'"),
    "a very long word": (["x" * 10_000], f"no value is called '{'x' * 20}'$"),
    "a number of too many digits": (2**5000, "too many digits"),
    "a negative number of too many digits": (-(2**5000), "too many digits"),
    "nested too deep": (nested(40), "nested too deep"),
    "nested too deep in a dict": (["dict", ["a", nested(40)]], "nested too deep"),
    "too many values": (["list", *[0] * MAX_VALUES], "more than 100000 values"),
    "too many values in a dict": (["dict", *[[n, 0] for n in range(MAX_VALUES // 2)]], "more than 100000 values"),
    "a pair of one": (["dict", ["a"]], "pair that has not 2 parts"),
    "a pair of three": (["dict", ["a", 1, 2]], "pair that has not 2 parts"),
    "a pair that is a text": (["dict", "ab"], "pair that has not 2 parts"),
    "a key that is a list": (["dict", [["list"], 1]], "key that is no text"),
    "a key that is a tuple": (["dict", [["tuple", 1], 1]], "key that is no text"),
    "a key that is a bool": (["dict", [True, 1]], "key that is no text"),
    "a key that is a fraction of a number": (["dict", [0.5, 1]], "key that is no text"),
    "a key that is nothing": (["dict", [None, 1]], "key that is no text"),
    "a fraction of one part": (["fraction", 1], "fraction that has not 2 parts"),
    "a fraction over zero": (["fraction", 1, 0], "fraction that is not"),
    "a fraction over a negative number": (["fraction", 1, -2], "fraction that is not"),
    "a fraction of floats": (["fraction", 1.0, 2.0], "fraction that is not"),
    "a fraction of bools": (["fraction", True, True], "fraction that is not"),
    "a fraction of texts": (["fraction", "1", "2"], "fraction that is not"),
    "a fraction of too many digits": (["fraction", 1, 2**5000], "too many digits"),
    "an array of no parts": (["array"], "array that has not 5 parts"),
    "an array of six parts": ([*ARRAY, 0], "array that has not 5 parts"),
    "an array of objects": (array(dtype="|O"), "no dtype of numbers"),
    "an array of objects by their short name": (array(dtype="O"), "no dtype of numbers"),
    "an array of texts": (array(dtype="<U2"), "no dtype of numbers"),
    "an array of bytes": (array(dtype="|S8"), "no dtype of numbers"),
    "an array of times": (array(dtype="<M8"), "no dtype of numbers"),
    "an array of records": (array(dtype="f4,f4"), "no dtype of numbers"),
    "an array of small arrays": (array(dtype="2f4"), "no dtype of numbers"),
    "an array of void": (array(dtype="|V8"), "no dtype of numbers"),
    "floats of seven bytes": (array(dtype="<f7"), "no dtype of numbers"),
    "floats of no bytes": (array(dtype="<f0"), "no dtype of numbers"),
    "a dtype by a name of NumPy's": (array(dtype="float"), "no dtype of numbers"),
    "a dtype that is no text": (array(dtype=8), "no dtype of numbers"),
    "a dtype that is a list": (array(dtype=["<f8"]), "no dtype of numbers"),
    "a dtype with a line break": (array(dtype="<f8\n"), "no dtype of numbers"),
    "a dtype with other digits": (array(dtype="<f\uff18"), "no dtype of numbers"),
    "an array larger than its bytes": (array(shape=[3]), "another size than its bytes"),
    "an array smaller than its bytes": (array(shape=[1]), "another size than its bytes"),
    "an array of no axes and two numbers": (array(shape=[]), "another size than its bytes"),
    "an array of other numbers than its bytes": (array(dtype="<f4"), "another size than its bytes"),
    "an array whose bytes begin later": (array(offset=8), "another size than its bytes"),
    "an array longer than the message": (array(shape=[4], length=32), "without its bytes"),
    "an array much longer than the message": (array(shape=[2**35], length=2**38), "without its bytes"),
    "a negative size": (array(shape=[-2]), "are no sizes"),
    "two negative sizes": (array(shape=[-2, -1]), "are no sizes"),
    "a huge size": (array(shape=[2**62, 4]), "are no sizes"),
    "a size that is a bool": (array(shape=[True, 2]), "are no sizes"),
    "a size that is a float": (array(shape=[2.0]), "are no sizes"),
    "a size that is no number": (array(shape=[math.nan]), "are no sizes"),
    "a size without end": (array(shape=[math.inf]), "are no sizes"),
    "a shape that is a number": (array(shape=2), "are no sizes"),
    "a shape of too many axes": (array(shape=[1] * 17), "are no sizes"),
    "a shape that is nothing": (array(shape=None), "are no sizes"),
    "a negative length": (array(length=-16), "are no sizes"),
    "a length that is no number": (array(length=math.nan), "are no sizes"),
    "a length that is a bool": (array(shape=[1], dtype="|u1", length=True), "are no sizes"),
    "a length that is nothing": (array(length=None), "are no sizes"),
    "a negative offset": (array(offset=-8), "are no sizes"),
    "an empty array of impossible shape": (array(shape=[0, 2**39, 2**39], length=0), "impossible shape"),
    "a scalar of no parts": (["scalar"], "scalar that has not 1 parts"),
    "a scalar that is a number": (["scalar", 1], "array that has not 5 parts"),
    "a scalar with an axis": (["scalar", ARRAY[1:]], "scalar that has axes"),
    "a scalar without its bytes": (["scalar", ["<c32", [], None, 0, 32]], "without its bytes"),
    "a tensor of three parts": (["tensor", ARRAY[1:], "cpu", "float64"], "tensor that has not 4 parts"),
    "a tensor of another shape": (tensor(shape=(1, 2)), "another shape than its numbers"),
    "a tensor of another dtype": (tensor(dtype="float32"), "another dtype than its numbers"),
    "a tensor of float64 that says bfloat16": (tensor(dtype="bfloat16"), "another dtype than its numbers"),
    "a tensor of a dtype that is no name": (tensor(dtype="float 64"), "dtype is no name"),
    "a tensor of a dtype that is a number": (tensor(dtype=64), "dtype is no name"),
    "a tensor of a very long dtype": (tensor(dtype="f" * 21), "dtype is no name"),
    "a tensor on another device": (tensor(device="mps"), "device that is not there"),
    "a tensor on a list of devices": (tensor(device=["cpu"]), "device that is not there"),
    "a tensor without numbers": (tensor(numbers=None), "without its numbers"),
    "a tensor without numbers on a GPU": (tensor(numbers=None, device="cuda"), "without its numbers"),
    "a tensor of a number": (tensor(numbers=3), "array that has not 5 parts"),
    "a tensor of negative shape": (tensor(numbers=None, device="meta", shape=[-1]), "shape is no sizes"),
    "a tensor of huge shape": (tensor(numbers=None, device="meta", shape=[2**80]), "shape is no sizes"),
    "a network, which only the grader sends": (["network", "small", 1], "no network is called|only the grader"),
    "a handle of one part": (["foreign", 1], "foreign that has not 3 parts"),
    "a handle of a negative number": (["foreign", -1, "set", False], "handle whose number is none"),
    "a handle of a huge number": (["foreign", 2**40, "set", False], "handle whose number is none"),
    "a handle of a bool": (["foreign", True, "set", False], "handle whose number is none"),
    "a handle of a float": (["foreign", 1.0, "set", False], "handle whose number is none"),
    "a handle of no number": (["foreign", math.nan, "set", False], "handle whose number is none"),
    "a handle of a text": (["foreign", "1", "set", False], "handle whose number is none"),
    "a handle without a name": (["foreign", 1, None, False], "handle without the name"),
    "a handle that is a module by a number": (["foreign", 1, "set", 1], "handle without the name"),
}

#: The same, where arrays may lie in any layout: on the student's side.
VIEWS = {
    "as many strides as axes": (array(strides=[]), "strides are no sizes"),
    "more strides than axes": (array(strides=[8, 8]), "strides are no sizes"),
    "strides that are a number": (array(strides=8), "strides are no sizes"),
    "a negative stride": (array(strides=[-8], offset=8), "strides are no sizes"),
    "a stride that is a float": (array(strides=[8.0]), "strides are no sizes"),
    "strides of an empty array": (array(shape=[0], strides=[8]), "empty and has strides"),
    "strides beyond the bytes": (array(strides=[16]), "reaches beyond its bytes"),
    "an offset beyond the bytes": (array(shape=[1], strides=[8], offset=16), "reaches beyond its bytes"),
    "an offset a byte too far": (array(shape=[2], strides=[8], offset=1), "reaches beyond its bytes"),
    "more numbers than bytes": (array(shape=[3], strides=[8]), "reaches beyond its bytes"),
    "strides whose sum overflows": (array(shape=[2**32 + 1], strides=[2**32]), "reaches beyond its bytes"),
    "two strides whose sum overflows": (
        array(shape=[2**31 + 1, 3], strides=[2**32, 2**39]),
        "reaches beyond its bytes",
    ),
    "one number so many times": (array(shape=[2**30, 2**30], strides=[0, 0]), "reaches beyond its bytes"),
}


def test_there_are_sixty_and_more():
    assert len(NODES) + len(VIEWS) + len(MESSAGES) > 100


@pytest.mark.parametrize("name", NODES)
def test_a_malformed_value_is_refused(name):
    node, text = NODES[name]
    with pytest.raises(WireError, match=text):
        Unpacker(bytes(16)).unpack(node)
    with pytest.raises(WireError, match=text):
        Unpacker(bytes(16), views=True).unpack(node)


@pytest.mark.parametrize("name", NODES)
def test_a_malformed_value_is_refused_inside_others(name):
    node, _ = NODES[name]
    with pytest.raises(WireError):
        Unpacker(bytes(16)).unpack(["dict", ["first", 1], ["value", ["tuple", "a", node]]])


@pytest.mark.parametrize("name", NODES)
def test_a_message_with_a_malformed_value_is_refused(name):
    node, _ = NODES[name]
    with pytest.raises(WireError):
        received(json.dumps({"value": node}).encode(), bytes(16))


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_beyond_its_bytes_is_refused(name):
    node, text = VIEWS[name]
    with pytest.raises(WireError, match=text):
        Unpacker(bytes(16), views=True).unpack(node)


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_is_taken_from_student_code(name):
    with pytest.raises(WireError, match="does not lie row by row"):
        Unpacker(bytes(16)).unpack(VIEWS[name][0])


# ---------------------------------------------------------------- whole messages


def framed(text, data=b""):
    return struct.pack("<II", len(text), len(data)) + text + data


def received(text, data=b"", **options):
    """The message that these two parts make, read from a socket."""
    return received_bytes(framed(text, data), **options)


def received_bytes(everything, closed=True, seconds=20, **options):
    ours, theirs = wire.pair()

    def write():
        try:
            theirs.sendall(everything)
        except OSError:
            return  # refused before it was read to its end
        if closed:
            theirs.close()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    with ours, theirs:
        return Channel(ours, **options).receive(time.monotonic() + seconds)


#: what is wrong -> (all bytes that come, the error, its text)
MESSAGES = {
    "not JSON": (framed(b"hello"), WireError, "no JSON"),
    "a text of no characters": (framed(b""), WireError, "no JSON"),
    "half of JSON": (framed(b'{"value": 1'), WireError, "no JSON"),
    "JSON with something behind it": (framed(b'{"value": 1} {}'), WireError, "no JSON"),
    "not UTF-8": (framed(b'{"value": "\xff"}'), WireError, "no JSON: UnicodeDecodeError"),
    "a pickle": (framed(b"\x80\x04K\x03."), WireError, "no JSON"),
    "nested deeper than Python goes": (framed(b'{"a":' * 100_000 + b"1"), WireError, "no JSON: RecursionError"),
    "more digits than Python reads": (framed(b'{"a": ' + b"9" * 5000 + b"}"), WireError, "no JSON: ValueError"),
    "a list": (framed(b'["call"]'), WireError, "no dict but list"),
    "a number": (framed(b"3"), WireError, "no dict but int"),
    "nothing": (framed(b"null"), WireError, "no dict but NoneType"),
    "a text longer than any": (struct.pack("<II", 2**21 + 1, 0), WireError, "larger than any"),
    "arrays longer than any": (struct.pack("<II", 2, 2**26 + 1), WireError, "larger than any"),
    "lengths of four gigabytes": (b"\xff" * 8, WireError, "larger than any"),
    "bytes of no array": (framed(b'{"value": 1}', b"12345678"), WireError, "bytes of no array"),
    "one array twice": (
        framed(json.dumps({"value": ["tuple", ARRAY, ARRAY]}).encode(), bytes(16)),
        WireError,
        "without its bytes",
    ),
    "no lengths": (b"", ClosedError, "ended"),
    "half of the lengths": (b"\x05\x00\x00", ClosedError, "ended"),
    "half of the text": (framed(b'{"value": 1}')[:-3], ClosedError, "ended"),
    "half of an array": (framed(json.dumps({"value": ARRAY}).encode(), bytes(16))[:-1], ClosedError, "ended"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_malformed_message_is_refused(name):
    everything, error, text = MESSAGES[name]
    with pytest.raises(error, match=text):
        received_bytes(everything)


def test_the_node_that_the_table_changes_is_sound():
    """Each refusal in the tables is that of the change, and not of what it changes."""
    for node, views in ((array(), False), (array(strides=[8]), True), (array(shape=[1], strides=[16]), True)):
        assert Unpacker(bytes(16), views).unpack(node).tolist() == [0.0] * node[2][0]
    assert Unpacker(bytes(16)).unpack(tensor()).shape == (2,)
    assert Unpacker(bytes(0)).unpack(nested(14)) is not None
    assert len(Unpacker(b"").unpack(["list", *[0] * (MAX_VALUES - 1)])) == MAX_VALUES - 1
    assert received(json.dumps({"value": ["foreign", 2**31 - 1, "set", False]}).encode())["value"].kind == "set"


def test_what_the_reader_forgets_is_refused_all_the_same(monkeypatch):
    """A hole in the table must not end in the grader's own failure."""

    def forgets(*_):
        return 1 // 0

    monkeypatch.setitem(packing._READERS, "fraction", forgets)
    with pytest.raises(WireError, match="no value: ZeroDivisionError"):
        received(b'{"value": ["fraction", 1, 0]}')


def test_a_message_that_has_not_come_is_late_and_comes_later():
    ours, theirs = wire.pair()
    with ours, theirs:
        channel, everything = Channel(ours), framed(b'{"value": 1}')
        theirs.sendall(everything[:11])
        with pytest.raises(LateError):
            channel.receive(time.monotonic() + 0.02)
        theirs.sendall(everything[11:])
        assert channel.receive(time.monotonic() + 20) == {"value": 1}


def test_the_message_behind_a_malformed_one_is_read():
    ours, theirs = wire.pair()
    with ours, theirs:
        theirs.sendall(framed(b'{"value": ["fraction", 1, 0]}') + framed(b'{"value": 1}'))
        channel = Channel(ours)
        with pytest.raises(WireError):
            channel.receive(time.monotonic() + 20)
        assert channel.receive(time.monotonic() + 20) == {"value": 1}


def test_who_does_not_read_makes_the_sender_late_and_who_is_gone_is_closed():
    ours, theirs = wire.pair()
    with ours:
        with theirs:
            channel = Channel(ours)
            with pytest.raises(LateError):
                channel.send({"value": np.zeros(2**20)}, time.monotonic() + 0.05)
            with pytest.raises(LateError):
                channel.send({"value": 1}, time.monotonic() - 1)
        with pytest.raises(ClosedError):
            channel.send({"value": 1}, time.monotonic() + 20)


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(2**23 + 1),
        "x" * (2**21 + 1),
        [[0] * 1000 for _ in range(101)],
        {n: None for n in range(MAX_VALUES)},
    ],
    ids=["bytes", "text", "values", "keys"],
)
def test_what_would_not_be_read_is_not_sent(value):
    ours, theirs = wire.pair()
    with ours, theirs:
        with pytest.raises(WireError, match="more than"):
            Channel(ours).send({"value": value}, time.monotonic() + 1)
        Channel(ours).send({"value": "next"})
        assert Channel(theirs).receive(time.monotonic() + 20) == {"value": "next"}


# ---------------------------------------------------------------- what may travel


def sent(value, to_student=False):
    """A value after its way to the other side."""
    ours, theirs = wire.pair()
    with ours, theirs:
        writer = threading.Thread(target=Channel(ours, views=not to_student).send, args=({"value": value},))
        writer.start()
        message = Channel(theirs, views=to_student).receive(time.monotonic() + 20)
        writer.join()
    return message["value"]


def same(first, second):
    """Tell if two values are equal, of one type, and if arrays of one dtype, shape and layout."""
    if type(first) is not type(second):
        return False
    if isinstance(first, np.ndarray):
        is_nan = first.dtype.kind in "fc"
        return first.dtype == second.dtype and np.array_equal(first, second, equal_nan=is_nan)
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict):
        return list(first) == list(second) and all(map(same, first.values(), second.values()))
    if isinstance(first, Tensor):
        facts = [(one.device, one.dtype, one.shape) for one in (first, second)]
        return facts[0] == facts[1] and same(first.array, second.array)
    return first == second or (first != first and second != second)


TRAVELS = [
    *(None, True, False, 0, -1, 2**4095, -(2**4095), 0.5, -0.0, math.inf, -math.inf, math.nan, "", "grün 🙂", "a\0b"),
    *((), [], {}, (1, [2, (3,)]), {"a": 1, 2: "b"}, {"": {}}, [[[[[[[[1]]]]]]]]),
    *(Fraction(1, 3), Fraction(-7, 2), Fraction(2**4000, 3)),
    *(np.zeros((), kind) for kind in "?bBhHiIlLqQefdgFDG"),  # arrays of no axes
    *(np.ones((2, 3), kind) for kind in "?bBhHiIlLqQefdgFDG"),
    *(
        np.zeros((0, 3)),
        np.zeros((2, 0, 4), np.float32),
        np.array([np.nan, np.inf, -0.0]),
        np.arange(3.0).astype(">f8"),
    ),
    *(np.float64(0.1), np.float32(0.1), np.int8(-3), np.bool_(True), np.complex64(1j), np.longdouble(1) / 3),
    *(np.ones((3, 4))[:, ::2], np.asfortranarray(np.ones((3, 4))), np.arange(12.0)[::-1], np.ones((2, 3)).T),
    Tensor.of(np.ones((2, 3), np.float32)),
    Tensor.of(np.array(1.5)),
    Tensor(np.ones(2, np.float32), "cuda", "bfloat16", (2,)),
    Tensor(None, "meta", "float32", (2, 3)),
    Tensor(None, "meta", "float8_e4m3fnuz", ()),
    (np.ones(2), [Tensor.of(np.ones(3))], {"shape": (1, 2, 3)}),
]


@pytest.mark.parametrize("value", TRAVELS, ids=lambda value: f"{type(value).__name__}-{value!r:.30}")
def test_what_may_travel_arrives_as_it_was(value):
    assert same(sent(value), value)


LAYOUTS = {
    "row by row": np.arange(24.0).reshape(2, 3, 4),
    "column by column": np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
    "axes exchanged": np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1),
    "every second": np.arange(48.0).reshape(2, 3, 8)[:, :, 1::2],
    "a part of a larger one": np.arange(120.0).reshape(4, 5, 6)[1:3, 2:4, 1:5],
    "one number many times": np.broadcast_to(np.arange(4.0), (2, 3, 4)),
    "empty": np.zeros((2, 0, 4))[::2],
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layout_of_an_argument_arrives_too(name):
    given = LAYOUTS[name]
    arrived = sent(given, to_student=True)
    assert same(given, arrived)
    assert arrived.strides == given.strides or given.size == 0
    assert arrived.flags.writeable
    there = sent(Tensor.of(given), to_student=True)
    assert there.array.strides == given.strides or given.size == 0
    assert sent(given).flags.c_contiguous


def test_what_lies_backwards_does_not_travel_to_student_code():
    with pytest.raises(TypeError, match="lies backwards"):
        Packer(layout=True).pack(np.arange(3.0)[::-1])


def test_a_bool_of_another_byte_is_made_one_of_the_two():
    assert Unpacker(b"\0\1\2\xff").unpack(["array", "|b1", [4], None, 0, 4]).tolist() == [False, True, True, True]
    assert bytes(Unpacker(b"\2").unpack(["array", "|b1", [], None, 0, 1])) == b"\1"


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_half_of_a_surrogate_pair_arrives_as_a_question_mark(text):
    for value in (sent(text), sent({text: 1}), sent(Foreign(text)).kind):
        str(value).encode()
        assert "?" in str(value)


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", 1j, object(), np.dtype("f8"), int, lambda: 1, [{1}], Ellipsis])
def test_nothing_else_travels(value):
    with pytest.raises(TypeError, match="does not travel"):
        Packer().pack(value)


def test_subclasses_do_not_travel():
    class Text(str):
        pass

    class Numbers(np.ndarray):
        pass

    class Items(list):
        pass

    for value in (Text("a"), np.ones(2).view(Numbers), Items(), True.__class__, np.ma.ones(2)):
        with pytest.raises(TypeError, match="does not travel"):
            Packer().pack(value)


def test_a_thing_that_stays_is_known_by_its_number():
    ours, theirs = wire.pair()
    with ours, theirs:
        sender = Channel(theirs, views=True, number=lambda thing: 7)
        sender.send({"value": [Foreign("Model", True)]})
        made = []
        reader = Channel(ours, foreign=lambda *parts: made.append(parts) or Foreign("there"))
        assert reader.receive(time.monotonic() + 20) == {"value": [Foreign("there")]}
        assert made == [(7, "Model", True)]
    assert sent(Foreign("x" * 500)).kind == "x" * 200


def test_reading_needs_no_more_than_a_few_times_the_message():
    """An array is read from the bytes it stands for, whatever sizes it claims to have."""
    claims = array(shape=[2**39], length=2**39)
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            Unpacker(bytes(16)).unpack(claims)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
