"""A Dask cluster grades as this machine does, loses nothing, and learns no more than it must."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from handing_in import CHAPTER, Heard, put

from sixrounds.errors import SixRoundsError
from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course
from sixrounds.grading.engine import How, Job, engine
from sixrounds.grading.engine.cluster import Benches, Cluster, perform, version
from sixrounds.grading.engine.local import TRIES
from sixrounds.grading.plan import plan
from sixrounds.grading.submission import read_text
from sixrounds.source import Lesson

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
SEED = bytes(range(100, 132))


class Dask:
    """A scheduler and workers of this test run, in processes of their own."""

    def __init__(self, folder: Path, workers: int = 0, **settings: str) -> None:
        self._folder = folder
        self._count = 0
        # Tests submit functions of this module, too.
        self._variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), **settings}
        self.processes: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        self._start(
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(file),
        )
        while not file.is_file() or not file.read_text().rstrip().endswith("}"):  # whole
            time.sleep(0.05)
        self.address = json.loads(file.read_text())["address"]
        for _ in range(workers):
            self.add_worker()
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60) if workers else None

    def add_worker(self) -> subprocess.Popen[bytes]:
        """One more worker with one thread; without a nanny, so that its death is a death."""
        return self._start(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"
        )

    def _start(self, kind: str, *words: str) -> subprocess.Popen[bytes]:
        self._count += 1
        log = self._folder / f"{self._count}-{kind}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_" + kind, *words],
                stdout=stream,
                stderr=stream,
                cwd=self._folder,
                env=self._variables,
            )
        self.processes.append(process)
        return process

    def logs(self) -> str:
        """All that scheduler and workers wrote."""
        return "".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def close(self) -> None:
        """End them."""
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A cluster with two workers."""
    with closing(Dask(tmp_path_factory.mktemp("dask"), workers=2)) as cluster:
        yield cluster


def test_a_cluster_grades_as_this_machine_does(
    dask: Dask, class_of_six: Course, graded: tuple[Path, Any]
) -> None:
    """Broken: points would depend on where a class is graded."""
    heard = Heard()
    how = How(scheduler=dask.address, unsafe=True)
    rows = grade_course(class_of_six, CHAPTER, regrade=True, how=how, show=heard)
    assert rows == graded[1]
    assert heard.steps == heard.total == 12


def jobs(lessons: dict[str, Lesson], filled: Any, count: int, wait: float = 0.0) -> list[Job]:
    """The same right answer many times, each of which takes its time."""
    recipe = plan(lessons["01_tiny"])
    reference = lessons["01_tiny"].exercise("shelved").reference
    text = filled("01_tiny", {"shelved": f"import time\ntime.sleep({wait})\n{reference}"})
    submission = read_text(text, recipe)
    return [Job(number, recipe, submission, SEED) for number in range(count)]


def test_a_worker_that_dies_loses_nothing(
    dask: Dask, lessons: dict[str, Lesson], filled: Any
) -> None:
    """Broken: a machine that is switched off would take the submissions it had along."""
    victim = dask.add_worker()
    with closing(engine(How(scheduler=dask.address, unsafe=True), Path("unused"), "x")) as made:
        while made.workers < 3:
            time.sleep(0.05)
        results = []
        for result in made.run(jobs(lessons, filled, 24, 0.05)):
            results.append(result)
            if len(results) == 4:
                victim.kill()
    assert sorted(result.number for result in results) == list(range(24))
    assert {sum(verdict.score for verdict in result.verdicts) for result in results} == {5}
    assert victim.wait() != 0


