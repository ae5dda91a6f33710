"""Playing a guide: its commands in a copy of a clone, compared with what the page shows."""

from pathlib import Path

from sixrounds.book.transcript import clone, differences

ROOT = Path(__file__).parents[2]


def played(guide: Path, folder: Path) -> Path:
    """The clone in which every command of a guide printed what the page shows."""
    made = clone(ROOT, folder.resolve())
    found = differences(guide.read_text("utf-8"), made)
    mend = f"python -m sixrounds.book.transcript {guide.relative_to(ROOT)} --write"
    assert not found, "\n\n".join([*map(str, found), f"mend the page: {mend}"])
    return made
