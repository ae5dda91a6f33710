"""From a lesson's source to a Lesson that everything downstream can trust.

load(root)            all lessons, parsed and validated
parse(path)           one file
validate(lessons)     everything that is wrong with them, each with its mend
"""

from pathlib import Path

from sixrounds.paths import CHAPTERS, lesson_key, select
from sixrounds.source.model import Cell, Exercise, Kind, Lesson, Variant, Written
from sixrounds.source.parse import parse, parse_text
from sixrounds.source.problems import Problem, SourceError
from sixrounds.source.validate import validate

__all__ = [
    "Cell",
    "Exercise",
    "Kind",
    "Lesson",
    "Problem",
    "SourceError",
    "Variant",
    "Written",
    "load",
    "parse",
    "parse_text",
    "sources",
    "validate",
]


def sources(folder: Path) -> list[Path]:
    """The source files under `solutions/`, in the order of the curriculum."""
    rank = {name: place for place, name in enumerate(CHAPTERS)}
    found = [path for path in folder.glob("*/*.py") if path.parent.name in rank]
    return sorted(found, key=lambda path: (rank[path.parent.name], path.stem))


def load(root: Path, pattern: str | None = None, folder: Path | None = None) -> list[Lesson]:
    """All lessons of a tree, validated together; with a pattern, those that it selects.

    Args:
        root: the project's folder.
        pattern: glob or part of `<chapter>/<NN_topic>`.
        folder: another source tree than `root/solutions`, for private exercises.

    Raises:
        SourceError: a selected lesson is wrong; others may be half written.
    """
    paths = sources(folder or root / "solutions")
    lessons: list[Lesson] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            lessons.append(parse(path))
        except SourceError as error:
            problems += error.problems
    try:
        validate(lessons)
    except SourceError as error:
        problems += error.problems
    keep = set(select([lesson_key(path) for path in paths], pattern))
    problems = [one for one in problems if lesson_key(one.path) in keep]
    if problems:
        raise SourceError(problems)
    return [lesson for lesson in lessons if lesson.key in keep]
