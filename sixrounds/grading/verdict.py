"""What grading says of one exercise."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How an exercise ended; only `passed` and `partial` carry points."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"  # a test's assert did not hold
    ERROR = "error"  # the answer raised, or cannot be run
    TIMEOUT = "timeout"
    UNWRITTEN = "not written"
    MISSING = "missing"  # its cell is not in the notebook
    UNREADABLE = "unreadable"  # the notebook itself cannot be read
    UNSUPPORTED = "unsupported"  # cannot be graded automatically: grade by hand
    MANUAL = "manual"  # an answer in words: grade by hand


@dataclass(frozen=True)
class Call:
    """One call of the answer, as digests: what was asked, and what came back.

    `key` names function and arguments (for an object, its whole history); equal keys are told
    apart by their order. `raised` is True if the answer raised an exception.
    """

    key: str
    result: str
    raised: bool = False


@dataclass(frozen=True)
class Verdict:
    """The result of one exercise of one submission.

    `message` may be shown to the learner: it never holds hidden tests or their data. `hint` is
    that of the mistake recognized, or "". `trace` holds all calls of the run under soft asserts
    for an answer that lost points, and for any answer if tracing was asked for. `cells` holds
    (grade id, score, full marks) of each graded cell: that is what a gradebook keeps.
    """

    exercise: str
    status: Status
    score: float
    max_score: float
    message: str = ""
    hint: str = ""
    trace: tuple[Call, ...] = field(default=(), repr=False)
    cells: tuple[tuple[str, float, float], ...] = ()

    def row(self) -> dict[str, Any]:
        """The verdict as plain data, without its trace."""
        return {
            "exercise": self.exercise,
            "score": self.score,
            "max_score": self.max_score,
            "status": str(self.status),
            "message": self.message,
            "hint": self.hint,
        }
