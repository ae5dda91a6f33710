"""What is wrong with a source, where, and the mend."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sixrounds.errors import SixRoundsError


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of a source file."""

    path: Path
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: {self.mend}"


class SourceError(SixRoundsError):
    """A source that cannot be used; its message has one line per problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))
