"""The toy course's assignments and exercises."""

from autograder.kinds import ARRAY, NUMBER, NUMBER_OF_NETWORK, Several
from autograder.kinds.layers import Layer
from autograder.model import Aspects, Assignment, Exercise
from toy_course import reference
from toy_course.cases import backward, element_count, halves, networks, rectangles, shifted

ASSIGNMENTS = {
    "t0-one": Assignment("t0-one", "One exercise", 5, 1, "predict-one", total=4),
    "t1-kinds": Assignment("t1-kinds", "Kinds of exercises", 20, 2, "predict-kinds", "explain-kinds", 2, total=16),
}


def _construct(case):
    x, _scale = case.args
    return {"features": x.shape[1]}, {"has_shift": "shift" in case.options}


def _numbers(case):
    _x, scale = case.args
    return {"gain.values": scale, **({"offset": case.options["shift"]} if "shift" in case.options else {})}


def _as_class(function):
    import torch

    class Gain(torch.nn.Module):
        def __init__(self, features):
            super().__init__()
            self.values = torch.nn.Parameter(torch.ones(features))

    class Affine(torch.nn.Module):
        def __init__(self, features, has_shift=True):
            super().__init__()
            self.gain = Gain(features)
            self.offset = torch.nn.Parameter(torch.zeros(features)) if has_shift else None

        def forward(self, x):
            shift = {} if self.offset is None else {"shift": self.offset.detach()}
            return function(x.detach(), self.gain.values.detach(), **shift)

    return Affine


AFFINE = Layer(construct=_construct, numbers=_numbers, as_class=_as_class, optional=("offset",))

_OPTIONS = Aspects(numeric=("values", "shift"), options=("shift",))

EXERCISES = {
    exercise.name: exercise
    for exercise in (
        Exercise("area", "t0-one", NUMBER, {"values": 2, "dtype": 1}, right=reference.area, cases=rectangles),
        Exercise(
            "count_elements", "t1-kinds", NUMBER, {"values": 1}, right=reference.count_elements, cases=element_count
        ),
        Exercise(
            "count_weights",
            "t1-kinds",
            NUMBER_OF_NETWORK,
            {"values": 1, "unchanged": 1},
            right=reference.count_weights,
            cases=networks,
        ),
        Exercise(
            "halves",
            "t1-kinds",
            Several(("left", "right")),
            {"values": 2, "dtype": 0.5, "unchanged": 0.5},
            right=reference.halves,
            cases=halves,
        ),
        Exercise(
            "scale_backward",
            "t1-kinds",
            Several(("grad_x", "grad_weight"), ARRAY),
            {"values": 2, "errors": 1},
            right=reference.scale_backward,
            cases=backward,
        ),
        Exercise(
            "Affine",
            "t1-kinds",
            AFFINE,
            {"values": 1, "shift": 1, "parameters": 1, "device": 1},
            right=reference.affine,
            cases=shifted,
            aspects=_OPTIONS,
        ),
    )
}
