"""Takes values over the wire and back in one process, and tells whether they are the same."""

import collections
import decimal
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

from sixrounds.grading.shared import setup_classes
from sixrounds.grading.wire import Decoder, Encoder
from sixrounds.grading.wire.nodes import Node, pack, unpack

SETUP = """
from dataclasses import dataclass, field
from typing import NamedTuple

class Link:
    def __init__(self, value, next=None):
        self.value, self.next = value, next

class Tree:
    __slots__ = ("value", "left", "right", "__hidden")
    def __init__(self, value, left=None, right=None):
        self.value, self.left, self.right, self.__hidden = value, left, right, "h"
    def hidden(self):
        return self.__hidden

@dataclass
class Order:
    item: str
    tags: list = field(default_factory=list)

@dataclass(frozen=True)
class Place:
    row: int
    column: int

class Pair(NamedTuple):
    first: object
    second: object

class Guarded:
    def __init__(self, level=0):
        self._level = level
    @property
    def level(self):
        return self._level
    @level.setter
    def level(self, value):
        raise RuntimeError("code of the setup ran")
    def __setattr__(self, name, value):
        if name == "forbidden":
            raise RuntimeError("code of the setup ran")
        super().__setattr__(name, value)
"""


def setup() -> dict[str, Any]:
    """What cells of a setup bind."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(SETUP, names)
    return names


NAMES = setup()
CLASSES = setup_classes(NAMES)
CLASS_NAMES = {kind: name for name, kind in CLASSES.items()}
Link, Tree, Order, Place, Pair, Guarded = (
    NAMES[name] for name in ("Link", "Tree", "Order", "Place", "Pair", "Guarded")
)


class Solved(NamedTuple):
    """A named tuple of an answer's own."""

    cost: float
    path: list[int]


def encoder(known: Sequence[Any] = (), bodies: Sequence[Node] = ()) -> Encoder:
    """An encoder that knows the setup's classes."""
    return Encoder(classes=CLASS_NAMES.get, known=known, bodies=bodies)


def decoder(known: Sequence[Any] = ()) -> Decoder:
    """A decoder that knows the setup's classes."""
    return Decoder(classes=CLASSES.get, known=known)


def there(value: Any) -> Any:
    """What arrives of a value."""
    return decoder().load(unpack(pack(encoder().dump(value))))


@dataclass
class Trip:
    """A call: what it returned, and what was sent again of its arguments."""

    result: Any
    sent_again: Sequence[Node]


def call(function: Callable[..., Any], *args: Any) -> Trip:
    """Call a function as if it were in another process; its changes to `args` arrive here."""
    sent = encoder()
    message = unpack(pack(sent.dump(args)))
    arrived = decoder()
    result = function(*arrived.load(message))
    back = unpack(pack(encoder(arrived.objects, arrived.bodies).dump(result)))
    return Trip(decoder(sent.objects).load(back), back[1])


def same(a: Any, b: Any) -> bool:
    """Whether values without cycles are equal, with the same exact types, to the bit."""
    if type(a) is not type(b):
        fields = getattr(a, "_fields", None)
        return bool(fields and fields == getattr(b, "_fields", None)) and same(tuple(a), tuple(b))
    if isinstance(a, collections.deque) and a.maxlen != b.maxlen:
        return False
    for kinds, alike in ALIKE.items():
        if isinstance(a, kinds):
            return bool(alike(a, b))
    if type(a) in CLASS_NAMES and not isinstance(a, tuple):
        return same(vars(a), vars(b)) if hasattr(a, "__dict__") else True
    return bool(a == b) or a is b


def same_float(a: float, b: float) -> bool:
    """Whether two floats agree to the bit; one NaN is as good as another."""
    return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))


def same_items(a: Any, b: Any) -> bool:
    """Whether two sequences hold the same."""
    return len(a) == len(b) and all(map(same, a, b))


def same_dict(a: Any, b: Any) -> bool:
    """Whether two dicts hold the same in the same order, and make the same of a missing key."""
    factory = getattr(a, "default_factory", None) is getattr(b, "default_factory", None)
    return factory and same_items(list(a.items()), list(b.items()))


def same_tensor(a: Any, b: Any) -> bool:
    """Whether two tensors agree in all but the graph."""
    alike = (a.dtype, a.shape, a.requires_grad) == (b.dtype, b.shape, b.requires_grad)
    return alike and bool(torch.equal(a, b))


def same_array(a: Any, b: Any) -> bool:
    """Whether two arrays agree to the bit; of objects their items."""
    if a.dtype != b.dtype or a.shape != b.shape or not b.flags.writeable:
        return False
    if a.dtype.kind == "O":
        return same_items(a.ravel().tolist(), b.ravel().tolist())
    return bool(a.tobytes() == b.tobytes())


def same_index(a: Any, b: Any) -> bool:
    """Whether two indexes agree, as the strictest test would ask."""
    pd.testing.assert_index_equal(a, b, exact=True)
    return bool(a.names == b.names and getattr(a, "freq", None) == getattr(b, "freq", None))


def same_series(a: Any, b: Any) -> bool:
    """Whether two series agree, as the strictest test would ask."""
    pd.testing.assert_series_equal(a, b, check_exact=True)
    return True


def same_frame(a: Any, b: Any) -> bool:
    """Whether two frames agree, as the strictest test would ask."""
    pd.testing.assert_frame_equal(a, b, check_exact=True, check_column_type="exact")
    return True


ALIKE: dict[Any, Callable[[Any, Any], bool]] = {
    np.generic: lambda a, b: same_array(np.asarray(a), np.array(b)),
    float: same_float,
    complex: lambda a, b: same_float(a.real, b.real) and same_float(a.imag, b.imag),
    np.ndarray: same_array,
    (list, tuple, collections.deque): same_items,
    dict: same_dict,
    torch.Tensor: same_tensor,
    pd.DataFrame: same_frame,
    pd.Series: same_series,
    pd.Index: same_index,
    decimal.Decimal: lambda a, b: str(a) == str(b),
}
