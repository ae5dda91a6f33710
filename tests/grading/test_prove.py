"""The proof must fail when an exercise grades wrongly in any of its four states."""

from pathlib import Path
from typing import Any

import pytest

from sixrounds.cli import main
from sixrounds.grading.proofs import prove_all
from sixrounds.source import Lesson, load

FIXTURE = Path(__file__).parents[1] / "fixtures" / "round2_coding" / "00_newsvendor.py"
UPSIDE_DOWN = "(k + 1) * (underage + overage) >= overage * len(history)"
RIGHT = "(k + 1) * (underage + overage) >= underage * len(history)"
VALIDATION = """    if min(underage, overage) <= 0:
        raise ValueError("costs")
"""


def project(root: Path, old: str = "", new: str = "", count: int = 1) -> Path:
    """A clone with one lesson, one place of it changed."""
    text = FIXTURE.read_text()
    assert old in text
    folder = root / "solutions" / "round2_coding"
    folder.mkdir(parents=True)
    (root / "_config.yml").touch()
    (folder / "00_newsvendor.py").write_text(text.replace(old, new, count) if old else text)
    return root


def proof(root: Path, seeds: int = 1, resume: bool = False) -> dict[str, Any]:
    """The proof of the only lesson of a clone."""
    lessons: list[Lesson] = load(root)
    return prove_all(root, lessons, seed_count=seeds, workers=2, resume=resume)


def only(root: Path) -> tuple[dict[str, Any], str]:
    """The only exercise's row and the faults as one text."""
    content = proof(root)
    return content["exercises"][0], "\n".join(content["faults"])


def test_sound_exercise(tmp_path: Path) -> None:
    """A sound exercise would be reported as wrong, or the JSON that others read would change."""
    assert proof(project(tmp_path), seeds=2) | {"seconds": 0} == {
        "exercises": [
            {
                "id": "order_quantity",
                "chapter": "round2_coding",
                "notebook": "00_newsvendor",
                "stub": "caught",
                "reference": "full",
                "accepts": [{"name": "count each level", "full": True}],
                "mistakes": [
                    {"name": name, "caught": True, "hint_shown": True}
                    for name in (
                        "orders the mean",
                        "fractile upside down",
                        "interpolated quantile",
                        "strictly above the fractile",
                    )
                ],
            }
        ],
        "seeds": 2,
        "seconds": 0,
        "faults": [],
    }


def test_mistake_that_is_right(tmp_path: Path) -> None:
    """A test that rejects nothing would be called proven."""
    row, faults = only(project(tmp_path, UPSIDE_DOWN, RIGHT))
    assert {"name": "fractile upside down", "caught": False, "hint_shown": False} in row["mistakes"]
    assert "mistake fractile upside down: a wrong answer got full marks" in faults


def test_accepted_answer_that_is_rejected(tmp_path: Path) -> None:
    """A test that rejects a right style would be called proven."""
    old = "    while reached * (underage"
    row, faults = only(project(tmp_path, old, "    underage += 1\n" + old))
    assert row["accepts"] == [{"name": "count each level", "full": False}]
    assert "accepts count each level: a right answer got" in faults


def test_reference_that_fails_its_tests(tmp_path: Path) -> None:
    """An exercise nobody can pass would be called proven."""
    row, faults = only(project(tmp_path, "return quantity\n", "return quantity + 1\n"))
    assert row["reference"] != "full"
    assert "reference: a right answer got 0 of 4, failed" in faults


def test_stub_that_scores(tmp_path: Path) -> None:
    """An untouched notebook would get points."""
    old = "    ### BEGIN SOLUTION\n    history"
    new = "    return 2\n    ### BEGIN SOLUTION\n    history"
    row, faults = only(project(tmp_path, old, new))
    assert row["stub"] != "caught"
    assert "stub: the untouched stub got 0 of 4, failed" in faults


def test_mistakes_that_cannot_be_told_apart(tmp_path: Path) -> None:
    """A learner would be given the hint of another mistake."""
    old = "return round(sum(history) / len(history))"
    new = f"return next(q for k, q in enumerate(history) if {UPSIDE_DOWN})"
    row, faults = only(project(tmp_path, old, new))
    shown = {one["name"]: one["hint_shown"] for one in row["mistakes"]}
    assert not shown["orders the mean"]
    assert not shown["fractile upside down"]
    assert all(one["caught"] for one in row["mistakes"])
    assert "'orders the mean' explains 1.00, 'fractile upside down' explains 1.00" in faults


def test_mistake_on_invalid_input_only(tmp_path: Path) -> None:
    """A missing check of arguments would stand for a misconception."""
    start = FIXTURE.read_text()
    first = start.index('# %% mistake="order_quantity" active="py" name="orders the mean"')
    end = start.index("# %% mistake", first + 9)
    reference = """# %% mistake="order_quantity" active="py" name="no check"
# What if a cost is negative?
def order_quantity(demand, underage, overage):
    history = sorted(demand)
    for k, quantity in enumerate(history):
        if (k + 1) * (underage + overage) >= underage * len(history):
            return quantity

"""
    row, faults = only(project(tmp_path, start[first:end], reference))
    assert row["mistakes"][0]["caught"] is False
    assert "mistake no check: it is wrong only on invalid input" in faults


def test_command_fails_with_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CI would go on with a wrong grader."""
    monkeypatch.chdir(project(tmp_path, UPSIDE_DOWN, RIGHT))
    assert main(["prove"]) == 1
    printed = capsys.readouterr().out
    assert "WRONG" in printed
    assert "1 wrong" in printed
    assert main(["prove", "nothing_like_it"]) == 2
    assert "there are: round2_coding/00_newsvendor" in capsys.readouterr().err


def test_resume_takes_only_what_is_unchanged_and_right(tmp_path: Path) -> None:
    """A changed lesson would keep its old proof, or an unchanged one would be proven again."""
    root = project(tmp_path)
    first = proof(root)
    kept = root / "build" / "proofs" / "round2_coding" / "00_newsvendor.json"
    before = kept.stat().st_mtime_ns
    assert proof(root, resume=True) == first
    assert kept.stat().st_mtime_ns == before
    path = root / "solutions" / "round2_coding" / "00_newsvendor.py"
    path.write_text(path.read_text().replace(UPSIDE_DOWN, RIGHT))
    for _ in range(2):  # a proof with a fault is never taken from the last time
        before = kept.stat().st_mtime_ns
        assert proof(root, resume=True)["faults"]
        assert kept.stat().st_mtime_ns > before
