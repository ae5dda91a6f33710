"""Dataclasses as plain data and back: what is written to JSON, and what crosses to a cluster."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints


def flat(value: Any) -> Any:
    """A value as dict, list, str, int, float, bool, bytes and None alone."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: flat(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: flat(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [flat(item) for item in value]
    return value


def rebuilt(kind: Any, raw: Any) -> Any:
    """The value of a declared type that `flat` gave this for.

    Args:
        kind: a dataclass, or what one may declare for a field.
        raw: from `flat`, perhaps by way of JSON.

    Raises:
        KeyError, TypeError, ValueError: it is of no such type.
    """
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{name: rebuilt(hints[name], item) for name, item in raw.items()})
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        kinds = inner[:1] * len(raw) if inner[1:] == (...,) else inner
        return tuple(rebuilt(one, item) for one, item in zip(kinds, raw, strict=True))
    if origin in (dict, Mapping):
        return {key: rebuilt(inner[1], item) for key, item in raw.items()}
    if origin is types.UnionType:  # `X | None`
        return None if raw is None else rebuilt(inner[0], raw)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(raw)
    return raw
