"""What a tests cell may ask for: seeded randomness, and part of its points for part of an answer.

`rng` and `pyrandom` are the only source of random cases a test may use.

A public default seed makes every reader see the same cases; a course's secret seed, given to the
trusted process alone by the grader, makes an answer that memorized them useless.
"""

import hashlib
import hmac
import math
import random

import numpy as np

PUBLIC_SEED = b"six rounds, public"
_seed: bytes = PUBLIC_SEED


def use_seed(seed: bytes) -> None:
    """Draw all later cases from `seed`; for the grader's trusted process only."""
    global _seed  # noqa: PLW0603  one seed per process is the contract
    _seed = seed


def derive(seed: bytes, exercise: str) -> int:
    """The integer seed of one exercise: knowing one tells nothing about another."""
    return int.from_bytes(hmac.new(seed, exercise.encode(), hashlib.sha256).digest(), "big")


def rng(exercise: str) -> np.random.Generator:
    """A numpy generator for the hidden cases of one exercise, the same at every call."""
    return np.random.default_rng(derive(_seed, exercise))


def pyrandom(exercise: str) -> random.Random:
    """A `random.Random` for the hidden cases of one exercise, the same at every call."""
    return random.Random(derive(_seed, exercise))


class Credit(float):
    """Points for a part of an answer; nbgrader reads it as the number that it is."""


def credit(points: float) -> Credit:
    """So many of a tests cell's points: to be called in the cell's last expression.

    No other number earns anything, so that no answer gives itself points by what it returns.

    Raises:
        ValueError: not a number of points.
    """
    if isinstance(points, bool) or not math.isfinite(points) or points < 0:
        raise ValueError(f"credit({points!r}): give a number of points, 0 or more")
    return Credit(points)
