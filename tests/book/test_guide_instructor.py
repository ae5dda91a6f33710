"""The instructor's guide shows what its commands print."""

from pathlib import Path

import pytest

from sixrounds.book.transcript import clone, differences

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "book" / "instructors_guide.md"


@pytest.mark.slow
def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    """If this fails, an instructor follows the page and gets something else."""
    folder = clone(ROOT, tmp_path.resolve())
    found = differences(GUIDE.read_text("utf-8"), folder)
    mend = f"python -m sixrounds.book.transcript {GUIDE.relative_to(ROOT)} --write"
    assert not found, "\n\n".join([*map(str, found), f"mend the page: {mend}"])
    page = tmp_path / "course/feedback/ben/week1/01_streams_and_inventory.html"
    assert "HIDDEN" not in page.read_text("utf-8"), "the page says that feedback can be sent"
