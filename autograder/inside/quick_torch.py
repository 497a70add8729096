"""torch without the import that takes longest: its compiler's, at the first operation on "meta"."""

import gc
from types import FunctionType


def leave_compiler_out():
    """Call after torch is imported, in a process of ours: a check on "meta" begins a second earlier.

    Many of torch's functions ask torch._dynamo, with their first call, for a form of them that it does not compile.
    Where nothing is compiled that form is the function itself. torch keeps it with the function, where it is put here;
    torch.compile works as before. In a torch that keeps it elsewhere this does nothing.
    """
    try:
        from torch._compile import _disable_dynamo
    except ImportError:
        return
    asks = _disable_dynamo(lambda: None).__code__
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__ is asks and "fn" in asks.co_freevars:
            function = one.__closure__[asks.co_freevars.index("fn")].cell_contents
            function.__dynamo_disable = function
