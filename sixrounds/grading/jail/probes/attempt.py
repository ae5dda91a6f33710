"""What all attempts are made of. An attempt that is refused raises OSError; else it got something.

On a machine without any jail they do no harm: signals go to a process that waits for them, devices
and settings are opened and not written, and what is mounted is unmounted.
"""

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable, Iterable
from typing import Any

Scene = dict[str, Any]  # what there is to find: see `outside`
Attempt = tuple[str, Callable[[], object]]

REFUSALS = {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ESRCH, errno.ENOENT}
MB = 1 << 20
libc = ctypes.CDLL(None, use_errno=True)


class RefusedError(OSError):
    """What was tried is not to be had."""


def reached(attempts: Iterable[Attempt]) -> list[str]:
    """The labels of the attempts that were not refused."""
    found = []
    for label, attempt in attempts:
        with contextlib.suppress(OSError):
            attempt()
            found.append(label)
    return found


def call(function: Any, *args: Any) -> None:
    """Call a function of the C library.

    Raises:
        RefusedError: it is not allowed, or not there; at any other failure the kernel has already
            looked at the arguments.
    """
    if function(*args) < 0 and ctypes.get_errno() in REFUSALS:
        raise RefusedError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def succeed(function: Any, *args: Any) -> None:
    """Call a function of the C library.

    Raises:
        RefusedError: it failed.
    """
    if function(*args) < 0:
        raise RefusedError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def in_child(work: Callable[[], object]) -> None:
    """Do in a child what would change this process.

    Raises:
        RefusedError: it failed.
    """
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    if os.waitpid(child, 0)[1]:
        raise RefusedError


def open_to_read(path: str) -> None:
    """Open a file, and read nothing."""
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))


def open_to_write(path: str) -> None:
    """Open a file, and write nothing."""
    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
