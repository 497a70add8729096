"""The walls a process puts around itself before it runs a student's code. Linux only; everything by kernel means.

Bubblewrap has taken away the network and all files but the interpreter's before (`autograder.student_code.walls`).
Here one submission is shut off from the process it was forked from and from every other submission.
"""

import contextlib
import ctypes
import os
import resource
import signal
import stat

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x08000000, 0x10000000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
MS_REMOUNT, MS_BIND = 32, 0x1000
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 36, 38
MADV_COLLAPSE = 25
CAPABILITY_VERSION_3 = 0x20080522

#: The files that bubblewrap mounts in /dev one by one.
DEVICES = [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty", "pts")]

# Of this very process: the memory of ctypes' own library object must be there before the fork.
_libc = ctypes.PyDLL(None, use_errno=True)


def _must(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


#: The number of clone(2). It is asked for by number because no library offers it as a fork.
_SYS_CLONE = {"x86_64": 56, "aarch64": 220}


def become(uid):
    """Stop being root: from here on this process is a user that owns nothing. No-op for an ordinary user."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        # Without this the files in /proc/self stay root's, and no users can be mapped into a namespace.
        _must(_libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "dumpable")


def collapse():
    """Put this process's memory into huge pages where the kernel can: a fork copies a table of far fewer pages."""
    huge = 2**21
    with open("/proc/self/maps") as file:
        for line in file:
            span, rights, _, _, inode, *_ = line.split()
            first, last = (int(end, 16) for end in span.split("-"))
            first = (first + huge - 1) // huge * huge
            if rights == "rw-p" and inode == "0" and last - first >= huge:
                _libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t((last - first) // huge * huge), MADV_COLLAPSE)


def adopt():
    """Become the parent of what processes below this one leave behind when they end."""
    _must(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper")


def fork_apart(walls):
    """Fork into namespaces of its own: users, processes, mounts, IPC. Returns as os.fork does.

    The child is process 1 of its own world: it cannot name, signal or trace any other, and when it ends, everything
    it started ends with it.
    """
    if "processes" not in walls:
        return os.fork()
    uid, gid = os.geteuid(), os.getegid()
    number = _SYS_CLONE[os.uname().machine]
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = _libc.syscall(number, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        return 0
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    return _must(pid, "clone")


def confine(walls, limits, refused, mapped, kept=()):
    """Shut this process in; what it forks is shut in with it.

    Parameters
    ----------
    walls : names of what to put up; all of them but in tests, which take one away and watch
    limits : dict with memory, disk, files, processes and seconds; bytes, bytes, counts and CPU seconds of one process
    refused : a seccomp filter, as the kernel reads it
    mapped : bytes of address space that are mapped already; None leaves it unlimited
    kept : files and folders below /tmp that stay there, read-only: Python's own, where its environment lies in /tmp
    """
    if "scratch" in walls:
        _mount("/", None, MS_REC | MS_PRIVATE, "")
        _private_tmp(f"size={limits['disk']},nr_inodes={limits['files']},mode=0700", kept)
        # A process that may write to a device can set its time, and the next one can read it: that would leak data.
        for name in DEVICES:
            if os.path.ismount(name):  # without the wall "files" they are this machine's own
                locked = os.statvfs(name).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC)
                _mount(name, None, MS_BIND | MS_REMOUNT | MS_RDONLY | locked, "")
    if "proc" in walls:
        _mount("/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,nr_inodes=1")
    os.chdir("/tmp")
    os.umask(0o077)
    if "limits" in walls:
        _limit(limits, mapped)
    if "privileges" in walls:
        _drop_privileges()
    if "system calls" in walls:
        _refuse(refused)


def _mount(target, kind, flags, options, source=None):
    kind, source, target = (os.fsencode(text) if text else None for text in (kind, source or kind, target))
    result = _libc.mount(source, target, kind, ctypes.c_ulong(flags), options.encode())
    _must(result, f"mount {os.fsdecode(target)}")


def _private_tmp(options, kept):
    """Mount an empty /tmp of its own, and put the kept files and folders back to where they were."""
    behind = {path: os.open(path, os.O_PATH | os.O_NOFOLLOW) for path in kept}
    _mount("/tmp", "tmpfs", MS_NOSUID | MS_NODEV, options)
    for path, number in behind.items():
        covered = f"/proc/self/fd/{number}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if stat.S_ISLNK(os.fstat(number).st_mode):
            os.symlink(os.readlink("", dir_fd=number), path)
        else:
            os.mkdir(path) if os.path.isdir(covered) else os.mknod(path)
            _mount(path, None, MS_BIND | MS_REC, "", covered)
        os.close(number)


def _limit(limits, mapped):
    unlimited = resource.RLIM_INFINITY
    for name, value in (
        ("AS", unlimited if mapped is None else mapped + limits["memory"]),  # libraries are mapped already
        ("NPROC", limits["processes"]),
        ("FSIZE", limits["disk"]),
        ("CPU", limits["seconds"]),
        ("NOFILE", 128),
        ("CORE", 0),
    ):
        # One process more than allowed is for `one_more_process`.
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value + 1 if name == "NPROC" else value))


@contextlib.contextmanager
def one_more_process():
    """Allow a fork of ours where threads that a cell left have used up the limit."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, (allowed, most))


def _drop_privileges():
    """No capability is left, none can be won back, and none comes with a program."""
    for number in range(64):
        if _libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0:
            break
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _must(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    _must(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _refuse(filter_):
    """Let the kernel refuse the system calls that a filter names, from now on and in every fork."""
    program = _Program(len(filter_) // 8, filter_)
    mode_filter = 2
    _must(_libc.prctl(PR_SET_SECCOMP, mode_filter, ctypes.byref(program), 0, 0), "seccomp")
