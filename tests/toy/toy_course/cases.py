"""The data of the toy course."""

from autograder.model import Case
from autograder.sampling import values, whole
from autograder.student_code.subject import Network


def rectangles(aspect, rng):
    """Rectangles that are no squares."""
    return [Case((whole(rng(index), 3, 9), whole(rng(index), 10, 19))) for index in range(3)]


def element_count(aspect, rng):
    """Shapes as arguments: tuples of numbers that all differ."""
    return [
        Case(((2, whole(rng(index), 3, 5), whole(rng(index), 6, 9)), (whole(rng(index), 10, 13), 14)))
        for index in range(3)
    ]


def networks(aspect, rng):
    """Networks as arguments: recipes, built on both sides of the wall."""
    return [Case((Network(name, whole(rng(name), 1, 10**6)),)) for name in ("line", "with a norm")]


def halves(aspect, rng):
    """Arrays whose halves differ."""
    return [Case((values(rng(index), 2 + index, 6),)) for index in range(2)]


def backward(aspect, rng):
    """An upstream gradient, an input and a weight; a gradient of another shape must be refused."""
    N, C = 3, whole(rng("channels"), 4, 6)
    x, weight = values(rng("x"), N, C), values(rng("weight"), C)
    if aspect == "errors":
        grad_output = values(rng("grad"), N + 1, C)
        return [Case((grad_output, x, weight), {}, (str(grad_output.shape), str(x.shape)))]
    return [Case((values(rng("grad"), N, C), x, weight))]


def shifted(aspect, rng):
    """Inputs and scales; a shift where the aspect is about it."""
    cases = []
    for index in range(2):
        C = whole(rng(index), 3, 6)
        shift = (
            {"shift": values(rng(index, "shift"), C)} if aspect == "shift" or (index and aspect == "parameters") else {}
        )
        cases.append(Case((values(rng(index), 2 + index, C), values(rng(index, "scale"), C)), shift))
    return cases
