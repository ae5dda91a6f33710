"""How much one answer's processes may take, and the rlimits that say so."""

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

MB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one answer may take.

    `memory_mb` is what each of its processes may map beyond what the setup took, `cpu_seconds` and
    `file_mb` are per process and per file; `processes` counts threads too. `box_mb` bounds all of
    its files together where the jail has namespaces, else it bounds nothing.
    """

    memory_mb: int = 2048
    cpu_seconds: int = 120
    processes: int = 64
    file_mb: int = 64
    open_files: int = 256
    box_mb: int = 256


def restrict(limits: Limits, mapped: int, already: int = 0) -> None:
    """Set the rlimits of this process and all it starts; there is no way back up.

    Args:
        limits: what an answer may take.
        mapped: bytes that this process had mapped before.
        already: processes that the kernel counts with the answer's and that are not its own.
    """
    import resource  # noqa: PLC0415  not on Windows, where `sixrounds check` still runs

    values = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.file_mb * MB,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":  # elsewhere they do not exist, or do not count what is meant
        values[resource.RLIMIT_AS] = mapped + limits.memory_mb * MB
        values[resource.RLIMIT_NPROC] = limits.processes + already
    for kind, value in values.items():
        hard = resource.getrlimit(kind)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (most, most))


def mapped_bytes() -> int:
    """Address space in use: torch alone maps gigabytes that it never touches."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def end_first() -> None:
    """When memory runs out, the kernel ends this process before anything else of the machine."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def running() -> int:
    """Processes and threads of this user, which NPROC counts where users have no namespaces."""
    user, found = os.getuid(), 0
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            with contextlib.suppress(OSError):
                if path.stat().st_uid == user:
                    found += sum(1 for _ in (path / "task").iterdir())
    return found
