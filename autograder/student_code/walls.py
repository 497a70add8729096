"""The walls around student code: what they keep it from, and how the outer ones are put up.

`INSIDE` walls are put up by each process that runs student code (`autograder.student_code.inside.confine`), `OUTSIDE`
walls by bubblewrap around all of them. A wall that cannot be put up here makes grading refuse;
`autograder.student_code.probes` tries each before the first submission.
"""

import errno
import os
import shlex
import shutil
import stat
import sys
import sysconfig
import tempfile
from pathlib import Path

import autograder

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


#: The folder in which the C library looks up if it may use huge pages; with them a fork costs a quarter.
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
        If bubblewrap is not there, or cannot show this Python, or no course has said which files it must hide.
    """
    if "files" in walls and len(HIDDEN) < 2:
        raise NoWallsError("no course is hidden from student code yet: import autograder.course first")
    program = shutil.which("bwrap")
    if program is None:
        raise NoWallsError(
            "bubblewrap is not installed, so student code cannot be kept from this machine: "
            "apt-get install bubblewrap (Debian, Ubuntu), or dnf install bubblewrap (Fedora)"
        )
    command = [program, "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--hostname", "sandbox"]
    if os.geteuid() == 0:
        # Root mounts what only root may read, then stops being root (inside.confine.become).
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
    if "network" in walls:
        command += ["--unshare-net"]
    if "files" in walls:
        command += _few_files(inside, devices)
    else:
        command += ["--dev-bind", "/", "/", "--tmpfs", "/mnt", "--ro-bind", inside, "/mnt/inside", "--proc", "/proc"]
    return [*command, "--chdir", "/", "--clearenv"]


def _few_files(inside, devices):
    """The options of bubblewrap that show the system, this Python and the package that runs there, and nothing else."""
    shown = shown_files()
    _must_be_readable([*shown, inside])
    # These come first, because mounted later they would cover an environment that lies below them.
    options = ["--dev", "/dev", "--proc", "/proc", "--perms", "1777", "--tmpfs", "/tmp"]
    for device in devices:
        options += ["--dev-bind-try", device, device]
    # bubblewrap would make the folders on the way for its own user only, who may be root.
    on_the_way = {
        str(parent) for path in (*shown, "/inside/x", "/etc/x", f"{HUGE_PAGES}/x") for parent in Path(path).parents
    }
    for path in sorted(on_the_way - {"/", "/dev", "/proc", "/tmp"}):
        options += ["--perms", "0755", "--dir", path]
    for path in shown:
        options += ["--symlink", os.path.realpath(path), path] if os.path.islink(path) else ["--ro-bind", path, path]
    for path in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime", HUGE_PAGES):
        options += ["--ro-bind-try", path, path]
    for path in _own_packages(shown):
        options += ["--tmpfs", path]
    return [*options, "--ro-bind", inside, "/inside/inside", "--remount-ro", "/dev", "--remount-ro", "/"]


def shown_files():
    """Files and folders of the system and of this Python that student code may read, outermost ones only.

    Of a Python's own folder only what Python is: a course may lie in the same folder.
    """
    prefixes = dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix))
    wanted = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32"]
    wanted += [os.path.join(prefix, name) for prefix in prefixes for name in ("bin", "lib", "lib64", "pyvenv.cfg")]
    wanted += [sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")]
    # Another environment's packages, to which a .pth file leads.
    wanted += [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    wanted += _links(sys.executable)
    wanted = [os.path.abspath(path) for path in wanted]
    # A link is shown as a link, so its target must be shown too.
    wanted += [os.path.realpath(path) for path in wanted]
    shown = []
    for path in sorted(filter(os.path.exists, dict.fromkeys(wanted)), key=len):
        if not any(Path(path).is_relative_to(other) for other in shown):
            shown.append(path)
    return shown


def _links(path):
    """The links from a file to what it is in the end."""
    while os.path.islink(path):
        yield path
        path = os.path.join(os.path.dirname(path), os.readlink(path))


def shown_in_tmp():
    """Those of `shown_files` that the private /tmp of a notebook would cover."""
    return [path for path in shown_files() if Path(path).is_relative_to("/tmp")]


def _must_be_readable(paths):
    """Refuse what student code could not read. Started by root, it runs as a user that owns nothing."""
    for path in paths if os.geteuid() == 0 else ():
        needed = stat.S_IROTH | stat.S_IXOTH if os.path.isdir(path) else stat.S_IROTH
        if os.stat(path).st_mode & needed != needed:
            raise NoWallsError(
                f"{path} may be read by its owner only, and student code runs as a user that owns nothing: "
                f"chmod -R o+rX {shlex.quote(path)}"
            )


#: Folders that student code never sees: the engine, and the course once it has said where it lies.
HIDDEN = [Path(autograder.__file__).resolve().parent]


def hide(folder):
    """Keep a folder from student code, wherever it lies; `autograder.course` hides the course in use."""
    if folder not in HIDDEN:
        HIDDEN.append(folder)


def _own_packages(shown):
    """The paths of the engine and of the course among the shown files, if they are installed there."""
    folders = {path: os.path.realpath(path) for path in shown if not os.path.islink(path)}
    for package in HIDDEN:
        for path, real in folders.items():
            if package.is_relative_to(real):
                yield os.path.join(path, package.relative_to(real))


def nobody():
    """A user that owns nothing, another one for every process that asks; this user where it is not root.

    A number of its own, because limits on processes are counted by user.
    """
    if os.geteuid() != 0:
        return os.geteuid()
    wanted = 2_000_000_000 + os.getpid()
    ranges = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    return wanted if any(first <= wanted < first + count for first, _, count in ranges) else 65534
