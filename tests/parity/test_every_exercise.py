"""Every exercise in every state: a learner's check, plain Python and stock nbgrader agree.

The proof says the same of the grader; these two ways of running the visible tests are a learner's.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.validator import Validator

from sixrounds import content
from sixrounds.checking import check_notebook
from sixrounds.checking.check import processes
from sixrounds.checking.recipe import belongs, grade_id, plan_of
from sixrounds.editions.fill import fill
from sixrounds.editions.notebook import dumps
from sixrounds.grading import Status
from sixrounds.grading.plan import ExercisePlan, Plan
from sixrounds.grading.prove import State, blank, hint_of, source_of
from sixrounds.source import Exercise, Lesson, load

ROOT = Path(__file__).parents[2]
LESSONS = sorted(load(ROOT), key=lambda lesson: -sum(len(p.states) for p in blank(lesson)))
by_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)


def released(lesson: Lesson) -> dict[str, object]:
    """A lesson's released notebook."""
    return content.read_released(ROOT / "notebooks" / f"{lesson.key}.ipynb")


def states(lesson: Lesson) -> Iterator[tuple[Exercise, State]]:
    """Every state of every exercise."""
    for proof in blank(lesson):
        for state in proof.states:
            yield proof.exercise, state


def answer(exercise: Exercise, state: State) -> str:
    """What is in the answer's cell."""
    return exercise.stub if state.kind == "stub" else source_of(exercise, state)


def plain_run(recipe: Plan, item: ExercisePlan, answers: dict[str, str]) -> bool:
    """Whether setup, answers and visible tests run as they stand, as papermill would run them."""
    earlier = recipe.exercises[: recipe.exercises.index(item)]
    cells = [*recipe.setup, *(answers[one.id] for one in earlier), answers[item.id]]
    cells += [*item.probes, *(test.source for test in item.tests)]
    names: dict[str, object] = {"__name__": "__main__"}
    try:
        for source in cells:
            exec(compile(source, "<cell>", "exec"), names)
    except Exception:
        return False
    return True


@by_lesson
def test_check_says_what_running_the_notebook_says(lesson: Lesson, tmp_path: Path) -> None:
    """A check would pass what fails in the notebook or fail what passes, or give a wrong hint."""
    references = {one.id: one.reference for one in lesson.exercises}
    recipe = plan_of(lesson.key, released(lesson))
    items = {item.id: item for item in recipe.exercises}
    path = tmp_path / f"{lesson.topic}.ipynb"
    seen, shown, mistakes = set(), 0, 0
    with processes() as executor:
        for exercise, state in states(lesson):
            answers = references | {exercise.id: answer(exercise, state)}
            path.write_text(dumps(fill(released(lesson), answers)))
            verdict = check_notebook(path, [exercise.id], executor=executor)[0]
            passed = plain_run(recipe, items[exercise.id], answers)
            told = f"{exercise.id}: {state.kind} {state.name}: {verdict.row()}"
            assert (verdict.status is Status.PASSED) == passed, told
            assert (verdict.status is Status.UNWRITTEN) == (state.kind == "stub"), told
            own = hint_of(exercise, state) if state.kind == "mistake" else ""
            assert verdict.hint in ("", own), told
            mistakes += state.kind == "mistake"
            shown += bool(verdict.hint)
            seen.add(passed)
    assert seen == {True, False}
    assert shown / mistakes > 0.9  # those that are only slow cannot be told on small inputs


@by_lesson
def test_nbgrader_validate_says_what_check_says(lesson: Lesson, tmp_path: Path) -> None:
    """A learner with plain nbgrader would be told otherwise than one with `sixrounds check`.

    One kernel for the references, one for the last mistake of each exercise.
    """
    references = {one.id: one.reference for one in lesson.exercises}
    wrong = {one.id: one.mistakes[-1].source for one in lesson.exercises}
    path = tmp_path / f"{lesson.topic}.ipynb"
    for answers in (references, wrong):
        path.write_text(dumps(graded_cells(fill(released(lesson), answers))))
        with processes() as executor:
            verdicts = check_notebook(path, executor=executor)
        failed = [verdict.exercise for verdict in verdicts if verdict.status is not Status.PASSED]
        assert exercises_failed(lesson, path) == failed
        assert bool(failed) == (answers is wrong)


def graded_cells(notebook: dict[str, object]) -> dict[str, object]:
    """The notebook without its lesson, which nbgrader would execute too."""
    cells = notebook["cells"]
    assert isinstance(cells, list)
    return notebook | {"cells": [cell for cell in cells if grade_id(cell)]}


def exercises_failed(lesson: Lesson, path: Path) -> list[str]:
    """The exercises with a tests cell that stock nbgrader's `validate` calls failed, in order."""
    found = Validator().validate(str(path))
    sources = {item["source"].strip() for item in found.get("failed", [])}
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    failed = [grade_id(cell) for cell in cells if "".join(cell["source"]).strip() in sources]
    return [one.id for one in lesson.exercises if any(belongs(f, "test", one.id) for f in failed)]
