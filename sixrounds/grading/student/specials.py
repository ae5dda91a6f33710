"""Special methods by name, asked for as Python does: on the class, with its fallbacks."""

import operator
from collections.abc import Callable
from typing import Any


def leave(manager: Any, error: BaseException | None) -> Any:
    """End a `with` block that raised an error, or none."""
    if error is None:
        return type(manager).__exit__(manager, None, None, None)
    return type(manager).__exit__(manager, type(error), error, error.__traceback__)


SPECIALS: dict[str, Callable[..., Any]] = {
    "__exit__": leave,
    "__len__": len,
    "__iter__": iter,
    "__next__": next,
    "__repr__": repr,
    "__str__": str,
    "__bool__": bool,
    "__hash__": hash,
    "__abs__": abs,
    "__neg__": operator.neg,
    "__contains__": operator.contains,
    "__getitem__": operator.getitem,
    "__setitem__": operator.setitem,
    "__delitem__": operator.delitem,
    "__eq__": operator.eq,
    "__ne__": operator.ne,
    "__lt__": operator.lt,
    "__le__": operator.le,
    "__gt__": operator.gt,
    "__ge__": operator.ge,
    "__add__": operator.add,
    "__sub__": operator.sub,
    "__mul__": operator.mul,
    "__truediv__": operator.truediv,
    "__pow__": operator.pow,
    "__matmul__": operator.matmul,
}
