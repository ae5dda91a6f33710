"""Below each page: when its outputs were made, and how to report an error."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from sixrounds.book.build import Book, build_book
from sixrounds.book.footnote import last_run, page_note, report_url, run_of
from sixrounds.editions.origin import Origin
from sixrounds.errors import SixRoundsError
from sixrounds.run import Ran, noted, read_notebook
from sixrounds.run.versions import note

PAGE = "book/round2_coding/01_streams"
RAN = Ran("2026-01-02T23:59:59+00:00", {"Python": "3.11.7", "numpy": "2.4.6"})
TEXT = "Last run on 2026-01-02 with Python 3.11.7, numpy 2.4.6."


def notes(root: Path) -> dict[str, BeautifulSoup]:
    """The note of each page of a built book, by the page's name."""
    html = root / "_build/html"
    found = {}
    for path in sorted((html / "book").rglob("*.html")):
        page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        (found[path.relative_to(html).with_suffix("").as_posix()],) = page.select(".page-note")
    return found


def test_without_a_repository_no_link_leads_nowhere(built: tuple[Path, Book]) -> None:
    """If this fails, readers click on an address that does not exist, or cannot report at all."""
    root, _ = built
    found = notes(root)
    assert len(found) == 4
    for name, each in found.items():
        assert not each.select("a")
        assert f"name the page: {name}." in each.get_text()
    with_run = [name for name, each in found.items() if "Last run on" in each.get_text()]
    assert with_run == [PAGE], "prose was not run, and a notebook was"
    assert TEXT in found[PAGE].get_text()
    search = (root / "_build/html/search.html").read_text("utf-8")
    assert "page-note" not in search


def test_with_a_repository_every_page_has_a_link(small_book: Path) -> None:
    """If this fails, a reader who found an error has nowhere to say so."""
    settings = '[tool.sixrounds]\nrepository = "https://github.com/o/six.git"\ntag = "v1"\n'
    (small_book / "pyproject.toml").write_text(settings, "utf-8")
    build_book(small_book)
    for name, each in notes(small_book).items():
        (link,) = each.select("a")
        title = f"Error%20in%20{name.replace('/', '%2F')}%2C%20v1"
        assert link["href"] == f"https://github.com/o/six/issues/new?title={title}"


@pytest.mark.parametrize(
    "repository",
    ["file:///srv/six.git", "https://git.example.org/six.git", "https://github.com.example.org/x"],
)
def test_an_address_that_would_be_a_guess_is_not_linked(repository: str) -> None:
    """If this fails, a link leads to a page that its host may not have."""
    assert report_url(PAGE, Origin(repository, "v1")) is None
    assert "<a" not in page_note(PAGE, RAN, Origin(repository, "v1"))


def test_other_hosts_have_their_own_form() -> None:
    """If this fails, a report on GitLab starts at a page that is not there."""
    url = report_url("book/a", Origin("https://gitlab.com/group/six/", "v1"))
    assert url == (
        "https://gitlab.com/group/six/-/issues/new?issue[title]=Error%20in%20book%2Fa%2C%20v1"
    )


def test_what_a_page_shows_is_escaped() -> None:
    """If this fails, a version or a name with a < breaks the page."""
    ran = Ran("2026-01-02T00:00:00+00:00", {"odd": "<1>"})
    assert "&lt;1&gt;" in page_note("a<b", ran, None)
    assert "a<b" not in page_note("a<b", ran, None)


def test_the_date_is_that_of_the_run(small_book: Path) -> None:
    """If this fails, a page says when it was built, and old outputs look new."""
    assert last_run(run_of(small_book, small_book / f"{PAGE}.ipynb")) == TEXT


def test_a_run_that_nobody_noted_ends_the_build(small_book: Path) -> None:
    """If this fails, a page has outputs of which nobody knows how old they are."""
    executed = small_book / "build/runs/round2_coding/01_streams.ipynb"
    executed.write_text(executed.read_text("utf-8").replace('"sixrounds"', '"other"'), "utf-8")
    with pytest.raises(SixRoundsError, match="nobody noted when it ran; run `sixrounds run"):
        run_of(small_book, small_book / f"{PAGE}.ipynb")
    with pytest.raises(SixRoundsError, match="nobody noted"):
        build_book(small_book)


def test_versions_are_those_of_what_is_imported(small_book: Path) -> None:
    """If this fails, a page names packages that its notebook does not use, or leaves some out."""
    executed = read_notebook(small_book / "build/runs/round2_coding/01_streams.ipynb")
    executed.cells[1].source = "import heapq\nimport numpy.linalg as la\nfrom yaml import load"
    note(executed)
    found = noted(executed)
    assert found is not None
    assert set(found.versions) == {"Python", "sixrounds", "numpy", "PyYAML"}
    assert noted(read_notebook(small_book / f"{PAGE}.ipynb")) is None
    executed.cells[1].source = "from sixrounds import sql"
    note(executed)
    found = noted(executed)
    assert found is not None
    assert set(found.versions) == {"Python", "sixrounds", "duckdb"}, "a query runs on DuckDB"
