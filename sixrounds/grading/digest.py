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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np

MAX_DEPTH = 40
LONG = 5_000  # items beyond which a container is named by its length and a sample
SAMPLE = 200
MANY = 16  # floats from which on it pays to look at all of them at once


def digest(value: Any) -> str:
    """12 hexadecimal digits that name a value."""
    return hashlib.blake2b(canonical(value).encode(), digest_size=6).hexdigest()


def canonical(value: Any, depth: int = 0) -> str:  # noqa: PLR0911  one line per kind of value
    """A text that is equal for equal values."""
    quick = QUICK.get(type(value))
    if quick is not None:
        return quick(value)
    if depth > MAX_DEPTH:
        return "deep"
    if value is None or isinstance(value, str | bytes | bytearray):
        return repr(value)
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, numbers.Number | decimal.Decimal):
        return number(value)
    if isinstance(value, np.ndarray):
        return array(value, depth)
    if isinstance(value, list | tuple | range | Mapping | Set) and len(value) > LONG:
        return canonical(sample(value) if isinstance(value, Sequence) else len(value), depth + 1)
    if isinstance(value, Mapping):
        items = (canonical(k, depth + 1) + ":" + canonical(v, depth + 1) for k, v in value.items())
        return "{" + ",".join(sorted(items)) + "}"
    if isinstance(value, Set):
        return "{" + ",".join(sorted(canonical(item, depth + 1) for item in value)) + "}"
    if isinstance(value, list | tuple | range):
        return "[" + ",".join(members(value, depth)) + "]"
    if isinstance(value, datetime.date | datetime.timedelta):
        return str(value)
    return other(value, depth)


def members(values: Sequence[Any], depth: int) -> Iterable[str]:
    """The texts of a sequence's items; most sequences have items of one kind."""
    kinds = set(map(type, values))
    if kinds == {float} and len(values) >= MANY:
        return reals(np.asarray(values))
    quick = QUICK.get(kinds.pop()) if len(kinds) == 1 else None
    if quick is not None:
        return map(quick, values)
    return (canonical(item, depth + 1) for item in values)


def array(value: np.ndarray, depth: int) -> str:
    """An array as the lists that it could be."""
    if value.dtype == np.float64 and MANY <= value.size <= LONG:
        return nested(reals(value.ravel()), value.shape)
    return canonical(value.tolist() if value.size <= LONG else sample(value.ravel()), depth + 1)


def of_pandas(value: Any, depth: int) -> str:
    """A frame or a series by its columns, an index by its items, and pandas' own None."""
    if type(value).__name__ == "NAType":
        return canonical(None)
    if hasattr(value, "reset_index"):
        frame = value.reset_index()
        columns = [(name, frame.iloc[:, at].tolist()) for at, name in enumerate(frame.columns)]
        return canonical(columns, depth + 1)
    if hasattr(value, "tolist"):
        return canonical(value.tolist(), depth + 1)
    return "object " + type(value).__name__


def other(value: Any, depth: int) -> str:
    """What has no plain form: by its fields if it has some, else by its kind."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
        return type(value).__name__ + canonical(fields, depth + 1)
    if type(value).__module__.startswith("pandas."):
        return of_pandas(value, depth)
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
        return real(float(value))
    return repr(value)


def real(value: float) -> str:
    """A real number to 6 significant digits, or the whole number it stands for."""
    size = abs(value)
    if size < 1e15:
        whole = round(value)
        if abs(value - whole) <= 1e-9 * max(1.0, size):
            return str(whole)
    return f"{value:.6g}"


def reals(values: np.ndarray) -> list[str]:
    """`real` of many, in a third of the time: most of what tests compare are floats."""
    size = np.abs(values)
    whole = np.rint(values)
    with np.errstate(invalid="ignore"):  # infinity less itself
        is_whole = (size < 1e15) & (np.abs(values - whole) <= 1e-9 * np.maximum(1.0, size))
    texts = ("%.6g," * len(values) % tuple(values.tolist())).split(",")[:-1]
    for place in np.flatnonzero(is_whole):
        texts[place] = str(int(whole[place]))
    return texts


def nested(texts: Sequence[str], shape: tuple[int, ...]) -> str:
    """The texts of an array's items as those of the lists that it would be."""
    for length in reversed(shape):
        count = len(texts) // length
        texts = [
            "[" + ",".join(texts[row * length : (row + 1) * length]) + "]" for row in range(count)
        ]
    return texts[0]


# The kinds that need no look at what they are: each item of a container comes by here.
QUICK: Mapping[type, Callable[[Any], str]] = {float: real, int: str, str: repr}


def sample(value: Any) -> list[Any]:
    """The length of a long sequence and some of its items, the first and the last among them."""
    step = max(1, len(value) // SAMPLE)
    return [len(value), *value[::step], value[-1]]
