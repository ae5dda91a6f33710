"""What a function of a test looks like to an answer that gets it: decorators ask for that."""

import inspect
from typing import Any

EMPTY = inspect.Parameter.empty


def looks_of(code: Any) -> tuple[Any, ...]:
    """Name, text and, if it has a signature, its parameters and what it returns.

    A parameter is `(name, kind, defaults, annotations)`, the last two with one item or none.
    """
    name = str(getattr(code, "__name__", type(code).__name__))
    looks = name, str(getattr(code, "__doc__", None) or "")
    try:
        signature = inspect.signature(code)
    except (TypeError, ValueError):
        return looks
    parameters = tuple(
        (one.name, int(one.kind), given(one.default), given(one.annotation))
        for one in signature.parameters.values()
    )
    return *looks, parameters, given(signature.return_annotation)


def given(value: Any) -> tuple[Any, ...]:
    """A value that may be absent."""
    return () if value is EMPTY else (value,)
