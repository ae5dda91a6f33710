"""The parameters of a kernel: names from its text, types from the compiler."""

import re
from dataclasses import dataclass

import numpy as np

from sixrounds.cuda.text import declared

PATTERN = re.compile(r"([pv])([fiubBxop])(\d+)x(\d+)([cm])(\d+)")
C_NAMES = {
    ("f", 2): "half", ("f", 4): "float", ("f", 8): "double", ("b", 1): "bool", ("B", 2): "bfloat16",
    ("i", 1): "char", ("i", 2): "short", ("i", 4): "int", ("i", 8): "long long",
    ("u", 1): "unsigned char", ("u", 2): "unsigned short", ("u", 4): "unsigned",
    ("u", 8): "unsigned long long",
}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One parameter: for a pointer, `kind`, `size` and `width` are of what it points to."""

    name: str
    pointer: bool
    kind: str
    size: int
    width: int
    const: bool
    bytes: int

    @property
    def dtype(self) -> np.dtype | None:
        """What a component is in numpy; None if it may be anything."""
        if self.kind in "fiub":
            letter = {"b": "?"}.get(self.kind, f"{self.kind}{self.size}")
            return np.dtype(letter)
        return np.dtype("u2") if self.kind == "B" else None

    @property
    def c_type(self) -> str:
        """How the text would say it."""
        name = C_NAMES.get((self.kind, self.size), f"a type of {self.size} bytes")
        name = "void" if self.kind == "o" else name
        name = f"{name}{self.width}" if self.width > 1 else name
        return f"{'const ' if self.const else ''}{name}{'*' if self.pointer else ''}"


def parameters(code: str, kernel: str, described: str) -> tuple[Parameter, ...]:
    """The parameters of a kernel (or an expression like scale<float>)."""
    base = re.sub(r"<.*", "", kernel).split("::")[-1].strip()
    known = declared(code).get(base)
    found = PATTERN.findall(described)
    names = known.parameters if known and len(known.parameters) == len(found) else ()
    return tuple(
        Parameter(
            name=names[i] if names else f"argument {i}",
            pointer=kind == "p",
            kind=of,
            size=int(size),
            width=int(width),
            const=const == "c",
            bytes=int(whole),
        )
        for i, (kind, of, size, width, const, whole) in enumerate(found)
    )
