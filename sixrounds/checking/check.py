"""Runs the visible tests on a learner's answers, each in a fresh process, and says what it saw.

The verdict is the grader's own on the tests that are visible. Passing them is never called
"correct": grading asks more. A known mistake is recognized from the shipped hints, by what the
answer returns to their inputs.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sixrounds import content, testing
from sixrounds.checking.recipe import plan_of
from sixrounds.errors import SixRoundsError
from sixrounds.grading.diagnose import Known, diagnose
from sixrounds.grading.executor import Executor, Task, WarmProcesses
from sixrounds.grading.grade import grade
from sixrounds.grading.jail import choose
from sixrounds.grading.plan import Plan
from sixrounds.grading.replay import SHORT
from sixrounds.grading.submission import Submission, read
from sixrounds.grading.verdict import Call, Status, Verdict
from sixrounds.paths import lesson_key

SILENT = (Status.UNWRITTEN, Status.MISSING, Status.UNREADABLE, Status.UNSUPPORTED)


def check_notebook(
    path: Path,
    names: Iterable[str] | None = None,
    *,
    stop: bool = False,
    executor: Executor | None = None,
) -> list[Verdict]:
    """Check a learner's notebook.

    Args:
        path: the notebook.
        names: exercises to check; all by default.
        stop: end after the first exercise that was written and does not pass.
        executor: where answers run; processes of its own by default.

    Raises:
        SixRoundsError: the file is not one of ours, or cannot be read.
    """
    released = released_for(path)
    recipe = plan_of(lesson_key(released), content.read_released(released))
    submission = read(path, recipe)
    if submission.problem:
        raise SixRoundsError(submission.problem)
    if names is not None:
        names = list(names)
        refuse_unknown(path, recipe, names)
    return check_answers(released, recipe, submission, names, stop=stop, executor=executor)


def refuse_unknown(path: Path, recipe: Plan, names: Sequence[str]) -> None:
    """Refuse names of exercises that the notebook does not have.

    Raises:
        SixRoundsError: the message has the names it has.
    """
    known = [exercise.id for exercise in recipe.exercises]
    for name in names:
        if name not in known:
            raise SixRoundsError(f"{path}: no exercise {name}; there are: {', '.join(known)}")


def released_for(path: Path) -> Path:
    """The released notebook that a learner's file is a copy of: of the same name.

    Raises:
        SixRoundsError: there is none.
    """
    known = list(content.released())
    found = [one for one in known if one.name == path.name]
    same_chapter = [one for one in found if one.parent.name == path.resolve().parent.name]
    if len(found) == 1 or same_chapter:
        return (same_chapter or found)[0]
    names = ", ".join(one.name for one in (found or known)) or "none yet"
    raise SixRoundsError(f"{path}: not named like a notebook of Six Rounds; there are {names}")


def check_answers(
    released: Path,
    recipe: Plan,
    submission: Submission,
    names: Iterable[str] | None = None,
    *,
    stop: bool = False,
    executor: Executor | None = None,
) -> list[Verdict]:
    """Check answers that were read already; see `check_notebook`."""
    wanted = None if names is None else set(names)
    hints = content.hints(released)
    verdicts = []
    with contextlib.nullcontext(executor) if executor else processes() as running:
        for exercise in recipe.exercises:
            if wanted is not None and exercise.id not in wanted:
                continue
            part = replace(recipe, exercises=(exercise,))
            verdict = grade(part, submission, executor=running)[0]
            if verdict.status not in SILENT:
                hint = recognize(part, submission, hints.get(exercise.id, {}), running)
                verdict = replace(verdict, hint=hint)
            verdicts.append(verdict)
            if stop and verdict.status not in (Status.PASSED, Status.UNWRITTEN):
                break
    return verdicts


def processes() -> WarmProcesses:
    """Where a learner's own answers run, on their own machine: in no jail."""
    return WarmProcesses(choose("none", unsafe=True))


def recognize(
    recipe: Plan, submission: Submission, item: dict[str, Any], executor: Executor
) -> str:
    """The hint of the mistake that the only exercise's answer makes, "" if it is none we know."""
    if not item.get("inputs"):
        return ""
    exercise = recipe.exercises[0]
    answer = submission.answers[exercise.id]
    task = Task(exercise, answer, scripts=tuple(item["inputs"]))
    run = executor.run(recipe, [task], testing.PUBLIC_SEED)[0]
    given = [replace(call, result=call.result[:SHORT]) for call in run.trace]
    known = [
        Known(mistake["name"], mistake["hint"], calls(mistake["results"]))
        for mistake in item["mistakes"]
    ]
    found = diagnose(given, calls(item["reference"]), known)
    return found.hint if found else ""


def calls(results: Sequence[Sequence[str]]) -> tuple[Call, ...]:
    """Shipped digests as the trace that replaying gives."""
    return tuple(
        Call(f"{script}.{step}", result)
        for script, steps in enumerate(results)
        for step, result in enumerate(steps)
    )


def report(verdict: Verdict) -> str:
    """A verdict in one or two lines for the learner."""
    if verdict.status is Status.PASSED:
        said = f"{verdict.exercise}: public tests passed (grading adds hidden ones)"
        return f"{said}\n  but think about this: {verdict.hint}" if verdict.hint else said
    said = f"{verdict.exercise}: {verdict.status}"
    if verdict.message and verdict.status is not Status.UNWRITTEN:
        said += f"\n  {verdict.message}"
    return f"{said}\n  think about this: {verdict.hint}" if verdict.hint else said
