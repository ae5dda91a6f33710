"""From an address of machine code to the learner's lines, through inlined functions."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from sixrounds.cuda.build import Built

Frames = tuple[int, ...]  # lines of the learner's text, innermost first
_known: dict[Path, dict[int, Frames]] = {}


def places(built: Built, addresses: Iterable[int]) -> dict[int, Frames]:
    """The lines each address comes from; none where it is not from the learner's text.

    Needs addr2line, which every g++ brings along (binutils); without it no line is known.
    """
    known = _known.setdefault(built.program, {})
    new = sorted({address for address in addresses if address} - known.keys())
    tool = shutil.which("addr2line") or shutil.which("llvm-addr2line")
    if new and tool:
        asked = "\n".join(hex(address - 1) for address in new)
        said = subprocess.run(
            [tool, "-e", str(built.program), "-i", "-a"],
            input=asked, capture_output=True, text=True, check=False, timeout=60,
        ).stdout  # fmt: skip
        known.update(_read(built, said))
    return {address: known.get(address, ()) for address in addresses}


def _read(built: Built, said: str) -> dict[int, Frames]:
    found: dict[int, list[int]] = {}
    address = 0
    for line in said.split("\n"):
        if line.startswith("0x"):
            address = int(line, 16) + 1
            found[address] = []
            continue
        place = re.match(r"(.*):(\d+)", line)
        if place and Path(place[1]).name == built.filename and 0 < int(place[2]) <= built.lines:
            found[address].append(int(place[2]))
    return {address: tuple(lines) for address, lines in found.items()}
