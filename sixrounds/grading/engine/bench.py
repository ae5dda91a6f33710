"""What one worker grades with: an executor of its own, and answer keys.

All computing is in the executor's processes, so that a thread is worker enough. A worker keeps the
processes of one notebook at a time: jobs that come notebook by notebook start each once.
"""

import contextlib
import threading
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from sixrounds.grading.engine.job import Job, Result, failure_of
from sixrounds.grading.executor import Executor, Run, Task, WarmProcesses
from sixrounds.grading.grade import grade
from sixrounds.grading.jail import choose
from sixrounds.grading.key import AnswerKey, Keys
from sixrounds.grading.plan import ExercisePlan, Plan


def make_executor(unsafe: bool) -> WarmProcesses:
    """Where all answers of a class run.

    Raises:
        SixRoundsError: no jail works here, and nobody said that it may be done without.
    """
    return WarmProcesses(choose(unsafe=unsafe))


class KeyCabinet:
    """Where workers of one machine share answer keys, so that each is made once.

    Args:
        folder: keeps them between runs; None keeps them in memory alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def lock(self, exercise: str) -> threading.Lock:
        """Held by the one worker that makes or reads this exercise's key."""
        with self._guard:
            return self._locks[exercise]


class SharedKeys(Keys):
    """One worker's keys out of a cabinet."""

    def __init__(self, executor: Executor, cabinet: KeyCabinet) -> None:
        super().__init__(executor, cabinet.folder)
        self._cabinet = cabinet

    def get(self, plan: Plan, exercise: ExercisePlan, seed: bytes) -> AnswerKey:
        """The reference's calls, and the known mistakes with theirs."""
        with self._cabinet.lock(exercise.id):
            return super().get(plan, exercise, seed)


class Clock:
    """An executor that notes how long each exercise took: answers run one by one anyway."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.seconds: dict[str, float] = {}

    def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
        """One Run per task, in order."""
        runs = []
        for task in tasks:
            began = time.perf_counter()
            runs += self._executor.run(plan, [task], seed)
            # A second run is for the calls of an answer that failed.
            spent = self.seconds.get(task.exercise.id, 0.0) + time.perf_counter() - began
            self.seconds[task.exercise.id] = round(spent, 4)
        return runs


class Bench:
    """Grades one notebook after the other; one caller at a time."""

    def __init__(self, cabinet: KeyCabinet, unsafe: bool = False) -> None:
        self._executor = make_executor(unsafe)
        self._keys = SharedKeys(self._executor, cabinet)
        self._at: Plan | None = None

    def perform(self, job: Job) -> Result:
        """Grade a notebook. Whatever goes wrong is in the result: a traceback could tell more."""
        try:
            if job.plan != self._at:
                self._executor.close()
                self._at = job.plan
            clock = Clock(self._executor)
            verdicts = grade(
                job.plan, job.submission, seed=job.seed, executor=clock, keys=self._keys
            )
        except Exception as error:
            with contextlib.suppress(Exception):  # it may have been closed meanwhile
                self._executor.close()
            return Result(job.number, failure=failure_of(error))
        bare = tuple(replace(verdict, trace=()) for verdict in verdicts)
        return Result(job.number, bare, clock.seconds)

    def close(self) -> None:
        """End its processes."""
        self._executor.close()
