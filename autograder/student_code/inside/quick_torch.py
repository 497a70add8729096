"""torch without the import that takes longest: its compiler's, at the first operation on "meta"."""

import contextlib
import gc
from types import FunctionType


def leave_compiler_out():
    """Call after torch is imported, in a process of ours: a check on "meta" begins a second earlier.

    Many of torch's functions ask torch._dynamo, with their first call, for a form of them that it does not compile.
    Where nothing is compiled that form is the function itself. torch keeps it with the function, where it is put here;
    torch.compile works as before. A torch that keeps it elsewhere is as slow as it was.
    """
    with contextlib.suppress(ImportError, AttributeError, ValueError):  # none of these names is public
        _leave_compiler_out()


def _leave_compiler_out():
    import torch
    from torch._compile import _disable_dynamo

    asks = _disable_dynamo(lambda: None).__code__
    place = asks.co_freevars.index("fn")
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__ is asks:
            function = one.__closure__[place].cell_contents
            function.__dynamo_disable = function
    torch._disable_dynamo = _as_it_is  # for functions that are still to come


def _as_it_is(function=None, recursive=True):
    return function or _as_it_is
