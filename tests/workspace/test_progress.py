"""`sixrounds status`: what is written, what passed, what is next; never more than was seen."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from releasing import KEY, Learner, exercise, first_release, publish

from sixrounds import checking
from sixrounds.cli import main
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.workspace.folder import Workspace

RIGHT = "def first(x):\n    return 2"
Show = Callable[..., dict[str, Any]]


@pytest.fixture
def show(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Show:
    """The status as plain data."""

    def shown(*options: str) -> dict[str, Any]:
        main(["status", "--json", "--dir", str(workspace.root), *options])
        return dict(json.loads(capsys.readouterr().out))

    return shown


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Status]:
    """What a check that takes no time says of each exercise."""
    said: dict[str, Status] = {}

    def check(_path: Path, names: list[str]) -> list[Verdict]:
        return [Verdict(name, said[name], 0, 2, "", "a hint") for name in names if name in said]

    monkeypatch.setattr(checking, "check_notebook", check)
    return said


def states(shown: Mapping[str, Any]) -> dict[str, str]:
    """The status of each exercise."""
    return {row["exercise"]: row["status"] for one in shown["notebooks"] for row in one["rows"]}


def test_written_and_next(learner: Learner, show: Show) -> None:
    """A learner would be sent to an exercise they have done, or see untouched stubs as done."""
    learner.write("first", RIGHT)
    shown = show()
    assert states(shown) == {"first": "written", "second": "not written", "why": "not written"}
    assert shown["next"]["exercise"] == "second"
    assert shown["next"]["minutes"] == 15
    assert shown["total"] == {"written": 1, "not written": 2}


def test_missing_cell(learner: Learner, show: Show) -> None:
    """A learner who deleted a cell would not know why the exercise never counts."""
    listed = learner.cells()
    learner.save([cell for place, cell in enumerate(listed) if place != learner.place("first")])
    assert states(show())["first"] == "missing"


def test_passed_until_changed(
    learner: Learner, show: Show, verdicts: dict[str, Status], release: Path
) -> None:
    """An answer, helper or test changed after the check would still be said to pass."""
    learner.write("first", RIGHT)
    verdicts["first"] = Status.PASSED
    passed = "public tests passed"
    assert states(show("--run"))["first"] == passed
    assert states(show())["first"] == passed
    learner.write("first", RIGHT + "  # changed")
    assert states(show())["first"] == "written"
    learner.write("first", RIGHT)
    assert states(show())["first"] == passed
    learner.add(0, "first_helper = 3")
    assert states(show())["first"] == "written", "the answer could lean on it"
    assert states(show("--run"))["first"] == passed
    listed = first_release()
    listed[5] = exercise("first", test="assert first(1) == 3")[2]
    publish(release, listed)
    assert states(show())["first"] == "written", "the installed release has other tests"


def test_failed_is_next_when_all_is_written(
    learner: Learner, show: Show, verdicts: dict[str, Status]
) -> None:
    """A learner with one wrong answer left would be told that nothing is to do."""
    for name in ("first", "second"):
        learner.write(name, f"def {name}(x):\n    return 2")
    learner.write("why", "Because.")
    verdicts |= {"first": Status.PASSED, "second": Status.FAILED}
    shown = show("--run")
    assert states(shown)["second"] == "public tests failed"
    assert states(shown)["why"] == "written", "nobody can run an answer in words"
    assert shown["next"]["exercise"] == "second"
    assert shown["next"]["hint"] == "a hint"


def test_saved_while_it_was_checked(
    learner: Learner, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verdict on the old text would be shown for the new one."""
    learner.write("first", RIGHT)

    def check(_path: Path, names: list[str]) -> list[Verdict]:
        learner.write("first", RIGHT + "  # saved meanwhile")
        return [Verdict(name, Status.PASSED, 2, 2) for name in names]

    monkeypatch.setattr(checking, "check_notebook", check)
    assert states(show("--run"))["first"] == "written"
    learner.write("first", RIGHT)
    assert states(show())["first"] == "written", "what passed was another text"


def test_real_check(learner: Learner, show: Show) -> None:
    """The two rooms would not fit together: nothing here but this test runs an answer."""
    learner.write("first", RIGHT)
    learner.write("second", "def second(x):\n    return 3")
    shown = states(show("--run"))
    assert shown["first"] == "public tests passed"
    assert shown["second"] == "public tests failed"


def test_broken_beside_a_good_one(
    workspace: Workspace, learner: Learner, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One damaged notebook would hide the progress in all others."""
    publish(release, exercise("third"), "round2_coding/02_more")
    main(["lab", str(workspace.root), "--no-start"])
    capsys.readouterr()
    learner.path.write_text("{")
    assert main(["status", "--run", "--dir", str(workspace.root)]) == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "broken JSON" in said.err
    assert "next: third (10 min) in round2_coding/02_more.ipynb" in said.out


def test_newer_release_is_told(
    workspace: Workspace, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A learner would go on in an old notebook without knowing."""
    publish(release, [*first_release(), *exercise("third")])
    assert main(["status", "--dir", str(workspace.root)]) == 0
    said = capsys.readouterr().out
    assert "run `sixrounds update`" in said
    assert f"{KEY}.ipynb: 3 not written" in said


def test_check_is_remembered(
    workspace: Workspace, learner: Learner, show: Show, capsys: pytest.CaptureFixture[str]
) -> None:
    """A learner who ran `sixrounds check` would be told that nothing was checked."""
    learner.write("first", RIGHT)
    path = workspace.notebook(KEY)
    assert main(["check", str(path), "first"]) == 0
    capsys.readouterr()
    assert states(show())["first"] == "public tests passed"
    copy = workspace.root.parent / "elsewhere" / KEY.split("/")[0] / path.name
    copy.parent.mkdir(parents=True)
    copy.write_bytes(path.read_bytes())
    assert main(["check", str(copy), "first"]) == 0
    assert [item.name for item in copy.parents[1].iterdir()] == [copy.parent.name]


def test_a_name_that_is_no_exercise(
    workspace: Workspace, learner: Learner, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelled name would print nothing, which looks like success."""
    learner.write("first", RIGHT)
    assert main(["check", str(workspace.notebook(KEY)), "frist"]) == 2
    assert "no exercise frist; there are: first, second" in capsys.readouterr().err
