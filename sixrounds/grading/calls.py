"""Stand-ins for a learner's functions and classes that record what was asked and answered."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

from sixrounds.grading.digest import digest
from sixrounds.grading.verdict import Call
from sixrounds.placeholder import Todo

MAX_CALLS = 5000
MAX_ITEMS = 2000
# Special methods that a class may have and tests may use, besides ordinary ones.
SPECIAL = (
    "__len__ __iter__ __next__ __contains__ __getitem__ __setitem__ __delitem__ __call__ "
    "__eq__ __lt__ __le__ __gt__ __ge__ __hash__ __bool__ __repr__ __str__ __enter__ __exit__ "
    "__neg__ __abs__ __add__ __sub__ __mul__ __truediv__ __pow__ __matmul__ __radd__ __rsub__ "
    "__rmul__ __rtruediv__"
).split()


class Recorder:
    """Makes stand-ins, and keeps the calls made through them as digests.

    Calls beyond MAX_CALLS are not kept, so that a size test stays fast.
    """

    def __init__(self) -> None:
        self._calls: list[Callable[[], Call]] = []
        self._kinds: dict[type, type] = {}  # the learner's classes and their stand-ins
        self._known: dict[int, Any] = {}  # stand-ins by the id of the object, which they keep alive

    def stand_in(self, name: str, value: Any) -> Any:
        """What the tests get for `name`: a stand-in for code, the value itself for data."""
        if isinstance(value, Todo):
            return value  # every question to it, even whether it can be called, is refused
        if isinstance(value, type) and not issubclass(value, BaseException):
            return self._class(name, value)
        return self._function(name, value) if callable(value) else value

    def note(self, question: Any, answer: Any, raised: bool) -> None:
        """Keep a call that was made elsewhere, as of a query on a database."""
        if len(self._calls) < MAX_CALLS:
            self._keep(Call(digest(question), digest(answer), raised))

    def trace(self) -> tuple[Call, ...]:
        """The calls so far."""
        return tuple(make() for make in self._calls)

    def _function(self, name: str, function: Any) -> Any:
        def stand_in(*args: Any, **kwargs: Any) -> Any:
            return self.call(name, function, args, kwargs)

        if hasattr(function, "__name__"):
            functools.update_wrapper(stand_in, function)
        return stand_in

    def call(self, name: str, function: Any, args: Any, kwargs: Any, history: str = "") -> Any:
        """Call the learner's code; keep the call's digests if recording."""
        args = tuple(unwrap(item) for item in args)
        kwargs = {key: unwrap(item) for key, item in kwargs.items()}
        if len(self._calls) >= MAX_CALLS:
            return self.wrapped(self._uncounted(function, args, kwargs), "")
        before = digest((args, kwargs))
        key = digest((name, history, before))
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            self._keep(Call(key, digest(type(error).__name__), raised=True))
            raise
        after = digest((args, kwargs))
        changed = after if after != before else ""
        if isinstance(result, Iterator):
            return self._iterator(key, result, changed)
        self._keep(Call(key, digest((result, changed))))
        return self.wrapped(result, key)

    def wrapped(self, value: Any, history: str) -> Any:
        """A result with stand-ins for the learner's objects in it, also those in a container."""
        kind = type(value)
        if kind in self._kinds:
            return self.known(value, history)
        if not self._kinds or kind not in (list, tuple, dict):
            return value
        items = list(value.values() if kind is dict else value)
        if not any(type(item) in self._kinds for item in items):
            return value
        items = [self.wrapped(item, history) for item in items]
        if kind is tuple:
            return tuple(items)
        if kind is dict:
            value.update(zip(tuple(value), items, strict=True))
        else:
            value[:] = items
        return value

    def known(self, real: Any, history: str) -> Any:
        """The stand-in of an object: the same each time."""
        if id(real) not in self._known:
            stand_in: Any = object.__new__(self._kinds[type(real)])
            self.remember(stand_in, real, history)
        return self._known[id(real)]

    def remember(self, stand_in: Any, real: Any, history: str) -> None:
        """Let a stand-in stand for an object, with the digest of all that happened to it."""
        object.__setattr__(stand_in, "_sixrounds_real", real)
        object.__setattr__(stand_in, "_sixrounds_history", history)
        self._known[id(real)] = stand_in

    def _uncounted(self, function: Any, args: Any, kwargs: Any) -> Any:
        """A call beyond the limit; only that it never came back is worth keeping."""
        try:
            return function(*args, **kwargs)
        except Exception:
            raise
        except BaseException as error:  # the deadline
            self._keep(Call("beyond", digest(type(error).__name__), raised=True))
            raise

    def _keep(self, call: Call) -> None:
        self._calls.append(lambda: call)

    def _iterator(self, key: str, iterator: Iterator[Any], changed: str) -> Iterator[Any]:
        """Pass a lazy result on; what the tests take from it becomes the call's result."""
        items: list[str] = []
        end = ["open"]

        def stream() -> Iterator[Any]:
            try:
                for item in iterator:
                    if len(items) < MAX_ITEMS:
                        items.append(digest(item))
                    yield self.wrapped(item, key)
                end[0] = "end"
            except Exception as error:
                end[0] = type(error).__name__
                raise

        def call() -> Call:
            if end[0] in ("open", "end"):
                return Call(key, digest((items, end[0], changed)))
            # Failing at the first item is failing at the call, for a reader.
            said = (items, end[0], changed) if items else end[0]
            return Call(key, digest(said), raised=True)

        self._calls.append(call)
        return stream()

    def _class(self, name: str, real: type) -> type:
        """A class whose objects forward to the learner's and record each method call."""
        recorder = self

        class Kind(type):
            def __getattr__(cls, attribute: str) -> Any:
                value = getattr(real, attribute)
                if not callable(value):
                    return value
                return functools.partial(ask, attribute, value)

        class StandIn(metaclass=Kind):
            _sixrounds_real: Any
            _sixrounds_history: str

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                history = digest((args, kwargs))
                made = recorder.call(name, real, args, kwargs)
                recorder.remember(self, unwrap(made), history)

            def __getattr__(self, attribute: str) -> Any:
                value = getattr(self._sixrounds_real, attribute)
                if callable(value) and type(value) is not real:
                    return functools.partial(send, self, attribute, value)
                return recorder.wrapped(value, digest((self._sixrounds_history, attribute)))

            def __setattr__(self, attribute: str, value: Any) -> None:
                setattr(self._sixrounds_real, attribute, unwrap(value))

        def ask(method: str, bound: Any, *args: Any, **kwargs: Any) -> Any:
            return recorder.call(f"{name}.{method}", bound, args, kwargs)

        def send(stand_in: StandIn, method: str, bound: Any, *args: Any, **kwargs: Any) -> Any:
            history = stand_in._sixrounds_history
            if len(recorder._calls) < MAX_CALLS:
                step = digest((history, method, args, kwargs))
                object.__setattr__(stand_in, "_sixrounds_history", step)
            return recorder.call(f"{name}.{method}", bound, args, kwargs, history)

        for special in SPECIAL:
            own = getattr(real, special, None)
            if own is not None and own is not getattr(object, special, None):
                setattr(StandIn, special, forward(send, special))
        StandIn.__name__ = StandIn.__qualname__ = name
        StandIn.__doc__ = real.__doc__
        self._kinds[real] = StandIn
        return StandIn


def forward(send: Any, special: str) -> Any:
    """A special method that is looked up on the class and sent to the learner's object."""

    def method(self: Any, *args: Any) -> Any:
        return send(self, special, getattr(self._sixrounds_real, special), *args)

    return method


def unwrap(value: Any) -> Any:
    """A value with our stand-ins replaced by the learner's own objects.

    A container without stand-ins is passed on as it is: tests may look whether it was changed.
    """
    if is_stand_in(value):
        return value._sixrounds_real
    if type(value) in (list, tuple) and any(is_stand_in(item) for item in value):
        return type(value)(unwrap(item) for item in value)
    if type(value) is dict and any(is_stand_in(item) for item in value.values()):
        return {key: unwrap(item) for key, item in value.items()}
    return value


def is_stand_in(value: Any) -> bool:
    """Whether a value is one of our stand-ins for a learner's object."""
    return "_sixrounds_real" in getattr(value, "__dict__", {})
