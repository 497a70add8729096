"""Values in JSON's words: no pickle, no classes, exact types, and a bound on everything that is read.

A value that JSON does not have is written as a list that begins with a word of ours: ["tuple", ...]. The bytes of
arrays travel apart, one after the other. Reading (`Unpacker`) trusts nothing: a value that is malformed or too large is
refused with a `WireError`.
"""

import math
import re
from fractions import Fraction

import numpy as np

from . import networks
from .data import MAX_BITS, MAX_BYTES, MAX_DEPTH, NUMBERS, Foreign, Network, Tensor

#: The most values that one message may hold, and the most bytes of all its arrays.
MAX_VALUES, MAX_ARRAYS = 100_000, 2 * MAX_BYTES

#: The largest number by which a thing of the other side may be called, and the longest name of its class.
MAX_HANDLE, MAX_NAME = 2**31, 200

DEVICES = ("cpu", "cuda", "meta")

#: The dtypes of numbers as NumPy writes them: byte order, kind, bytes.
DTYPE = re.compile(rf"[<>|][{NUMBERS}][0-9]{{1,2}}")


class WireError(Exception):
    """The other side said something that is no message of ours; the text says what is wrong with it."""


class Packer:
    """Writes the values of one message; the bytes of arrays go into the list ``arrays``.

    Parameters
    ----------
    number : gives the number by which the other side can ask for a thing that stays here, or None
    layout : keep each array's layout in memory; without it arrays are written row by row
    """

    def __init__(self, number=lambda foreign: None, layout=False):
        self.number, self.layout = number, layout
        self.arrays, self.left = [], MAX_VALUES

    def pack(self, value):
        """A value as a node.

        Raises
        ------
        TypeError
            If the value is of a type that does not travel.
        WireError
            If there are more values than one message may hold.

        Examples
        --------
        >>> Packer().pack((1, 2.5, "a", Fraction(1, 2)))
        ['tuple', 1, 2.5, 'a', ['fraction', 1, 2]]
        """
        self.left -= 1
        if self.left < 0:
            raise WireError(f"more than {MAX_VALUES} values")
        kind = type(value)
        if value is None or kind in (bool, int, float, str):
            return value
        if kind in (tuple, list):
            return [kind.__name__, *map(self.pack, value)]
        if kind is dict:
            return ["dict", *([self.pack(key), self.pack(item)] for key, item in value.items())]
        if kind is Fraction:
            return ["fraction", self.pack(value.numerator), self.pack(value.denominator)]
        if kind is np.ndarray:
            return ["array", *self._array(value, self.layout)]
        if isinstance(value, np.generic):
            return ["scalar", self._array(np.asarray(value), False)]
        if kind is Tensor:
            numbers = None if value.array is None else self._array(value.array, self.layout)
            return ["tensor", numbers, value.device, value.dtype, list(value.shape)]
        if kind is Network:
            return ["network", value.name, value.seed]
        if isinstance(value, Foreign):
            return ["foreign", self.number(value), value.kind, value.is_module]
        raise TypeError(f"{kind.__name__} does not travel")

    def _array(self, array, layout):
        """Dtype, shape, strides (None: row by row), offset of the first number, and the number of bytes."""
        base = array.base
        if not layout or array.flags.c_contiguous:
            data, strides, offset = array.tobytes(), None, 0
        elif min(array.strides) < 0:
            raise TypeError("an array that lies backwards does not travel")
        elif isinstance(base, np.ndarray) and base.flags.c_contiguous and base.nbytes:
            # A view travels with the array it is a view of, so that its layout in memory arrives too.
            offset = array.__array_interface__["data"][0] - base.__array_interface__["data"][0]
            data, strides = base.tobytes(), list(array.strides)
        elif array.flags.f_contiguous:
            data, strides, offset = array.tobytes("F"), list(array.strides), 0
        else:
            raise TypeError("an array laid out in a way that does not travel")
        self.arrays.append(data)
        return [array.dtype.str, list(array.shape), strides, offset, len(data)]


