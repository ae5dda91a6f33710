"""Part of a tests cell's points, as its last expression gives it: nbgrader's rule, and ours."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.utils import determine_grade

from sixrounds import testing
from sixrounds.editions.fill import fill
from sixrounds.editions.notebook import dumps
from sixrounds.editions.render import grading
from sixrounds.grading import Status, Verdict, grade, plan, read_text
from sixrounds.grading.autograded import autograded
from sixrounds.grading.executor import WarmProcesses
from sixrounds.source import Lesson, parse_text

SOURCE = '''
# %% [markdown]
# # A lesson

# %% tags=["setup"]
import math

# %% exercise="signs"
def signs(x):
    """>>> signs(-2)
    -1
    """
    ### BEGIN SOLUTION
    return (x > 0) - (x < 0)
    ### END SOLUTION

# %% tests="signs" points=4
from sixrounds.testing import credit

### BEGIN HIDDEN TESTS
cases = {-3: -1, 0: 0, 5: 1, 7: 1}
### END HIDDEN TESTS
credit(sum(signs(x) == sign for x, sign in cases.items()))
# %% tests="signs" points=2
assert signs(1) == 1
signs(1)

# %% mistake="signs" active="py" name="no zero"
# Which sign has zero?
def signs(x):
    return 1 if x >= 0 else -1

# %% mistake="signs" active="py" name="flipped"
# Which way does the line of numbers run?
def signs(x):
    return (x < 0) - (x > 0)

# %% accepts="signs" active="py" name="copysign"
def signs(x):
    return int(math.copysign(1, x)) if x else 0
'''

RIGHT = "def signs(x):\n    return (x > 0) - (x < 0)"
HALF = "def signs(x):\n    return 1"
NONE = "def signs(x):\n    return 2"
# What an answer could return to be taken for points.
CLAIMS = """
from sixrounds.testing import Credit
def signs(x):
    return Credit(2.0)
"""
TOO_MUCH = "credit(5)"


@pytest.fixture(scope="module")
def executor() -> Iterator[WarmProcesses]:
    with WarmProcesses() as processes:
        yield processes


def lesson(old: str = "", new: str = "") -> Lesson:
    source = SOURCE.replace(old, new, 1) if old else SOURCE
    return parse_text(source.lstrip(), Path("solutions/round2_coding/01_signs.py"))


def graded(answer: str, executor: WarmProcesses, of: Lesson | None = None) -> Verdict:
    """Our verdict on an answer."""
    recipe = plan(of or lesson())
    cells = [
        {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": "signs", "solution": True}},
            "source": answer,
        }
    ]
    return grade(recipe, read_text(json.dumps({"cells": cells}), recipe), executor=executor)[0]


def points(notebook: Any) -> list[tuple[float, float]]:
    """What nbgrader reads from the outputs of each tests cell."""
    made = nbformat.reads(dumps(notebook), 4)
    cells = [cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    return [determine_grade(cell) for cell in cells]


@pytest.mark.parametrize(
    ("answer", "status", "first", "second"),
    [
        (RIGHT, Status.PASSED, 4, 2),
        (HALF, Status.PARTIAL, 2, 2),
        (NONE, Status.FAILED, 0, 0),
    ],
)
def test_part_of_the_points(
    executor: WarmProcesses, answer: str, status: Status, first: float, second: float
) -> None:
    """Half of an answer would earn all or nothing, or another number than stock nbgrader gives."""
    verdict = graded(answer, executor)
    assert (verdict.status, verdict.score) == (status, first + second)
    assert [score for _, score, _ in verdict.cells] == [first, second]
    notebook = nbformat.reads(dumps(fill(grading(lesson()), {"signs": answer})), 4)
    NotebookClient(notebook, timeout=60, allow_errors=True).execute()
    stock = points(notebook)
    assert stock[0] == (first, 4)
    recipe = plan(lesson())
    read = read_text(json.dumps({"cells": []}), recipe)
    assert points(autograded(lesson(), recipe, read, [verdict])) == [(first, 4), (second, 2)]


def test_part_of_the_points_is_told(executor: WarmProcesses) -> None:
    """A learner would not know why an answer without any failed test lost points."""
    assert graded(HALF, executor).message == "2 of 4 points"


def test_number_of_an_answer_is_no_credit(executor: WarmProcesses) -> None:
    """An answer could give itself points by returning a number from a test's last expression."""
    verdict = graded(CLAIMS, executor)
    assert verdict.status is Status.FAILED
    assert verdict.score == 0
    # `signs(1)` stands last in the second cell, and would give 1 of its 2 points.
    assert graded(HALF, executor).cells[1][1:] == (2, 2)
    of = lesson("assert signs(1) == 1\n", "assert signs(1)\n")
    assert graded(CLAIMS, executor, of).cells[1][1:] == (2, 2), "it passed, no more and no less"


def test_too_much_credit_is_the_tests_error(executor: WarmProcesses) -> None:
    """A slip of a test's author would give a class more points than there are, or none."""
    of = lesson("credit(sum(signs(x) == sign for x, sign in cases.items()))", TOO_MUCH)
    verdict = graded(RIGHT, executor, of)
    assert verdict.status is Status.PARTIAL
    assert verdict.score == 2
    assert "gives 5 of 4 points, an error of the tests" in verdict.message


@pytest.mark.parametrize("given", [-1, float("nan"), float("inf"), True])
def test_credit_refuses_what_is_no_points(given: float) -> None:
    """nbgrader takes a negative number for full marks."""
    with pytest.raises(ValueError, match="give a number of points"):
        testing.credit(given)


def test_credit_reads_as_a_plain_number() -> None:
    """nbgrader reads the number from the cell's output; any other text is full marks."""
    assert float(repr(testing.credit(1.5))) == 1.5
