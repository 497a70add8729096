"""The toy course's mistakes."""

from autograder.model import Bank
from toy_course.catalogue import EXERCISES

BANK = Bank(EXERCISES)
mistake = BANK.mistake


@mistake("circumference", ["area"], "Your number is the length of the rectangle's border, not what it encloses.")
def _(right, height, width):
    return 2 * (height + width)


@mistake("first-array-only", ["count_elements"], "Your count has the elements of the first array only.")
def _(right, x_shape, weight_shape):
    return right(x_shape, (0,))


@mistake("biases-counted", ["count_weights"], "Your count has the biases too.")
def _(right, network):
    return sum(values.numel() for values in network.parameters())


@mistake("not-doubled", ["halves"], "Your right half is not doubled.")
def _(right, x):
    left, doubled = right(x)
    return left, doubled / 2


@mistake("left-negated", ["halves"], "Your left half has the opposite sign.")
def _(right, x):
    left, doubled = right(x)
    return -left, doubled


@mistake("gradient-for-ones-only", ["scale_backward"], "Your gradients ignore the gradient that comes from above.")
def _(right, grad_output, x, weight):
    return right(grad_output * 0 + 1, x, weight)


@mistake("batch-forgotten", ["scale_backward"], "The weight's gradient is that of the first image; all are added.")
def _(right, grad_output, x, weight):
    return right(grad_output, x, weight)[0], right(grad_output[:1], x[:1], weight)[1]


@mistake("shift-forgotten", ["Affine"], "Your result is the one without the shift.")
def _(right, x, scale, shift=None):
    return right(x, scale)


@mistake("dtype-lost", ["halves"], "Your result does not have the dtype of the input.")
def _(right, x):
    return tuple(half.astype("float32" if x.dtype == "float64" else "float64") for half in right(x))


CHANGED = "Your function changes what it was given."


@mistake("argument-changed", ["halves"], CHANGED)
def _(right, x):
    result = right(x)
    x += 1
    return result


@mistake("argument-changed", ["count_weights"], CHANGED)
def _(right, network):
    network.eval()
    return right(network)
