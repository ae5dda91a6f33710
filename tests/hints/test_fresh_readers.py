"""Wrong answers that fresh readers wrote, and the hint each should get.

`expected` is the mistake a person would name, or null where none of ours is what they did; it was
set by reading the answers. A wrong hint sends a learner astray, so precision counts most.
"""

import json
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
    """Each answer with its verdict and the hint expected, graded as one notebook per answer."""
    lessons = {lesson.key: lesson for lesson in load(HERE.parents[1])}
    found = []
    with WarmProcesses() as executor:
        keys = Keys(executor)
        for row in ANSWERS:
            lesson = lessons[row["lesson"]]
            text = dumps(fill(learner(lesson), {row["exercise"]: row["source"]}))
            whole = plan(lesson)
            asked = [one for one in whole.exercises if one.id == row["exercise"]]
            recipe = replace(whole, exercises=tuple(asked))  # the others are stubs
            submission = read_text(text, recipe)
            graded = grade(recipe, submission, executor=executor, keys=keys)
            found.append((row, graded[0], hint(lesson, row)))
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
