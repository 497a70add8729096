"""Exercises that define a class of torch modules: make one, give it numbers, call it, and compare as for a function.

The case is that of the function the layer stands for. The exercise says which of it goes to the constructor, which
numbers the layer holds under which names, and what the layer is called with.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autograder.kinds.arrays import Tensors, as_tensor, on_tensors
from autograder.kinds.compare import kind_of
from autograder.model import Case
from autograder.student_code.subject import Outcome, Raised

#: The largest axis of a parameter that is believed; the checks' own have less than a hundred.
MAX_SIZE = 10_000


def _first_argument(case):
    return case.args[:1]


def _no_hint(held, wanted):
    return ""


@dataclass(frozen=True)
class Layer(Tensors):
    """A class of torch modules.

    Attributes
    ----------
    construct : case -> (args, options) of the constructor; args is a dict by name, passed by position
    numbers : case -> {name of a parameter: array}, all that the layer should learn
    as_class : function on tensors -> a right class whose modules compute with it; see `submitted`
    inputs : case -> what the module is called with; the first argument of the case, unless this says otherwise
    optional : names of parameters that count once, in the aspect "parameters": elsewhere they are set to zero
    hint : (shapes held, shapes wanted) -> a sentence about the likely cause, or ""
    """

    keyword = "class"

    construct: Callable[[Case], tuple[dict, dict]]
    numbers: Callable[[Case], dict[str, np.ndarray]]
    as_class: Callable[[Callable], type]
    inputs: Callable[[Case], tuple] = _first_argument
    optional: tuple[str, ...] = ()
    hint: Callable[[dict, dict], str] = _no_hint

    def make(self, subject, case):
        """Construct the module a case is about: an Outcome whose value is the module's handle."""
        args, options = self.construct(case)
        made = subject.call(*args.values(), **options)
        if not made.raised and not getattr(made.value, "is_module", False):
            made = Outcome(
                raised=_remark(f"calling the class should make a torch.nn.Module, got {kind_of(made.value)}")
            )
        return made

    def call(self, subject, case, device="cpu", observe=()):
        """Construct the module, give it the case's numbers, and call it. The Outcome is that of the call."""
        made = self.make(subject, case)
        if made.raised:
            return made
        held = shapes_held(made.value)
        if held.raised:
            return held
        numbers = self.numbers(case)
        numbers |= {name: np.zeros(held.value[name]) for name in self._surplus(held.value, numbers)}
        problem = self.parameters_problem(case, held.value, numbers)
        if problem:
            return Outcome(raised=_remark(problem), printed=made.printed)
        for given in (made.value.assign(numbers), made.value.to(device)):
            if given.raised:
                return given
        inputs = [as_tensor(value, device) for value in self.inputs(case)]
        outcome = made.value.call(*inputs, observe=observe)
        outcome.printed = made.printed + outcome.printed
        return outcome

    def parameters_problem(self, case, held, numbers=None):
        """A sentence about parameters, name -> shape, that are not as they should be; None where they are."""
        numbers = self.numbers(case) if numbers is None else numbers
        wanted = {name: tuple(array.shape) for name, array in numbers.items()}
        if held == wanted:
            return None
        args, options = self.construct(case)
        made_with = ", ".join(f"{name} {value}" for name, value in {**args, **options}.items())
        text = f"made with {made_with}: expected the parameters {_listed(wanted)}"
        text += f"; the module has {_listed(held) or 'none'}"
        hint = self.hint(held, wanted)
        return f"{text}. {hint}" if hint else text

    def submitted(self, function, keeps_device=True):
        return self.as_class(on_tensors(function, keeps_device))

    def _surplus(self, held, numbers):
        return [name for name in self.optional if name not in numbers and len(held.get(name, ())) == 1]


def shapes_held(module):
    """A module's parameters, name -> shape, as an Outcome: asking for them runs student code too."""
    outcome = module.parameters()
    is_sound = type(outcome.value) is dict and all(
        type(shape) is tuple and all(type(size) is int and 0 <= size <= MAX_SIZE for size in shape)
        for shape in outcome.value.values()
    )
    if not outcome.raised and not is_sound:
        outcome.raised = _remark("the module's parameters cannot be read: named_parameters() gives no tensors")
    return outcome


def _remark(text):
    """The reason why a call could not be made, where an exception would be."""
    return Raised("", (), text)


def _listed(shapes):
    return ", ".join(f"{name} {shape}" for name, shape in shapes.items())
