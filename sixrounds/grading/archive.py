"""What is in a zip or a folder that came from elsewhere, within limits, and without unpacking it.

Nothing is written here, and no name of an archive becomes a path: an entry's name is text to look
at. A zip inside (one student's work) is looked into as if it were a folder; no deeper.
"""

import io
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sixrounds.errors import SixRoundsError
from sixrounds.grading.submission import MAX_BYTES

NOTEBOOK = ".ipynb"
ZIP = ".zip"
MAX_ENTRIES = 50_000
MAX_TOTAL = 4_000_000_000  # bytes of all that is read
MAX_INNER = 200_000_000  # bytes of one student's zip
MAX_RATIO = 200  # of what is unpacked to what is packed: JSON reaches 20
SMALL = 1_000_000  # below it a ratio says nothing
MAX_NAME, MAX_PART = 400, 200  # characters of a path, and of one part of it
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DRIVE = re.compile(r"[A-Za-z]:")
JUNK = re.compile(r"(?:.*/)?(?:__MACOSX/.*|\.DS_Store|\._[^/]*|\.ipynb_checkpoints/.*)")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Entry:
    """One notebook of an archive or a folder."""

    name: str  # its path with /, zips inside without their suffix
    modified: datetime  # UTC
    content: bytes


class RefusedError(Exception):
    """Why an entry is not taken."""


@dataclass
class Limits:
    """What may still be read."""

    entries: int = MAX_ENTRIES
    total: int = MAX_TOTAL
    refused: list[str] = field(default_factory=list)

    def count(self) -> None:
        """One more entry.

        Raises:
            SixRoundsError: there are too many.
        """
        self.entries -= 1
        if self.entries < 0:
            raise SixRoundsError(
                f"more than {MAX_ENTRIES} files in it; give one assignment at a time"
            )

    def spend(self, size: int) -> None:
        """So many bytes more.

        Raises:
            SixRoundsError: it unpacks to too much.
        """
        self.total -= size
        if self.total < 0:
            raise SixRoundsError(
                f"more than {MAX_TOTAL // 10**9} GB in it; give one assignment at a time"
            )

    def refuse(self, name: str, why: object) -> None:
        """Note what is not taken; names of strangers may hold anything."""
        shown = name if len(name) <= 100 else f"{name[:100]}…"
        self.refused.append(f"refused {shown!a}: {why}")


def notebooks(path: Path, limits: Limits) -> Iterator[Entry]:
    """The notebooks in a zip or a folder; what is refused is noted in `limits`.

    Raises:
        SixRoundsError: it is neither, it is damaged, or it holds too much.
    """
    if path.is_dir():
        yield from in_folder(path, limits)
    elif path.is_file():
        try:
            with path.open("rb") as stream:
                yield from in_zip(stream, "", limits, inner=False)
        except RefusedError as error:
            raise SixRoundsError(f"{path}: {error}") from None
    else:
        raise SixRoundsError(f"{path}: no such file or folder; check the path")


def in_folder(folder: Path, limits: Limits) -> Iterator[Entry]:
    """The notebooks below a folder; links are not followed."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for each in sorted(names):
            path = Path(parent) / each
            name = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
            if JUNK.fullmatch(name):
                continue
            limits.count()
            try:
                if not stat.S_ISREG(path.lstat().st_mode):
                    raise RefusedError("a link or no ordinary file")
                require_name(name)
                with path.open("rb") as stream:
                    if is_zip(name):
                        yield from in_zip(stream, name[: -len(ZIP)] + "/", limits, inner=True)
                    elif is_notebook(name):
                        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                        yield Entry(name, modified, bounded(stream, MAX_BYTES, limits))
            except (RefusedError, OSError) as error:
                limits.refuse(name, error)


def in_zip(stream: IO[bytes], prefix: str, limits: Limits, *, inner: bool) -> Iterator[Entry]:
    """The notebooks of a zip; of one inside another, zips are refused.

    Raises:
        RefusedError: it is no zip.
    """
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise RefusedError(f"not a zip that can be read ({error})") from None
    with archive:
        for info in archive.infolist():
            name = prefix + unicodedata.normalize("NFC", info.orig_filename)
            if info.is_dir() or JUNK.fullmatch(name):
                continue
            limits.count()
            try:
                require_name(name)
                if is_zip(name) or is_notebook(name):
                    yield from in_entry(archive, info, name, limits, inner=inner)
            except (RefusedError, zipfile.BadZipFile, OSError, EOFError) as error:
                limits.refuse(name, error)
            except (ValueError, RuntimeError, NotImplementedError) as error:  # of zipfile, zlib
                limits.refuse(name, error)


def in_entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limits: Limits, *, inner: bool
) -> Iterator[Entry]:
    """One entry of a zip: a notebook, or a student's zip.

    Raises:
        RefusedError: it is a link, encrypted, too large, packed too tightly, or nested too deep.
    """
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise RefusedError("a link or no ordinary file")
    if info.flag_bits & 1:
        raise RefusedError("encrypted; ask for it without a password")
    if info.file_size > SMALL and info.file_size > MAX_RATIO * max(1, info.compress_size):
        raise RefusedError(f"unpacks to more than {MAX_RATIO} times its size")
    if is_zip(name) and inner:
        raise RefusedError("a zip in a zip in a zip")
    with archive.open(info) as stream:
        content = bounded(stream, MAX_INNER if is_zip(name) else MAX_BYTES, limits)
    if is_zip(name):
        yield from in_zip(io.BytesIO(content), name[: -len(ZIP)] + "/", limits, inner=True)
    else:
        yield Entry(name, modified_of(info), content)


def require_name(name: str) -> None:
    """Raises:
    RefusedError: a name that means another place, or cannot be one.
    """
    parts = name.split("/")
    if CONTROL.search(name):
        raise RefusedError("its name has control characters")
    if "\\" in name:
        raise RefusedError("its name has backslashes; pack it with another program")
    if name.startswith("/") or DRIVE.match(name) or ".." in parts:
        raise RefusedError("its name leads out of the archive")
    if len(name) > MAX_NAME or any(len(part) > MAX_PART for part in parts):
        raise RefusedError("its name is too long")


def bounded(stream: IO[bytes], size: int, limits: Limits) -> bytes:
    """All of a stream; what its header says of its size is not believed.

    Raises:
        RefusedError: it is larger.
    """
    content = stream.read(size + 1)
    limits.spend(len(content))
    if len(content) > size:
        raise RefusedError(f"larger than {size // 10**6} MB")
    return content


def modified_of(info: zipfile.ZipInfo) -> datetime:
    """When an entry was changed: by its Unix time if it has one, else by this machine's clock.

    A zip's own time has no zone, and no odd seconds.
    """
    extra = info.extra
    while len(extra) >= 4:
        kind, size = (int.from_bytes(extra[place : place + 2], "little") for place in (0, 2))
        if kind == 0x5455 and size >= 5 and extra[4] & 1:
            return datetime.fromtimestamp(int.from_bytes(extra[5:9], "little"), UTC)
        extra = extra[4 + size :]
    try:
        return datetime(*info.date_time).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def is_zip(name: str) -> bool:
    """Whether a name is that of a zip."""
    return name.lower().endswith(ZIP)


def is_notebook(name: str) -> bool:
    """Whether a name is that of a notebook."""
    return name.lower().endswith(NOTEBOOK)
