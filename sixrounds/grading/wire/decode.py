"""Nodes to values: the side that must not trust what it reads.

Every value it makes is of an exact built-in, numpy, pandas or torch type, or of a class that our
own setup defines; nothing of the peer's decides which code runs here.
"""

import collections
import contextlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from sixrounds.grading.wire import frames
from sixrounds.grading.wire.arrays import array_of, scalars_of, set_generator
from sixrounds.grading.wire.encode import slots_of
from sixrounds.grading.wire.nodes import (
    COSTLY,
    FACTORIES,
    MAPPINGS,
    MAX_COSTLY,
    MAX_DEPTH,
    PRIMITIVE,
    SEQUENCES,
    Node,
    WireError,
    is_field,
)
from sixrounds.grading.wire.scalars import MAKERS, bytes_of

BY_TAG: dict[str, Any] = {tag: base for base, tag in (*SEQUENCES.items(), *MAPPINGS.items())}
DICTS = frozenset(MAPPINGS.values())
SHELLS = frozenset(("l", "s", "q", "ba", "o")) | DICTS  # made empty first, so that cycles close
WHOLE = frozenset(("n", "T", "df", "se", "rg", "rr"))  # made when they are first needed
# Keys have to be complete before they are hashed.
ORDER: tuple[frozenset[str], ...] = (frozenset("o"), frozenset(("l", "q", "ba")), DICTS | {"s"})
MAX_COLLISIONS = 1000

Referred = Mapping[str, Callable[[Node], Any]]


