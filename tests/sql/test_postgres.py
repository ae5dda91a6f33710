"""The references on a real PostgreSQL: they are standard SQL, and mean the same there."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drill_data import Drill

from sixrounds import sql
from sixrounds.sql.compare import differences

MISSING = importlib.util.find_spec("pgserver") is None
pytestmark = pytest.mark.skipif(
    MISSING and not os.environ.get("CI"), reason="pgserver is not installed; run `make env`"
)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A connection to a PostgreSQL of this test run's own."""
    import pgserver
    import psycopg

    folder: Path = tmp_path_factory.mktemp("postgres")
    server = pgserver.get_server(folder)
    try:
        with psycopg.connect(server.get_uri()) as connection:
            yield connection
    finally:
        server.cleanup()


def on_postgres(connection: Any, query: str, db: sql.Database) -> sql.Result:
    """The result of a query on a database's rows, which are gone again afterwards."""
    try:
        connection.execute(db.schema)
        for table, rows in db.tables.items():
            for row in rows:
                places = ", ".join("%s" for _ in row)
                connection.execute(f"INSERT INTO {table} VALUES ({places})", row)
        cursor = connection.execute(query)
        names = tuple(column.name for column in cursor.description)
        return sql.Result(names, tuple(cursor.fetchall()))
    finally:
        connection.rollback()


def test_reference_means_the_same_on_postgres(drill: Drill, postgres: Any) -> None:
    """A learner's standard SQL would be judged by what only DuckDB does."""
    questions = [*drill.committed(), *drill.drawn(b"postgres")]
    assert len(questions) >= 20
    for question in questions:
        here = sql.run(drill.reference, question.db)
        there = on_postgres(postgres, drill.reference, question.db)
        assert there.columns == here.columns
        assert differences(there, here, question.ordered) == "", question.db.tables


def test_another_meaning_would_be_seen(postgres: Any) -> None:
    """The comparison could not fail: integer division differs between the two."""
    db = sql.database("one row", "CREATE TABLE t(a INTEGER, b INTEGER);", t=[(1, 2)])
    query = "SELECT a / b AS rate FROM t"
    there = on_postgres(postgres, query, db)
    assert "missing (0.5)" in differences(there, sql.run(query, db), ordered=False)
