"""Which system calls an answer's processes may make: a seccomp filter, compiled once per server.

A refused call fails like one that the user may not make, so programs go on. Where programs try a
newer call before an older one, it fails as if the kernel did not have it.
"""

import errno
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import cache
from typing import Any

from sixrounds.grading.jail.kernel import NEW_NAMESPACES

# Nobody's answer needs these. They reach into other processes or the kernel, or undo the jail.
REFUSED = (
    # other processes
    "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd get_robust_list "
    "move_pages migrate_pages "
    # files that the view does not show
    "mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick "
    "mount_setattr open_tree_attr name_to_handle_at open_by_handle_at fanotify_init quotactl "
    "quotactl_fd acct lookup_dcookie "
    # namespaces
    "unshare setns "
    # the kernel and the machine
    "bpf perf_event_open userfaultfd init_module finit_module delete_module kexec_load "
    "kexec_file_load reboot swapon swapoff syslog vhangup iopl ioperm modify_ldt uselib "
    "settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname "
    # keys outlive processes
    "keyctl add_key request_key"
).split()
# Asynchronous calls and flags in memory cannot be looked at; memory files escape every limit.
NOT_THERE = (
    "clone3 io_uring_setup io_uring_enter io_uring_register memfd_create memfd_secret".split()
)
# Without namespaces of its own, an answer shares these with everybody on the machine.
SHARED = (
    # memory and queues of the whole machine
    "shmget shmat shmctl msgget msgsnd msgrcv msgctl semget semop semtimedop semctl "
    "mq_open mq_unlink "
    # sockets that others listen on
    "connect bind listen accept accept4 "
    # other processes of the same user
    "pidfd_open pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo setpriority ioprio_set "
    "sched_setscheduler sched_setparam sched_setattr "
    # watching files that cannot be read
    "inotify_init inotify_init1 inotify_add_watch "
).split()
# Landlock says nothing of them; as the owner of files, one could change them anywhere.
OWNERS = (
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat utimensat "
    "setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat "
    "file_setattr"
).split()
# The same on every processor; a library of system calls may be too old to know their names.
NUMBERS = {
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
    "fchmodat2": 452,
    "setxattrat": 463,
    "removexattrat": 466,
    "open_tree_attr": 467,
    "file_setattr": 469,
}
TERMINAL_INPUT, TERMINAL_PASTE = 0x5412, 0x541C  # TIOCSTI, TIOCLINUX
# Who gets the signals that a descriptor causes: F_SETOWN, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP.
SET_OWNER_COMMANDS, SET_OWNER_REQUESTS = (8, 15), (0x8901, 0x8902)
SOCKET_KIND = 0xF
WORD = 0xFFFFFFFF


@cache
def compiled(
    *, shared: bool = False, owner: bool = False, truncation: bool = False, alone: int = 0
) -> bytes:
    """The filter's instructions.

    Args:
        shared: namespaces are shared with the machine: no sockets but pairs, no shared memory.
        owner: other people's or the instructor's files belong to the user the answer runs as.
        truncation: nothing else stops the emptying of files that may only be read.
        alone: the one process that may be sent signals, where nothing else confines them.

    Raises:
        ImportError: pyseccomp is not installed.
        RuntimeError: libseccomp is not installed.
    """
    import pyseccomp as seccomp  # noqa: PLC0415  Linux only, and slow to import

    rules = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
    names = [*REFUSED, *(SHARED if shared else ()), *(OWNERS if owner else ())]
    for name in names:
        refuse(rules, seccomp, name)
    for name in NOT_THERE:
        refuse(rules, seccomp, name, number=errno.ENOSYS)
    for name, *conditions in looked_at(seccomp, shared=shared, alone=alone):
        refuse(rules, seccomp, name, *conditions)
    if truncation:
        refuse(rules, seccomp, "truncate")
        refuse(rules, seccomp, "openat2", number=errno.ENOSYS)  # its flags lie in memory
        for name, place in (("open", 1), ("openat", 2)):
            for mode in (os.O_RDONLY, os.O_ACCMODE):  # the last asks for neither right
                mask, value = os.O_TRUNC | os.O_ACCMODE, os.O_TRUNC | mode
                refuse(rules, seccomp, name, seccomp.Arg(place, seccomp.MASKED_EQ, mask, value))
    with tempfile.TemporaryFile() as stream:
        rules.export_bpf(stream)
        stream.seek(0)
        return stream.read()


def refuse(
    rules: Any, seccomp: Any, name: str, *conditions: Any, number: int = errno.EPERM
) -> None:
    """Add a rule; libseccomp passes over a call that this kind of processor does not have."""
    rules.add_rule(seccomp.ERRNO(number), NUMBERS.get(name, name), *conditions)


def looked_at(seccomp: Any, *, shared: bool, alone: int) -> Iterator[tuple[Any, ...]]:
    """Calls that are refused for some of their arguments."""
    arg = seccomp.Arg
    for flag in NEW_NAMESPACES:
        if flag > 0xFF:  # below it is the signal of the child's end; only clone3 takes that flag
            yield "clone", arg(0, seccomp.MASKED_EQ, flag, flag)
    for request in (TERMINAL_INPUT, TERMINAL_PASTE):
        yield "ioctl", arg(1, seccomp.MASKED_EQ, WORD, request)
    if not shared:
        # Some families (AF_VSOCK) know no namespaces; nothing can be reached by the others.
        yield "socket", arg(0, seccomp.NE, socket.AF_UNIX)
        return
    yield ("socket",)
    yield "socketpair", arg(0, seccomp.NE, socket.AF_UNIX)
    # A pair of datagram sockets could be sent to an address; those of a stream never.
    for kind in range(SOCKET_KIND + 1):
        if kind != socket.SOCK_STREAM:
            yield "socketpair", arg(1, seccomp.MASKED_EQ, SOCKET_KIND, kind)
    yield "prlimit64", arg(0, seccomp.NE, 0)
    yield "sched_setaffinity", arg(0, seccomp.NE, 0)
    if alone:
        yield "kill", arg(0, seccomp.NE, alone)
        yield "tgkill", arg(0, seccomp.NE, alone)
        yield ("tkill",)
        for request in SET_OWNER_COMMANDS:
            yield "fcntl", arg(1, seccomp.MASKED_EQ, WORD, request)
        for request in SET_OWNER_REQUESTS:
            yield "ioctl", arg(1, seccomp.MASKED_EQ, WORD, request)
