"""Tests that go on after a failure, so that a diagnosis sees every call they would have made."""

import ast


def soften(source: str, filename: str) -> ast.Module:
    """The tests with every statement guarded: a failure is skipped, the next statement runs.

    What stands inside a `try` or `with` is left alone, since its exceptions are part of the test;
    so are bodies of functions, whose callers are guarded.
    """
    tree = ast.parse(source, filename)
    tree.body = [guard(statement) for statement in tree.body]
    return ast.fix_missing_locations(tree)


def guard(statement: ast.stmt) -> ast.stmt:
    """The statement, and those inside it, each in a `try` that ignores ordinary exceptions."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return statement
    if isinstance(statement, ast.For | ast.While | ast.If):
        statement.body = [guard(inner) for inner in statement.body]
        statement.orelse = [guard(inner) for inner in statement.orelse]
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Break | ast.Continue | ast.Pass):
        return statement
    handler = ast.ExceptHandler(
        type=ast.Name(id="Exception", ctx=ast.Load()), name=None, body=[ast.Pass()]
    )
    guarded = ast.Try(body=[statement], handlers=[handler], orelse=[], finalbody=[])
    return ast.copy_location(guarded, statement)
