"""From a py:percent source to a Lesson. jupytext reads the cells; the marks are ours.

Parsing stops at the first thing that makes cells unreadable; everything else that is wrong is
collected by `sixrounds.source.validate`, so that an author sees all of it at once.
"""

import re
from pathlib import Path
from typing import Any

from sixrounds.source import markers
from sixrounds.source.model import Cell, Exercise, Kind, Lesson, Variant, Written
from sixrounds.source.problems import Problem, SourceError

# Without this jupytext takes a comment like "# copy the list" or "# Why?" for a commented magic
# and turns it into code. jupytext.toml says the same to JupyterLab.
FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
MARKED = (Kind.EXERCISE, Kind.TESTS, Kind.MISTAKE, Kind.ACCEPTS, Kind.PROBE, Kind.MANUAL)
# jupytext notes blank lines between cells and quotes around text; no product needs them.
OWN_KEYS = {kind.value for kind in MARKED} | {
    "name",
    "points",
    "needs",
    "active",
    "cell_marker",
    "lines_to_next_cell",
}
CELL_LINE = re.compile(r"^# %%", re.MULTILINE)


def parse(path: Path) -> Lesson:
    """Read one source file.

    Raises:
        SourceError: the file cannot be read as cells.
    """
    text = read_text(path)
    return parse_text(text, path)


def read_text(path: Path) -> str:
    """The file's text, or a SourceError that says why not."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SourceError([Problem(path, 1, "no such file", "check the path")]) from None
    except UnicodeDecodeError:
        raise SourceError([Problem(path, 1, "not UTF-8 text", "save it as UTF-8")]) from None
    if not text.strip():
        mend = "run `sixrounds new CHAPTER TOPIC` for a lesson to start from"
        raise SourceError([Problem(path, 1, "the file is empty", mend)])
    return text


def read_cells(text: str) -> Any:
    """The text as jupytext's notebook. Learners' installations, which parse nothing, lack it."""
    import jupytext  # noqa: PLC0415

    return jupytext.reads(text, fmt=FORMAT)


def parse_text(text: str, path: Path) -> Lesson:
    """Read a source given as text; `path` names it in errors and gives chapter and topic."""
    starts = [text.count("\n", 0, found.start()) + 1 for found in CELL_LINE.finditer(text)]
    notebook = read_cells(text)
    if len(notebook.cells) != len(starts):
        what = f"{len(starts)} cell markers but {len(notebook.cells)} cells"
        mend = (
            "start with a header like that of `sixrounds new`, then a `# %%` cell, and keep "
            "`# %%` out of strings"
        )
        raise SourceError([Problem(path, misread(text, starts), what, mend)])
    cells = to_cells(notebook.cells, starts, path)
    exercises = tuple(
        gather(cell, cells, path) for cell in cells if cell.kind is Kind.EXERCISE and cell.exercise
    )
    written = tuple(to_written(cell) for cell in cells if cell.kind is Kind.MANUAL)
    return Lesson(path, cells, exercises, written, text)


def misread(text: str, starts: list[int]) -> int:
    """The line of the first marker that jupytext does not take for the start of one cell."""
    lines = text.split("\n")
    for count, end in enumerate([*(start - 1 for start in starts[1:]), len(lines)], 1):
        part = "\n".join(lines[:end])
        if starts and len(read_cells(part).cells) != count:
            return starts[count - 1]
    return 1


def to_cells(raws: list[Any], starts: list[int], path: Path) -> tuple[Cell, ...]:
    """All cells, or all that keeps them from being read."""
    cells: list[Cell] = []
    problems: list[Problem] = []
    for raw, line in zip(raws, starts, strict=True):
        try:
            cells.append(to_cell(raw, line, path))
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SourceError(problems)
    return tuple(cells)


def to_cell(raw: Any, line: int, path: Path) -> Cell:
    """One jupytext cell with its marks read out of the metadata."""
    metadata = dict(raw.metadata)
    marks = [kind for kind in MARKED if kind.value in metadata]
    tags = list(metadata.get("tags", []))
    if len(marks) > 1 or (marks and "setup" in tags):
        what = "a cell can have one mark, this one has " + " and ".join([*marks, *tags])
        raise SourceError([Problem(path, line, what, "split the cell")])
    if marks:
        kind = marks[0]
    elif raw.cell_type == "markdown":
        kind = Kind.TEXT
    else:
        kind = Kind.SETUP if "setup" in tags else Kind.LESSON
    try:
        markers.split(raw.source)
    except markers.UnbalancedError as error:
        mend = "give every `### BEGIN …` its `### END …` in the same cell"
        # the cell's first line follows its marker
        raise SourceError([Problem(path, line + 1 + error.line, str(error), mend)]) from None
    return Cell(
        kind=kind,
        source=raw.source,
        line=line,
        form=raw.cell_type,
        metadata={key: value for key, value in metadata.items() if key not in OWN_KEYS},
        exercise=worded(metadata, kind.value) if marks else None,
        name=worded(metadata, "name"),
        points=metadata.get("points"),
        needs=worded(metadata, "needs"),
    )


def worded(metadata: dict[str, Any], key: str) -> str | None:
    """A mark's value as text: `exercise=5` is a bad name, not another type."""
    return str(metadata[key]) if key in metadata else None


def gather(cell: Cell, cells: tuple[Cell, ...], path: Path) -> Exercise:
    """The exercise of one marked cell, with all the cells that name it."""
    name = str(cell.exercise)
    mine = [other for other in cells if other.exercise == name]
    return Exercise(
        id=name,
        reference=markers.unmarked(cell.source),
        stub=markers.stub(cell.source, name),
        tests=tuple(other for other in mine if other.kind is Kind.TESTS),
        mistakes=tuple(to_variant(other) for other in mine if other.kind is Kind.MISTAKE),
        accepts=tuple(to_variant(other) for other in mine if other.kind is Kind.ACCEPTS),
        probes=tuple(other.source for other in mine if other.kind is Kind.PROBE),
        needs=cell.needs,
        line=cell.line,
    )


def to_variant(cell: Cell) -> Variant:
    """A mistake with its hint taken out of its code, or an accepted answer."""
    if cell.kind is not Kind.MISTAKE:
        return Variant(cell.name or "", cell.source, "", cell.line)
    lines = cell.source.split("\n")
    hint: list[str] = []
    while lines and lines[0].startswith("#"):
        hint.append(lines.pop(0).lstrip("#").strip())
    return Variant(cell.name or "", "\n".join(lines).strip("\n"), " ".join(hint), cell.line)


def to_written(cell: Cell) -> Written:
    """The three parts of a question answered in words."""
    return Written(
        id=str(cell.exercise),
        question=markers.outside(cell.source),
        answer=markers.inside(cell.source, markers.SOLUTION),
        rubric=markers.inside(cell.source, markers.RUBRIC),
        points=cell.points or 0,
        line=cell.line,
    )
