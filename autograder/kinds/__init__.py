"""Kinds of exercises: how arguments are handed over, and how a result is read and compared.

A kind is one small class with the methods of `Kind`. An exercise carries its kind, and nothing outside this package
asks which kind that is.

- `NUMBER`: one number comes back; what goes in may be numbers, shapes, arrays, or a network (`NUMBER_OF_NETWORK`)
- `ARRAY`, `TENSOR`: arrays go in, one NumPy array or one torch tensor comes back
- `Several`: a tuple of arrays or tensors comes back, each compared and diagnosed by itself
- `Layer`: a class of torch modules, with any parameters of its constructor and any names of its weights
"""

from autograder.kinds.arrays import ARRAY, TENSOR, Array, Tensors
from autograder.kinds.base import Kind
from autograder.kinds.layers import Layer
from autograder.kinds.numbers import NUMBER, NUMBER_OF_NETWORK, Number
from autograder.kinds.several import Several

__all__ = ["ARRAY", "NUMBER", "NUMBER_OF_NETWORK", "TENSOR", "Array", "Kind", "Layer", "Number", "Several", "Tensors"]
