"""The symbols of an object file or program (ELF, 64 bit, little endian), without other programs."""

import re
import struct
from dataclasses import dataclass
from pathlib import Path

from sixrounds.cuda.errors import CudaError

SYMBOL_TABLE = 2
OBJECT, FUNCTION, THREAD_LOCAL = 1, 2, 6


@dataclass(frozen=True)
class Symbol:
    """One symbol: its type is OBJECT, FUNCTION, THREAD_LOCAL or another number."""

    name: str
    type: int
    value: int
    size: int
    section: str  # empty: defined elsewhere
    local: bool  # seen by no other file


@dataclass(frozen=True)
class _Section:
    name: str
    type: int
    start: int
    size: int
    link: int


def _sections(path: Path, data: bytes) -> list[_Section]:
    if data[:6] != b"\x7fELF\x02\x01":
        raise CudaError(f"{path}: not a 64-bit ELF file; kernels run on Linux so far")
    (at,) = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, at + i * size) for i in range(count)]
    names_at = headers[names][4]
    return [_Section(_text(data, names_at + h[0]), h[1], h[4], h[5], h[6]) for h in headers]


def _text(data: bytes, start: int) -> str:
    return data[start : data.index(b"\0", start)].decode("utf-8", "replace")


def sections(path: Path) -> dict[str, int]:
    """The sections of a file by name, with their bytes.

    Raises:
        CudaError: not an ELF file of a kind we know.
    """
    sizes: dict[str, int] = {}
    for section in _sections(path, path.read_bytes()):
        sizes[section.name] = sizes.get(section.name, 0) + section.size
    return sizes


def symbols(path: Path) -> list[Symbol]:
    """All symbols with a name.

    Raises:
        CudaError: not an ELF file of a kind we know.
    """
    data = path.read_bytes()
    known = _sections(path, data)
    found = []
    for table in known:
        if table.type != SYMBOL_TABLE:
            continue
        for place in range(table.start, table.start + table.size, 24):
            name, info, _, section, value, size = struct.unpack_from("<IBBHQQ", data, place)
            if not name:
                continue
            where = known[section].name if 0 < section < len(known) else "*" if section else ""
            text = _text(data, known[table.link].start + name)
            found.append(Symbol(text, info & 15, value, size, where, info >> 4 == 0))
    return found


def short_name(mangled: str) -> str:
    """The name that the text gives a variable: the last part of a C++ symbol."""
    for found in re.finditer(r"(\d+)", mangled):
        size, start = int(found[1]), found.end()
        name, rest = mangled[start : start + size], mangled[start + size :]
        if (
            re.fullmatch(r"[A-Za-z_]\w*", name)
            and len(name) == size
            and re.fullmatch(r"(?:E?_\d*_?|E)?(?:\.\d+)?", rest)
        ):
            return name
    return mangled


def enclosing_function(mangled: str) -> str:
    """The function that a static variable is in, with its namespaces; empty if it is in none."""
    found = re.match(r"_ZZ(N?)", mangled)
    if not found:
        return ""
    names, at = [], found.end()
    while number := re.compile(r"\d+").match(mangled, at):
        start = number.end()
        at = start + int(number[0])
        names.append(mangled[start:at])
        if not found[1]:
            break
    return "::".join(names)
