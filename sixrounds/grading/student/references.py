"""What crosses to the tests by reference, and what they refer to: code stays where it is."""

import builtins
import importlib
import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sixrounds.grading.shared import LIBRARIES, member_node, member_of
from sixrounds.grading.wire import WireError
from sixrounds.grading.wire.nodes import Node
from sixrounds.placeholder import Todo

MAX_DOC = 2000
# Where the bases of a class may come from that only holds items: none of them is plain data.
CONTAINERS = frozenset({"__main__", "collections", "collections.abc", "typing", "abc"})


class References:
    """The values that the other side holds by number, and how ours are told.

    Args:
        functions: what the setup defines, by name; it is the same on both sides.
        call: asks the other side to call what it passed, by number; knows what that looks like.
        step: asks the other side for the next item of an iterator it passed, by number.
        raised: makes an exception of what the other side says of one.
        told: says what an exception is.
    """

    def __init__(
        self,
        functions: Mapping[str, Any],
        call: Callable[[int, Node], Any],
        step: Callable[[int], Any],
        raised: Callable[[Node], Any],
        told: Callable[[BaseException], Node],
    ) -> None:
        self.own: dict[type, str] = {}  # classes that are the answer, by the exercise's name
        self._kept: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._names = {id(value): name for name, value in functions.items()}
        self._told = told
        self.referred: dict[str, Callable[[Node], Any]] = {
            "H": lambda node: self.value(node[1]),
            "g": lambda node: functions[node[1]],
            "e": lambda node: member_of(node, functions),
            "L": lambda node: library(node[1], node[2]),
            "cb": lambda node: call(node[1], node[2]),
            "cbit": lambda node: step(node[1]),
            "ex": lambda node: raised(node[1]),
        }

    def value(self, number: Any) -> Any:
        """What stands under a number."""
        return self._kept[number]

    def keep(self, value: Any) -> int:
        """The number of a value, the same each time: the other side knows it again."""
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._kept)
            self._kept.append(value)
        return number

    def refer(self, value: Any) -> Node | None:  # noqa: PLR0911  one return per kind of value
        """The node of what stays here; None for plain data."""
        kind = type(value)
        name = next((name for own, name in self.own.items() if isinstance(value, own)), None)
        if name is not None:
            return "h", name, self.keep(value)
        if id(value) in self._names:
            return "g", self._names[id(value)]
        if isinstance(value, Todo):
            return ("todo",)
        if isinstance(value, BaseException):
            return "ex", self._told(value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, io.IOBase):
            return None
        if hasattr(kind, "__next__"):
            return "it", self.keep(value)
        if callable(value):
            name = getattr(value, "__name__", kind.__name__)
            return "fn", str(name), self.keep(value), str(value.__doc__ or "")[:MAX_DOC]
        if holds_items(kind):
            return "ob", kind.__name__, self.keep(value)
        return member_node(value, self._names)

    def _class(self, value: type) -> Node:
        if getattr(builtins, value.__name__, None) is value:
            return "type", value.__name__
        if issubclass(value, np.generic) and getattr(np, value.__name__, None) is value:
            return "type", f"numpy.{value.__name__}"
        return "fn", value.__name__, self.keep(value), str(value.__doc__ or "")[:MAX_DOC]


def holds_items(kind: type) -> bool:
    """Whether a class is one of the learner's own that can be iterated or indexed."""
    own = all(base is object or base.__module__ in CONTAINERS for base in kind.__mro__)
    return own and (hasattr(kind, "__iter__") or hasattr(kind, "__getitem__"))


def library(module: str, name: str) -> Any:
    """A function of a library that the tests passed, by its place."""
    if module.partition(".")[0] not in LIBRARIES:
        raise WireError(f"{module} is not a library that tests may name")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found
