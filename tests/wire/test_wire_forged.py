"""Whatever a message holds, the side that reads it raises WireError or gets plain data."""

import collections
import contextlib
import datetime
import decimal
import enum
import fractions
import os
import random
import resource
import signal
import socket
import tracemalloc
import types
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np
import pandas as pd
import pytest
import torch
from crossing import CLASSES, Guarded, Link, Order, Pair, Place, Tree, decoder, encoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sixrounds.grading.outcome import OutOfTimeError, UnsupportedError
from sixrounds.grading.trusted.peer import Peer
from sixrounds.grading.trusted.stand_ins import Function, Opaque
from sixrounds.grading.wire import Channel, GoneError, NotPlainError, WireError, decode
from sixrounds.grading.wire.nodes import Node, pack, unpack
from sixrounds.placeholder import Todo

settings.register_profile("wire", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("wire")

PLAIN = (
    type(None), bool, int, float, complex, str, bytes, bytearray, range, slice, type(...),
    type(NotImplemented), list, tuple, set, frozenset, dict, collections.deque,
    collections.OrderedDict, collections.Counter, collections.defaultdict,
    type({}.keys()), type({}.values()), type({}.items()),
    datetime.date, datetime.time, datetime.datetime, datetime.timedelta, datetime.timezone,
    zoneinfo.ZoneInfo, decimal.Decimal, fractions.Fraction, uuid.UUID,
    np.ndarray, np.random.Generator, random.Random,
    pd.DataFrame, pd.Series, pd.Timestamp, pd.Timedelta, pd.Period, pd.Interval,
    type(pd.NaT), type(pd.NA), torch.Tensor, torch.Size, torch.dtype, *CLASSES.values(),
)  # fmt: skip
LIBRARY = (np.generic, np.dtype, pd.Index)  # and their subclasses


def require_plain(value: Any, also: tuple[type, ...] = (), depth: int = 0) -> None:
    """Fail for a value of a type outside the allow-list, at any depth."""
    kind = type(value)
    named = issubclass(kind, tuple) and kind in decode.NAMED.values()
    assert kind in PLAIN or named or issubclass(kind, (*LIBRARY, *also)), kind
    if depth > 4:
        return
    parts: list[Any] = []
    if isinstance(value, dict):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset | collections.deque):
        parts = list(value)
    elif kind in CLASSES.values():
        parts = list(getattr(value, "__dict__", {}).values())
    elif isinstance(value, np.ndarray) and value.dtype == object:
        parts = value.ravel().tolist()
    for part in parts[:50]:
        require_plain(part, also, depth + 1)


def read(message: Node) -> None:
    """Read a message: plain data comes of it, or a WireError."""
    try:
        value = decoder().load(message)
    except WireError:
        return
    require_plain(value)


TAGS = [
    "@", "t", "f", "l", "s", "q", "d", "od", "ct", "dd", "ba", "o", "n", "ns", "nt", "view", "the",
    "c", "r", "sl", "dt", "td", "tz", "D", "F", "id", "dtype", "rg", "rr", "T", "Td", "Ts", "df",
    "se", "ix", "ts", "pt", "pe", "iv", "NaT", "NA", "p", "a", "m", "i", "zone", "category",
    "period", "interval", "Int64", "object", "", "O", "<f8", "<i8", "|b1", "<M8[ns]", "float32",
    "Link", "Tree", "Order", "Pair", "Guarded", "level", "forbidden", "__class__", "__dict__",
    "keys", "items", "values", "datetime", "date", "list", "UTC", "Ellipsis", "R", "x", "W",
]  # fmt: skip
LEAVES = (
    st.sampled_from(TAGS)
    | st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=16)
)
NODES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=5).map(tuple)
        | st.tuples(st.sampled_from(TAGS), inner)
        | st.tuples(st.sampled_from(TAGS), inner, inner)
        | st.tuples(st.sampled_from(TAGS), st.sampled_from("ptan"), st.lists(inner).map(tuple))
        | st.tuples(st.sampled_from(TAGS), inner, inner, inner)
    ),
    max_leaves=20,
)
HEAPS = st.lists(NODES, max_size=5).map(lambda bodies: tuple(enumerate(bodies)))


@given(st.tuples(NODES, HEAPS))
@settings(max_examples=250)
def test_messages_of_arbitrary_nodes(message: Node) -> None:
    """A forged message would raise in the middle of a test, or make an object of its choice."""
    read(message)


