"""A grader, a machine worth attacking, and a grader of the usual kind to compare with."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from arena import ROOT, Arena, Findings, SharedProcess, World

from sixrounds.book.attacks import read_catalog
from sixrounds.grading.jail import Jail, choose

CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def jail() -> Jail:
    """The best jail of this machine; anything less than the best is a fault of CI."""
    found = choose(unsafe=not CI)
    assert not CI or found.name == "bubblewrap", "CI needs bubblewrap; see `sixrounds doctor`"
    return found


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Files, sockets and secrets, some of them in the environment of this process."""
    with World(tmp_path_factory.mktemp("world")).alive() as made:
        os.environ["SIXROUNDS_TEST_TOKEN"] = made.token
        yield made
        del os.environ["SIXROUNDS_TEST_TOKEN"]


@pytest.fixture(scope="session")
def arena(jail: Jail, world: World) -> Iterator[Arena]:
    """One warm grader for all attacks."""
    made = Arena(jail, world)
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared_process(world: World, arena: Arena) -> Iterator[SharedProcess]:
    """One grader that shares its process."""
    made = SharedProcess(world, arena.plan)
    yield made
    made.close()


@pytest.fixture(scope="session")
def findings(jail: Jail) -> Iterator[Findings]:
    """Notes for the page of the book."""
    made = Findings(jail.name)
    yield made
    made.write({group.key: len(group.attacks) for group in read_catalog(Path(ROOT))})
