"""Nodes to the built-in values that cannot be changed: times, numbers, ranges."""

import datetime
import decimal
import fractions
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any

from sixrounds.grading.wire.arrays import dtype_of, scalar_of
from sixrounds.grading.wire.nodes import MAX_TEXT, Node, WireError

Decode = Callable[[Node], Any]
TIMES: dict[str, Any] = {
    "datetime": datetime.datetime,
    "date": datetime.date,
    "time": datetime.time,
}


def bytes_of(value: Node) -> bytes:
    """The bytes of a node that must be bytes."""
    if not isinstance(value, bytes):
        raise WireError("not bytes")
    return value


def text_of(value: Node) -> str:
    """A text that is not too long to be read as a number."""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise WireError("not a number's text")
    return value


def integer(value: Node) -> int:
    """An integer."""
    if type(value) is not int:
        raise WireError("not an integer")
    return value


def real(value: Node) -> float:
    """A float."""
    if type(value) is not float:
        raise WireError("not a float")
    return value


def time_of(node: Node, decode: Decode) -> Any:
    """A date, a time or both."""
    kind = TIMES[node[1]]
    naive = kind.fromisoformat(text_of(node[2]))
    if kind is datetime.date:
        return naive
    zone = decode(node[3])
    if zone is not None and not isinstance(zone, datetime.tzinfo):
        raise WireError("not a time zone")
    return naive.replace(tzinfo=zone, fold=integer(node[4]))


def zone_of(node: Node, _decode: Decode) -> Any:
    """A time zone: by its name in the standard database, or so far from UTC."""
    if node[1] is not None:
        return zoneinfo.ZoneInfo(text_of(node[1]))
    away = datetime.timedelta(*(integer(part) for part in node[2:5]))
    return datetime.timezone(away) if away else datetime.UTC


def singleton(node: Node, _decode: Decode) -> Any:
    """`...` or NotImplemented."""
    return {"Ellipsis": ..., "NotImplemented": NotImplemented}[node[1]]


MAKERS: dict[str, Callable[[Node, Decode], Any]] = {
    "the": singleton,
    "ns": lambda node, decode: scalar_of(node[1], decode),
    "c": lambda node, _: complex(real(node[1]), real(node[2])),
    "r": lambda node, decode: range(*(integer(decode(part)) for part in node[1:4])),
    "sl": lambda node, decode: slice(*(decode(part) for part in node[1:4])),
    "dt": time_of,
    "td": lambda node, _: datetime.timedelta(*(integer(part) for part in node[1:4])),
    "tz": zone_of,
    "D": lambda node, _: decimal.Decimal(text_of(node[1])),
    "F": lambda node, _: fractions.Fraction(integer(node[1]), integer(node[2])),
    "id": lambda node, _: uuid.UUID(hex=text_of(node[1])),
    "dtype": lambda node, _: dtype_of(node[1]),
}
