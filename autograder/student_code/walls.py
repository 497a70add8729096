"""The walls around student code: what they keep it from, and how the outer ones are put up.

`INSIDE` walls are put up by each process that runs student code (`autograder.student_code.inside.confine`), `OUTSIDE`
walls by bubblewrap around all of them. A wall that cannot be put up here makes grading refuse;
`autograder.student_code.probes` tries each before the first submission.
"""

import errno
import os
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

import autograder
from autograder import course

#: wall -> what it keeps student code from.
OUTSIDE = {
    "files": "every file but the interpreter's, its libraries' and a scratch folder: solutions, seed, gradebook",
    "network": "every network, that of this machine too",
}
INSIDE = {
    "processes": "naming, signalling or tracing any process but its own; what it starts ends with it",
    "scratch": "files of other submissions, and a full disk: /tmp is its own and small",
    "proc": "/proc, where processes are described",
    "limits": "more memory, processes, open files and processor time than it is given",
    "privileges": "all rights of an administrator, for good",
    "system calls": "sockets, other processes' memory, new namespaces, memory that is counted nowhere",
}
WALLS = {**OUTSIDE, **INSIDE}

#: System calls that a convolution has no use for: other processes' memory, sockets, namespaces, mounts, the kernel's
#: keys and programs, and memory that belongs to no process and would be counted nowhere.
REFUSED = [
    "socket",
    "connect",
    "bind",
    "listen",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_getfd",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "setns",
    "fsopen",
    "fsmount",
    "fspick",
    "move_mount",
    "open_tree",
    "mount_setattr",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "keyctl",
    "add_key",
    "request_key",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "memfd_create",
    "memfd_secret",
    "shmget",
    "shmat",
    "shmctl",
    "msgget",
    "semget",
    "mq_open",
    "name_to_handle_at",
    "open_by_handle_at",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "quotactl",
    "personality",
    "fanotify_init",
    "inotify_init",
    "inotify_init1",
    "syslog",
    "settimeofday",
    "clock_settime",
]

#: The flags with which clone and unshare make new namespaces: mount, cgroup, UTS, IPC, user, PID, network, time.
NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00000080)


#: Where the C library looks up whether it may use huge pages, with which a fork costs a quarter.
HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage"


class NoWallsError(RuntimeError):
    """The walls cannot be put up here; the text says why, and what to do about it."""


def refused_system_calls():
    """A seccomp filter, as the kernel reads it, that refuses `REFUSED` and every new namespace."""
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:
        raise NoWallsError(
            f"the system calls of student code cannot be filtered ({error}). Install pyseccomp (in "
            "requirements.txt) and the library under it: apt-get install libseccomp2"
        ) from None
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in REFUSED:
        try:
            rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
        except OSError:
            continue  # a call that this library, or this processor, does not know
    # The C library falls back to clone, whose flags can be looked at; those of clone3 cannot.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in NAMESPACES:
        asks_for_it = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag)
        if flag != 0x00000080:  # in clone these bits are the signal sent at the end
            rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", asks_for_it)
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "unshare", asks_for_it)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def bubblewrap(walls, inside, devices=()):
    """The beginning of the command that runs Python behind the outer walls.

    Parameters
    ----------
    walls : names; without "files" everything is shown, without "network" it is shared (only tests do that)
    inside : path of the package that runs there, shown as /inside/inside
    devices : device files to show, for a GPU

    Raises
    ------
    NoWallsError
        If bubblewrap is not there, or cannot show this Python.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise NoWallsError(
            "bubblewrap is not installed, so student code cannot be kept from this machine: "
            "apt-get install bubblewrap (Debian, Ubuntu), or dnf install bubblewrap (Fedora)"
        )
    if "files" in walls and Path(sys.prefix).resolve().is_relative_to("/tmp"):
        raise NoWallsError(
            f"this Python's environment lies in {sys.prefix}, and student code is shown an empty /tmp: "
            "make the environment in another folder"
        )
    command = [program, "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--hostname", "sandbox"]
    if os.geteuid() == 0:
        # Root binds what only root may read, then stops being root (inside.confine.become).
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
    if "network" in walls:
        command += ["--unshare-net"]
    if "files" in walls:
        shown = _shown_files()
        # Folders on the way would be closed to everybody but the one who starts this, who may be root.
        on_the_way = {
            str(parent) for path in (*shown, "/inside/x", "/etc/x", f"{HUGE_PAGES}/x") for parent in Path(path).parents
        }
        for path in sorted(on_the_way - {"/"}):
            command += ["--perms", "0755", "--dir", path]
        for path in shown:
            command += ["--symlink", os.readlink(path), path] if os.path.islink(path) else ["--ro-bind", path, path]
        for path in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime", HUGE_PAGES):
            command += ["--ro-bind-try", path, path]
        for path in _own_package():
            command += ["--tmpfs", path]
        command += ["--dev", "/dev"]
        for device in devices:
            command += ["--dev-bind-try", device, device]
        command += ["--proc", "/proc", "--ro-bind", inside, "/inside/inside"]
        command += ["--perms", "1777", "--tmpfs", "/tmp"]
        command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    else:
        command += ["--dev-bind", "/", "/", "--tmpfs", "/mnt", "--ro-bind", inside, "/mnt/inside", "--proc", "/proc"]
    return [*command, "--chdir", "/", "--clearenv"]


def _shown_files():
    """Folders of the system and of this Python that student code may read, outermost ones only."""
    wanted = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32"]
    wanted += [sys.prefix, sys.base_prefix, *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))]
    # Behind a link, such as a .venv that lies elsewhere, stands what it leads to.
    wanted += [os.path.realpath(path) for path in wanted if os.path.islink(path)]
    shown = []
    for path in wanted:
        is_below = any(Path(path) != Path(other) and Path(path).is_relative_to(other) for other in shown)
        if os.path.exists(path) and path not in shown and not is_below:
            shown.append(path)
    return shown


def _own_package():
    """Where the engine and the course lie among the shown files, if they were installed and not only linked."""
    packages = (Path(autograder.__file__).resolve().parent, course.FOLDER)
    shown = _shown_files()
    return [str(package) for package in packages if any(package.is_relative_to(path) for path in shown)]


def nobody():
    """A user that owns nothing, another one for every process that asks; this user where it is not root.

    A number of its own, because limits on processes are counted by user.
    """
    if os.geteuid() != 0:
        return os.geteuid()
    wanted = 2_000_000_000 + os.getpid()
    ranges = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    return wanted if any(first <= wanted < first + count for first, _, count in ranges) else 65534
