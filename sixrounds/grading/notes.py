"""What a course remembers of each graded notebook, in `.sixrounds/graded/`.

A note is the last thing that is written of a notebook: a killed run does the rest again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sixrounds.grading.files import write_text
from sixrounds.grading.flat import flat, rebuilt
from sixrounds.grading.verdict import Verdict


@dataclass(frozen=True)
class Graded:
    """What is noted of a graded notebook."""

    fingerprint: str  # of all that the verdicts rest on
    content: str  # SHA-256 of the submission alone
    verdicts: tuple[Verdict, ...]
    added: Mapping[str, Any]  # what people entered, and a late penalty, when feedback was written
    seconds: Mapping[str, float] = field(default_factory=dict)  # of grading, by exercise


def load(path: Path) -> Graded | None:
    """What is noted; None if there is nothing, or nothing that this version can read."""
    try:
        graded: Graded = rebuilt(Graded, json.loads(path.read_text(encoding="utf-8")))
        return graded if graded.verdicts and graded.fingerprint else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def store(path: Path, graded: Graded) -> None:
    """Note what was graded."""
    write_text(path, json.dumps(flat(graded), indent=1) + "\n")


def all_of(own: Path, assignment: str, topic: str) -> Iterator[tuple[str, Graded]]:
    """Student and note, for each graded notebook of a topic."""
    folder = own / "graded" / assignment / topic
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        graded = load(path)
        if graded is not None:
            yield path.stem, graded
