"""The graded notebook that nbgrader's formgrader shows to an instructor.

It is our grading edition with the learner's answers in it and our verdicts as outputs. It holds
hidden tests: it is for instructors, and is never handed out.
"""

import re
from collections.abc import Mapping, Sequence

from sixrounds.editions.fill import fill
from sixrounds.editions.notebook import Notebook, RawCell, code
from sixrounds.editions.render import grading
from sixrounds.grading.plan import Plan
from sixrounds.grading.submission import Submission
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.source import Lesson

TAG = re.compile(r"<(?=[A-Za-z/!?])")
ABSENT = "# this cell was not in the notebook that was handed in"
ABSENT_WORDS = "*This cell was not in the notebook that was handed in.*"


def answers_of(plan: Plan, submission: Submission) -> dict[str, str]:
    """What fills each answer cell, by grade id."""
    filled = {one.id: ABSENT for one in plan.exercises}
    filled |= {name: ABSENT_WORDS for name, _ in plan.written}
    filled |= {name: answer.source for name, answer in submission.answers.items()}
    return filled | submission.written


def own_cells(plan: Plan, submission: Submission) -> dict[str, list[str]]:
    """The learner's own code cells, by the exercise they stand above: answers may call them."""
    seen = {definition for _, definitions in plan.lessons for definition in definitions}
    seen |= {answer.source for answer in submission.answers.values()}
    found: dict[str, list[str]] = {}
    for exercise in plan.exercises:
        answer = submission.answers.get(exercise.id)
        found[exercise.id] = [text for text in answer.before if text not in seen] if answer else []
        seen.update(found[exercise.id])
    return found


def autograded(
    lesson: Lesson, plan: Plan, submission: Submission, verdicts: Sequence[Verdict]
) -> Notebook:
    """The notebook for `autograded/<student>/<assignment>/`."""
    answers = answers_of(plan, submission)
    # formgrader renders Markdown with its HTML: a script would run with the instructor's rights.
    answers |= {name: TAG.sub("&lt;", answers[name]) for name, _ in plan.written}
    notebook = fill(grading(lesson), answers)
    helpers = own_cells(plan, submission)
    outputs = outputs_of(verdicts)
    cells: list[RawCell] = []
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        for place, text in enumerate(helpers.get(name, [])):
            cells.append(code(text) | {"id": f"own-{name}-{place}"[:64]})
        if name in outputs and cell["cell_type"] == "code":
            cell["outputs"] = outputs[name]
        cells.append(cell)
    return notebook | {"cells": cells}


def outputs_of(verdicts: Sequence[Verdict]) -> Mapping[str, list[dict[str, object]]]:
    """The outputs of each tests cell, as nbgrader reads points from them.

    An error is no points, a number as the cell's result is that many, anything else is all.
    """
    found: dict[str, list[dict[str, object]]] = {}
    for verdict in verdicts:
        said = "\n".join(filter(None, [verdict.message, verdict.hint]))
        for name, score, full in verdict.cells:
            if score >= full:
                found[name] = []
            elif score > 0:
                found[name] = [words(said), number(score)]
            else:
                found[name] = [nothing(verdict.status, said)]
            if score < full:
                said = "these tests did not pass either"  # the message is that of the first cell
    return found


def nothing(status: Status, said: str) -> dict[str, object]:
    """What a tests cell without points shows."""
    if status is Status.UNSUPPORTED:  # not wrong: a person has to look
        return words(said)
    lines = [f"{status}: {said}"]
    return {"output_type": "error", "ename": str(status), "evalue": said, "traceback": lines}


def words(said: str) -> dict[str, object]:
    """Text that is no verdict."""
    return {"output_type": "stream", "name": "stdout", "text": f"{said}\n"}


def number(score: float) -> dict[str, object]:
    """Some of the points."""
    data = {"text/plain": f"{score:g}"}
    return {"output_type": "execute_result", "execution_count": None, "data": data, "metadata": {}}
