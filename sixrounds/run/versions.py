"""When a notebook ran and with what: kept in the executed notebook, by the process that ran it."""

import ast
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import packages_distributions, version
from pathlib import Path

from nbformat import NotebookNode, from_dict

import sixrounds
from sixrounds.run import cells
from sixrounds.run.modules import used_sources

ROOT = Path(sixrounds.__file__).parents[1]
KEY = "sixrounds"  # in the metadata of the executed notebook


@dataclass(frozen=True)
class Ran:
    """A run as the page of its notebook tells of it."""

    finished: str  # UTC, like 2026-11-22T04:43:25+00:00
    versions: dict[str, str]  # of Python, this package, and what the notebook imports


def note(executed: NotebookNode) -> None:
    """Write into an executed notebook that it ran now, in this environment."""
    ran = Ran(datetime.now(UTC).isoformat(timespec="seconds"), versions(executed))
    executed.metadata[KEY] = from_dict(asdict(ran))  # type: ignore[no-untyped-call]


def noted(executed: NotebookNode) -> Ran | None:
    """What `note` wrote; None if it never did."""
    found = executed.metadata.get(KEY)
    return Ran(str(found["finished"]), dict(found["versions"])) if found else None


def versions(notebook: NotebookNode) -> dict[str, str]:
    """The version of Python, of this package, and of each installed package it imports.

    Also of those that it uses by our own modules: a query runs on DuckDB, which no cell names.
    """
    trees = cells.trees(notebook)
    names = {name for tree in trees for name in cells.imported_packages(tree)}
    for path in used_sources(trees, ROOT):
        names |= cells.imported_at_once(ast.parse(path.read_text("utf-8")))
    owners = packages_distributions()
    packages = {owner for name in names - {KEY} for owner in owners.get(name, ())}
    found = {"Python": platform.python_version(), "sixrounds": sixrounds.__version__}
    return found | {name: version(name) for name in sorted(packages, key=str.lower)}
