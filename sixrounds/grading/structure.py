"""What of a lesson nbgrader's database knows: its graded, written and locked cells.

This is what `nbgrader generate_assignment` would save, made from our editions, so that stock
nbgrader grades the same course without it.
"""

import json
from collections.abc import Mapping
from typing import Any

import nbformat
from nbgrader import api, utils

from sixrounds.editions import render
from sixrounds.source import Lesson


def cells(lesson: Lesson) -> list[Any]:
    """The cells with a grade id: tests with their hidden part, answers as a learner gets them."""
    stubs = {grade_id(cell): cell for cell in render.learner(lesson)["cells"]}
    found = []
    for cell in render.grading(lesson)["cells"]:
        meta = cell["metadata"].get("nbgrader")
        if meta is None:
            continue
        source = stubs[meta["grade_id"]]["source"] if meta["solution"] else cell["source"]
        whole = cell | {"source": "".join(source)}
        found.append(nbformat.from_dict(whole))  # type: ignore[no-untyped-call]
    return found


def grade_id(cell: Mapping[str, Any]) -> str:
    """A cell's grade id; "" if it has none."""
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def kernelspec(lesson: Lesson) -> str:
    """The notebook's kernel, as nbgrader stores it."""
    return json.dumps(render.learner(lesson)["metadata"]["kernelspec"], sort_keys=True)


def sync(db: Any, notebook: Any, lesson: Lesson) -> list[str]:
    """Bring a notebook's rows in line with its lesson, in the open transaction.

    A cell that is gone is removed with its automatic scores, but not if a person gave it points
    or a comment: such cells are returned, one line each.
    """
    wanted = cells(lesson)
    graded = {grade_id(cell): cell for cell in wanted if utils.is_grade(cell)}
    answers = {grade_id(cell) for cell in wanted if utils.is_solution(cell)}
    have_grade = {row.name: row for row in notebook.grade_cells}
    have_answer = {row.name: row for row in notebook.solution_cells}
    have_source = {row.name: row for row in notebook.source_cells}
    for name, cell in graded.items():
        row = have_grade.get(name) or api.GradeCell(name=name, notebook=notebook)
        row.max_score, row.cell_type = float(cell.metadata.nbgrader.points), cell.cell_type
        db.add(row)
    for name in answers - set(have_answer):
        db.add(api.SolutionCell(name=name, notebook=notebook))
    for cell in wanted:
        name = grade_id(cell)
        row = have_source.get(name) or api.SourceCell(name=name, notebook=notebook)
        row.cell_type, row.source = cell.cell_type, cell.source
        row.locked, row.checksum = utils.is_locked(cell), utils.compute_checksum(cell)
        db.add(row)
    for name in set(have_source) - {grade_id(cell) for cell in wanted}:
        db.delete(have_source[name])
    gone = [row for name, row in have_grade.items() if name not in graded]
    gone += [row for name, row in have_answer.items() if name not in answers]
    return [line for row in gone if (line := remove(db, row, lesson))]


def remove(db: Any, row: Any, lesson: Lesson) -> str:
    """Delete a cell with what autograding said of it, or say why it stays."""
    by_hand = any(
        grade.manual_score is not None or grade.extra_credit is not None for grade in row.grades
    ) or any(comment.manual_comment for comment in row.comments)
    if by_hand:
        return (
            f"{lesson.key}: {row.name} is no longer in the lesson, but has points or comments "
            "given by hand; it stays in the gradebook until you remove them in formgrader"
        )
    for child in (*row.grades, *row.comments):
        db.delete(child)
    db.delete(row)
    return ""


def complete(db: Any, submission: Any) -> None:
    """Give a submission a grade or a comment for each cell that has none yet.

    Cells join when it is new, and when a lesson or an assignment grew since.
    """
    have = {row.notebook_id: row for row in submission.notebooks}
    for notebook in submission.assignment.notebooks:
        row = have.get(notebook.id)
        if row is None:
            row = api.SubmittedNotebook(notebook_id=notebook.id, assignment_id=submission.id)
            db.add(row)
            db.flush()
        graded = {grade.cell_id for grade in row.grades}
        commented = {comment.cell_id for comment in row.comments}
        for cell in notebook.grade_cells:
            if cell.id not in graded:
                db.add(api.Grade(cell_id=cell.id, notebook_id=row.id))
        for cell in notebook.solution_cells:
            if cell.id not in commented:
                db.add(api.Comment(cell_id=cell.id, notebook_id=row.id))
    db.commit()
