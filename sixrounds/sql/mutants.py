"""Wrong queries made from a right one by one small change each, as people make them.

For authors: `sixrounds instances` looks for small data on which each of them gives another result.
Needs sqlglot.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

Edit = Callable[[exp.Expression], None]
Change = tuple[str, Edit]
End = tuple[type[exp.Binary], str]

SWAPS: dict[type[exp.Expression], tuple[type[exp.Expression], ...]] = {
    exp.GT: (exp.GTE, exp.LT),
    exp.GTE: (exp.GT, exp.LTE),
    exp.LT: (exp.LTE, exp.GT),
    exp.LTE: (exp.LT, exp.GTE),
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.And: (exp.Or,),
    exp.Or: (exp.And,),
    exp.Add: (exp.Sub,),
    exp.Sub: (exp.Add,),
    exp.Least: (exp.Greatest,),
    exp.Greatest: (exp.Least,),
}
AGGREGATES = (exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Count)
NUMBERINGS = (exp.RowNumber, exp.Rank, exp.DenseRank)


@dataclass(frozen=True)
class Mutant:
    """One wrong query: what was changed, and the whole text."""

    change: str
    query: str


def mutants(query: str) -> list[Mutant]:
    """Every query one change away from this one, each once.

    Args:
        query: a SELECT in DuckDB's dialect.

    Raises:
        ValueError: it cannot be parsed; the message says where.
    """
    try:
        base = sqlglot.parse_one(query, read="duckdb")
    except sqlglot.ParseError as error:
        raise ValueError(f"not a query sqlglot can read: {error}") from error
    found: dict[str, Mutant] = {}
    original = base.sql("duckdb")
    for place, node in enumerate(nodes(base)):
        for change, edit in changes(node):
            tree = base.copy()
            edit(nodes(tree)[place])
            text = tree.sql("duckdb")
            if text != original:
                found.setdefault(text, Mutant(change, text))
    return list(found.values())


def nodes(tree: exp.Expr) -> list[exp.Expression]:
    """All nodes of a query, in an order that a copy has, too."""
    return [node for node in tree.walk() if isinstance(node, exp.Expression)]


def changes(node: exp.Expression) -> Iterator[Change]:
    """All changes of one node."""
    for kind in OPERATORS:
        for change, edit in kind(node):
            said = node.sql("duckdb")
            yield f"{change} in {said if len(said) <= 70 else said[:67] + '...'}", edit


def swap(node: exp.Expression) -> Iterator[Change]:
    """Another operator on the same operands."""
    for other in SWAPS.get(type(node), ()):

        def edit(found: exp.Expression, other: type[exp.Expression] = other) -> None:
            found.replace(other(**found.args))

        yield f"{type(node).__name__} -> {other.__name__}", edit


def between(node: exp.Expression) -> Iterator[Change]:
    """An end of BETWEEN excluded or forgotten."""
    if not isinstance(node, exp.Between):
        return
    low: End = (exp.GTE, "low")
    high: End = (exp.LTE, "high")
    ends: dict[str, tuple[End, ...]] = {
        "low end excluded": ((exp.GT, "low"), high),
        "high end excluded": (low, (exp.LT, "high")),
        "no high end": (low,),
        "no low end": (high,),
    }
    for change, parts in ends.items():

        def edit(
            found: exp.Expression,
            parts: tuple[End, ...] = parts,
        ) -> None:
            sides = [
                kind(this=found.this.copy(), expression=found.args[end]) for kind, end in parts
            ]
            found.replace(exp.and_(*sides))

        yield change, edit


def join_side(node: exp.Expression) -> Iterator[Change]:
    """An inner join for an outer one, and the other way round."""
    if (
        not isinstance(node, exp.Join)
        or node.args.get("kind") == "CROSS"
        or not node.args.get("on")
    ):
        return
    for side in ("", "LEFT", "RIGHT", "FULL"):

        def edit(found: exp.Expression, side: str = side) -> None:
            found.set("side", side or None)
            found.set("kind", None)

        yield f"join -> {side or 'INNER'}", edit


def half(node: exp.Expression) -> Iterator[Change]:
    """A condition forgotten."""
    if isinstance(node, exp.And | exp.Or):
        yield "right condition dropped", lambda found: put(found, found.args["this"])
        yield "left condition dropped", lambda found: put(found, found.args["expression"])
    if isinstance(node, exp.Where | exp.Having):
        yield f"{node.key.upper()} dropped", drop
    if isinstance(node, exp.Not):
        yield "NOT dropped", lambda found: put(found, found.args["this"])


def distinct(node: exp.Expression) -> Iterator[Change]:
    """DISTINCT forgotten or added."""
    if isinstance(node, exp.Distinct):
        if isinstance(node.parent, exp.Select):
            yield "DISTINCT dropped", drop
        else:
            yield "DISTINCT dropped", lambda found: put(found, found.expressions[0])
    elif isinstance(node, exp.Sum | exp.Avg | exp.Count) and not isinstance(node.this, exp.Star):
        yield (
            "DISTINCT added",
            lambda found: found.set("this", exp.Distinct(expressions=[found.this.copy()])),
        )
    if isinstance(node, exp.Union):
        yield "UNION <-> ALL", lambda found: found.set("distinct", not found.args.get("distinct"))


def aggregate(node: exp.Expression) -> Iterator[Change]:
    """Another aggregate, and COUNT of another thing."""
    if not isinstance(node, AGGREGATES) or isinstance(node.this, exp.Distinct):
        return
    if isinstance(node, exp.Count):
        if not isinstance(node.this, exp.Star):
            yield "COUNT(x) -> COUNT(*)", lambda found: found.set("this", exp.Star())
        return
    for other in (exp.Sum, exp.Avg, exp.Min, exp.Max):
        if not isinstance(node, other):

            def edit(found: exp.Expression, other: type[exp.Expression] = other) -> None:
                found.replace(other(this=found.this.copy()))

            yield f"{type(node).__name__} -> {other.__name__}", edit


def window(node: exp.Expression) -> Iterator[Change]:
    """Another numbering, no partition, no frame, ROWS for RANGE."""
    if isinstance(node, NUMBERINGS):
        for other in NUMBERINGS:
            if not isinstance(node, other):

                def edit(found: exp.Expression, other: type[exp.Expression] = other) -> None:
                    found.replace(other())

                yield f"{type(node).__name__} -> {other.__name__}", edit
    if isinstance(node, exp.Window):
        if node.args.get("partition_by"):
            yield "PARTITION BY dropped", lambda found: found.set("partition_by", None)
        if node.args.get("spec"):
            yield "frame dropped", lambda found: found.set("spec", None)
    if isinstance(node, exp.WindowSpec):
        kind = str(node.args.get("kind")).upper()
        other_kind = "ROWS" if kind == "RANGE" else "RANGE"
        yield f"{kind} -> {other_kind}", lambda found: found.set("kind", other_kind)


def order(node: exp.Expression) -> Iterator[Change]:
    """The other direction, the other end for NULL, a sort column forgotten."""
    if isinstance(node, exp.Ordered):
        first = bool(node.args.get("nulls_first"))
        yield "direction", lambda found: found.set("desc", not found.args.get("desc"))
        yield "NULLS FIRST <-> LAST", lambda found: found.set("nulls_first", not first)
        if len(node.parent.expressions if node.parent else []) > 1:
            yield "sort column dropped", drop


def constant(node: exp.Expression) -> Iterator[Change]:
    """A number off by one."""
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        for step in (1, -1):

            def edit(found: exp.Expression, step: int = step) -> None:
                found.replace(exp.Literal.number(int(found.name) + step))

            yield f"{node.name} -> {int(node.name) + step}", edit


def null(node: exp.Expression) -> Iterator[Change]:
    """COALESCE forgotten, ELSE forgotten, a CAST forgotten."""
    if isinstance(node, exp.Coalesce):
        yield "COALESCE dropped", lambda found: put(found, found.args["this"])
    if isinstance(node, exp.Case) and node.args.get("default") is not None:
        yield "ELSE dropped", lambda found: found.set("default", None)
    if isinstance(node, exp.Cast):
        yield "CAST dropped", lambda found: put(found, found.args["this"])
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        for unit in ("DAY", "MONTH"):

            def edit(found: exp.Expression, unit: str = unit) -> None:
                found.set("unit", exp.Var(this=unit))

            yield f"trunc -> {unit}", edit


def put(found: exp.Expression, part: exp.Expression) -> None:
    """Replace a node by a part of it."""
    found.replace(part.copy())


def drop(found: exp.Expression) -> None:
    """Take a node out."""
    found.pop()


OPERATORS = (
    swap, between, join_side, half, distinct, aggregate, window, order, constant, null,
)  # fmt: skip
