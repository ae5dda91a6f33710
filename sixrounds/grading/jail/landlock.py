"""The second rung, for machines that allow no namespaces, such as Docker's containers.

A fork shuts itself in: Landlock leaves it the view to read and one folder, its box, to write;
a filter refuses sockets and whatever reaches other processes; rlimits bound it. If the server is
root, each fork becomes a user of its own.

What "bubblewrap" holds and this does not:

* it sees that other files are there, their sizes and times, though neither content nor lists;
* it sees the machine's name and its parent's number; of /proc only what the processors can do;
* /tmp and /dev/shm are there and cannot be written, nor can the server's home, whose caches are
  read: PyTensor, which locks its own before it reads, compiles nothing new;
* its files are limited one by one, not together; if the server is not root, its processes are
  counted with all others of the user;
* if the server is not root, it may not change the mode of its own files: what it compiles
  cannot be executed; before version 6, it cannot send signals to programs that it started either;
* Python's locks for several processes need /dev/shm, and a program that it starts imports only
  what is installed, not what a clone adds to the path;
* what it leaves running ends with `lockdown.reap`, not with its first process.
"""

import errno
import os
import struct
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sixrounds.grading.jail import filters, kernel, view

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every processor
VERSION_FLAG = 1
PATH_BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
MAKE_FIFO, MAKE_LINK, REFER, TRUNCATE = 1 << 10, 1 << 12, 1 << 13, 1 << 14
FIRST_RIGHTS = (1 << 13) - 1  # of version 1; each of these later ones added a right
TRUNCATION_SINCE = 3
ADDED_RIGHTS = {2: REFER, TRUNCATION_SINCE: TRUNCATE, 5: 1 << 15}
TCP, TCP_SINCE = 0b11, 4  # bind, connect
SCOPES, SCOPES_SINCE = 0b11, 6  # abstract sockets, signals
LOOK = EXECUTE | READ_FILE | READ_DIR
CHANGE = WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_FILE
CHANGE |= MAKE_FIFO | MAKE_LINK | REFER
FOR_FILES = EXECUTE | READ_FILE | WRITE_FILE | TRUNCATE
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
# DuckDB ends the process if these exist and cannot be read; they only say what it may take.
GROUPS = ("/proc/self/cgroup", "/sys/fs/cgroup")
ACCOUNTS = Path("/etc/passwd")
READABLE = "SIXROUNDS_READABLE"
FIRST_USER, USERS = 61184, 4000  # in systemd's range of passing users: they own no files
CAP_DAC_READ_SEARCH = 2
SHOWN: list[Path] = []  # what forks of this server may read


def command(argv: Sequence[str], paths: Sequence[Path]) -> list[str]:
    """The command that starts a server whose forks may read `paths`."""
    return ["env", f"{READABLE}={os.pathsep.join(map(str, paths))}", *argv]


def prepare(home: Path) -> None:
    """In the server, once: what is slow, and what the environment is then rid of.

    Args:
        home: of the server; its forks may read the caches that the setup leaves there.

    Raises:
        OSError: the kernel has no Landlock.
    """
    if not version():
        raise OSError(errno.ENOSYS, "this kernel has no Landlock; it takes 5.13 and lsm=landlock")
    given = [Path(name) for name in os.environ.pop(READABLE, "").split(os.pathsep) if name]
    single = [ACCOUNTS, Path(view.PROCESSORS)]
    SHOWN[:] = dict.fromkeys([*view.system(), *view.python(), *single, *given, home])
    instructions()


@cache
def version() -> int:
    """The version of Landlock's interface that this kernel has; 0 without it."""
    try:
        return kernel.syscall(CREATE_RULESET, None, 0, VERSION_FLAG)
    except OSError:
        return 0


def instructions() -> bytes:
    """The filter that makes good what Landlock, or this version of it, does not confine."""
    owner = os.geteuid() != 0  # else each fork becomes a user who owns nothing
    return filters.compiled(
        shared=True,
        owner=owner,
        truncation=owner and version() < TRUNCATION_SINCE,
        alone=os.getpid() if owner and version() < SCOPES_SINCE else 0,
    )


def become_other(box: Path) -> None:
    """As root: become a user that owns nothing but the box.

    Raises:
        OSError: it is not allowed, or that user could not read Python.
    """
    user = FIRST_USER + os.getpid() % USERS
    os.chown(box, user, user)
    kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    closed = [path for path in (*SHOWN, box) if not os.access(path, os.R_OK)]
    # Landlock decides what is read; this only opens the way to it (Python in a home folder).
    try:
        kernel.set_capabilities(*([CAP_DAC_READ_SEARCH] if closed else []))
    except PermissionError:
        raise PermissionError(errno.EACCES, f"{closed[0]} is for root alone to read") from None


def enter(box: Path) -> None:
    """Leave this process, and all it will start, the view to read and the box to change."""
    rights = FIRST_RIGHTS
    for since, right in ADDED_RIGHTS.items():
        rights |= right if version() >= since else 0
    handled = [rights]
    if version() >= TCP_SINCE:
        handled.append(TCP)
    if version() >= SCOPES_SINCE:
        handled.append(SCOPES)
    attributes = struct.pack(f"{len(handled)}Q", *handled)
    ruleset = kernel.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    for path in SHOWN:
        allow(ruleset, path, LOOK & rights)
    for name in GROUPS:
        allow(ruleset, Path(name), (READ_FILE | READ_DIR) & rights)
    for name in DEVICES:
        allow(ruleset, Path(name), (READ_FILE | WRITE_FILE | TRUNCATE) & rights)
    allow(ruleset, box, (LOOK | CHANGE) & rights)
    kernel.syscall(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def allow(ruleset: int, path: Path, rights: int) -> None:
    """Add a rule for a file, or for a folder and all below it; what is not there needs none."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    rights &= ~0 if path.is_dir() else FOR_FILES
    kernel.syscall(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    os.close(descriptor)
