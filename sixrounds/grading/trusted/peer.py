"""One conversation with the process that holds a learner's answer.

Whatever comes back is checked data; a call that cannot be made or answered raises an exception
that no test takes for one of the answer's.
"""

import builtins
import contextlib
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sixrounds.grading.cells import Names
from sixrounds.grading.outcome import OutOfTimeError, UnsupportedError
from sixrounds.grading.shared import (
    LIBRARIES,
    member_node,
    member_of,
    setup_classes,
    setup_functions,
)
from sixrounds.grading.trusted import stand_ins
from sixrounds.grading.trusted.looks import looks_of
from sixrounds.grading.trusted.stand_ins import Handle, Opaque
from sixrounds.grading.wire import Channel, Decoder, Encoder, GoneError, NotPlainError, WireError
from sixrounds.grading.wire.nodes import Node, unpack
from sixrounds.grading.wire.raised import exception_of, told
from sixrounds.placeholder import todo

PLAIN_ITERATORS = tuple(type(iter(kind())) for kind in (list, tuple, dict, set, str))
AT_ONCE = 100
REPLIES = ("ok", "raised", "late", "unsupported")
MAX_NAME = 100
TYPES = {name: value for name, value in vars(builtins).items() if isinstance(value, type)} | {
    f"numpy.{name}": value
    for name, value in vars(np).items()
    if isinstance(value, type) and issubclass(value, np.generic)
}


