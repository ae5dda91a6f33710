"""Arguments as JSON and back: what a public probe input is made of.

Code, open handles and objects of classes are refused.
"""

import base64
import math
from collections.abc import Iterator
from typing import Any

import numpy as np


class NotPlainError(TypeError):
    """A value that has no JSON form here; the input that holds it is left out."""


class Tap:
    """An iterator that keeps what is taken from it.

    If its source was not read to the end, the copy that is made of it raises where reading
    stopped: an answer that reads further than the reference did is seen.
    """

    def __init__(self, source: Iterator[Any]) -> None:
        self._source = source
        self.items: list[Any] = []
        self.ended = False

    def __iter__(self) -> "Tap":
        return self

    def __next__(self) -> Any:
        try:
            item = next(self._source)
        except StopIteration:
            self.ended = True
            raise
        self.items.append(encode(item))
        return item


def tap(value: Any) -> Any:
    """Arguments with every iterator replaced by a Tap on it; containers of iterators are copied."""
    if isinstance(value, Iterator):
        return Tap(value)
    if type(value) in (list, tuple) and any(isinstance(item, Iterator) for item in value):
        return type(value)(tap(item) for item in value)
    return value


def encode(value: Any) -> Any:  # noqa: PLR0911  one line per kind of value
    """A JSON value; kinds that JSON lacks are one-entry objects.

    Raises:
        NotPlainError: code, an open handle, an object of a class.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if type(value) is list:
        return [encode(item) for item in value]
    if type(value) is tuple:
        return {"tuple": [encode(item) for item in value]}
    if type(value) in (set, frozenset):
        return {"set": sorted((encode(item) for item in value), key=repr)}
    if type(value) is dict:
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return {"array": encode(value.tolist()), "dtype": str(value.dtype)}
    if isinstance(value, Tap):
        return {"iterator": value}  # its items are known when the call is over
    raise NotPlainError(f"{type(value).__name__} has no plain form")


def settle(value: Any) -> Any:
    """An encoded value with its taps replaced by what was taken from them."""
    if isinstance(value, list):
        return [settle(item) for item in value]
    if isinstance(value, dict):
        found = value.get("iterator")
        if isinstance(found, Tap):
            return {"iterator": found.items, "open": not found.ended}
        return {key: settle(item) for key, item in value.items()}
    return value


def decode(value: Any) -> Any:
    """The value that `encode` was given; iterators are new and one-shot."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    for kind, make in DECODERS.items():
        if kind in value:
            return make(value)
    raise NotPlainError(f"unknown kind of value: {sorted(value)}")


def replayed(value: dict[str, Any]) -> Iterator[Any]:
    """An iterator over kept items, that complains when read further than the reference read."""
    for item in value["iterator"]:
        yield decode(item)
    if value["open"]:
        raise RuntimeError("read further than needed")


DECODERS = {
    "float": lambda value: float(value["float"]),
    "tuple": lambda value: tuple(decode(value["tuple"])),
    "set": lambda value: set(decode(value["set"])),
    "dict": lambda value: {decode(key): decode(item) for key, item in value["dict"]},
    "bytes": lambda value: base64.b64decode(value["bytes"]),
    "array": lambda value: np.array(decode(value["array"]), dtype=value["dtype"]),
    "iterator": replayed,
}
