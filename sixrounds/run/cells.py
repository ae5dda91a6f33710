"""What a notebook's code cells say, read without running them.

Everything here works on the syntax tree. IPython's magics and shell lines are translated first;
a cell that is no Python even then counts as empty, since running it will report it better.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

SAMPLERS = frozenset({"pymc", "nutpie"})
SUMMARY_WIDTH = 60
# Magics that run the code behind them as it stands; others take text of their own.
TRANSPARENT = re.compile(r"\A\s*%%(?:time|capture)\b.*\n|^[ \t]*%time[ \t]+", re.MULTILINE)


def code_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """Number (counting all cells from 1, as a reader would) and cell, for each code cell."""
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            yield number, cell


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def plain_python(source: str) -> str:
    """The cell's source with magics turned into calls; empty if it is no Python even then."""
    bare = TRANSPARENT.sub("", source)
    translated = TransformerManager().transform_cell(bare)  # type: ignore[no-untyped-call]
    for text in (source, translated):
        try:
            ast.parse(text)
        except SyntaxError:
            continue
        return str(text)
    return ""


def trees(notebook: NotebookNode) -> list[ast.Module]:
    """The syntax tree of each code cell, in order."""
    return [ast.parse(plain_python(cell.source)) for _, cell in code_cells(notebook)]


def string_constants(tree: ast.AST) -> set[str]:
    """All string literals in a tree."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def imported_packages(tree: ast.AST) -> set[str]:
    """Top-level names of the packages a tree imports, inside functions too."""
    return _packages(ast.walk(tree))


def imported_at_once(tree: ast.Module) -> set[str]:
    """Top-level names of the packages a module imports when it is itself imported."""
    return _packages(tree.body)


def _packages(nodes: Iterable[ast.AST]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def is_sampling(notebook: NotebookNode) -> bool:
    """True if the notebook imports a sampler, whose chains keep two cores busy."""
    return any(imported_packages(tree) & SAMPLERS for tree in trees(notebook))


def locate(number: int, cell: NotebookNode) -> str:
    """How a message points at a cell: its number and the start of its first line of code."""
    lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
    summary = lines[0] if lines else ""
    if len(summary) > SUMMARY_WIDTH:
        summary = summary[: SUMMARY_WIDTH - 1] + "…"
    return f"cell {number} (`{summary}`)"
