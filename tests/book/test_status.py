"""The status page shows what was measured, and says so where nothing was."""

import json

import pytest

from sixrounds.book.status import write_status
from sixrounds.book.toc import worked_notebooks
from sixrounds.errors import SixRoundsError

MISTAKES = [
    {"name": "sorts", "caught": True, "hint_shown": True},
    {"name": "flags zero", "caught": True, "hint_shown": False},
    {"name": "repeats", "caught": False, "hint_shown": False},
    {"name": "reads twice", "caught": True, "hint_shown": True},
]
EXERCISE = {
    "id": "parts_ever_negative",
    "chapter": "round2_coding",
    "notebook": "01_streams",
    "stub": "caught",
    "reference": "full",
    "accepts": [{"name": "a loop", "full": True}],
    "mistakes": MISTAKES,
}


def status(root, exercises=None) -> str:
    if exercises is not None:
        proof = {"exercises": exercises, "seeds": 3, "seconds": 12.34}
        (root / "build" / "proof.json").write_text(json.dumps(proof), "utf-8")
    write_status(root, worked_notebooks(root))
    return (root / "book" / "status.md").read_text("utf-8")


def test_without_a_proof_the_page_says_so(small_book):
    """If this fails, the page claims grades that nobody proved."""
    text = status(small_book)
    assert "There is no proof yet" in text
    assert "Run `sixrounds prove`" in text
    assert "kill rate" not in text


def test_a_proof_is_counted_rightly(small_book):
    """If this fails, the published kill rate is wrong, or a fault of the proof is hidden."""
    broken = {**EXERCISE, "id": "latest_state", "stub": "it passed", "mistakes": [], "accepts": []}
    text = status(small_book, [EXERCISE, broken])
    row = next(line for line in text.splitlines() if "[round2_coding](" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:] == ["2", "3 of 4", "75\N{NO-BREAK SPACE}%", "2 of 4", "1 of 1"]
    assert "- `parts_ever_negative`: the mistake “repeats” is not caught" in text
    assert "- `parts_ever_negative`: the mistake “flags zero” is shown another hint" in text
    assert "- `latest_state`: the stub: it passed" in text
    assert "under 3 seeds, in 12 s" in text


def test_a_proof_without_faults_lists_none(small_book):
    """If this fails, the page lists faults that are not there."""
    good = {**EXERCISE, "mistakes": MISTAKES[:1]}
    text = status(small_book, [good])
    assert "What does not hold" not in text
    assert "100\N{NO-BREAK SPACE}%" in text


def test_a_chapter_without_exercises_has_no_numbers(small_book):
    """If this fails, an empty chapter shows a rate of nothing."""
    text = status(small_book, [])
    row = next(line for line in text.splitlines() if "[round3_ml_modeling](" in line)
    assert [cell.strip() for cell in row.strip("|").split("|")][1:] == ["–"] * 5


def test_a_notebook_that_did_not_run_has_no_time(small_book):
    """If this fails, the page shows a time that nobody measured."""
    assert "| 4.2\N{NO-BREAK SPACE}s | 111\N{NO-BREAK SPACE}MB |" in status(small_book)
    (small_book / "build" / "runs" / "round2_coding" / "01_streams.ipynb.key.json").unlink()
    assert "| not run yet | – |" in status(small_book)


def test_a_damaged_proof_is_one_clear_line(small_book):
    """If this fails, a proof that was cut off breaks the build with a traceback."""
    (small_book / "build" / "proof.json").write_text('{"exercises": [{}]}', "utf-8")
    with pytest.raises(SixRoundsError, match=r"not a proof .*; run `sixrounds prove`"):
        write_status(small_book, [])
