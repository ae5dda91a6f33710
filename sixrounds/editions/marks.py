"""nbgrader's metadata, derived from our marks and written by nobody."""

from typing import Any

from sixrounds.source import Cell, Exercise


def meta(grade_id: str, **flags: Any) -> dict[str, Any]:
    """The `nbgrader` entry of a cell; everything not named is off."""
    base = {"grade": False, "grade_id": grade_id, "locked": True, "schema_version": 3}
    return base | {"solution": False, "task": False} | flags


def answer(grade_id: str) -> dict[str, Any]:
    """A cell the learner writes, graded by the tests below it."""
    return meta(grade_id, solution=True, locked=False)


def tests_id(exercise: Exercise, cell: Cell) -> str:
    """The grade id of a tests cell. The hyphen keeps it apart from every exercise's id."""
    place = exercise.tests.index(cell)
    return f"test-{exercise.id}" if place == 0 else f"test-{exercise.id}-{place + 1}"


def tests(exercise: Exercise, cell: Cell) -> dict[str, Any]:
    """A locked cell of tests with its points."""
    return meta(tests_id(exercise, cell), grade=True, points=cell.points)


def written(grade_id: str, points: int) -> dict[str, Any]:
    """A Markdown answer graded by hand."""
    return meta(grade_id, grade=True, solution=True, locked=False, points=points)
