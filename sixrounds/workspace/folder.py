"""Where a learner's notebooks lie, and reading and writing them without losing any.

ROOT/<chapter>/<NN_topic>.ipynb                   theirs
ROOT/.sixrounds-release/<chapter>/<NN_topic>.ipynb  the release it was copied from
ROOT/.backup/<chapter>/<NN_topic>.<time>.ipynb    as it was before `reset` or `update`
ROOT/.sixrounds-workspace.json                    releases by notebook, results of checks
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sixrounds import __version__, content
from sixrounds.editions.notebook import Notebook, dumps, seal
from sixrounds.errors import SixRoundsError
from sixrounds.grading.files import write_text
from sixrounds.paths import lesson_key
from sixrounds.workspace import cells

STATE = ".sixrounds-workspace.json"
RELEASES = ".sixrounds-release"
BACKUPS = ".backup"


@dataclass
class State:
    """What is remembered of a workspace; no learner's work is in it.

    `notebooks` has the digest of the release each was made from, `results` by notebook and
    exercise the last check's status and a digest of what was checked.
    """

    release: str = __version__
    notebooks: dict[str, str] = field(default_factory=dict)
    results: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Workspace:
    """A learner's folder."""

    root: Path

    def notebook(self, key: str) -> Path:
        """The learner's notebook."""
        return self.root / f"{key}.ipynb"

    def release_copy(self, key: str) -> Path:
        """The release that the learner's notebook was made from."""
        return self.root / RELEASES / f"{key}.ipynb"

    def state(self) -> State:
        """What is remembered.

        Raises:
            SixRoundsError: the file is broken.
        """
        path = self.root / STATE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return State(
                str(found["release"]), dict(found["notebooks"]), dict(found.get("results", {}))
            )
        except FileNotFoundError:
            return State()
        except (ValueError, KeyError, TypeError, AttributeError):
            raise SixRoundsError(
                f"{path}: broken; it holds no work of yours: delete it and run "
                f"`sixrounds lab {self.root} --no-start`"
            ) from None

    def save(self, state: State) -> None:
        """Remember."""
        write_text(self.root / STATE, dumps(asdict(state)))

    def read(self, key: str) -> Notebook:
        """The learner's notebook.

        Raises:
            SixRoundsError: it is missing or broken.
        """
        path = self.notebook(key)
        try:
            return cells.parse(path.read_bytes())
        except FileNotFoundError:
            mend = f"`sixrounds lab {self.root} --no-start` puts a fresh copy there"
            raise SixRoundsError(f"{path}: no such file; {mend}") from None
        except OSError as error:
            raise SixRoundsError(
                f"{path}: {error.strerror}; left as it is: make it a file you can read"
            ) from None
        except cells.BrokenNotebookError as error:
            raise SixRoundsError(
                f"{path}: {error}; left as it is: take an older one from {BACKUPS}/ or "
                f".ipynb_checkpoints/, or move it away and run `sixrounds lab {self.root}`"
            ) from None

    def made_from(self, key: str, mine: Notebook) -> str:
        """The digest of the release a notebook was made from, or "" if nobody knows.

        The notebook itself knows best: it may have been put back from a backup.
        """
        return product(mine) or self.state().notebooks.get(key, "")

    def base(self, key: str, mine: Notebook) -> Notebook | None:
        """The release a notebook was made from, if its text is still there."""
        wanted = self.made_from(key, mine)
        for path in (self.release_copy(key), *self.installed(key)):
            try:
                found = cells.parse(path.read_bytes())
            except (FileNotFoundError, cells.BrokenNotebookError):
                continue
            if digest(found) == wanted:
                return found
        return None

    def installed(self, key: str) -> list[Path]:
        """The notebook of the installed release; none if it is no longer in it."""
        return [path for path in content.released() if lesson_key(path) == key]

    def adopt(self, key: str, release: str) -> None:
        """Remember a release as what the learner's notebook is made from."""
        write_text(self.release_copy(key), release)
        state = self.state()
        state.release = __version__
        state.notebooks[key] = digest(json.loads(release))
        self.save(state)

    def replace(self, key: str, notebook: Notebook) -> Path:
        """Write a notebook in place of the learner's; returns where theirs is kept."""
        kept = self.back_up(key)
        # JSON may name half of a surrogate pair, and no file can hold it: name it again.
        text = re.sub(
            "[\ud800-\udfff]",
            lambda half: f"\\u{ord(half[0]):04x}",
            dumps(cells.finish(notebook)),
        )
        write_text(self.notebook(key), text)
        return kept

    def back_up(self, key: str) -> Path:
        """Keep a notebook's bytes under a name that was free."""
        now = datetime.now().strftime("%Y%m%d-%H%M%S")
        chapter, topic = key.split("/")
        folder = self.root / BACKUPS / chapter
        folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            more = f"-{number}" if number > 1 else ""
            path = folder / f"{topic}.{now}{more}.ipynb"
            try:
                with path.open("xb") as stream:
                    stream.write(self.notebook(key).read_bytes())
                return path
            except FileExistsError:
                number += 1


def digest(release: Notebook) -> str:
    """The digest that `seal` gave a release; the same if somebody dropped it."""
    return str(seal(release)["metadata"]["sixrounds"]["product"])


def product(notebook: Notebook) -> str:
    """The release that a notebook says it was made from, or ""."""
    found: Any = notebook["metadata"].get("sixrounds")
    named = found.get("product") if isinstance(found, dict) else None
    return named if isinstance(named, str) else ""


def default_root(given: Path | None) -> Path:
    """The folder meant: the one given, else the workspace around here, else ~/six-rounds."""
    if given is not None:
        return given.expanduser().resolve()
    here = Path.cwd()
    around = (folder for folder in (here, *here.parents) if (folder / STATE).is_file())
    return next(around, Path.home() / "six-rounds")


def find(given: Path | None) -> Workspace:
    """The workspace meant.

    Raises:
        SixRoundsError: there is none.
    """
    root = default_root(given)
    if not (root / STATE).is_file():
        where = f" {root}" if given is not None else ""
        raise SixRoundsError(
            f"{root}: not a workspace (no {STATE}); run `sixrounds lab{where}` to make one"
        )
    return Workspace(root)


@contextmanager
def said_plainly() -> Iterator[None]:
    """A full disk or a folder of somebody else's is one line.

    Raises:
        SixRoundsError: in place of any OSError.
    """
    try:
        yield
    except OSError as error:
        raise SixRoundsError(
            f"{error.filename or 'the workspace'}: {error.strerror}; nothing of yours was changed "
            "there: mend it (rights, free space) and run the command again"
        ) from None