class Unpacker:
    """Reads the values of one message.

    Parameters
    ----------
    buffer : bytes of all arrays
    views : accept what only the grader sends: arrays that do not lie row by row, and networks
    foreign : foreign(number, kind, is_module) makes the stand-in for a thing of the other side
    """

    def __init__(self, buffer, views=False, foreign=lambda number, kind, is_module: Foreign(kind, is_module)):
        self.buffer, self.views, self.foreign = buffer, views, foreign
        self.at, self.left = 0, MAX_VALUES

    def unpack(self, node, depth=0):
        """The value of a node.

        Raises
        ------
        WireError
            If the node is malformed, or larger than any that `Packer` writes.

        Examples
        --------
        >>> Unpacker(b"").unpack(["tuple", 1, ["fraction", 1, 2]])
        (1, Fraction(1, 2))
        """
        self.left -= 1
        if self.left < 0:
            raise WireError(f"more than {MAX_VALUES} values")
        if depth > 2 * MAX_DEPTH:
            raise WireError("values nested too deep")
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
            raise WireError("a node that is no value and no list with a word")
        word, *parts = node
        if word not in _READERS:
            raise WireError(f"no value is called {word[:20]!r}")
        return _READERS[word](self, parts, depth + 1)

    def _list(self, parts, depth):
        return [self.unpack(part, depth) for part in parts]

    def _tuple(self, parts, depth):
        return tuple(self._list(parts, depth))

    def _dict(self, parts, depth):
        pairs = [self._list(_parts("pair", part, 2), depth) for part in parts]
        if any(type(key) not in (str, int) for key, _ in pairs):
            raise WireError("a key that is no text and no whole number")
        return dict(pairs)

    def _fraction(self, parts, depth):
        top, bottom = self._list(_parts("fraction", parts, 2), depth)
        if type(top) is not int or type(bottom) is not int or bottom <= 0:
            raise WireError("a fraction that is not a whole number over a positive one")
        return Fraction(top, bottom)

    def _array(self, parts, _depth):
        name, shape, strides, offset, length = _parts("array", parts, 5)
        dtype = _dtype(name)
        if not _sizes(shape) or not _sizes([offset, length]):
            raise WireError("an array whose shape, offset or length are no sizes")
        data = self.buffer[self.at : self.at + length]
        self.at += length
        if len(data) != length:
            raise WireError("an array without its bytes")
        if strides is None:
            if math.prod(shape) * dtype.itemsize != length or offset:
                raise WireError("an array of another size than its bytes")
            # NumPy multiplies the axes of an empty array too, and refuses what is too large.
            if math.prod(size or 1 for size in shape) >= 2**40:
                raise WireError("an empty array of impossible shape")
            array = np.frombuffer(data, dtype).reshape(shape)
            # A bool of another byte than 0 and 1 is equal neither to True nor to False.
            return np.asarray(array.view(np.uint8) != 0) if dtype.kind == "b" else array.copy()
        if not self.views:
            raise WireError("an array that does not lie row by row")
        if not _sizes(strides) or len(strides) != len(shape) or 0 in shape:
            raise WireError("an array whose strides are no sizes, or that is empty and has strides")
        # NumPy asks this too, but its sum overflows.
        last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
        if last + dtype.itemsize > length or math.prod(shape) >= 2**40:
            raise WireError("an array that reaches beyond its bytes")
        return np.ndarray(shape, dtype, bytearray(data), offset, strides)

    def _scalar(self, parts, depth):
        array = self._array(*_parts("scalar", parts, 1), depth)
        if array.ndim:
            raise WireError("a scalar that has axes")
        return array[()]

    def _tensor(self, parts, depth):
        numbers, device, dtype, shape = _parts("tensor", parts, 4)
        if device not in DEVICES:
            raise WireError("a tensor on a device that is not there")
        if type(dtype) is not str or len(dtype) > 20 or not (dtype.isascii() and dtype.isidentifier()):
            raise WireError("a tensor whose dtype is no name")
        if not _sizes(shape):
            raise WireError("a tensor whose shape is no sizes")
        array = None if numbers is None else self._array(numbers, depth)
        if array is None and device != "meta":
            raise WireError("a tensor without its numbers")
        if array is not None and list(array.shape) != shape:
            raise WireError("a tensor of another shape than its numbers")
        if array is not None and str(array.dtype) != ("float32" if dtype == "bfloat16" else dtype):
            raise WireError("a tensor of another dtype than its numbers")
        return Tensor(array, device, dtype, tuple(shape))

    def _network(self, parts, _depth):
        if not self.views:
            raise WireError("a network, which only the grader sends")
        name, seed = _parts("network", parts, 2)
        try:
            network = Network(name, seed)
            networks.look_up(name)
        except ValueError as error:
            raise WireError(str(error)[:MAX_NAME]) from None
        return network

    def _foreign(self, parts, _depth):
        number, name, is_module = _parts("foreign", parts, 3)
        if number is not None and (type(number) is not int or not 0 <= number < MAX_HANDLE):
            raise WireError("a handle whose number is none")
        if type(name) is not str or type(is_module) is not bool:
            raise WireError("a handle without the name of its class")
        return self.foreign(number, _sound(name[:MAX_NAME]), is_module)


_READERS = {
    "list": Unpacker._list,
    "tuple": Unpacker._tuple,
    "dict": Unpacker._dict,
    "fraction": Unpacker._fraction,
    "array": Unpacker._array,
    "scalar": Unpacker._scalar,
    "tensor": Unpacker._tensor,
    "network": Unpacker._network,
    "foreign": Unpacker._foreign,
}


def _sound(text):
    """A text that can be written to a file: half of a surrogate pair cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _parts(word, parts, count):
    if type(parts) is not list or len(parts) != count:
        raise WireError(f"a {word} that has not {count} parts")
    return parts


def _dtype(name):
    """The dtype of numbers that has this name; most of NumPy's language of dtypes is not taken."""
    if type(name) is str and DTYPE.fullmatch(name):
        try:
            return np.dtype(name)
        except TypeError:  # such as floats of seven bytes
            pass
    raise WireError("an array of no dtype of numbers")


def _sizes(numbers):
    """True if these are sizes: a short list of whole numbers that are not negative."""
    if type(numbers) is not list or len(numbers) > 16:
        return False
    return all(type(number) is int and 0 <= number < 2**40 for number in numbers)
