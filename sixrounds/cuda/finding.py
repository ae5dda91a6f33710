"""What the checks say about a launch: one finding per kind and place, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Size = tuple[int, int, int]

# The kinds a test or a hint may ask for. What each says is in `Finding.message`.
KINDS = (
    "data-race", "out-of-bounds", "declared-bounds", "null-pointer", "wild-pointer", "misaligned",
    "uninitialized", "write-to-constant", "divergent-barrier", "exited-before-barrier",
    "mask-excludes-caller", "mask-names-absent-lanes", "shuffle-from-absent-lane",
    "bad-shuffle-width", "collective-never-met", "endless-loop", "stack-overflow",
    "integer-division", "stopped", "limit", "crash",
)  # fmt: skip


def triple(numbers: Sequence[int]) -> Size:
    """Three whole numbers, from a list of them."""
    x, y, z = (int(number) for number in numbers)
    return x, y, z


@dataclass(frozen=True)
class Finding:
    """Something wrong in a launch. Lines are the learner's, 0 where none is known.

    `thread` and `block` are where it was seen first; `count` says how often in all.
    """

    kind: str
    file: str
    line: int
    text: str  # what is wrong, without the place
    count: int
    thread: Size
    block: Size
    array: str = ""
    other_line: int = 0
    other_thread: Size | None = None
    other_block: Size | None = None

    @property
    def message(self) -> str:
        """One line: where, what, who first, how often."""
        times = f"; {self.count:,} times" if self.count > 1 else ""
        return (
            f"{self.file}:{self.line or '?'}: {self.text} "
            f"(first: block {self.block}, thread {self.thread}{times})"
        )

    def __str__(self) -> str:
        return self.message

    def json(self) -> dict[str, object]:
        """Plain data for the grader."""
        return asdict(self) | {"message": self.message}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Finding":
        """The finding that `json` made plain."""
        names = ("thread", "block", "other_thread", "other_block")
        sizes = {name: triple(data[name]) if data[name] is not None else None for name in names}
        rest = {name: value for name, value in data.items() if name != "message"}
        return Finding(**{**rest, **sizes})


@dataclass(frozen=True)
class Raw:
    """A finding as the engine tells it."""

    kind: str
    pc: int
    other_pc: int
    region: int
    offset: int
    size: int
    count: int
    thread: int
    block: Size
    other_thread: int
    other_block: Size
    text: str

    @staticmethod
    def parse(line: str) -> "Raw":
        """From the words of one line."""
        kind, *rest = line.split(" ", 15)
        n = [int(word) for word in rest[:14]]
        return Raw(
            kind=kind, pc=n[0], other_pc=n[1], region=n[2], offset=n[3], size=n[4], count=n[5],
            thread=n[6], block=(n[7], n[8], n[9]),
            other_thread=n[10], other_block=(n[11], n[12], n[13]), text=rest[14],
        )  # fmt: skip
