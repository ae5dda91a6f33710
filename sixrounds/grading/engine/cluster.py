"""An engine on an existing Dask cluster.

    sixrounds grade … --scheduler tcp://host:port

Jobs and results cross as plain data; the secret seed crosses in a job's data alone, never in a
key, a name or a log. A plugin keeps each worker's processes and ends them with the worker or with
the run. The scheduler and its workers hold hidden tests and the seed: they need the same trust as
this machine.

A worker that dies loses nothing: the scheduler gives its jobs to others, as often as its setting
`distributed.scheduler.allowed-failures` says, and then names the notebook. A grader that fails
without dying is tried again on another worker, twice.
"""

import contextlib
import hashlib
import queue
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from distributed import (
    CancelledError,
    Client,
    Future,
    KilledWorker,
    Worker,
    WorkerPlugin,
    get_worker,
    wait,
)

from sixrounds.errors import SixRoundsError
from sixrounds.grading.engine.bench import Bench, KeyCabinet, make_executor
from sixrounds.grading.engine.job import Job, Result, failure_of
from sixrounds.grading.engine.local import AHEAD, TRIES
from sixrounds.grading.flat import flat, rebuilt
from sixrounds.grading.owncode import own_code
from sixrounds.grading.plan import Plan
from sixrounds.grading.submission import Submission

CONNECT_SECONDS = 10
PATIENCE = 30  # seconds without a result after which workers are counted
Raw = dict[str, Any]


class Benches(WorkerPlugin):  # type: ignore[misc]  # distributed has no types
    """A worker's processes: one bench for each of its threads that grades."""

    def __init__(self, name: str, unsafe: bool, code: str) -> None:
        self.name = name
        self._unsafe = unsafe
        self._code = code

    def setup(self, worker: Worker) -> None:
        """Called on each worker, also on those that join later.

        Raises:
            SixRoundsError: the worker would grade by other rules than the client, or without a
                jail.
        """
        if version() != self._code:
            raise SixRoundsError(
                f"{worker.address}: has another version of sixrounds than this machine; install "
                "the same one there"
            )
        make_executor(self._unsafe).close()  # says now what is missing, not once a notebook
        self._cabinet = KeyCabinet()
        self._free: queue.SimpleQueue[Bench] = queue.SimpleQueue()
        self._all: list[Bench] = []

    def perform(self, job: Job) -> Result:
        """Grade a notebook with a bench that is free, or a new one."""
        try:
            bench = self._free.get_nowait()
        except queue.Empty:
            bench = Bench(self._cabinet, self._unsafe)
            self._all.append(bench)
        try:
            return bench.perform(job)
        finally:
            self._free.put(bench)

    def teardown(self, worker: Worker) -> None:
        """Called when the run or the worker ends."""
        # Beside the worker's own loop, which must not wait for processes to end.
        threading.Thread(target=self._close, name=f"close {worker.address}").start()

    def _close(self) -> None:
        for bench in self._all:
            with contextlib.suppress(Exception):  # a thread may still be using it
                bench.close()


def carry(plan: Raw) -> Raw:
    """A task of its own for a plan, so that it crosses once and is there again if a worker dies."""
    return plan


def perform(job: Raw, plan: Raw) -> Raw:
    """The task: grades a notebook on a worker.

    It never raises: for an exception the worker would log the task and its data.
    """
    worker = get_worker()
    try:
        benches = worker.plugins[job["plugin"]]
        asked = Job(
            job["number"], rebuilt(Plan, plan), rebuilt(Submission, job["submission"]), job["seed"]
        )
        result = benches.perform(asked)
    except Exception as error:
        result = Result(job["number"], failure=failure_of(error))
    return {"result": flat(result), "worker": worker.address}


