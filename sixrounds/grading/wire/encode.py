"""Values to nodes. The encoder of either side; what has no plain form is refused by name."""

import collections
import datetime
import decimal
import enum
import fractions
import random
import types
import uuid
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import is_
from typing import Any

import numpy as np

from sixrounds.grading.wire import frames
from sixrounds.grading.wire.arrays import KINDS, array_node, generator_node, scalars_node
from sixrounds.grading.wire.nodes import (
    COSTLY,
    FACTORIES,
    MAPPINGS,
    MAX_COSTLY,
    MAX_DEPTH,
    MAX_TEXT,
    PRIMITIVE,
    SEQUENCES,
    Node,
    NotPlainError,
    Refer,
    is_field,
    pack,
)

VIEWS = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}
TIMES: tuple[Any, ...] = (datetime.datetime, datetime.date, datetime.time)
BASES = (int, float, complex, str, bytes)
LISTED = (list, set, collections.deque)
MUTABLE = (*LISTED, dict, bytearray, np.ndarray, np.random.Generator, random.Random)
SIMPLE = (("p",), ("t",), ("a",))  # the forms without nodes
COMMON = frozenset({list, dict, set})  # told as early as possible: most values are of these


class Encoder:
    """Makes one message.

    `objects` are the values of the heap by number; they are kept alive, so that their identity
    means something, and `bodies` is what was said of each. Given those of an earlier message as
    `known`, with the bodies they had then, only those that changed are sent again.
    """

    def __init__(
        self,
        refer: Refer = lambda value: None,
        classes: Callable[[type], str | None] = lambda kind: None,
        known: Sequence[Any] = (),
        bodies: Sequence[Node] = (),
    ) -> None:
        self.objects: list[Any] = list(known)
        self.bodies: list[Node] = []
        self._refer = refer
        self._classes = classes
        self._said = bodies
        self._numbers = {id(value): number for number, value in enumerate(self.objects)}

    def dump(self, value: Any) -> Node:
        """The message of a value.

        Raises:
            NotPlainError: something in it cannot cross.
        """
        root = self.node(value)
        heap: list[Node] = []
        costly = 0
        for number, known in enumerate(self.objects):  # which grows: bodies add what they meet
            body = self._body(known)
            self.bodies.append(body)
            costly += body[0] in COSTLY
            if costly > MAX_COSTLY:
                raise NotPlainError(f"more than {MAX_COSTLY} frames, tensors or generators at once")
            if number >= len(self._said) or not same(body, self._said[number]):
                heap.append((number, body))
        return root, heap

    def reached(self, root: Node) -> tuple[int, ...]:
        """After `dump`: the places in the heap that a node leads to."""
        found: set[int] = set()
        waiting: list[Node] = [root]
        while waiting:
            node = waiting.pop()
            if type(node) is not tuple or not node or node[0] == "p" or node[1:2] in SIMPLE:
                continue
            if node[0] != "@":
                waiting.extend(node)
            elif node[1] not in found:
                found.add(node[1])
                waiting.append(self.bodies[node[1]])
        return tuple(sorted(found))

    def node(self, value: Any, depth: int = 0) -> Node:
        """The node of a value: itself, a place in the heap, or a tagged tuple."""
        kind = type(value)
        if kind in PRIMITIVE:
            return value
        if depth > MAX_DEPTH:
            raise NotPlainError("tuples nested too deep to send")
        if kind in COMMON:
            return "@", self._number(value)
        if kind is tuple:
            return self._items("t", value, depth)
        if isinstance(value, MUTABLE) or frames.is_frame(value) or self._by_attributes(kind):
            return "@", self._number(value)
        found = self._refer(value)
        return self._immutable(value, depth) if found is None else found

    def _by_attributes(self, kind: type) -> bool:
        return self._classes(kind) is not None and not issubclass(kind, tuple)

    def _number(self, value: Any) -> int:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self.objects)
            self.objects.append(value)
        return number

    def _body(self, value: Any) -> Node:  # noqa: PLR0911  one line per kind of value
        """What a value of the heap holds."""
        kind = type(value)
        if kind is list:
            return self._items("l", value, 0)
        if kind is dict:
            return "d", self._pairs(value.items())
        name = self._classes(kind)
        if name is not None:
            return "o", name, self._pairs(state_of(value).items())
        if isinstance(value, LISTED):  # a subclass crosses as its base, whatever it says it holds
            base: Any = next(base for base in LISTED if isinstance(value, base))
            found: Any = self._items(SEQUENCES[base], list(base.__iter__(value)), 0)
            return (*found, value.maxlen) if isinstance(value, collections.deque) else found
        if isinstance(value, dict):
            return self._mapping(value)
        if isinstance(value, bytearray):
            return "ba", bytes(value)
        if isinstance(value, np.ndarray):
            return "n", array_node(value, self.node)
        if isinstance(value, np.random.Generator):
            return "rg", generator_node(value)
        if isinstance(value, random.Random):
            return "rr", random_node(value)
        return frames.node_of(value, self.node)

    def _mapping(self, value: Any) -> Node:
        tag = next(tag for base, tag in reversed(MAPPINGS.items()) if isinstance(value, base))
        base: Any = collections.OrderedDict if tag == "od" else dict
        pairs = self._pairs(base.items(value))
        if tag != "dd":
            return tag, pairs
        factory = value.default_factory
        name = next((name for name, kind in FACTORIES.items() if kind is factory), None)
        return ("d", pairs) if name is None and factory is not None else ("dd", pairs, name)

    def _items(self, tag: str, items: Sequence[Any], depth: int) -> Node:
        """A container's items in the simplest form that holds them."""
        kinds = set(map(type, items))
        if kinds <= PRIMITIVE:
            return tag, "p", tuple(items)
        if len(kinds) == 1:
            (kind,) = kinds
            if kind is tuple and set(map(type, chain.from_iterable(items))) <= PRIMITIVE:
                return tag, "t", tuple(items)
            array = scalars_node(items) if issubclass(kind, np.number | np.bool_) else None
            if array is not None:
                return tag, "a", array
        return tag, "n", tuple([self.node(item, depth + 1) for item in items])

    def _pairs(self, items: Iterable[tuple[Any, Any]]) -> Node:
        """Keys and values, flat."""
        flat = tuple(chain.from_iterable(items))
        if set(map(type, flat)) <= PRIMITIVE:
            return "p", flat
        return "n", tuple([self.node(item) for item in flat])

    def _immutable(self, value: Any, depth: int) -> Node:
        kind = type(value)
        if isinstance(value, tuple | frozenset):
            return self._fixed(value, depth)
        if kind in VIEWS:
            parts = chain.from_iterable(value) if VIEWS[kind] == "items" else value
            return "view", VIEWS[kind], self._items("t", tuple(parts), depth + 1)
        if isinstance(value, np.generic):
            return "ns", array_node(np.asarray(value), self.node)
        for base in BASES:
            if isinstance(value, base):  # a subclass crosses as its base
                return base_node(base, value)
        if isinstance(value, enum.Enum):
            raise NotPlainError(f"a member of {kind.__name__}, an enum of its own, cannot be sent")
        found = frames.scalar_node(value, self.node) or other_node(value, self.node)
        if found is None:
            raise NotPlainError(
                f"a value of type {kind.__module__}.{kind.__qualname__} cannot be sent"
            )
        return found

    def _fixed(self, value: Any, depth: int) -> Node:
        """A tuple, with its fields if it has some, or a frozenset."""
        if isinstance(value, frozenset):
            return self._items("f", list(frozenset.__iter__(value)), depth)
        kind = type(value)
        found = self._items("t", list(tuple.__iter__(value)), depth)
        names: Any = getattr(kind, "_fields", getattr(kind, "__match_args__", None))
        named = isinstance(names, tuple) and len(names) == len(value)
        if named and all(map(is_field, (kind.__name__, *names))):
            return "nt", kind.__name__, names, found
        return frames.scalar_node(value, self.node) or found


