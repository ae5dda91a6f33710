"""Below the title of a notebook's page: where to get the notebook without its answers."""

from pathlib import Path

import pytest

from sixrounds.book.build import Book
from sixrounds.book.launch import below_title, colab_url, launch_line, offer
from sixrounds.editions.origin import Origin
from sixrounds.errors import SixRoundsError

SOURCE = Path("book/round2_coding/01_streams.ipynb")


def test_the_page_offers_the_learners_edition(built: tuple[Path, Book]) -> None:
    """If this fails, a reader downloads a notebook with the answers in it, or nothing."""
    root, _ = built
    html = (root / "_build/html" / SOURCE.with_suffix(".html")).read_text("utf-8")
    link = '<a href="../../_downloads/round2_coding/01_streams.ipynb" download>'
    assert link in html
    assert html.index(link) > html.index("</h1>")
    given = root / "_build/html/_downloads/round2_coding/01_streams.ipynb"
    learners = root / "notebooks/round2_coding/01_streams.ipynb"
    assert given.read_bytes() == learners.read_bytes()
    prose = (root / "_build/html/book/round2_coding/index.html").read_text("utf-8")
    assert "launch" not in prose


def test_a_notebook_that_is_not_there_names_the_command(small_book: Path) -> None:
    """If this fails, a page links to a file that does not exist."""
    (small_book / "notebooks/round2_coding/01_streams.ipynb").unlink()
    with pytest.raises(SixRoundsError, match="not there; run `sixrounds editions`"):
        offer(small_book / SOURCE, small_book, small_book / "out")


def test_colab_opens_the_release_of_a_public_repository() -> None:
    """If this fails, the link opens another version of the notebook, or none."""
    found = Origin("https://github.com/org/six-rounds.git", "v1.0")
    url = colab_url(SOURCE, found)
    assert url == (
        "https://colab.research.google.com/github/org/six-rounds/blob/v1.0/"
        "notebooks/round2_coding/01_streams.ipynb"
    )
    assert "open it in Colab" in launch_line("a.ipynb", url, "help.html")


@pytest.mark.parametrize("repository", [None, "https://gitlab.com/a/b", "file:///srv/github.com/a"])
def test_without_such_a_repository_nothing_is_said_of_colab(repository: str | None) -> None:
    """If this fails, a link leads to an address that does not exist."""
    found = Origin(repository, "v1") if repository else None
    assert colab_url(SOURCE, found) is None
    assert "Colab" not in launch_line("a.ipynb", None, "help.html")


def test_a_page_without_a_title_stays_as_it_is() -> None:
    """If this fails, the line lands somewhere in the text."""
    assert below_title("<p>a</p>", "x") == "<p>a</p>"
    assert below_title("<h1>a</h1><h1>b</h1>", "x") == "<h1>a</h1>x<h1>b</h1>"
