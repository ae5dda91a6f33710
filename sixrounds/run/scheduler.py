"""Runs many notebooks at once, each in a fresh process, and none that need not run."""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, NoReturn

from tqdm import tqdm

from sixrounds.errors import SixRoundsError
from sixrounds.paths import find_root, lesson_key
from sixrounds.run import cache
from sixrounds.run.cells import is_sampling
from sixrounds.run.environment import write_kernel
from sixrounds.run.model import Job, RunResult
from sixrounds.run.notebooks import read_notebook
from sixrounds.run.process import Worker

TIME_LIMIT = 120.0
POLL_SECONDS = 0.05
SAMPLING_WEIGHT = 2

Listener = Callable[[RunResult], None]


def run_notebooks(
    jobs: Sequence[Job],
    *,
    workers: int = 2,
    progress: bool | Literal["always"] = True,
    root: Path | None = None,
    use_cache: bool = True,
    time_limit: float = TIME_LIMIT,
    on_result: Listener | None = None,
) -> list[RunResult]:
    """Executes notebooks; returns one result per job, in the order of the jobs.

    Args:
        jobs: what to run; no two may share an output.
        workers: how many processes at once. A notebook that samples counts as two.
        progress: a bar on stderr where that is a terminal; "always" shows it elsewhere too.
        root: the project's folder; found from the current folder by default.
        use_cache: False runs every notebook, and still records what it finds.
        time_limit: seconds a notebook may take before it is stopped.
        on_result: called with each result as soon as it is known.

    Raises:
        SixRoundsError: a notebook is missing or unreadable, or an argument is impossible.
    """
    _check(jobs, workers, time_limit)
    run = _Run(root or find_root(), workers, time_limit, on_result or _ignore)
    # None is tqdm's way to say: only where stderr is a terminal.
    hide = {True: None, False: True, "always": False}[progress]
    with (
        ExitStack() as cleanup,
        tqdm(total=len(jobs), desc="notebooks", unit="nb", disable=hide) as bar,
    ):
        temporary = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="sixrounds-")))
        cleanup.callback(run.stop)  # ends the workers before their folders go
        run.execute(jobs, temporary, bar, use_cache=use_cache)
    return [run.results[job] for job in jobs]


def _check(jobs: Sequence[Job], workers: int, time_limit: float) -> None:
    if workers < 1:
        raise SixRoundsError(f"--workers {workers}: must be at least 1")
    if time_limit <= 0:
        raise SixRoundsError(f"time limit {time_limit:g} s: must be positive")
    outputs = [job.output for job in jobs]
    for output in outputs:
        if outputs.count(output) > 1:
            raise SixRoundsError(f"{output}: two notebooks would write it; give each its own")


def _ignore(_result: RunResult) -> None:
    """The listener of somebody who waits for the list."""


class _Run:
    """The state of one call: who waits, who runs, what came out."""

    def __init__(self, root: Path, workers: int, time_limit: float, listener: Listener) -> None:
        self.results: dict[Job, RunResult] = {}
        self._root = root
        self._capacity = workers
        self._time_limit = time_limit
        self._listener = listener
        self._keys: dict[Job, str] = {}
        self._weights: dict[Job, int] = {}
        self._running: list[Worker] = []

    def execute(
        self, jobs: Sequence[Job], temporary: Path, bar: "tqdm[NoReturn]", *, use_cache: bool
    ) -> None:
        """Answers from the cache what it can, and runs the rest, heavy notebooks first."""
        waiting: list[Job] = []
        for job in jobs:
            self._keys[job] = cache.cache_key(job.source, self._root)
            record = cache.read_record(job.output) if use_cache else None
            if record and record.key == self._keys[job]:
                cached = RunResult(job.source, "cached", record.seconds, record.peak_mb, None)
                self._finish(job, cached, bar)
            else:
                sampling = is_sampling(read_notebook(job.source))
                self._weights[job] = min(SAMPLING_WEIGHT if sampling else 1, self._capacity)
                waiting.append(job)
        if waiting:
            write_kernel(temporary / "jupyter")
        waiting.sort(key=lambda job: -self._weights[job])
        while waiting or self._running:
            self._start(waiting, temporary)
            time.sleep(POLL_SECONDS)
            self._collect(bar)

    def stop(self) -> None:
        """Ends every worker still running; none unless the call was interrupted."""
        for worker in self._running:
            worker.kill()

    def _start(self, waiting: list[Job], temporary: Path) -> None:
        """Starts, in order, each waiting job that there is room for."""
        for job in list(waiting):
            load = sum(self._weights[worker.job] for worker in self._running)
            if load + self._weights[job] > self._capacity:
                continue
            waiting.remove(job)
            folder = Path(tempfile.mkdtemp(dir=temporary))
            worker = Worker(job, folder, temporary / "jupyter", one_thread=self._capacity > 1)
            self._running.append(worker)

    def _collect(self, bar: "tqdm[NoReturn]") -> None:
        """Takes in the workers that ended, and ends those that take too long."""
        for worker in list(self._running):
            if worker.running and worker.seconds <= self._time_limit:
                continue
            if worker.running:
                worker.kill()
                result = worker.timed_out(self._time_limit)
            else:
                result = worker.result()
            self._running.remove(worker)
            if result.status == "ok":
                key = self._keys[worker.job]
                record = cache.Record(key, result.seconds, result.peak_mb, result.status)
                cache.write_record(worker.job.output, record)
            self._finish(worker.job, result, bar)

    def _finish(self, job: Job, result: RunResult, bar: "tqdm[NoReturn]") -> None:
        self.results[job] = result
        bar.set_postfix_str(f"{lesson_key(job.source)} {result.seconds:.1f} s", refresh=False)
        bar.update()
        self._listener(result)
