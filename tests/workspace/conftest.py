"""A release of one notebook, and a workspace made from it."""

from pathlib import Path

import pytest
from releasing import Learner, first_release, publish

from sixrounds import content
from sixrounds.workspace.folder import Workspace
from sixrounds.workspace.lab import prepare


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of released notebooks."""
    folder = tmp_path / "release"
    publish(folder, first_release())
    monkeypatch.setattr(content, "notebooks_folder", lambda: folder)
    return folder


@pytest.fixture
def workspace(release: Path, tmp_path: Path) -> Workspace:
    """A learner's folder with an untouched copy."""
    assert release.is_dir()
    made = Workspace(tmp_path / "mine")
    prepare(made)
    return made


@pytest.fixture
def learner(workspace: Workspace) -> Learner:
    """Who works in it."""
    return Learner(workspace.root)
