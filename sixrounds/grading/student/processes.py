"""What a fork server sees of the processes under it."""

import ctypes
import os
import sys
from pathlib import Path

PR_SET_DUMPABLE = 4
PROC = Path("/proc")


def dumpable(yes: bool) -> None:
    """Whether other processes of the same user may look into this one (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, int(yes), 0, 0, 0)


def computed(pid: int) -> float:
    """Seconds that a process and those below it have computed; 0 where /proc cannot say."""
    try:
        children = parents()
    except OSError:
        return 0.0
    ticks, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, [])
        ticks += ticks_of(one)
    return ticks / os.sysconf("SC_CLK_TCK")


def parents() -> dict[int, list[int]]:
    """All processes that can be seen, by their parent."""
    found: dict[int, list[int]] = {}
    for path in PROC.iterdir():
        if path.name.isdigit():
            fields = stat(int(path.name))
            if fields:
                found.setdefault(int(fields[1]), []).append(int(path.name))
    return found


def ticks_of(pid: int) -> int:
    """Processor time of a process and of the children it waited for, in clock ticks."""
    fields = stat(pid)
    return sum(int(value) for value in fields[11:15]) if fields else 0


def stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the program's name, which may hold anything."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
