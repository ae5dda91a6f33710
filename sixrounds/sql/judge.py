"""Tests of a query: visible data shows the rows that differ, hidden data the kind of case alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sixrounds.sql.compare import column_fault, differences, rows_of
from sixrounds.sql.database import Database
from sixrounds.sql.engine import Result, SqlError, run
from sixrounds.sql.known import result_of


@dataclass(frozen=True)
class Asked:
    """What a test asks of a query: its result on a database, and whether the order counts."""

    db: Database
    ordered: bool


Observer = Callable[[Asked, Any, bool], None]
_observer: Observer | None = None


class Mismatch(AssertionError):  # noqa: N818  a failed test, named like one
    """A query that returns something else. `kind` may be shown; the text holds data, too."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind


def observe(observer: Observer | None) -> None:
    """Tell the grader of every question: (what was asked, rows or error, whether it raised)."""
    global _observer  # noqa: PLW0603  one grader per process
    _observer = observer


def expect(
    query: str,
    db: Database,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    ordered: bool = False,
) -> None:
    """Assert that a query returns these columns and rows, in any order unless `ordered`.

    Raises:
        Mismatch: it returns something else; the message shows the first rows that differ.
        SqlError: it cannot be run.
    """
    wanted = Result(tuple(columns), tuple(tuple(row) for row in rows))
    compare(observed(query, db, ordered), wanted, db.kind, ordered)


def check(
    query: str, reference: str, instances: Sequence[Database], *, ordered: bool = False
) -> None:
    """Assert that a query returns what a reference returns, on each instance.

    All instances are tried before the first mismatch is raised, so that a diagnosis sees them all.

    Raises:
        Mismatch: its `kind` is that of the first instance with another result.
        SqlError: the query cannot be run.
        ValueError: there are no instances, so that any query would pass.
    """
    if not instances:
        raise ValueError("sql.check needs at least one instance")
    faults: list[Exception] = []
    for db in instances:
        try:
            wanted = result_of(reference, db)
            compare(observed(query, db, ordered), wanted, db.kind, ordered)
        except (Mismatch, SqlError) as error:
            faults.append(error)
    if faults:
        raise faults[0]


def observed(query: str, db: Database, ordered: bool) -> Result:
    """Run a learner's query, and tell the observer what came."""
    try:
        result = run(query, db)
    except SqlError as error:
        if _observer is not None:
            _observer(Asked(db, ordered), type(error).__name__, True)
        raise
    if _observer is not None:
        _observer(Asked(db, ordered), answered(result, ordered), False)
    return result


def answered(result: Result, ordered: bool) -> Any:
    """A result as plain data that is equal for equal results."""
    rows = [repr(row) for row in rows_of(result)]
    names = tuple(name.lower() for name in result.columns)
    return names, rows if ordered else sorted(rows)


def compare(got: Result, wanted: Result, kind: str, ordered: bool) -> None:
    """Raise the Mismatch of two results, if they differ."""
    fault = column_fault(got.columns, wanted.columns)
    if fault:
        raise Mismatch(fault, "")
    detail = differences(got, wanted, ordered)
    if detail:
        raise Mismatch(kind, detail)
