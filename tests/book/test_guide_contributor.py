"""The contributor's guide shows what its commands print, and names every stage of CI."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from guides import ROOT, played

from sixrounds import __version__
from sixrounds.run import noted, read_notebook
from sixrounds.stages import STAGES

GUIDE = ROOT / "book" / "contributors_guide.md"


@pytest.mark.slow
def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    """If this fails, an author follows the page and gets something else."""
    folder = played(GUIDE, tmp_path)
    toc = (folder / "_toc.yml").read_text("utf-8")
    assert "  - file: book/round2_coding/20_busiest_hour\n" in toc
    # A real run noted when and with what it ran, or no page could say so.
    ran = noted(read_notebook(folder / "build/runs/round2_coding/20_busiest_hour.ipynb"))
    assert ran is not None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", ran.finished)
    assert ran.versions["sixrounds"] == __version__
    assert set(ran.versions) == {"Python", "sixrounds", "numpy"}  # which sixrounds.testing uses


def stages_on_the_page() -> Iterator[str]:
    """The names in the first column of the page's table."""
    for line in GUIDE.read_text("utf-8").splitlines():
        if line.startswith("| `"):
            yield from re.findall(r"`(\w+)`", line.split("|")[1])


def test_every_stage_of_ci_is_on_the_page() -> None:
    """If this fails, an author learns of a check only when CI fails."""
    assert list(stages_on_the_page()) == [stage.name for stage in STAGES]
