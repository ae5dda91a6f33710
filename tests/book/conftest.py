"""The small book: to change, and built."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from tiny_book import notebook, write_book

from sixrounds.book.build import Book, build_book


@pytest.fixture
def make_notebook() -> Callable[..., nbformat.NotebookNode]:
    """What makes the notebook of the small book."""
    return notebook


@pytest.fixture
def small_book(tmp_path: Path) -> Path:
    """The root of the small book, for a test to change."""
    return write_book(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Book]:
    """The small book as it is, built once: its root, and what the build said; change nothing."""
    root = write_book(tmp_path_factory.mktemp("built"))
    return root, build_book(root)
