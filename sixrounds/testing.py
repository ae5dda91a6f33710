"""Seeded randomness for hidden tests: the only source of random cases a test may use.

A public default seed makes every reader see the same cases; a course's secret seed, given to the
trusted process alone by the grader, makes an answer that memorized them useless.
"""

import hashlib
import hmac
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
