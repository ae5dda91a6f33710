"""The committed instances of each drill: small, described, and enough to catch wrong queries."""

import json
from dataclasses import replace

import pytest
from drill_data import Drill, drills

from sixrounds.grading import adversary
from sixrounds.grading.adversary import Chosen, choose, targets
from sixrounds.sql.mutants import mutants

SMALL = 12  # rows


def test_every_wrong_query_is_caught_or_explained(drill: Drill) -> None:
    """A wrong query would pass, or a hole in the tests would be called equivalent."""
    wrong = targets(drill.exercise, drill.setup, drill.reference)
    names = {query: name for name, query, _ in wrong}
    caught = drill.told(names, drill.committed())
    alive = {query: name for query, name in names.items() if query not in caught}
    listed = {item["query"]: item["reason"] for item in drill.file["survivors"]}
    assert set(alive) == set(listed), "run `sixrounds instances` again"
    assert not [name for name in alive.values() if name.startswith("mistake")]
    assert all(reason.endswith(".") for reason in listed.values()), "a survivor without a reason"


def test_no_fresh_case_tells_a_survivor_apart(drill: Drill) -> None:
    """A query would be called equivalent although some data shows that it is wrong."""
    fresh = [one for seed in (b"fresh 1", b"fresh 2") for one in drill.drawn(seed)]
    survivors = {item["query"]: item["change"] for item in drill.file["survivors"]}
    assert [survivors[query] for query in drill.told(survivors, fresh)] == []


def test_instances_are_small_and_say_their_kind(drill: Drill) -> None:
    """A learner would be told "random rows", or nobody could follow a failure by hand."""
    for item in drill.file["instances"]:
        assert item["kind"], f"{drill.path.name}: write what kind of case {item['for']} is"
        assert item["kind"][0].islower(), "it follows other words in a message"
        assert sum(map(len, item["tables"].values())) <= SMALL
    kinds = [item["kind"] for item in drill.file["instances"]]
    assert len(set(kinds)) == len(kinds)


def test_kinds_do_not_give_the_data_away(drill: Drill) -> None:
    """A message about a hidden case would hold what is in it."""
    for item in drill.file["instances"]:
        values = {v for rows in item["tables"].values() for row in rows for v in row}
        words = set(item["kind"].replace(",", " ").split())
        assert not words & {v for v in values if isinstance(v, str) and len(v) > 2}


def test_choosing_keeps_what_an_author_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    """Running the command again would throw an author's words away."""
    monkeypatch.setattr(adversary, "SEEDS", 1)
    drill = next(one for one in drills() if one.exercise.id == "missing_parts_sql")
    few = replace(drill.exercise, mistakes=drill.exercise.mistakes[:2])
    monkeypatch.setattr(adversary, "mutants", lambda query: mutants(query)[:4])
    first = choose(few, drill.setup, {})
    assert [item["kind"] for item in first.instances] == [""] * len(first.instances)
    old = json.loads(first.dumps())
    for item in old["instances"]:
        item["kind"] = "mine"
    again = choose(few, drill.setup, old)
    assert {item["kind"] for item in again.instances} == {"mine"}
    assert json.loads(again.dumps())["killed"] == first.killed >= 2


def test_empty_choice_is_readable() -> None:
    """A drill whose file holds nothing yet could not be read again."""
    assert json.loads(Chosen().dumps()) == {"killed": 0, "instances": [], "survivors": []}


@pytest.mark.parametrize(
    ("query", "change", "wanted"),
    [
        ("SELECT a FROM t WHERE a < 3", "LT -> LTE", "a <= 3"),
        ("SELECT a FROM t WHERE a < 3", "3 -> 4", "a < 4"),
        ("SELECT a FROM t WHERE a BETWEEN 1 AND 3", "high end excluded", "a >= 1 AND a < 3"),
        ("SELECT a FROM t LEFT JOIN u ON t.a = u.a", "join -> INNER", "FROM t JOIN u"),
        ("SELECT a FROM t WHERE a = 1 AND b = 2", "left condition dropped", "WHERE b = 2"),
        ("SELECT DISTINCT a FROM t", "DISTINCT dropped", "SELECT a FROM t"),
        ("SELECT SUM(a) FROM t", "DISTINCT added", "SUM(DISTINCT a)"),
        ("SELECT COUNT(a) FROM t", "COUNT(x) -> COUNT(*)", "COUNT(*)"),
        ("SELECT MAX(a) FROM t", "Max -> Min", "MIN(a)"),
        (
            "SELECT RANK() OVER (PARTITION BY a ORDER BY b) FROM t",
            "Rank -> DenseRank",
            "DENSE_RANK",
        ),
        (
            "SELECT RANK() OVER (PARTITION BY a ORDER BY b) FROM t",
            "PARTITION BY",
            "OVER (ORDER BY b)",
        ),
        ("SELECT a FROM t ORDER BY a", "direction", "ORDER BY a DESC"),
        ("SELECT COALESCE(a, 0) FROM t", "COALESCE dropped", "SELECT a"),
        ("SELECT CASE WHEN a THEN 1 ELSE 0 END FROM t", "ELSE dropped", "THEN 1 END"),
        ("SELECT CAST(a AS DATE) FROM t", "CAST dropped", "SELECT a FROM"),
        ("SELECT a FROM t WHERE NOT a", "NOT dropped", "WHERE a"),
        (
            "SELECT SUM(a) OVER (ORDER BY b RANGE BETWEEN 3 PRECEDING AND CURRENT ROW) FROM t",
            "RANGE -> ROWS",
            "ROWS BETWEEN",
        ),
        ("SELECT a FROM t UNION SELECT a FROM u", "UNION <-> ALL", "UNION ALL"),
    ],
)
def test_mutants(query: str, change: str, wanted: str) -> None:
    """A whole kind of mistake would never be looked for."""
    found = [one for one in mutants(query) if one.change.startswith(change)]
    assert any(wanted in one.query for one in found), [one.query for one in mutants(query)]


def test_what_is_not_sql_has_no_mutants() -> None:
    """An author's typing error would give an empty list, and every test of it would pass."""
    with pytest.raises(ValueError, match="not a query"):
        mutants("SELECT FROM WHERE (")