class Cluster:
    """Grades on the workers of a Dask scheduler."""

    def __init__(self, address: str, name: str, unsafe: bool = False) -> None:
        self._address = address
        self._name = f"sixrounds-{name}"
        self._plans: dict[str, Future] = {}
        self._jobs: dict[str, tuple[Job, int]] = {}  # by task key: the job, and its tries
        self._sent = 0
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise SixRoundsError(
                f"{address}: no Dask scheduler answers there ({' '.join(str(error).split())}); "
                "start one with `dask scheduler`, and write its address as tcp://host:port"
            ) from None
        try:
            self._client.register_plugin(Benches(self._name, unsafe, version()))
            self._require_workers()
        except ModuleNotFoundError as error:
            self._client.close()
            raise SixRoundsError(
                f"{address}: {error.name} is not installed on its workers; install the same "
                "sixrounds there as here"
            ) from None
        except SixRoundsError:
            self.close()
            raise

    @property
    def workers(self) -> int:
        """The threads of all workers there are now."""
        try:
            return int(sum(self._client.nthreads().values()))
        except OSError:  # distributed's own errors are of this kind
            raise self._gone() from None

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """One result per job, as they finish.

        Raises:
            SixRoundsError: the scheduler is gone.
        """
        source = iter(jobs)
        waiting: set[Future] = set()
        while True:
            room = AHEAD * max(1, self.workers) - len(waiting)
            waiting |= {self._send(job) for job in islice(source, max(0, room))}
            if not waiting:
                return
            for future in self._finished(waiting):
                waiting.remove(future)
                job, tries = self._jobs.pop(future.key)
                result, worker, again = self._receive(future, job)
                if again and tries < TRIES:
                    waiting.add(self._send(job, tries + 1, worker))
                else:
                    yield result

    def _finished(self, waiting: set[Future]) -> list[Future]:
        """Those that ended, as soon as one has."""
        while True:
            try:
                with self._client.as_current():
                    ended = wait(list(waiting), timeout=PATIENCE, return_when="FIRST_COMPLETED")
                return list(ended.done)
            except TimeoutError:  # there may be nobody left to work on them
                self._require_workers()
            except CancelledError:
                raise self._gone() from None

    def close(self) -> None:
        """End the run: the workers end their processes."""
        with contextlib.suppress(Exception):  # a cluster that is gone has nothing to end
            self._client.unregister_worker_plugin(self._name)
        self._client.close()

    def _gone(self) -> SixRoundsError:
        return SixRoundsError(
            f"{self._address}: the scheduler is gone; start it again and run the same command: "
            "what was graded is kept"
        )

    def _require_workers(self) -> None:
        if not self.workers:
            raise SixRoundsError(
                f"{self._address}: the scheduler has no workers; start some with "
                f"`dask worker {self._address}` and run the same command: what was graded is kept"
            )

    def _send(self, job: Job, tries: int = 1, failed_on: str = "") -> Future:
        self._sent += 1
        key = f"{self._name}-{self._sent}"
        self._jobs[key] = job, tries
        raw = {
            "number": job.number,
            "plugin": self._name,
            "submission": flat(job.submission),
            "seed": job.seed,
        }
        elsewhere: dict[str, Any] = {}
        if failed_on:
            others = [one for one in self._client.nthreads() if one != failed_on]
            elsewhere = {"workers": others, "allow_other_workers": True} if others else {}
        return self._client.submit(perform, raw, self._plan(job.plan), key=key, **elsewhere)

    def _plan(self, plan: Plan) -> Future:
        if plan.key not in self._plans:
            key = f"{self._name}-plan-{len(self._plans)}"
            self._plans[plan.key] = self._client.submit(carry, flat(plan), key=key)
        return self._plans[plan.key]

    def _receive(self, future: Future, job: Job) -> tuple[Result, str, bool]:
        """The result, which worker it is from, and whether it is worth another try."""
        try:
            answer = future.result()
        except KilledWorker:
            said = "the grader failed: every worker that tried this notebook died"
            return Result(job.number, failure=said), "", False
        except CancelledError:
            raise self._gone() from None
        except Exception as error:  # of the cluster itself
            return Result(job.number, failure=failure_of(error)), "", True
        result: Result = rebuilt(Result, answer["result"])
        return result, answer["worker"], bool(result.failure)


def version() -> str:
    """Tells whether two machines grade by the same code."""
    return hashlib.sha256(own_code().encode()).hexdigest()
