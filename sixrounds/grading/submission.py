"""From a learner's notebook: their answers and helpers. Nothing else of it is believed.

Points, locks, tests, outputs and kernels of a submission are ignored; cells are found by grade
id, and if that was lost (Colab and copy-paste lose metadata) by the name they define.
"""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from sixrounds.grading.plan import Plan
from sixrounds.source import code

MAX_BYTES = 20_000_000
MAX_CELLS = 2_000  # each is parsed, and perhaps run, in the time of the whole class
MAX_TEXT = 500_000  # characters of all cells
# What Python's parser makes of a text that was written to break it, besides the usual.
UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True)
class Answer:
    """One exercise's answer and, in document order, the code above it that it may lean on."""

    source: str
    before: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Submission:
    """What was taken from a notebook. `problem` is one line if it could not be read at all."""

    name: str
    answers: dict[str, Answer] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Found:
    """A cell of a submission."""

    kind: str
    source: str
    grade_id: str | None
    solution: bool


class UnreadableError(ValueError):
    """Why a notebook cannot be graded, and what to do."""


def read(path: Path, plan: Plan) -> Submission:
    """Read a submitted notebook; what is wrong with it is kept in `problem`, never raised."""
    name = str(path)
    try:
        if not path.is_file():
            raise UnreadableError("no such file; put the notebook there")
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableError("larger than 20 MB; clear its outputs and hand it in again")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return Submission(name, problem=f"{name}: not UTF-8 text; save it again from Jupyter")
    except (UnreadableError, OSError) as error:
        return Submission(name, problem=f"{name}: {error}")
    return read_text(text, plan, name)


def read_text(text: str, plan: Plan, name: str = "submission") -> Submission:
    """Read a submission given as the notebook's text."""
    try:
        cells = cells_in(text)
        require_ours(cells, plan)
    except UnreadableError as error:
        return Submission(name, problem=f"{name}: {error}")
    return Submission(name, answers_in(cells, plan), written_in(cells, plan))


def cells_in(text: str) -> list[Found]:
    """The code and Markdown cells of a notebook's text.

    Raises:
        UnreadableError: it is not a notebook.
    """
    if not text.strip():
        raise UnreadableError("the file is empty; hand in the notebook again")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableError(
            "not a notebook (broken JSON); open it in Jupyter, save it, hand it in again"
        ) from None
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        raise UnreadableError("not a notebook of format 4; save it again with a current Jupyter")
    if len(cells) > MAX_CELLS:
        raise UnreadableError(f"more than {MAX_CELLS} cells; remove those you do not need")
    found = [cell for raw in cells if (cell := read_cell(raw)) is not None]
    if sum(len(cell.source) for cell in found) > MAX_TEXT:
        raise UnreadableError(
            f"more than {MAX_TEXT} characters in its cells; remove data from them"
        )
    return found


def read_cell(raw: Any) -> Found | None:
    """A cell, or None for one that holds nothing usable."""
    if not isinstance(raw, dict):
        return None
    source = raw.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    metadata = raw.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    nbgrader = nbgrader if isinstance(nbgrader, dict) else {}
    grade_id = nbgrader.get("grade_id")
    return Found(
        kind=str(raw.get("cell_type")),
        source=source,
        grade_id=grade_id if isinstance(grade_id, str) else None,
        solution=bool(nbgrader.get("solution")),
    )


def require_ours(cells: list[Found], plan: Plan) -> None:
    """A notebook with none of our exercises comes from elsewhere: say so instead of zeros."""
    wanted = {exercise.id for exercise in plan.exercises} | {name for name, _ in plan.written}
    ids = {cell.grade_id for cell in cells if cell.grade_id}
    if wanted & ids or any(named(cell, wanted) for cell in cells) or not wanted:
        return
    strange = sorted(name for name in ids if "-" not in name)[:3]
    seen = f"it has {', '.join(strange)}" if strange else "it has no graded cells"
    raise UnreadableError(f"not the notebook {plan.key} ({seen}); hand in the right one")


