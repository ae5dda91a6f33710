"""`sixrounds lab`: what a learner has is never touched, and JupyterLab opens in their folder."""

import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest
from releasing import KEY, Learner, exercise, first_release, publish

from sixrounds.cli import main
from sixrounds.workspace.folder import STATE, Workspace


def everything(root: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_twice_loses_nothing(workspace: Workspace, learner: Learner, release: Path) -> None:
    """A learner who opens their folder again would lose what they wrote."""
    learner.write("first", "def first(x):\n    return 2")
    before = everything(workspace.root)
    assert main(["lab", str(workspace.root), "--no-start"]) == 0
    assert everything(workspace.root) == before
    publish(release, exercise("third"), "round2_coding/02_more")
    assert main(["lab", str(workspace.root), "--no-start"]) == 0
    after = everything(workspace.root)
    assert {path: after[path] for path in before if STATE not in path} == {
        path: text for path, text in before.items() if STATE not in path
    }
    assert (workspace.root / "round2_coding/02_more.ipynb").is_file()


def test_a_broken_notebook_stays(
    workspace: Workspace, learner: Learner, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half-saved work that could be rescued by hand would be overwritten by a fresh copy."""
    learner.path.write_text('{"cells": [')
    assert main(["lab", str(workspace.root), "--no-start"]) == 0
    assert learner.path.read_text() == '{"cells": ['
    assert "broken JSON" in capsys.readouterr().err


def test_files_that_were_there_before_the_state(workspace: Workspace, release: Path) -> None:
    """Somebody who copied the notebooks by hand, or lost the state, would get doubled lessons."""
    (workspace.root / STATE).unlink()
    workspace.release_copy(KEY).unlink()
    assert main(["lab", str(workspace.root), "--no-start"]) == 0
    assert KEY in workspace.state().notebooks
    assert workspace.release_copy(KEY).read_text() == (release / f"{KEY}.ipynb").read_text()


def test_a_notebook_of_an_unknown_release(workspace: Workspace, learner: Learner) -> None:
    """An old notebook would count as up to date, and never be updated."""
    (workspace.root / STATE).unlink()
    content = learner.content()
    content["metadata"].pop("sixrounds")
    learner.path.write_text(json.dumps(content))
    assert main(["lab", str(workspace.root), "--no-start"]) == 0
    assert workspace.state().notebooks == {}


def test_default_folder(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    """A learner inside their workspace would be given a second one in their home."""
    assert release.is_dir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert main(["lab", "--no-start"]) == 0
    assert (tmp_path / "home/six-rounds" / f"{KEY}.ipynb").is_file()
    monkeypatch.chdir(workspace.root / "round2_coding")
    assert main(["status"]) == 0


def test_the_release_is_no_workspace(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A learner would write into the package, and the next install would erase it."""
    assert main(["lab", str(release), "--no-start"]) == 2
    assert "choose another folder" in capsys.readouterr().err
    assert not (release / STATE).exists()


def test_start(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterLab would open elsewhere, with another Python, or with a browser nobody can see."""
    called = []
    monkeypatch.setattr(os, "execv", lambda *given: called.append((Path.cwd(), *given)))
    monkeypatch.chdir(workspace.root.parent)
    main(["lab", str(workspace.root), "--no-browser"])
    command = [sys.executable, "-m", "jupyterlab", "--no-browser"]
    assert called == [(workspace.root, sys.executable, command)]


def test_without_jupyterlab(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A learner would see a traceback instead of what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["lab", str(workspace.root)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "pip install jupyterlab" in said


def test_a_folder_that_cannot_be_written(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A learner would see a traceback instead of which file is in the way."""
    assert release.is_dir()
    (tmp_path / "file").touch()
    assert main(["lab", str(tmp_path / "file" / "mine"), "--no-start"]) == 2
    assert str(tmp_path / "file") in capsys.readouterr().err


def test_not_a_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A learner in the wrong folder would get an empty report and think that their work is gone."""
    for command in (["status"], ["update"], ["reset", "first"]):
        assert main([*command, "--dir", str(tmp_path)]) == 2
        assert "not a workspace" in capsys.readouterr().err


def test_broken_state(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """A learner would not know that deleting the file costs nothing."""
    (workspace.root / STATE).write_text("[]")
    assert main(["status", "--dir", str(workspace.root)]) == 2
    assert "delete it and run" in capsys.readouterr().err


def test_first_release_is_as_expected(learner: Learner) -> None:
    """The other tests here would prove nothing, with another notebook than they think."""
    assert len(learner.cells()) == len(first_release())
