"""The three notebooks of a lesson: for learners, for the book, and for grading."""

from collections.abc import Callable, Iterator

from sixrounds.editions import marks
from sixrounds.editions.claim_links import linked
from sixrounds.editions.notebook import Notebook, RawCell, code, markdown, notebook, seal
from sixrounds.editions.origin import Origin, install_cell
from sixrounds.source import Cell, Exercise, Kind, Lesson, Written
from sixrounds.source import markers as regions

PLACE = "*Your answer here.*"


def learner(lesson: Lesson, found: Origin | None = None) -> Notebook:
    """What a learner opens: stubs and visible tests, sealed so that their work is recognized.

    With an origin its first cell installs the package where it is missing.
    """
    first = [install_cell(found)] if found else []
    made = notebook(lesson.key, [*first, *cells_of(lesson, learner_cell)])
    for cell in made["cells"]:
        if cell["cell_type"] == "markdown":
            text = linked("".join(cell["source"]), lesson.path)
            cell["source"] = text.splitlines(keepends=True)
    return seal(made)


def grading(lesson: Lesson) -> Notebook:
    """What stock nbgrader takes as its source: with solutions and hidden tests."""
    return notebook(lesson.key, cells_of(lesson, grading_cell))


def worked(lesson: Lesson) -> Notebook:
    """A page of the book: answers folded, hidden tests run unseen, mistakes shown as text."""
    return notebook(lesson.key, cells_of(lesson, worked_cell))


def cells_of(
    lesson: Lesson, render: Callable[[Lesson, Cell], Iterator[RawCell]]
) -> Iterator[RawCell]:
    """All cells of an edition; plain text and lesson cells are the same in each."""
    for cell in lesson.cells:
        if cell.kind is Kind.TEXT:
            yield markdown(cell.source)
        else:
            yield from render(lesson, cell)


def common_cell(lesson: Lesson, cell: Cell) -> Iterator[RawCell]:
    """What learner's and grading editions share."""
    if cell.kind is Kind.LESSON:
        yield code(cell.source)
    elif cell.kind is Kind.SETUP:
        place = [one for one in lesson.cells if one.kind is Kind.SETUP].index(cell) + 1
        yield locked(cell.source, f"setup-{place}", tags=["setup"])
    elif cell.kind is Kind.PROBE:
        exercise = lesson.exercise(str(cell.exercise))
        place = exercise.probes.index(cell.source)
        yield locked(cell.source, f"probe-{exercise.id}" + (f"-{place + 1}" if place else ""))


def locked(text: str, grade_id: str, tags: list[str] | None = None) -> RawCell:
    """A code cell that nbgrader restores if a learner edits it."""
    return code(text, grade_id, nbgrader=marks.meta(grade_id), tags=tags)


def learner_cell(lesson: Lesson, cell: Cell) -> Iterator[RawCell]:
    """One marked cell as a learner sees it; nothing of an answer, ever."""
    if cell.kind is Kind.EXERCISE:
        exercise = lesson.exercise(str(cell.exercise))
        yield code(exercise.stub, exercise.id, nbgrader=marks.answer(exercise.id))
    elif cell.kind is Kind.TESTS:
        yield from tests_cell(lesson, cell, regions.outside(cell.source))
    elif cell.kind is Kind.MANUAL:
        yield from written_cells(written_of(lesson, cell), PLACE)
    else:
        yield from common_cell(lesson, cell)


def grading_cell(lesson: Lesson, cell: Cell) -> Iterator[RawCell]:
    """One marked cell with its solution and its hidden tests, markers kept for nbgrader."""
    if cell.kind is Kind.EXERCISE:
        yield code(cell.source, cell.exercise, nbgrader=marks.answer(str(cell.exercise)))
    elif cell.kind is Kind.TESTS:
        yield from tests_cell(lesson, cell, cell.source)
    elif cell.kind is Kind.MANUAL:
        item = written_of(lesson, cell)
        marked = f"### BEGIN SOLUTION\n{item.answer}\n### END SOLUTION"
        yield from written_cells(item, marked)
    else:
        yield from common_cell(lesson, cell)


def tests_cell(lesson: Lesson, cell: Cell, text: str) -> Iterator[RawCell]:
    """A tests cell with nbgrader's metadata."""
    exercise = lesson.exercise(str(cell.exercise))
    meta = marks.tests(exercise, cell)
    yield code(text or "# all tests of this exercise are hidden", meta["grade_id"], nbgrader=meta)


def written_cells(item: Written, answer: str) -> Iterator[RawCell]:
    """Question, answer and rubric in cells of their own: nbgrader clears a whole answer cell."""
    yield markdown(item.question, f"question-{item.id}", nbgrader=marks.meta(f"question-{item.id}"))
    yield markdown(answer, item.id, nbgrader=marks.written(item.id, item.points))
    rubric = folded("How this is graded", item.rubric)
    yield markdown(rubric, f"rubric-{item.id}", nbgrader=marks.meta(f"rubric-{item.id}"))


def worked_cell(lesson: Lesson, cell: Cell) -> Iterator[RawCell]:
    """One marked cell as the book shows it."""
    if cell.kind is Kind.LESSON:
        yield code(cell.source, None, **dict(cell.metadata))
    elif cell.kind is Kind.SETUP:
        yield code(cell.source, None, tags=["setup"])
    elif cell.kind is Kind.PROBE:
        yield code(cell.source, None)
    elif cell.kind is Kind.EXERCISE:
        exercise = lesson.exercise(str(cell.exercise))
        yield markdown(fenced(exercise.stub))
        prompts = {"code_prompt_show": "Show our answer", "code_prompt_hide": "Hide our answer"}
        yield code(exercise.reference, exercise.id, tags=["hide-input"], mystnb=prompts)
    elif cell.kind is Kind.TESTS:
        yield from worked_tests(lesson.exercise(str(cell.exercise)), cell)
    elif cell.kind is Kind.MANUAL:
        item = written_of(lesson, cell)
        yield markdown(item.question)
        yield markdown(folded("An answer we would give full marks", item.answer))
        yield markdown(folded("How this is graded", item.rubric))


def worked_tests(exercise: Exercise, cell: Cell) -> Iterator[RawCell]:
    """Visible tests, hidden tests in a cell of their own, and after the last, all other answers."""
    visible = regions.outside(cell.source)
    hidden = regions.inside(cell.source, regions.HIDDEN)
    if visible:
        yield code(visible, None)
    if hidden:
        yield code(hidden, f"hidden {exercise.id}", tags=["remove-cell"])
    if cell == exercise.tests[-1]:
        mistakes = [
            f"**{item.name[:1].upper()}{item.name[1:]}.** {item.hint}\n\n{fenced(item.source)}"
            for item in exercise.mistakes
        ]
        if mistakes:
            title = "Answers we often see, and what they miss"
            yield markdown(folded(title, "\n\n".join(mistakes)))
        for item in exercise.accepts:
            yield markdown(folded(f"Another right answer: {item.name}", fenced(item.source)))


def written_of(lesson: Lesson, cell: Cell) -> Written:
    """The written question of a marked cell."""
    return next(item for item in lesson.written if item.id == cell.exercise)


def fenced(text: str) -> str:
    """Python text as a Markdown block: shown, never run."""
    return f"```python\n{text}\n```"


def folded(title: str, body: str) -> str:
    """Text that folds alike in Jupyter, Colab and the book."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
