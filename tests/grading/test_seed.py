"""A course's secret seed stays in its file and in the processes that hold hidden tests.

Searched for as it is, as hex, base64 and Python text, and as the number that a generator is seeded
with. What an answer can see of it from inside is tested with the jail.
"""

import argparse
import base64
import io
import json
import traceback
from collections.abc import Callable, Iterator
from contextlib import chdir, closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import psutil
import pytest
from handing_in import CHAPTER, Heard, put

from sixrounds import testing
from sixrounds.cli import export, grade
from sixrounds.errors import SixRoundsError
from sixrounds.grading import course as courses
from sixrounds.grading.choice import find_works
from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course, init
from sixrounds.grading.engine import How, Job
from sixrounds.grading.executor import WarmProcesses
from sixrounds.grading.work import take

# Not random, so that a form of it is found even where bytes are shown as text.
SEED = b"\x01\xfeSEED-of-this-course-kept-0\x7f\n9z"
assert len(SEED) == courses.SEED_BYTES


def forms() -> dict[str, bytes]:
    """What the seed could look like elsewhere."""
    numbers = [
        testing.derive(SEED, name) for name in ("order_quantity", "shelved", "why_limit", "")
    ]
    found = {
        "raw": SEED,
        "readable part": b"SEED-of-this-course",
        "hex": SEED.hex().encode(),
        "HEX": SEED.hex().upper().encode(),
        "base64": base64.b64encode(SEED)[:-4],
        "url base64": base64.urlsafe_b64encode(SEED)[:-4],
        "repr": repr(SEED)[2:-1].encode(),
        "json": json.dumps(SEED.decode("latin-1"))[1:-1].encode(),
        "list": str(list(SEED))[1:-1].encode(),
    }
    for place, number in enumerate(numbers):
        found[f"number {place}"] = str(number).encode()
        found[f"number {place} in hex"] = f"{number:x}".encode()
    return found


def leaks(content: bytes) -> list[str]:
    """The forms in which the seed is in a text."""
    return [name for name, form in forms().items() if form in content]


@pytest.mark.parametrize("name", forms())
def test_the_search_finds_what_it_is_for(name: str) -> None:
    """Broken: the tests below could not fail."""
    assert name in leaks(b"log: " + forms()[name] + b" end")
    assert leaks(b"seed of the course, sixrounds.testing.rng('shelved')") == []


