"""Queries: what may run, what the errors say, and when two results are the same."""

import datetime
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sixrounds
from sixrounds import sql
from sixrounds.editions.fill import fill
from sixrounds.editions.notebook import dumps
from sixrounds.editions.render import learner
from sixrounds.grading import Status, Verdict, grade, plan, read_text
from sixrounds.grading.prove import prove
from sixrounds.source import Lesson, parse, validate
from sixrounds.sql.judge import compare

FIXTURE = Path(__file__).parent / "round2_coding" / "02_query.py"
SCHEMA = "CREATE TABLE builds(vin TEXT, qty INTEGER, ts TIMESTAMP, day DATE, rate DOUBLE)"
NOON = datetime.datetime(2026, 3, 1, 12)
DB = sql.database(
    "two builds",
    SCHEMA,
    builds=[("a", 1, NOON, NOON.date(), 0.5), ("b", None, None, None, None)],
)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("selec 1", 'syntax error at or near "selec"; line 1: selec 1'),
        ("SELECT vin\nFROM builds\nWHERE", "line 3: WHERE"),
        ("SELECT vinn FROM builds", 'near it: "vin"'),
        ("SELECT * FROM build", 'near it: "builds"'),
        ("SELECT 1; SELECT 2", "this is 2 statements"),
        ("", "this is 0 statements"),
        ("-- nothing", "this is 0 statements"),
        ("DROP TABLE builds", "write a SELECT (it may start with WITH); this is DROP"),
        ("INSERT INTO builds VALUES ('c', 1, NULL, NULL, NULL)", "this is INSERT"),
        ("SET threads = 4", "this is SET"),
        ("ATTACH '/tmp/x.db'", "this is ATTACH"),
        ("COPY builds TO '/tmp/x'", "this is COPY"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled by configuration"),
        ("SELECT * FROM '/etc/passwd'", "does not exist"),
        ("SELECT * FROM read_text('/proc/self/environ')", "disabled by configuration"),
        ("SELECT getenv('HOME')", "getenv does not exist"),
    ],
)
def test_query_that_cannot_run(query: str, said: str) -> None:
    """A learner would not be told what is wrong, or a query could reach outside."""
    with pytest.raises(sql.SqlError) as error:
        sql.run(query, DB)
    assert said in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_query_that_never_ends() -> None:
    """One forgotten join condition would stop a class."""
    began = time.monotonic()
    with pytest.raises(sql.SqlError, match=r"stopped after 0.5 s"):
        sql.run("SELECT count(*) FROM range(10000000) a, range(10000000) b", DB, seconds=0.5)
    assert time.monotonic() - began < 8


def test_nothing_a_query_does_stays() -> None:
    """One learner's query would change what the next one sees."""
    rows = sql.run("SELECT count(*) FROM builds", DB).rows
    with pytest.raises(sql.SqlError):
        sql.run("DELETE FROM builds", DB)
    assert sql.run("WITH x AS (SELECT 1) SELECT count(*) FROM builds;", DB).rows == rows == ((2,),)


def test_query_that_is_not_written() -> None:
    """The stub would fail with something about parsers."""
    with pytest.raises(NotImplementedError, match="late_sql is not written yet"):
        sql.run(sixrounds.todo("late_sql"), DB)


def same(one: Any, other: Any, ordered: bool = False) -> bool:
    """Whether two lists of one-column rows are the same result."""
    mine, theirs = (sql.Result(("a",), tuple((v,) for v in rows)) for rows in (one, other))
    try:
        compare(mine, theirs, "a case", ordered)
    except sql.Mismatch:
        return False
    return True


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ([1, 2], [2, 1], True),
        ([1, 1, 2], [1, 2, 2], False),
        ([1], [1, 1], False),
        ([1], [1.0], True),
        ([Decimal("0.10")], [0.1], True),
        ([1 / 3], [0.3333333333], True),
        ([0.33333], [1 / 3], False),
        ([None], [0], False),
        ([None], [float("nan")], False),
        ([float("nan")], [float("nan")], True),
        ([datetime.datetime(2026, 1, 5)], [datetime.date(2026, 1, 5)], True),
        ([datetime.datetime(2026, 1, 5, 1)], [datetime.date(2026, 1, 5)], False),
        (["a"], ["A"], False),
        ([""], [None], False),
        ([True], [1], False),
        ([9_007_199_254_740_993], [9_007_199_254_740_992], False),
        ([], [], True),
        ([], [None], False),
    ],
)
def test_same_results(one: Any, other: Any, equal: bool) -> None:
    """A right query would be rejected for its types, or a wrong one accepted."""
    assert same(one, other) is equal


