"""Writing a course's files so that a killed run leaves the old one or the new one, never half."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sixrounds.errors import SixRoundsError

PRIVATE = 0o700


def write_text(path: Path, text: str) -> None:
    """Write a whole file in one step, with the folders it needs."""
    # An answer may hold characters that no encoding has: lone surrogates from broken JSON.
    write_bytes(path, text.encode("utf-8", errors="replace"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file in one step, with the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def private_folder(path: Path) -> Path:
    """A folder that only its owner can look into."""
    path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    path.chmod(PRIVATE)
    return path


def write_secret(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read; it never exists with other rights."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock for the block; two writers would spoil each other's gradebook.

    Raises:
        SixRoundsError: another process holds it.
    """
    with path.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SixRoundsError(
                f"{path.parent.parent}: another `sixrounds` command is working in this course; "
                "wait for it to end and run the command again"
            ) from None
        yield
