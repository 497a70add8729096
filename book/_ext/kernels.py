"""Start the kernels that run the pages' cells over an encrypted connection.

A kernel listens on TCP ports of this machine, and ipykernel warns, once for every page, if everybody on the machine
could read what it says there. jupyter_client encrypts the connection if its kernel manager is told to. myst-nb has no
setting for that; but jupyter-cache, which it calls, hands options on to nbclient, and nbclient takes a manager's class.
"""

import zmq
from jupyter_cache.executors.utils import single_nb_execution
from jupyter_client import AsyncKernelManager
from myst_nb.core.execute import cache
from progress import PROGRESS
from sphinx.errors import ExtensionError
from traitlets import default


class EncryptedKernelManager(AsyncKernelManager):
    """A kernel manager that encrypts where the kernel and ZeroMQ can."""

    @default("transport_encryption")
    def _encrypt_if_possible(self):
        return "auto" if zmq.has("curve") else "disabled"


def show_cell(cell, cell_index):
    """A dot for each code cell that begins."""
    if cell.cell_type == "code":
        PROGRESS.step()


def run_cells(notebook, **options):
    """Run a page's cells as jupyter-cache does, with our kernel manager, and say how far they are."""
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with PROGRESS.task(f"running {cells} cell{'s' * (cells != 1)}"):
        ours = {"kernel_manager_class": EncryptedKernelManager, "on_cell_start": show_cell}
        return single_nb_execution(notebook, **ours, **options)


def setup(app):
    if not hasattr(cache, "single_nb_execution"):
        raise ExtensionError("kernels: myst-nb no longer runs cells by cache.single_nb_execution; see _ext/kernels.py")
    cache.single_nb_execution = run_cells
    return {"parallel_read_safe": True, "parallel_write_safe": True}
