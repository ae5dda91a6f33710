"""The report of a launch: findings, metrics, what the kernel printed. As text, HTML and JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sixrounds.cuda import metrics, render
from sixrounds.cuda.finding import Finding, triple
from sixrounds.cuda.metrics import Row


@dataclass(frozen=True)
class Report:
    """What one launch showed. Two launches with the same inputs give equal reports."""

    kernel: str
    filename: str
    code: str = field(repr=False)
    lane: str
    grid: tuple[int, int, int]
    block: tuple[int, int, int]
    findings: tuple[Finding, ...] = ()
    rows: tuple[Row, ...] = ()
    efficiency: float | None = None
    efficiency_by_line: tuple[tuple[int, float], ...] = ()
    accesses: int = 0
    barriers: int = 0
    stopped: str = ""  # why the launch was given up; empty if it ran to its end
    printed: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def clean(self) -> bool:
        """Ran to its end, and nothing was found."""
        return not self.findings and not self.stopped

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of findings, each once."""
        return tuple(sorted({finding.kind for finding in self.findings}))

    def select(
        self, array: str | None = None, *, space: str | None = None, access: str | None = None
    ) -> tuple[Row, ...]:
        """The rows of an array, a space, a kind of access.

        Raises:
            KeyError: no row of this array; says which there are.
        """
        named = [row for row in self.rows if array is None or array in row.array.split("/")]
        if array is not None and not named:
            there = ", ".join(sorted({row.array for row in self.rows})) or "none: use lane metrics"
            raise KeyError(f"no access to {array!r}; arrays with metrics: {there}")
        return tuple(
            row
            for row in named
            if (space is None or row.space == space) and (access is None or row.access == access)
        )

    def sectors_per_request(self, array: str, access: str | None = None) -> float:
        """32-byte sectors of an average request to a global array."""
        return self._ratio(self.select(array, space="global", access=access), "sectors")

    def wavefronts_per_request(self, array: str, access: str | None = None) -> float:
        """Passes over the banks of an average request to a shared array; 1 is without conflict."""
        return self._ratio(self.select(array, space="shared", access=access), "wavefronts")

    @staticmethod
    def _ratio(rows: tuple[Row, ...], name: str) -> float:
        requests = metrics.total(rows, "requests")
        return metrics.total(rows, name) / requests if requests else 0.0

    @property
    def global_bytes(self) -> int:
        """Bytes in whole sectors to and from global memory."""
        return metrics.global_bytes(self.rows)

    def json(self) -> dict[str, object]:
        """Plain data for the grader."""
        return {
            "kernel": self.kernel,
            "lane": self.lane,
            "grid": list(self.grid),
            "block": list(self.block),
            "findings": [finding.json() for finding in self.findings],
            "rows": [row.json() for row in self.rows],
            "efficiency": self.efficiency,
            "efficiency_by_line": [list(pair) for pair in self.efficiency_by_line],
            "accesses": self.accesses,
            "barriers": self.barriers,
            "stopped": self.stopped,
            "printed": self.printed,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any], code: str, filename: str) -> "Report":
        """The report that `json` made plain, seconds left out."""
        known = {
            name: data[name] for name in ("kernel", "lane", "efficiency", "stopped", "printed")
        }
        return Report(
            **known,
            filename=filename,
            code=code,
            grid=triple(data["grid"]),
            block=triple(data["block"]),
            findings=tuple(Finding.from_json(one) for one in data["findings"]),
            rows=tuple(Row.from_json(one) for one in data["rows"]),
            efficiency_by_line=tuple((int(a), float(b)) for a, b in data["efficiency_by_line"]),
            accesses=int(data["accesses"]),
            barriers=int(data["barriers"]),
        )

    def __str__(self) -> str:
        return render.text(self)

    def _repr_html_(self) -> str:
        return render.html(self)
