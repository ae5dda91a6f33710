"""numpy on the wire: a type from an allow-list, a shape, and the raw buffer."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from sixrounds.grading.wire.nodes import MAX_BYTES, Node, NotPlainError, WireError

KINDS = "biufcSUmM"
NUMBERS = "biufc"
DTYPE = re.compile(r"[<>|][biufcSUmM][0-9]{0,9}(\[[0-9]{0,9}[A-Za-z]{1,2}\])?")
MAX_DIMS = 32
MAX_EMPTY = 100_000


def array_node(value: Any, encode: Callable[[Any], Node]) -> Node:
    """`(dtype, shape, buffer)`; of an array of objects its items instead of a buffer."""
    if isinstance(value, np.ma.MaskedArray):
        raise NotPlainError("a masked array cannot be sent; fill it")
    plain = np.ndarray.view(value, np.ndarray)
    if plain.dtype.kind in KINDS:
        return plain.dtype.str, plain.shape, plain.tobytes()
    if plain.dtype.kind == "O":
        return "O", plain.shape, encode(tuple(plain.ravel().tolist()))
    raise NotPlainError(f"an array of dtype {plain.dtype} cannot be sent")


def array_of(node: Node, decode: Callable[[Node], Any]) -> Any:
    """The array of `array_node`, new and writable.

    Raises:
        WireError: the three parts do not fit each other.
    """
    if not isinstance(node, tuple) or len(node) != 3:
        raise WireError("not an array")
    name, shape, content = node
    size = size_of(shape)
    if name == "O":
        items = decode(content)
        if type(items) is not tuple or len(items) != size:
            raise WireError("an array of another size than its shape")
        made = np.empty(size, dtype=object)
        for place, item in enumerate(items):
            made[place] = item
        return made.reshape(shape)
    dtype = dtype_of(name)
    if not isinstance(content, bytes) or len(content) != size * dtype.itemsize:
        raise WireError("a buffer of another size than its shape")
    if not content:  # nothing, or empty texts, for each of which numpy would take four bytes
        if size > MAX_EMPTY:
            raise WireError("a shape too large")
        return np.zeros(shape, dtype)
    return np.frombuffer(content, dtype).reshape(shape).copy()


def scalar_of(node: Node, decode: Callable[[Node], Any]) -> Any:
    """The numpy scalar that was sent as an array without dimensions."""
    array = array_of(node, decode)
    if array.shape != () or array.dtype.kind == "O":
        raise WireError("not a scalar")
    return array[()]


def scalars_node(items: Any) -> Node:
    """Numbers of one numpy type as an array; None if they are of a type without a fixed size."""
    array = np.array(items)
    return array_node(array, lambda _: None) if array.dtype.kind in NUMBERS else None


def scalars_of(node: Node) -> list[Any]:
    """The numpy numbers of `scalars_node`."""
    array = array_of(node, refuse)
    if array.ndim != 1 or array.dtype.kind not in NUMBERS:
        raise WireError("not a list of numbers")
    return list(array)


def column_of(node: Node) -> Any:
    """An array of one dimension and of numbers or times."""
    array = array_of(node, refuse)
    if array.ndim != 1:
        raise WireError("not a column")
    return array


def refuse(_node: Node) -> Any:
    """In place of objects where none can be."""
    raise WireError("objects where only numbers can be")


def size_of(shape: Node) -> int:
    """How many items a shape has."""
    whole = isinstance(shape, tuple) and len(shape) <= MAX_DIMS
    if not whole or not all(type(side) is int and 0 <= side <= MAX_BYTES for side in shape):
        raise WireError("not a shape")
    size = math.prod(shape)
    if size > MAX_BYTES:
        raise WireError("a shape too large")
    return size


def dtype_of(name: Node) -> "np.dtype[Any]":
    """A dtype of the allow-list by its short name, like `<f8`."""
    if not isinstance(name, str) or DTYPE.fullmatch(name) is None:
        raise WireError("not a dtype")
    try:
        return np.dtype(name)
    except (TypeError, ValueError, OverflowError):
        raise WireError("not a dtype") from None


def generator_node(value: Any) -> Node:
    """The state of a random generator that numpy's `default_rng` made."""
    state = value.bit_generator.state
    if state["bit_generator"] != "PCG64":
        raise NotPlainError(f"a generator on {state['bit_generator']} cannot be sent; use PCG64")
    inner = state["state"]
    return inner["state"], inner["inc"], state["has_uint32"], state["uinteger"]


def set_generator(generator: Any, node: Node) -> None:
    """Bring a generator into the state of `generator_node`."""
    if len(node) != 4 or not all(type(part) is int for part in node):
        raise WireError("not a generator's state")
    try:
        generator.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": node[0], "inc": node[1]},
            "has_uint32": node[2],
            "uinteger": node[3],
        }
    except (ValueError, OverflowError, TypeError):
        raise WireError("not a generator's state") from None
