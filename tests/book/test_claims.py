"""No page states a fact about the world without a source that a reader can look up."""

from pathlib import Path

import pytest

from sixrounds.book import build
from sixrounds.book.build import build_book, check_log, read_log
from sixrounds.book.claims import check, prose, read_claims, unsourced, write_claims
from sixrounds.book.toc import worked_notebooks
from sixrounds.errors import SixRoundsError

ROOT = Path(__file__).parents[2]
HEADER = "id,claim,source,url,date_reported,date_checked,pages\n"
ROW = "rounds,A guide counts six rounds,A guide,https://example.org/g,2024-11,2026-11-22,book/index"
INDEX = "# Small\n\n[status](status.md)\n"


def book(root: Path, index: str, *rows: str) -> Path:
    """The small book with another first page, a table, and a page of claims."""
    (root / "book" / "index.md").write_text(INDEX + index, "utf-8")
    (root / "book" / "claims.csv").write_text(HEADER + "\n".join(rows) + "\n", "utf-8")
    toc = (root / "_toc.yml").read_text("utf-8")
    if "book/claims" not in toc:
        (root / "_toc.yml").write_text(toc + "- file: book/claims\n", "utf-8")
    return root


def test_every_claim_of_this_book_has_a_source() -> None:
    """If this fails, a page of this book states a fact that nobody can check."""
    check(ROOT)
    assert len(prose(ROOT)) > 10, "the pages that are checked were not found"


def test_a_claim_leads_to_its_source(small_book: Path) -> None:
    """If this fails, a reader sees a claim without who said it, or a link to nowhere."""
    book(small_book, "\nSix rounds. {claim}`rounds`\n", ROW)
    build_book(small_book)
    html = (small_book / "_build/html/book/index.html").read_text("utf-8")
    assert '<sup class="claim">' in html
    assert 'href="claims.html#claim-rounds"' in html
    assert "A guide, 2024-11" in html
    listed = (small_book / "_build/html/book/claims.html").read_text("utf-8")
    assert 'id="claim-rounds"' in listed
    assert 'href="https://example.org/g"' in listed
    assert "reported 2024-11, read by us 2026-11-22" in listed


def test_an_id_without_a_row_ends_the_build(small_book: Path) -> None:
    """If this fails, a citation that leads nowhere is published."""
    book(small_book, "\nSix rounds. {claim}`round`\n\nMore. {claim}`rounds`\n", ROW)
    with pytest.raises(SixRoundsError, match=r"book/index.md:5: round has no row"):
        build_book(small_book)
    # The role itself refuses it, too, whatever was checked before.
    write_claims(small_book)
    (small_book / "book/status.md").write_text("# Status\n", "utf-8")
    build.inject(small_book, worked_notebooks(small_book))
    code = build._run_jupyter_book(small_book)
    log = small_book / build.LOG
    assert code != 0
    with pytest.raises(SixRoundsError, match="claim 'round' has no row in book"):
        check_log(read_log(log.read_text("utf-8")), 1, code, log)


def test_a_row_that_no_page_cites_fails(small_book: Path) -> None:
    """If this fails, the list of claims says that a page states what it no longer does."""
    book(small_book, "", ROW)
    with pytest.raises(SixRoundsError, match="rounds: pages says book/index, it is cited by none"):
        check(small_book)


def test_a_row_names_all_the_pages_that_cite_it(small_book: Path) -> None:
    """If this fails, a claim that is mended is mended on one page of two."""
    book(small_book, "\nSix. {claim}`rounds`\n", ROW)
    check(small_book)
    chapter = small_book / "book/round2_coding/index.md"
    chapter.write_text("# Round 2\n\nOne of six. {claim}`rounds`\n", "utf-8")
    with pytest.raises(SixRoundsError, match=r"cited by book/index book/round2_coding/index"):
        check(small_book)


@pytest.mark.parametrize(
    "sentence",
    [
        "A base of $180,000 is common.",
        "You start at 150,000 USD.",
        "Of all who apply, 3 % are hired.",
        "About 12.5 percent reach the last round.",
        "Tesla asks for a talk of your own.",
        "Tesla never pays for travel.",
        "At this stage Tesla's recruiters require a talk.",
        "The interview lasts 45 to 60 minutes.",
        "A recruiter calls for half an hour.",
        "Expect the offer after 6 weeks.",
        "Candidates typically see two problems.",
    ],
)
def test_a_page_that_states_a_fact_without_a_source_is_caught(
    small_book: Path, sentence: str
) -> None:
    """If this fails, an author who forgot the source is not told."""
    book(small_book, f"\nAn innocent line.\n{sentence}\n")
    with pytest.raises(SixRoundsError, match=r"book/index.md:6: .* without a source; cite a row"):
        build_book(small_book)
    assert unsourced(f"{sentence[:-1]}. {{claim}}`rounds`\n") == []


def test_our_own_words_are_not_taken_for_claims() -> None:
    """If this fails, authors get used to working around the check."""
    fine = """\
Give yourself ten minutes for an exercise.
It is not affiliated with Tesla, Inc.
Run `sixrounds prove`, which takes `60 %` of the time.
The offer is a distribution, and the loop has an end.
Call a function 3 times.
% a comment: Tesla pays $1
```console
$ echo Tesla pays 100 %
Tesla pays 100 %
```
"""
    assert unsourced(fine) == []
    assert unsourced(fine + "Tesla pays 100 %.\n") == [(11, "a percentage")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW.replace("rounds,", "Rounds!,"), "is no id"),
        (f"{ROW}\n{ROW}", ":3: 'rounds' is there twice"),
        (ROW.replace("A guide,", ","), "lacks its claim or its source"),
        (ROW.replace("https", "ftp"), "has a url that is no https"),
        (ROW.replace("2024-11,", "last year,"), "has no date_reported"),
        (ROW.replace("2024-11,", "2024-13,"), "has no date_reported"),
        (ROW.replace("2026-11-22", "2026-11"), "has no date_checked"),
        (ROW.replace("book/index", ""), "names no page"),
        (ROW + ",more", "8 values for 7 columns"),
    ],
)
def test_a_wrong_row_is_refused_by_its_line(small_book: Path, row: str, said: str) -> None:
    """If this fails, a claim without a source or a date gets a row and passes."""
    book(small_book, "", row)
    with pytest.raises(SixRoundsError, match=said):
        read_claims(small_book)


def test_dates_and_addresses_that_are_missing_are_said_to_be(small_book: Path) -> None:
    """If this fails, a source without a date looks dated, or a missing address is a dead link."""
    row = ROW.replace("https://example.org/g", "").replace("2024-11,", "undated,")
    book(small_book, "\nSix. {claim}`rounds`\n", row)
    write_claims(small_book)
    text = (small_book / "book/claims.md").read_text("utf-8")
    assert "Source: A guide, undated, read by us 2026-11-22." in text
    book(small_book, "")
    write_claims(small_book)
    assert "No page states such a fact yet." in (small_book / "book/claims.md").read_text("utf-8")


def test_a_header_that_differs_is_refused(small_book: Path) -> None:
    """If this fails, a column that somebody renamed is read as another."""
    book(small_book, "")
    (small_book / "book/claims.csv").write_text("id,claim\n", "utf-8")
    with pytest.raises(SixRoundsError, match=r"claims.csv:1: the header must be id,claim,source"):
        read_claims(small_book)
