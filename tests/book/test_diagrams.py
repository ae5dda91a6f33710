"""Mermaid diagrams from the fence to the page; tests/browser sees them drawn."""

import hashlib
from pathlib import Path

import pytest

from sixrounds.book import diagrams
from sixrounds.book.build import build_book
from sixrounds.errors import SixRoundsError

FLOW = """\
```mermaid
flowchart TB
  accTitle: Parts & people
  accDescr: A part "P1" leads to a person.
  a[part] --> b[person]
```
"""
PAGE = Path("_build/html/book/round2_coding/index.html")


def built_with(root: Path, fence: str) -> str:
    """The HTML of a page that has a fence, in a book that knows diagrams."""
    config = root / "_config.yml"
    text = config.read_text("utf-8").replace(
        "extra_extensions: [", "extra_extensions: [sixrounds.book.diagrams, "
    )
    config.write_text(text + "  config: {myst_fence_as_directive: [mermaid]}\n", "utf-8")
    page = root / "book/round2_coding/index.md"
    page.write_text(f"# Round 2\n\n{fence}", "utf-8")
    build_book(root)
    return (root / PAGE).read_text("utf-8")


def test_a_diagram_stands_on_its_page_with_caption_and_description(small_book: Path) -> None:
    """If this fails, a diagram is not drawn, or says nothing to a person who does not see it."""
    html = built_with(small_book, FLOW)
    assert 'role="img" aria-label="A part &quot;P1&quot; leads to a person."' in html
    assert '<span class="caption-text">Parts &amp; people</span>' in html
    assert "a[part] --&gt; b[person]" in html
    assert "_static/mermaid/mermaid.min.js" in html
    assert "_static/mermaid/diagrams.js" in html


def test_only_pages_with_a_diagram_load_the_library(small_book: Path) -> None:
    """If this fails, a reader of any page waits for megabytes that it does not use."""
    built_with(small_book, FLOW)
    for name in ("index.html", "status.html", "round2_coding/01_streams.html"):
        assert "mermaid" not in (small_book / "_build/html/book" / name).read_text("utf-8")
    assert "mermaid" not in (small_book / "_build/html/search.html").read_text("utf-8")


def test_a_book_without_diagrams_has_no_library(small_book: Path) -> None:
    """If this fails, who writes no diagram needs a package for diagrams."""
    assert "mermaid" not in built_with(small_book, "No diagram.\n")
    assert not (small_book / "_build/html/_static/mermaid").exists()


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("accTitle", "has no caption; add a line `accTitle"),
        ("accDescr", "says nothing to a person who does not see it; add a line `accDescr"),
    ],
)
def test_a_diagram_without_words_is_refused(small_book: Path, missing: str, message: str) -> None:
    """If this fails, a diagram without a caption or a description reaches the pages."""
    bad = "".join(line for line in FLOW.splitlines(True) if missing not in line)
    with pytest.raises(SixRoundsError, match=f"round2_coding/index.md:3: .*{message}"):
        built_with(small_book, bad)


def test_a_description_may_have_several_lines(small_book: Path) -> None:
    """If this fails, Mermaid's own form of a long description is told to nobody."""
    long = FLOW.replace('accDescr: A part "P1" leads to a person.', "accDescr {\n  one\n  two }")
    assert 'aria-label="one two"' in built_with(small_book, long)


def test_the_library_is_what_mermaid_published() -> None:
    """If this fails, pages run a script that somebody else has changed, or none."""
    found = diagrams.library()
    assert hashlib.sha256(found.read_bytes()).hexdigest() == diagrams.SHA256
    assert b'version:"11.16.0"' in found.read_bytes()


def test_a_missing_or_changed_library_names_the_command() -> None:
    """If this fails, the author gets a traceback, or a page gets an unknown script."""
    with pytest.raises(SixRoundsError, match=r"no Mermaid .* run `pip install gone_mermaid==1`"):
        diagrams.library("gone_mermaid==1")
    with pytest.raises(SixRoundsError, match="not the Mermaid we know; run `pip install mermaidx"):
        diagrams.library(sha256="0" * 64)
