"""Who runs beside whom, with workers that do nothing."""

import pytest
from idle import IdleWorker

from sixrounds.run import Job, RunResult, run_notebooks

CODES = {"a": "x = 1", "sampler": "import pymc", "b": "x = 2", "c": "x = 3"}


def run(project, write_notebook, **options) -> list[RunResult]:
    sources = [write_notebook(name, code) for name, code in CODES.items()]
    jobs = [Job(path, project / "build" / path.name) for path in sources]
    return run_notebooks(jobs, root=project, **options)


def test_a_sampler_has_both_workers_to_itself(project, write_notebook, company):
    """If this fails, two samplers share two cores and run into the time limit."""
    results = run(project, write_notebook, workers=2)
    assert [result.path.stem for result in results] == list(CODES)
    assert company[0] == {"sampler"}, "the longest come first, so that none is alone at the end"
    assert all(len(together) == 1 for together in company if "sampler" in together)
    assert max(map(len, company)) == 2


def test_three_workers_run_a_sampler_and_one_more(project, write_notebook, company):
    """If this fails, cores stand idle beside a sampler."""
    run(project, write_notebook, workers=3)
    assert max(len(together) for together in company if "sampler" in together) == 2


def test_one_worker_still_runs_a_sampler(project, write_notebook, company):
    """If this fails, `--workers 1` waits for ever."""
    assert len(run(project, write_notebook, workers=1)) == 4
    assert max(map(len, company)) == 1


def test_an_interrupted_run_leaves_no_worker(project, write_notebook, company):
    """If this fails, Ctrl-C leaves kernels behind that eat the machine."""

    def interrupt(_result: RunResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(project, write_notebook, on_result=interrupt)
    assert IdleWorker.present == set()


def test_no_cache_runs_everything_again(project, write_notebook, company):
    """If this fails, `--no-cache` trusts the cache."""
    run(project, write_notebook)
    assert {result.status for result in run(project, write_notebook)} == {"cached"}
    assert {result.status for result in run(project, write_notebook, use_cache=False)} == {"ok"}
