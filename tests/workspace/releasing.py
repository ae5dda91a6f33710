"""Small releases, and what a learner does to a notebook; no source and no kernel is needed."""

import json
from pathlib import Path
from typing import Any

from sixrounds.editions import marks
from sixrounds.editions.notebook import code, dumps, markdown, notebook, seal
from sixrounds.workspace import cells

KEY = "round2_coding/01_shelves"
Cells = list[dict[str, Any]]

INTRO = "# Shelves\n\nA shelf has a limit."
LESSON = "print('a lesson')"
SETUP = "import math"


def stub(name: str, more: str = "") -> str:
    """A function not written yet."""
    return f'def {name}(x):\n    """Says {name}.{more}"""\n    raise NotImplementedError("{name}")'


def exercise(name: str, minutes: int = 10, more: str = "", test: str = "") -> Cells:
    """Question, answer cell and tests."""
    points = marks.meta(f"test-{name}", grade=True, points=2)
    return [
        markdown(f"## Exercise: {name} ({minutes} min)\n\nWrite `{name}(x)`."),
        code(stub(name, more), name, nbgrader=marks.answer(name)),
        code(test or f"assert {name}(1) == 2", f"test-{name}", nbgrader=points),
    ]


def in_words(name: str) -> Cells:
    """A written question."""
    return [
        markdown("Why?", f"question-{name}", nbgrader=marks.meta(f"question-{name}")),
        markdown("*Your answer here.*", name, nbgrader=marks.written(name, 4)),
    ]


def setup(text: str = SETUP) -> Cells:
    """The setup cell."""
    return [code(text, "setup-1", nbgrader=marks.meta("setup-1"), tags=["setup"])]


def first_release() -> Cells:
    """Two exercises and a question."""
    return [
        markdown(INTRO),
        *setup(),
        code(LESSON),
        *exercise("first"),
        markdown("Between."),
        *exercise("second", 15),
        *in_words("why"),
        markdown("Take away."),
    ]


def publish(folder: Path, listed: Cells, key: str = KEY) -> None:
    """Release a notebook."""
    path = folder / f"{key}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(seal(notebook(key, listed))))


class Learner:
    """Somebody who works in a notebook, as Jupyter would save it."""

    def __init__(self, root: Path, key: str = KEY) -> None:
        self.path = root / f"{key}.ipynb"

    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.path.read_text()))

    def save(self, listed: Cells) -> None:
        self.path.write_text(dumps(self.content() | {"cells": listed}))

    def cells(self) -> Cells:
        return list(self.content()["cells"])

    def texts(self) -> list[str]:
        return [cells.text(cell) for cell in self.cells()]

    def write(self, name: str, text: str) -> None:
        """Write over the cell with a grade id."""
        listed = self.cells()
        listed[self.place(name)]["source"] = text.splitlines(keepends=True)
        self.save(listed)

    def edit(self, old: str, new: str) -> None:
        """Write over the cell with a text."""
        listed = self.cells()
        listed[self.texts().index(old)]["source"] = new.splitlines(keepends=True)
        self.save(listed)

    def add(self, after: int, text: str, kind: str = "code") -> None:
        """Add a cell of their own."""
        cell = {"cell_type": kind, "id": f"own-{after}", "metadata": {}, "source": text}
        if kind == "code":
            cell |= {"execution_count": 3, "outputs": []}
        listed = self.cells()
        self.save([*listed[: after + 1], cell, *listed[after + 1 :]])

    def place(self, name: str) -> int:
        """Where the cell with a grade id lies."""
        return [cells.grade_id(cell) for cell in self.cells()].index(name)
