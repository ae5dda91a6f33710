"""Every question of the curriculum leads to the notebook and the exercises that answer it."""

from pathlib import Path

import pytest
import yaml

from sixrounds.book.build import build_book
from sixrounds.book.questions import LIST, TO_COME, read_questions, slug, write_questions
from sixrounds.book.toc import QUESTIONS_PAGE, pages
from sixrounds.errors import SixRoundsError
from sixrounds.source.scaffold import create

ROOT = Path(__file__).parents[2]
FIRST = {
    "id": "Q1",
    "question": "Which gap is the largest?",
    "notebook": "round2_coding/01_streams",
    "exercises": ["streams_example"],
}
SECOND = {
    "id": "Q2",
    "question": "How is a | written?",
    "notebook": "round3_ml_modeling/05_not_written",
    "exercises": ["anything"],
}


@pytest.fixture
def asked(small_book: Path) -> Path:
    """The small book with a lesson, and two questions of which one is answered."""
    create(small_book, "round2_coding", "01_streams")
    (small_book / LIST).write_text(yaml.safe_dump([FIRST, SECOND]), "utf-8")
    return small_book


def page(root: Path) -> list[str]:
    """The rows of the page."""
    write_questions(root)
    lines = (root / QUESTIONS_PAGE).read_text("utf-8").splitlines()
    return [line for line in lines if line.startswith("| Q")]


def test_all_nineteen_questions_are_there() -> None:
    """If this fails, a question the book exists for has no place in it."""
    questions = read_questions(ROOT)
    assert [each.id for each in questions] == [f"Q{number}" for number in range(1, 20)]
    assert QUESTIONS_PAGE in pages(ROOT)
    assert all("\n" not in each.question for each in questions)


def test_every_link_of_this_book_leads_to_an_exercise() -> None:
    """If this fails, the page names an exercise that its notebook does not have."""
    # Raises if a notebook of the book lacks an exercise; nothing is linked that is not there.
    rows = page(ROOT)
    there = {f"{each.parent.name}/{each.stem}" for each in pages(ROOT) if each.suffix == ".ipynb"}
    for question, row in zip(read_questions(ROOT), rows, strict=True):
        if question.notebook in there:
            assert all(f"[`{name}`](" in row for name in question.exercises)
        else:
            assert TO_COME in row and "](" not in row
    assert "exercise-1-parts-that-were-ever-negative-10-min" in rows[5]


def test_links_lead_to_the_heading_of_the_exercise(asked: Path) -> None:
    """If this fails, a link is dead, or leads to the top of a long page."""
    anchor = "streams.ipynb#exercise-1-largest-gap-5-min"
    first, second = page(asked)
    assert f"[`streams_example`](round2_coding/01_{anchor})" in first
    assert "round3/05 not written | to come |" in second
    assert "&#124;" in second


def test_a_dead_link_ends_the_build(asked: Path) -> None:
    """If this fails, the page keeps a link to a heading that was reworded."""
    toc = (asked / "_toc.yml").read_text("utf-8")
    (asked / "_toc.yml").write_text(toc + "- file: book/questions\n", "utf-8")
    # The worked notebook of the small book has no such heading, its source does.
    with pytest.raises(SixRoundsError, match=r"did not build: .*exercise-1-largest-gap-5-min"):
        build_book(asked)


def test_an_exercise_that_is_gone_is_named(asked: Path) -> None:
    """If this fails, an exercise is renamed and the index of questions is not."""
    entry = FIRST | {"exercises": ["gone"]}
    (asked / LIST).write_text(yaml.safe_dump([entry]), "utf-8")
    with pytest.raises(SixRoundsError, match=r"gone is no exercise of .* has streams_example"):
        write_questions(asked)


def test_without_a_list_the_page_says_so(small_book: Path) -> None:
    """If this fails, a book without questions does not build."""
    assert page(small_book) == []
    assert "no questions yet" in (small_book / QUESTIONS_PAGE).read_text("utf-8")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (FIRST | {"id": "Q2"}, "this one is Q1"),
        (FIRST | {"question": " "}, "it asks nothing"),
        (FIRST | {"notebook": "round9/01_streams"}, "is no notebook"),
        (FIRST | {"notebook": "round2_coding/streams"}, "is no notebook"),
        (FIRST | {"exercises": []}, "at least one"),
        (FIRST | {"exercises": [1]}, "a list of names"),
        ({"id": "Q1"}, "must have exercises, id, notebook, question"),
        ("Q1", "must have exercises, id, notebook, question"),
    ],
)
def test_a_wrong_entry_is_refused(small_book: Path, entry: object, said: str) -> None:
    """If this fails, a slip in the list gives a traceback or a page with holes."""
    (small_book / LIST).write_text(yaml.safe_dump([entry]), "utf-8")
    with pytest.raises(SixRoundsError, match=f"question 1: .*{said}"):
        read_questions(small_book)


def test_a_list_that_is_no_list_is_refused(small_book: Path) -> None:
    """If this fails, a file that was damaged empties the page without a word."""
    for text in ("a: [", "id: Q1\n"):
        (small_book / LIST).write_text(text, "utf-8")
        with pytest.raises(SixRoundsError, match=r"questions.yml: not"):
            read_questions(small_book)


def test_anchors_are_those_of_the_parser() -> None:
    """If this fails, headings with punctuation have links that lead nowhere."""
    from myst_parser.mdit_to_docutils.base import default_slugify

    for title in ("Exercise 1: a `b_c` (10 min)", "Ü, v2.0 – what?", "A  b"):
        assert slug(title) == default_slugify(title)
