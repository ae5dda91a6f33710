"""Reading and writing notebook files, with errors a person can act on."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from sixrounds.errors import SixRoundsError


def read_notebook(path: Path) -> NotebookNode:
    """The notebook at `path`, as version 4.

    Raises:
        SixRoundsError: there is no such file, or it is not a notebook.
    """
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except FileNotFoundError:
        raise SixRoundsError(f"{path}: no such notebook; run `sixrounds editions`") from None
    except Exception as problem:  # nbformat raises many kinds, all of them about this one file
        reason = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
        raise SixRoundsError(
            f"{path}: not a readable notebook ({reason}); delete it and run `sixrounds editions`"
        ) from None
    return notebook


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Writes the notebook to `path`, making the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
