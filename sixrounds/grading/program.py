"""What is run of a tests cell: its source, with what the grader wants to know of its run."""

import ast
from types import CodeType

from sixrounds.grading.outcome import first_hidden
from sixrounds.grading.soft import guarded
from sixrounds.grading.watch import watch

CREDIT = "__sixrounds_credit__"  # the name that the value of the last expression is bound to


def compiled(source: str, filename: str, *, soft: bool) -> CodeType:
    """A tests cell that remembers what it compared (see `watch`) and its last expression's value.

    Args:
        source: of the cell.
        filename: for its tracebacks.
        soft: go on after a failure (see `soft`).
    """
    tree = ast.parse(source, filename)
    keep_last(tree)
    if soft:
        guarded(tree, told=True)  # first: both statements of a watched assert have one guard
    return compile(watch(tree, first_hidden(source)), filename, "exec")


def keep_last(tree: ast.Module) -> None:
    """Bind the value of the last statement to CREDIT if it is an expression."""
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        kept = ast.Assign([ast.Name(CREDIT, ast.Store())], last.value)
        tree.body[-1] = ast.copy_location(kept, last)
