"""The instructor's guide shows what its commands print."""

from pathlib import Path

import pytest
from guides import ROOT, played

GUIDE = ROOT / "book" / "instructors_guide.md"


@pytest.mark.slow
def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    """If this fails, an instructor follows the page and gets something else."""
    played(GUIDE, tmp_path)
    page = tmp_path / "course/feedback/ben/week1/01_streams_and_inventory.html"
    assert "HIDDEN" not in page.read_text("utf-8"), "the page says that feedback can be sent"
