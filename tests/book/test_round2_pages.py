"""The quiz, the cards and the mock interview of round 2: what they say of code is true."""

import datetime
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sixrounds.paths import find_root

FOLDER = find_root(Path(__file__)) / "book" / "round2_coding"
DAY = datetime.timedelta(hours=24)


def blocks(page: str, language: str) -> list[str]:
    """The code of a page, block by block."""
    text = (FOLDER / f"{page}.md").read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("page", "at_least"), [("quiz", 9), ("cards", 3), ("mock_interview", 4)])
def test_code_runs(page: str, at_least: int) -> None:
    """A reader who tries an answer would see it fail."""
    code = blocks(page, "python")
    assert len(code) >= at_least
    names: dict[str, Any] = {}
    for block in code:
        exec(block, names)


@pytest.mark.parametrize(("page", "count"), [("quiz", 10), ("cards", 20)])
def test_every_question_has_a_folded_answer(page: str, count: int) -> None:
    """A question would stand there without its answer, or with the answer in sight."""
    text = (FOLDER / f"{page}.md").read_text("utf-8")
    folded = re.findall(r"<details><summary>.+?</summary>\n\n\S.+?</details>", text, re.DOTALL)
    assert len(folded) == text.count("<details>") == count


def test_recursion_limit_of_a_fresh_interpreter() -> None:
    """A card says what CPython allows."""
    code = "import sys; print(sys.getrecursionlimit())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1000"


@pytest.fixture(scope="module")
def mock() -> dict[str, Any]:
    """The names that the mock interview's Python defines."""
    names: dict[str, Any] = {}
    for block in blocks("mock_interview", "python"):
        exec(block, names)
    return names


def skipped_slowly(builds: list[Any], receipts: list[Any]) -> list[int]:
    """Problem 1 from its statement: the stock is counted anew for each build."""
    started: list[int] = []
    for index in sorted(range(len(builds)), key=lambda place: (builds[place][0], place)):
        minute, needs = builds[index]

        def left(part: str, minute: int = minute) -> int:
            came = sum(qty for at, name, qty in receipts if name == part and at <= minute)
            return int(came - sum(builds[other][1].get(part, 0) for other in started))

        if all(left(part) >= qty for part, qty in needs.items()):
            started.append(index)
    return sorted(set(range(len(builds))) - set(started))


@pytest.mark.parametrize("name", ["skipped_hire", "skipped_strong"])
def test_right_answers_to_problem_1(mock: dict[str, Any], name: str) -> None:
    """An interviewer would hold a wrong model answer against a candidate."""
    draw = random.Random(2)
    answer: Callable[..., list[int]] = mock[name]
    skipped = 0
    for _ in range(400):
        receipts = [
            (draw.randrange(6), draw.choice("abc"), draw.randint(1, 3))
            for _ in range(draw.randrange(7))
        ]
        builds = [
            (
                draw.randrange(6),
                {part: draw.randint(1, 2) for part in "abc" if draw.random() < 0.4},
            )
            for _ in range(draw.randrange(7))
        ]
        wanted = skipped_slowly(builds, receipts)
        skipped += len(wanted)
        assert answer(list(builds), list(receipts)) == wanted
    assert skipped > 100


def repaired_slowly(rows: list[Any]) -> dict[str, tuple[int, float]]:
    """Problem 2 from its statement."""
    found: dict[str, list[bool]] = {}
    for station in {row[1] for row in rows}:
        for vin in {row[0] for row in rows if row[1] == station}:
            mine = [row for row in rows if row[0] == vin and row[1] == station]
            failures = [ts for _, _, ts, passed in mine if not passed]
            if failures:
                first = min(failures)
                good = any(passed and first <= ts <= first + DAY for _, _, ts, passed in mine)
                found.setdefault(station, []).append(good)
    return {name: (len(each), round(sum(each) / len(each), 9)) for name, each in found.items()}


def run_query(query: str, rows: list[Any]) -> dict[str, tuple[int, float]]:
    """The result of a query over `tests`, by station."""
    db = duckdb.connect()
    db.execute("CREATE TABLE tests (vin VARCHAR, station VARCHAR, ts TIMESTAMP, passed BOOLEAN)")
    if rows:
        db.executemany("INSERT INTO tests VALUES (?, ?, ?, ?)", rows)
    return {name: (count, round(rate, 9)) for name, count, rate in db.execute(query).fetchall()}


def test_answers_to_problem_2() -> None:
    """An interviewer would hold a wrong model answer against a candidate, or pass a wrong one."""
    no_hire, hire, strong = blocks("mock_interview", "sql")
    draw = random.Random(2)
    start = datetime.datetime(2026, 3, 2)
    wrong = 0
    for _ in range(60):
        rows = [
            (
                draw.choice(["V1", "V2", "V3"]),
                draw.choice(["leak", "align"]),
                start + datetime.timedelta(hours=6 * draw.randrange(10)),
                draw.random() < 0.5,
            )
            for _ in range(draw.randrange(12))
        ]
        wanted = repaired_slowly(rows)
        assert run_query(hire, rows) == wanted
        assert run_query(strong, rows) == wanted
        wrong += run_query(no_hire, rows) != wanted
    assert wrong > 10
