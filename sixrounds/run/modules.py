"""Which source files of the package some code imports, transitively, read without running it.

An import inside a function counts like any other. So does an attribute that names a submodule
(`sixrounds.data.load`, also under `import sixrounds as sr`) and a string that names a module,
since both are how lazy imports look. A module brings the `__init__` of every package above it.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from sixrounds.run.cells import string_constants

PACKAGE = "sixrounds"


def imported_sources(code: Iterable[ast.AST], root: Path) -> list[Path]:
    """The files under `root/sixrounds` which `code` imports, sorted.

    Args:
        code: the syntax trees of a notebook's cells.
        root: the project's folder.
    """
    pending = [path for tree in code for path in _direct(tree, (), root)]
    found: set[Path] = set()
    while pending:
        path = pending.pop()
        if path not in found:
            found.add(path)
            tree = ast.parse(path.read_text("utf-8"), filename=str(path))
            pending.extend(_direct(tree, _package_of(path, root), root))
    return sorted(found)


def used_sources(code: Iterable[ast.AST], root: Path) -> list[Path]:
    """The files of the rooms that `code` names itself, of those that it imports; sorted.

    What a room asks of another room is that one's business: a notebook that runs queries uses
    DuckDB, and not what grading, which `sixrounds.sql` knows of, is made with.
    """
    trees = list(code)
    named = {_room(path, root) for tree in trees for path in _direct(tree, (), root)}
    return [path for path in imported_sources(trees, root) if _room(path, root) in named]


def _room(path: Path, root: Path) -> str:
    """The folder or module right below the package."""
    return path.relative_to(root).parts[1]


def _package_of(path: Path, root: Path) -> tuple[str, ...]:
    """The dotted package that relative imports of a file start from, as its parts."""
    return path.relative_to(root).parent.parts


def _direct(tree: ast.AST, package: tuple[str, ...], root: Path) -> Iterator[Path]:
    for dotted in _mentioned(tree, package):
        yield from _files(dotted, root)


def _mentioned(tree: ast.AST, package: tuple[str, ...]) -> set[str]:
    """Dotted names of ours that occur in a tree; some may turn out to be no module."""
    names = {text for text in string_constants(tree) if _is_ours(text)}
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names.add(alias.name)
                aliases[alias.asname or PACKAGE] = alias.name if alias.asname else PACKAGE
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            for alias in node.names:
                names.add(f"{base}.{alias.name}")
                aliases[alias.asname or alias.name] = f"{base}.{alias.name}"
    names |= {dotted for node in ast.walk(tree) if (dotted := _attribute_chain(node, aliases))}
    return {name for name in names if _is_ours(name)}


def _is_ours(dotted: str) -> bool:
    return dotted == PACKAGE or dotted.startswith(f"{PACKAGE}.")


def _base(node: ast.ImportFrom, package: tuple[str, ...]) -> str:
    """The absolute name of what `from X import …` imports from."""
    above = package[: len(package) - node.level + 1] if node.level else ()
    return ".".join((*above, node.module) if node.module else above)


def _attribute_chain(node: ast.AST, aliases: dict[str, str]) -> str | None:
    """`sixrounds.a.b` for the attribute access of that shape, with aliases resolved."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not parts or not isinstance(node, ast.Name) or node.id not in aliases:
        return None
    return ".".join([aliases[node.id], *reversed(parts)])


def _files(dotted: str, root: Path) -> Iterator[Path]:
    """The source file of a module and the `__init__` of each package above it, where they exist."""
    folder = root
    for part in dotted.split("."):
        module = folder / f"{part}.py"
        if module.is_file():
            yield module
            return
        folder = folder / part
        init = folder / "__init__.py"
        if init.is_file():
            yield init
        elif not folder.is_dir():
            return
