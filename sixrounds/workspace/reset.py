"""One exercise back to its stub. What was written stays in the notebook, as text."""

from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from sixrounds import content
from sixrounds.editions.notebook import Notebook, RawCell
from sixrounds.errors import SixRoundsError
from sixrounds.paths import lesson_key
from sixrounds.workspace import cells
from sixrounds.workspace.folder import Workspace
from sixrounds.workspace.merge import Release, roles_of


@dataclass(frozen=True)
class Reset:
    """What was done: how many answers became text, and where the file before is kept."""

    key: str
    moved: int
    backup: Path | None


def reset(workspace: Workspace, exercise: str) -> Reset:
    """Put an exercise's stub back; each answer found becomes a text cell where it was.

    Raises:
        SixRoundsError: no exercise of that name, or its notebook is missing or broken.
        OSError: the notebook cannot be written.
    """
    key, release = find_exercise(workspace, exercise)
    mine = workspace.read(key)
    stub = cells.answers(release)[exercise]
    changed, moved = reset_cells(mine["cells"], release["cells"], stub)
    if changed == mine["cells"]:
        return Reset(key, 0, None)
    return Reset(key, moved, workspace.replace(key, mine | {"cells": changed}))


def find_exercise(workspace: Workspace, exercise: str) -> tuple[str, Notebook]:
    """The notebook of an exercise and the release it was made from, or else the installed one.

    Raises:
        SixRoundsError: no notebook has it; or the one that has it cannot be read.
    """
    known: list[str] = []
    for path in content.released():
        key = lesson_key(path)
        installed = content.read_released(path)
        ids = cells.answers(installed)
        known += ids
        try:
            release = workspace.base(key, workspace.read(key)) or installed
        except SixRoundsError:
            if exercise in ids:
                raise
            continue
        if exercise in cells.answers(release):
            return key, release
    near = get_close_matches(exercise, known, n=3, cutoff=0.4) or known[:5]
    raise SixRoundsError(f"{exercise}: no exercise of that name; near it: {', '.join(near)}")


def reset_cells(
    mine: list[RawCell], release: list[RawCell], stub: RawCell
) -> tuple[list[RawCell], int]:
    """The cells with the exercise's answers as text, and how many those were."""
    old = answer_places(mine, release, stub)
    if not old:
        place = missing_place(mine, release, stub)
        return [*mine[:place], stub, *mine[place:]], 0
    first = (cells.marked_places(mine, stub) or sorted(old))[0]
    done: list[RawCell] = []
    moved = 0
    for place, cell in enumerate(mine):
        if place not in old:
            done.append(cell)
            continue
        if place == first:
            done.append(cell if cells.bare(cell) == cells.bare(stub) else dict(stub))
        if cells.is_written(cell, stub):
            moved += 1
            done.append(backup_cell(cells.grade_id(stub), cell))
    return done, moved


def missing_place(mine: list[RawCell], release: list[RawCell], stub: RawCell) -> int:
    """Where an answer cell that the learner deleted belongs: behind what comes before it."""
    known = Release.of(release)
    last = known.order["id", cells.grade_id(stub), "1"]
    roles = roles_of(mine, known, known, known)
    before = [place for place, role in enumerate(roles) if role and known.order[role] < last]
    return max(before, default=-1) + 1


def answer_places(mine: list[RawCell], release: list[RawCell], stub: RawCell) -> set[int]:
    """Every cell of the learner's that the grader could take for the answer, marked or not."""
    lessons = {cells.bare(cell) for cell in release if not cells.grade_id(cell)}
    rest = {place: cell for place, cell in enumerate(mine) if cells.bare(cell) not in lessons}
    places = set(cells.marked_places(mine, stub))
    while True:
        left = {place: cell for place, cell in rest.items() if place not in places}
        found = cells.answer_place(list(left.values()), stub)
        if found is None:
            return places
        places.add(list(left)[found])


def backup_cell(exercise: str, cell: RawCell) -> RawCell:
    """An answer as text, with its date."""
    now = datetime.now().strftime("%Y-%m-%d %H:%M")
    return cells.note(f"**Your answer to `{exercise}` until {now}** (kept as text, not run)", cell)
