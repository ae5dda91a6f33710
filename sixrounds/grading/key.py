"""The answer key of one exercise under one seed: what its reference and its mistakes return.

Made by running them through the same executor as any submission, and kept, since a whole class is
compared with the same key.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sixrounds.grading.diagnose import Known
from sixrounds.grading.executor import Executor, Task
from sixrounds.grading.owncode import judging_code
from sixrounds.grading.plan import ExercisePlan, Plan
from sixrounds.grading.submission import Answer
from sixrounds.grading.verdict import Call

AnswerKey = tuple[tuple[Call, ...], list[Known]]


class Keys:
    """Answer keys, made when first needed; in `folder` they outlive the process."""

    def __init__(self, executor: Executor, folder: Path | None = None) -> None:
        self._executor = executor
        self._folder = folder
        self._kept: dict[str, tuple[tuple[Call, ...], ...]] = {}

    def get(self, plan: Plan, exercise: ExercisePlan, seed: bytes) -> AnswerKey:
        """The reference's calls, and the known mistakes with theirs."""
        name = fingerprint(plan, exercise, seed)
        traces = self._kept.get(name) or self._load(name)
        if traces is None:
            traces = self._make(plan, exercise, seed)
            self._store(name, traces)
        self._kept[name] = traces
        known = [
            Known(mistake.name, mistake.hint, trace)
            for mistake, trace in zip(exercise.mistakes, traces[1:], strict=True)
        ]
        return traces[0], known

    def trace_of(self, plan: Plan, task: Task, seed: bytes) -> tuple[Call, ...] | None:
        """The calls of an answer that is a known mistake, word for word; None for any other."""
        sources = [mistake.source.strip() for mistake in task.exercise.mistakes]
        text = task.answer.source.strip()
        if task.answer.before or text not in sources:
            return None
        _, known = self.get(plan, task.exercise, seed)
        return known[sources.index(text)].trace

    def _make(
        self, plan: Plan, exercise: ExercisePlan, seed: bytes
    ) -> tuple[tuple[Call, ...], ...]:
        answers = [exercise.reference, *(mistake.source for mistake in exercise.mistakes)]
        tasks = [Task(exercise, Answer(source)) for source in answers]
        runs = self._executor.run(plan, tasks, seed)
        cut = [
            replace(task, trace=True)
            for task, run in zip(tasks, runs, strict=True)
            if not run.whole
        ]
        again = iter(self._executor.run(plan, cut, seed))
        return tuple((run if run.whole else next(again)).trace for run in runs)

    def _load(self, name: str) -> tuple[tuple[Call, ...], ...] | None:
        path = self._folder / f"{name}.json" if self._folder else None
        if path is None or not path.is_file():
            return None
        try:
            raw = json.loads(path.read_text())
        except ValueError:  # written by a run that was killed: make it again
            return None
        return tuple(tuple(Call(*call) for call in trace) for trace in raw)

    def _store(self, name: str, traces: Sequence[Sequence[Call]]) -> None:
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        raw = [[[call.key, call.result, call.raised] for call in trace] for trace in traces]
        temporary = self._folder / f"{name}.tmp"
        temporary.write_text(json.dumps(raw))
        temporary.replace(self._folder / f"{name}.json")


def fingerprint(plan: Plan, exercise: ExercisePlan, seed: bytes) -> str:
    """A name that changes with anything a key depends on, and gives the seed away to nobody."""
    parts = repr((plan.setup, exercise, judging_code(plan.setup))).encode()
    return hashlib.blake2b(parts, key=hashlib.sha256(seed).digest(), digest_size=16).hexdigest()
