"""When a notebook need not run again.

The key is a SHA-256 over everything that can change a notebook's outputs: its bytes, the lock
file, the Python version, the data sets and kernels it names, and the modules of `sixrounds` that
it imports. A record lies beside each output, as `<output>.key.json`, and only after a success.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sixrounds.errors import SixRoundsError
from sixrounds.run import cells
from sixrounds.run.modules import imported_sources
from sixrounds.run.notebooks import read_notebook

LOCK = "requirements.lock"
# Folders whose subfolders a notebook names by a string: data sets, and sources of kernel labs.
NAMED_FOLDERS = ("data", "kernels")
# Raised when a run leaves more behind than before, so that all notebooks run again: outputs whose
# date and versions nobody kept cannot be shown with them.
FORMAT = b"2"
IGNORED_PARTS = frozenset({"__pycache__", ".ipynb_checkpoints"})


@dataclass(frozen=True)
class Record:
    """What a successful run left behind, beside its output."""

    key: str
    seconds: float
    peak_mb: float | None
    status: str


def cache_key(source: Path, root: Path) -> str:
    """The key of a notebook: equal keys mean equal outputs.

    Args:
        source: the notebook.
        root: the project's folder, which holds the lock file, `data/` and `sixrounds/`.

    Raises:
        SixRoundsError: the notebook is missing or unreadable.
    """
    code = cells.trees(read_notebook(source))
    words = {
        word for tree in code for text in cells.string_constants(tree) for word in _words(text)
    }
    digest = hashlib.sha256()
    _feed(digest, "format", FORMAT)
    _feed(digest, "python", f"{sys.version_info.major}.{sys.version_info.minor}".encode())
    _feed(digest, "notebook", source.read_bytes())
    for path in _inputs(root, words, imported_sources(code, root)):
        _feed(digest, path.relative_to(root).as_posix(), path.read_bytes())
    return digest.hexdigest()


def _words(text: str) -> Iterable[str]:
    """A string may name a data set alone or begin a path inside it; long text names nothing."""
    return text.split("/") if len(text) < 200 else ()


def _inputs(root: Path, words: set[str], sources: list[Path]) -> Iterator[Path]:
    lock = root / LOCK
    if lock.is_file():
        yield lock
    yield from sources
    for parent in NAMED_FOLDERS:
        if not (root / parent).is_dir():
            continue
        for folder in sorted((root / parent).iterdir()):
            if folder.is_dir() and folder.name in words:
                yield from sorted(_files_below(folder))


def _files_below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not IGNORED_PARTS & set(path.parts):
            yield path


def _feed(digest: "hashlib._Hash", label: str, content: bytes) -> None:
    # Lengths keep two inputs from being mistaken for one that joins them.
    digest.update(f"{label}\0{len(content)}\0".encode())
    digest.update(content)


def record_path(output: Path) -> Path:
    """Where the record of an output lies."""
    return output.with_name(output.name + ".key.json")


def read_record(output: Path) -> Record | None:
    """The record beside an output, or None if either is missing or unreadable."""
    try:
        fields = json.loads(record_path(output).read_text("utf-8"))
        return Record(**fields) if output.is_file() else None
    except (OSError, ValueError, TypeError):
        return None  # a half-written record is as good as none: the notebook runs again


def write_record(output: Path, record: Record) -> None:
    """Remember a successful run."""
    record_path(output).write_text(json.dumps(asdict(record), indent=2) + "\n", "utf-8")


def forget(output: Path) -> None:
    """Drop the record of an output that is about to be replaced."""
    record_path(output).unlink(missing_ok=True)


def fresh_record(source: Path, output: Path, root: Path) -> Record:
    """The record of an output that is up to date with its source.

    Raises:
        SixRoundsError: the outputs are missing, or older than something they depend on.
    """
    record = read_record(output)
    if record is None:
        raise SixRoundsError(f"{source}: it has no outputs yet; run `sixrounds run`")
    if record.key != cache_key(source, root):
        raise SixRoundsError(
            f"{source}: it, its data or its modules changed since it ran; run `sixrounds run`"
        )
    return record
