"""The table of stages: failures are seen, time is seen, and what passed is not repeated."""

import os
import subprocess
from pathlib import Path

import pytest

from sixrounds import stages
from sixrounds.errors import SixRoundsError
from sixrounds.stages import Result, Stage


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository with one file."""
    monkeypatch.delenv("CI", raising=False)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "a.txt").write_text("one")
    return tmp_path


def stage(code: str) -> Stage:
    """A stage that runs a line of Python."""
    return Stage("example", 1, ("python", "-c", code))


def test_stage_that_fails(clone: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """CI would be green with a failing stage."""
    result = stages.run(clone, stage("print('what it said'); raise SystemExit(3)"))
    assert result.status == "FAILED"
    assert result.failed
    assert "what it said" in (clone / "build/logs/example.log").read_text()


def test_nothing_unchanged_is_run_again(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make test` would take minutes to say what it said before, or skip what changed."""
    count = stage("open('build/count', 'a').write('x')")
    (clone / "build").mkdir()
    assert [stages.run(clone, count).status for _ in range(2)] == ["passed", "unchanged"]
    (clone / "b.txt").write_text("new, not yet committed")
    assert stages.run(clone, count).status == "passed"
    (clone / "a.txt").write_text("two")
    assert stages.run(clone, count).status == "passed"
    monkeypatch.setenv("CI", "true")
    assert stages.run(clone, count).status == "passed"
    assert (clone / "build/count").read_text() == "xxxx"


def test_what_a_program_was_missing_for_is_run_again(
    clone: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that were skipped without a browser would stay skipped when there is one."""
    needs = Stage("example", 1, ("python", "-c", ""), ("browser-of-this-test",))
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    assert [stages.run(clone, needs).status for _ in range(2)] == ["passed", "unchanged"]
    (folder / "browser-of-this-test").touch(mode=0o755)
    assert [stages.run(clone, needs).status for _ in range(2)] == ["passed", "unchanged"]


def test_browser_tests_run_after_the_book_and_only_once() -> None:
    """They would look at the pages of the last build, or take their time twice."""
    commands = {each.name: " ".join(each.command) for each in stages.STAGES}
    assert [*commands].index("browser") > [*commands].index("book")
    assert commands["browser"].endswith(" tests/browser")
    assert "--ignore=tests/browser" in commands["tests"]


def test_failure_is_run_again(clone: Path) -> None:
    """A stage that failed would be skipped as unchanged."""
    assert [stages.run(clone, stage("1/0")).status for _ in range(2)] == ["FAILED", "FAILED"]


def test_budget() -> None:
    """A stage that takes ever longer would go unnoticed."""
    slow = Stage("slow", 1, ())
    assert not Result(slow, "passed", 60).failed
    assert "over budget" in Result(slow, "passed", 61).line()
    assert not Result(slow, "passed", 120).failed
    assert Result(slow, "passed", 121).failed
    assert "OVER TWICE ITS BUDGET" in Result(slow, "passed", 121).line()


def test_unknown_stage() -> None:
    """A misspelled stage would pass by running nothing."""
    with pytest.raises(SixRoundsError, match="no such stage; there are lint"):
        stages.main(["testz"])
