"""Everything an author can get wrong in a lesson, found at once, each with its mend."""

import ast
import difflib
import re
from collections.abc import Iterator, Sequence

from sixrounds.source import code, markers
from sixrounds.source.model import Cell, Exercise, Kind, Lesson, Variant, Written
from sixrounds.source.problems import Problem, SourceError

MAX_ID = 50
MAX_LINES = 15
MAX_WIDTH = 79
SHORT_REFERENCE = 5
ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
KNOWN_KEYS = {"tags", "mystnb"}
REGIONS = {
    Kind.EXERCISE: {markers.SOLUTION},
    Kind.TESTS: {markers.HIDDEN},
    Kind.MANUAL: {markers.SOLUTION, markers.RUBRIC},
}
ANSWERS = (Kind.MISTAKE, Kind.ACCEPTS)
FORMS = dict.fromkeys(ANSWERS, "raw") | dict.fromkeys((Kind.TEXT, Kind.MANUAL), "markdown")
MEND_FORM = {
    "raw": 'write active="py", so that JupyterLab shows it and never runs it',
    "markdown": "write [markdown] after `# %%`",
    "code": "remove [markdown], [raw] and active=",
}
UNREADABLE = ("title", "incorrectly_encoded_metadata")  # jupytext's names for other words there
BELONGS = {"points": (Kind.TESTS, Kind.MANUAL), "needs": (Kind.EXERCISE,), "name": ANSWERS}
Found = Iterator[tuple[int, str, str]]


def validate(lessons: Sequence[Lesson]) -> None:
    """Check lessons one by one and against each other.

    Raises:
        SourceError: with all problems of all lessons.
    """
    problems = [
        Problem(lesson.path, line, what, mend)
        for lesson in lessons
        for line, what, mend in check(lesson)
    ]
    problems += repeated_ids(lessons)
    if problems:
        raise SourceError(problems)


def check(lesson: Lesson) -> Found:
    """The problems of one lesson, as (line, what, mend)."""
    for cell in lesson.cells:
        yield from check_marks(cell)
        yield from check_cell(cell)
    yield from check_text(lesson)
    yield from check_links(lesson)
    for exercise in lesson.exercises:
        yield from check_exercise(exercise)
    yield from check_placeholders(lesson)
    for written in lesson.written:
        if not (written.question and written.answer and written.rubric):
            yield (
                written.line,
                f"the written answer {written.id!r} lacks a question, a model answer or a rubric",
                "put the question first, then BEGIN/END SOLUTION, then BEGIN/END RUBRIC",
            )


def repeated_ids(lessons: Sequence[Lesson]) -> list[Problem]:
    """A grade id names one thing in the whole curriculum."""
    seen: dict[str, str] = {}
    problems = []
    for lesson in lessons:
        items: list[Exercise | Written] = [*lesson.exercises, *lesson.written]
        for item in items:
            if item.id in seen:
                what = f"the id {item.id!r} is taken by {seen[item.id]}"
                problems.append(Problem(lesson.path, item.line, what, "choose another name"))
            seen.setdefault(item.id, f"{lesson.path}:{item.line}")
    return problems


def check_marks(cell: Cell) -> Found:
    """The line that starts a cell."""
    for key, value in cell.metadata.items():
        if key in UNREADABLE:
            yield cell.line, f"{value!r} is no mark", 'write marks as key="text" or key=number'
        elif key not in KNOWN_KEYS:
            marks = [kind.value for kind in Kind] + [*BELONGS, *KNOWN_KEYS]
            near = difflib.get_close_matches(key, marks, n=1)
            yield (
                cell.line,
                f"unknown mark {key!r}",
                f"write {near[0]!r}" if near else "see the marks in CONTRIBUTING.md",
            )
    form = FORMS.get(cell.kind, "code")
    if cell.form != form:
        yield cell.line, f"a {cell.kind} cell that is {cell.form}, not {form}", MEND_FORM[form]
    for key, kinds in BELONGS.items():
        if getattr(cell, key) is not None and cell.kind not in kinds:
            what = f"{key}= on a cell of kind {cell.kind}"
            yield cell.line, what, f"it belongs to {' and '.join(kinds)}"


