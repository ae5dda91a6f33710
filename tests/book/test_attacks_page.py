"""The page of attacks says what was tried and what was seen, and nothing that was not."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sixrounds.book.attacks import (
    ATTACKS_PAGE,
    CATALOG,
    NOT_RUN,
    RESULTS,
    read_catalog,
    write_attacks,
)
from sixrounds.errors import SixRoundsError

ROOT = Path(__file__).parents[2]
LIE: dict[str, Any] = {
    "name": "number | lies",
    "tries": "Returns a `<number>` that lies.",
    "answer": "x = 1\n",
    "status": "failed",
    "happens": "Nothing.",
    "shared": "full marks",
}
ESCAPE = {
    **LIE,
    "name": "mount",
    "status": ["error", "timeout"],
    "shared": "not tried: it would change this machine",
}
FOUND = {"held": True, "status": "failed", "shared": "full marks"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with two attacks."""
    (tmp_path / CATALOG).mkdir(parents=True)
    (tmp_path / "book").mkdir()
    put(tmp_path, [LIE, ESCAPE])
    return tmp_path


def put(root: Path, attacks: list[dict[str, Any]]) -> None:
    """Write the catalog."""
    content = {"title": "Lies", "about": "Wrong answers.", "attacks": attacks}
    (root / CATALOG / "1_lies.yml").write_text(yaml.safe_dump(content), "utf-8")


def ran(root: Path, attacks: dict[str, dict[str, object]]) -> None:
    """Write what came of them."""
    content = {"when": "2026-01-02T03:04:05+00:00", "jail": "bubblewrap", "attacks": attacks}
    (root / RESULTS).mkdir(parents=True, exist_ok=True)
    (root / RESULTS / "1_lies.json").write_text(json.dumps(content), "utf-8")


def page(root: Path) -> str:
    """The page."""
    write_attacks(root)
    return (root / ATTACKS_PAGE).read_text("utf-8")


def row(root: Path, name: str) -> str:
    """The row of an attack."""
    return next(line for line in page(root).splitlines() if line.startswith(f"| {name} "))


def test_without_a_run_nothing_is_claimed(root: Path) -> None:
    """Broken: the page says that attacks were held that nobody tried."""
    text = page(root)
    assert NOT_RUN.strip() in text
    assert "seen to hold" not in text
    assert "(not run)" in row(root, "mount")
    assert "full marks" not in row(root, "number &#124; lies")


def test_a_run_is_told_with_its_day_and_jail(root: Path) -> None:
    """Broken: a reader cannot tell what was seen, when, and behind which walls."""
    ran(root, {"number | lies": FOUND, "mount": {**FOUND, "status": "error", "shared": ""}})
    text = page(root)
    assert "Of 2 attacks, 2 were seen to hold, on 2026-01-02 in the jail bubblewrap." in text
    assert "1 of them" in text
    assert "*failed.* Nothing. | full marks |" in row(root, "number &#124; lies")
    assert row(root, "mount").endswith("| not tried: it would change this machine |")


def test_an_attack_that_worked_is_told(root: Path) -> None:
    """Broken: the page hides the one thing it is for."""
    ran(root, {"number | lies": {**FOUND, "held": False}, "mount": FOUND})
    assert "1 were seen to hold" in page(root)
    assert "did not hold" in row(root, "number &#124; lies")


def test_an_attack_newer_than_the_run_is_not_run(root: Path) -> None:
    """Broken: an old run speaks for an attack that was written after it."""
    ran(root, {"mount": FOUND})
    assert "(not run)" in row(root, "number &#124; lies")
    assert "1 were seen to hold" in page(root)


def test_text_of_an_attack_cannot_break_the_table(root: Path) -> None:
    """Broken: a `|` or a tag in a sentence spoils the page."""
    line = row(root, "number &#124; lies")
    assert line.count("|") == 5
    assert "<" not in line


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tries": None}, "must have name, tries and happens"),
        ({"colour": "red"}, "colour is no field"),
        ({"hand_in": "zip"}, "answer or hand_in, and not both"),
        ({"status": "fine"}, "fine is no status"),
        ({"shared": "perhaps"}, "shared must be"),
        ({"jail": "true"}, "jail must be any or bubblewrap"),
    ],
)
def test_an_entry_that_is_wrong_is_named(root: Path, change: dict[str, Any], said: str) -> None:
    """Broken: a slip in the catalog makes an attack that is never tried."""
    entry = {key: value for key, value in {**LIE, **change}.items() if value is not None}
    put(root, [entry])
    with pytest.raises(SixRoundsError, match=said):
        read_catalog(root)


def test_names_are_unique(root: Path) -> None:
    """Broken: the result of one attack is told as that of another."""
    put(root, [LIE, LIE])
    with pytest.raises(SixRoundsError, match="twice"):
        read_catalog(root)


def test_the_catalog_of_this_project_is_in_order() -> None:
    """Broken: the page cannot be built."""
    groups = read_catalog(ROOT)
    assert len(groups) == 8
    for group in groups:
        for attack in group.attacks:
            assert attack.tries.endswith(".") and attack.happens.endswith(".")
            assert attack.status or attack.hand_in
