"""The walls, tried before the first submission: a notebook of ours tries to get past each of them."""

import contextlib
import socket

from autograder.student_code.fork_server import WITHOUT_TORCH
from autograder.student_code.limits import SandboxError
from autograder.student_code.sandbox import Sandbox
from autograder.student_code.walls import HIDDEN, WALLS, NoWallsError

#: wall -> Python that assigns True to `held` if it holds. ``{hidden}``: files that must not be there, ``{port}``: at
#: which somebody listens on this machine, ``{disk}`` and ``{memory}``: bytes that are allowed.
PROBES = {
    "files": "import os; held = not any(map(os.path.exists, {hidden!r}))",
    "network": """
import socket
try:
    socket.create_connection(("127.0.0.1", {port}), timeout=2).close(); held = False
except OSError:
    held = True
""",
    "processes": "import os; held = os.getpid() == 1",
    "scratch": """
try:
    with open("/tmp/probe", "xb") as file:
        for _ in range({disk} // 2**20 + 1):
            file.write(bytes(2**20))
    held = False
except FileExistsError:
    held = False
except OSError:
    held = True
""",
    "proc": "import os; held = os.listdir('/proc') == []",
    "limits": """
import resource
held = resource.getrlimit(resource.RLIMIT_AS)[1] > 0 and resource.getrlimit(resource.RLIMIT_NPROC)[1] > 0
try:
    bytes(2 * {memory}); held = False
except MemoryError:
    pass
""",
    "privileges": """
import ctypes
held = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 1  # PR_GET_NO_NEW_PRIVS
held = held and not any(ctypes.CDLL(None).prctl(23, number, 0, 0, 0) == 1 for number in range(40))
""",
    "system calls": """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
held = libc.ptrace(0, 0, 0, 0) == -1 and ctypes.get_errno() == errno.EPERM
""",
}

REMEDIES = (
    "What usually helps: on Ubuntu 24.04 and later allow bubblewrap user namespaces (an AppArmor profile for bwrap, or "
    "sysctl kernel.apparmor_restrict_unprivileged_userns=0); in Docker run with --security-opt seccomp=unconfined "
    "--security-opt systempaths=unconfined --cap-add SYS_ADMIN; elsewhere see that sysctl user.max_user_namespaces is "
    "not 0. To grade without walls, only students whom you would let use this machine: --sandbox none"
)

#: (walls, limits) that were tried in this process and held.
_HELD = set()


def must_hold(walls=tuple(WALLS), limits=None, imports=WITHOUT_TORCH, sockets=None):
    """Try walls in a `Sandbox` of these settings, once in each process that asks.

    Raises
    ------
    NoWallsError
        If one of them cannot be put up here, or does not hold; the text says which, and what to do.
    """
    if (walls, limits) in _HELD:
        return
    try:
        with Sandbox(walls, limits, imports, sockets=sockets) as sandbox:
            down = [name for name in walls if not holds(sandbox, name)]
    except SandboxError as error:
        raise NoWallsError(f"student code cannot be walled off here: {error}. {REMEDIES}") from error
    if down:
        raise NoWallsError(f"these walls do not hold here: {', '.join(down)}. {REMEDIES}")
    _HELD.add((walls, limits))


def holds(sandbox, wall):
    """Say if a wall holds: a notebook of ours tries to get past it."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server, sandbox.notebook() as notebook:
        source = PROBES[wall].format(
            hidden=[str(path) for folder in HIDDEN for path in folder.glob("*.py")],
            port=server.getsockname()[1],
            disk=sandbox.limits.disk,
            memory=sandbox.limits.memory,
        )
        notebook.run(source, 1)
        return notebook.value_of("held") is True
