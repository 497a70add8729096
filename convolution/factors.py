"""A kernel split into two factors: judged by what they make together, because sign and scale are free between them."""

import numpy as np

from autograder.kinds.arrays import TENSOR, Tensors
from autograder.kinds.base import as_numpy, wrong_form
from autograder.kinds.compare import array_difference, dtype_name, kind_of, tolerance
from autograder.student_code.subject import Tensor
from convolution import reference


def nearest_separable(weight):
    """The regular kernel that the nearest separable one makes; see `reference.separate`."""
    return reference.merge(*reference.separate(weight))


class Factors(Tensors):
    """A function of a regular kernel that returns (depthwise_weight, pointwise_weight)."""

    def form_difference(self, value):
        is_pair = isinstance(value, (tuple, list)) and [type(factor) for factor in value] == [Tensor, Tensor]
        if not is_pair:
            parts = f" of {', '.join(map(kind_of, value))}" if isinstance(value, tuple) else ""
            return wrong_form(f"expected a tuple of two Tensors, got {kind_of(value)}{parts}")
        if any(factor.array is None for factor in value):
            return wrong_form("expected two tensors with numbers")
        return None

    def difference(self, expected, value, input_dtype, shape_only=False, part=None):
        wrong = self.form_difference(value)
        if wrong:
            return wrong
        depthwise, pointwise = map(as_numpy, value)
        O, C, kH, kW = expected.shape  # noqa: E741
        if (depthwise.shape, pointwise.shape) != ((C, 1, kH, kW), (O, C, 1, 1)):
            return wrong_form(
                f"expected shapes {(C, 1, kH, kW)} and {(O, C, 1, 1)}, got {depthwise.shape} and {pointwise.shape}"
            )
        allowed = tolerance(input_dtype, dtype_name(value[0]), value[0].device)
        return array_difference(expected, reference.merge(depthwise, pointwise), allowed)

    def devices_of(self, value):
        return tuple(factor.device for factor in value)

    def submitted(self, function, keeps_device=True):
        """Factors that merge into the function's result, with another sign and scale than the reference's."""

        def factors(weight):
            depthwise, pointwise = reference.separate(np.asarray(function(weight)))
            return -2 * depthwise, pointwise / -2

        return TENSOR.submitted(factors, keeps_device)


FACTORS = Factors()