@pytest.fixture
def secret(clone: Path, tmp_path: Path, six: Any, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A class whose secret seed these tests know."""
    real = courses.secrets.token_bytes

    def draw(size: int) -> bytes:
        return SEED if size == courses.SEED_BYTES else real(size)  # not for names

    with monkeypatch.context() as patched, chdir(clone):
        patched.setattr(courses.secrets, "token_bytes", draw)
        init(tmp_path / "class")
    course = Course.load(tmp_path / "class")
    assert (course.own / "seed").read_bytes() == SEED
    for student, notebooks in six.items():
        for topic, text in notebooks.items():
            put(course.folder, student, topic, text)
    return course


def files(course: Course) -> Iterator[tuple[str, bytes]]:
    """All of a course but the seed's own file."""
    for path in course.folder.rglob("*"):
        if path.is_file() and path != course.own / "seed":
            yield str(path.relative_to(course.folder)), path.read_bytes()


def seen_of_processes() -> bytes:
    """The arguments and environment of this process and of all below it, by /proc."""
    found = b""
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        for name in ("cmdline", "environ"):
            try:
                found += Path(f"/proc/{process.pid}/{name}").read_bytes()
            except OSError:  # it ended, or hides
                continue
    return found


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was to be seen of processes each time an answer had been run."""
    seen: list[bytes] = []
    real = WarmProcesses.run

    def run(self: Any, *args: Any) -> Any:
        try:
            return real(self, *args)
        finally:
            seen.append(seen_of_processes())

    monkeypatch.setattr(WarmProcesses, "run", run)
    return seen


def test_no_argument_variable_or_file_has_it(
    secret: Course, looked: list[bytes], tmp_path: Path
) -> None:
    """Broken: `ps`, a backup of feedback/, a shared gradebook or a log would give it away."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        command(grade, "grade", CHAPTER, "--course", str(secret.folder), "--times")
        command(grade, "grade", CHAPTER, "--course", str(secret.folder), "--plan", "--regrade")
        words = ("--csv", str(secret.folder / "a.csv"), "--json", str(secret.folder / "a.json"))
        command(export, "export", CHAPTER, "--course", str(secret.folder), *words)
        command(export, "export", CHAPTER, "--course", str(secret.folder))
    assert len(looked) >= 6 and b"sixrounds.grading" in looked[0]
    assert leaks(b"".join(looked)) == []
    assert "2/5" in out.getvalue() and "graded partly 01_tiny" in err.getvalue()
    assert leaks((out.getvalue() + err.getvalue()).encode()) == []
    names = {name for name, content in files(secret)}
    for part in (
        "gradebook.db",
        "feedback/",
        "autograded/",
        ".sixrounds/graded/",
        ".sixrounds/keys/",
    ):
        assert any(name.startswith(part) for name in names), part
    assert any(name.startswith(".sixrounds/keys/") for name in names)
    assert {"a.csv", "a.json", ".sixrounds/course.json"} <= names
    assert {name: leaks(content) for name, content in files(secret) if leaks(content)} == {}


def command(module: Any, *words: str) -> None:
    """Run a command."""
    parser = argparse.ArgumentParser()
    module.add_parser(parser.add_subparsers())
    args = parser.parse_args(words)
    assert args.main(args) == 0


@pytest.mark.parametrize("where", ["executor", "gradebook", "seed"])
def test_no_traceback_or_message_has_it(
    secret: Course, where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Broken: an error report that an instructor mails around would hold the seed."""
    heard = Heard()
    said = ""

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no luck")

    if where == "executor":
        monkeypatch.setattr(WarmProcesses, "run", fail)
    elif where == "gradebook":
        monkeypatch.setattr("sixrounds.grading.cohort.write_products", fail)
    else:
        (secret.own / "seed").write_bytes(SEED[::-1])
    try:
        rows = grade_course(secret, CHAPTER, how=How(workers=2, unsafe=True), show=heard)
        said = json.dumps(rows)
        assert "the grader failed: RuntimeError: no luck" in said
    except SixRoundsError:
        assert where == "seed"
        said = traceback.format_exc()
    assert leaks((said + caplog.text + "\n".join(heard.lines)).encode()) == []
    assert {name for name, content in files(secret) if leaks(content)} == set()


def test_a_job_that_is_printed_hides_it(secret: Course) -> None:
    """Broken: a tool that prints the variables of a traceback would show a job's seed."""
    work = find_works(secret, CHAPTER)[0]
    job = Job(0, work.plan, take(work)[0], SEED)
    assert leaks(repr(job).encode()) == []


def test_a_cluster_sees_it_in_the_data_of_jobs_alone(
    secret: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: a dashboard that lists keys, or the log of a worker, would give it away."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    from test_cluster import Dask

    from sixrounds.grading.engine import cluster

    sent: list[tuple[Any, dict[str, Any]]] = []
    with closing(Dask(tmp_path, workers=1)) as dask:
        real: Callable[..., Any] = cluster.Client.submit

        def submit(self: Any, *args: Any, **options: Any) -> Any:
            sent.append((args, options))
            return real(self, *args, **options)

        monkeypatch.setattr(cluster.Client, "submit", submit)
        grade_course(secret, CHAPTER, how=How(scheduler=dask.address, unsafe=True))
        processes = seen_of_processes()
        logs = dask.logs()
    jobs = [args[1] for args, _ in sent if args[0] is cluster.perform]
    assert len(jobs) == 12 and all(job.pop("seed") == SEED for job in jobs)
    rest = repr([(args, options) for args, options in sent]).encode()
    assert leaks(rest) == []
    assert "Starting Worker plugin sixrounds-" in logs and leaks(logs.encode()) == []
    assert leaks(processes) == []
    assert {name for name, content in files(secret) if leaks(content)} == set()
