"""Data across a socket: no pickle, no classes, exact types, and a bound on everything that is read.

A message is a dict. It travels as the lengths of two parts, a JSON text, and the bytes of all arrays behind it. Inside
a message `pack` writes what JSON has no word for as a list that begins with a word of ours: ["tuple", ...].
Reading (`unpack`, `Channel.receive`) trusts nothing: what is malformed or too large raises `WireError`.
"""

import json
import math
import socket
import struct
import time
from fractions import Fraction

import numpy as np

from .data import MAX_BITS, MAX_BYTES, MAX_DEPTH, NUMBERS, Foreign, Tensor

#: The largest text part and array part of a message, and the most values one may hold.
MAX_TEXT_PART, MAX_ARRAY_PART, MAX_VALUES = 2 * 2**20, 2 * MAX_BYTES, 100_000

LENGTHS = struct.Struct("<II")

DEVICES = ("cpu", "cuda", "meta")


class WireError(Exception):
    """The other side said something that is no message of ours."""


class LateError(Exception):
    """The other side said nothing within the time it had."""


class ClosedError(Exception):
    """The other side is gone."""


def pack(value, arrays, number=lambda foreign: None, layout=False):
    """A value in JSON's words; the bytes of arrays go into the list ``arrays``.

    ``number`` gives the number by which a thing that stays here can be asked for; with ``layout`` an array keeps its
    layout in memory, without it lies row by row.

    Examples
    --------
    >>> pack((1, 2.5, "a", Fraction(1, 2)), [])
    ['tuple', 1, 2.5, 'a', ['fraction', 1, 2]]
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in (tuple, list):
        return [kind.__name__, *(pack(item, arrays, number, layout) for item in value)]
    if kind is dict:
        return ["dict", *([pack(key, arrays), pack(item, arrays, number, layout)] for key, item in value.items())]
    if kind is Fraction:
        return ["fraction", value.numerator, value.denominator]
    if kind is np.ndarray:
        return ["array", *_pack_array(value, arrays, layout)]
    if isinstance(value, np.generic):
        return ["scalar", _pack_array(np.asarray(value), arrays, False)]
    if kind is Tensor:
        numbers = None if value.array is None else _pack_array(value.array, arrays, layout)
        return ["tensor", numbers, value.device, value.dtype, list(value.shape)]
    if isinstance(value, Foreign):
        return ["foreign", number(value), value.kind, value.is_module]
    raise TypeError(f"{kind.__name__} does not travel")


def _pack_array(array, arrays, layout):
    """Dtype, shape, strides (None: row by row) and the number of bytes."""
    base = array.base
    if not layout or array.flags.c_contiguous:
        data, strides, offset = array.tobytes(), None, 0
    elif isinstance(base, np.ndarray) and base.flags.c_contiguous and base.nbytes:
        # A view travels with what it is a view of, so that its layout in memory arrives too.
        offset = array.__array_interface__["data"][0] - base.__array_interface__["data"][0]
        data, strides = base.tobytes(), list(array.strides)
    elif array.flags.f_contiguous:
        data, strides, offset = array.tobytes("F"), list(array.strides), 0
    else:
        raise TypeError("an array laid out in a way that does not travel")
    arrays.append(data)
    return [array.dtype.str, list(array.shape), strides, offset, len(data)]


class Unpacker:
    """Reads the values of one message; ``views`` allows arrays that do not lie row by row."""

    def __init__(self, buffer, views=False, foreign=lambda number, kind, is_module: Foreign(kind, is_module)):
        self.buffer, self.views, self.foreign = buffer, views, foreign
        self.at, self.left = 0, MAX_VALUES

    def unpack(self, node, depth=0):
        """The value a node stands for.

        Examples
        --------
        >>> Unpacker(b"").unpack(["tuple", 1, ["fraction", 1, 2]])
        (1, Fraction(1, 2))
        """
        self.left -= 1
        if self.left < 0 or depth > 2 * MAX_DEPTH:
            raise WireError("too many values, or nested too deep")
        kind = type(node)
        if node is None or kind in (bool, float):
            return node
        if kind is str:
            return _sound(node)
        if kind is int:
            if node.bit_length() > MAX_BITS:
                raise WireError("a number of too many digits")
            return node
        if kind is not list or not node or type(node[0]) is not str:
            raise WireError("no value")
        word, *rest = node
        if word in ("tuple", "list"):
            items = [self.unpack(item, depth + 1) for item in rest]
            return tuple(items) if word == "tuple" else items
        if word == "dict":
            pairs = [(self.unpack(key, depth + 1), self.unpack(item, depth + 1)) for key, item in map(_two, rest)]
            if any(type(key) not in (str, int) for key, _ in pairs):
                raise WireError("a key that is no text")
            return dict(pairs)
        if word == "fraction":
            top, bottom = (self.unpack(part, depth + 1) for part in _two(rest))
            if type(top) is not int or type(bottom) is not int or bottom == 0:
                raise WireError("no fraction")
            return Fraction(top, bottom)
        if word == "array":
            return self._array(rest)
        if word == "scalar" and len(rest) == 1:
            return self._array(rest[0])[()]
        if word == "tensor" and len(rest) == 4:
            return self._tensor(*rest)
        if word == "foreign" and len(rest) == 3:
            number, name, is_module = rest
            if type(name) is not str or type(is_module) is not bool or type(number) not in (int, type(None)):
                raise WireError("no handle")
            return self.foreign(number, _sound(name[:200]), is_module)
        raise WireError(f"no value is called {word[:20]!r}")

    def _array(self, parts):
        if type(parts) is not list or len(parts) != 5:
            raise WireError("no array")
        name, shape, strides, offset, length = parts
        try:
            dtype = np.dtype(name) if type(name) is str and len(name) < 6 else None
        except (TypeError, ValueError, SyntaxError):  # names are a language of their own
            dtype = None
        if dtype is None or dtype.kind not in NUMBERS or not _sizes(shape) or not _sizes([offset, length]):
            raise WireError("no array of numbers")
        data = self.buffer[self.at : self.at + length]
        self.at += length
        if len(data) != length:
            raise WireError("an array without its bytes")
        if strides is None:
            if math.prod(shape) * dtype.itemsize != length or offset:
                raise WireError("an array of another size than its bytes")
            return np.frombuffer(data, dtype).reshape(shape).copy()
        if not self.views or not _sizes(strides, len(shape)):
            raise WireError("an array that does not lie row by row")
        return np.ndarray(shape, dtype, bytearray(data), offset, strides)

    def _tensor(self, numbers, device, dtype, shape):
        if device not in DEVICES or type(dtype) is not str or len(dtype) > 20 or not _sizes(shape):
            raise WireError("no tensor")
        array = None if numbers is None else self._array(numbers)
        if array is None and device != "meta":
            raise WireError("a tensor without its numbers")
        if array is not None and list(array.shape) != shape:
            raise WireError("a tensor of another shape than its numbers")
        if array is not None and str(array.dtype) != ("float32" if dtype == "bfloat16" else dtype):
            raise WireError("a tensor of another dtype than its numbers")
        return Tensor(array, device, dtype, tuple(shape))


def _sound(text):
    """A text that can be written to a file: half of a surrogate pair cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _two(items):
    if type(items) is not list or len(items) != 2:
        raise WireError("no pair")
    return items