class Decoder:
    """Reads one message.

    `objects` are the values of the heap by number, `bodies` what was said of each. Given the
    objects of an earlier message as `known`, those that are sent again are changed in place.
    """

    def __init__(
        self,
        referred: Referred | None = None,
        classes: Callable[[str], type | None] = lambda name: None,
        known: Sequence[Any] = (),
    ) -> None:
        self.objects: list[Any] = list(known)
        self.bodies: list[Node] = []
        self._referred = referred or {}
        self._classes = classes
        self._known = len(self.objects)
        self._pending: dict[int, Node] = {}
        self._costly = 0

    def load(self, message: Node) -> Any:
        """The value of a message.

        Raises:
            WireError: it breaks the rules.
        """
        try:
            return self._load(message)
        except WireError:
            raise
        except Exception as error:  # parts of the wrong kind, whatever they break
            raise WireError(f"a damaged message: {type(error).__name__}") from None

    def _load(self, message: Node) -> Any:
        root, heap = message
        bodies: dict[int, Node] = {}
        unfilled: list[tuple[int, Node]] = []
        for number, body in heap:
            tag = body[0]
            new = number == len(self.objects)
            if type(number) is not int or number in bodies:
                raise WireError("a heap that says a thing twice")
            if not (new or 0 <= number < self._known):
                raise WireError("a heap with holes")
            bodies[number] = body
            if tag in WHOLE:
                self._pending[number] = body
                self._cost(tag)
            elif tag not in SHELLS:
                raise WireError("a value of an unknown kind in the heap")
            elif not (new and self._made_at_once(body)):
                unfilled.append((number, body))
            if len(self.objects) == number:
                self.objects.append(None if tag in WHOLE else self._shell(body))
        self.bodies = [bodies.get(number) for number in range(len(self.objects))]
        for tags in ORDER:
            for number, body in reversed(unfilled):  # parts come after what holds them
                if body[0] in tags:
                    self._fill(self.objects[number], body)
        while self._pending:
            self._whole(next(iter(self._pending)))
        return self.value(root)

    def _made_at_once(self, body: Node) -> bool:
        """Make a list of simple items, the most frequent thing of all, without coming back."""
        if body[0] != "l" or body[1] == "n":
            return False
        self.objects.append(self._items(body))
        return True

    def _cost(self, tag: str) -> None:
        self._costly += tag in COSTLY
        if self._costly > MAX_COSTLY:
            raise WireError("too many large things")

    def _shell(self, body: Node) -> Any:
        """An empty value to be filled."""
        tag = body[0]
        if tag == "q":
            return collections.deque(maxlen=body[3])
        if tag == "dd":
            return collections.defaultdict(None if body[2] is None else FACTORIES[body[2]])
        if tag != "o":
            return bytearray() if tag == "ba" else BY_TAG[tag]()
        kind = self._classes(body[1]) if isinstance(body[1], str) else None
        if kind is None:
            raise WireError("an object of a class that the setup does not define")
        return object.__new__(kind)

    def _fill(self, old: Any, body: Node) -> None:
        tag = body[0]
        if tag == "o":
            self._fill_object(old, body)
            return
        base: Any = bytearray if tag == "ba" else BY_TAG[tag]
        if not isinstance(old, base) and not (tag == "d" and isinstance(old, dict)):
            raise WireError("a container that changed its type")
        if tag in DICTS:
            pairs = self._pairs(body[1])
            hashable(key for key, _ in pairs)
            kind: Any = collections.OrderedDict if tag == "od" else dict
            kind.clear(old)
            kind.update(old, pairs)
        elif tag == "ba":
            old[:] = bytes_of(body[1])
        else:
            items = self._items(body)
            if tag == "s":
                hashable(items)
            base.clear(old)
            (set.update if tag == "s" else base.extend)(old, items)

    def _fill_object(self, old: Any, body: Node) -> None:
        """Give an object its attributes, past whatever its class does when one is set."""
        kind = type(old)
        if kind is not self._classes(body[1]):
            raise WireError("an object that changed its class")
        state = dict(self._pairs(body[2]))
        for name, slot in slots_of(kind):
            if name in state:
                slot.__set__(old, state.pop(name))
            else:
                with contextlib.suppress(AttributeError):  # not set
                    slot.__delete__(old)
        if any(not isinstance(name, str) or name.startswith("__") for name in state):
            raise WireError("an attribute that cannot be")
        if state or hasattr(old, "__dict__"):
            vars(old).clear()
            vars(old).update(state)

    def _whole(self, number: int) -> Any:
        """Make what cannot be made empty first, and is needed now."""
        body, self._pending[number] = self._pending[number], None
        if body is None:
            raise WireError("an array that holds itself")
        self.objects[number] = self._renewed(self.objects[number], body)
        del self._pending[number]
        return self.objects[number]

    def _renewed(self, old: Any, body: Node) -> Any:
        """An array, frame or generator: the old one with the new content where there is one."""
        tag = body[0]
        if tag == "rg":
            generator = old if isinstance(old, np.random.Generator) else np.random.default_rng(0)
            set_generator(generator, body[1])
            return generator
        if tag == "rr":
            drawer = old if isinstance(old, random.Random) else random.Random()
            set_random(drawer, body[1])
            return drawer
        if tag == "n":
            new = array_of(body[1], self.value)
            if isinstance(old, np.ndarray) and same_form(old, new):
                old[...] = new
                return old
            return new
        new = frames.value_of(body, self.value)
        return old if type(old) is type(new) and frames.update(old, new) else new

    def value(self, node: Node, depth: int = 0) -> Any:  # noqa: PLR0911  one return per tag
        """The value of one node."""
        if type(node) in PRIMITIVE:
            return node
        if depth > MAX_DEPTH:
            raise WireError("nested too deep")
        tag = node[0]
        if tag == "@":
            number = node[1]
            if type(number) is not int or not 0 <= number < len(self.objects):
                raise WireError("a place that the heap does not have")
            return self._whole(number) if number in self._pending else self.objects[number]
        if tag == "t":
            return tuple(self._items(node, depth))
        if tag == "f":
            return frozenset(hashable(self._items(node, depth)))
        if tag == "nt":
            return self._named(node, depth)
        if tag == "view":
            return view_of(node[1], self._items(node[2], depth + 1))
        if tag in self._referred:
            return self._referred[tag](node)
        if tag in frames.MAKERS:
            self._cost(tag)
            return frames.value_of(node, self.value)
        return MAKERS[tag](node, lambda one: self.value(one, depth + 1))

    def _items(self, node: Node, depth: int = 0) -> list[Any]:
        """A container's items."""
        form, items = node[1:3]
        if form == "a":
            return scalars_of(items)
        if type(items) is not tuple:
            raise WireError("items that are no list")
        if form == "p":
            return list(primitive(items))
        if form == "t":
            if items and set(map(type, items)) != {tuple}:
                raise WireError("a value where only tuples can be")
            primitive(chain.from_iterable(items))
            return list(items)
        return [self.value(item, depth + 1) for item in items]

    def _pairs(self, node: Node) -> list[tuple[Any, Any]]:
        """A mapping's keys and values."""
        form, flat = node
        flat = primitive(flat) if form == "p" else [self.value(item) for item in flat]
        return list(zip(flat[::2], flat[1::2], strict=True))

    def _named(self, node: Node, depth: int) -> Any:
        """A tuple with fields: of the setup's class, or of one that only its names make."""
        _, name, names, items = node
        values = self.value(items, depth + 1)
        if type(values) is not tuple or type(names) is not tuple or len(values) != len(names):
            raise WireError("not a named tuple")
        if not all(map(is_field, (name, *names))):
            raise WireError("not a named tuple")
        kind = self._classes(name)
        if kind is None or getattr(kind, "_fields", None) != names:
            kind = NAMED.get((name, names)) or self._new_named(name, names)
        return tuple.__new__(kind, values)

    def _new_named(self, name: str, names: tuple[str, ...]) -> type:
        if len(NAMED) >= MAX_NAMED:
            raise WireError("too many named tuples")
        return NAMED.setdefault((name, names), collections.namedtuple(name, names))


NAMED: dict[tuple[str, tuple[str, ...]], type] = {}
MAX_NAMED = 500  # classes of named tuples, for as long as this process lives


def primitive(items: Any) -> Any:
    """Items that were sent as they are; anything else in them is forged."""
    if not set(map(type, items)) <= PRIMITIVE:
        raise WireError("a value where only simple ones can be")
    return items


def hashable(items: Iterable[Any]) -> list[Any]:
    """Items to be keys, unless their hashes were made to collide: each would cost all before it."""
    items = list(items)
    if len(items) - len(set(map(hash, items))) > MAX_COLLISIONS:
        raise WireError("keys that collide")
    return items


def view_of(kind: Node, items: list[Any]) -> Any:
    """A view of a dictionary; of values alone the keys are numbers."""
    if kind == "values":
        return dict(enumerate(items)).values()
    if kind == "keys":
        return dict.fromkeys(hashable(items)).keys()
    keys = hashable(items[::2])
    return dict(zip(keys, items[1::2], strict=True)).items()


def same_form(old: Any, new: Any) -> bool:
    """Whether an array can take another one's content."""
    return bool(old.shape == new.shape and old.dtype == new.dtype and old.flags.writeable)


def set_random(made: random.Random, node: Node) -> None:
    """Bring a `random.Random` into a state that was sent."""
    version, state, gauss = node
    made.setstate((version, primitive(state), gauss))
