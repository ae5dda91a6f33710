# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # What the attacks aim at
#
# Not a lesson: an exercise of each kind, tested as exercises of the book are.

# %% tags=["setup"]
# ruff: noqa
import unittest
from dataclasses import dataclass

import numpy as np
import pandas as pd

import sixrounds
from sixrounds import cuda, sql, testing


@dataclass
class Part:
    """A part and what it costs."""

    name: str
    cost: int


def doubled(value):
    """A function of ours, which tests use."""
    return 2 * value


def launched(size, rng):
    """A launch of `doubling`."""
    x = cuda.numbers(rng, size)
    args = {"x": x, "out": np.zeros_like(x), "n": np.int32(size)}
    return cuda.Call(cuda.over(size, 32), 32, args)


SCHEMA = "CREATE TABLE stock(part TEXT, units INTEGER)"
shelf = sql.database("three rows", SCHEMA, stock=[("a", 1), ("a", 2), ("b", 5)])

# %% [markdown]
# ## Exercise 1: a function of numbers


# %% exercise="shelved"
def shelved(deliveries, space):
    """Units that fit on the shelf, in order of delivery."""
    ### BEGIN SOLUTION
    return min(sum(deliveries), space)
    ### END SOLUTION


# %% tests="shelved" points=3
assert shelved([1, 2], 10) == 3, "all of it fits"
### BEGIN HIDDEN TESTS
draw = testing.pyrandom("shelved")
for number in range(20):
    loads = [draw.randrange(9) for _ in range(6)] if number < 19 else [987654321]
    space = draw.randrange(30) if number < 19 else 987654322
    expected = min(sum(loads), space)
    assert shelved(loads, space) == expected, "a random shelf"
try:
    shelved([1], -1)
except Exception:
    pass
### END HIDDEN TESTS

# %% tests="shelved" points=1
assert shelved([4], 3) == 3, "part of it fits"
### BEGIN HIDDEN TESTS
loads = [testing.pyrandom("shelved").randrange(4, 99)]
expected = loads[0]
assert shelved(loads, 100) == expected, "a shelf with room"
### END HIDDEN TESTS


# %% mistake="shelved" active="py" name="no limit"
# What happens to the delivery that arrives at a full shelf?
def shelved(deliveries, space):
    return sum(deliveries)


# %% mistake="shelved" active="py" name="whole deliveries only"
# May a part of a delivery go on the shelf?
def shelved(deliveries, space):
    total = 0
    for load in deliveries:
        if total + load <= space:
            total += load
    return total


# %% [markdown]
# ## Exercise 2: a function of arrays


# %% exercise="shares"
def shares(weights):
    """Each weight's share of their sum, as an array."""
    ### BEGIN SOLUTION
    weights = np.asarray(weights, float)
    return weights / weights.sum()
    ### END SOLUTION


# %% tests="shares" points=2
np.testing.assert_allclose(shares([1, 3]), [0.25, 0.75])
### BEGIN HIDDEN TESTS
generator = testing.rng("shares")
for _ in range(10):
    weights = generator.uniform(1, 2, 5)
    found = shares(weights.copy())
    assert found.shape == (5,), "one share per weight"
    assert np.allclose(found, weights / weights.sum()), "random weights"
    assert abs(found.sum() - 1) < 1e-9, "shares that do not sum to one"
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 3: a function of a table


# %% exercise="spent"
def spent(orders):
    """The sum of `cost` by `part`: a frame with these two columns, sorted by part."""
    ### BEGIN SOLUTION
    return orders.groupby("part", as_index=False)["cost"].sum()
    ### END SOLUTION


# %% tests="spent" points=2
orders = pd.DataFrame({"part": ["b", "a", "b"], "cost": [1, 2, 3]})
wanted = pd.DataFrame({"part": ["a", "b"], "cost": [2, 4]})
pd.testing.assert_frame_equal(spent(orders), wanted)
### BEGIN HIDDEN TESTS
generator = testing.rng("spent")
for _ in range(5):
    orders = pd.DataFrame({"part": list("abcabc"), "cost": generator.integers(0, 99, 6)})
    wanted = orders.groupby("part", as_index=False)["cost"].sum()
    assert spent(orders.copy()).equals(wanted), "random orders"
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 4: a class


# %% exercise="Ledger"
class Ledger:
    """An account of parts."""

    def __init__(self, start=0):
        ### BEGIN SOLUTION
        self.balance = start
        self.count = 0
        ### END SOLUTION

    def add(self, part):
        """Add a Part's cost; returns the ledger."""
        ### BEGIN SOLUTION
        self.balance += part.cost
        self.count += 1
        return self
        ### END SOLUTION

    def __len__(self):
        """How many parts were added."""
        ### BEGIN SOLUTION
        return self.count
        ### END SOLUTION

    def __eq__(self, other):
        """Whether two ledgers have the same balance."""
        ### BEGIN SOLUTION
        return self.balance == other.balance
        ### END SOLUTION


