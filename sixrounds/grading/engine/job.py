"""What is asked of an engine, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sixrounds.grading.plan import Plan
from sixrounds.grading.submission import Submission
from sixrounds.grading.verdict import Verdict


@dataclass(frozen=True)
class Job:
    """One notebook of one student; who that is does not leave the client."""

    number: int  # tells its result from others
    plan: Plan
    submission: Submission
    seed: bytes = field(repr=False)


@dataclass(frozen=True)
class Result:
    """One verdict per exercise, without traces, or why the grader itself failed."""

    number: int
    verdicts: tuple[Verdict, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)  # of waiting, by exercise
    failure: str = ""


def failure_of(error: BaseException) -> str:
    """One line for a notebook that the grader could not grade."""
    return " ".join(f"the grader failed: {type(error).__name__}: {error}".split())
