"""How much memory the kernel took at most, measured from the process that starts it.

`getrusage` is exact, but a child begins as a copy of its parent: below the parent's own size it
tells that size. There, the kernel's own high-water mark is read while it lives.
"""

import resource
import sys
import threading
from pathlib import Path
from types import TracebackType

import psutil

INTERVAL = 0.2
# getrusage counts bytes on macOS and kilobytes on Linux.
RUSAGE_UNIT = 1 if sys.platform == "darwin" else 1024


class PeakMemory:
    """A context in which children are watched; `megabytes` holds after it.

    The children must have ended, and been waited for, when the context is left.
    """

    def __init__(self) -> None:
        self._largest = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    @property
    def megabytes(self) -> float:
        """The largest resident set of any child, in MB (10^6 bytes)."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return (children * RUSAGE_UNIT if children > own else self._largest) / 1e6

    def _watch(self) -> None:
        this = psutil.Process()
        command = this.cmdline()
        while not self._done.wait(INTERVAL):
            for child in this.children(recursive=True):
                try:
                    if child.cmdline() != command:  # until it has become the kernel
                        self._largest = max(self._largest, high_water_mark(child))
                except (psutil.Error, OSError, ValueError):
                    continue  # it ended while we looked


def high_water_mark(process: psutil.Process) -> int:
    """Bytes a process had resident at most so far; where that is not kept, has now."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.is_file():
        return int(process.memory_info().rss)
    for line in status.read_text("ascii", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) * 1024
    return 0  # it has ended and is only waited for
