"""Columns and indexes of pandas on the wire. `pandas` is given: a lesson has imported it."""

import re
import zoneinfo
from collections.abc import Callable
from typing import Any

import numpy as np

from sixrounds.grading.wire.arrays import array_node
from sixrounds.grading.wire.arrays import column_of as array_column
from sixrounds.grading.wire.nodes import Node, NotPlainError, WireError

Encode = Callable[[Any], Node]
Decode = Callable[[Node], Any]
PLAIN_KINDS = "biufcmM"
ITEMS = frozenset(("object", "str", "string"))  # dtypes whose items are sent one by one
MASKED = {
    name: name.lower()
    for name in (
        "Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float32 Float64 boolean".split()
    )
} | {"boolean": "bool"}
MAX_NAME = 64
ZONE = re.compile(r"(key:)?[A-Za-z0-9_+:-]+(/[A-Za-z0-9_+-]+){0,2}")


def column_node(column: Any, encode: Encode) -> Node:  # noqa: PLR0911  one return per kind
    """`(kind, values, …)` of a column."""
    kind = column.dtype
    if isinstance(kind, np.dtype) and kind.kind in PLAIN_KINDS:
        return "", array_node(column.to_numpy(), encode)
    name = str(kind)
    if name in ITEMS:
        return name, encode(tuple(column.tolist()))
    if name in MASKED:
        missing = column.isna().to_numpy(dtype=bool)
        values = column.to_numpy(dtype=MASKED[name], na_value=0)
        return name, array_node(values, encode), array_node(missing, encode)
    if name == "category":
        codes, categories = column.array.codes, index_node(kind.categories, encode)
        return name, array_node(codes, encode), categories, bool(kind.ordered)
    if name.startswith("datetime64["):
        moments = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        return "zone", array_node(moments, encode), zone_name(kind.tz)
    if name.startswith("period["):
        return "period", array_node(column.array.asi8, encode), name[len("period[") : -1]
    if name.startswith("interval["):
        return "interval", encode(tuple(column.tolist())), name
    raise NotPlainError(f"a column of dtype {name} cannot be sent")


def column_of(pandas: Any, node: Node, index: Any, decode: Decode) -> Any:
    """A column as a series on an index (None: 0, 1, …)."""
    kind = node[0]
    if kind in ITEMS:
        items = decode(node[1])
        if type(items) is not tuple:
            raise WireError("not a column's items")
        values = np.empty(len(items), dtype=object)
        for place, item in enumerate(items):  # at once, arrays in them would be unpacked
            values[place] = item
    elif kind == "interval":
        if not isinstance(node[2], str) or len(node[2]) > MAX_NAME:
            raise WireError("not a dtype of intervals")
        values = pandas.arrays.IntervalArray(decode(node[1]), dtype=node[2])
    else:
        values = array_values(pandas, node, decode)
    if index is not None and len(values) != len(index):  # else pandas would fill it up
        raise WireError("a column of another length than its index")
    return pandas.Series(values, index=index, dtype=kind if kind in ITEMS else values.dtype)


def array_values(pandas: Any, node: Node, decode: Decode) -> Any:
    """The values of a column that crossed as numbers."""
    kind, values = node[0], array_column(node[1])
    if kind == "":
        if values.dtype.kind not in PLAIN_KINDS:
            raise WireError("a column's dtype that is not allowed")
        return values
    if kind in MASKED:
        made, missing = pandas.array(values, dtype=kind), array_column(node[2])
        if values.dtype != MASKED[kind] or missing.dtype != bool:
            raise WireError("not a column with missing values")
        made[missing] = pandas.NA
        return made
    if kind == "category":
        labels = index_of(pandas, node[2], decode)
        return pandas.Categorical.from_codes(values, labels, ordered=node[3] is True)
    if kind == "zone" and values.dtype.kind == "M":
        return pandas.DatetimeIndex(values, tz="UTC").tz_convert(zone_of(node[2])).array
    if kind == "period" and isinstance(node[2], str):
        return pandas.PeriodIndex.from_ordinals(values, freq=node[2]).array
    raise WireError("a column's dtype that is not allowed")


def index_node(index: Any, encode: Encode) -> Node:
    """An index: a range, several levels, or one column."""
    kind = type(index).__name__
    if kind == "MultiIndex":
        levels = tuple(index_node(level, encode) for level in index.levels)
        codes = tuple(array_node(np.asarray(code), encode) for code in index.codes)
        return "m", tuple(encode(name) for name in index.names), levels, codes
    if kind == "RangeIndex":
        return "r", index.start, index.stop, index.step, encode(index.name)
    freq = getattr(index, "freqstr", None) if kind in ("DatetimeIndex", "TimedeltaIndex") else None
    return "i", encode(index.name), column_node(index.to_series(), encode), freq


def index_of(pandas: Any, node: Node, decode: Decode) -> Any:
    """An index."""
    if node[0] == "m":
        levels = [index_of(pandas, level, decode) for level in node[2]]
        codes = [array_column(code) for code in node[3]]
        names = [decode(name) for name in node[1]]
        return pandas.MultiIndex(levels=levels, codes=codes, names=names)
    if node[0] == "r":
        return pandas.RangeIndex(node[1], node[2], node[3], name=decode(node[4]))
    if node[0] != "i":
        raise WireError("not an index")
    labels = column_of(pandas, node[2], None, decode)
    index = pandas.Index(labels.array, dtype=labels.dtype, name=decode(node[1]))
    if isinstance(node[3], str):
        index.freq = node[3]
    return index


def zone_name(zone: Any) -> str:
    """The text of a time zone: a name, or so far from UTC; `key:` for one of zoneinfo.

    Raises:
        NotPlainError: it is neither.
    """
    if isinstance(zone, zoneinfo.ZoneInfo) and zone.key:
        return f"key:{zone.key}"
    name = getattr(zone, "zone", None)
    if isinstance(name, str):
        return name
    away = zone.utcoffset(None)
    if away is None or away.total_seconds() % 60:
        raise NotPlainError(f"a time zone of type {type(zone).__name__} cannot be sent")
    minutes = int(away.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}" if minutes else "UTC"


def zone_of(name: Node) -> Any:
    """The time zone of a text; pandas makes those without `key:` in its own way."""
    if not isinstance(name, str) or len(name) > MAX_NAME or ZONE.fullmatch(name) is None:
        raise WireError("not a time zone")
    if name.startswith("dateutil"):
        raise WireError("not a time zone")
    return zoneinfo.ZoneInfo(name[4:]) if name.startswith("key:") else name