def same(body: Node, said: Node) -> bool:
    """Whether what is said now is what was said, to the type and the sign of zero."""
    if said is None or len(body) != len(said) or body[0] != said[0]:
        return False
    if untouched(body, said):
        return True
    if body[0] == "s" and body[1] == said[1] == "p":  # each process has an order of its own
        return sorted(map(pack, body[2])) == sorted(map(pack, said[2]))
    return pack(body) == pack(said)


def untouched(body: Node, said: Node) -> bool:
    """Whether a container still holds the very objects it came with: the usual case, and fast."""
    if body[0] in ("l", "q"):
        now, then, rest = body[1:3], said[1:3], 3
    elif body[0] in MAPPINGS.values():
        now, then, rest = body[1], said[1], 2
    else:
        return False
    simple = now[0] == then[0] and now[0] in ("p", "t") and len(now[1]) == len(then[1])
    return simple and all(map(is_, now[1], then[1])) and body[rest:] == said[rest:]


def base_node(base: type, value: Any) -> Node:
    """A value of a subclass as its base, without asking the subclass how it converts."""
    if base is complex:
        return "c", complex.real.__get__(value), complex.imag.__get__(value)
    if base is int:
        return int.__int__(value)
    if base is float:
        return float.__float__(value)
    return "".join(str.__iter__(value)) if base is str else bytes(memoryview(value))


