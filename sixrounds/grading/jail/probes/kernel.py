"""Attempts on the kernel, its devices and settings, and on rights."""

import ctypes
import os
import struct
import subprocess
from functools import partial
from pathlib import Path

from sixrounds.grading.jail.probes.attempt import (
    RefusedError,
    Scene,
    call,
    in_child,
    libc,
    open_to_read,
    open_to_write,
    reached,
    succeed,
)

NEW_USER, NEW_MOUNTS, NEW_NETWORK = 0x10000000, 0x00020000, 0x40000000
NAMESPACES = {
    "user": NEW_USER,
    "user and mounts": NEW_USER | NEW_MOUNTS,
    "network": NEW_NETWORK,
}
PR_CAPBSET_READ, PR_GET_NO_NEW_PRIVS = 23, 39
CAPABILITY_VERSION_3 = 0x20080522
# Where Landlock decides what is read, it may be left the right to try (a Python in a home folder).
CAP_DAC_READ_SEARCH = 2
# The same numbers on every processor; with these arguments none does anything.
INTERFACES = {"io_uring": 425, "open_tree": 428, "fsopen": 430, "pidfd_getfd": 438, "secret": 447}
SETTINGS = (
    "/proc/sys/kernel/core_pattern /proc/sys/vm/overcommit_memory /proc/sysrq-trigger "
    "/proc/self/oom_score_adj /sys/kernel/mm/ksm/run /sys/kernel/uevent_helper"
).split()
# To open these and read nothing does no harm, unlike others (a watchdog starts).
DEVICES = "console core fuse kmsg kvm loop-control mem net/tun nvme0n1 sda tty vda".split()
DETACH = 2


def settings(_scene: Scene) -> list[str]:
    """Open settings of the kernel, to write them."""
    return reached((path, partial(open_to_write, path)) for path in SETTINGS)


def devices(_scene: Scene) -> list[str]:
    """Open a device that is more than a source of bytes."""
    return reached((name, partial(open_to_read, f"/dev/{name}")) for name in DEVICES)


def namespaces(_scene: Scene) -> list[str]:
    """Make namespaces of its own, in which it would be root."""
    made = [
        (name, partial(in_child, partial(succeed, libc.unshare, flags)))
        for name, flags in NAMESPACES.items()
    ]
    return reached([*made, ("by a program", partial(program, ["unshare", "--user", "true"]))])


def program(argv: list[str]) -> None:
    """A program that ends well."""
    if subprocess.run(argv, capture_output=True, check=False).returncode:
        raise RefusedError


def mounts(_scene: Scene) -> list[str]:
    """Change what is mounted, or what the root is."""
    here = os.fsencode(Path.cwd())
    return reached(
        [
            ("mount", partial(mount, here)),
            ("umount", partial(call, libc.umount2, here, 0)),
            ("chroot", partial(in_child, partial(os.chroot, "."))),
        ]
    )


def mount(here: bytes) -> None:
    """Mount something, and take it away."""
    succeed(libc.mount, b"tmpfs", here, b"tmpfs", ctypes.c_ulong(0), None)
    libc.umount2(here, DETACH)


def rights(_scene: Scene) -> list[str]:
    """Have, or get, more rights than an ordinary user; or a program that would give them."""
    found = []
    if libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1:
        found.append("programs with rights of their own")
    sets = ctypes.create_string_buffer(24)
    libc.capget(struct.pack("Ii", CAPABILITY_VERSION_3, 0), sets)
    words = struct.unpack("6I", sets.raw)  # effective, permitted, inheritable; then the high halves
    have = words[1] | words[4] << 32
    found += [
        f"capability {one}" for one in range(64) if have >> one & 1 and one != CAP_DAC_READ_SEARCH
    ]
    return found + reached(
        [
            ("root", partial(in_child, partial(os.setresuid, 0, 0, 0))),
            ("groups", partial(in_child, partial(os.setgroups, [0]))),
        ]
    )


def interfaces(_scene: Scene) -> list[str]:
    """Reach parts of the kernel that no answer needs."""
    words = [ctypes.c_long(value) for value in (-1, 0, -1, 0)]
    return reached(
        (name, partial(call, libc.syscall, ctypes.c_long(number), *words))
        for name, number in INTERFACES.items()
    )
