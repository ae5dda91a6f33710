"""Short digests of values, equal where a test would call the values equal.

Numbers agree to 6 significant digits and across int, float and numpy; tuple and list agree, sets
and dicts ignore order, long containers are compared by a sample. A digest names a value in traces
and hints without giving it away.
"""

import dataclasses
import datetime
import decimal
import fractions
import hashlib
import numbers
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np

MAX_DEPTH = 40
LONG = 5_000  # items beyond which a container is named by its length and a sample
SAMPLE = 200


def digest(value: Any) -> str:
    """12 hexadecimal digits that name a value."""
    return hashlib.blake2b(canonical(value).encode(), digest_size=6).hexdigest()


def canonical(value: Any, depth: int = 0) -> str:  # noqa: PLR0911  one line per kind of value
    """A text that is equal for equal values."""
    if depth > MAX_DEPTH:
        return "deep"
    if value is None or isinstance(value, str | bytes | bytearray):
        return repr(value)
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, numbers.Number | decimal.Decimal):
        return number(value)
    if isinstance(value, np.ndarray):
        return canonical(value.tolist() if value.size <= LONG else sample(value.ravel()), depth + 1)
    if isinstance(value, list | tuple | range | Mapping | Set) and len(value) > LONG:
        return canonical(sample(value) if isinstance(value, Sequence) else len(value), depth + 1)
    if isinstance(value, Mapping):
        items = (canonical(k, depth + 1) + ":" + canonical(v, depth + 1) for k, v in value.items())
        return "{" + ",".join(sorted(items)) + "}"
    if isinstance(value, Set):
        return "{" + ",".join(sorted(canonical(item, depth + 1) for item in value)) + "}"
    if isinstance(value, list | tuple | range):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, datetime.date | datetime.timedelta):
        return str(value)
    return other(value, depth)


def other(value: Any, depth: int) -> str:
    """What has no plain form: by its fields if it has some, else by its kind."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
        return type(value).__name__ + canonical(fields, depth + 1)
    if type(value).__module__.startswith("pandas.") and hasattr(value, "to_dict"):
        return canonical(list(value.reset_index().to_dict("list").items()), depth + 1)
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, Iterator):
        return "iterator"
    if callable(value):
        return "callable " + str(getattr(value, "__name__", ""))
    return "object " + type(value).__name__


def number(value: Any) -> str:
    """A number to 6 significant digits; whole numbers exactly."""
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, complex | np.complexfloating):
        return f"({number(value.real)},{number(value.imag)})"
    if isinstance(value, fractions.Fraction | decimal.Decimal | float | np.floating):
        real = float(value)
        if abs(real) < 1e15 and abs(real - round(real)) <= 1e-9 * max(1.0, abs(real)):
            return str(round(real))
        return f"{real:.6g}"
    return repr(value)


def sample(value: Any) -> list[Any]:
    """The length of a long sequence and some of its items, the first and the last among them."""
    step = max(1, len(value) // SAMPLE)
    return [len(value), *value[::step], value[-1]]
