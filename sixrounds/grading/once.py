"""Runs each answer once: what a proof grades is also what its answer keys are made of."""

from dataclasses import replace

from sixrounds.grading.executor import Executor, Run, Task
from sixrounds.grading.plan import Plan
from sixrounds.grading.verdict import Status

Asked = tuple[str, str, tuple[str, ...], bool, str]


BRIEF = 3.0  # seconds for a tests cell of what already took all its time under another seed


class Once:
    """An executor for one lesson under one seed that answers the same task from memory.

    Every run is one of the untouched processes, so that a second one would show the same.

    Args:
        executor: runs what was not asked before.
        slow: the tasks that ran out of time so far, shared by the seeds of a proof: to be too slow
            is a matter of sizes, which are the same under all, so that the whole limit is waited
            for once, and after that only briefly.
    """

    def __init__(self, executor: Executor, slow: set[Asked]) -> None:
        self._executor = executor
        self._runs: dict[Asked, Run] = {}
        self._slow = slow

    def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
        """One Run per task, in order."""
        asked = [name_of(task) for task in tasks]
        new = {
            name: replace(task, limit=BRIEF) if name in self._slow else task
            for name, task in zip(asked, tasks, strict=True)
            if name not in self._runs
        }
        for name, run in zip(new, self._executor.run(plan, list(new.values()), seed), strict=True):
            self._runs[name] = run
            if any(outcome.status is Status.TIMEOUT for outcome in run.outcomes):
                self._slow.add(name)
        return [self._runs[name] for name in asked]


def name_of(task: Task) -> Asked:
    """All that tells one task of a lesson from another."""
    answer = task.answer
    scripts = repr(task.scripts)
    return task.exercise.id, answer.source.strip(), tuple(answer.before), task.trace, scripts
