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
            return self._uncounted(function, args, kwargs)
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
        return result

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
                    yield item
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

        class StandIn:
            _sixrounds_real: Any
            _sixrounds_history: str

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                made = recorder.call(name, real, args, kwargs)
                object.__setattr__(self, "_sixrounds_real", made)
                object.__setattr__(self, "_sixrounds_history", digest((args, kwargs)))

            def __getattr__(self, attribute: str) -> Any:
                value = getattr(self._sixrounds_real, attribute)
                if not callable(value):
                    return value
                return functools.partial(send, self, attribute, value)

            def __setattr__(self, attribute: str, value: Any) -> None:
                setattr(self._sixrounds_real, attribute, unwrap(value))

        def send(stand_in: StandIn, method: str, bound: Any, *args: Any, **kwargs: Any) -> Any:
            history = stand_in._sixrounds_history
            if len(recorder._calls) < MAX_CALLS:
                step = digest((history, method, args, kwargs))
                object.__setattr__(stand_in, "_sixrounds_history", step)
            result = recorder.call(f"{name}.{method}", bound, args, kwargs, history)
            if type(result) is real:  # a new object, as arithmetic gives
                return wrap(result, digest((history, method)))
            return result

        def wrap(made: Any, history: str) -> Any:
            stand_in = object.__new__(StandIn)
            object.__setattr__(stand_in, "_sixrounds_real", made)
            object.__setattr__(stand_in, "_sixrounds_history", history)
            return stand_in

        for special in SPECIAL:
            own = getattr(real, special, None)
            if own is not None and own is not getattr(object, special, None):
                setattr(StandIn, special, forward(send, special))
        StandIn.__name__ = StandIn.__qualname__ = name
        StandIn.__doc__ = real.__doc__
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