class Peer:
    """Asks the learner's process.

    Args:
        channel: to it; its deadline bounds every wait.
        setup: what the setup bound on our side.
    """

    def __init__(self, channel: Channel, setup: Names) -> None:
        self.channel = channel
        self.gone: GoneError | None = None
        self._setup = setup
        self._classes = setup_classes(setup)
        self._class_names = {kind: name for name, kind in self._classes.items()}
        self._functions = setup_functions(setup)
        self._names = {id(value): name for name, value in self._functions.items()}
        self._handles: dict[str, type] = {}
        self._objects: dict[int, Any] = {}
        self._passed: list[Any] = []  # code of ours that the answer may call back, by number
        self._raised: list[Exception] = []  # what that code raised, by number
        self._shared: dict[int, list[Any]] = {}  # of an iterator: values that it may give again
        self._todo = ""
        self._referred: Mapping[str, Callable[[Node], Any]] = {
            "h": self._handle,
            "g": lambda node: self._functions[node[1]],
            "e": lambda node: member_of(node, self._functions),
            "ex": lambda node: self._exception(node[1]),
            "type": lambda node: TYPES[node[1]],
            "fn": self._function,
            "ob": lambda node: self._kept(node[2], stand_ins.opaque_of, text(node[1])[:MAX_NAME]),
            "it": lambda node: self._kept(node[1], stand_ins.iterator_of),
            "todo": lambda node: todo(self._todo),
        }

    # What stand-ins ask

    def call(self, target: str | int, args: Any, kwargs: Any) -> Any:
        """Call a name or a value by its number; what it changes of the arguments is changed."""
        encoder, message = self._message((args, kwargs))
        return self._ask(("call", target, message), encoder)

    def method(self, target: int, name: str, args: Any, kwargs: Any) -> Any:
        """Call a method of an object."""
        encoder, message = self._message((args, kwargs))
        return self._ask(("method", target, name, message), encoder)

    def get(self, target: str | int, name: str) -> Any:
        """An attribute of an object or of a class."""
        return self._ask(("get", target, name))

    def set(self, target: int, name: str, value: Any) -> None:
        """Set an attribute of an object."""
        encoder, message = self._message(value)
        self._ask(("set", target, name, message), encoder)

    def step(self, number: int, count: int) -> tuple[Iterator[Any], bool]:
        """The next items of an iterator, each read when it is taken, and whether more may come."""
        found = self._ask(("step", number, count))
        with self._damage():
            items, more = found
            return (self._item(number, item) for item in tuple(items)), more is True

    def _item(self, number: int, content: bytes) -> Any:
        """An item: what the iterator gave before and changed since is the same object here."""
        with self._damage():
            message, places = unpack(content)
            decoder = self._decoder(self._shared.get(number, ()))
            item = decoder.load(message)
            self._shared[number] = [decoder.objects[place] for place in places]
            return item

    # What the grader asks

    def allow(self, seconds: float) -> None:
        """Let the learner's code compute for so long from now on, in all."""
        self._ask(("allow", seconds))

    def before(self, sources: list[str]) -> None:
        """Run the learner's own cells."""
        self._ask(("before", sources))

    def ours(self, source: str, filename: str) -> None:
        """Run a cell of ours beside the answer."""
        self._ask(("ours", source, filename))

    def answer(self, name: str, source: str, is_class: bool) -> bool:
        """Run the answer; whether it binds the exercise's name."""
        return self._ask(("answer", name, source, is_class)) is True

    def value(self, name: str) -> Any:
        """What a name is bound to, as data; of an unwritten answer its stub."""
        self._todo = name
        return self._ask(("value", name))

    def query(self, *question: Any) -> Any:
        """Run a query on a database; see `sixrounds.sql.remote`."""
        encoder, message = self._message(question)
        return self._ask(("query", message), encoder)

    def launch(self, request: dict[str, Any]) -> Any:
        """Compile and launch a kernel; see `sixrounds.cuda.remote`."""
        encoder, message = self._message(request)
        return self._ask(("launch", message), encoder)

    def knows(self, name: str, kind: type) -> None:
        """From now on objects of the answer's class are told from other things."""
        self._handles[name] = kind

    # The conversation

    def _message(self, value: Any) -> tuple[Encoder, Node]:
        encoder = self._encoder()
        try:
            return encoder, encoder.dump(value)
        except NotPlainError as error:
            raise UnsupportedError(f"a test passes what cannot be sent: {error}") from None

    def _ask(self, request: Node, encoder: Encoder | None = None) -> Any:
        """Send a request, serve what the answer calls back, and return what comes of it."""
        kind, content, printed = self._conversation(request)
        if kind == "unsupported":
            raise UnsupportedError(str(content)[:200])
        if kind == "late":
            raise OutOfTimeError
        sys.stdout.write(printed)
        decoder = self._decoder(encoder.objects if encoder else ())
        with self._damage():
            if kind == "ok":
                return decoder.load(content)
            told_of, changed = content
            error = self._exception(told_of)
            decoder.load(changed)
        raise error

    def _exception(self, node: Node) -> Exception:
        """What the answer raised: an exception of ours if it only passed that on."""
        passed = node[4]
        if type(passed) is int and 0 <= passed < len(self._raised):
            return self._raised[passed]
        return exception_of(node, lambda message: self._decoder().load(message), self._setup)

    def _conversation(self, request: Node) -> tuple[str, Node, str]:
        """The reply to a request, after all that the answer asked in between."""
        if self.gone is not None:
            raise self.gone
        try:
            with self._damage():
                self.channel.send(request)
                reply = self.channel.receive()
                while reply[0] in ("callback", "step"):
                    sys.stdout.write(printable(reply[-1]))
                    self.channel.send(self._called_back(reply))
                    reply = self.channel.receive()
                kind, content, printed = reply
                if kind not in REPLIES:
                    raise WireError("not a reply")
                return kind, content, printable(printed)
        except NotPlainError as error:  # the answer may be waiting for it
            self.gone = GoneError()
            raise UnsupportedError(f"a test passes what cannot be sent: {error}") from None
        except GoneError as error:
            self.gone = error
            raise
        except BaseException:  # the deadline, within code of ours that was called back
            self.gone = GoneError(late=True)
            raise

    @contextlib.contextmanager
    def _damage(self) -> Iterator[None]:
        """What breaks the rules of the wire ends the conversation."""
        try:
            yield
        except (WireError, TypeError, KeyError, IndexError, AttributeError, ValueError) as error:
            if isinstance(error, NotPlainError):
                raise
            self.gone = GoneError(damaged=True)
            raise self.gone from None

    def _called_back(self, request: Node) -> Node:
        """What code of ours says that the answer calls: a test's function, or the next item."""
        code = self._passed[number(request[1])]
        decoder = self._decoder()
        args, kwargs = ((), {}) if request[0] == "step" else decoder.load(request[2])
        try:
            result = stepped(code) if request[0] == "step" else code(*args, **kwargs)
        except Exception as error:
            self._raised.append(error)
            about = told(error, lambda value: self._encoder().dump(value))
            return "raise", about, len(self._raised) - 1
        return "returned", self._encoder(decoder.objects, decoder.bodies).dump(result)

    def _encoder(self, known: Sequence[Any] = (), bodies: Sequence[Node] = ()) -> Encoder:
        return Encoder(self._refer, self._class_names.get, known, bodies)

    def _decoder(self, known: Sequence[Any] = ()) -> Decoder:
        return Decoder(self._referred, self._classes.get, known)

    def _kept(self, place: Node, make: Callable[..., Any], *about: Any) -> Any:
        """The stand-in under a number: the same each time, as what it stands for is."""
        if number(place) not in self._objects:
            self._objects[place] = make(self, place, *about)
        return self._objects[place]

    def _function(self, node: Node) -> Any:
        _, name, place, doc = node
        return self._kept(place, stand_ins.function_of, text(name)[:MAX_NAME], text(doc))

    def _handle(self, node: Node) -> Any:
        kind = self._handles[node[1]]
        return self._kept(node[2], lambda _, place: stand_ins.handle_of(kind, place))

    def _refer(self, value: Any) -> Node | None:  # noqa: PLR0911  one return per kind of value
        """The reference to what does not cross as data: theirs by number, ours by name."""
        value = getattr(value, "__dict__", {}).get("_sixrounds_real", value)  # see `calls`
        if isinstance(value, Handle | Opaque):
            return "H", object.__getattribute__(value, "_number")
        target = getattr(value, "__dict__", {}).get("_sixrounds_target")
        if isinstance(target, int):
            return "H", target
        if id(value) in self._names:
            return "g", self._names[id(value)]
        if isinstance(value, BaseException):
            return "ex", told(value, lambda given: self._encoder().dump(given))
        if hasattr(type(value), "__next__"):
            return "cbit", self._pass(value)
        if not callable(value) or isinstance(value, np.generic):
            return member_node(value, self._names)
        return library_node(value) or ("cb", self._pass(value), self._about(value))

    def _about(self, code: Any) -> Node:
        """What a decorator may ask of a function."""
        about = looks_of(code)
        try:
            return self._encoder().dump(about)
        except NotPlainError:  # a default or an annotation that stays here
            return self._encoder().dump(about[:2])

    def _pass(self, code: Any) -> int:
        self._passed.append(code)
        return len(self._passed) - 1


def number(node: Node) -> int:
    """A number that stands for a value."""
    if type(node) is not int or node < 0:
        raise WireError("not a number")
    return node


def stepped(iterator: Iterator[Any]) -> tuple[list[Any], bool]:
    """The next items of an iterator that a test passed, and whether more may come.

    It is one item of a test's own generator, which may complain when it is read too far; of a
    list's iterator nobody can tell, and each question takes time.
    """
    count = AT_ONCE if type(iterator) in PLAIN_ITERATORS else 1
    items = list(itertools.islice(iterator, count))
    return items, len(items) == count


def text(node: Node) -> str:
    """A text."""
    if not isinstance(node, str):
        raise WireError("not a text")
    return node


def printable(node: Node) -> str:
    """What the answer printed, without what no file takes."""
    return text(node).encode("utf-8", "replace").decode()


def library_node(value: Any) -> Node | None:
    """A function of a library by its place; None for code of a lesson or a test."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    if module.partition(".")[0] not in LIBRARIES:
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return ("L", module, name) if found is value else None