def test_what_kills_every_worker_costs_one_notebook(
    lessons: dict[str, Lesson], filled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: one submission that kills workers would end the grading of a class."""
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with (
        closing(Dask(tmp_path, workers=2, **once)) as cluster,
        closing(Cluster(cluster.address, "x", unsafe=True)) as made,
    ):
        real = made._client.submit

        def submit(function: Any, raw: Any, *rest: Any, **options: Any) -> Any:
            kills = function is perform and raw["number"] == 1
            return real(die if kills else function, raw, *rest, **options)

        monkeypatch.setattr(made._client, "submit", submit)
        first, deadly, last = jobs(lessons, filled, 3)
        results = [found for job in (first, deadly, last) for found in made.run([job])]
    assert "every worker that tried this notebook died" in results[1].failure
    assert [sum(verdict.score for verdict in results[n].verdicts) for n in (0, 2)] == [5, 5]


def test_a_failure_is_tried_on_other_workers_and_logs_no_seed(
    dask: Dask, lessons: dict[str, Lesson], filled: Any
) -> None:
    """Broken: a worker that fails would write its task with the seed into its log."""
    broken = [
        replace(job, plan=replace(job.plan, setup=("raise RuntimeError('no luck')",)))
        for job in jobs(lessons, filled, 1)
    ]
    with closing(Cluster(dask.address, "x", unsafe=True)) as made:
        found = list(made.run(broken))
        assert made._sent == TRIES == 3
    assert "the grader failed: SixRoundsError" in found[0].failure
    for secret in (repr(SEED), repr(SEED)[2:40], SEED.hex()):
        assert secret not in dask.logs() + found[0].failure


def die(*_: Any) -> None:
    """Runs on a worker."""
    os._exit(1)


def test_a_cluster_that_goes_away_is_one_line(
    lessons: dict[str, Lesson], filled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: grading would wait for ever for workers or a scheduler that will not come back."""
    monkeypatch.setattr("sixrounds.grading.engine.cluster.PATIENCE", 1)
    slow = jobs(lessons, filled, 12, 1.0)
    with (
        closing(Dask(tmp_path, workers=1)) as cluster,
        closing(Cluster(cluster.address, "x", unsafe=True)) as made,
    ):
        run = made.run(slow)
        next(run)
        cluster.processes[1].kill()
        with pytest.raises(SixRoundsError, match="the scheduler has no workers") as caught:
            list(run)
        assert "\n" not in str(caught.value)
        run = made.run(slow)
        cluster.processes[0].kill()
        with pytest.raises(SixRoundsError, match="the scheduler is gone") as caught:
            list(run)
        assert "\n" not in str(caught.value)


def test_nothing_is_left_on_the_workers(
    dask: Dask, lessons: dict[str, Lesson], filled: Any
) -> None:
    """Broken: every run would leave processes with hidden tests on the cluster."""
    import psutil

    workers = [psutil.Process(one.pid) for one in dask.processes[1:3]]
    with closing(Cluster(dask.address, "x", unsafe=True)) as made:
        assert len(list(made.run(jobs(lessons, filled, 4)))) == 4
        assert any(worker.children(recursive=True) for worker in workers)
    end = time.monotonic() + 20
    while any(worker.children(recursive=True) for worker in workers):
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def watched(dask: Dask) -> Iterator[list[str]]:
    """All task keys that the scheduler sees meanwhile."""
    seen: list[str] = []
    stop = threading.Event()
    with distributed.Client(dask.address, set_as_default=False) as client:

        def watch() -> None:
            while not stop.wait(0.01):
                seen.extend(client.run_on_scheduler(keys_of))

        thread = threading.Thread(target=watch)
        thread.start()
        yield seen
        stop.set()
        thread.join()


def keys_of(dask_scheduler: Any) -> list[str]:
    """Runs on the scheduler."""
    return [str(key) for key in dask_scheduler.tasks]


def test_neither_keys_nor_logs_say_more_than_numbers(
    dask: Dask, course: Course, six: dict[str, dict[str, str]], watched: list[str]
) -> None:
    """Broken: who sees a cluster's dashboard or logs could read the seed, or who is graded."""
    for name in ("ada_lovelace", "bob"):
        put(course.folder, name, "01_tiny", six["right"]["01_tiny"])
    grade_course(course, CHAPTER, how=How(scheduler=dask.address, unsafe=True))
    seed = (course.own / "seed").read_bytes()
    assert [key for key in watched if key.startswith("sixrounds-")]
    for text in ("".join(watched), dask.logs()):
        assert "ada_lovelace" not in text and "shelved" not in text
        assert seed.hex() not in text and repr(seed) not in text


def test_a_worker_with_another_version_is_refused(
    dask: Dask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: half a class would be graded by the rules of an older release."""
    monkeypatch.setattr("sixrounds.grading.engine.cluster.version", lambda: "another")
    with pytest.raises(SixRoundsError, match="has another version of sixrounds"):
        Cluster(dask.address, "x")


def test_a_worker_without_a_jail_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken: each notebook would fail by itself, three times, instead of one clear line."""

    def refuse(unsafe: bool) -> None:
        raise SixRoundsError(f"no jail works here, unsafe is {unsafe}")

    monkeypatch.setattr("sixrounds.grading.engine.cluster.make_executor", refuse)
    with pytest.raises(SixRoundsError, match="no jail works here, unsafe is False"):
        Benches("x", unsafe=False, code=version()).setup(None)


def test_a_scheduler_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken: a mistyped address would end in a traceback, or wait for ever."""
    monkeypatch.setattr("sixrounds.grading.engine.cluster.CONNECT_SECONDS", 1)
    for address in ("tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1"):
        with pytest.raises(SixRoundsError) as caught:
            Cluster(address, "x")
        assert "\n" not in str(caught.value)
        assert "no Dask scheduler answers there" in str(caught.value)


def test_a_scheduler_without_workers_is_one_line(tmp_path: Path) -> None:
    """Broken: grading would wait for ever for workers that nobody started."""
    wanted = "has no workers; start some with `dask worker"
    with closing(Dask(tmp_path)) as cluster, pytest.raises(SixRoundsError, match=wanted):
        Cluster(cluster.address, "x")