@given(NODES)
def test_messages_that_are_none(message: Node) -> None:
    """Anything in place of a message would raise in the middle of a test."""
    read(message)


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_arbitrary_bytes(content: bytes) -> None:
    """Bytes that are no message would end the grader."""
    try:
        message = unpack(content)
    except WireError:
        return
    read(message)


def samples() -> list[Any]:
    """Values of all kinds."""
    ring = Link(1)
    ring.next = ring
    index = pd.MultiIndex.from_product([["a"], [1, 2]])
    return [
        [1, 2.5, "a", (1, (2,)), {"k": [None]}, {1, 2}, frozenset({3}), 2**90],
        collections.deque([1, [2]], 3),
        [collections.Counter("aab"), collections.OrderedDict(a=1), collections.defaultdict(list)],
        [ring, Tree(1, Tree(2)), Order("a", [1]), {Place(1, 2): 3}, Pair(1, [2]), Guarded()],
        [datetime.datetime(2024, 1, 1, tzinfo=zoneinfo.ZoneInfo("Asia/Tokyo")), decimal.Decimal(1)],
        [uuid.UUID(int=1), fractions.Fraction(1, 3), range(3), slice(1), datetime.timedelta(1), 1j],
        [np.arange(6.0).reshape(2, 3), np.array([None, [1]], object), np.float32(1), np.ones(0)],
        [np.random.default_rng(1), random.Random(1)],
        [{}.keys(), {1: 2}.items(), bytearray(b"ab"), np.dtype("f8")],
        pd.DataFrame(
            {"v": [1, 2], "w": pd.Categorical(["a", "b"]), "n": pd.array([1, None])}, index
        ),
        pd.Series(["a", None], pd.date_range("2024", periods=2, tz="Europe/Berlin"), name="s"),
        [pd.Timestamp("2024", tz="UTC"), pd.NaT, pd.NA, pd.Period("2024", "M"), pd.Interval(0, 1)],
        [torch.ones(2, requires_grad=True), torch.zeros(1).bfloat16(), torch.Size([1]), torch.half],
    ]


SAMPLES = [pack(encoder().dump(value)) for value in samples()]


def mutated(node: Node, draw: Callable[..., Any], chance: int = 12) -> Node:
    """A node with some parts replaced, doubled, lost or exchanged."""
    if draw(st.integers(0, chance)) == 0:
        return draw(LEAVES | NODES)
    if not isinstance(node, tuple):
        return node
    parts = [mutated(part, draw, chance) for part in node[:30]] + list(node[30:])
    change = draw(st.integers(0, chance * 4))
    if parts and change < 4:
        place = draw(st.integers(0, len(parts) - 1))
        if change == 0:
            del parts[place]
        elif change == 1:
            parts.insert(place, parts[place])
        elif change == 2:
            parts[place], parts[-1] = parts[-1], parts[place]
        else:
            parts = parts[:place]
    return tuple(parts)


@given(st.data(), st.sampled_from(SAMPLES))
@settings(max_examples=300)
def test_valid_messages_with_parts_changed(data: st.DataObject, content: bytes) -> None:
    """A message that is right but for one part would get past checks that look at the whole."""
    read(mutated(unpack(content), data.draw))


@given(st.data(), st.sampled_from(SAMPLES))
@settings(max_examples=300)
def test_valid_messages_with_bytes_changed(data: st.DataObject, content: bytes) -> None:
    """A damaged message would end the grader."""
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    try:
        message = unpack(damaged)
    except WireError:
        return
    read(message)


@given(st.data(), st.sampled_from(SAMPLES))
@settings(max_examples=300)
def test_changes_to_known_objects_that_are_forged(data: st.DataObject, content: bytes) -> None:
    """What is sent back of an argument would change it to what it cannot be."""
    reader = decoder()
    reader.load(unpack(content))
    kinds = [type(value) for value in reader.objects]
    again = mutated(unpack(content), data.draw)
    second = decoder(reader.objects)
    with contextlib.suppress(WireError):
        require_plain(second.load(again))
    for value, kind in zip(reader.objects, kinds, strict=True):
        assert type(value) is kind
        require_plain(value)