def named(cell: Found, wanted: set[str]) -> set[str]:
    """The exercises that a code cell defines."""
    return wanted & bound_in(clean(cell.source)) if cell.kind == "code" else set()


@lru_cache(maxsize=MAX_CELLS)
def bound_in(source: str) -> frozenset[str]:
    """The names that a learner's code binds, none if it does not parse."""
    try:
        return frozenset(code.bound_names(source))
    except UNPARSABLE:
        return frozenset()


@lru_cache(maxsize=MAX_CELLS)
def used_in(source: str) -> frozenset[str]:
    """The names that a learner's code reads, none if it does not parse."""
    try:
        return frozenset(code.used_names(source))
    except UNPARSABLE:
        return frozenset()


def answers_in(cells: list[Found], plan: Plan) -> dict[str, Answer]:
    """The answer to each exercise that has one."""
    places = {
        exercise.id: place
        for exercise in plan.exercises
        if (place := find(cells, exercise.id, exercise.stub)) is not None
    }
    taken = set(places.values())
    released = dict(plan.lessons)
    answers = {}
    for name, place in places.items():
        before: list[tuple[str, bool]] = []
        for position, cell in enumerate(cells[:place]):
            if cell.kind != "code" or (cell.grade_id and position not in taken):
                continue  # our setup, tests and probes run from our source
            if position not in taken and named(cell, set(places)):
                continue  # a second copy of an answer
            text = cell.source.strip()
            if text in released:
                before += [(definition, True) for definition in released[text]]
            else:
                before.append((clean(cell.source), position in taken))
        copies = sum(cell.grade_id == name and cell.kind == "code" for cell in cells)
        note = f"the notebook has {copies} cells for {name}; one was taken" if copies > 1 else ""
        answer = clean(cells[place].source)
        answers[name] = Answer(answer, leaned_on(answer, before), note)
    return answers


def leaned_on(answer: str, before: list[tuple[str, bool]]) -> tuple[str, ...]:
    """What has to run before an answer: all of the learner's scratch cells, and what is used of
    the lesson's definitions and of earlier answers.

    Args:
        answer: the answer's code.
        before: the code above it, in order, and whether it runs only if a name it binds is used.
    """
    used = used_in(answer)
    kept = []
    for text, if_used in reversed(before):
        if not text.strip() or (if_used and not bound_in(text) & used):
            continue
        used |= used_in(text)
        kept.append(text)
    return tuple(reversed(kept))


def find(cells: list[Found], name: str, stub: str) -> int | None:
    """The position of the cell that answers an exercise.

    Of several copies the last one that is not the stub counts: it is what a notebook run from
    top to bottom would use. Unmarked cells count only if no marked cell was written in.
    """
    marked = [place for place, cell in enumerate(cells) if is_answer(cell, name)]
    written = [place for place in marked if cells[place].source.strip() not in ("", stub.strip())]
    if written:
        return written[-1]
    loose = [
        place
        for place, cell in enumerate(cells)
        if cell.grade_id in (None, name) and named(cell, {name}) and place not in marked
    ]
    return (loose or marked)[-1] if loose or marked else None


def is_answer(cell: Found, name: str) -> bool:
    """Whether a cell carries the exercise's grade id; what else its metadata says is ignored."""
    return cell.kind == "code" and cell.grade_id == name


def written_in(cells: list[Found], plan: Plan) -> dict[str, str]:
    """The answers in words."""
    wanted = {name for name, _ in plan.written}
    return {
        str(cell.grade_id): cell.source
        for cell in cells
        if cell.grade_id in wanted and cell.kind == "markdown"
    }


def clean(source: str) -> str:
    """A learner's code without IPython's magics and shell lines, which mean nothing here."""
    lines = source.split("\n")
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)
