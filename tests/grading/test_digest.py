"""Digests must agree where a test would call values equal, and differ where it would not."""

import datetime
import decimal
from collections import Counter, OrderedDict, namedtuple
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sixrounds.grading.digest import digest, real, reals

Pair = namedtuple("Pair", "left right")


@dataclass
class Place:
    """A value with fields."""

    x: float
    y: float


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (True, 1),
        (2, np.int64(2)),
        (0.1 + 0.2, 0.3),
        (1 / 3, np.float64(1) / 3),
        (3.0000000000001, 3),
        (Fraction(1, 4), 0.25),
        (decimal.Decimal("2.50"), 2.5),
        ([1, 2], (1, 2)),
        ([1, 2], np.array([1.0, 2.0])),
        (Pair(1, 2), (1, 2)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (Counter("aab"), {"b": 1, "a": 2}),
        (OrderedDict(a=1), {"a": 1}),
        ({1, 2}, frozenset({2, 1})),
        (float("nan"), np.nan),
        (Place(1, 2), Place(1.0, 2.0)),
        (np.arange(9000), list(range(9000))),
        (KeyError("a"), KeyError("b")),
        (pd.Series([1.0, 2.0]), pd.Series([1, 2])),
        (pd.Series([1, None], dtype="Int64"), pd.Series([1, None], dtype=object)),
        (pd.Index(["a", "b"]), ["a", "b"]),
        (np.arange(40.0), list(range(40))),
        (np.linspace(0, 1, 40).reshape(4, 10), np.linspace(0, 1, 40).reshape(4, 10).tolist()),
        (np.linspace(0, 1, 40).reshape(4, 10).T, np.linspace(0, 1, 40).reshape(4, 10).T.tolist()),
    ],
)
def test_equal(one: Any, other: Any) -> None:
    """A right answer of another type would look wrong, and a mistake would go unrecognized."""
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 2),
        (1, "1"),
        (None, 0),
        ("a", b"a"),
        (1234567, 1234568),
        (0.123456, 0.123457),
        ([1, 2], [2, 1]),
        ([1, [2]], [[1], 2]),
        ({"a": 1}, {"a": 2}),
        ([1], {1}),
        (float("inf"), float("-inf")),
        (list(range(9000)), list(range(9001))),
        (list(range(9000)), [*range(8999), 0]),
        (KeyError(), ValueError()),
        (datetime.date(2026, 1, 1), datetime.date(2026, 1, 2)),
        (Place(1, 2), Place(2, 1)),
        (pd.Index(["a", "b"]), pd.Index(["a", "c"])),
        (np.ones((4, 10)), np.ones((10, 4))),
    ],
)
def test_different(one: Any, other: Any) -> None:
    """Two mistakes would look alike."""
    assert digest(one) != digest(other)


def test_no_limit_of_depth_or_cycles() -> None:
    """A list that holds itself, which a learner may return, would end the grader."""
    cycle: list[Any] = []
    cycle.append(cycle)
    assert digest(cycle) == digest(cycle)


FLOATS = [float("nan"), float("inf"), -0.0, 2.0, 1 / 3, 1e15, 123456.5, 999999.95, 5e-10, 1e300]


def test_many_floats_are_named_like_each_of_them() -> None:
    """A long answer would look different from a short one with the same numbers in it."""
    draw = np.random.default_rng(3)
    values = FLOATS + [float(x * 10.0**e) for e in range(-12, 18) for x in draw.normal(size=20)]
    assert reals(np.asarray(values)) == [real(value) for value in values]