def _sizes(numbers, count=None):
    """Whether these are sizes: a short list of whole numbers that are not negative."""
    is_list = type(numbers) is list and len(numbers) <= 16 and count in (None, len(numbers))
    return is_list and all(type(number) is int and 0 <= number < 2**40 for number in numbers)


class Channel:
    """Messages over a connected socket.

    ``views``: that of the student's side, which reads arrays in any layout and sends them row by row, see `Unpacker`.
    ``foreign(number, kind, is_module)`` makes what stands for a thing of the other side,
    and ``number(thing)`` is what the other side calls a thing of this one.
    """

    def __init__(self, connection, views=False, foreign=None, number=lambda foreign: None):
        self.connection, self.views, self.buffer = connection, views, bytearray()
        self.number = number
        self.foreign = foreign or (lambda number, kind, is_module: Foreign(kind, is_module))

    def send(self, message, deadline=None):
        """Send one message; LateError where the other side does not take it in time."""
        arrays = []
        text = json.dumps(
            {key: pack(value, arrays, self.number, not self.views) for key, value in message.items()}
        ).encode()
        data = b"".join(arrays)
        if len(text) > MAX_TEXT_PART or len(data) > MAX_ARRAY_PART:
            raise WireError("more than one message may hold")
        self._until(deadline)
        try:
            self.connection.sendall(LENGTHS.pack(len(text), len(data)) + text + data)
        except TimeoutError:
            raise LateError from None
        except OSError as error:
            raise ClosedError(str(error)) from None

    def receive(self, deadline=None):
        """The next message. ``deadline``: of time.monotonic(); None waits for ever.

        Raises
        ------
        LateError, ClosedError, WireError
        """
        start = LENGTHS.size
        self._fill(start, deadline)
        text_length, data_length = LENGTHS.unpack(self.buffer[:start])
        if text_length > MAX_TEXT_PART or data_length > MAX_ARRAY_PART:
            raise WireError("a message larger than any of ours")
        middle, end = start + text_length, start + text_length + data_length
        self._fill(end, deadline)
        text, data = bytes(self.buffer[start:middle]), bytes(self.buffer[middle:end])
        del self.buffer[:end]
        try:
            nodes = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise WireError(f"no message: {type(error).__name__}") from None
        if type(nodes) is not dict:
            raise WireError("no message")
        unpacker = Unpacker(data, self.views, self.foreign)
        try:
            return {key: unpacker.unpack(node) for key, node in nodes.items()}
        except (ValueError, TypeError, OverflowError, MemoryError) as error:  # NumPy's, of sizes that cannot be
            raise WireError(f"no value: {type(error).__name__}") from None

    def _fill(self, length, deadline):
        """Wait for this many bytes; what has come when the time is over is kept for the next try."""
        while len(self.buffer) < length:
            self._until(deadline)
            try:
                part = self.connection.recv(min(length - len(self.buffer), 2**20))
            except (TimeoutError, BlockingIOError):
                raise LateError from None
            except OSError as error:
                raise ClosedError(str(error)) from None
            if not part:
                raise ClosedError("the other side ended")
            self.buffer += part

    def _until(self, deadline):
        if deadline is None:
            self.connection.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise LateError
        self.connection.settimeout(left)


def pair():
    """Two ends of one connection: a `socket.socket` each."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
