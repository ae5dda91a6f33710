"""Which names of a notebook's shared namespace a cell defines, changes and uses."""

import ast
import symtable
from collections.abc import Iterator

from sixrounds.run.cells import plain_python


def bound_names(source: str) -> set[str]:
    """Names a cell assigns, defines or imports at its top level, or by `global`."""
    table = _table(source)
    names = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    for inner in _descendants(table):
        names |= {s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_assigned()}
    return names


def changed_names(source: str) -> set[str]:
    """Names whose value a cell may change in place: `x[0] = …`, `x.a = …`, `x.append(…)`."""
    changed: set[str] = set()
    for node in ast.walk(ast.parse(plain_python(source))):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            changed |= _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            changed |= _root(node.value.func)
    return changed


def used_names(source: str) -> set[str]:
    """Names a cell reads from the notebook's namespace, inside functions and classes too."""
    table = _table(source)
    names = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    for inner in _descendants(table):
        names |= {s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced()}
    return names


def _table(source: str) -> symtable.SymbolTable:
    return symtable.symtable(plain_python(source), "cell", "exec")


def _descendants(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _descendants(child)


def _root(node: ast.expr) -> set[str]:
    """The variable at the start of `a.b[c].d`; none for a plain name, which is not a part of it."""
    if isinstance(node, ast.Name):
        return set()
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
