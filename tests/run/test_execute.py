"""Real executions: one call runs all the kinds of notebook at once, since kernels start slowly."""

import json
import os
import re
import sys
from pathlib import Path

import nbformat
import psutil
import pytest

from sixrounds.errors import SixRoundsError
from sixrounds.run import Job, RunResult, run_notebooks
from sixrounds.run.process import Worker

SEEN = """
import json, os, sys
print(json.dumps({
    "python": sys.executable, "files": os.listdir(), "threads": os.environ.get("OMP_NUM_THREADS"),
    "backend": os.environ.get("MPLBACKEND", ""),
}))
"""


def job(source: Path, *, allow_errors: bool = False) -> Job:
    return Job(source, source.parents[2] / "build" / source.name, allow_errors)


@pytest.fixture
def misleading_kernel(tmp_path_factory, monkeypatch) -> None:
    """A user's own "python3" kernel that is no Python at all, found before the environment's."""
    home = tmp_path_factory.mktemp("home")
    spec = home / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = ["/bin/false", "{connection_file}"]
    spec_text = json.dumps({"argv": argv, "display_name": "wrong", "language": "python"})
    (spec / "kernel.json").write_text(spec_text)
    monkeypatch.setenv("JUPYTER_PATH", str(home))
    monkeypatch.setenv("MPLBACKEND", "Agg")


def test_each_kind_of_notebook_gets_its_verdict(project, write_notebook, misleading_kernel):
    """If this fails, a notebook's outcome is misreported, or a kernel other than ours runs it."""
    stub = ("def f():\n    raise NotImplementedError\n", {"nbgrader": {"grade_id": "f"}})
    jobs = [
        job(write_notebook("good", SEEN, ("1/0", {"tags": ["raises-exception"]}), "x = 1")),
        job(write_notebook("bad", "x = b'x' * 400_000_000", "\n# why\nprint(y)", "z = 2")),
        job(write_notebook("dies", "import os", "os._exit(3)")),
        job(write_notebook("learner_good", stub, "f()", "x = 1"), allow_errors=True),
        job(
            write_notebook("learner_bad", stub, "y = f()", "f()\nprint(z)", "q"), allow_errors=True
        ),
    ]
    heard: list[RunResult] = []
    results = run_notebooks(jobs, root=project, on_result=heard.append)

    assert [result.path for result in results] == [each.source for each in jobs]
    assert sorted(heard, key=str) == sorted(results, key=str)
    good, bad, dies, learner_good, learner_bad = results
    assert good.status == "ok", good.error
    assert good.error is None
    assert 0.3 < good.seconds < 100
    # The first is below the size of the process that starts the kernel, the second above it.
    assert 40 < good.peak_mb < 110
    assert 400 < bad.peak_mb < 520
    assert bad.status == "failed"
    assert bad.error == "cell 2 (`# why`): NameError: name 'y' is not defined"
    assert dies.status == "failed"
    assert dies.error == "cell 2 (`os._exit(3)`): the kernel stopped: Kernel died"
    assert learner_good.status == "ok", learner_good.error
    assert learner_bad.status == "failed"
    assert learner_bad.error == "cell 4 (`q`): NameError: name 'q' is not defined"

    executed = nbformat.read(jobs[0].output, 4)
    assert len(executed.cells) == 3, "papermill's banners must be gone"
    seen = json.loads(executed.cells[0].outputs[0].text)
    assert seen["python"] == sys.executable
    assert seen["files"] == []
    assert seen["threads"] == "1"
    assert "inline" in seen["backend"]
    records = sorted(path.name for path in (project / "build").glob("*.key.json"))
    assert records == ["good.ipynb.key.json", "learner_good.ipynb.key.json"]
    assert run_notebooks(jobs[:1], root=project)[0].status == "cached"


def test_an_endless_notebook_is_stopped(project, write_notebook, monkeypatch):
    """If this fails, one endless loop blocks a run, or its kernel stays behind and eats a core."""
    monkeypatch.setenv("SIXROUNDS_TEST", str(project))
    endless = job(write_notebook("endless", "x = 1", "while True:\n    x += 1"))
    [result] = run_notebooks([endless], root=project, time_limit=5)
    assert result.status == "timeout"
    assert 5 <= result.seconds < 10
    assert result.peak_mb is None
    # On a slow machine the limit may be over before the kernel has started.
    where = r"(cell 2 \(`while True:`\)|before the first cell)"
    assert re.fullmatch(where + ": still running after 5 s; stopped", result.error)
    assert not list((project / "build").glob("*.key.json"))
    assert [process for process in psutil.process_iter() if _belongs_to(process, project)] == []


@pytest.mark.parametrize("left", ["", '{"cells": ['])
def test_an_output_cut_off_by_the_time_limit_is_deleted(project, write_notebook, tmp_path, left):
    """If this fails, a run ends in a traceback, or leaves a file that is no notebook."""
    stopped = job(write_notebook("cut", "x = 1"))
    (tmp_path / "own").mkdir()
    worker = Worker(stopped, tmp_path / "own", tmp_path / "jupyter", one_thread=True)
    worker.kill()
    stopped.output.write_text(left)
    result = worker.timed_out(5)
    assert result.error == "before the first cell: still running after 5 s; stopped"
    assert not stopped.output.exists()


def _belongs_to(process: psutil.Process, folder: Path) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        return process.environ().get("SIXROUNDS_TEST") == str(folder)
    except psutil.Error:
        return False


@pytest.mark.parametrize(
    ("options", "message"),
    [({"workers": 0}, "--workers 0"), ({"time_limit": 0}, "time limit 0")],
)
def test_impossible_arguments_are_refused(project, write_notebook, options, message):
    """If this fails, a typing error on the command line makes a run hang or do nothing."""
    with pytest.raises(SixRoundsError, match=message):
        run_notebooks([job(write_notebook("one", "x = 1"))], root=project, **options)


def test_two_jobs_cannot_share_an_output(project, write_notebook):
    """If this fails, two notebooks overwrite each other's outputs in the book."""
    one = write_notebook("one", "x = 1")
    two = write_notebook("two", "x = 2")
    with pytest.raises(SixRoundsError, match="two notebooks"):
        run_notebooks([Job(one, project / "o.ipynb"), Job(two, project / "o.ipynb")], root=project)


def test_a_broken_file_is_one_clear_line(project, write_notebook):
    """If this fails, a merge conflict in a notebook ends in a traceback from deep inside."""
    path = write_notebook("broken", "x = 1")
    path.write_text("<<<<<<< HEAD", "utf-8")
    with pytest.raises(SixRoundsError, match="not a readable notebook") as caught:
        run_notebooks([job(path)], root=project)
    assert "\n" not in str(caught.value)
