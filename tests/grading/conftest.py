"""A course of six students, made once and copied for each test that changes something."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from handing_in import CHAPTER, SCRIPT, mistake, put, without

from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course, init
from sixrounds.source import Lesson

Filled = Callable[[str, Mapping[str, str]], str]


@pytest.fixture(scope="session")
def six(lessons: dict[str, Lesson], filled: Filled) -> dict[str, dict[str, str]]:
    """What each of six students hands in, by student and topic."""
    newsvendor = lessons["00_newsvendor"].exercise("order_quantity")
    tiny = lessons["01_tiny"].exercise("shelved")
    right = {
        "order_quantity": f"# {SCRIPT}\n{newsvendor.reference}",
        "shelved": tiny.reference,
        "why_limit": f"Space is physical. {SCRIPT}",
    }
    mean = mistake(lessons, "00_newsvendor", "order_quantity", "orders the mean")
    unlimited = mistake(lessons, "01_tiny", "shelved", "no limit")
    partly = {"order_quantity": mean, "shelved": unlimited}
    full = {topic: filled(topic, right) for topic in lessons}
    return {
        "right": full,
        "partly": {topic: filled(topic, partly) for topic in lessons},
        "stub": {topic: filled(topic, {}) for topic in lessons},
        "empty": dict.fromkeys(lessons, ""),
        "broken": dict.fromkeys(lessons, '{"cells": ['),
        "deleted": {
            "00_newsvendor": without(full["00_newsvendor"], "test-order_quantity", "setup-1"),
            "01_tiny": without(full["01_tiny"], "shelved", "test-shelved", "test-shelved-2"),
        },
    }


@pytest.fixture(scope="session")
def new_course(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course nobody handed anything in to; copy it."""
    folder = tmp_path_factory.mktemp("courses") / "new"
    with chdir(clone):
        init(folder)
    return folder


@pytest.fixture(scope="session")
def graded(
    new_course: Path, six: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, Any]]]:
    """The six graded: the course's folder, to be copied, and the rows."""
    folder = tmp_path_factory.mktemp("courses") / "graded"
    shutil.copytree(new_course, folder)
    for student, notebooks in six.items():
        for topic, content in notebooks.items():
            put(folder, student, topic, content)
    return folder, grade_course(Course.load(folder), CHAPTER)


@pytest.fixture
def course(new_course: Path, tmp_path: Path) -> Course:
    """An empty course of this test's own."""
    return Course.load(Path(shutil.copytree(new_course, tmp_path / "course")))


@pytest.fixture
def class_of_six(graded: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> Course:
    """The graded class, for this test to change."""
    return Course.load(Path(shutil.copytree(graded[0], tmp_path / "course")))
