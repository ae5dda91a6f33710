"""What any answer may do: a jail that refuses it is too narrow."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sixrounds.grading.jail.probes.attempt import RefusedError, Scene, open_to_read, reached

SECONDS = 5.0


def honest_work(scene: Scene) -> list[str]:
    """What it could not do."""
    wanted: dict[str, Callable[[], object]] = {
        "read what it is given": Path(scene["given"]).read_bytes,
        "write where it works": partial(Path("own.txt").write_text, "own"),
        "make a temporary file": lambda: tempfile.NamedTemporaryFile().close(),
        "read random bytes": partial(open_to_read, "/dev/urandom"),
        "see the processors": processors,
        "import a module": partial(__import__, "statistics"),
        "be woken by its own clock": woken,
        "send itself signals": signaled,
        "start a thread": threaded,
        "start a program": partial(program, [sys.executable, "-I", "-S", "-c", "pass"]),
        "end a program": ended,
        "use a pair of sockets": paired,
    }
    return [f"it could not {what}" for what in wanted if not reached([(what, wanted[what])])]


def processors() -> None:
    """What the processors are can be read: torch must know."""
    places = ("/proc/cpuinfo", "/sys/devices/system/cpu/possible")
    if not reached((place, Path(place).read_bytes) for place in places):
        raise RefusedError


def woken() -> None:
    """An alarm comes."""
    seen: list[int] = []
    signal.signal(signal.SIGALRM, lambda number, _: seen.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    end = time.monotonic() + SECONDS
    while not seen and time.monotonic() < end:
        time.sleep(0.01)
    if not seen:
        raise RefusedError


def signaled() -> None:
    """Signals to itself come."""
    seen: list[int] = []
    signal.signal(signal.SIGUSR1, lambda number, _: seen.append(number))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.raise_signal(signal.SIGUSR1)
    if len(seen) < 2:
        raise RefusedError


def threaded() -> None:
    """A thread runs."""
    done = threading.Event()
    threading.Thread(target=done.set).start()
    if not done.wait(SECONDS):
        raise RefusedError


def program(argv: list[str]) -> None:
    """A program runs, and ends well."""
    if subprocess.run(argv, capture_output=True, timeout=SECONDS, check=False).returncode:
        raise RefusedError


def ended() -> None:
    """A program of its own can be ended."""
    child = os.fork()
    if not child:
        signal.pause()
        os._exit(0)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def paired() -> None:
    """Bytes cross between two sockets of its own."""
    one, other = socket.socketpair()
    with one, other:
        one.send(b"x")
        other.recv(1)
