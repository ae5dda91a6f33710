"""What is mended of the theme; `tests/browser` sees the rest of it in the built book."""

from pathlib import Path

from bs4 import BeautifulSoup

from sixrounds.book.build import Book
from sixrounds.book.theme import with_breaks, with_names


def test_pages_are_mended(built: tuple[Path, Book]) -> None:
    """If this fails, pages name other hosts, or the site's root has neither title nor link."""
    root, book = built
    front_door = book.index.read_text("utf-8")
    assert "<title>" in front_door
    assert '<a href="book/index.html">' in front_door
    page = root / "_build" / "html" / "book" / "round2_coding" / "01_streams.html"
    html = page.read_text("utf-8")
    assert "thebe" not in html
    assert 'aria-label="Pages of Round 2"' in html


def test_each_triangle_of_the_sidebar_has_a_name() -> None:
    """If this fails, a screen reader says "triangle" for every chapter and for nothing else."""
    made = BeautifulSoup(
        "<ul><li><a>Round <b>2</b></a><details><summary></summary><ul><li><a>One</a></li></ul>"
        "</details></li><li><a>Status</a></li></ul>",
        "html.parser",
    )
    named = with_names(lambda kind: made if kind == "sidebar" else "")
    summaries = named(kind="sidebar").select("summary")
    assert [each["aria-label"] for each in summaries] == ["Pages of Round 2"]
    assert named(kind="raw") == ""


def test_a_long_name_may_break_at_its_joints_and_nowhere_else() -> None:
    """If this fails, a path makes a phone's page too wide, or breaks within a word."""
    code = '<code><span class="pre">{}</span></code>'
    long = code.format("solutions/round2_coding/01_streams.py")
    assert with_breaks(long) == code.format(
        "solutions/<wbr>round2_<wbr>coding/<wbr>01_<wbr>streams.<wbr>py"
    )
    for same in (".venv", "as_arrays", "submitted/&lt;student&gt;/&lt;name&gt;/"):
        assert with_breaks(code.format(same)) == code.format(same)
    assert with_breaks("<p>a/path/that/is/no/code/of/ours</p>").count("<wbr>") == 0
