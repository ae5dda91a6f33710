"""Cells of a notebook that somebody worked in: what each is, and new ones that only show text.

A notebook that `parse` accepted has cells of known shape; nothing else of it is believed.
"""

import json
import re
import uuid
from typing import Any

from sixrounds.editions.notebook import Notebook, RawCell
from sixrounds.grading.submission import find, read_cell


class BrokenNotebookError(ValueError):
    """Why a file is not a notebook, in half a sentence."""


def parse(content: bytes) -> Notebook:
    """A notebook from a file's bytes.

    Raises:
        BrokenNotebookError: it is none, or not of format 4.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BrokenNotebookError("not UTF-8 text") from None
    if not text.strip():
        raise BrokenNotebookError("empty")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenNotebookError("not a notebook (broken JSON)") from None
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list) or not all(map(is_cell, cells)):
        raise BrokenNotebookError("not a notebook of format 4")
    if not isinstance(found.setdefault("metadata", {}), dict):
        raise BrokenNotebookError("not a notebook of format 4")
    return dict(found)


def is_cell(raw: Any) -> bool:
    """Whether the grader, and this package, can read a cell."""
    return (
        isinstance(raw, dict)
        and isinstance(raw.get("cell_type"), str)
        and isinstance(raw.setdefault("metadata", {}), dict)
        and read_cell(raw) is not None
    )


def text(cell: RawCell) -> str:
    """A cell's text."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))


def bare(cell: RawCell) -> str:
    """A cell's text as it is compared: Jupyter and Colab differ in the last line's end."""
    return text(cell).rstrip()


def marks(cell: RawCell) -> dict[str, Any]:
    """A cell's nbgrader metadata; empty for a lesson cell and for a learner's own."""
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}


def grade_id(cell: RawCell) -> str:
    """A cell's grade id, or ""."""
    found = marks(cell).get("grade_id")
    return found if isinstance(found, str) else ""


def is_answer(cell: RawCell) -> bool:
    """Whether a cell of a release is one that the learner writes, in code or in words."""
    return bool(grade_id(cell) and marks(cell).get("solution"))


def answers(release: Notebook) -> dict[str, RawCell]:
    """The answer cells of a release, in order, by exercise: they hold the stubs."""
    return {grade_id(cell): cell for cell in release["cells"] if is_answer(cell)}


def is_written(cell: RawCell, *stubs: RawCell) -> bool:
    """Whether an answer cell holds anything but nothing or a stub."""
    return bare(cell).strip() not in {"", *(bare(stub).strip() for stub in stubs)}


def marked_places(cells: list[RawCell], stub: RawCell) -> list[int]:
    """Where the cells lie that carry an exercise's grade id; copying a cell copies the id."""
    wanted = (grade_id(stub), stub["cell_type"])
    return [
        place for place, cell in enumerate(cells) if (grade_id(cell), cell["cell_type"]) == wanted
    ]


def answer_place(cells: list[RawCell], stub: RawCell) -> int | None:
    """Where the answer lies that the grader would take; None if there is none."""
    if stub["cell_type"] == "code":
        return find([one for cell in cells if (one := read_cell(cell))], grade_id(stub), text(stub))
    marked = marked_places(cells, stub)
    written = [place for place in marked if is_written(cells[place], stub)]
    return written[-1] if written else marked[-1] if marked else None


def note(title: str, shown: RawCell | None = None) -> RawCell:
    """A Markdown cell that says something and may show another cell's text, never run."""
    source = title if shown is None else f"{title}\n\n{fenced(shown)}"
    return {
        "cell_type": "markdown",
        "id": uuid.uuid4().hex[:12],
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }


def fenced(cell: RawCell) -> str:
    """A cell's text in a fence that is longer than any inside it."""
    source = bare(cell)
    longest = max(map(len, re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{'python' if cell['cell_type'] == 'code' else 'text'}\n{source}\n{fence}"


def finish(notebook: Notebook) -> Notebook:
    """The notebook with an id of its own for each cell, as format 4.5 demands.

    Colab drops the ids, and copies of a cell may share one.
    """
    seen: set[str] = set()
    for cell in notebook["cells"]:
        if not isinstance(cell.get("id"), str) or cell["id"] in seen:
            cell["id"] = uuid.uuid4().hex[:12]
        seen.add(cell["id"])
    minor = notebook.get("nbformat_minor")
    known = isinstance(minor, int) and minor >= 5
    return notebook | {"nbformat": 4, "nbformat_minor": minor if known else 5}
