"""The committed instances of a drill: small data on which wrong queries go wrong.

`sixrounds instances` chooses them when a drill is written; a file of `data/sql_drills/` holds them
with the kind of case in words, and the mutants that no data can tell from the reference, with the
reason for each.
"""

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from sixrounds import content
from sixrounds.errors import SixRoundsError
from sixrounds.sql.database import Database, Row

_hidden = False


def instances(name: str, schema: str) -> list[Database]:
    """The committed instances of a drill.

    Args:
        name: the file under `data/`, without its ending: "sql_drills/first_pass_yield_sql".
        schema: the drill's CREATE TABLE statements.

    Raises:
        SixRoundsError: there is no such file.
    """
    if _hidden:
        return []
    path = content.folder("data") / f"{name}.json"
    if not path.is_file():
        raise SixRoundsError(f"{path}: no such instances; run `sixrounds instances`")
    return [read(item, schema) for item in json.loads(path.read_text("utf-8"))["instances"]]


def read(item: dict[str, Any], schema: str) -> Database:
    """One instance of a file."""
    tables: dict[str, Sequence[Row]] = {
        table: tuple(map(tuple, rows)) for table, rows in item["tables"].items()
    }
    return Database(item["kind"], schema, tables)


def rows_as_json(db: Database) -> dict[str, list[list[Any]]]:
    """The rows of a database as JSON: dates and times as text, which DuckDB reads back."""
    return {
        table: [[plain(value) for value in row] for row in rows]
        for table, rows in db.tables.items()
        if rows
    }


def plain(value: Any) -> Any:
    """A value as JSON."""
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


@contextlib.contextmanager
def none_committed() -> Iterator[None]:
    """While instances are chosen anew, the old ones are not among the candidates."""
    global _hidden  # noqa: PLW0603  one chooser per process
    _hidden = True
    try:
        yield
    finally:
        _hidden = False
