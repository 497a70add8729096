"""Networks as arguments: built from a recipe, and compared with what they were after a function had them.

A torch module does not travel to student code. Its recipe does (`data.Network`: a name in the course's zoo and a seed),
and each side builds the module itself. The text of the zoo is handed over once, with `use`.
"""

import functools
import hashlib
import types
from dataclasses import dataclass

#: name -> function() -> torch.nn.Module: filled from the course's text when the first network is built.
ZOO = {}

#: The sentences about one network that are kept.
MAX_CHANGES = 20

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")

_text = ""


class UnknownNetworkError(ValueError):
    """The zoo has no network of this name: a fault of the course. The text lists those there are."""


def use(source_text):
    """Take networks from a zoo: the source of a module that defines ``ZOO``, name -> function() -> module.

    It is executed by `load`, because that imports torch. An empty text is that of a course without networks.
    """
    global _text
    if source_text != _text:
        _text = source_text
        ZOO.clear()
        load.cache_clear()


def source():
    """The text of the zoo in use, for the other side of the wall."""
    return _text


@functools.cache
def load():
    """Fill `ZOO`, once; `look_up` and `build` do it where it has not been done."""
    if _text:
        zoo = types.ModuleType("networks", "The course's networks.")
        exec(compile(_text, "<the course's networks>", "exec"), zoo.__dict__)
        ZOO.update(zoo.ZOO)


def look_up(name):
    """The function of the zoo that makes the network of this name.

    Raises
    ------
    UnknownNetworkError
        If there is none.
    """
    load()
    if name not in ZOO:
        raise UnknownNetworkError(f"no network is called {name!r}; the course's zoo has {', '.join(ZOO) or 'none'}")
    return ZOO[name]


def build(recipe):
    """The torch.nn.Module of a `Network`: equal recipes give equal parameters. Disturbs no other random numbers."""
    make = look_up(recipe.name)
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return make()


# ---------------------------------------------------------------- before and after


@dataclass(frozen=True)
class Part:
    """A part of a network, as plain data.

    Attributes
    ----------
    kind : name of its class
    training : if it is in training mode
    hooks : the number of its forward and backward hooks
    attributes : names of what is stored on it, apart from parameters, buffers and parts
    """

    kind: str
    training: bool
    hooks: int
    attributes: frozenset


@dataclass(frozen=True)
class Numbers:
    """A parameter or buffer, as plain data: digests of its values and of its gradient, None where it has none."""

    values: str
    needs_grad: bool
    grad: str | None
    hooks: int


def describe(module):
    """Everything of a torch.nn.Module that a function must leave as it was: path -> `Part` or `Numbers`.

    The path of the network itself is "". Two descriptions are equal when nothing of it has changed.
    """
    found = {}
    for path, part in module.named_modules():
        stored = frozenset(name for name in vars(part) if not name.startswith("_") and name != "training")
        hooks = sum(len(vars(part).get(name) or ()) for name in HOOKS)
        found[path] = Part(type(part).__name__, bool(part.training), hooks, stored)
    for path, values in (*module.named_parameters(), *module.named_buffers()):
        grad = None if values.grad is None else _digest(values.grad)
        found[path] = Numbers(_digest(values), values.requires_grad, grad, len(values._backward_hooks or ()))
    return found


def _digest(tensor):
    """A short text that differs where shape, dtype, device or any number differs."""
    import torch

    plain = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    facts = f"{tensor.dtype} {tuple(tensor.shape)} {tensor.device}".encode()
    return hashlib.sha256(facts + plain.numpy().tobytes()).hexdigest()


def changes(before, module):
    """The sentences of `differences` between a description and what a module is now."""
    try:
        after = describe(module)
    except Exception as error:  # what a function has made of it may be anything
        return (f"the network cannot be read any more: {type(error).__name__}",)
    return differences(before, after)


def differences(before, after):
    """Short sentences, one for each thing in which two results of `describe` differ; at most `MAX_CHANGES`.

    Examples
    --------
    >>> linear = Part("Linear", True, 0, frozenset())
    >>> differences({"fc": linear}, {"fc": Part("Linear", False, 2, frozenset())})
    ('fc is in evaluation mode now', 'fc has 2 hooks more')
    """
    sentences = []
    for path in dict.fromkeys((*before, *after)):
        old, new = before.get(path), after.get(path)
        name = path or "the network"
        if old is None or new is None:
            sentences.append(f"{name} is {'new' if old is None else 'gone'}")
        elif type(old) is not type(new):
            sentences.append(f"{name} is something else now")
        elif isinstance(old, Part):
            above = path.rpartition(".")[0] if path else None
            is_above = above is not None and _switched(before.get(above), after.get(above))
            sentences += _of_part(name, old, new, is_above)
        else:
            sentences += _of_numbers(name, old, new)
    if len(sentences) > MAX_CHANGES:
        sentences[MAX_CHANGES - 1 :] = [f"and {len(sentences) - MAX_CHANGES + 1} other changes"]
    return tuple(sentence[:200] for sentence in sentences)


def _switched(old, new):
    """True if a part is in another mode; the parts below it, which switch with it, need no sentence then."""
    return isinstance(old, Part) and isinstance(new, Part) and old.training != new.training


def _of_part(name, old, new, switched_above):
    if old.kind != new.kind:
        yield f"{name} is a {new.kind} now"
        return
    if old.training != new.training and not switched_above:
        yield f"{name} is in {'training' if new.training else 'evaluation'} mode now"
    if old.hooks != new.hooks:
        yield _count(name, "hook", new.hooks - old.hooks)
    for attribute in sorted(old.attributes ^ new.attributes):
        yield f"{name}.{attribute} is {'new' if attribute in new.attributes else 'gone'}"


def _of_numbers(name, old, new):
    if old.values != new.values:
        yield f"{name} has other values"
    if old.needs_grad != new.needs_grad:
        yield f"{name} {'requires a gradient now' if new.needs_grad else 'requires no gradient any more'}"
    if old.grad != new.grad:
        yield f"{name} has {'no' if new.grad is None else 'a' if old.grad is None else 'another'} gradient now"
    if old.hooks != new.hooks:
        yield _count(name, "hook", new.hooks - old.hooks)


def _count(name, noun, more):
    return f"{name} has {abs(more)} {noun}{'' if abs(more) == 1 else 's'} {'more' if more > 0 else 'fewer'}"
