"""Making a learner's folder and opening it; what is there already stays as it is."""

import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from sixrounds import content
from sixrounds.errors import SixRoundsError
from sixrounds.grading.files import write_text
from sixrounds.paths import lesson_key
from sixrounds.workspace.folder import Workspace, digest, product


@dataclass
class Prepared:
    """The notebooks that were added, were there, and could not be read, by key or as a line."""

    added: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def prepare(workspace: Workspace) -> Prepared:
    """Add every released notebook that is not there yet.

    Raises:
        SixRoundsError: the folder is the release itself, or the state file is broken.
        OSError: the folder cannot be written.
    """
    if workspace.root == content.notebooks_folder().resolve():
        raise SixRoundsError(
            f"{workspace.root}: these are the released notebooks; choose another folder, "
            "for example `sixrounds lab ~/six-rounds`"
        )
    done = Prepared()
    workspace.root.mkdir(parents=True, exist_ok=True)
    workspace.save(workspace.state())
    for path in content.released():
        key, release = lesson_key(path), path.read_text(encoding="utf-8")
        if os.path.lexists(workspace.notebook(key)):
            done.kept.append(key)
            recognize(workspace, key, release, done.problems)
        else:
            write_text(workspace.notebook(key), release)
            workspace.adopt(key, release)
            done.added.append(key)
    return done


def recognize(workspace: Workspace, key: str, release: str, problems: list[str]) -> None:
    """Remember the release of a notebook that was in the folder before the state file was."""
    try:
        mine = workspace.read(key)
    except SixRoundsError as error:
        problems.append(str(error))
        return
    current = digest(json.loads(release))
    if product(mine) == current and workspace.state().notebooks.get(key) != current:
        workspace.adopt(key, release)


def start(workspace: Workspace, options: Sequence[str]) -> NoReturn:
    """Become JupyterLab in the folder; its own Ctrl-C question then works as usual.

    Raises:
        SixRoundsError: this Python has no JupyterLab.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise SixRoundsError(
            f"jupyterlab: not installed for {sys.executable}; your notebooks are in "
            f"{workspace.root}: run `{sys.executable} -m pip install jupyterlab`, then "
            "`sixrounds lab` again"
        )
    sys.stdout.flush()
    os.chdir(workspace.root)
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", *options])
