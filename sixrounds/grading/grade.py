"""From a plan and a submission to verdicts."""

from collections.abc import Mapping
from dataclasses import replace

from sixrounds import testing
from sixrounds.editions.render import PLACE
from sixrounds.grading.diagnose import diagnose
from sixrounds.grading.executor import Executor, FreshProcesses, Run, Task
from sixrounds.grading.key import Keys
from sixrounds.grading.outcome import Outcome
from sixrounds.grading.plan import ExercisePlan, Plan
from sixrounds.grading.submission import Submission
from sixrounds.grading.verdict import Status, Verdict

SILENT = (Status.PASSED, Status.UNWRITTEN)


def grade(
    plan: Plan,
    submission: Submission,
    *,
    seed: bytes = testing.PUBLIC_SEED,
    executor: Executor | None = None,
    keys: Keys | None = None,
) -> list[Verdict]:
    """Grade one submission; one verdict per exercise, in the lesson's order.

    Args:
        plan: what to run, from our source.
        submission: the learner's answers.
        seed: of the hidden random cases; the course's secret, or the public default.
        executor: where answers run; fresh processes per submission by default.
        keys: what known mistakes answer, for hints; shared by a caller who grades many.
    """
    executor = executor or FreshProcesses()
    keys = keys or Keys(executor)
    if submission.problem:
        return [
            without_points(exercise, Status.UNREADABLE, submission.problem)
            for exercise in plan.exercises
        ] + [
            judged_by_hand(name, points, Status.UNREADABLE, submission.problem)
            for name, points in plan.written
        ]
    present = [exercise for exercise in plan.exercises if exercise.id in submission.answers]
    tasks = [Task(exercise, submission.answers[exercise.id]) for exercise in present]
    runs = dict(
        zip((task.exercise.id for task in tasks), executor.run(plan, tasks, seed), strict=True)
    )
    runs |= traced(plan, tasks, runs, seed, executor, keys)
    verdicts = []
    for exercise in plan.exercises:
        run = runs.get(exercise.id)
        if run is None:
            said = f"the cell of {exercise.id} is not in the notebook"
            verdicts.append(without_points(exercise, Status.MISSING, said))
        else:
            note = submission.answers[exercise.id].note
            verdicts.append(judge(plan, exercise, run, note, keys, seed))
    return verdicts + [judge_written(name, points, submission) for name, points in plan.written]


def traced(
    plan: Plan,
    tasks: list[Task],
    runs: Mapping[str, Run],
    seed: bytes,
    executor: Executor,
    keys: Keys,
) -> dict[str, Run]:
    """The runs of answers that failed and ended early, with all the calls that soft tests see.

    An answer that ran out of time is not run again: it was right up to there, or it would have
    failed before. A known mistake, word for word, was run when the key was made.
    """
    found = {}
    left = []
    for task in tasks:
        run = runs[task.exercise.id]
        ended = {outcome.status for outcome in run.outcomes}
        if run.whole or not ended & {Status.FAILED, Status.ERROR} or not run.trace:
            continue
        known = keys.trace_of(plan, task, seed)
        if known is None:
            left.append(replace(task, trace=True))
        else:
            found[task.exercise.id] = replace(run, trace=known)
    for task, again in zip(left, executor.run(plan, left, seed), strict=True):
        found[task.exercise.id] = replace(runs[task.exercise.id], trace=again.trace)
    return found


def judge(
    plan: Plan, exercise: ExercisePlan, run: Run, note: str, keys: Keys, seed: bytes
) -> Verdict:
    """The verdict on one answer that was run."""
    pairs = list(zip(exercise.tests, run.outcomes, strict=True))
    cells = tuple(
        (test.grade_id, earned(test.points, outcome), test.points) for test, outcome in pairs
    )
    score = sum(points for _, points, _ in cells)
    failures = [outcome for _, outcome in pairs if outcome.status is not Status.PASSED]
    status, message = Status.PASSED, ""
    if failures:
        status, message = failures[0].status, failures[0].message
        if score and status is not Status.UNWRITTEN:
            status = Status.PARTIAL
    hint = ""
    if status not in SILENT and run.trace and exercise.mistakes:
        reference, known = keys.get(plan, exercise, seed)
        found = diagnose(run.trace, reference, known)
        hint = found.hint if found else ""
    message = "; ".join(part for part in (message, note) if part)
    return Verdict(exercise.id, status, score, exercise.max_score, message, hint, run.trace, cells)


def earned(points: float, outcome: Outcome) -> float:
    """The points of one tests cell: all, none, or the part that it gives itself."""
    if outcome.credit is not None:
        return outcome.credit
    return points if outcome.status is Status.PASSED else 0


def without_points(exercise: ExercisePlan, status: Status, message: str) -> Verdict:
    """The verdict on an exercise of which nothing was run."""
    cells = tuple((test.grade_id, 0, test.points) for test in exercise.tests)
    return Verdict(exercise.id, status, 0, exercise.max_score, message, cells=cells)


def judge_written(name: str, points: int, submission: Submission) -> Verdict:
    """An answer in words waits for a person; one that was not written does not."""
    text = submission.written.get(name)
    if text is None:
        said = f"the cell of {name} is not in the notebook"
        return judged_by_hand(name, points, Status.MISSING, said)
    if text.strip() in ("", PLACE):
        return judged_by_hand(name, points, Status.UNWRITTEN, f"{name} is not written yet")
    return judged_by_hand(name, points, Status.MANUAL, "graded by hand, by the rubric")


def judged_by_hand(name: str, points: int, status: Status, message: str) -> Verdict:
    """The verdict on an answer in words, which has no points before a person gives them."""
    return Verdict(name, status, 0, points, message, cells=((name, 0, points),))
