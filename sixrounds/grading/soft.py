"""Tests that go on after a failure, so that a diagnosis sees every call they would have made."""

import ast

NAME = "__sixrounds_failed__"


def soften(source: str, filename: str) -> ast.Module:
    """The tests with every statement guarded: a failure is skipped, the next statement runs."""
    return guarded(ast.parse(source, filename))


def guarded(tree: ast.Module, *, told: bool = False) -> ast.Module:
    """A parsed cell with every statement guarded; it is changed.

    What stands inside a `try` or `with` is left alone, since its exceptions are part of the test;
    so are bodies of functions, whose callers are guarded.

    Args:
        tree: the cell.
        told: call what the cell's names have as NAME with each exception that is skipped.
    """
    tree.body = [guard(statement, told) for statement in tree.body]
    return ast.fix_missing_locations(tree)


def guard(statement: ast.stmt, told: bool) -> ast.stmt:
    """The statement, and those inside it, each in a `try` that ignores ordinary exceptions."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return statement
    if isinstance(statement, ast.For | ast.While | ast.If):
        statement.body = [guard(inner, told) for inner in statement.body]
        statement.orelse = [guard(inner, told) for inner in statement.orelse]
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Break | ast.Continue | ast.Pass):
        return statement
    guarded = ast.Try(body=[statement], handlers=[handler(told)], orelse=[], finalbody=[])
    return ast.copy_location(guarded, statement)


def handler(told: bool) -> ast.ExceptHandler:
    """The part of a guard that skips."""
    kind = ast.Name("Exception", ast.Load())
    if not told:
        return ast.ExceptHandler(kind, None, [ast.Pass()])
    call = ast.Call(ast.Name(NAME, ast.Load()), [ast.Name("__sixrounds_error__", ast.Load())], [])
    return ast.ExceptHandler(kind, "__sixrounds_error__", [ast.Expr(call)])