def check_text(lesson: Lesson) -> Found:
    """Text is written in comments, so that the file stays Python and JupyterLab keeps its lines."""
    lines = lesson.text.split("\n")
    ends = [cell.line - 1 for cell in lesson.cells[1:]] + [len(lines)]
    for cell, end in zip(lesson.cells, ends, strict=True):
        text = "\n".join(lines[cell.line : end]).rstrip().split("\n")
        bare = [offset for offset, line in enumerate(text, 1) if not line.startswith("#")]
        if cell.form == "markdown" and bare and text != [""]:
            what = "a line of text that is no comment"
            yield cell.line + bare[0], what, "start it with #, an empty one too"


def check_cell(cell: Cell) -> Found:
    """What can be seen on one cell alone."""
    for offset in markers.lookalikes(cell.source):
        what = "this looks like a marker and is none"
        yield cell.line + 1 + offset, what, f"write exactly one of {markers.EXACT}, or its END"
    if cell.exercise is not None and not valid_id(cell.exercise):
        yield (
            cell.line,
            f"{cell.exercise!r} is not a grade id",
            f"use the name the cell defines: letters, digits and _, at most {MAX_ID}",
        )
    for piece in markers.split(cell.source):
        if piece.region and piece.region not in REGIONS.get(cell.kind, set()):
            what = f"BEGIN {piece.region} in a {cell.kind} cell"
            yield cell.line + piece.line, what, "remove the markers or mark the cell"
    if cell.kind in (Kind.TESTS, Kind.MANUAL) and not positive(cell.points):
        yield cell.line, f"{cell.kind} without points", "add points=1 or more, a whole number"
    if cell.kind not in (Kind.TEXT, Kind.MANUAL):
        yield from check_code(cell)


def check_code(cell: Cell) -> Found:
    """The size and syntax of a code cell."""
    for offset, line in shown_lines(cell):
        if len(line) > MAX_WIDTH:
            mend = f"break it at {MAX_WIDTH}, so that no page scrolls sideways"
            yield cell.line + 1 + offset, f"{len(line)} columns", mend
    lines = cell.source.count("\n") + 1
    if cell.kind is Kind.LESSON and lines > MAX_LINES:
        what = f"a lesson cell of {lines} lines"
        yield cell.line, what, f"split it: one idea a cell, {MAX_LINES} lines at most"
    if "figure" in cell.metadata.get("mystnb", {}) and code.ends_with_value(cell.source):
        what = "a figure cell that ends with a value: the page shows the value, not the figure"
        yield cell.line, what, "end its last line with a semicolon"
    error = code.syntax_error(cell.source)
    if error is not None:
        yield (
            cell.line + min(error.lineno or 1, lines),
            f"not Python: {error.msg}",
            "mend the syntax",
        )


def shown_lines(cell: Cell) -> Iterator[tuple[int, str]]:
    """The lines that a page shows as a cell, with their offsets."""
    if cell.kind not in ANSWERS:
        for piece in markers.split(cell.source):
            if piece.region != markers.HIDDEN:
                yield from enumerate(piece.text.split("\n"), piece.line)


def check_links(lesson: Lesson) -> Found:
    """Marked cells that point at an exercise which is not there, or comes later."""
    ids = {exercise.id for exercise in lesson.exercises}
    met: set[str] = set()
    for cell in lesson.cells:
        if cell.kind is Kind.EXERCISE:
            met.add(str(cell.exercise))
            if cell.needs is not None and cell.needs not in met - {cell.exercise}:
                yield (
                    cell.line,
                    f"needs={cell.needs!r} is no earlier exercise of this file",
                    "name one that comes before",
                )
        elif cell.exercise is not None and cell.kind is not Kind.MANUAL:
            if cell.exercise not in ids:
                near = difflib.get_close_matches(str(cell.exercise), sorted(ids), n=1)
                yield (
                    cell.line,
                    f"{cell.kind} for {cell.exercise!r}, which is no exercise of this file",
                    f"write {near[0]!r}" if near else "add the exercise cell",
                )
            elif cell.exercise not in met:
                what = f"{cell.kind} before the exercise {cell.exercise!r}"
                yield cell.line, what, "move it below the exercise cell"


def check_placeholders(lesson: Lesson) -> Found:
    """The stub of a variable calls sixrounds.todo, so a setup cell must import the package."""
    setup = [cell.source for cell in lesson.cells if cell.kind is Kind.SETUP]
    imported = any(code.defines(source, "sixrounds") for source in setup)
    for exercise in lesson.exercises:
        if "sixrounds.todo(" in exercise.stub and not imported:
            what = f"{exercise.id}: the stub needs `import sixrounds`"
            yield exercise.line, what, "import it in a setup cell"


