"""Serves one answer: runs its cells and, when the tests call them, its functions and classes.

It runs in a fork that is locked down. All that it says is untrusted: the learner's code shares
the process and can say anything in its place.

A request is a tuple whose first item names a method of HANDLERS; each gets one reply: `ok` and the
result, `raised`, `late` or `unsupported`, and what was printed. While a request runs, the answer
may call back what the tests passed to it.
"""

import contextlib
import io
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sixrounds.grading.cells import Budget, Names, execute
from sixrounds.grading.outcome import OutOfTimeError, UnsupportedError
from sixrounds.grading.shared import setup_classes, setup_functions
from sixrounds.grading.student.looks import made_up
from sixrounds.grading.student.references import References
from sixrounds.grading.student.specials import SPECIALS
from sixrounds.grading.wire import Channel, Decoder, Encoder, NotPlainError, WireError
from sixrounds.grading.wire.nodes import Node, pack
from sixrounds.grading.wire.raised import PASSED, exception_of, told

MAX_PRINTED = 100_000
MAX_SHARED = 10_000  # values that the items of an iterator may have in common
STEP = 0.05  # seconds after which an iterator's items so far are sent


class Host:
    """One answer's process; `names` is what the setup bound."""

    def __init__(self, channel: Channel, names: Names) -> None:
        self._channel = channel
        self._setup = dict(names)
        self._names = dict(names)
        self._classes = setup_classes(names)
        self._class_names = {kind: name for name, kind in self._classes.items()}
        self._references = References(
            setup_functions(names), self._caller, self._stepper, self._raised, self._told
        )
        self._budget = Budget(0)
        self._printed = Printed()
        self._raised_later: dict[int, BaseException] = {}
        self._shared: dict[int, tuple[list[Any], list[Node]]] = {}

    def serve(self) -> None:
        """Answer requests until the other side is gone."""
        while True:
            self._reply(self._channel.receive())

    def _reply(self, request: Node) -> None:
        """One request, one reply; whatever the learner's code does is told, not raised."""
        if request[0] == "allow":  # from now on, so many seconds of computing
            self._budget = Budget(request[1])
            return self._send(("ok", (None, ()), ""))
        if self._printed.closed:
            self._printed = Printed()
        decoder = self._decoder()
        try:
            with contextlib.redirect_stdout(self._printed), self._budget.running():
                result = HANDLERS[request[0]](self, decoder, *request[1:])
                reply: Node = "ok", self._encoder(decoder.objects, decoder.bodies).dump(result)
        except (NotPlainError, WireError, UnsupportedError) as error:
            reply = "unsupported", str(error)
        except OutOfTimeError:
            reply = "late", None
        except BaseException as error:
            reply = "raised", (self._told(error), self._changed(decoder))
        return self._send((*reply, self._printed.taken()))

    def _send(self, reply: Node) -> None:
        try:
            self._channel.send(reply)
        except NotPlainError as error:  # too large
            self._channel.send(("unsupported", str(error), ""))

    def _decoder(self, known: Sequence[Any] = ()) -> Decoder:
        return Decoder(self._references.referred, self._classes.get, known)

    def _encoder(self, known: Sequence[Any] = (), bodies: Sequence[Node] = ()) -> Encoder:
        """For a value; with what a decoder read also for what changed of that."""
        return Encoder(self._references.refer, self._class_name, known, bodies)

    def _class_name(self, kind: type) -> str | None:
        """The setup class that objects cross as; a learner may have written it again."""
        name = self._class_names.get(kind)
        if name is None and kind.__module__ == "__main__" and kind not in self._references.own:
            name = kind.__name__ if kind.__name__ in self._classes else None
        return name

    def _changed(self, decoder: Decoder) -> Node:
        """What became of the arguments of a call that raised."""
        try:
            return self._encoder(decoder.objects, decoder.bodies).dump(None)
        except Exception:
            return None, ()

    def _told(self, error: BaseException) -> Node:
        """What an exception is, and where the learner's code raised it."""
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno or 0 for frame in frames if frame.filename.startswith("<")]
        if isinstance(error, SyntaxError):
            lines.append(error.lineno or 0)
        return told(error, lambda value: self._encoder().dump(value), lines[-1] if lines else 0)

    def _raised(self, node: Node) -> Exception:
        return exception_of(node, lambda message: self._decoder().load(message), self._setup)

    # What the tests passed

    def _caller(self, number: int, looks: Node) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            encoder = self._encoder()
            try:
                message = encoder.dump((args, kwargs))
            except NotPlainError as error:  # not to be caught by the learner's code
                raise UnsupportedError(f"{error} to the test's function") from None
            return self._ask_back(("callback", number, message), encoder.objects)

        return made_up(ask, *self._decoder().load(looks))

    def _stepper(self, number: int) -> Iterator[Any]:
        def items() -> Iterator[Any]:
            more = True
            while more:
                some, more = self._ask_back(("step", number))
                yield from some

        return items()

    def _ask_back(self, request: Node, given: Sequence[Any] = ()) -> Any:
        """Ask the tests' side, which may call the answer again before it replies.

        What it changes of the values that it is given is changed here.
        """
        with self._budget.paused():
            self._channel.send((*request, self._printed.taken()))
            message = self._channel.receive()
            while message[0] not in ("returned", "raise"):
                self._reply(message)
                message = self._channel.receive()
        if message[0] == "returned":
            return self._decoder(given).load(message[1])
        error = self._raised(message[1])
        vars(error)[PASSED] = message[2]
        raise error

    # Requests

    def before(self, _decoder: Decoder, sources: list[str]) -> None:
        """Run the learner's own cells: what fails in them costs nothing by itself."""
        for number, source in enumerate(sources):
            with contextlib.suppress(Exception, SystemExit, KeyboardInterrupt):
                execute(source, f"<your cell {number + 1}>", self._names)

    def ours(self, _decoder: Decoder, source: str, filename: str) -> None:
        """Run a cell of our own: an earlier exercise's reference, or a probe."""
        execute(source, filename, self._names)

    def answer(self, _decoder: Decoder, name: str, source: str, is_class: bool) -> bool:
        """Run the learner's answer; False if it does not bind the exercise's name."""
        self._names.pop(name, None)
        execute(source, f"<{name}>", self._names)
        found = self._names.get(name)
        if is_class and isinstance(found, type):
            self._references.own[found] = name
        return name in self._names

    def value(self, _decoder: Decoder, name: str) -> Any:
        """What a name is bound to."""
        return self._names[name]

    def call(self, decoder: Decoder, target: str | int, message: Node) -> Any:
        """Call a function or class by its name, or a value by its number."""
        args, kwargs = decoder.load(message)
        return self._target(target)(*args, **kwargs)

    def method(self, decoder: Decoder, target: str | int, name: str, message: Node) -> Any:
        """Call a method of a value."""
        args, kwargs = decoder.load(message)
        special = SPECIALS.get(name)
        if special is not None:
            return special(self._target(target), *args)
        return getattr(self._target(target), name)(*args, **kwargs)

    def get(self, _decoder: Decoder, target: str | int, name: str) -> Any:
        """An attribute of a value."""
        return getattr(self._target(target), name)

    def set(self, decoder: Decoder, target: str | int, name: str, message: Node) -> None:
        """Set an attribute of a value."""
        setattr(self._target(target), name, decoder.load(message))

    def step(self, _decoder: Decoder, number: int, count: int) -> Any:
        """The next items of an iterator, each as a message of its own, and whether more may come.

        What is raised after the first item is kept until the reader comes to it.
        """
        kept = self._raised_later.pop(number, None)
        if kept is not None:
            raise kept
        iterator = self._references.value(number)
        items: list[bytes] = []
        end = time.monotonic() + STEP
        try:
            while len(items) < count and (not items or time.monotonic() < end):
                items.append(self._item(number, next(iterator)))
        except StopIteration:
            return items, False
        except BaseException as error:
            if not items:
                raise
            self._raised_later[number] = error
        return items, True

    def _item(self, number: int, item: Any) -> bytes:
        """An iterator's item, which may be what it gave before, changed since."""
        encoder = self._encoder(*self._shared.get(number, ((), ())))
        message = encoder.dump(item)
        places = encoder.reached(message[0])
        places = places if len(places) <= MAX_SHARED else ()
        self._shared[number] = (
            [encoder.objects[place] for place in places],
            [encoder.bodies[place] for place in places],
        )
        return pack((message, places))

    def query(self, decoder: Decoder, message: Node) -> Any:
        """Run a query on a small database: (text, schema, tables, seconds) to columns and rows."""
        from sixrounds.sql.remote import run_plain  # noqa: PLC0415  only queries need DuckDB

        return run_plain(*decoder.load(message))

    def launch(self, decoder: Decoder, message: Node) -> Any:
        """Compile and launch a kernel: see `sixrounds.cuda.remote`."""
        from sixrounds.cuda.remote import serve  # noqa: PLC0415  only kernels need it

        return serve(decoder.load(message))

    def _target(self, target: str | int) -> Any:
        return self._names[target] if isinstance(target, str) else self._references.value(target)


class Printed(io.TextIOWrapper):
    """What the learner's code prints, as text or bytes: one for all requests, as it may be kept."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, "utf-8", "replace", newline="", write_through=True)

    def taken(self) -> str:
        """What was printed since this was last asked, cut."""
        with contextlib.suppress(ValueError):  # closed
            self.flush()
            text = self._bytes.getvalue()[:MAX_PRINTED].decode("utf-8", "replace")
            self._bytes.seek(0)
            self._bytes.truncate()
            return text
        return ""


HANDLERS: dict[str, Callable[..., Any]] = {
    name: getattr(Host, name)
    for name in "before ours answer value call method get set step query launch".split()
}
