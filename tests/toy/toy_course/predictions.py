"""The toy course's predictions."""

from autograder.model import Prediction

_REASONS = {"a": "That is so.", "b": "That is one too many."}

PREDICTIONS = {
    "predict-one": Prediction("What is the area of a 2 × 3 rectangle?", {"a": "6", "b": "7"}, "a", _REASONS),
    "predict-kinds": Prediction("How many halves has an array?", {"a": "2", "b": "3"}, "a", _REASONS),
}