# %% tests="Ledger" points=2
ledger = Ledger(5).add(Part("bolt", 2))
assert ledger.balance == 7, "start and cost"
assert len(ledger) == 1, "one part"
assert ledger == Ledger(7), "the same balance"
assert not ledger == Ledger(8), "another balance"
### BEGIN HIDDEN TESTS
draw = testing.pyrandom("Ledger")
for _ in range(5):
    costs = [draw.randrange(1, 99) for _ in range(draw.randrange(1, 5))]
    ledger = Ledger()
    for cost in costs:
        ledger.add(Part("bolt", cost))
    assert ledger.balance == sum(costs), "random costs"
    assert len(ledger) == len(costs), "the number of random costs"
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 5: a generator


# %% exercise="running"
def running(values):
    """Yields the sum of the values so far, after each of them."""
    ### BEGIN SOLUTION
    total = 0
    for value in values:
        total += value
        yield total
    ### END SOLUTION


# %% tests="running" points=2
assert list(running([1, 2, 3])) == [1, 3, 6], "three values"
### BEGIN HIDDEN TESTS
draw = testing.pyrandom("running")
for _ in range(5):
    values = [draw.randrange(99) for _ in range(8)]
    assert list(running(values)) == [sum(values[: n + 1]) for n in range(8)], "random values"
assert next(running(iter([7, 8]))) == 7, "the first value"
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 6: a function that calls what it is given


# %% exercise="applied"
def applied(function, values):
    """The list of the function's results."""
    ### BEGIN SOLUTION
    return [function(value) for value in values]
    ### END SOLUTION


# %% tests="applied" points=2
assert applied(lambda value: value + 1, [1, 2]) == [2, 3], "one more"
### BEGIN HIDDEN TESTS
draw = testing.pyrandom("applied")
for _ in range(5):
    values = [draw.randrange(99) for _ in range(4)]
    shift = draw.randrange(1, 99)
    wanted = [doubled(value) + shift for value in values]
    assert applied(lambda value, shift=shift: 2 * value + shift, values) == wanted, "a random line"
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 7: a change in place


# %% exercise="square_all"
def square_all(values):
    """Squares the items of a list in place, and returns None."""
    ### BEGIN SOLUTION
    values[:] = [value * value for value in values]
    ### END SOLUTION


# %% tests="square_all" points=2
case = unittest.TestCase()
values = [1, 2, 3]
case.assertIsNone(square_all(values))
case.assertEqual(values, [1, 4, 9])
### BEGIN HIDDEN TESTS
from fractions import Fraction

draw = testing.pyrandom("square_all")
for _ in range(5):
    values = [draw.randrange(99) for _ in range(6)]
    wanted = [int(Fraction(value) ** 2) for value in values]
    square_all(values)
    case.assertEqual(values, wanted, "random values")
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 8: a value

# %% exercise="prices"
### BEGIN SOLUTION
prices = {"bolt": 3, "nut": [1, 2]}
### END SOLUTION

# %% tests="prices" points=2
assert prices == {"bolt": 3, "nut": [1, 2]}, "a bolt and two nuts"
### BEGIN HIDDEN TESTS
assert sum(prices["nut"]) == prices["bolt"], "the sum of the nuts"
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 9: a query

# %% exercise="units_sql"
### BEGIN SOLUTION
units_sql = "SELECT part, sum(units) AS units FROM stock GROUP BY part"
### END SOLUTION

# %% tests="units_sql" points=2
sql.expect(units_sql, shelf, ["part", "units"], [("a", 3), ("b", 5)])
### BEGIN HIDDEN TESTS
draw = testing.pyrandom("units_sql")
shelves = [
    sql.database(
        "random rows",
        SCHEMA,
        stock=[("HIDDENPART", 7), *((draw.choice("abcd"), draw.randrange(99)) for _ in range(9))],
    )
    for _ in range(3)
]
sql.check(units_sql, "SELECT part, sum(units) AS units FROM stock GROUP BY part", shelves)
### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 10: a kernel

# %% exercise="doubling"
### BEGIN SOLUTION
doubling = """
extern "C" __global__ void doubling(const float* x, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = 2 * x[i];
}
"""
### END SOLUTION

# %% tests="doubling" points=2
kernel = cuda.RawKernel(doubling, "doubling")
wanted = lambda x, **_: {"out": 2 * x.astype(float)}
cuda.expect(kernel, launched).correct(wanted, sizes=(5,)).no_reports()
### BEGIN HIDDEN TESTS
draw = testing.rng("doubling")
cuda.expect(kernel, launched, rng=draw).correct(wanted).no_reports()
cuda.expect(kernel, launched, rng=draw).sectors_per_request("out") <= 4.5
### END HIDDEN TESTS

# %% [markdown] manual="in_words" points=2
# ## Exercise 11: an answer in words
#
# Why?
#
# ### BEGIN SOLUTION
# MODEL_ANSWER: because.
# ### END SOLUTION
# ### BEGIN RUBRIC
# Two points.
# ### END RUBRIC
