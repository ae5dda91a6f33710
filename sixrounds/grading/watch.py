"""Visible tests that remember what they compared, so that a failure can show the values."""

import ast
from types import TracebackType
from typing import Any

NAME = "__sixrounds_compared__"
MAX_TEXT = 300


def watch(tree: ast.Module, before: int | None) -> ast.Module:
    """A tests cell with both sides of every visible comparison kept under NAME before it is judged.

    Args:
        tree: the parsed cell, which is changed.
        before: the first hidden line; comparisons from there on are left alone. None: watch all.
    """
    watched: ast.Module = Watch(before).visit(tree)
    return ast.fix_missing_locations(watched)


class Watch(ast.NodeTransformer):
    """`assert a == b` becomes `NAME = (line, a, b); assert NAME[1] == NAME[2]`."""

    def __init__(self, before: int | None) -> None:
        self._before = before

    def visit_Assert(self, node: ast.Assert) -> ast.stmt | list[ast.stmt]:
        """Rewrite one assert on a single comparison."""
        test = node.test
        hidden = self._before is not None and node.lineno >= self._before
        if hidden or not isinstance(test, ast.Compare) or len(test.ops) != 1:
            return node
        sides = ast.Tuple(
            [ast.Constant(node.lineno), test.left, test.comparators[0]], ctx=ast.Load()
        )
        keep = ast.Assign([ast.Name(NAME, ast.Store())], sides)
        left, right = (
            ast.Subscript(ast.Name(NAME, ast.Load()), ast.Constant(place), ast.Load())
            for place in (1, 2)
        )
        judge = ast.Assert(ast.Compare(left, test.ops, [right]), node.msg)
        return [ast.copy_location(keep, node), ast.copy_location(judge, node)]


def compared(trace: TracebackType | None, filename: str, line: int) -> tuple[Any, Any] | None:
    """Both sides of the comparison that failed on a line; None if it was none."""
    found = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            found = trace.tb_frame.f_locals.get(NAME)
        trace = trace.tb_next
    return (found[1], found[2]) if found is not None and found[0] == line else None


def shown(value: Any) -> str:
    """A value's text, cut; a learner's own `__repr__` may fail."""
    try:
        text = repr(value)
    except Exception as error:
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
