"""A notebook runs again when, and only when, something it depends on changed."""

import ast
from pathlib import Path

import pytest

from sixrounds.errors import SixRoundsError
from sixrounds.run import Job, Record, RunResult, fresh_record, read_record, run_notebooks
from sixrounds.run.cache import cache_key, record_path, write_record
from sixrounds.run.modules import imported_sources

# Nothing here needs the package or the data at run time: a key is made by reading alone.
NOTEBOOKS = {
    "plain": "x = 1",
    "orders": "name = 'lead_times'",
    "scans": "path = 'scans/rows.csv'",
    "tooled": "def f():\n    from sixrounds import tools",
}


@pytest.fixture
def jobs(project, write_notebook) -> list[Job]:
    sources = [write_notebook(name, code) for name, code in NOTEBOOKS.items()]
    return [Job(path, project / "build" / path.name) for path in sources]


def rerun(jobs: list[Job], project: Path) -> set[str]:
    """Names of the notebooks that were executed."""
    results = run_notebooks(jobs, root=project)
    assert all(result.succeeded for result in results), results
    return {result.path.stem for result in results if result.status == "ok"}


def test_exactly_the_dependants_run_again(jobs, project, company):
    """If this fails, stale outputs reach the book, or one edit costs a run of everything."""
    assert rerun(jobs, project) == set(NOTEBOOKS)
    assert rerun(jobs, project) == set()

    data = project / "data" / "lead_times" / "rows.csv"
    data.write_bytes(data.read_bytes().replace(b"2", b"9"))
    assert rerun(jobs, project) == {"orders"}

    # `tooled` imports `tools`, which inside a function imports `shop.clock`, which imports this.
    (project / "sixrounds" / "shop" / "units.py").write_text("SECOND = 2\n", "utf-8")
    assert rerun(jobs, project) == {"tooled"}


@pytest.mark.parametrize(
    ("changed", "dependants"),
    [
        ("requirements.lock", set(NOTEBOOKS)),
        ("data/scans/rows.csv", {"scans"}),
        ("data/scans/new.csv", {"scans"}),
        ("data/scans/__pycache__/made.pyc", set()),
        ("sixrounds/alone.py", set()),
        ("sixrounds/__init__.py", {"tooled"}),
        ("sixrounds/shop/__init__.py", {"tooled"}),
        ("book/round2_coding/plain.ipynb", {"plain"}),
    ],
)
def test_what_a_key_covers(jobs, project, changed, dependants):
    """If this fails, a kind of dependency is not seen, or too much depends on it."""
    before = {job: cache_key(job.source, project) for job in jobs}
    path = project / changed
    path.parent.mkdir(exist_ok=True)
    text = path.read_text("utf-8") if path.exists() else ""
    path.write_text(text + " ", "utf-8")
    assert {j.source.stem for j in jobs if cache_key(j.source, project) != before[j]} == dependants


@pytest.mark.parametrize(
    "code",
    [
        "import sixrounds.shop.clock",
        "from sixrounds.shop.clock import SOMETHING",
        "import sixrounds\nsixrounds.shop.clock.now()",
        "import sixrounds as sr\nsr.shop.clock.now()",
        "from sixrounds import shop\nshop.clock.now()",
        "import importlib\nimportlib.import_module('sixrounds.shop.clock')",
        "%matplotlib inline\nimport sixrounds.shop.clock\n!ls",
    ],
)
def test_every_way_to_import_is_seen(project, write_notebook, code):
    """If this fails, a notebook that imports in this way keeps outputs of an old module."""
    before = cache_key(write_notebook("one", code), project)
    (project / "sixrounds" / "shop" / "clock.py").write_text("from . import units, x\n", "utf-8")
    assert cache_key(write_notebook("one", code), project) != before


def test_other_packages_are_not_ours(project):
    """If this fails, keys depend on files that only share a name with our modules."""
    code = ast.parse("import sixrounds_tools, shop.clock\nfrom . import shop\nx.sixrounds.tools")
    assert imported_sources([code], project) == []


@pytest.fixture
def done(jobs, project) -> Job:
    """A notebook that has been run, without the time that takes."""
    job = jobs[0]
    job.output.parent.mkdir()
    job.output.write_bytes(job.source.read_bytes())
    write_record(job.output, Record(cache_key(job.source, project), 1.5, 90.0, "ok"))
    return job


def test_what_is_cached_keeps_its_figures(done, project):
    """If this fails, the status page shows times that nobody measured."""
    assert run_notebooks([done], root=project) == [
        RunResult(done.source, "cached", 1.5, 90.0, None)
    ]


def test_only_fresh_outputs_are_used(done, project):
    """If this fails, the book shows outputs of an older notebook, or of none."""
    assert fresh_record(done.source, done.output, project).seconds == 1.5
    with pytest.raises(SixRoundsError, match="no outputs yet; run `sixrounds run`"):
        fresh_record(done.source, project / "elsewhere.ipynb", project)
    done.source.write_text(done.source.read_text("utf-8").replace("x = 1", "x = 2"), "utf-8")
    with pytest.raises(SixRoundsError, match="changed since it ran"):
        fresh_record(done.source, done.output, project)


def test_a_damaged_record_is_no_record(done):
    """If this fails, a run that was cut off breaks every later one."""
    record_path(done.output).write_text('{"key": ', "utf-8")
    assert read_record(done.output) is None
    record_path(done.output).write_text('{"something": "else"}', "utf-8")
    assert read_record(done.output) is None


def test_a_record_without_its_output_is_no_record(done):
    """If this fails, an output deleted by hand is never made again."""
    done.output.unlink()
    assert read_record(done.output) is None
