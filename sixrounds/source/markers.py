"""The marked regions of a cell: solutions, hidden tests and rubrics."""

import re
from dataclasses import dataclass

SOLUTION = "SOLUTION"
HIDDEN = "HIDDEN TESTS"
RUBRIC = "RUBRIC"
EXACT = ", ".join(f"### BEGIN {what}" for what in (SOLUTION, HIDDEN, RUBRIC))

MARKER = re.compile(r"^(?P<indent>[ \t]*)### (?P<edge>BEGIN|END) (?P<what>[A-Z ]+?)[ \t]*$")

# What somebody meant as a marker; unnoticed, it would put an answer into a learner's notebook.
MEANT = re.compile(
    r"^[ \t]*#+[ \t]*(BEGIN|END)[ \t]+(SOLUTION|HIDDEN([ _]TEST)?|RUBRIC)S?\W*$", re.IGNORECASE
)


class UnbalancedError(ValueError):
    """A marker without its partner. `line` is the offset in the cell, from 0."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Piece:
    """A run of lines; `region` is None outside of all markers."""

    text: str
    region: str | None
    indent: str
    line: int  # offset of the first line in the cell, from 0


def split(source: str) -> list[Piece]:
    """The cell as pieces in order, without the marker lines.

    Raises:
        UnbalancedError: a region that is not closed, not opened, or opened inside another.
    """
    pieces: list[Piece] = []
    lines: list[str] = []
    region: str | None = None
    indent = ""
    start = opened = 0

    def close(end: int) -> None:
        nonlocal lines, start
        if lines or region:
            pieces.append(Piece("\n".join(lines), region, indent, start))
        lines, start = [], end + 1

    for number, line in enumerate(source.split("\n")):
        found = MARKER.match(line)
        if found is None:
            lines.append(line)
            continue
        what = found["what"]
        if found["edge"] == "BEGIN":
            if region:
                raise UnbalancedError(number, f"BEGIN {what} inside the open {region}")
            close(number)
            region, indent, opened = what, found["indent"], number
        else:
            if region != what:
                raise UnbalancedError(number, f"END {what} without its BEGIN")
            close(number)
            region, indent = None, ""
    if region:
        raise UnbalancedError(opened, f"BEGIN {region} is never closed")
    close(len(source.split("\n")))
    return pieces


def lookalikes(source: str) -> list[int]:
    """The offsets of lines that are almost a marker."""
    lines = source.split("\n")
    return [
        offset for offset, line in enumerate(lines) if MEANT.match(line) and not MARKER.match(line)
    ]


def offsets(source: str, region: str) -> set[int]:
    """The offsets of the lines in all regions of one kind."""
    return {
        piece.line + number
        for piece in split(source)
        if piece.region == region
        for number in range(piece.text.count("\n") + 1)
    }


def unmarked(source: str) -> str:
    """The cell with everything kept but the marker lines."""
    return "\n".join(piece.text for piece in split(source)).strip("\n")


def outside(source: str) -> str:
    """The cell without its regions."""
    return "\n".join(piece.text for piece in split(source) if not piece.region).strip("\n")


def inside(source: str, region: str) -> str:
    """The text of all regions of one kind."""
    texts = [piece.text for piece in split(source) if piece.region == region]
    return "\n".join(texts).strip("\n")


def stub(source: str, name: str) -> str:
    """The cell as a learner gets it.

    A region at the margin is a whole variable and becomes `name = sixrounds.todo("name")`;
    an indented one is a body and becomes a NotImplementedError that names the exercise.
    """
    parts: list[str] = []
    for piece in split(source):
        if piece.region != SOLUTION:
            parts.append(piece.text)
        elif piece.indent:
            parts.append(f"{piece.indent}# YOUR CODE HERE")
            parts.append(f'{piece.indent}raise NotImplementedError("{name} is not written yet")')
        else:
            parts.append(f'# YOUR CODE HERE\n{name} = sixrounds.todo("{name}")')
    return "\n".join(parts).strip("\n")
