"""Mermaid diagrams from the fence to the page; tests/browser sees them drawn."""

import hashlib
from pathlib import Path

import pytest
from tiny_book import write_book

from sixrounds.book import diagrams
from sixrounds.book.build import LOG, Book, build_book, read_log
from sixrounds.errors import SixRoundsError

FLOW = """\
```mermaid
flowchart TB
  accTitle: Parts & people
  accDescr: A part "P1" leads to a person.
  a[part] --> b[person]
```
"""
LONG = FLOW.replace('accDescr: A part "P1" leads to a person.', "accDescr {\n  one\n  two }")
CHAPTER = "book/round2_coding/index"


def html(root: Path, name: str) -> str:
    """A page of a built book."""
    return (root / "_build/html" / name).with_suffix(".html").read_text("utf-8")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a built book that has two diagrams on two of its pages."""
    root = write_book(tmp_path_factory.mktemp("drawn"))
    for name, fence in ((CHAPTER, FLOW), ("book/index", LONG)):
        page = root / f"{name}.md"
        page.write_text(f"{page.read_text('utf-8')}\n{fence}", "utf-8")
    build_book(root)
    return root


def test_a_diagram_stands_on_its_page_with_caption_and_description(drawn: Path) -> None:
    """If this fails, a diagram is not drawn, or says nothing to a person who does not see it."""
    page = html(drawn, CHAPTER)
    assert 'role="img" aria-label="A part &quot;P1&quot; leads to a person."' in page
    assert '<span class="caption-text">Parts &amp; people</span>' in page
    assert "a[part] --&gt; b[person]" in page
    assert "_static/mermaid/mermaid.min.js" in page
    assert "_static/mermaid/diagrams.js" in page


def test_only_pages_with_a_diagram_load_the_library(drawn: Path) -> None:
    """If this fails, a reader of any page waits for megabytes that it does not use."""
    for name in ("book/status", "book/round2_coding/01_streams", "search"):
        assert "mermaid" not in html(drawn, name)


def test_a_description_may_have_several_lines(drawn: Path) -> None:
    """If this fails, Mermaid's own form of a long description is told to nobody."""
    assert 'aria-label="one two"' in html(drawn, "book/index")


def test_a_book_without_diagrams_has_no_library(built: tuple[Path, Book]) -> None:
    """If this fails, who writes no diagram needs a package for diagrams."""
    root, _ = built
    assert "mermaid" not in html(root, CHAPTER)
    assert not (root / "_build/html/_static/mermaid").exists()


def test_a_diagram_without_words_is_refused(small_book: Path) -> None:
    """If this fails, a diagram without a caption or a description reaches the pages."""
    silent = [
        "".join(line for line in FLOW.splitlines(True) if missing not in line)
        for missing in ("accTitle", "accDescr")
    ]
    page = small_book / f"{CHAPTER}.md"
    page.write_text("# Round 2\n\n" + "\n".join(silent), "utf-8")
    no_caption = r"index.md:3: .*has no caption; add a line `accTitle"
    with pytest.raises(SixRoundsError, match=f"round2_coding/{no_caption}"):
        build_book(small_book)
    _, second = read_log((small_book / LOG).read_text("utf-8")).trouble
    assert "index.md:9: " in second
    assert "says nothing to a person who does not see it; add a line `accDescr" in second


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
