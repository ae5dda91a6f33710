"""Where answers run. The interface is small, so that a jailed executor can take its place."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from typing import Any, Protocol, Self

from sixrounds.errors import SixRoundsError
from sixrounds.grading.outcome import Outcome
from sixrounds.grading.plan import ExercisePlan, Plan
from sixrounds.grading.submission import Answer
from sixrounds.grading.verdict import Call, Status

LIMIT = 10.0  # seconds of computing for one tests cell


@dataclass(frozen=True)
class Task:
    """One answer to run against one exercise's tests."""

    exercise: ExercisePlan
    answer: Answer
    trace: bool = False  # run softly for the calls alone: no outcomes
    scripts: tuple[Any, ...] = ()  # ask these probe inputs instead of the tests: no outcomes

    def plain(self) -> dict[str, Any]:
        """The task as the worker reads it."""
        return {
            "id": self.exercise.id,
            "answer": self.answer.source,
            "before": list(self.answer.before),
            "needs": list(self.exercise.needs),
            "probes": list(self.exercise.probes),
            "tests": [
                {"grade_id": test.grade_id, "source": test.source} for test in self.exercise.tests
            ],
            "limit": LIMIT,
            "trace": self.trace,
            "scripts": list(self.scripts),
        }


@dataclass(frozen=True)
class Run:
    """What came of a task: one outcome per tests cell, and the calls."""

    outcomes: tuple[Outcome, ...]
    trace: tuple[Call, ...]


class Executor(Protocol):
    """Runs the answers of one submission."""

    def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
        """One Run per task, in order; a task that breaks costs no other."""


class FreshProcess:
    """A new Python process per submission: separate, but not a jail.

    It keeps submissions apart and bounds their time. It does not stop code that means harm: the
    answer and its tests share a process.
    """

    def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
        """Run tasks one after the other in a fresh process."""
        if not tasks:
            return []
        with Worker(plan, seed) as worker:
            return worker.run(tasks)


class WarmProcesses:
    """One process per notebook and seed, kept: the setup's imports are paid once.

    Every task still runs in a fork of the untouched process. Close it, or use it as a context.
    """

    def __init__(self) -> None:
        self._workers: dict[tuple[Plan, bytes], Worker] = {}
        self._lock = threading.Lock()

    def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
        """Run tasks in the kept process of this plan and seed; callers of one take turns."""
        if not tasks:
            return []
        with self._lock:
            worker = self._workers.get((plan, seed))
            if worker is None:
                worker = self._workers[plan, seed] = Worker(plan, seed)
        try:
            return worker.run(tasks)
        except SixRoundsError:
            # An answer can end its parent; the next submission gets a new one.
            with self._lock:
                self._workers.pop((plan, seed), None)
            worker.close()
            raise

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Worker:
    """A running `sixrounds.grading.worker` that has done a lesson's setup."""

    def __init__(self, plan: Plan, seed: bytes) -> None:
        self._plan = plan
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="sixrounds-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sixrounds.grading.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self._folder.name,
            env=environment(self._folder.name),
        )
        self._send({"seed": seed.hex(), "setup": list(plan.setup)})

    def _send(self, content: Any) -> None:
        stdin = self._process.stdin
        with contextlib.suppress(BrokenPipeError):  # told from its missing answer
            if stdin is not None:
                stdin.write(json.dumps(content) + "\n")
                stdin.flush()

    def run(self, tasks: list[Task]) -> list[Run]:
        """Run tasks, one caller at a time.

        Raises:
            SixRoundsError: the process ended, which only the lesson's own setup can cause.
        """
        with self._lock:
            self._send([task.plain() for task in tasks])
            line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            stderr = self._process.stderr.read() if self._process.stderr else ""
            last = (stderr.strip().splitlines() or ["no output"])[-1]
            raise SixRoundsError(
                f"{self._plan.key}: the grading process failed in the lesson's own setup cells "
                f"({last}); run `sixrounds prove {self._plan.key}` on an unchanged clone"
            )
        raws = json.loads(line)
        return [to_run(task, raw) for task, raw in zip(tasks, raws, strict=True)]

    def close(self) -> None:
        """End the process and remove its folder."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def environment(folder: str) -> dict[str, str]:
    """What the process may know of this one: paths to run Python, and nothing of the course."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    # On some machines numpy computes right only with these.
    kept |= {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return kept | threads | {"HOME": folder, "MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1"}


def to_run(task: Task, raw: dict[str, Any]) -> Run:
    """The worker's results; a fork that died says it once for all of its tests cells."""
    outcomes = [Outcome(Status(status), message) for status, message in raw["outcomes"]]
    if outcomes:
        outcomes += outcomes[-1:] * (len(task.exercise.tests) - len(outcomes))
    trace = tuple(Call(key, result, raised) for key, result, raised in raw.get("trace", []))
    return Run(tuple(outcomes), trace)
