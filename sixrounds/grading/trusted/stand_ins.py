"""What the tests get in place of a learner's functions, classes and objects.

A stand-in asks the learner's process and gets plain data. Comparing an object of theirs with data
of ours never asks: an `__eq__` that always says True earns nothing.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, Protocol

from sixrounds.grading.outcome import UnsupportedError
from sixrounds.grading.trusted.shape import Shape

# Methods that Python looks up on the class. Those that compare or combine two objects are
# forwarded only between two objects of the learner's.
ALONE = (
    "__len__ __iter__ __next__ __repr__ __str__ __bool__ __hash__ __abs__ __neg__ __contains__ "
    "__getitem__ __setitem__ __delitem__ __call__ __enter__ __exit__"
).split()
BETWEEN = "__lt__ __le__ __gt__ __ge__".split()
ONE_BY_ONE = 500
BATCH = 1000
ARITHMETIC = "__add__ __sub__ __mul__ __truediv__ __pow__ __matmul__".split()
# What else a stub may declare: told from `_methods`, or of no interest to tests.
OTHERS = "__init__ __new__ __post_init__ __getattr__ __setattr__ __eq__ __ne__".split()


class Asker(Protocol):
    """Who asks the learner's process; see `Peer`."""

    def call(self, target: str | int, args: Any, kwargs: Any) -> Any:
        """Call a name or a number."""

    def method(self, target: int, name: str, args: Any, kwargs: Any) -> Any:
        """Call a method of an object."""

    def get(self, target: str | int, name: str) -> Any:
        """An attribute."""

    def set(self, target: int, name: str, value: Any) -> None:
        """Set an attribute."""

    def step(self, number: int, count: int) -> tuple[Iterator[Any], bool]:
        """The next items of an iterator, at most so many, and whether more may come."""


class Handle:
    """An object that lives in the learner's process."""

    _asker: Asker
    _number: int

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in type(self)._methods:  # type: ignore[attr-defined]
            return lambda *args, **kwargs: self._asker.method(self._number, name, args, kwargs)
        return self._asker.get(self._number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._asker.set(self._number, name, value)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return False
        if "__eq__" not in type(self)._methods:  # type: ignore[attr-defined]
            return self is other
        return self._asker.method(self._number, "__eq__", (other,), {}) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return int(self._asker.method(self._number, "__hash__", (), {}))


class HandleClass(type):
    """The class of such objects: calling it makes one in the learner's process."""

    _asker: Asker
    _name: str

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls._asker.call(cls._name, args, kwargs)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return cls._asker.get(cls._name, name)


def class_of(asker: Asker, shape: Shape) -> type:
    """The stand-in of a class, with the special methods that its stub declares.

    Raises:
        UnsupportedError: it declares one that is not forwarded.
    """
    for name in sorted(shape.methods - {*ALONE, *BETWEEN, *ARITHMETIC, *OTHERS}):
        if name.startswith("__") and name.endswith("__"):
            raise UnsupportedError(f"{name} of {shape.name} cannot be asked from outside")
    body: dict[str, Any] = {"_asker": asker, "_name": shape.name, "_methods": shape.methods}
    for name in ALONE:
        if name in shape.methods:
            body[name] = forward(name)
    for name in (*BETWEEN, *ARITHMETIC):
        if name in shape.methods:
            body[name] = forward_between(name)
    return HandleClass(shape.name, (Handle,), body)


def handle_of(kind: type, number: int) -> Any:
    """An object of a stand-in's class that the learner's process holds."""
    made: Any = object.__new__(kind)
    object.__setattr__(made, "_number", number)
    return made


def forward(name: str) -> Callable[..., Any]:
    """A special method that asks; its answer is plain data."""

    def method(self: Any, *args: Any) -> Any:
        if name == "__exit__":  # of (class, exception, traceback) the exception says it all
            args = args[1:2]
        return self._asker.method(self._number, name, args, {})

    return method


def forward_between(name: str) -> Callable[[Handle, Any], Any]:
    """A special method of two operands.

    Of an object and data of ours only arithmetic asks, and only another object may come of it.
    """

    def method(self: Handle, other: Any) -> Any:
        mine = isinstance(other, Handle)
        if not mine and name in BETWEEN:
            return NotImplemented
        found = self._asker.method(self._number, name, (other,), {})
        return found if mine or isinstance(found, Handle) else NotImplemented

    return method


class Function:
    """A function that lives in the learner's process; so do the attributes it may have."""

    def __init__(self, asker: Asker, target: str | int, name: str, doc: str) -> None:
        self.__name__ = self.__qualname__ = name
        self.__doc__ = doc
        self._asker = asker
        self._sixrounds_target = target

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._asker.call(self._sixrounds_target, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._asker.get(self._sixrounds_target, name)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


def function_of(asker: Asker, target: str | int, name: str, doc: str = "") -> Function:
    """The stand-in of a function."""
    return Function(asker, target, name, doc)


def like_stub(function: Function, stub: Any) -> Function:
    """The stand-in of an answer, with the parameters and the text that the stub gives it."""
    if inspect.isfunction(stub):
        function.__doc__ = stub.__doc__
        function.__dict__["__signature__"] = inspect.signature(stub)
    return function


class Opaque:
    """An object of a class of the learner's own: tests may only look at the items it holds."""

    def __init__(self, asker: Asker, number: int, name: str) -> None:
        self.__dict__.update(_asker=asker, _number=number, _name=name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *_: object) -> NoReturn:
        raise UnsupportedError(f"a test wants more of a {self._name} than its items")

    def __repr__(self) -> str:
        return f"<{self._name} object>"

    # Told for each: equal to nothing would be as wrong as equal to everything.
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __setattr__ = _refuse
    __hash__ = _refuse


def opaque_of(asker: Asker, number: int, name: str) -> Opaque:
    """The stand-in of such an object."""
    return Opaque(asker, number, name)


for one in "__len__ __iter__ __contains__ __getitem__ __bool__".split():
    setattr(Opaque, one, forward(one))


def iterator_of(asker: Asker, number: int) -> Iterator[Any]:
    """The stand-in of an iterator: a generator, lazy like the learner's.

    Of a long one many items are asked for at once, since each question takes time; by then a test
    has seen whether it is lazy. An item is read when it is taken: the learner's code may give the
    same list again and again, changed.
    """
    taken, more = 0, True
    while more:
        items, more = asker.step(number, 1 if taken < ONE_BY_ONE else BATCH)
        for item in items:
            taken += 1
            yield item
