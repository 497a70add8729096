"""Watchers of running code: they see how something was computed, which the result does not show.

Each watcher is a context manager that yields a function returning what it saw. That is testimony: code that wants to
can hide from it (threads, sys.settrace(None)). It is evidence against honest mistakes, and no proof.
"""

import contextlib
import sys


@contextlib.contextmanager
def lines():
    """Count the Python lines run, in all files, so that a loop hidden in a library counts too.

    Examples
    --------
    >>> with lines() as count:
    ...     total = sum(i for i in range(10))
    >>> count() > 10
    True
    """
    seen = 0

    def follow(frame, event, argument):
        nonlocal seen
        seen += event == "line"
        return follow

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        yield lambda: seen
    finally:
        sys.settrace(before)


@contextlib.contextmanager
def packages():
    """Name the installed packages, NumPy and the standard library aside, whose functions were called.

    Examples
    --------
    >>> import math
    >>> with packages() as called:
    ...     number = math.sqrt(2)
    >>> called()
    []
    """
    modules = set()

    def follow(frame, event, argument):
        if event == "call":
            # By where the code lies: a student may call a module as an installed package is called.
            if _is_installed_file(frame.f_code.co_filename):
                modules.add(frame.f_globals.get("__name__"))
        elif event == "c_call":
            owner = getattr(argument, "__self__", None)
            modules.add(getattr(argument, "__module__", None) or type(owner).__module__)

    def called():
        tops = {module.partition(".")[0] for module in modules if isinstance(module, str)}
        return sorted(top for top in tops - {"numpy", "autograder"} if _is_installed_package(top))

    before = sys.getprofile()
    sys.setprofile(follow)
    try:
        yield called
    finally:
        sys.setprofile(before)


def _is_installed_package(name):
    """True if a top-level name is a third-party package, not a module the student wrote beside the notebook."""
    if name in sys.stdlib_module_names or name not in sys.modules:
        return False
    return _is_installed_file(getattr(sys.modules[name], "__file__", None) or "")


def _is_installed_file(path):
    return "site-packages" in path or "dist-packages" in path


@contextlib.contextmanager
def operations():
    """Name the operations that reach torch, below all its Python names, such as "aten.convolution"."""
    from torch.utils._python_dispatch import TorchDispatchMode

    seen = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            seen.append(str(func.overloadpacket))
            return func(*args, **(kwargs or {}))

    with Watch():
        yield lambda: seen


#: The operations of x[index], read and written.
_SQUARE_BRACKETS = ("aten.index", "aten.index_put", "aten.index_put_", "aten._index_put_impl_")


class DeviceMix(Exception):
    """An operation met tensors of two devices."""


@contextlib.contextmanager
def one_device():
    """Refuse any operation that mixes a tensor on "meta" with a CPU tensor of one axis or more.

    On a GPU torch refuses the same mix; on "meta" it often lets it pass. As on a GPU, single numbers may mix, the
    index in x[...] may be on the CPU (that of index_select may not), and copying *to* the other device is legal.
    """
    from torch import Tensor
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Refuse(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            name = str(func.overloadpacket)
            tensors = [leaf for leaf in tree_leaves((args, kwargs or {})) if isinstance(leaf, Tensor)]
            on_meta = [tensor for tensor in tensors if tensor.device.type == "meta"]
            on_cpu = [tensor for tensor in tensors if tensor.device.type == "cpu" and tensor.ndim > 0]
            if name in _SQUARE_BRACKETS and tensors[0].device.type == "meta":
                written = args[2:3]  # what x[index] = ... puts there; nothing where x[index] is read
                on_cpu = [tensor for tensor in on_cpu if any(tensor is value for value in written)]
            brings_over = name == "aten.copy_" and tensors[0].device.type == "meta"
            if on_meta and on_cpu and not brings_over:
                raise DeviceMix(
                    f"{name} met a tensor {tuple(on_meta[0].shape)} on the input's device and a tensor "
                    f"{tuple(on_cpu[0].shape)} on the CPU"
                )
            return func(*args, **(kwargs or {}))

    with Refuse():
        yield lambda: None


WATCHERS = {"lines": lines, "packages": packages, "operations": operations, "one_device": one_device}
