"""What a lesson is made of, as parsed from its source; everything downstream reads only this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Kind(StrEnum):
    """What a cell is for. The marks are described in CONTRIBUTING.md."""

    TEXT = "text"
    LESSON = "lesson"
    SETUP = "setup"
    EXERCISE = "exercise"
    TESTS = "tests"
    MISTAKE = "mistake"
    ACCEPTS = "accepts"
    PROBE = "probe"
    MANUAL = "manual"


@dataclass(frozen=True)
class Cell:
    """One cell of a source file."""

    kind: Kind
    source: str
    line: int  # of the cell's `# %%` marker, from 1
    form: str = "code"  # code, markdown or raw: what jupytext's pair shows it as
    metadata: Mapping[str, Any] = field(default_factory=dict)  # kept in notebooks
    exercise: str | None = None  # the grade id, for marked cells
    name: str | None = None  # of a mistake or an accepted answer
    points: int | None = None
    needs: str | None = None


@dataclass(frozen=True)
class Variant:
    """A whole answer other than the reference: a mistake, or another right one."""

    name: str
    source: str
    hint: str  # "" for an accepted answer
    line: int


@dataclass(frozen=True)
class Exercise:
    """One autograded exercise: its stub, its reference, and answers its tests must tell apart."""

    id: str
    reference: str
    stub: str
    tests: tuple[Cell, ...]
    mistakes: tuple[Variant, ...]
    accepts: tuple[Variant, ...]
    probes: tuple[str, ...]
    needs: str | None
    line: int

    @property
    def points(self) -> int:
        """The exercise's full marks."""
        return sum(cell.points or 0 for cell in self.tests)


@dataclass(frozen=True)
class Written:
    """An answer graded by hand: the question, a model answer and the rubric, as Markdown."""

    id: str
    question: str
    answer: str
    rubric: str
    points: int
    line: int


@dataclass(frozen=True)
class Lesson:
    """A parsed source file."""

    path: Path
    cells: tuple[Cell, ...]
    exercises: tuple[Exercise, ...]
    written: tuple[Written, ...]
    text: str = ""  # the file as it was read

    @property
    def chapter(self) -> str:
        """The chapter's folder name."""
        return self.path.parent.name

    @property
    def topic(self) -> str:
        """`NN_topic`, the notebook's name."""
        return self.path.stem

    @property
    def key(self) -> str:
        """`<chapter>/<NN_topic>`."""
        return f"{self.chapter}/{self.topic}"

    def exercise(self, name: str) -> Exercise:
        """The exercise with this grade id."""
        return next(item for item in self.exercises if item.id == name)
