"""Engines of this machine: one worker in the calling thread, or a thread for each worker."""

import contextlib
import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from sixrounds.grading.engine.bench import Bench, KeyCabinet
from sixrounds.grading.engine.job import Job, Result

TRIES = 3
AHEAD = 2  # jobs per worker that are taken before they are needed


def persistently(perform: Callable[[Job], Result], job: Job) -> Result:
    """The result of a job that is tried again if the grader fails, each time with new processes."""
    for _ in range(TRIES):
        result = perform(job)
        if not result.failure:
            break
    return result


class Alone:
    """Grades one notebook after the other, where it is called."""

    workers = 1

    def __init__(self, cabinet: KeyCabinet, unsafe: bool = False) -> None:
        self._bench = Bench(cabinet, unsafe)

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """One result per job, in order."""
        for job in jobs:
            yield persistently(self._bench.perform, job)

    def close(self) -> None:
        """End all that was started."""
        self._bench.close()


class Threads:
    """Grades several notebooks at once; each worker has processes of its own."""

    def __init__(self, cabinet: KeyCabinet, unsafe: bool, workers: int) -> None:
        self.workers = workers
        self._benches = [Bench(cabinet, unsafe) for _ in range(workers)]
        # First in, first out: a job that is tried again goes to another worker if there is one.
        self._free: queue.SimpleQueue[Bench] = queue.SimpleQueue()
        for bench in self._benches:
            self._free.put(bench)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="grading")
        self._closed = False

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """One result per job, as they finish."""
        source = iter(jobs)
        waiting: set[Future[Result]] = set()
        while True:
            wanted = AHEAD * self.workers - len(waiting)
            waiting |= {
                self._pool.submit(persistently, self._perform, job)
                for job in islice(source, wanted)
            }
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()

    def _perform(self, job: Job) -> Result:
        if self._closed:
            return Result(job.number, failure="stopped")
        bench = self._free.get()
        try:
            return bench.perform(job)
        finally:
            self._free.put(bench)

    def close(self) -> None:
        """End all that was started, also in the middle of a run."""
        self._closed = True  # jobs that still wait end at once
        for bench in self._benches:
            with contextlib.suppress(Exception):  # its thread may be closing it, too
                bench.close()
        self._pool.shutdown(wait=True)
        for bench in self._benches:  # and what a thread started in between
            bench.close()
