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

from sixrounds.grading.digest import digest

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