def test_order_counts_only_where_it_is_asked_for() -> None:
    """A sorted answer to an ordered question could not be told from an unsorted one."""
    assert same([1, 2], [2, 1])
    assert not same([1, 2], [2, 1], ordered=True)
    assert same([1, 2], [1, 2], ordered=True)


def test_a_wrong_order_is_seen_by_the_diagnosis() -> None:
    """A mistake in ORDER BY alone could not be told, and its hint would never be shown."""
    seen: list[Any] = []
    sql.observe(lambda _question, answer, _raised: seen.append(answer))
    try:
        for ordered in (False, True):
            for way in ("ASC", "DESC"):
                query = f"SELECT vin FROM builds ORDER BY vin {way}"
                reference = "SELECT vin FROM builds ORDER BY vin"
                if ordered and way == "DESC":
                    with pytest.raises(sql.Mismatch):
                        sql.check(query, reference, [DB], ordered=ordered)
                else:
                    sql.check(query, reference, [DB], ordered=ordered)
    finally:
        sql.observe(None)
    assert seen[0] == seen[1]
    assert seen[2] != seen[3]


def test_columns_are_checked_by_name() -> None:
    """Swapped columns of one type would pass on symmetric data."""
    with pytest.raises(sql.Mismatch, match="the columns must be vin, qty; these are qty, vin"):
        sql.expect("SELECT qty, vin FROM builds", DB, ["vin", "qty"], [])
    with pytest.raises(sql.Mismatch, match="these are vin"):
        sql.expect("SELECT vin FROM builds", DB, ["vin", "qty"], [])
    sql.expect("SELECT VIN, qty QTY FROM builds", DB, ["vin", "qty"], [("a", 1), ("b", None)])


def test_visible_failure_shows_rows() -> None:
    """A learner would have to run both queries to see what differs."""
    with pytest.raises(sql.Mismatch) as error:
        sql.expect("SELECT vin, qty FROM builds", DB, ["vin", "qty"], [("a", 1), ("b", 0)])
    assert str(error.value) == "two builds: missing ('b', 0); not wanted ('b', NULL)"


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    """A lesson whose answer is a query."""
    found = parse(FIXTURE)
    validate([found])
    return found


def verdict(lesson: Lesson, query: str) -> Verdict:
    """The grade of a query handed in."""
    text = dumps(fill(learner(lesson), {"newest_status_sql": query}))
    recipe = plan(lesson)
    return grade(recipe, read_text(text, recipe))[0]


def test_query_exercise_proves(lesson: Lesson) -> None:
    """An exercise that is a variable could not be graded, or its mistakes not be told apart."""
    proofs = prove([lesson], seed_count=2)
    assert [fault for proof in proofs for fault in proof.faults] == []
    row = proofs[0].row()
    assert row["stub"] == "caught"
    assert all(one["hint_shown"] for one in row["mistakes"])


def test_visible_and_hidden_messages(lesson: Lesson) -> None:
    """A learner would not see what differs, or would see hidden data."""
    first = "newest_status_sql = 'SELECT vin, status FROM readings WHERE seq = 1'"
    shown = verdict(lesson, first)
    assert "two vehicles: missing ('v1', NULL); missing ('v2', 'sold')" in shown.message
    lucky = (
        "newest_status_sql = '''SELECT vin, CASE WHEN vin = 'v1' THEN NULL ELSE 'sold' END status"
        " FROM readings GROUP BY vin'''"
    )
    hidden = verdict(lesson, lucky)
    assert hidden.message == "a hidden test failed: random readings"
    assert hidden.status is Status.FAILED
    broken = verdict(lesson, "newest_status_sql = 'SELECT vin FROM reading'")
    assert "raised SqlError" in broken.message
    assert 'near it: "readings"' in broken.message
    assert verdict(lesson, "newest_status_sql = 7").status is Status.ERROR


def test_repeated_row_is_called_that() -> None:
    """A learner would be told that a row is not wanted, although it is, once."""
    with pytest.raises(sql.Mismatch, match=r"too often \('a'\)"):
        sql.expect("SELECT vin FROM builds, (SELECT 1 UNION ALL SELECT 2)", DB, ["vin"], ["a", "b"])


def test_no_progress_bar() -> None:
    """A slow query in a lesson would leave a widget in the page, fetched from another host."""
    asked = sql.run("SELECT current_setting('enable_progress_bar') AS shown", DB)
    assert asked.rows == ((False,),)


def test_a_check_of_nothing_is_refused() -> None:
    """An empty list of instances would let any query pass."""
    with pytest.raises(ValueError, match="at least one instance"):
        sql.check("SELECT 1", "SELECT 2", [])
