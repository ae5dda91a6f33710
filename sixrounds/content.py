"""The learners' notebooks and hints that come with the package: the same in a clone and a wheel."""

import json
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sixrounds.errors import SixRoundsError
from sixrounds.paths import CHAPTERS, lesson_key

PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """Where "notebooks", "data" or "kernels" lie: `_content/` of a wheel, the folder of a clone.

    Raises:
        SixRoundsError: they were not installed.
    """
    for place in (PACKAGE / "_content" / name, PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise SixRoundsError(
        f"{PACKAGE}: installed without its {name}; install the package again, whole"
    )


def notebooks_folder() -> Path:
    """Where the released notebooks lie."""
    return folder("notebooks")


def released() -> Iterator[Path]:
    """The released notebooks, in the order of the curriculum."""
    for chapter in CHAPTERS:
        yield from sorted(
            path
            for path in (notebooks_folder() / chapter).glob("[0-9][0-9]_*.ipynb")
            if ".yours-" not in path.name
        )


def read_released(path: Path) -> dict[str, Any]:
    """A released notebook's content."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def exercise_ids(notebook: dict[str, Any]) -> list[str]:
    """The autograded exercises of a notebook, in order."""
    return [
        meta["grade_id"]
        for cell in notebook["cells"]
        if (meta := cell.get("metadata", {}).get("nbgrader", {})).get("solution")
        and cell["cell_type"] == "code"
    ]


def notebook_of(exercise: str) -> Path:
    """The released notebook that holds an exercise.

    Raises:
        SixRoundsError: none does; the message names near ones.
    """
    known: dict[str, Path] = {}
    for path in released():
        for name in exercise_ids(read_released(path)):
            known[name] = path
    if exercise in known:
        return known[exercise]
    near = get_close_matches(exercise, known, n=3, cutoff=0.4) or sorted(known)[:5]
    raise SixRoundsError(f"{exercise}: no exercise of that name; near it: {', '.join(near)}")


def hints(path: Path) -> dict[str, Any]:
    """The shipped hints of a released notebook, by exercise; empty if there are none."""
    chapter, topic = lesson_key(path).split("/")
    found = PACKAGE / "_hints" / f"{chapter}.json"
    if not found.is_file():
        return {}
    return dict(json.loads(found.read_text(encoding="utf-8")).get(topic, {}))
