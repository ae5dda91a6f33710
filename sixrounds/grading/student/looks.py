"""Gives a function that asks the tests' side the looks of what it stands for."""

import inspect
from collections.abc import Callable
from typing import Any


def made_up(
    ask: Callable[..., Any],
    name: str,
    doc: str,
    parameters: tuple[Any, ...] | None = None,
    returns: tuple[Any, ...] = (),
) -> Callable[..., Any]:
    """The function with a name, a text and a signature; see `trusted.looks`."""
    ask.__name__ = ask.__qualname__ = name
    ask.__doc__ = doc or None
    ask.__module__ = "__main__"
    if parameters is None:
        return ask
    made = []
    for one, kind, default, annotation in parameters:
        options: dict[str, Any] = {}
        if default:
            options["default"] = default[0]
        if annotation:
            options["annotation"] = ask.__annotations__[one] = annotation[0]
        made.append(inspect.Parameter(one, kind, **options))
    if returns:
        ask.__annotations__["return"] = returns[0]
    result = returns[0] if returns else inspect.Signature.empty
    ask.__dict__["__signature__"] = inspect.Signature(made, return_annotation=result)
    return ask
