"""Attempts on other processes."""

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sixrounds.grading.jail.probes.attempt import Attempt, Scene, call, libc, open_to_read, reached

F_SETSIG = 10
PTRACE_SEIZE = 0x4206  # it does not stop the other
LOW = 50  # numbers that are first processes of something


def signals(scene: Scene) -> list[str]:
    """Send a signal to others: one waits to be ended (it is looked for), others are only asked."""
    victim = scene["victim"]
    known = {scene["server"], victim, scene["warden"], os.getppid(), *range(1, LOW)}
    asked = [(str(pid), partial(os.kill, pid, 0)) for pid in sorted(known - {0, os.getpid()})]
    found = reached(asked)
    if victim != os.getpid():
        reached(
            [
                ("socket", partial(by_socket, victim)),
                ("descriptor", partial(by_descriptor, victim)),
                ("kill", partial(os.kill, victim, signal.SIGTERM)),
            ]
        )
    return found


def by_descriptor(pid: int) -> None:
    """Send a signal to a process by its descriptor."""
    signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGTERM)


def by_socket(pid: int) -> None:
    """Let the kernel send the signal, as a message that bytes have come."""
    one, other = socket.socketpair()
    with one, other:
        fcntl.fcntl(one, fcntl.F_SETOWN, pid)
        fcntl.fcntl(one, F_SETSIG, signal.SIGTERM)
        fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC)
        other.send(b"x")


def processes(scene: Scene) -> list[str]:
    """Look into the fork server and processes outside, or change how they run."""
    pids = [scene["server"], scene["victim"], scene["warden"]]
    ways = [(pid, into(pid)) for pid in pids if pid != os.getpid()]
    return [f"{what} of {pid}" for pid, attempts in ways for what in reached(attempts)]


def into(pid: int) -> Iterator[Attempt]:
    """Ways into another process."""
    for name in ("mem", "maps", "environ", "cmdline", "cwd/.", "root/.", "ns/net"):
        yield name, partial(open_to_read, f"/proc/{pid}/{name}")
    buffer = ctypes.create_string_buffer(8)
    place = struct.pack("PN", ctypes.addressof(buffer), len(buffer))
    yield "process_vm_readv", partial(call, libc.process_vm_readv, pid, place, 1, place, 1, 0)
    yield "ptrace", partial(call, libc.ptrace, PTRACE_SEIZE, pid, 0, 0)
    yield "prlimit", partial(resource.prlimit, pid, resource.RLIMIT_NOFILE)
    yield "priority", partial(same_priority, pid)
    yield "processors", partial(os.sched_setaffinity, pid, os.sched_getaffinity(0))


def same_priority(pid: int) -> None:
    """Set a process's priority to what it is."""
    os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid))


def beside(scene: Scene) -> list[str]:
    """Read the box of an answer that runs at the same time, look into its process, or end it."""
    pid, inner, box = scene["neighbor"]
    name = scene["marker"] + ".beside"
    folders = [f"/proc/{pid}/cwd", f"/proc/{inner}/cwd", box]
    found = reached((folder, Path(folder, name).read_bytes) for folder in folders)
    end = ("kill", partial(os.kill, pid, signal.SIGTERM))
    return found + (reached([*into(pid), end]) if pid != os.getpid() else [])


def leave_running(scene: Scene) -> list[str]:
    """Leave processes that no signal to the group or to the first process meets.

    One left the session and is deaf to all signals that can be ignored; one is another process
    all the time. Whether they are gone is looked at by the server.
    """
    end = time.monotonic() + scene["outlives"]
    for work in (sit, wander):
        if not os.fork():
            with contextlib.suppress(BaseException):
                work(end)
            os._exit(0)
    return []


def sit(end: float) -> None:
    """Wait, whatever comes."""
    os.setsid()
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    while time.monotonic() < end:
        time.sleep(0.05)


def wander(end: float) -> None:
    """Go on in a child, again and again."""
    while time.monotonic() < end and not os.fork():
        os.setsid()
