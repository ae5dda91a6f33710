"""One run of an answer gives both its verdict and all the calls that a diagnosis needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sixrounds.grading import Plan, Status, plan
from sixrounds.grading.executor import Run, Task, WarmProcesses
from sixrounds.grading.once import BRIEF, Asked, Once
from sixrounds.grading.outcome import Outcome
from sixrounds.grading.submission import Answer
from sixrounds.source import parse_text
from sixrounds.testing import PUBLIC_SEED

SOURCE = '''
# %% [markdown]
# # A lesson

# %% tags=["setup"]
import os

# %% exercise="double"
def double(x):
    """>>> double(2)
    4
    """
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% tests="double" points=1
first = double(1)
assert first == 2
second = double(2)
### BEGIN HIDDEN TESTS
assert double(3) == 6, "three"
### END HIDDEN TESTS
# %% tests="double" points=1
assert second == 4
assert double(4) == 8
### BEGIN HIDDEN TESTS
for number in range(5, 9):
    assert double(number) == 2 * number, "larger numbers"
### END HIDDEN TESTS

# %% mistake="double" active="py" name="square"
# Is it the number twice, or times itself?
def double(x):
    return x * x

# %% mistake="double" active="py" name="one more"
# What is added?
def double(x):
    return x + 1

# %% accepts="double" active="py" name="sum"
def double(x):
    return x + x
'''


@pytest.fixture(scope="module")
def recipe() -> Plan:
    return plan(parse_text(SOURCE.lstrip(), Path("solutions/round2_coding/01_double.py")))


@pytest.fixture(scope="module")
def executor() -> Iterator[WarmProcesses]:
    with WarmProcesses() as processes:
        yield processes


def run(recipe: Plan, executor: WarmProcesses, body: str, *, trace: bool = False) -> Run:
    """The run of a function with this body."""
    task = Task(recipe.exercises[0], Answer(f"def double(x):\n    {body}"), trace=trace)
    return executor.run(recipe, [task], PUBLIC_SEED)[0]


def test_last_cell_goes_on_after_its_failure(recipe: Plan, executor: WarmProcesses) -> None:
    """An answer that fails in the last cell alone would be run again, or lose its calls."""
    made = run(recipe, executor, "return 2 * x if x < 4 else 0")
    assert [outcome.status for outcome in made.outcomes] == [Status.PASSED, Status.FAILED]
    assert made.outcomes[1].message == "a hidden test failed: larger numbers"
    assert made.whole
    assert made.trace == run(recipe, executor, "return 2 * x if x < 4 else 0", trace=True).trace
    assert len(made.trace) == 8


def test_cell_before_ends_at_its_failure(recipe: Plan, executor: WarmProcesses) -> None:
    """The second cell would find what the first, which failed, had not yet set in a notebook."""
    made = run(recipe, executor, "return x * x")
    assert [outcome.status for outcome in made.outcomes] == [Status.FAILED, Status.ERROR]
    assert "NameError" in made.outcomes[1].message
    assert not made.whole
    assert len(run(recipe, executor, "return x * x", trace=True).trace) == 8


@pytest.mark.parametrize("after", ["os._exit(1)", "[].append(iter(int, 1)) or list(iter(int, 1))"])
def test_first_failure_stands(recipe: Plan, executor: WarmProcesses, after: str) -> None:
    """What an answer does after it failed would replace why it failed."""
    body = f"return 2 * x if x < 4 else 0 if x < 6 else {after}"
    made = run(recipe, executor, body)
    assert made.outcomes[1].status is Status.FAILED
    assert made.outcomes[1].message == "a hidden test failed: larger numbers"


def test_same_task_is_run_once(recipe: Plan, executor: WarmProcesses) -> None:
    """A proof would take twice its time, or show the run of another answer."""
    asked: list[str] = []

    class Counting:
        def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
            asked.extend(task.answer.source for task in tasks)
            return executor.run(plan, tasks, seed)

    once = Once(Counting(), set())
    exercise = recipe.exercises[0]
    right, wrong = Answer(exercise.reference), Answer(exercise.mistakes[0].source)
    first = once.run(recipe, [Task(exercise, right), Task(exercise, wrong)], PUBLIC_SEED)
    again = once.run(recipe, [Task(exercise, wrong), Task(exercise, right)], PUBLIC_SEED)
    assert [again[1], again[0]] == first
    assert first[0] != first[1]
    assert len(asked) == 2
    soft = once.run(recipe, [Task(exercise, wrong, trace=True)], PUBLIC_SEED)[0]
    assert not soft.outcomes, "a soft run is another task"


def test_what_was_too_slow_waits_briefly_under_the_next_seed(recipe: Plan) -> None:
    """A proof under many seeds would spend most of its time waiting for the same slow mistakes."""
    limits: list[float | None] = []

    class Slow:
        def run(self, plan: Plan, tasks: list[Task], seed: bytes) -> list[Run]:
            limits.extend(task.limit for task in tasks)
            status = [
                Status.TIMEOUT if "**" in task.answer.source else Status.PASSED for task in tasks
            ]
            return [Run((Outcome(one),), ()) for one in status]

    slow: set[Asked] = set()
    tasks = [
        Task(recipe.exercises[0], Answer(f"def double(x): {body}")) for body in ("x**x", "2*x")
    ]
    for seed in (b"one", b"two"):
        Once(Slow(), slow).run(recipe, tasks, seed)
    assert limits == [None, None, BRIEF, None]
