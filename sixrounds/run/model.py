"""What goes into a run and what comes out of it: plain frozen records, no behavior."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Status = Literal["ok", "failed", "cached", "timeout"]


@dataclass(frozen=True)
class Job:
    """One notebook to execute.

    `allow_errors` marks a learner's edition: its stubs raise NotImplementedError, which is then
    the only error a cell may end with.
    """

    source: Path
    output: Path
    allow_errors: bool = False


@dataclass(frozen=True)
class RunResult:
    """What one job came to.

    `seconds` is wall time from starting the worker process to its end, `peak_mb` the largest
    resident set of the kernel in MB (None if the run was killed: nobody measured it then).
    A cached result carries the figures of the run that made its outputs.
    `error` is one line, the cell's number and its exception, or None.
    """

    path: Path
    status: Status
    seconds: float
    peak_mb: float | None
    error: str | None

    @property
    def succeeded(self) -> bool:
        """True if outputs exist that can be shown."""
        return self.status in ("ok", "cached")
