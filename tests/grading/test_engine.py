"""Engines give the same results, one at a time, several at once, and when a worker fails."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from handing_in import CHAPTER, Heard, put

from sixrounds.errors import SixRoundsError
from sixrounds.grading import notes
from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course
from sixrounds.grading.engine import How, Job, Result, bench, engine
from sixrounds.grading.engine.local import TRIES
from sixrounds.grading.executor import WarmProcesses
from sixrounds.grading.flat import flat, rebuilt
from sixrounds.grading.plan import Plan, plan
from sixrounds.grading.submission import Submission, read_text
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.source import Lesson

SEED = b"a seed of these tests"


@pytest.fixture(scope="module")
def jobs(lessons: dict[str, Lesson], six: dict[str, dict[str, str]]) -> list[Job]:
    """The six students' notebooks."""
    return [
        Job(number, plan(lessons[topic]), read_text(text, plan(lessons[topic])), SEED)
        for number, (topic, text) in enumerate(
            (topic, notebooks[topic]) for topic in lessons for notebooks in six.values()
        )
    ]


@pytest.fixture(scope="module")
def one_by_one(jobs: list[Job], tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    """What grading one after the other says."""
    folder = tmp_path_factory.mktemp("keys")
    with closing(engine(How(workers=0, unsafe=True), folder, "x")) as made:
        return list(made.run(jobs))


def test_each_job_has_its_own_result(jobs: list[Job], one_by_one: list[Result]) -> None:
    """Broken: a student would get the points of another."""
    assert [result.number for result in one_by_one] == [job.number for job in jobs]
    scores = [sum(verdict.score for verdict in result.verdicts) for result in one_by_one]
    assert scores == [4, 0, 0, 0, 0, 4, 5, 2, 0, 0, 0, 0]
    assert not [result.failure for result in one_by_one if result.failure]
    assert one_by_one[0].seconds["order_quantity"] > 0
    assert all(not verdict.trace for result in one_by_one for verdict in result.verdicts)


def test_several_workers_say_the_same(
    jobs: list[Job], one_by_one: list[Result], tmp_path: Path
) -> None:
    """Broken: points would depend on how many workers graded a class, or get mixed up."""
    with closing(engine(How(workers=3, unsafe=True), tmp_path / "keys", "x")) as made:
        results = sorted(made.run(jobs), key=lambda one: one.number)
    assert [one.verdicts for one in results] == [one.verdicts for one in one_by_one]


def test_jobs_are_taken_only_as_needed(jobs: list[Job], tmp_path: Path) -> None:
    """Broken: a class of thousands would be read into memory before the first is graded."""
    taken = []

    def stream() -> Iterator[Job]:
        for job in jobs:
            taken.append(job.number)
            yield job

    with closing(engine(How(workers=2, unsafe=True), tmp_path / "keys", "x")) as made:
        next(iter(made.run(stream())))
        assert len(taken) < len(jobs)


class Failing(WarmProcesses):
    """Fails for an answer that says so, as an executor whose processes died."""

    times = 99
    calls = 0

    def run(self, plan: Plan, tasks: list[Any], seed: bytes) -> list[Any]:
        """As the real one, but for that answer."""
        if tasks and "POISON" in tasks[0].answer.source:
            Failing.calls += 1
            if Failing.calls <= Failing.times:
                raise SixRoundsError("the grading process ended")
        return super().run(plan, tasks, seed)


@pytest.fixture
def poisoned(
    monkeypatch: pytest.MonkeyPatch, lessons: dict[str, Lesson], filled: Any
) -> dict[str, str]:
    """Answers of two students, one of which kills the executor it runs in."""
    monkeypatch.setattr(bench, "make_executor", lambda unsafe: Failing())
    monkeypatch.setattr(Failing, "calls", 0)
    right = lessons["01_tiny"].exercise("shelved").reference
    return {
        "a_bad": filled("01_tiny", {"shelved": f"# POISON\n{right}"}),
        "b_good": filled("01_tiny", {"shelved": right}),
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_is_tried_again_and_then_named(
    course: Course, poisoned: Mapping[str, str], workers: int
) -> None:
    """Broken: a submission that kills its worker would be tried for ever, or stop the class."""
    for student, text in poisoned.items():
        put(course.folder, student, "01_tiny", text)
    heard = Heard()
    rows = grade_course(course, CHAPTER, how=How(workers=workers, unsafe=True), show=heard)
    found = {(row["student"], row["exercise"]): row for row in rows}
    assert Failing.calls == TRIES == 3
    assert found["a_bad", "shelved"]["status"] == "error"
    assert "the grading process ended" in found["a_bad", "shelved"]["message"]
    assert found["b_good", "shelved"]["score"] == 5
    assert [line for line in heard.lines if line.startswith("failed a_bad 01_tiny the grader")]
    # Nothing is noted of it: the same command tries it again.
    assert notes.load(course.own / "graded" / CHAPTER / "01_tiny" / "a_bad.json") is None


def test_a_failure_that_passes_costs_nothing(
    course: Course, poisoned: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: a machine that was short of memory for a moment would cost a student points."""
    monkeypatch.setattr(Failing, "times", 2)
    put(course.folder, "a_bad", "01_tiny", poisoned["a_bad"])
    rows = grade_course(course, CHAPTER, how=How(workers=2, unsafe=True))
    assert {row["exercise"]: row["score"] for row in rows}["shelved"] == 5


def test_closing_ends_a_run_in_the_middle(
    lessons: dict[str, Lesson], filled: Any, tmp_path: Path
) -> None:
    """Broken: Ctrl-C would leave processes behind that compute on, or wait for them to end."""
    recipe = plan(lessons["01_tiny"])
    slow = "import time\ndef shelved(deliveries, space):\n    time.sleep(60)"
    text = filled("01_tiny", {"shelved": slow})
    jobs = [Job(number, recipe, read_text(text, recipe), SEED) for number in range(4)]
    made = engine(How(workers=2, unsafe=True), tmp_path / "keys", "x")
    run = threading.Thread(target=lambda: list(made.run(jobs)), daemon=True)
    run.start()
    while not grading_children():
        run.join(0.05)
    made.close()
    run.join(20)
    assert not run.is_alive()
    assert not grading_children()


def grading_children() -> list[int]:
    """This process's children that grade."""
    import psutil

    return [
        child.pid
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE
        and any("sixrounds.grading" in word for word in child.cmdline())
    ]


def test_a_key_is_made_once(
    jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: every worker would spend its first seconds on the same answer key."""
    made: list[str] = []
    real = bench.Keys._make

    def count(self: Any, recipe: Plan, exercise: Any, seed: bytes) -> Any:
        made.append(exercise.id)
        return real(self, recipe, exercise, seed)

    monkeypatch.setattr(bench.Keys, "_make", count)
    wrong = [job for job in jobs if job.number in (1, 7)]
    many = [replace(job, number=number) for number, job in enumerate(wrong * 3)]
    with closing(engine(How(workers=3, unsafe=True), tmp_path / "keys", "x")) as engine_of_three:
        assert all(any(v.hint for v in one.verdicts) for one in engine_of_three.run(many))
    assert sorted(made) == ["order_quantity", "shelved"]


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        (How(workers=-1), "--workers -1: must be 0 or more"),
        (How(workers=2, scheduler="tcp://x:1"), "leave one of them out"),
    ],
)
def test_an_impossible_choice_is_one_line(how: How, wanted: str, tmp_path: Path) -> None:
    """Broken: a typo in an option would end in a traceback."""
    with pytest.raises(SixRoundsError) as caught:
        engine(how, tmp_path, "x")
    assert wanted in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("workers", [0, 2])
def test_without_a_jail_it_refuses(
    tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: a class would be graded unprotected without anybody having said so."""

    def choose(*, unsafe: bool) -> Any:
        if not unsafe:
            raise SixRoundsError("no jail works here")
        return None

    monkeypatch.setattr(bench, "choose", choose)
    with pytest.raises(SixRoundsError, match="no jail works here"):
        engine(How(workers=workers), tmp_path, "x")
    engine(How(workers=workers, unsafe=True), tmp_path, "x").close()


def test_the_default_is_a_worker_per_core(tmp_path: Path) -> None:
    """Broken: half of an instructor's machine would stand idle."""
    with closing(engine(How(unsafe=True), tmp_path, "x")) as made:
        assert made.workers == len(os.sched_getaffinity(0))


def test_plain_data_is_all_that_crosses(lessons: dict[str, Lesson], jobs: list[Job]) -> None:
    """Broken: a plan or a submission would come out of a cluster's wire as another one."""
    for value in (jobs[0].plan, jobs[1].submission):
        assert rebuilt(type(value), flat(value)) == value
        assert set(kinds(flat(value))) <= {dict, list, str, int, float, bytes, bool, type(None)}
    verdict = Verdict("a", Status.PARTIAL, 1.5, 2, "m", "h", cells=(("test-a", 1.5, 2.0),))
    assert rebuilt(Verdict, flat(verdict)) == verdict
    with pytest.raises(KeyError):
        rebuilt(Submission, {"name": "x", "more": 1})


def kinds(value: Any) -> Iterator[type]:
    """The types of everything in a value."""
    yield type(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from kinds(item)


def test_the_seed_is_not_in_what_is_printed_of_a_job(jobs: list[Job]) -> None:
    """Broken: a traceback or a log that shows a job would give the seed away."""
    assert "a seed of these tests" not in repr(jobs[0])
    assert "01_tiny" in repr(jobs[-1])