def check_exercise(exercise: Exercise) -> Found:
    """What an autograded exercise must bring along."""
    name, line = exercise.id, exercise.line
    if exercise.reference == exercise.stub:
        yield line, f"{name}: no solution region", "wrap the answer in ### BEGIN/END SOLUTION"
    elif not code.defines(exercise.reference, name):
        yield line, f"the reference does not define {name!r}", "name the id after what it defines"
    if code.raises_in_class_body(exercise.stub):
        what = f"the stub of the class {name} could not even be defined"
        yield line, what, "put ### BEGIN/END SOLUTION inside each method"
    if not exercise.tests:
        yield line, f"{name}: an exercise without tests", f'add a cell `# %% tests="{name}"`'
    wanted = 2 if reference_lines(exercise) <= SHORT_REFERENCE else 3
    if len(exercise.mistakes) < wanted:
        yield (
            line,
            f"{name}: {len(exercise.mistakes)} mistakes",
            f"write at least {wanted}, each with exactly one misconception",
        )
    if not exercise.accepts:
        yield line, f"{name}: no accepts", "add a right answer in another style"
    variants = (*exercise.mistakes, *exercise.accepts)
    for variant in exercise.mistakes:
        if not variant.hint:
            what = f"the mistake {variant.name!r} has no hint"
            yield variant.line, what, "start the cell with a comment that asks the right question"
    for variant in variants:
        yield from check_variant(name, variant)
        if sum(other.name == variant.name for other in variants) > 1:
            what = f"two answers of {name} are called {variant.name!r}"
            yield variant.line, what, "give each a name of its own"
    for cell in exercise.tests:
        yield from check_tests(name, cell)


def check_variant(name: str, variant: Variant) -> Found:
    """A mistake or an accepted answer stands alone and has a name."""
    if not variant.name:
        what = f"an answer of {name} without a name"
        yield variant.line, what, 'say what it does: name="counts twice"'
    if code.syntax_error(variant.source) is None and not code.defines(variant.source, name):
        what = f"{variant.name!r} does not define {name!r}"
        yield variant.line, what, "write the whole answer, with the exercise's own name"


def check_tests(name: str, cell: Cell) -> Found:
    """Hidden tests say what kind of case failed, and draw their cases from the seed."""
    if code.syntax_error(cell.source) is not None:
        return
    hidden = markers.offsets(cell.source, markers.HIDDEN)
    tree = ast.parse(cell.source)
    yield from check_last(name, cell, tree)
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if line - 1 in hidden:
            for what, mend in check_hidden(name, node):
                yield cell.line + line, what, mend


def check_last(name: str, cell: Cell, tree: ast.Module) -> Found:
    """A tests cell must not end in a number of the answer's."""
    last = tree.body[-1] if tree.body else None
    call = last.value if isinstance(last, ast.Expr) else None
    if isinstance(call, ast.Call) and ast.unparse(call.func).partition(".")[0] == name:
        mend = "assert something of it: nbgrader takes a number there for points"
        yield cell.line + call.lineno, "a tests cell that ends in what the answer returns", mend


def check_hidden(name: str, node: ast.AST) -> Iterator[tuple[str, str]]:
    """One node of a hidden test."""
    mend = "name the kind of case in a string, without its data"
    if isinstance(node, ast.Assert) and not code.is_text(node.msg):
        yield "a hidden assert without a plain message", mend
    if code.raises_bare_assertion(node):
        yield "a hidden AssertionError without a plain message", mend
    if code.tells_data(node):
        yield "a hidden assertion that prints the data of its case", "write assert …, and a message"
    fault = code.unseeded(node, name)
    if fault:
        yield fault, f'draw from sixrounds.testing.rng("{name}") or .pyrandom("{name}")'


def reference_lines(exercise: Exercise) -> int:
    """Lines of code that the reference has and the stub has not."""
    kept = exercise.stub.split("\n")
    extra = [line for line in exercise.reference.split("\n") if line not in kept]
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in extra)


def valid_id(name: str) -> bool:
    """Whether a grade id can name what a cell defines, and nbgrader can store it."""
    return bool(ID.match(name)) and len(name) <= MAX_ID


def positive(points: object) -> bool:
    """Whether points are a whole number above zero."""
    return isinstance(points, int) and not isinstance(points, bool) and points > 0
