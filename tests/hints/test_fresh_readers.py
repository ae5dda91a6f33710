"""Wrong answers that fresh readers wrote, and the hint each should get.

`expected` is the mistake a person would name, or null where none of ours is what they did; it was
set by reading the answers. A wrong hint sends a learner astray, so precision counts most.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sixrounds.editions.fill import fill
from sixrounds.editions.notebook import dumps
from sixrounds.editions.render import learner
from sixrounds.grading import Keys, Verdict, grade, plan, read_text
from sixrounds.grading.executor import WarmProcesses
from sixrounds.source import Lesson, load

HERE = Path(__file__).parent
ANSWERS = [row for path in sorted(HERE.glob("*.json")) for row in json.loads(path.read_text())]


@pytest.fixture(scope="module")
def verdicts() -> list[tuple[dict[str, Any], Verdict, str]]:
    """Each answer with its verdict and the hint expected; lessons side by side, as they compute."""
    lessons = {lesson.key: lesson for lesson in load(HERE.parents[1])}
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in ANSWERS:
        rows.setdefault(row["lesson"], []).append(row)
    with WarmProcesses() as executor, ThreadPoolExecutor(2) as pool:
        keys = Keys(executor, HERE.parents[1] / "build" / "keys")
        parts = pool.map(lambda key: of_lesson(lessons[key], rows[key], executor, keys), rows)
        return [one for part in parts for one in part]


def of_lesson(
    lesson: Lesson, rows: list[dict[str, Any]], executor: WarmProcesses, keys: Keys
) -> list[tuple[dict[str, Any], Verdict, str]]:
    """One lesson's answers, graded as one notebook per answer."""
    whole = plan(lesson)
    found = []
    for row in rows:
        text = dumps(fill(learner(lesson), {row["exercise"]: row["source"]}))
        asked = [one for one in whole.exercises if one.id == row["exercise"]]
        recipe = replace(whole, exercises=tuple(asked))  # the others are stubs
        submission = read_text(text, recipe)
        verdict = grade(recipe, submission, executor=executor, keys=keys)[0]
        found.append((row, verdict, hint(lesson, row)))
    return found


def hint(lesson: Lesson, row: dict[str, Any]) -> str:
    """The hint of the mistake expected, "" if none is."""
    if row["expected"] is None:
        return ""
    mistakes = lesson.exercise(row["exercise"]).mistakes
    return next(one.hint for one in mistakes if one.name == row["expected"])


def test_every_wrong_answer_loses_points(
    verdicts: list[tuple[dict[str, Any], Verdict, str]],
) -> None:
    """A wrong answer that nobody planted would get full marks."""
    assert len(verdicts) >= 24
    passed = [row["why"] for row, verdict, _ in verdicts if verdict.score == verdict.max_score]
    assert passed == []


def test_precision_and_recall(verdicts: list[tuple[dict[str, Any], Verdict, str]]) -> None:
    """Learners would be sent after mistakes that are not theirs."""
    shown = [(verdict.hint, wanted) for _, verdict, wanted in verdicts if verdict.hint]
    right = sum(given == wanted for given, wanted in shown)
    known = sum(bool(wanted) for _, _, wanted in verdicts)
    print(f"hints: precision {right}/{len(shown)}, recall {right}/{known}")
    assert len(shown) >= 10
    assert right / len(shown) >= 0.9
