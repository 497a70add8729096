"""Families of exercises: the arrays they take by position, their biases, and the arrays they must refuse.

Every family draws its arrays from the same `Sizes`, in an order that must not change: the data of a seed depend on it.
"""

from dataclasses import dataclass

from autograder.model import Case
from autograder.sampling import values


@dataclass(frozen=True)
class Sizes:
    """The sizes of one case: images, input and output channels, image and kernel, kernels for each channel."""

    N: int
    C: int
    O: int  # noqa: E741
    H: int
    W: int
    kH: int  # noqa: N815
    kW: int  # noqa: N815
    multiplier: int = 1


def shapes(*arrays):
    """The shapes of arrays as an error message must name them."""
    return tuple(str(array.shape) for array in arrays)


class Family:
    """The properties that the exercises of one family share.

    Attributes
    ----------
    slides : True where there is a stride and a padding
    has_window : True where a kernel can be larger than its image
    smallest : channels of the smallest case of "values": "one" or "some"
    lone_biases : names of biases that can be given without the other
    """

    slides = True
    has_window = True
    smallest = "one"
    lone_biases = ()

    def arrays(self, rng, sizes):
        """The arguments passed by position."""
        raise NotImplementedError

    def biases(self, rng, arrays):
        """The biases that go with these arguments, as options."""
        return {"bias": values(rng, arrays[1].shape[0])}

    def refused(self, rng, arrays):
        """Cases of arrays that do not go together, made from some that do."""
        return []


class Plane(Family):
    """An image and a kernel, a plane each."""

    def __init__(self, slides=True):
        self.slides = slides

    def arrays(self, rng, sizes):
        return values(rng, sizes.H, sizes.W), values(rng, sizes.kH, sizes.kW)

    def biases(self, rng, arrays):
        return {}


class Regular(Family):
    """x (N, C, H, W) and weight (O, C, kH, kW)."""

    def arrays(self, rng, sizes):
        x = values(rng, sizes.N, sizes.C, sizes.H, sizes.W)
        return x, values(rng, sizes.O, sizes.C, sizes.kH, sizes.kW)

    def refused(self, rng, arrays):
        return [other_channels(rng, arrays, change) for change in (1, -1)]


class Pointwise(Family):
    """x (N, C, H, W) and weight (O, C, 1, 1)."""

    slides = False
    has_window = False
    smallest = "some"

    def arrays(self, rng, sizes):
        x = values(rng, sizes.N, sizes.C, sizes.H, sizes.W)
        return x, values(rng, sizes.O, sizes.C, 1, 1)

    def refused(self, rng, arrays):
        x, weight = arrays
        not_pointwise = values(rng(2), weight.shape[0], x.shape[1], 3, 2)
        return [
            Case((x, not_pointwise), {}, shapes(x, not_pointwise)),
            *(other_channels(rng, arrays, change) for change in (1, -1)),
        ]


class Depthwise(Family):
    """x (N, C, H, W) and weight (C * multiplier, 1, kH, kW)."""

    def arrays(self, rng, sizes):
        x = values(rng, sizes.N, sizes.C, sizes.H, sizes.W)
        return x, values(rng, sizes.C * sizes.multiplier, 1, sizes.kH, sizes.kW)

    def refused(self, rng, arrays):
        x, weight = arrays
        cases = [other_filters(rng, arrays, change) for change in (1, -1)]
        two_channels = values(rng(5), x.shape[1], 2, *weight.shape[2:])
        return [*cases, Case((x, two_channels), {}, shapes(x, two_channels))]


class Separable(Family):
    """x (N, C, H, W), depthwise weight (C, 1, kH, kW) and pointwise weight (O, C, 1, 1)."""

    def __init__(self, lone_biases=()):
        self.lone_biases = lone_biases

    def arrays(self, rng, sizes):
        x = values(rng, sizes.N, sizes.C, sizes.H, sizes.W)
        return x, values(rng, sizes.C, 1, sizes.kH, sizes.kW), values(rng, sizes.O, sizes.C, 1, 1)

    def biases(self, rng, arrays):
        _x, depthwise_weight, pointwise_weight = arrays
        return {
            "depthwise_bias": values(rng, depthwise_weight.shape[0]),
            "pointwise_bias": values(rng, pointwise_weight.shape[0]),
        }

    def refused(self, rng, arrays):
        x, depthwise_weight, pointwise_weight = arrays
        cases = []
        for change in (1, -1):
            cases.append(other_filters(rng, arrays, change))
            other = values(rng(4, change), pointwise_weight.shape[0], x.shape[1] + change, 1, 1)
            cases.append(Case((x, depthwise_weight, other), {}, shapes(other)))
        return cases


class Merge(Family):
    """The two weights of a separable convolution: (C, 1, kH, kW) and (O, C, 1, 1)."""

    slides = False
    has_window = False
    smallest = "some"

    def arrays(self, rng, sizes):
        return values(rng, sizes.C, 1, sizes.kH, sizes.kW), values(rng, sizes.O, sizes.C, 1, 1)

    def biases(self, rng, arrays):
        return {}

    def refused(self, rng, arrays):
        depthwise, pointwise = arrays
        others = (values(rng(change), pointwise.shape[0], depthwise.shape[0] + change, 1, 1) for change in (1, -1))
        return [Case((depthwise, other), {}, shapes(depthwise, other)) for other in others]


class Separate(Family):
    """The weight of a regular convolution: (O, C, kH, kW)."""

    smallest = "some"

    def arrays(self, rng, sizes):
        return (values(rng, sizes.O, sizes.C, sizes.kH, sizes.kW),)

    def biases(self, rng, arrays):
        return {}


def other_channels(rng, arrays, change):
    """A case whose weight expects another number of input channels."""
    x, weight = arrays
    other = values(rng(3, change), weight.shape[0], x.shape[1] + change, *weight.shape[2:])
    return Case((x, other), {}, shapes(x, other))


def other_filters(rng, arrays, change):
    """A case whose number of depthwise filters is no multiple of the channels, which there are at least 2 of."""
    x, weight, *rest = arrays
    other = values(rng(3, change), 2 * x.shape[1] + change, *weight.shape[1:])
    return Case((x, other, *rest), {}, shapes(x, other))
