"""Where answers run: a trusted worker with the tests, and in a jail the processes of answers."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Hashable
from dataclasses import asdict, dataclass
from typing import Any, Protocol, Self

from sixrounds import content
from sixrounds.errors import SixRoundsError
from sixrounds.grading.jail import Jail, Limits, choose
from sixrounds.grading.outcome import Outcome
from sixrounds.grading.plan import ExercisePlan, Plan
from sixrounds.grading.submission import Answer
from sixrounds.grading.verdict import Call, Status

LIMIT = 10.0  # seconds of computing for one tests cell
LIMITS = Limits()


@dataclass(frozen=True)
class Task:
    """One answer to run against one exercise's tests."""

    exercise: ExercisePlan
    answer: Answer
    trace: bool = False  # run softly for the calls alone: no outcomes
    scripts: tuple[Any, ...] = ()  # ask these probe inputs instead of the tests: no outcomes
    limit: float | None = None  # seconds of computing for one tests cell, if not the executor's

    def plain(self, limit: float) -> dict[str, Any]:
        """The task as the worker reads it, with the usual limit in seconds for each tests cell."""
        return {
            "id": self.exercise.id,
            "stub": self.exercise.stub,
            "answer": self.answer.source,
            "before": list(self.answer.before),
            "needs": list(self.exercise.needs),
            "probes": list(self.exercise.probes),
            "tests": [
                {"grade_id": test.grade_id, "source": test.source, "points": test.points}
                for test in self.exercise.tests
            ],
            "limit": limit if self.limit is None else self.limit,
            "trace": self.trace,
            "scripts": list(self.scripts),
        }


@dataclass(frozen=True)
class Run:
    """What came of a task: one outcome per tests cell, and the calls.

    `whole`: the calls are all that the tests would make, or no more are to be had.
    """

    outcomes: tuple[Outcome, ...]
    trace: tuple[Call, ...]
    whole: bool = True


class Executor(Protocol):
    """Runs the answers of one submission."""

    def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
        """One Run per task, in order; a task that breaks costs no other."""


class WarmProcesses:
    """Two processes per notebook and seed, kept: the setup is paid once (see `worker`).

    Every task still runs in a fork of the untouched processes. Close it, or use it as a context.

    Args:
        jail: where learners' code runs; by default the best that holds on this machine, or none.
        limit: seconds of computing for one tests cell; LIMIT by default.
    """

    def __init__(self, jail: Jail | None = None, limit: float | None = None) -> None:
        self._jail = jail or choose(unsafe=True)
        self._limit = limit
        self._workers: dict[Hashable, Worker] = {}
        self._lock = threading.Lock()

    def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
        """Run tasks in the kept processes of this plan and seed; callers of one take turns.

        Raises:
            SixRoundsError: they ended; the next call gets new ones.
        """
        if not tasks:
            return []
        key = (plan.key, plan.setup, seed)  # whatever part of its exercises is asked for
        with self._lock:
            worker = self._workers.get(key)
            if worker is None:
                worker = self._workers[key] = Worker(plan, seed, self._jail, self._limit)
        try:
            return worker.run(tasks)
        except SixRoundsError:
            with self._lock:
                self._workers.pop(key, None)
            worker.close()
            raise

    def close(self) -> None:
        """End all processes."""
        with self._lock:  # a thread that still runs may be getting or losing one
            workers = list(self._workers.values())
            self._workers.clear()
        for worker in workers:
            worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FreshProcesses:
    """New processes for every submission: slower, and with nothing to close."""

    def __init__(self, jail: Jail | None = None) -> None:
        self._jail = jail

    def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
        """Run tasks one after the other in fresh processes."""
        with WarmProcesses(self._jail) as processes:
            return processes.run(plan, tasks, seed)


class Worker:
    """A running `sixrounds.grading.worker` that has done a lesson's setup."""

    def __init__(self, plan: Plan, seed: bytes, jail: Jail, limit: float | None) -> None:
        self._plan = plan
        self._limit = limit
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
        self._send({"seed": seed.hex(), "setup": list(plan.setup), **shell(jail)})

    def _send(self, content: Any) -> None:
        stdin = self._process.stdin
        with contextlib.suppress(BrokenPipeError):  # told from its missing answer
            if stdin is not None:
                stdin.write(json.dumps(content) + "\n")
                stdin.flush()

    def run(self, tasks: list[Task]) -> list[Run]:
        """Run tasks, one caller at a time.

        Raises:
            SixRoundsError: the processes ended.
        """
        with self._lock:
            limit = LIMIT if self._limit is None else self._limit
            self._send([task.plain(limit) for task in tasks])
            line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            stderr = self._process.stderr.read() if self._process.stderr else ""
            last = (stderr.strip().splitlines() or ["no output"])[-1]
            raise SixRoundsError(
                f"{self._plan.key}: the grading process ended ({last}); run "
                f"`sixrounds prove {self._plan.key}` on an unchanged clone to see whether the "
                "lesson's own setup is at fault"
            )
        raws = json.loads(line)
        return [to_run(task, raw) for task, raw in zip(tasks, raws, strict=True)]

    def close(self) -> None:
        """End the processes and remove their folder."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def shell(jail: Jail) -> dict[str, Any]:
    """How the worker starts the fork server."""
    readable = [content.PACKAGE]
    with contextlib.suppress(SixRoundsError):  # some lessons need no data
        readable.append(content.folder("data"))
    return {
        "shell": jail.command([], readable),
        "environment": jail.environment(),
        "jail": jail.name,
        "limits": asdict(LIMITS),
    }


def environment(folder: str) -> dict[str, str]:
    """What the worker may know of this process: paths to run Python, and nothing of the course."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    # On some machines numpy computes right only with these.
    kept |= {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return kept | threads | {"HOME": folder, "MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1"}


def storable(text: str) -> str:
    """A text without what no encoding has: a lone surrogate would stop a whole gradebook."""
    return text.encode("utf-8", "replace").decode()


def to_run(task: Task, raw: dict[str, Any]) -> Run:
    """The worker's results; a fork that died says it once for all of its tests cells."""
    outcomes = [
        Outcome(Status(status), storable(said), credit) for status, said, credit in raw["outcomes"]
    ]
    if outcomes:
        outcomes += outcomes[-1:] * (len(task.exercise.tests) - len(outcomes))
    trace = tuple(Call(key, result, raised) for key, result, raised in raw.get("trace", []))
    return Run(tuple(outcomes), trace, raw.get("whole", True))
