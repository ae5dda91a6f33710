"""A small lesson with every mark of the source format, and no fault."""

from pathlib import Path

from sixrounds.source import Lesson, Problem, SourceError, parse_text, validate

PATH = Path("solutions/round2_coding/07_small.py")
SOURCE = '''\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # A small lesson
#
# One idea.

# %% tags=["setup"]
import sixrounds


def half(value):
    return value / 2


# %% mystnb={"figure": {"caption": "None."}}
# copy the result of half
print(half(4))

# %% exercise="double"
def double(value):
    """Twice a number."""
    ### BEGIN SOLUTION
    return value + value
    ### END SOLUTION

# %% tests="double" points=1
assert double(2) == 4

# %% tests="double" points=2
assert double(0) == 0
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("double")
for _ in range(20):
    value = draw.randint(-9, 9)
    assert double(value) == sum([value, value]), "a random number"
try:
    double(None)
except TypeError:
    pass
else:
    raise AssertionError("something that is no number")
### END HIDDEN TESTS

# %% mistake="double" active="py" name="squares"
# copy 3 into your answer:
# what is it doubled, and what squared?
def double(value):
    # not the hint
    return value * value

# %% mistake="double" active="py" name="adds two"
# Which number is two more than itself twice?
def double(value):
    return value + 2

# %% accepts="double" active="py" name="multiplies"
# An accepted answer has no hint.
def double(value):
    return value * 2 if value is not None else len(value)

# %% exercise="Tally" needs="double"
class Tally:
    """Adds up doubled numbers."""

    def __init__(self):
        ### BEGIN SOLUTION
        self.total = 0
        self.count = 0
        ### END SOLUTION

    def add(self, value):
        """Count one number."""
        ### BEGIN SOLUTION
        if value < 0:
            raise ValueError("a tally only grows")
        self.total += double(value)
        self.count += 1
        return self.total
        ### END SOLUTION

# %% probe="Tally"
def totals(values):
    tally = Tally()
    return [tally.add(value) for value in values]

# %% tests="Tally" points=3
assert totals([1, 2]) == [2, 6]

# %% mistake="Tally" active="py" name="forgets to double"
# What does a 1 add?
class Tally:
    def __init__(self):
        self.total = 0

    def add(self, value):
        self.total += value
        return self.total

# %% mistake="Tally" active="py" name="forgets the past"
# What is the total after two numbers?
class Tally:
    def add(self, value):
        return double(value)

# %% mistake="Tally" active="py" name="counts"
# Is it how many or how much?
class Tally:
    def __init__(self):
        self.total = 0

    def add(self, value):
        self.total += 1
        return self.total

# %% accepts="Tally" active="py" name="keeps all"
class Tally:
    def __init__(self):
        self.all = []

    def add(self, value):
        self.all.append(double(value))
        return sum(self.all)

# %% exercise="QUERY"
### BEGIN SOLUTION
QUERY = """
SELECT 1 AS one
"""
### END SOLUTION

# %% tests="QUERY" points=1
assert "one" in QUERY

# %% mistake="QUERY" active="py" name="two"
# How many is one?
QUERY = "SELECT 2 AS two"

# %% mistake="QUERY" active="py" name="no name"
# What is the column called?
QUERY = "SELECT 1"

# %% accepts="QUERY" active="py" name="one line"
QUERY = "SELECT 1 AS one"

# %% [markdown] manual="why_double" points=4
# Why double anything?
#
# ### BEGIN SOLUTION
# Because half is not enough.
# ### END SOLUTION
# ### BEGIN RUBRIC
# Four points for a reason.
# ### END RUBRIC
'''


def lesson(text: str = SOURCE, path: Path = PATH) -> Lesson:
    """The parsed lesson."""
    return parse_text(text, path)


def problems(text: str) -> list[Problem]:
    """Everything that parsing or validation finds wrong."""
    try:
        validate([lesson(text)])
    except SourceError as error:
        return list(error.problems)
    return []


def line_of(part: str, text: str = SOURCE) -> int:
    """The number, from 1, of the first line that holds `part`."""
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


def swap(old: str, new: str, text: str = SOURCE) -> str:
    """The text with the first `old`, which must be there, replaced."""
    assert old in text, f"the small lesson no longer holds {old!r}"
    return text.replace(old, new, 1)
