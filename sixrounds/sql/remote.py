"""Queries that run in another process: what crosses is plain data, and both ends of it are here.

The grader runs a learner's query in its jail and judges the rows outside of it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sixrounds.sql.database import Database, Row
from sixrounds.sql.engine import Result, run, run_elsewhere

Plain = tuple[list[str], list[Row]]


def use(ask: Callable[[str, str, dict[str, list[Row]], float | None], Any]) -> None:
    """From now on every query of a learner runs where `ask` takes it; see `run_plain`."""

    def elsewhere(text: str, db: Database, seconds: float | None) -> Result:
        tables = {name: [tuple(row) for row in rows] for name, rows in db.tables.items()}
        columns, rows = ask(text, db.schema, tables, seconds)
        return Result(tuple(map(str, columns)), tuple(map(tuple, rows)))

    run_elsewhere(elsewhere)


def run_plain(text: str, schema: str, tables: Mapping[str, Sequence[Row]], seconds: float) -> Plain:
    """The columns and rows of a query on a database.

    Raises:
        SqlError: as `run` does.
    """
    result = run(text, Database("", schema, dict(tables)), seconds)
    return list(result.columns), list(result.rows)
