"""What is read from notebooks without running them."""

import nbformat
import pytest

from sixrounds.run import learner_subset, read_notebook
from sixrounds.run.cells import is_sampling
from sixrounds.run.names import bound_names, changed_names, used_names


def graded(grade_id: str, *, solution: bool) -> dict:
    return {"nbgrader": {"grade_id": grade_id, "solution": solution, "grade": not solution}}


def test_learner_subset_keeps_what_only_the_learner_edition_can_show(write_notebook):
    """If this fails, a learner's edition is run in full twice, or breaks where it need not."""
    path = write_notebook(
        "lesson",
        ("import numpy as np", {"tags": ["setup"]}),  # 1 setup
        "slow = np.ones(3)",  # 2 nobody needs it
        ("def f(x):\n    raise NotImplementedError", graded("f", solution=True)),  # 3 stub
        ("assert f(1) == helper()", graded("f_tests", solution=False)),  # 4 test, needs helper
        "def helper():\n    return LIMIT",  # 5 needed by 4
        "LIMIT = 3",  # 6 needed by 5
        "history = []",  # 7 needed by 9
        "history.append(LIMIT)",  # 8 changes what 9 needs
        "%time print(f(history[0]))",  # 9 uses the exercise
        "print(slow)",  # 10
    )
    notebook = read_notebook(path)
    subset = learner_subset(notebook)
    kinds = [cell.cell_type for cell in subset.cells]
    assert [n for n, kind in enumerate(kinds, 1) if kind == "code"] == [1, 3, 4, 5, 6, 7, 8, 9]
    assert [cell.source for cell in subset.cells] == [cell.source for cell in notebook.cells]
    assert notebook.cells[1].cell_type == "code", "the original must stay as it was"
    nbformat.validate(subset)
    assert nbformat.writes(subset) == nbformat.writes(learner_subset(read_notebook(path)))


@pytest.mark.parametrize(
    ("source", "bound", "changed", "used"),
    [
        ("import numpy as np", {"np"}, set(), set()),
        ("def f(x):\n    return x + g", {"f"}, set(), {"g"}),
        ("def f():\n    global n\n    n = 1", {"f", "n"}, set(), set()),
        ("a[0].b = c", set(), {"a"}, {"a", "c"}),
        ("ax.plot(x)", set(), {"ax"}, {"ax", "x"}),
        ("[i * k for i in r]", set(), set(), {"k", "r"}),
        ("f(x)", set(), set(), {"f", "x"}),
        ("%%time\nx = 1", {"x"}, set(), set()),
        ("this isn't python", set(), set(), set()),
    ],
)
def test_names_of_a_cell(source, bound, changed, used):
    """If this fails, a cell that another needs is dropped from the learner's check."""
    assert bound_names(source) == bound
    assert changed_names(source) == changed
    assert used_names(source) == used


@pytest.mark.parametrize(
    ("code", "sampling"),
    [
        ("import pymc as pm", True),
        ("def fit():\n    from nutpie import sample", True),
        ("import numpy", False),
        ("'import pymc'", False),
    ],
)
def test_a_sampling_notebook_is_recognized(write_notebook, code, sampling):
    """If this fails, two samplers share two cores and both run into the time limit."""
    assert is_sampling(read_notebook(write_notebook("one", code))) is sampling
