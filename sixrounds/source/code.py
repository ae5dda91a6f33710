"""Questions about Python text that validation and grading both ask, answered from its AST."""

import ast

GENERATORS = {
    "default_rng",
    "Random",
    "RandomState",
    "SeedSequence",
    "Generator",
    "PCG64",
    "seed",
    "manual_seed",
}
SEEDS = {"seed", "random_state"}
MODULES = ("random", "np.random", "numpy.random", "secrets")
DRAWS = {"rng", "pyrandom"}


def syntax_error(source: str) -> SyntaxError | None:
    """The error that keeps the text from being parsed, if there is one."""
    try:
        ast.parse(source)
    except SyntaxError as error:
        return error
    except ValueError as error:  # null bytes
        return SyntaxError(str(error))
    return None


def bound_names(source: str) -> set[str]:
    """The names a cell binds at its top level: functions, classes, variables and imports."""
    names: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(item.asname or item.name.split(".")[0] for item in node.names)
        else:
            names.update(
                item.id
                for item in ast.walk(node)
                if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
            )
    return names


def ends_with_value(source: str) -> bool:
    """Whether a notebook shows the value of a cell's last line."""
    if syntax_error(source) is not None or source.rstrip().endswith(";"):
        return False
    body = ast.parse(source).body
    if not body or not isinstance(body[-1], ast.Expr):
        return False
    value = body[-1].value
    return not (isinstance(value, ast.Call) and ast.unparse(value.func) == "print")


def used_names(source: str) -> set[str]:
    """The names a cell reads anywhere, none if it does not parse."""
    if syntax_error(source) is not None:
        return set()
    nodes = ast.walk(ast.parse(source))
    return {node.id for node in nodes if isinstance(node, ast.Name) and is_read(node)}


def is_read(node: ast.Name) -> bool:
    """Whether a name is read here, and not bound."""
    return isinstance(node.ctx, ast.Load)


def defines(source: str, name: str) -> bool:
    """Whether the text parses and binds `name` at its top level."""
    return syntax_error(source) is None and name in bound_names(source)


def is_text(node: ast.expr | None) -> bool:
    """Whether an expression is a plain, non-empty string."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def raises_in_class_body(source: str) -> bool:
    """Whether a class raises while it is being defined, so that its name is never bound."""
    if syntax_error(source) is not None:
        return False
    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    return any(isinstance(node, ast.Raise) for item in classes for node in item.body)


def raises_bare_assertion(node: ast.AST) -> bool:
    """Whether a statement raises AssertionError without a plain message."""
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    call = node.exc if isinstance(node.exc, ast.Call) else None
    raised = call.func if call else node.exc
    if not (isinstance(raised, ast.Name) and raised.id == "AssertionError"):
        return False
    return call is None or not call.args or not is_text(call.args[0])


def tells_data(node: ast.AST) -> bool:
    """Whether a call is an assertion of numpy, pandas or torch, which prints the arrays."""
    return isinstance(node, ast.Call) and "testing.assert" in dotted(node.func)


def unseeded(node: ast.AST, exercise: str) -> str | None:
    """What is wrong with a statement that makes random cases and does not use the seed."""
    if isinstance(node, ast.ImportFrom) and node.module in MODULES:
        names = [item.name for item in node.names if item.name not in GENERATORS]
        return f"from {node.module} import {names[0]} draws outside of the seed" if names else None
    if not isinstance(node, ast.Call):
        return None
    path = dotted(node.func)
    last = path.rsplit(".", 1)[-1]
    fault = None
    if last in DRAWS and path in (last, f"testing.{last}", f"sixrounds.testing.{last}"):
        given = node.args[0] if node.args else None
        if not (isinstance(given, ast.Constant) and given.value == exercise):
            fault = f"{path}(…) does not name its own exercise"
    elif last in GENERATORS or any(is_seed(keyword) for keyword in node.keywords):
        fault = f"{path}(…) has a seed of its own"
    elif path.rpartition(".")[0] in MODULES:
        fault = f"{path}(…) draws outside of the seed"
    return fault


def is_seed(keyword: ast.keyword) -> bool:
    """Whether an argument is a literal seed."""
    return keyword.arg in SEEDS and isinstance(keyword.value, ast.Constant)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute chain, "" of anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
