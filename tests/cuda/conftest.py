"""Compiled kernels of the tests stay in the clone's build folder: a second run is quick."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sixrounds.cuda import cache, lanes

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session", autouse=True)
def cache_folder() -> Iterator[Path]:
    """Where compiled kernels are; a folder chosen from outside stays."""
    before = os.environ.get(cache.VARIABLE)
    os.environ[cache.VARIABLE] = before or str(ROOT / "build" / "cuda")
    yield cache.folder()
    if before is None:
        del os.environ[cache.VARIABLE]


@pytest.fixture(autouse=True)
def lane() -> Iterator[None]:
    """Each test starts in the default lane."""
    with lanes.use(lanes.Lane.CHECK):
        yield
