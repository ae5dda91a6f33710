"""Pictures of one request of a warp: which thread touches which address.

    sectors(report, "out", store=True)     global memory: a row per 32-byte sector
    banks(report, "tile", load=True)       shared memory: a column per bank

They show the first request of each access as the metrics lane saw it. Need matplotlib.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sixrounds.cuda.errors import CudaError
from sixrounds.cuda.limits import BANKS, SECTOR_BYTES
from sixrounds.cuda.metrics import Row
from sixrounds.plots import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sixrounds.cuda.report import Report

WORD = 4
MOST_ROWS = 32


def chosen(report: Report, array: str, space: str, access: str | None, line: int | None) -> Row:
    """The row of metrics to draw: the only one asked for, or the first.

    Raises:
        CudaError: no such access.
    """
    rows = [
        row
        for row in report.rows
        if array in row.array.split("/")
        and row.space == space
        and (access is None or row.access == access)
        and (line is None or row.line == line)
    ]
    if not rows or not rows[0].sample:
        there = ", ".join(
            f"{row.array} ({row.space} {row.access}, line {row.line})" for row in report.rows
        )
        raise CudaError(f"no {space} access to {array!r} to draw; there are: {there or 'none'}")
    return rows[0]


def _access(store: bool, load: bool) -> str | None:
    return "store" if store else "load" if load else None


def _axes(axes: Axes | None, rows: int, columns: int) -> Axes:
    if axes is not None:
        return axes
    import matplotlib.pyplot as plt  # noqa: PLC0415  not needed without pictures

    width = max(6.0, columns * 0.24)
    made: Axes = plt.subplots(figsize=(width, min(8.0, 1.4 + 0.3 * rows)))[1]
    return made


def _cell(axes: Axes, x: float, y: float, width: float, color: str, text: str) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    patch: Any = Rectangle((x, y), width, 1, facecolor=color, edgecolor="white", linewidth=0.8)
    axes.add_patch(patch)
    axes.text(x + width / 2, y + 0.5, text, ha="center", va="center", fontsize=7, color="white")


def sectors(
    report: Report,
    array: str,
    *,
    store: bool = False,
    load: bool = False,
    line: int | None = None,
    axes: Axes | None = None,
) -> Axes:
    """A warp's request to global memory: each row is a sector, each cell a thread's bytes.

    Raises:
        CudaError: no such access, or the report is of another lane.
    """
    row = chosen(report, array, "global", _access(store, load), line)
    touched = sorted({offset // SECTOR_BYTES for _, offset in row.sample})
    shown = touched[:MOST_ROWS]
    axes = _axes(axes, len(shown), SECTOR_BYTES)
    place = {sector: number for number, sector in enumerate(shown)}
    for lane, offset in row.sample:
        sector = offset // SECTOR_BYTES
        if sector in place:
            color = PALETTE[place[sector] % len(PALETTE)]
            _cell(axes, offset % SECTOR_BYTES, place[sector], min(row.size, 32), color, str(lane))
    axes.set_xlim(0, SECTOR_BYTES)
    axes.set_ylim(len(shown), 0)
    axes.set_yticks([number + 0.5 for number in range(len(shown))])
    axes.set_yticklabels([str(sector * SECTOR_BYTES) for sector in shown])
    axes.set_xlabel("byte of the sector")
    axes.set_ylabel("sector starts at byte")
    more = f", the first {MOST_ROWS} shown" if len(touched) > MOST_ROWS else ""
    axes.set_title(f"{array}, {row.access} in line {row.line}: {len(touched)} sectors{more}")
    return axes


def banks(
    report: Report,
    array: str,
    *,
    store: bool = False,
    load: bool = False,
    line: int | None = None,
    axes: Axes | None = None,
) -> Axes:
    """A warp's request to shared memory: each column is a bank, its height the conflict.

    A bank's different words are stacked: it takes one pass for each. A word that several threads
    read counts once, and shows how many they are.

    Raises:
        CudaError: no such access, or the report is of another lane.
    """
    row = chosen(report, array, "shared", _access(store, load), line)
    words: dict[int, list[int]] = {}
    for lane, offset in row.sample:
        for part in range(max(1, row.size // WORD)):
            words.setdefault(offset // WORD + part, []).append(lane)
    height: dict[int, int] = {}
    axes = _axes(axes, 8, BANKS)
    for word, lanes in sorted(words.items()):
        bank = word % BANKS
        level = height.get(bank, 0)
        height[bank] = level + 1
        text = str(lanes[0]) if len(lanes) == 1 else f"{len(lanes)}x"
        _cell(axes, bank, level, 1, PALETTE[level % len(PALETTE)], text)
    axes.set_xlim(0, BANKS)
    axes.set_ylim(0, max(height.values()))
    axes.set_xlabel("bank (starting with the first word of the array)")
    axes.set_ylabel("words in it")
    most = max(height.values())
    axes.set_title(f"{array}, {row.access} in line {row.line}: at most {most} words in a bank")
    return axes
