"""Puts the outputs of executed notebooks where Jupyter Book looks for them.

Jupyter Book asks jupyter-cache whether a notebook has been executed. The cache's key is a hash of
the code cells with their metadata, so each source is stored as it is, with only the outputs of
its executed twin: whatever papermill wrote into the twin's metadata cannot spoil the match.
"""

import copy
import shutil
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbformat import NotebookNode

from sixrounds.errors import SixRoundsError
from sixrounds.run import fresh_record, read_notebook

CACHE = Path("_build/.jupyter_cache")
# What a kernel adds to a notebook as a whole: the language, for colors, and the state of widgets.
FROM_KERNEL = ("language_info", "widgets")


def inject(root: Path, notebooks: list[Path]) -> None:
    """Fills an empty cache with the outputs of `notebooks`.

    Args:
        root: the project's folder.
        notebooks: worked notebooks below `root/book`; their outputs lie in `build/runs`.

    Raises:
        SixRoundsError: outputs are missing or out of date.
    """
    # Records come first: a build that cannot succeed leaves the last one as it was.
    executed = [root / "build" / "runs" / path.parent.name / path.name for path in notebooks]
    records = [
        fresh_record(source, output, root)
        for source, output in zip(notebooks, executed, strict=True)
    ]
    # An old cache could answer for a notebook that nobody ran since its data changed.
    shutil.rmtree(root / CACHE, ignore_errors=True)
    cache = get_cache(root / CACHE)
    for source, output, record in zip(notebooks, executed, records, strict=True):
        bundle = CacheBundleIn(
            with_outputs(read_notebook(source), read_notebook(output), source),
            str(source),
            data={"execution_seconds": record.seconds},
        )
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def with_outputs(source: NotebookNode, executed: NotebookNode, path: Path) -> NotebookNode:
    """The source with what the kernel added to its executed twin: outputs, counts, language.

    Raises:
        SixRoundsError: the two do not hold the same code; `path` names the source.
    """
    merged = copy.deepcopy(source)
    pairs = [
        [cell for cell in notebook.cells if cell.cell_type == "code"]
        for notebook in (merged, executed)
    ]
    if [cell.source for cell in pairs[0]] != [cell.source for cell in pairs[1]]:
        raise SixRoundsError(
            f"{path}: its executed copy has other cells; run `sixrounds run --no-cache`"
        )
    for mine, other in zip(*pairs, strict=True):
        mine.outputs = copy.deepcopy(other.outputs)
        mine.execution_count = other.execution_count
    for name in FROM_KERNEL:
        if name in executed.metadata:
            merged.metadata[name] = copy.deepcopy(executed.metadata[name])
    return merged
