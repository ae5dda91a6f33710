"""What the setup cells give to both sides: classes whose objects cross, and functions by name."""

import enum
from collections.abc import Mapping
from typing import Any

from sixrounds.grading.cells import Names

# Modules whose functions tests may pass to an answer, by their first name.
LIBRARIES = frozenset({"builtins", "math", "_operator", "numpy", "scipy", "pandas", "torch"})


def setup_classes(names: Names) -> dict[str, type]:
    """The classes that setup cells define: their objects cross by their attributes."""
    return {
        name: value
        for name, value in names.items()
        if isinstance(value, type)
        and value.__module__ == "__main__"
        and value.__name__ == name
        and not issubclass(value, BaseException | enum.Enum)
        and (has_fields(value) or has_attributes_only(value))
    }


def has_fields(kind: type) -> bool:
    """Whether a class is a named tuple's."""
    return issubclass(kind, tuple) and isinstance(getattr(kind, "_fields", None), tuple)


def has_attributes_only(kind: type) -> bool:
    """Whether objects of a class hold nothing but attributes: no list's items, no number."""
    try:
        object.__new__(kind)
    except TypeError:
        return False
    return True


def setup_functions(names: Names) -> dict[str, Any]:
    """What else of the setup can be named instead of sent: functions, modules, classes, enums."""
    return {name: value for name, value in names.items() if is_code(value) and name[0] != "_"}


def is_code(value: Any) -> bool:
    """Whether a value is code, or a constant of code, rather than data."""
    return callable(value) or type(value).__name__ == "module"


def member_node(value: Any, names: Mapping[int, str]) -> tuple[str, str, str | int] | None:
    """The node of a member of an enum that the setup defines; None for all else.

    Args:
        value: anything.
        names: of the setup's functions and classes, by their id.
    """
    kind = type(value)
    if not isinstance(value, enum.Enum) or id(kind) not in names:
        return None
    return "e", names[id(kind)], int(value.value) if isinstance(value, enum.Flag) else value.name


def member_of(node: Any, functions: Mapping[str, Any]) -> Any:
    """The member of an enum that `member_node` told.

    Raises:
        KeyError, ValueError, TypeError: there is none.
    """
    kind: Any = functions[node[1]]
    if not issubclass(kind, enum.Enum):
        raise TypeError
    if issubclass(kind, enum.Flag):
        return kind(node[2])
    return kind[node[2]]
