"""`sixrounds run` from the command line."""

import argparse
import json
import sys

import pytest

from sixrounds.cli import run as command
from sixrounds.errors import SixRoundsError
from sixrounds.run.cache import Record, cache_key, write_record


@pytest.fixture
def sixrounds(project, monkeypatch, capsys):
    """Runs the command in the project; returns its exit code and what it printed."""
    monkeypatch.chdir(project)
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())

    def call(*words: str) -> tuple[int, str]:
        args = parser.parse_args(["run", *words])
        code = args.main(args)
        return code, capsys.readouterr().out

    return call


def test_results_as_json(project, write_notebook, sixrounds):
    """If this fails, a script that reads the results breaks."""
    for name in ("01_streams", "02_windows"):
        source = write_notebook(name, "x = 1")
        output = project / "build" / "runs" / "round2_coding" / source.name
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(source.read_bytes())
        write_record(output, Record(cache_key(source, project), 1.5, 90.0, "ok"))
    code, printed = sixrounds("01_str", "--json")
    assert code == 0
    assert json.loads(printed) == [
        {
            "path": "book/round2_coding/01_streams.ipynb",
            "status": "cached",
            "seconds": 1.5,
            "peak_mb": 90.0,
            "error": None,
        }
    ]
    code, printed = sixrounds()
    assert printed.splitlines()[-1] == "2 notebooks: 2 cached"


def test_a_broken_learner_edition_fails_the_command(project, write_notebook, sixrounds):
    """If this fails, a learner meets an error that is not theirs to fix."""
    stub = {"nbgrader": {"grade_id": "f", "solution": True}}
    source = write_notebook(
        "01_streams",
        "raise SystemError('a lesson cell, not run here')",
        ("def f():\n    raise NotImplementedError", stub),
        "f()",
        ("assert f() == missing", {"nbgrader": {"grade_id": "f_tests", "solution": False}}),
        ("print(missing)", {"tags": ["setup"]}),
    )
    target = project / "notebooks" / "round2_coding" / source.name
    target.parent.mkdir(parents=True)
    source.rename(target)
    code, printed = sixrounds("--learner")
    assert code == 1
    assert "cell 5 (`print(missing)`): NameError: name 'missing' is not defined" in printed
    assert printed.splitlines()[-1] == "1 notebook: 1 failed"


def test_nothing_to_run_names_the_next_command(sixrounds):
    """If this fails, a fresh clone says "0 notebooks" and looks as if all were well."""
    with pytest.raises(SixRoundsError, match="run `sixrounds editions` first"):
        sixrounds()
    with pytest.raises(SixRoundsError, match="notebooks: no notebooks there"):
        sixrounds("--learner")


def test_a_missing_extra_names_what_to_install(sixrounds, monkeypatch):
    """If this fails, a learner without the author's tools gets a traceback."""
    monkeypatch.setitem(sys.modules, "sixrounds.run", None)
    with pytest.raises(SixRoundsError, match=r"pip install 'sixrounds\[author\]'"):
        sixrounds()
