"""Small databases for drills: a schema and rows, loaded into DuckDB once a process."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

Row = tuple[Any, ...]
MAX_LOADED = 200
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

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor on the loaded database. Close it.

        Loading costs more than most queries, so it happens once a process; a query is a SELECT
        and leaves nothing behind.
        """
        key = (os.getpid(), id(self))
        held = _loaded.get(key)
        if held is None:
            while len(_loaded) >= MAX_LOADED:
                _loaded.pop(next(iter(_loaded)))[1].close()
            # Holding the database itself keeps its id from being given to another one.
            held = _loaded[key] = (self, self.connect())
        return held[1].cursor()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A new connection with the schema and the rows in it. Close it."""
        connection = duckdb.connect(":memory:")
        try:
            connection.execute(self.schema)
            for table, rows in self.tables.items():
                if rows:
                    places = ", ".join("?" for _ in rows[0])
                    statement = f"INSERT INTO {quoted(table)} VALUES ({places})"
                    connection.executemany(statement, [list(row) for row in rows])
            for name, value in CONFIG.items():
                connection.execute(f"SET {name} = {literal(value)}")
        except duckdb.Error:
            connection.close()
            raise
        return connection


_loaded: dict[tuple[int, int], tuple[Database, duckdb.DuckDBPyConnection]] = {}


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
