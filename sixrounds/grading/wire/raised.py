"""Exceptions on the wire: told by the names of their classes, made of classes this side knows."""

import builtins
import contextlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

from sixrounds.grading.wire.nodes import Node, NotPlainError, WireError

MAX_CLASSES = 20
MAX_SAID = 5_000
MAX_NAME = 80
# Exceptions of libraries that a test may name; all else is known by its nearest built-in class.
KNOWN = {
    ("numpy.linalg", "LinAlgError"),
    ("numpy.exceptions", "AxisError"),
    ("json.decoder", "JSONDecodeError"),
    ("decimal", "InvalidOperation"),
    ("sixrounds.sql.engine", "SqlError"),
}
PASSED = "_sixrounds_passed"  # on an exception that came from the other side: its number there
LINE = "_sixrounds_line"  # on one of the answer's: the line of its cell


def told(error: BaseException, message: Callable[[Any], Node], line: int = 0) -> Node:
    """An exception as plain data: its classes, its arguments and attributes, its text.

    Args:
        error: the exception.
        message: encodes a value; what is not plain stays behind.
        line: where it was raised.
    """
    kinds = tuple((str(kind.__module__), kind.__qualname__) for kind in type(error).__mro__)
    said = ""
    with contextlib.suppress(Exception):
        said = str(error)[:MAX_SAID]
    content: Node = None
    state = {
        name: value for name, value in vars(error).items() if not name.startswith(("__", "_sixr"))
    }
    for given in ((error.args, state), (error.args, {})):
        try:
            content = message(given)
            break
        except NotPlainError:
            continue
    passed = vars(error).get(PASSED)
    return kinds, content, said, line, passed if type(passed) is int else None


def exception_of(
    node: Node, load: Callable[[Node], Any], setup: Mapping[str, Any] | None = None
) -> Exception:
    """The exception that was raised on the other side, as one of a class we know.

    Args:
        node: what `told` said.
        load: decodes its arguments and attributes.
        setup: names of the setup cells, which may define exceptions.

    Raises:
        WireError: it is none.
    """
    kinds, content, said, line, _ = node
    if len(kinds) > MAX_CLASSES or not isinstance(said, str):
        raise WireError("not an exception")
    classes = [known_class(str(module), str(name), setup or {}) for module, name in kinds]
    # SystemExit and the like have none we know: exceptions as any other.
    base = next((kind for kind in classes if kind is not None), Exception)
    args, state = load(content) if content is not None else ((said,), {})
    if type(args) is not tuple or type(state) is not dict:
        raise WireError("not an exception")
    own = classes[0] or type(str(kinds[0][1]).rpartition(".")[2][:MAX_NAME], (base,), {})
    error = made(own, args)
    for name, value in state.items():
        if isinstance(name, str) and not name.startswith("_"):
            vars(error)[name] = value
    vars(error)[LINE] = line if type(line) is int else 0
    return error


def known_class(module: str, name: str, setup: Mapping[str, Any]) -> type[Exception] | None:
    """A class of exceptions by its name, if it is one that tests may know."""
    if module == "builtins":
        found = getattr(builtins, name, None)
    elif (module, name) in KNOWN:
        found = getattr(sys.modules.get(module), name, None)
    elif module == "__main__":
        found = setup.get(name)
    else:
        found = None
    return found if isinstance(found, type) and issubclass(found, Exception) else None


def made(kind: type[Exception], args: tuple[Any, ...]) -> Exception:
    """An exception with its arguments; what a setup's class does with its own is in its state."""
    if all(base.__module__ != "__main__" for base in kind.__mro__):
        with contextlib.suppress(Exception):
            return kind(*args)
    error = kind.__new__(kind, *args)
    error.args = args
    return error
