"""Values as plain data: results of student code are judged as data, never through classes or methods of its own."""

import sys
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from . import networks

#: The largest array, text, whole number and list that is taken as data, and how deep lists may nest.
MAX_BYTES, MAX_TEXT, MAX_BITS, MAX_ITEMS, MAX_DEPTH = 32 * 2**20, 20_000, 4096, 10_000, 8

MAX_NETWORK_NAME = 100

#: Kinds of NumPy dtypes that hold numbers: bool, int, unsigned, float, complex.
NUMBERS = "biufc"

#: NumPy's own types of single values.
SCALARS = frozenset(np.sctypeDict.values())


@dataclass(frozen=True)
class Tensor:
    """A torch tensor as data: its numbers, and where torch says they are.

    Attributes
    ----------
    array : ndarray with the numbers; those of bfloat16 as float32; on "meta", where there are none, None
    device : "cpu", "cuda" or "meta"
    dtype : torch's name without its prefix, such as "float32"
    shape : tuple of int

    Examples
    --------
    >>> Tensor.of(np.zeros((2, 3), np.float32))
    Tensor of shape (2, 3), float32, on cpu
    """

    array: np.ndarray | None
    device: str
    dtype: str
    shape: tuple[int, ...]

    @classmethod
    def of(cls, array, device="cpu"):
        """The tensor that holds an array's numbers on a device; the recipe for an argument."""
        return cls(array, device, str(array.dtype), array.shape)

    def __repr__(self):
        return f"Tensor of shape {self.shape}, {self.dtype}, on {self.device}"


@dataclass(frozen=True)
class Network:
    """A torch module as a recipe: a name in the course's zoo of networks and a seed, built on both sides of the wall.

    Attributes
    ----------
    name : text of 1 to 100 characters
    seed : int from 0 to 2**63 - 1, from which the parameters are drawn
    changed : sentences on what a call has changed of the module; nothing where it left it as it was

    Examples
    --------
    >>> Network("small", 3)
    Network('small', seed=3)
    >>> Network("small", -1)
    Traceback (most recent call last):
        ...
    ValueError: the seed of a network is an int from 0 to 2**63 - 1, not -1
    """

    name: str
    seed: int
    changed: tuple[str, ...] = ()

    def __post_init__(self):
        if type(self.name) is not str or not 0 < len(self.name) <= MAX_NETWORK_NAME:
            raise ValueError(
                f"the name of a network is a text of 1 to {MAX_NETWORK_NAME} characters, not {self.name!r}"
            )
        if type(self.seed) is not int or not 0 <= self.seed < 2**63:
            raise ValueError(f"the seed of a network is an int from 0 to 2**63 - 1, not {self.seed!r}")

    def __repr__(self):
        changed = f", changed={self.changed}" if self.changed else ""
        return f"Network({self.name!r}, seed={self.seed}{changed})"


@dataclass(frozen=True)
class Foreign:
    """A thing that is no plain data, and stays in its process.

    Attributes
    ----------
    kind : the name of its type, or a few words
    is_module : True for a torch.nn.Module
    """

    kind: str
    is_module: bool = False


def as_data(value, keep, depth=0):
    """Plain data as it is, exact types only; ``keep(value, kind)`` for everything else and for what is too large.

    Examples
    --------
    >>> as_data([1, {2, 3}], lambda value, kind: Foreign(kind))
    [1, Foreign(kind='set', is_module=False)]
    """
    kind = type(value)
    if value is None or kind in (bool, float):
        return value
    if kind is int:
        return value if value.bit_length() <= MAX_BITS else keep(value, "int of more than a thousand digits")
    if kind is Fraction:
        parts = value.numerator, value.denominator
        is_sound = all(type(part) is int and part.bit_length() <= MAX_BITS for part in parts)
        return value if is_sound else keep(value, "Fraction of more than a thousand digits")
    if kind is str:
        return value if len(value) <= MAX_TEXT else keep(value, f"str of {len(value)} characters")
    if kind is np.ndarray:
        return _array(value, keep)
    if kind in SCALARS:
        return value if value.dtype.kind in NUMBERS else keep(value, kind_of(value))
    if kind is getattr(sys.modules.get("torch"), "Tensor", None):
        return _tensor(value, keep)
    if kind in (tuple, list, dict):
        if depth >= MAX_DEPTH or len(value) > MAX_ITEMS:
            return keep(value, f"{kind.__name__} of {len(value)} items, too large to look into")
        if kind is dict:
            pairs = list(value.items())
            return {
                key if type(key) in (str, int) else repr(type(key)): as_data(item, keep, depth + 1)
                for key, item in pairs
            }
        return kind(as_data(item, keep, depth + 1) for item in list(value))
    return keep(value, kind_of(value))


def _array(value, keep):
    if value.dtype.kind not in NUMBERS:
        return keep(value, f"numpy.ndarray of {value.dtype}")
    if value.nbytes > MAX_BYTES:
        return keep(value, f"numpy.ndarray of shape {value.shape}, too large to compare")
    return value


def _tensor(value, keep):
    import torch

    dtype = str(value.dtype).removeprefix("torch.")
    if value.layout is not torch.strided or value.is_quantized or value.is_nested:
        return keep(value, f"Tensor of layout {value.layout}, {dtype}")
    device, shape = value.device.type, tuple(value.shape)
    if device == "meta":
        return Tensor(None, device, dtype, shape)
    if value.numel() * value.element_size() > MAX_BYTES:
        return keep(value, f"Tensor of shape {shape}, too large to compare")
    with torch.no_grad():
        plain = value.detach().to("cpu").resolve_conj().resolve_neg()
        if plain.dtype is torch.bfloat16:
            plain = plain.float()
        try:
            return Tensor(plain.numpy(), device, dtype, shape)
        except (TypeError, RuntimeError):  # dtypes that NumPy has not
            return keep(value, f"Tensor of {dtype}")


def kind_of(value):
    """The name of a value's exact type, with its module unless that is the student's own.

    Examples
    --------
    >>> kind_of(3), kind_of(np.zeros(2)), kind_of(Fraction(1, 2))
    ('int', 'numpy.ndarray', 'fractions.Fraction')
    """
    kind = type(value)
    own = kind.__module__ in ("builtins", "torch", "__main__", "student", "notebook")
    return kind.__name__ if own else f"{kind.__module__}.{kind.__name__}"


def is_module(value):
    """True if a value is a torch.nn.Module by its real class, which ``__class__`` cannot forge."""
    torch = sys.modules.get("torch")
    return torch is not None and issubclass(type(value), torch.nn.Module)


def from_data(value):
    """An argument as student code gets it, tuples, lists and dicts of them included.

    A `Tensor` becomes a torch tensor with the array's layout in memory, a `Network` a torch.nn.Module.
    """
    if type(value) is Tensor:
        import torch

        return torch.from_numpy(value.array).to(value.device)
    if type(value) is Network:
        return networks.build(value)
    if type(value) in (tuple, list):
        return type(value)(map(from_data, value))
    if type(value) is dict:
        return {key: from_data(item) for key, item in value.items()}
    return value
