"""What went wrong in an executed notebook, in one line."""

import copy
import re
from collections.abc import Iterator

from nbformat import NotebookNode
from papermill.execute import ERROR_MARKER_TAG

from sixrounds.run import cells
from sixrounds.run.names import bound_names, used_names

STUB_ERROR = "NotImplementedError"
# Cells with these tags are allowed to fail, or not to run: Jupyter's own conventions.
MAY_RAISE = "raises-exception"
MAY_SKIP = "skip-execution"


def without_banners(notebook: NotebookNode) -> NotebookNode:
    """The notebook without the cells papermill adds to point at an error.

    With them, cell numbers would no longer be those of the source.
    """
    kept = copy.deepcopy(notebook)
    kept.cells = [cell for cell in kept.cells if ERROR_MARKER_TAG not in cells.tags(cell)]
    return kept


def first_problem(notebook: NotebookNode, *, allow_errors: bool) -> str | None:
    """The first cell that ended as it should not, and how; None if there is none.

    Args:
        notebook: an executed notebook without banners.
        allow_errors: it is a learner's edition, whose cells may end in NotImplementedError, and
            in a NameError for what a cell that ended so would have defined.
    """
    waiting: dict[str, int] = {}  # names a stub kept from being defined, and the cell they are from
    later: set[str] = set()  # those of them that are the lesson's, so that an answer repairs them
    for number, cell in cells.code_cells(notebook):
        for error in _errors(cell):
            if allow_errors and (error.ename == STUB_ERROR or _follows(error, later)):
                waiting |= dict.fromkeys(bound_names(cell.source), number)
                if "nbgrader" not in cell.metadata:
                    later |= bound_names(cell.source)
            elif MAY_RAISE not in cells.tags(cell):
                return f"{cells.locate(number, cell)}: {_describe(error)}{_why(cell, waiting)}"
        if _was_skipped(cell):
            return f"{cells.locate(number, cell)}: was never executed"
    return None


def last_started(notebook: NotebookNode) -> str | None:
    """The last cell papermill began, or None.

    papermill saves the notebook as each cell begins, so this is the cell that was running when
    the worker was killed or the kernel died.
    """
    started = [
        cells.locate(number, cell)
        for number, cell in cells.code_cells(notebook)
        if cell.metadata.get("papermill", {}).get("status", "pending") != "pending"
    ]
    return started[-1] if started else None


def _errors(cell: NotebookNode) -> Iterator[NotebookNode]:
    return (output for output in cell.outputs if output.output_type == "error")


def _describe(error: NotebookNode) -> str:
    lines = str(error.evalue).strip().splitlines()
    return f"{error.ename}: {lines[0]}" if lines else str(error.ename)


def _follows(error: NotebookNode, later: set[str]) -> bool:
    """Whether a name is missing only because a stub above kept it from being defined.

    A learner who has not written that exercise yet expects it; any other error is the lesson's.
    """
    named = re.search(r"name '(\w+)' is not defined", str(error.evalue))
    return error.ename == "NameError" and named is not None and named[1] in later


def _why(cell: NotebookNode, waiting: dict[str, int]) -> str:
    """Names the stub behind a name that is missing, so that the author sees the way out."""
    culprits = sorted(waiting[name] for name in used_names(cell.source) & waiting.keys())
    if not culprits:
        return ""
    return f" (cell {culprits[0]} stopped at a stub before it could define a name used here)"


def _was_skipped(cell: NotebookNode) -> bool:
    has_code = bool(cell.source.strip())
    return has_code and cell.execution_count is None and MAY_SKIP not in cells.tags(cell)
