"""What is generated from the lessons, where it goes, and writing it without losing anyone's work.

Editions are an open registry: a new one is a function from lessons to files, decorated with
`@edition(name, committed=…)`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sixrounds.editions import render
from sixrounds.editions.notebook import dumps, untouched
from sixrounds.editions.origin import origin
from sixrounds.source import Lesson

Files = Mapping[Path, str]  # by path from the project's root
Maker = Callable[[Path, Sequence[Lesson]], Files]


@dataclass(frozen=True)
class Edition:
    """One kind of product."""

    name: str
    committed: bool
    make: Maker


EDITIONS: dict[str, Edition] = {}


def edition(name: str, *, committed: bool) -> Callable[[Maker], Maker]:
    """Register a maker of products; `committed` ones are compared with the repository's."""

    def register(make: Maker) -> Maker:
        EDITIONS[name] = Edition(name, committed, make)
        return make

    return register


@edition("learner", committed=True)
def learner_files(root: Path, lessons: Sequence[Lesson]) -> Files:
    """`notebooks/`: what a learner opens."""
    found = origin(root)
    return {
        Path("notebooks") / f"{one.key}.ipynb": dumps(render.learner(one, found)) for one in lessons
    }


@edition("worked", committed=False)
def worked_files(_root: Path, lessons: Sequence[Lesson]) -> Files:
    """`book/`: pages, executed once by `sixrounds run`."""
    return {Path("book") / f"{one.key}.ipynb": dumps(render.worked(one)) for one in lessons}


@edition("grading", committed=False)
def grading_files(_root: Path, lessons: Sequence[Lesson]) -> Files:
    """`build/source/`: nbgrader's source, with hidden tests."""
    return {
        Path("build/source") / f"{one.key}.ipynb": dumps(render.grading(one)) for one in lessons
    }


@dataclass(frozen=True)
class Change:
    """A file that was, or would be, written. `kept` is where an edited one was moved to."""

    path: Path
    kept: Path | None = None


def stale(root: Path, files: Files) -> list[Path]:
    """The files whose content on disk is not what the lessons give."""
    return [path for path, text in files.items() if read(root / path) != text]


def write(root: Path, files: Files) -> list[Change]:
    """Write what has changed. A learner's edited notebook is moved aside first, never lost."""
    changes = []
    for path in stale(root, files):
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        kept = move_aside(target) if path.parts[0] == "notebooks" else None
        temporary = target.with_name(target.name + ".tmp")
        temporary.write_text(files[path], encoding="utf-8")
        temporary.replace(target)
        changes.append(Change(path, kept))
    return changes


def move_aside(path: Path) -> Path | None:
    """Rename a notebook that somebody worked in to a free name beside it."""
    if not path.exists() or untouched(read(path) or ""):
        return None
    number = 1
    while (kept := path.with_name(f"{path.stem}.yours-{number}.ipynb")).exists():
        number += 1
    return path.rename(kept)


def read(path: Path) -> str | None:
    """A file's text; None if there is none, or it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
