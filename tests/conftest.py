"""A small clone with two lessons, and ways to hand in answers to them; for all rooms."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sixrounds.editions.fill import fill
from sixrounds.editions.notebook import dumps
from sixrounds.editions.render import learner
from sixrounds.source import Lesson, load

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a project whose curriculum is the fixtures; nothing writes into it."""
    root = tmp_path_factory.mktemp("clone")
    shutil.copytree(FIXTURES / "round2_coding", root / "solutions" / "round2_coding")
    (root / "_config.yml").touch()
    return root


@pytest.fixture(scope="session")
def lessons(clone: Path) -> dict[str, Lesson]:
    """Its lessons by topic."""
    return {lesson.topic: lesson for lesson in load(clone)}


@pytest.fixture(scope="session")
def filled(lessons: dict[str, Lesson]) -> Callable[[str, Mapping[str, str]], str]:
    """The text of a learner's notebook with answers written into it."""

    def text(topic: str, answers: Mapping[str, str]) -> str:
        return dumps(fill(learner(lessons[topic]), answers))

    return text
