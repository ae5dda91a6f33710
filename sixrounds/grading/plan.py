"""What to run for a lesson: made from our source alone, never from a submission."""

import ast
from dataclasses import dataclass

from sixrounds.editions import marks
from sixrounds.source import Exercise, Kind, Lesson, Variant


@dataclass(frozen=True)
class TestsPlan:
    """One tests cell, with its hidden part."""

    __test__ = False  # pytest would take it for a class of tests

    grade_id: str
    source: str
    points: int


@dataclass(frozen=True)
class ExercisePlan:
    """How one exercise is graded, and which mistakes can be recognized."""

    id: str
    stub: str
    reference: str
    needs: tuple[str, ...]  # references of the exercises it builds on, in order
    probes: tuple[str, ...]
    tests: tuple[TestsPlan, ...]
    mistakes: tuple[Variant, ...]

    @property
    def max_score(self) -> int:
        """Full marks."""
        return sum(cell.points for cell in self.tests)


@dataclass(frozen=True)
class Plan:
    """All that grading needs to know of one notebook."""

    key: str  # <chapter>/<NN_topic>
    setup: tuple[str, ...]
    # each lesson cell, and its imports, functions and classes: what an answer may lean on of it
    lessons: tuple[tuple[str, tuple[str, ...]], ...]
    exercises: tuple[ExercisePlan, ...]
    written: tuple[tuple[str, int], ...]  # answers in words, with their points

    @property
    def chapter(self) -> str:
        """The chapter's folder name."""
        return self.key.split("/")[0]

    @property
    def topic(self) -> str:
        """The notebook's name."""
        return self.key.split("/")[1]


def plan(lesson: Lesson) -> Plan:
    """The plan of one lesson."""
    return Plan(
        key=lesson.key,
        setup=tuple(cell.source for cell in lesson.cells if cell.kind is Kind.SETUP),
        lessons=tuple(
            (cell.source.strip(), definitions(cell.source))
            for cell in lesson.cells
            if cell.kind is Kind.LESSON
        ),
        exercises=tuple(exercise_plan(lesson, exercise) for exercise in lesson.exercises),
        written=tuple((item.id, item.points) for item in lesson.written),
    )


def exercise_plan(lesson: Lesson, exercise: Exercise) -> ExercisePlan:
    """The plan of one exercise."""
    return ExercisePlan(
        id=exercise.id,
        stub=exercise.stub,
        reference=exercise.reference,
        needs=needed(lesson, exercise),
        probes=exercise.probes,
        tests=tuple(
            TestsPlan(marks.tests_id(exercise, cell), cell.source, cell.points or 0)
            for cell in exercise.tests
        ),
        mistakes=exercise.mistakes,
    )


def needed(lesson: Lesson, exercise: Exercise) -> tuple[str, ...]:
    """The references an exercise builds on, those they build on first."""
    if exercise.needs is None:
        return ()
    other = lesson.exercise(exercise.needs)
    return (*needed(lesson, other), other.reference)


def definitions(source: str) -> tuple[str, ...]:
    """The imports, functions and classes of a lesson cell, without what it runs and plots.

    Lesson cells are not executed when grading, but an answer that calls a helper the lesson
    showed is right in the notebook, so it must be right here.
    """
    kept = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a magic command
        return ()
    return tuple(ast.unparse(node) for node in body if isinstance(node, kept))
