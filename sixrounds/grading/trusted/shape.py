"""What an exercise's stub says of its answer; the answer itself is not believed."""

import ast
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an answer binds."""

    FUNCTION = "function"
    CLASS = "class"
    VALUE = "value"


@dataclass(frozen=True)
class Shape:
    """The kind of an answer and, of a class, which of its attributes are methods."""

    name: str
    kind: Kind
    methods: frozenset[str] = frozenset()


def shape_of(name: str, stub: str) -> Shape:
    """The shape of an exercise, from its stub."""
    for node in ast.parse(stub).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return Shape(name, Kind.FUNCTION)
        if isinstance(node, ast.ClassDef) and node.name == name:
            return Shape(name, Kind.CLASS, frozenset((*methods_of(node), *added_to(node))))
    return Shape(name, Kind.VALUE)


def methods_of(node: ast.ClassDef) -> list[str]:
    """The methods of a class, without its properties."""
    return [
        item.name
        for item in node.body
        if isinstance(item, ast.FunctionDef) and not any(map(is_property, item.decorator_list))
    ]


def added_to(node: ast.ClassDef) -> list[str]:
    """The special methods that decorators of the standard library add to a class."""
    added: list[str] = []
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = ast.unparse(call.func if call else decorator).rpartition(".")[2]
        options = {option.arg for option in call.keywords} if call else set()
        if name == "dataclass":
            added += ["__eq__", "__repr__"]
        if name == "total_ordering" or (name == "dataclass" and "order" in options):
            added += ["__lt__", "__le__", "__gt__", "__ge__"]
    return added


def is_property(decorator: ast.expr) -> bool:
    """Whether a decorator makes an attribute of a method."""
    return any(
        isinstance(node, ast.Name | ast.Attribute)
        and (node.id if isinstance(node, ast.Name) else node.attr)
        in ("property", "cached_property", "setter")
        for node in ast.walk(decorator)
    )