F8 = "<f8"
REFUSED: dict[str, Node] = {
    "a heap with a hole": (None, ((1, ("l", "p", ())),)),
    "a number twice": (None, ((0, ("l", "p", ())), (0, ("l", "p", ())))),
    "a number that is none": (None, ((True, ("l", "p", ())),)),
    "a negative place": (("@", -1), ((0, ("l", "p", ())),)),
    "a place that is not there": (("@", 7), ()),
    "a text as a heap": ("a", "b"),
    "an unhashable key": (("@", 0), ((0, ("d", ("n", (("@", 1), 1)))), (1, ("l", "p", ())))),
    "an unhashable item": (("@", 0), ((0, ("s", "n", (("@", 1),))), (1, ("l", "p", ())))),
    "an odd number of pairs": (("@", 0), ((0, ("d", ("p", (1,)))),)),
    "items that are a text": (("@", 0), ((0, ("l", "p", "abc")),)),
    "items that hide a tuple": (("@", 0), ((0, ("l", "p", (1, ("@", 0)))),)),
    "tuples that hide a tuple": (("@", 0), ((0, ("l", "t", ((1, ("@", 0)),))),)),
    "an array in itself": (("@", 0), ((0, ("n", ("O", (1,), ("t", "n", (("@", 0),))))),)),
    "a class nobody defined": (("@", 0), ((0, ("o", "Popen", ("p", ()))),)),
    "a class of the library": (("@", 0), ((0, ("o", "dict", ("p", ()))),)),
    "a named tuple as an object": (("@", 0), ((0, ("o", "Pair", ("p", ("first", 1)))),)),
    "the attribute __class__": (("@", 0), ((0, ("o", "Link", ("p", ("__class__", 1)))),)),
    "the attribute __dict__": (("@", 0), ((0, ("o", "Link", ("p", ("__dict__", 1)))),)),
    "an attribute that is no text": (("@", 0), ((0, ("o", "Link", ("p", (1, 1)))),)),
    "an attribute without a slot": (("@", 0), ((0, ("o", "Tree", ("p", ("other", 1)))),)),
    "a name that is code": (("nt", "R", ("x; import os",), ("t", "p", (1,))), ()),
    "a field with a keyword's name": (("nt", "R", ("class",), ("t", "p", (1,))), ()),
    "a field that is private": (("nt", "R", ("__class__",), ("t", "p", (1,))), ()),
    "two fields of one name": (("nt", "R", ("x", "x"), ("t", "p", (1, 2))), ()),
    "too few fields": (("nt", "R", ("x",), ("t", "p", (1, 2))), ()),
    "a huge shape": (("@", 0), ((0, ("n", (F8, (10**6, 10**6), b"")),),)),
    "a huge shape without items": (("@", 0), ((0, ("n", (F8, (0, 10**9), b"")),),)),
    "a negative size": (("@", 0), ((0, ("n", (F8, (-1,), b"")),),)),
    "a size that is a float": (("@", 0), ((0, ("n", (F8, (1.0,), b"12345678")),),)),
    "too many dimensions": (("@", 0), ((0, ("n", (F8, (1,) * 65, b"12345678")),),)),
    "empty texts without end": (("@", 0), ((0, ("n", ("<U0", (50_000_000,), b"")),),)),
    "a buffer too short": (("@", 0), ((0, ("n", (F8, (2,), b"12345678")),),)),
    "an array of columns": (("ix", ("i", None, ("", ("<i8", (1, 1), b"12345678")), None)), ()),
    "one value for a million rows": (
        ("@", 0), ((0, ("se", ("r", 0, 10**6, 1, None), None, ("", (F8, (), b"12345678")))),)
    ),
    "no value for a million rows": (
        ("@", 0), ((0, ("se", ("r", 0, 10**6, 1, None), None, ("object", ("t", "p", ())))),)
    ),
    "codes beyond the categories": (
        ("ix", ("i", None, ("category", ("|i1", (1,), b"\x05"),
                            ("r", 0, 2, 1, None), False), None)), ()
    ),
    "levels that do not fit": (("ix", ("m", (None,), (("r", 0, 1, 1, None),), ())), ()),
    "a dtype of pandas by name": (
        ("ix", ("i", None, ("Sparse[int]", ("<i8", (0,), b"")), None)), ()
    ),
    "a zone that is a path": (("tz", "../../etc/passwd"), ()),
    "a zone of a file": (("ts", ("<M8[ns]", (), bytes(8)), "dateutil//etc/passwd"), ()),
    "a number that is a text": (("c", "1e5", 0.0), ()),
    "a fraction of nothing": (("F", 1, 0), ()),
    "a time that is none": (("dt", "datetime", "now", None, 0), ()),
    "a set in place of a zone": (("dt", "datetime", "2024-01-01T00:00:00", ("f", "p", ()), 0), ()),
    "a tensor of another type": (
        ("@", 0), ((0, ("T", "complex128", ("|b1", (1,), b"\1"), False)),)
    ),
    "a tensor by the name of a function": (
        ("@", 0), ((0, ("T", "load", ("|b1", (1,), b"\1"), False)),)
    ),
    "a shape without end": (("Ts", 10**9), ()),
    "a state of a generator": (("@", 0), ((0, ("rg", (-1, 0, 0, 0))),)),
    "a state of a random": (("@", 0), ((0, ("rr", (3, (0,) * 3, None))),)),
    "a factory that is code": (("@", 0), ((0, ("dd", ("p", ()), "eval")),)),
    "a queue of negative length": (("@", 0), ((0, ("q", "p", (), -1)),)),
    "a reference of the other direction": (("L", "os", "system"), ()),
}  # fmt: skip


