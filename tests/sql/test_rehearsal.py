"""References that are asked once for many answers: faster, and nothing else."""

import datetime
import json
from pathlib import Path

import pytest

from sixrounds import sql
from sixrounds.grading import Plan, Verdict, grade, plan, read_text
from sixrounds.grading.executor import LIMIT, FreshProcesses, Task, WarmProcesses
from sixrounds.grading.rehearsal import rehearse, take, worthwhile
from sixrounds.grading.submission import Answer
from sixrounds.grading.worker import isolated
from sixrounds.source import parse
from sixrounds.sql import known
from sixrounds.sql.engine import fetched

LESSON = Path(__file__).parent / "round2_coding" / "02_query.py"
OLDEST = (
    "SELECT vin, status FROM readings QUALIFY ROW_NUMBER() OVER (PARTITION BY vin ORDER BY seq) = 1"
)


@pytest.fixture(scope="module")
def recipe() -> Plan:
    return plan(parse(LESSON))


def graded(recipe: Plan, answer: str, executor: WarmProcesses | FreshProcesses) -> Verdict:
    """The verdict on a query."""
    cell = {
        "cell_type": "code",
        "metadata": {"nbgrader": {"grade_id": "newest_status_sql", "solution": True}},
        "source": answer,
    }
    return grade(recipe, read_text(json.dumps({"cells": [cell]}), recipe), executor=executor)[0]


def test_same_verdict_after_a_rehearsal(recipe: Plan) -> None:
    """The second student's query would be compared with other rows than the first one's."""
    reference = recipe.exercises[0].reference
    wrong = f"newest_status_sql = {OLDEST!r}"
    with WarmProcesses() as kept:
        seen = [graded(recipe, text, kept) for text in (wrong, reference, wrong, reference)]
    assert seen[:2] == seen[2:]
    assert seen == [graded(recipe, text, FreshProcesses()) for text in (wrong, reference)] * 2
    assert seen[0].score == 0
    assert seen[1].score == seen[1].max_score


def test_rehearsal_finds_what_the_references_return(recipe: Plan) -> None:
    """Every answer of a class would be compared with rows that no reference returns."""
    task = Task(recipe.exercises[0], Answer("")).plain(LIMIT)
    setup: dict[str, object] = {"__name__": "__main__"}
    for source in recipe.setup:
        exec(source, setup)
    assert worthwhile(task)
    found = isolated(lambda _: rehearse(task, setup), 60, 60)
    assert found["known"], "no reference was asked"
    known._known.clear()
    take(found)
    for (reference, about), result in known.known():
        schema, tables = eval(about, {"datetime": datetime})  # of our own making
        with sql.Database("", schema, tables).loaded() as connection:
            assert fetched(reference, connection) == result
    known._known.clear()


def test_function_is_not_rehearsed(recipe: Plan) -> None:
    """Tests of a function would be run once more for nothing."""
    task = Task(recipe.exercises[0], Answer("")).plain(LIMIT)
    assert not worthwhile(task | {"stub": "def newest_status_sql():\n    pass"})


def test_same_rows_in_another_database_are_another_question() -> None:
    """A query would be judged by what the reference returned on other data."""
    schema = "CREATE TABLE numbers(n INTEGER)"
    text = "SELECT max(n) AS n FROM numbers"
    for rows, wanted in (([(1,)], 1), ([(2,)], 2), ([(1,)], 1)):
        assert known.result_of(text, sql.database("", schema, numbers=rows)).rows == ((wanted,),)
