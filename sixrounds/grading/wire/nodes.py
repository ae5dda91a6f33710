"""What both directions of the wire agree on: tags, limits and errors.

A *node* is None, a bool, an int, a float, a str, bytes, or a tuple `(tag, …)`. A *message* is
`(root, heap)`: what can be changed or shared (lists, dicts, arrays, objects of setup classes)
stands in the heap by number, and nodes point to it by `("@", number)`, so that aliases, cycles and
changes in place survive the trip. Nothing else does: code stays where it is.

The items of a container come in one of four *forms*: `p` primitive values as they are, `t` tuples
of such, `a` an array in place of numpy scalars of one type, `n` nodes.
"""

import collections
import keyword
from collections.abc import Callable
from typing import Any

import msgpack

Node = Any
MAX_DEPTH = 100  # of tuples in tuples; containers that can be changed do not nest in a message
MAX_BYTES = 64_000_000  # of one message
MAX_DIGITS = 40_000  # bits / 8 of an integer
MAX_FIELDS = 64  # of a named tuple, and characters of each
# Small messages that make large values, and how many of them a message may have.
COSTLY = frozenset(("T", "df", "se", "ix", "rg", "rr"))
MAX_COSTLY = 20_000
MAX_TEXT = 10_000  # characters of a number as text
BIG_INT = 1  # the msgpack extension of integers beyond 64 bits

PRIMITIVE = frozenset({type(None), bool, int, float, str, bytes})
SEQUENCES: dict[type, str] = {
    list: "l",
    tuple: "t",
    set: "s",
    frozenset: "f",
    collections.deque: "q",
}
MAPPINGS: dict[type, str] = {
    dict: "d",
    collections.OrderedDict: "od",
    collections.Counter: "ct",
    collections.defaultdict: "dd",
}
# What a defaultdict may make of a missing key; with another factory it crosses as a dict.
FACTORIES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (list, dict, set, int, float, str, bool, tuple, collections.deque)
}


class NotPlainError(TypeError):
    """A value that cannot cross. The exercise is then graded by hand, never failed silently."""


class WireError(ValueError):
    """A message that breaks the rules: damaged, forged, or too large."""


def pack(node: Node) -> bytes:
    """A node's bytes.

    Raises:
        NotPlainError: an integer too long to send, or too much nesting.
    """
    try:
        return msgpack.packb(node, default=big_int, unicode_errors="surrogatepass")  # type: ignore[no-any-return]
    except (ValueError, OverflowError, RecursionError) as error:
        raise NotPlainError(f"too large or nested too deep to send: {error}") from None


def unpack(content: bytes | bytearray) -> Node:
    """A node from its bytes.

    Raises:
        WireError: they are not those of one node.
    """
    try:
        return msgpack.unpackb(
            content,
            use_list=False,  # a forged message of empty lists would take 64 times its size
            ext_hook=from_big_int,
            object_pairs_hook=refuse,
            unicode_errors="surrogatepass",
        )
    except (ValueError, TypeError, MemoryError, msgpack.UnpackException) as error:
        raise WireError(f"not a message: {type(error).__name__}") from None


def big_int(value: Any) -> msgpack.ExtType:
    """An integer beyond 64 bits; msgpack asks for whatever it does not know."""
    if type(value) is not int:
        raise NotPlainError(f"{type(value).__name__} cannot be sent")
    size = value.bit_length() // 8 + 1
    if size > MAX_DIGITS:
        raise NotPlainError(f"an integer of {size} bytes is too long to send")
    return msgpack.ExtType(BIG_INT, value.to_bytes(size, "big", signed=True))


def from_big_int(code: int, content: bytes) -> int:
    """The integer of an extension."""
    if code != BIG_INT or len(content) > MAX_DIGITS:
        raise WireError("unknown extension")
    return int.from_bytes(content, "big", signed=True)


def refuse(_pairs: Any) -> Any:
    """No node is a msgpack map: dictionaries cross as pairs."""
    raise WireError("a map where none can be")


def is_field(name: Any) -> bool:
    """Whether a name can be that of a named tuple, or of one of its fields."""
    return (
        isinstance(name, str)
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith("_")
        and len(name) <= MAX_FIELDS
    )


Refer = Callable[[Any], Node | None]
