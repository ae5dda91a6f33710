"""Runs one SELECT on a drill's database, with limits and errors that say what to do.

DuckDB in process, external access off and locked, one thread, limited memory and time.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from sixrounds.sql.database import Database, Row

SECONDS = 10.0
SHOWN = 10


class SqlError(Exception):
    """A query that cannot be run; one line that says what and where."""


@dataclass(frozen=True)
class Result:
    """The columns and rows of a query."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        """A table with at most SHOWN rows, and how many there are."""
        cells = [self.columns, *(tuple(cell(value) for value in row) for row in self.rows[:SHOWN])]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
        lines.insert(1, "  ".join("-" * width for width in widths))
        count = len(self.rows)
        more = f", the first {SHOWN} shown" if count > SHOWN else ""
        return "\n".join([*lines, f"({count} row{'' if count == 1 else 's'}{more})"])


Elsewhere = Callable[[str, Database, float], Result]
_elsewhere: Elsewhere | None = None


def run_elsewhere(ask: Elsewhere | None) -> None:
    """Have every query of a learner run by `ask`, in another process; None: here again."""
    global _elsewhere  # noqa: PLW0603  one grader per process
    _elsewhere = ask


def run(query: str, db: Database, seconds: float = SECONDS) -> Result:
    """The result of a single SELECT.

    Args:
        query: the text; a trailing semicolon is allowed.
        db: the database; nothing a query does to it stays.
        seconds: after which the query is stopped.

    Raises:
        SqlError: not one SELECT, a syntax error, an unknown name, out of time or memory.
        NotImplementedError: the query is still the stub.
    """
    text = str(query)
    if _elsewhere is not None:
        return _elsewhere(text, db, seconds)
    only_select(text)
    with db.loaded() as connection:
        return fetched(text, connection, seconds)


def fetched(
    text: str, connection: duckdb.DuckDBPyConnection, seconds: float | None = SECONDS
) -> Result:
    """What a SELECT returns on a connection; without `seconds` it may take as long as it wants.

    Raises:
        SqlError: an unknown name, out of time or memory.
    """
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        connection.interrupt()

    timer = threading.Timer(seconds, stop) if seconds else None
    if timer:
        timer.start()
    try:
        cursor = connection.execute(text)
        names = tuple(str(column[0]) for column in cursor.description or ())
        return Result(names, tuple(cursor.fetchall()))
    except duckdb.Error as error:
        if stopped.is_set():
            raise SqlError(
                f"stopped after {seconds:g} s: does it join all rows with all?"
            ) from None
        raise SqlError(explain(error, text)) from None
    finally:
        if timer:
            timer.cancel()


def only_select(text: str) -> None:
    """Refuse anything but one query.

    Raises:
        SqlError: nothing, several statements, or one that changes something.
    """
    try:
        statements = duckdb.extract_statements(text)
    except duckdb.Error as error:
        raise SqlError(explain(error, text)) from None
    if len(statements) != 1:
        raise SqlError(f"write one SELECT; this is {len(statements)} statements")
    if statements[0].type != duckdb.StatementType.SELECT:
        kind = str(statements[0].type).rsplit(".", 1)[-1]
        raise SqlError(f"write a SELECT (it may start with WITH); this is {kind}")


def explain(error: duckdb.Error, text: str) -> str:
    """DuckDB's message on one line, with the place in the query if it names one."""
    said = str(error)
    first = said.strip().split("\n")[0]
    near = re.search(r"Candidate (?:bindings|tables): *(.+)", said)
    if near is None:
        near = re.search(r"Did you mean (.+?)\?", said)
    parts = [" ".join(first.split())]
    if near and near[1] not in first:
        parts.append(f"near it: {near[1].strip()}")
    place = line_of(said, text)
    if place:
        parts.append(place)
    return "; ".join(parts)


def line_of(said: str, text: str) -> str:
    """`line n: …` of the line that DuckDB marks with a caret."""
    found = re.search(r"^LINE (\d+): ", said, re.MULTILINE)
    if not found:
        return ""
    lines = text.split("\n")
    number = int(found[1])
    shown = lines[number - 1].strip() if number <= len(lines) else ""
    return f"line {number}: {shown}"


def cell(value: object) -> str:
    """A value on one line, as SQL shows it; text without its quotes, fractions to 6 digits."""
    if value is None:
        return "NULL"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