def other_node(value: Any, encode: Callable[[Any], Node]) -> Node | None:  # noqa: PLR0911
    """The rest of what is plain: ranges, slices, times, decimals, fractions."""
    if isinstance(value, range):
        return "r", encode(value.start), encode(value.stop), encode(value.step)
    if isinstance(value, slice):
        return "sl", encode(value.start), encode(value.stop), encode(value.step)
    if value is Ellipsis or value is NotImplemented:
        return "the", repr(value)
    if isinstance(value, TIMES):
        return time_node(value)
    if isinstance(value, datetime.timedelta):
        return "td", value.days, value.seconds, value.microseconds
    if isinstance(value, datetime.timezone | zoneinfo.ZoneInfo):
        return zone_node(value)
    if isinstance(value, decimal.Decimal):
        text = decimal.Decimal.__str__(value)
        if len(text) > MAX_TEXT:
            raise NotPlainError(f"a Decimal of {len(text)} digits cannot be sent")
        return "D", text
    if isinstance(value, fractions.Fraction):
        return "F", encode(value.numerator), encode(value.denominator)
    if isinstance(value, uuid.UUID):
        return "id", value.hex
    if isinstance(value, np.dtype) and value.kind in KINDS:
        return "dtype", value.str
    return None


def time_node(value: Any) -> Node:
    """A date or time by its text, and apart from it its zone and which of two equal hours."""
    base = next(one for one in TIMES if isinstance(value, one))
    if base is datetime.date:
        return "dt", "date", base.isoformat(value), None, 0
    naive = base.replace(value, tzinfo=None, fold=0)
    zone = None if value.tzinfo is None else zone_node(value.tzinfo)
    return "dt", base.__name__, base.isoformat(naive), zone, value.fold


def zone_node(zone: Any) -> Node:
    """A time zone."""
    key = getattr(zone, "key", None)
    if isinstance(zone, zoneinfo.ZoneInfo) and isinstance(key, str):
        return "tz", key
    if not isinstance(zone, datetime.timezone):
        raise NotPlainError(f"a time zone of type {type(zone).__name__} cannot be sent")
    away = zone.utcoffset(None)
    return "tz", None, away.days, away.seconds, away.microseconds


def state_of(value: Any) -> dict[str, Any]:
    """The attributes of an object of a setup class, slots included.

    Raises:
        NotPlainError: one has the name of a special one.
    """
    state = dict(getattr(value, "__dict__", {}))
    for name, slot in slots_of(type(value)):
        try:
            state[name] = slot.__get__(value)
        except AttributeError:  # not set
            continue
    for name in state:
        if not isinstance(name, str) or name.startswith("__"):
            raise NotPlainError(f"an object with the attribute {name!r} cannot be sent")
    return state


def slots_of(kind: type) -> Iterator[tuple[str, Any]]:
    """The slots of a class and its bases by name; a private one carries its class's."""
    for base in kind.__mro__:
        for name, slot in vars(base).items():
            if isinstance(slot, types.MemberDescriptorType):
                yield name, slot


def random_node(value: random.Random) -> Node:
    """The state of a `random.Random`.

    Raises:
        NotPlainError: it draws from elsewhere.
    """
    if isinstance(value, random.SystemRandom):
        raise NotPlainError("a SystemRandom cannot be sent")
    version, state, gauss = value.getstate()
    return version, tuple(state), gauss
