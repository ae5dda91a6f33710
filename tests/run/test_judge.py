"""What an executed notebook is found guilty of, without executing one."""

import nbformat
import pytest

from sixrounds.run.judge import first_problem, last_started

NAME_ERROR = ("NameError", "name 'y' is not defined")
STUB = ("NotImplementedError", "")


def executed(*cells: tuple[str, tuple[str, str] | None] | tuple) -> nbformat.NotebookNode:
    """A notebook of (source, error or None, tags...) that has been run."""
    notebook = nbformat.v4.new_notebook()
    for count, (source, error, *tags) in enumerate(cells, start=1):
        cell = nbformat.v4.new_code_cell(source, execution_count=count, metadata={"tags": tags})
        if error:
            name, value = error
            fields = {"ename": name, "evalue": value, "traceback": []}
            cell.outputs = [nbformat.v4.new_output("error", **fields)]
        notebook.cells.append(cell)
    return notebook


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ([("x = 1", None)], None),
        ([("y", NAME_ERROR)], "cell 1 (`y`): NameError: name 'y' is not defined"),
        ([("y", NAME_ERROR, "raises-exception")], None),
        ([("f()", STUB)], "cell 1 (`f()`): NotImplementedError"),
        # papermill takes this for success, and leaves out the rest of the notebook.
        ([("sys.exit()", ("SystemExit", "0"))], "cell 1 (`sys.exit()`): SystemExit: 0"),
        ([("f()", ("ValueError", "\nlong\nstory"))], "cell 1 (`f()`): ValueError: long"),
        ([("x" * 80, NAME_ERROR)], f"cell 1 (`{'x' * 59}…`): NameError: {NAME_ERROR[1]}"),
    ],
)
def test_a_worked_notebook(cells, problem):
    """If this fails, an error in a lesson is overlooked, or reported where there is none."""
    assert first_problem(executed(*cells), allow_errors=False) == problem


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ([("f()", STUB), ("assert f()", STUB)], None),
        ([("f()", STUB), ("y", NAME_ERROR)], "cell 2 (`y`): NameError: name 'y' is not defined"),
        # A class whose body raises is never bound: its stub belongs into its methods.
        (
            [("class C:\n    raise NotImplementedError", STUB), ("C()", NAME_ERROR)],
            "cell 2 (`C()`): NameError: name 'y' is not defined "
            "(cell 1 stopped at a stub before it could define a name used here)",
        ),
        # A later cell of the lesson lacks what the learner's answer will give it.
        ([("y = f()", STUB), ("print(y)", NAME_ERROR)], None),
        (
            [
                ("y = f()", STUB),
                ("z = y", NAME_ERROR),
                ("z", ("NameError", "name 'z' is not defined")),
            ],
            None,
        ),
        (
            [("y = f()", STUB), ("print(y)", ("KeyError", "'a'"))],
            "cell 2 (`print(y)`): KeyError: 'a' "
            "(cell 1 stopped at a stub before it could define a name used here)",
        ),
    ],
)
def test_a_learners_edition(cells, problem):
    """If this fails, a learner meets an error that no answer of theirs can repair."""
    assert first_problem(executed(*cells), allow_errors=True) == problem


def test_a_cell_that_was_left_out_is_reported():
    """If this fails, a run that stopped early passes for a whole one."""
    notebook = executed(("x = 1", None), ("y = 2", None), ("z", None, "skip-execution"))
    for cell in notebook.cells[1:]:
        cell.execution_count = None
    problem = first_problem(notebook, allow_errors=False)
    assert problem == "cell 2 (`y = 2`): was never executed"


def test_the_cell_where_it_stopped_is_named():
    """If this fails, the author of a notebook that is too slow is not told where."""
    notebook = executed(("x = 1", None), ("# wait\nsleep()", None), ("y", None))
    assert last_started(notebook) is None
    for cell, status in zip(notebook.cells, ("completed", "running", "pending"), strict=True):
        cell.metadata["papermill"] = {"status": status}
    assert last_started(notebook) == "cell 2 (`# wait`)"


def test_a_name_that_an_answer_cell_never_binds():
    """If this fails, a stub that cannot even be defined would pass as one not written yet."""
    notebook = executed(("class y:\n    raise NotImplementedError", STUB), ("y()", NAME_ERROR))
    notebook.cells[0].metadata["nbgrader"] = {"grade_id": "y", "solution": True}
    assert "name 'y' is not defined" in str(first_problem(notebook, allow_errors=True))