@pytest.mark.parametrize("about", REFUSED)
def test_known_tricks_are_refused(about: str) -> None:
    """The trick would work: a crash, memory without end, or code and objects of its choice."""
    message = unpack(pack(REFUSED[about]))
    with pytest.raises(WireError):
        decoder().load(message)


@pytest.mark.parametrize(
    "name",
    ["O8", "|O", "V8", "|V8", "i4,i4", ",".join(["f8"] * 9), "(2,)i4", "M8[1000000000000Y]", "a5",
     "f8 ", "float64", "<f3", "U2000000000", "<U2000000000", "T", "", "<f8\0", "object", "m8[]",
     "<M8[9999999999s]", "{'names':['a'],'formats':['O']}", "datetime64[ns]", "p", "<V0"],
)  # fmt: skip
def test_strange_dtypes_are_refused(name: str) -> None:
    """A dtype that holds objects would make pointers of the peer's bytes."""
    for message in (
        (("@", 0), ((0, ("n", (name, (0,), b""))),)),
        (("dtype", name), ()),
    ):
        with pytest.raises(WireError):
            decoder().load(message)


def test_a_setup_class_runs_no_code_for_forged_attributes() -> None:
    """Setters of the setup's classes would run on forged values."""
    for name in ("level", "forbidden", "_level"):
        found = decoder().load((("@", 0), ((0, ("o", "Guarded", ("p", (name, 7)))),)))
        assert vars(found) == {name: 7}


def test_nesting_without_end_is_refused() -> None:
    """The grader would end with a RecursionError in the middle of a test."""
    node: Node = 1
    for _ in range(5000):
        node = ("t", "n", (node,))
    with pytest.raises(WireError):
        decoder().load((node, ()))
    for shape in (b"\x91", b"\x81\xa1a"):
        with pytest.raises(WireError):
            unpack(shape * 100_000 + b"\xc0")


def test_what_only_msgpack_knows_is_refused() -> None:
    """Maps, timestamps and extensions are no nodes."""
    for content in (
        msgpack.packb({"a": 1}),
        msgpack.packb(msgpack.ExtType(5, b"x")),
        msgpack.packb(msgpack.ExtType(1, b"x" * 50_000)),
    ):
        with pytest.raises(WireError):
            unpack(content)
    stamp = unpack(msgpack.packb([msgpack.Timestamp(1, 1), []]))
    with pytest.raises(WireError):
        decoder().load(stamp)


def in_child(work: Callable[[], bool], seconds: int = 120, memory: int = 4 << 30) -> bool:
    """What `work` says in a fork that has only so much time and memory; False if it dies."""
    pid = os.fork()
    if pid == 0:
        said = False
        try:
            signal.alarm(seconds)
            resource.setrlimit(resource.RLIMIT_AS, (memory + (8 << 30), memory + (8 << 30)))
            said = work()
        finally:
            os._exit(0 if said else 1)
    return os.waitpid(pid, 0)[1] == 0


