"""Attempts to take more than is given."""

import contextlib
import mmap
import os
import time
from functools import partial
from pathlib import Path

from sixrounds.grading.jail.probes.attempt import MB, Scene, reached

BEYOND = 0.7  # seconds of computing


def processes(scene: Scene) -> list[str]:
    """Have many processes at once."""
    most = scene["limits"]["processes"] + scene["slack"]
    reader, writer = os.pipe()
    count = 0
    with contextlib.suppress(BlockingIOError):
        while count < most:
            if not os.fork():
                os.close(writer)
                os.read(reader, 1)  # until the first one ends
                os._exit(0)
            count += 1
    os.close(writer)
    return [f"{count} processes"] if count >= most else []


def memory(scene: Scene) -> list[str]:
    """Map more than it may; nothing of it is touched."""
    most = scene["limits"]["memory_mb"] + 64
    return reached([(f"{most} MB", partial(mmap.mmap, -1, most * MB))])


def file_size(scene: Scene) -> list[str]:
    """Write beyond the size that a file may have; the rest of it stays empty."""
    return reached([("a larger file", partial(write_at, scene["limits"]["file_mb"] * MB))])


def write_at(place: int) -> None:
    """Write one byte there."""
    with Path("large").open("wb", buffering=0) as stream:
        stream.seek(place)
        stream.write(b"x")


def box_size(scene: Scene) -> list[str]:
    """Fill more than the box, in many files."""
    limits = scene["limits"]
    block = bytes(limits["file_mb"] * MB)
    files = [Path(f"{number}") for number in range(limits["box_mb"] // limits["file_mb"] + 2)]
    written = reached((path.name, partial(path.write_bytes, block)) for path in files)
    for path in files:
        path.unlink(missing_ok=True)
    return [f"{len(written)} files"] if len(written) == len(files) else []


def open_files(scene: Scene) -> list[str]:
    """Have many files open."""
    most, count = scene["limits"]["open_files"], 0
    with contextlib.suppress(OSError):
        while count <= most:
            os.open(os.devnull, os.O_RDONLY)
            count += 1
    return [f"{count} files"] if count > most else []


def compute(scene: Scene) -> list[str]:
    """Compute for longer than it may."""
    while time.process_time() < scene["limits"]["cpu_seconds"] + BEYOND:
        pass
    return ["it went on"]
