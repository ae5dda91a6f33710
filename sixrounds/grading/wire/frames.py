"""pandas and torch on the wire, if a lesson has imported them; else a peer cannot make us."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from sixrounds.grading.wire.arrays import array_node, array_of
from sixrounds.grading.wire.columns import column_node, column_of, index_node, index_of, zone_of
from sixrounds.grading.wire.columns import zone_name as zone
from sixrounds.grading.wire.nodes import Node, NotPlainError, WireError

Encode = Callable[[Any], Node]
Decode = Callable[[Node], Any]
# Tensors whose numbers numpy does not have cross as wider ones.
WIDER = ("bfloat16", "float8_e4m3fn", "float8_e5m2")


def module(name: str) -> Any:
    """A module if something imported it already."""
    return sys.modules.get(name)


def needed(name: str) -> Any:
    """A module that a node needs.

    Raises:
        WireError: nothing has imported it, so no right answer could have sent this.
    """
    found = module(name)
    if found is None:
        raise WireError(f"a value of {name}, which the lesson does not use")
    return found


def is_frame(value: Any) -> bool:
    """Whether a value is a DataFrame, a Series or a Tensor."""
    pandas, torch = module("pandas"), module("torch")
    if pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series)):
        return True
    return torch is not None and isinstance(value, torch.Tensor)


def node_of(value: Any, encode: Encode) -> Node:
    """The body of a DataFrame, a Series or a Tensor."""
    torch = module("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return tensor_node(value, encode)
    pandas = module("pandas")
    if isinstance(value, pandas.DataFrame):
        columns = [column_node(value.iloc[:, place], encode) for place in range(value.shape[1])]
        labels = index_node(value.index, encode), index_node(value.columns, encode)
        return "df", *labels, tuple(columns)
    return "se", index_node(value.index, encode), encode(value.name), column_node(value, encode)


def tensor_node(value: Any, encode: Encode) -> Node:
    """A tensor as an array; its graph stays behind."""
    name = str(value.dtype).removeprefix("torch.")
    try:
        dense = value.detach().cpu().resolve_conj().resolve_neg()
        array = (dense.float() if name in WIDER else dense).numpy()
    except (TypeError, RuntimeError, NotImplementedError) as error:  # sparse, quantized, meta
        raise NotPlainError(f"a tensor that numpy cannot hold: {error}") from None
    return "T", name, array_node(array, encode), bool(value.requires_grad)


def scalar_node(value: Any, encode: Encode) -> Node | None:  # noqa: PLR0911  one return per kind
    """A pandas or torch value that cannot be changed, or an index."""
    pandas, torch = module("pandas"), module("torch")
    if torch is not None and isinstance(value, torch.dtype):
        return "Td", str(value).removeprefix("torch.")
    if torch is not None and isinstance(value, torch.Size):
        return "Ts", tuple(value)
    if pandas is None:
        return None
    if value is pandas.NaT or value is pandas.NA:
        return "NaT" if value is pandas.NaT else "NA", None
    if isinstance(value, pandas.Timestamp):
        moment = array_node(np.asarray(value.to_datetime64()), encode)
        return "ts", moment, None if value.tz is None else zone(value.tz)
    if isinstance(value, pandas.Timedelta):
        return "pt", array_node(np.asarray(value.to_timedelta64()), encode)
    if isinstance(value, pandas.Period):
        return "pe", value.ordinal, value.freqstr
    if isinstance(value, pandas.Interval):
        return "iv", encode(value.left), encode(value.right), value.closed
    if isinstance(value, pandas.Index):
        return "ix", index_node(value, encode)
    return None


def value_of(node: Node, decode: Decode) -> Any:
    """The value of a node of `node_of` or `scalar_node`.

    Raises:
        WireError: it is none.
    """
    try:
        return MAKERS[node[0]](node, decode)
    except WireError:
        raise
    except Exception as error:  # whatever pandas says of parts that do not fit
        raise WireError(f"not a value of {node[0]}: {type(error).__name__}") from None


def torch_dtype(name: Node) -> Any:
    """A dtype of torch by its name."""
    torch = needed("torch")
    kind = getattr(torch, name, None) if isinstance(name, str) else None
    if not isinstance(kind, torch.dtype):
        raise WireError("not a torch dtype")
    return kind


def tensor_of(node: Node, decode: Decode) -> Any:
    """A tensor, without a graph; it asks for gradients if it did."""
    torch = needed("torch")
    kind = torch_dtype(node[1])
    tensor = torch.from_numpy(array_of(node[2], decode)).clone()  # with memory that can grow
    if node[1] in WIDER and tensor.dtype == torch.float32:
        tensor = tensor.to(kind)
    if tensor.dtype != kind:
        raise WireError("a tensor of another type than its numbers")
    return tensor.requires_grad_() if node[3] is True else tensor


def size_of(node: Node, _decode: Decode) -> Any:
    """The size of a tensor."""
    if type(node[1]) is not tuple or not all(type(side) is int for side in node[1]):
        raise WireError("not a size")
    return needed("torch").Size(node[1])


def series_of(node: Node, decode: Decode) -> Any:
    """A series."""
    made = column_of(needed("pandas"), node[3], index_of(needed("pandas"), node[1], decode), decode)
    made.name = decode(node[2])
    return made


def frame_of(node: Node, decode: Decode) -> Any:
    """A data frame; its columns may share names."""
    pandas = needed("pandas")
    index, names = index_of(pandas, node[1], decode), index_of(pandas, node[2], decode)
    columns = {place: column_of(pandas, one, index, decode) for place, one in enumerate(node[3])}
    frame = pandas.DataFrame(columns, index=index)
    frame.columns = names
    return frame


def timestamp_of(node: Node, decode: Decode) -> Any:
    """A moment, to its unit, in its time zone."""
    pandas = needed("pandas")
    moment = array_of(node[1], decode)
    if moment.shape != () or moment.dtype.kind != "M":
        raise WireError("not a moment")
    made = pandas.Timestamp(moment[()])
    return made if node[2] is None else made.tz_localize("UTC").tz_convert(zone_of(node[2]))


def timedelta_of(node: Node, decode: Decode) -> Any:
    """A span of time, to its unit."""
    span = array_of(node[1], decode)
    if span.shape != () or span.dtype.kind != "m":
        raise WireError("not a span of time")
    return needed("pandas").Timedelta(span[()])


def period_of(node: Node, _decode: Decode) -> Any:
    """A period."""
    if type(node[1]) is not int or not isinstance(node[2], str):
        raise WireError("not a period")
    return needed("pandas").Period(ordinal=node[1], freq=node[2])


def update(old: Any, new: Any) -> bool:
    """Bring an old value into the state of a new one; False if it must be replaced instead."""
    torch = module("torch")
    if torch is None or not isinstance(old, torch.Tensor):
        old._update_inplace(new)
        return True
    if old.dtype != new.dtype or not old.is_leaf:
        return False
    with torch.no_grad():
        if old.shape == new.shape:
            old.copy_(new)
        else:
            old.set_(new)
    old.requires_grad_(new.requires_grad)
    return True


MAKERS: dict[str, Callable[[Node, Decode], Any]] = {
    "T": tensor_of,
    "Td": lambda node, _: torch_dtype(node[1]),
    "Ts": size_of,
    "df": frame_of,
    "se": series_of,
    "ix": lambda node, decode: index_of(needed("pandas"), node[1], decode),
    "ts": timestamp_of,
    "pt": timedelta_of,
    "pe": period_of,
    "iv": lambda node, decode: needed("pandas").Interval(
        decode(node[1]), decode(node[2]), closed=node[3]
    ),
    "NaT": lambda _, __: needed("pandas").NaT,
    "NA": lambda _, __: needed("pandas").NA,
}
