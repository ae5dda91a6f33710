"""Which cells of a learner's edition are worth running: those the worked edition does not cover.

The lesson cells of both editions are the same and run in the worked one. What only the learner's
edition can show is that setup, stubs, tests and the cells that use an exercise hold together.
"""

import copy

from nbformat import NotebookNode

from sixrounds.run import cells
from sixrounds.run.names import bound_names, changed_names, used_names


def exercise_ids(notebook: NotebookNode) -> set[str]:
    """The names of the notebook's exercises: the grade ids of its solution cells."""
    return {
        str(marks["grade_id"])
        for _, cell in cells.code_cells(notebook)
        if (marks := cell.metadata.get("nbgrader", {})).get("solution") and "grade_id" in marks
    }


def learner_subset(notebook: NotebookNode) -> NotebookNode:
    """The notebook with every code cell that need not run turned into a raw cell.

    Kept are cells with nbgrader's metadata, cells tagged "setup", cells that use an exercise's
    name, and, transitively, cells that define or change a name that a kept cell uses.
    Raw cells keep the numbering: a message about cell 7 means the learner's cell 7.
    """
    exercises = exercise_ids(notebook)
    code = [cell for _, cell in cells.code_cells(notebook)]
    uses = [used_names(cell.source) for cell in code]
    gives = [bound_names(cell.source) | changed_names(cell.source) for cell in code]
    kept = {
        index
        for index, cell in enumerate(code)
        if "nbgrader" in cell.metadata or "setup" in cells.tags(cell) or uses[index] & exercises
    }
    # Order is left aside on purpose: a function may use what a later cell defines.
    while True:
        needed = set().union(*(uses[index] for index in kept))
        grown = kept | {index for index, names in enumerate(gives) if names & needed}
        if grown == kept:
            break
        kept = grown
    return _with_raw(notebook, {id(code[index]) for index in range(len(code)) if index not in kept})


def _with_raw(notebook: NotebookNode, dropped: set[int]) -> NotebookNode:
    """A copy of the notebook in which the code cells of the given identities are raw text."""
    subset = copy.deepcopy(notebook)
    for original, cell in zip(notebook.cells, subset.cells, strict=True):
        if id(original) in dropped:
            cell.cell_type = "raw"
            cell.metadata.clear()
            del cell["outputs"], cell["execution_count"]
    return subset
