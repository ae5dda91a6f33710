"""Whether two results are the same: as multisets of rows, or in order where the question orders."""

import datetime
import decimal
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sixrounds.sql.engine import Result
from sixrounds.sql.engine import cell as plain

DIGITS = 9
SHOWN = 3


def normal(value: Any) -> Any:  # noqa: PLR0911  one line per kind of value
    """A value that is equal for equal results.

    Numbers agree to 9 significant digits whatever their type; a midnight TIMESTAMP is the DATE;
    NaN and NULL are two things.
    """
    if value is None or isinstance(value, bool | str | bytes):
        return (type(value).__name__, value)
    if isinstance(value, int | float | decimal.Decimal):
        real = float(value)
        if isinstance(value, int) and abs(value) >= 10**DIGITS:
            return ("number", value)
        return ("number", "nan" if math.isnan(real) else float(f"{real:.{DIGITS}g}"))
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return ("time", str(value.date() if midnight else value))
    if isinstance(value, datetime.date):
        return ("time", str(value))
    if isinstance(value, list | tuple):
        return ("list", tuple(normal(item) for item in value))
    if isinstance(value, dict):
        return ("struct", tuple(sorted((key, normal(item)) for key, item in value.items())))
    return (type(value).__name__, str(value))


def rows_of(result: Result) -> list[tuple[Any, ...]]:
    """A result's rows, normalized."""
    return [tuple(normal(value) for value in row) for row in result.rows]


def column_fault(got: Sequence[str], wanted: Sequence[str]) -> str:
    """What is wrong with the columns, "" if nothing. Upper and lower case are the same."""
    if [name.lower() for name in got] == [name.lower() for name in wanted]:
        return ""
    return f"the columns must be {', '.join(wanted)}; these are {', '.join(got) or 'none'}"


def differences(got: Result, wanted: Result, ordered: bool) -> str:
    """The first rows that differ, "" if none does."""
    mine, theirs = rows_of(got), rows_of(wanted)
    if ordered and Counter(mine) == Counter(theirs):
        place = next(
            (n for n, pair in enumerate(zip(mine, theirs, strict=True)) if pair[0] != pair[1]), None
        )
        if place is None:
            return ""
        return f"the right rows in the wrong order, from row {place + 1}: {got.rows[place]}"
    missing = shown(wanted, theirs, Counter(theirs) - Counter(mine))
    extra = shown(got, mine, Counter(mine) - Counter(theirs))
    known = set(theirs)
    repeated = {quoted_row(row) for row, key in zip(got.rows, mine, strict=True) if key in known}
    parts = [f"missing {row}" for row in missing]
    parts += [f"{'too often' if row in repeated else 'not wanted'} {row}" for row in extra]
    return "; ".join(parts)


def shown(result: Result, keys: Iterable[tuple[Any, ...]], left: Counter[Any]) -> list[str]:
    """A few of the rows that are left over, as they were returned."""
    found: list[str] = []
    for row, key in zip(result.rows, keys, strict=True):
        if left[key] > 0 and len(found) < SHOWN:
            left[key] -= 1
            found.append(quoted_row(row))
    return found


def quoted_row(row: Sequence[Any]) -> str:
    """A row as SQL shows it."""
    return "(" + ", ".join(quoted_cell(value) for value in row) + ")"


def quoted_cell(value: Any) -> str:
    """A value as SQL shows it."""
    if isinstance(value, str):
        return f"'{value}'"
    return f"{value:.{DIGITS + 1}g}" if isinstance(value, float) else plain(value)
