"""The few system calls of Linux that Python 3.11 has no name for; each failure is an OSError."""

import ctypes
import os
import struct

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2

CLONE_NEWTIME = 0x00000080
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
NEW_NAMESPACES = (
    CLONE_NEWTIME,
    CLONE_NEWNS,
    CLONE_NEWCGROUP,
    CLONE_NEWUTS,
    CLONE_NEWIPC,
    CLONE_NEWUSER,
    CLONE_NEWPID,
    CLONE_NEWNET,
)

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000

CAPABILITIES = 64
CAPABILITY_VERSION_3 = 0x20080522
SECCOMP_MODE_FILTER = 2
FILTER_SIZE = 8  # bytes of one instruction of a filter

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def prctl(option: int, *values: int) -> None:
    """Change how the kernel treats this process."""
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    _check(_libc.prctl(option, *padded), f"prctl {option}")


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    _check(_libc.unshare(flags), "unshare")


def mount(
    source: str | None, target: str, kind: str | None = None, flags: int = 0, data: str = ""
) -> None:
    """Mount a file system, or bind or change a mount."""
    done = _libc.mount(
        _bytes(source), target.encode(), _bytes(kind), ctypes.c_ulong(flags), data.encode() or None
    )
    _check(done, f"mount {target}")


def syscall(number: int, *values: object) -> int:
    """A system call by its number.

    Integers are passed as machine words; anything else as ctypes passes it.
    """
    words = [ctypes.c_long(value) if isinstance(value, int) else value for value in values]
    return _check(int(_libc.syscall(ctypes.c_long(number), *words)), f"system call {number}")


def set_capabilities(*kept: int) -> None:
    """Give up all capabilities but `kept`, also for programs started later."""
    for one in range(CAPABILITIES):
        if one not in kept:
            _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(one), 0, 0, 0)  # those that exist
    mask = sum(1 << one for one in kept)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    head = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(head, struct.pack("6I", low, low, low, high, high, high)), "capset")
    for one in kept:
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, one)


def no_new_privileges() -> None:
    """No program started later gains rights by being setuid or having file capabilities."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install_filter(instructions: bytes) -> None:
    """Let a compiled filter decide on every system call from now on; it cannot be taken back."""
    program = _Program(len(instructions) // FILTER_SIZE, instructions)
    address = ctypes.addressof(program)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, address)
