"""What a launch asked of memory: one row per line, array, kind and size of access.

Requests are those of the source: one per warp and access. The device's compiler may merge or split
some (nvcc vectorizes and unrolls), so these are not the counts of Nsight Compute.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sixrounds.cuda.limits import SECTOR_BYTES, WARP

ACCESSES = ("load", "store", "atomic")
SPACES = ("global", "shared", "constant")


@dataclass(frozen=True)
class Row:
    """Requests of one line on one array. `lanes` counts threads, summed over requests."""

    line: int
    space: str
    access: str
    size: int
    array: str
    requests: int
    lanes: int
    sectors: int
    ideal_sectors: int
    wavefronts: int
    ideal_wavefronts: int
    same_address: int
    sample: tuple[tuple[int, int], ...] = ()  # (lane, byte offset) of the first request

    @property
    def per_request(self) -> float:
        """Sectors (global) or wavefronts (shared) of an average request."""
        return (self.sectors if self.space == "global" else self.wavefronts) / self.requests

    @property
    def ideal(self) -> float:
        """What it would be at best."""
        best = self.ideal_sectors if self.space == "global" else self.ideal_wavefronts
        return best / self.requests

    def json(self) -> dict[str, object]:
        """Plain data for the grader."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Row":
        """The row that `json` made plain."""
        sample = tuple((int(lane), int(offset)) for lane, offset in data["sample"])
        return Row(**{**data, "sample": sample})


def merged(rows: Iterable[Row]) -> list[Row]:
    """One row per line, array, kind and size, in the text's order."""
    found: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = (row.line, row.space, row.access, row.size, row.array)
        old = found.get(key)
        if old is None:
            found[key] = row
            continue
        sums = (
            "requests",
            "lanes",
            "sectors",
            "ideal_sectors",
            "wavefronts",
            "ideal_wavefronts",
            "same_address",
        )
        found[key] = replace(
            old, **{name: getattr(old, name) + getattr(row, name) for name in sums}
        )
    order = {name: i for i, name in enumerate(SPACES + ACCESSES)}
    return sorted(
        found.values(), key=lambda r: (r.line, order[r.space], r.array, order[r.access], r.size)
    )


def total(rows: Iterable[Row], name: str) -> int:
    """A column's sum."""
    return sum(int(getattr(row, name)) for row in rows)


def global_bytes(rows: Iterable[Row]) -> int:
    """Bytes that cross the memory bus: whole sectors."""
    return SECTOR_BYTES * total((row for row in rows if row.space == "global"), "sectors")


def efficiency(executed: Iterable[tuple[int, int]]) -> float | None:
    """Of the lanes of the warps that ran, the share that took part: (executions, lanes) each."""
    pairs = list(executed)
    times = sum(count for count, _ in pairs)
    return sum(lanes for _, lanes in pairs) / (WARP * times) if times else None
