"""Byte-stable notebooks: the same lesson gives the same bytes, and an edit changes few of them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

Notebook = dict[str, Any]
RawCell = dict[str, Any]

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def markdown(text: str, key: str | None = None, **metadata: Any) -> RawCell:
    """A Markdown cell; `key` keeps its id stable while its text changes."""
    return raw_cell("markdown", text, key, metadata)


def code(text: str, key: str | None = None, **metadata: Any) -> RawCell:
    """A code cell that has not run."""
    cell = raw_cell("code", text, key, metadata)
    return cell | {"execution_count": None, "outputs": []}


def raw_cell(kind: str, text: str, key: str | None, metadata: Mapping[str, Any]) -> RawCell:
    """A cell whose id is its key until `notebook` turns it into a short one."""
    lines = text.splitlines(keepends=True)
    return {
        "cell_type": kind,
        "id": key or f"{kind}:{text}",
        "metadata": {name: value for name, value in metadata.items() if value},
        "source": lines,
    }


def notebook(name: str, cells: Iterable[RawCell], **metadata: Any) -> Notebook:
    """A notebook with ids that depend on its name and the cells' keys, never on position.

    Inserting a cell therefore changes no other cell's id, and no diff beyond the cell.
    """
    seen: dict[str, int] = {}
    done = []
    for cell in cells:
        key = cell["id"]
        seen[key] = seen.get(key, 0) + 1
        digest = hashlib.sha256(f"{name}\0{key}\0{seen[key]}".encode()).hexdigest()
        done.append(cell | {"id": digest[:12]})
    return {
        "cells": done,
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}, **metadata},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def dumps(content: Any) -> str:
    """JSON as Jupyter writes it: sorted keys, one space, a newline at the end."""
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def seal(content: Notebook) -> Notebook:
    """Record a digest of the content in it, so that a later edit by a learner can be seen."""
    sealed = json.loads(dumps(content))
    sealed["metadata"].pop("sixrounds", None)
    digest = hashlib.sha256(dumps(sealed).encode()).hexdigest()
    sealed["metadata"]["sixrounds"] = {"product": digest}
    return dict(sealed)


def untouched(text: str) -> bool:
    """Whether a notebook's text is still exactly what was generated."""
    try:
        content = json.loads(text)
        return dumps(seal(content)) == text
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
