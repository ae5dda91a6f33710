# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The same exercises, in a notebook that imports torch and PyMC
#
# For the benchmark of the grader only; it is no part of the curriculum.

# %% tags=["setup"]
import numpy as np
import pandas as pd

# %% [markdown]
# Standardize the columns of a matrix: mean 0, standard deviation 1 (`ddof=0`); a constant column becomes 0.


# %% exercise="standardized"
def standardized(x):
    """x: (n, p) floats, n >= 1. Returns a new (n, p) array."""
    ### BEGIN SOLUTION
    spread = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    ### END SOLUTION


# %% tests="standardized" points=3
small = np.array([[1.0, 5.0], [3.0, 5.0]])
wanted = [[-1.0, 0.0], [1.0, 0.0]]
assert np.allclose(standardized(small), wanted), "one constant column"
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("standardized")
for case in range(30):
    x = draw.normal(5, 3, size=(draw.integers(2, 200), 4))
    assert np.allclose(standardized(x), (x - x.mean(0)) / x.std(0)), "random matrices"
### END HIDDEN TESTS


# %% mistake="standardized" active="py" name="sample deviation"
# Which divisor does the text ask for, n or n - 1?
def standardized(x):
    spread = x.std(axis=0, ddof=1)
    return (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


# %% mistake="standardized" active="py" name="whole matrix"
# What is the mean of one column after your function?
def standardized(x):
    return (x - x.mean()) / x.std()


# %% mistake="standardized" active="py" name="by rows"
# Along which axis does a column run?
def standardized(x):
    spread = x.std(axis=1, keepdims=True)
    return (x - x.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)


# %% accepts="standardized" active="py" name="column by column"
def standardized(x):
    out = np.zeros_like(x, dtype=float)
    for j in range(x.shape[1]):
        s = x[:, j].std()
        out[:, j] = 0.0 if s == 0 else (x[:, j] - x[:, j].mean()) / s
    return out


# %% [markdown]
# The total per plant of a frame with columns `plant` and `units`, as a frame sorted by plant.


# %% exercise="plant_units"
def plant_units(frame):
    """Returns a frame with the columns plant and units, one row per plant."""
    ### BEGIN SOLUTION
    return frame.groupby("plant", as_index=False)["units"].sum()
    ### END SOLUTION


# %% tests="plant_units" points=3
builds = pd.DataFrame({"plant": ["B", "A", "B"], "units": [1, 2, 3]})
rows = plant_units(builds).values.tolist()
assert rows == [["A", 2], ["B", 4]], "two plants"
### BEGIN HIDDEN TESTS
from sixrounds.testing import rng

draw = rng("plant_units")
for case in range(20):
    n = int(draw.integers(1, 500))
    frame = pd.DataFrame({"plant": draw.choice(list("ABCD"), n), "units": draw.integers(0, 9, n)})
    totals = {p: int(frame.units[frame.plant == p].sum()) for p in sorted(set(frame.plant))}
    got = plant_units(frame)
    assert dict(zip(got.plant, got.units)) == totals, "random frames"
### END HIDDEN TESTS


# %% mistake="plant_units" active="py" name="counts rows"
# Is a row one unit?
def plant_units(frame):
    return frame.groupby("plant", as_index=False)["units"].count()


# %% mistake="plant_units" active="py" name="mean"
# What does the question add up?
def plant_units(frame):
    return frame.groupby("plant", as_index=False)["units"].mean()


# %% mistake="plant_units" active="py" name="largest"
# Do all rows of a plant count?
def plant_units(frame):
    return frame.groupby("plant", as_index=False)["units"].max()


# %% accepts="plant_units" active="py" name="a dictionary"
def plant_units(frame):
    totals = {}
    for plant, units in zip(frame["plant"], frame["units"]):
        totals[plant] = totals.get(plant, 0) + units
    return pd.DataFrame(sorted(totals.items()), columns=["plant", "units"])
