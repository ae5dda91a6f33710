"""Runs each answer once: what a proof grades is also what its answer keys are made of."""

from sixrounds.grading.executor import Executor, Run, Task
from sixrounds.grading.plan import Plan

Asked = tuple[str, str, tuple[str, ...], bool, str]


class Once:
    """An executor for one lesson under one seed that answers the same task from memory.

    Every run is one of the untouched processes, so that a second one would show the same.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._runs: dict[Asked, Run] = {}

    def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
        """One Run per task, in order."""
        asked = [name_of(task) for task in tasks]
        new = {
            name: task for name, task in zip(asked, tasks, strict=True) if name not in self._runs
        }
        runs = self._executor.run(plan, list(new.values()), seed)
        self._runs.update(zip(new, runs, strict=True))
        return [self._runs[name] for name in asked]


def name_of(task: Task) -> Asked:
    """All that tells one task of a lesson from another."""
    answer = task.answer
    scripts = repr(task.scripts)
    return task.exercise.id, answer.source.strip(), tuple(answer.before), task.trace, scripts
