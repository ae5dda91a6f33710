"""A new release in worked notebooks: answers kept, the file before kept, conflicts listed."""

from dataclasses import dataclass, field
from pathlib import Path

from sixrounds import __version__, content
from sixrounds.editions.notebook import Notebook
from sixrounds.errors import SixRoundsError
from sixrounds.grading.files import write_text
from sixrounds.paths import lesson_key
from sixrounds.workspace import cells
from sixrounds.workspace.folder import Workspace, digest
from sixrounds.workspace.merge import Merged, merge


@dataclass(frozen=True)
class Updated:
    """What happened to one notebook: `new`, `updated`, `unchanged`, `retired` or `problem`."""

    key: str
    status: str
    remarks: list[str] = field(default_factory=list)
    backup: Path | None = None


def update(workspace: Workspace, *, dry_run: bool = False) -> list[Updated]:
    """Bring the installed release into every notebook of a workspace.

    Args:
        workspace: the learner's folder.
        dry_run: say what would be done, and write nothing.

    Raises:
        SixRoundsError: the state file is broken. A broken notebook is a row, and stays as it is.
        OSError: a file cannot be written.
    """
    known = set(workspace.state().notebooks)
    done = []
    for path in content.released():
        key = lesson_key(path)
        known.discard(key)
        try:
            done.append(update_one(workspace, key, path, dry_run=dry_run))
        except SixRoundsError as error:
            done.append(Updated(key, "problem", [str(error)]))
    gone = "no longer in the release; your notebook stays as it is"
    return done + [Updated(key, "retired", [gone]) for key in sorted(known)]


def update_one(workspace: Workspace, key: str, path: Path, *, dry_run: bool) -> Updated:
    """Bring one released notebook into the learner's; what is written last is the state.

    Raises:
        SixRoundsError: the learner's notebook is broken.
        OSError: a file cannot be written.
    """
    release = path.read_text(encoding="utf-8")
    new = content.read_released(path)
    if not workspace.notebook(key).exists():
        if not dry_run:
            write_text(workspace.notebook(key), release)
            workspace.adopt(key, release)
        return Updated(key, "new")
    mine = workspace.read(key)
    if workspace.made_from(key, mine) == digest(new):
        if not dry_run and not remembered(workspace, key, new):
            workspace.adopt(key, release)  # a run before was killed just before this
        return Updated(key, "unchanged")
    old = workspace.base(key, mine)
    merged = merge(mine["cells"], new["cells"], old["cells"] if old else None, __version__)
    kept = None
    if not dry_run:
        sealed = mine["metadata"] | {"sixrounds": new["metadata"]["sixrounds"]}
        kept = workspace.replace(key, mine | {"cells": merged.cells, "metadata": sealed})
        workspace.adopt(key, release)
    return Updated(key, "updated", remarks(merged, old), kept)


def remembered(workspace: Workspace, key: str, new: Notebook) -> bool:
    """Whether state and copy are those of the release that the notebook is made from."""
    try:
        copy = cells.parse(workspace.release_copy(key).read_bytes())
    except (FileNotFoundError, cells.BrokenNotebookError):
        return False
    return workspace.state().notebooks.get(key) == digest(new) == digest(copy)


def remarks(merged: Merged, old: Notebook | None) -> list[str]:
    """What the learner should know, a line each."""
    said = [
        f"conflict: {name}: the exercise changed; your answer is kept, the new stub is shown above"
        for name in merged.conflicts
    ]
    said += [f"new exercise: {name}" for name in merged.added]
    said += [
        f"removed exercise: {name}: your answer is kept at the end of the notebook"
        for name in merged.removed
    ]
    said += [
        f"you had changed {name}, a cell of the release: yours is in the backup"
        for name in merged.restored
    ]
    if merged.both:
        count = "1 lesson cell that" if merged.both == 1 else f"{merged.both} lesson cells that"
        said.append(f"{count} you had changed changed in the release, too: both are there")
    if old is None:
        said.append("the release it was made from is not known: cells of it may be there twice")
    return said