M61 = (1 << 61) - 1
GREEDY: dict[str, Callable[[int], Node]] = {
    "empty tuples": lambda n: (("t", "p", ((),) * n), ()),
    "empty lists": lambda n: (None, tuple((i, ("l", "p", ())) for i in range(n // 10))),
    "empty queues": lambda n: (None, tuple((i, ("q", "p", (), None)) for i in range(n // 12))),
    "empty dicts": lambda n: (None, tuple((i, ("od", ("p", ()))) for i in range(n // 12))),
    "generators": lambda n: (None, tuple((i, ("rg", (0, 1, 0, 0))) for i in range(n // 12))),
    "frames": lambda n: (
        None,
        tuple((i, ("df", ("r", 0, 9, 1, None), ("r", 0, 0, 1, None), ())) for i in range(n // 25)),
    ),
    "small arrays": lambda n: (None, tuple((i, ("n", ("|b1", (0,), b""))) for i in range(n // 14))),
    "indexes": lambda n: (("t", "n", (("ix", ("r", 0, 10**12, 1, None)),) * (n // 20)), ()),
    "named tuples of many kinds": lambda n: (
        ("t", "n", tuple(("nt", f"R{i}", ("x",), ("t", "p", (1,))) for i in range(n // 16))),
        (),
    ),
    "keys that collide": lambda n: (
        ("@", 0),
        ((0, ("s", "p", tuple(i * M61 for i in range(n // 11)))),),
    ),
    "keys that collide in a dict": lambda n: (
        ("@", 0),
        ((0, ("d", ("p", tuple(x for i in range(n // 12) for x in (i * M61, 0))))),),
    ),
    "long integers": lambda n: (("t", "p", (1 << (8 * 30_000),) * (n // 30_000)), ()),
    "one thing many times": lambda n: (
        ("t", "n", (("@", 0),) * (n // 4)),
        ((0, ("l", "p", (1,))),),
    ),
}  # fmt: skip
SIZE = 500_000
MOST = 150  # times the size of a message


@pytest.mark.parametrize("about", GREEDY)
def test_no_message_takes_much_more_than_its_size(about: str) -> None:
    """A message of some megabytes would take the grader's memory, or keep it busy for ever."""
    content = pack(GREEDY[about](SIZE))

    def work() -> bool:
        tracemalloc.start()
        with contextlib.suppress(WireError):
            decoder().load(unpack(content))
        return tracemalloc.get_traced_memory()[1] < MOST * max(len(content), SIZE // 10)

    assert in_child(work), f"{len(content)} bytes"


REPLIES = (
    st.tuples(st.sampled_from(["ok", "raised", "late", "unsupported", "callback", "step"]), NODES,
              st.text(max_size=3) | NODES)
    | st.tuples(st.just("ok"), st.tuples(NODES, HEAPS), st.just(""))
    | st.tuples(st.just("raised"), st.tuples(st.tuples(
        st.lists(st.tuples(st.sampled_from(["builtins", "__main__", "os"]),
                           st.sampled_from(["ValueError", "SystemExit", "Link", "a\0b", ""])),
                 max_size=3).map(tuple), NODES, st.text(max_size=5), st.integers(), NODES),
        NODES), st.just(""))
    | st.tuples(st.just("ok"), st.tuples(st.tuples(
        st.sampled_from(["fn", "ob", "it", "h", "g", "e", "ex", "type", "todo"]),
        LEAVES, LEAVES, LEAVES), st.just(())), st.just(""))
    | NODES
)  # fmt: skip


@given(st.lists(REPLIES, min_size=1, max_size=3))
@settings(max_examples=250)
def test_a_peer_that_says_anything(replies: list[Node]) -> None:
    """Forged replies would raise what a test takes for the answer's error, or make it hang."""
    mine, theirs = socket.socketpair()
    with mine, theirs:
        student = Channel(theirs)
        for reply in replies:
            try:
                student.send(reply)
            except NotPlainError:
                return
        theirs.shutdown(socket.SHUT_WR)
        peer = Peer(Channel(mine), {"__name__": "__main__", **CLASSES, "limit": 3})
        raises = [
            reply for reply in replies if isinstance(reply, tuple) and reply[:1] == ("raised",)
        ]
        try:
            found = peer.call("f", ([1], lambda *args: 3), {})
        except (GoneError, UnsupportedError, OutOfTimeError):
            return
        except Exception as error:
            assert raises, error
            return
        also = (Function, Opaque, Todo, types.GeneratorType, type, enum.Enum, Exception)
        require_plain(found, also)
