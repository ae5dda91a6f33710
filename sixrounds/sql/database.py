"""Small databases for drills: a schema and rows, loaded into DuckDB once a process."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

Row = tuple[Any, ...]
MAX_OPEN = 20
CONFIG = {
    # Nothing outside of the database can be read or written, and a query cannot turn that off.
    "enable_external_access": False,
    "memory_limit": "1GB",
    "threads": 1,
    "lock_configuration": True,
}


@dataclass(frozen=True)
class Database:
    """An instance of a drill's schema.

    `kind` names the kind of case in plain words ("a build without events"); it may be shown to a
    learner when a hidden instance fails, so it never holds the data.
    """

    kind: str
    schema: str
    tables: dict[str, Sequence[Row]] = field(default_factory=dict)

    @contextlib.contextmanager
    def loaded(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that sees this instance's rows.

        A schema is made once a process: opening DuckDB costs ten times what a small instance does.
        The rows come in a transaction that is rolled back, so that no instance sees another.
        """
        connection = connected(self.schema)
        connection.begin()
        try:
            for table, rows in self.tables.items():
                if rows:
                    row = "(" + ", ".join("?" for _ in rows[0]) + ")"
                    statement = f"INSERT INTO {quoted(table)} VALUES " + ", ".join(
                        [row] * len(rows)
                    )
                    connection.execute(statement, [value for one in rows for value in one])
            yield connection
        finally:
            connection.rollback()


_open: dict[tuple[int, str], duckdb.DuckDBPyConnection] = {}


def connected(schema: str) -> duckdb.DuckDBPyConnection:
    """This process's connection to a database of a schema, made when first asked for."""
    key = (os.getpid(), schema)
    if key in _open:
        return _open[key]
    while len(_open) >= MAX_OPEN:
        _open.pop(next(iter(_open))).close()
    connection = duckdb.connect(":memory:")
    try:
        # In a notebook a slow query would show a widget, which a page loads from another host.
        connection.execute("SET enable_progress_bar = false")
        connection.execute(schema)
        for name, value in CONFIG.items():
            connection.execute(f"SET {name} = {literal(value)}")
    except duckdb.Error:
        connection.close()
        raise
    _open[key] = connection
    return connection


def database(kind: str, schema: str, **tables: Sequence[Row]) -> Database:
    """A database from its rows, a table a keyword; tables not named stay empty.

    Args:
        kind: the kind of case, in words that may be shown.
        schema: CREATE TABLE statements.
        tables: rows as tuples, columns in the schema's order.
    """
    return Database(kind, schema, {name: tuple(rows) for name, rows in tables.items()})


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A setting's value in SQL."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else f"'{value}'"
