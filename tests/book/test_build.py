"""From executed notebooks to pages, with the proof that nothing was executed again."""

import shutil
from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache

from sixrounds.book.build import LogSummary, build_book, check_log, read_log
from sixrounds.book.outputs import CACHE, inject, with_outputs
from sixrounds.book.toc import worked_notebooks
from sixrounds.errors import SixRoundsError

GOOD_LOG = """\
/b/01_streams.ipynb: Using cached notebook: ID=1 [mystnb]
\x1b[91mbuild succeeded.\x1b[39m
"""
EXECUTED_LOG = """\
/b/01_streams.ipynb: Executing notebook using local CWD [mystnb]
/b/01_streams.ipynb: Executed notebook in 3.21 seconds [mystnb]
/b/01_streams.ipynb: Cached executed notebook: ID=1 [mystnb]
"""
WARNING_LOG = """\
/b/01_streams.ipynb: Using cached notebook: ID=1 [mystnb]
\x1b[91m/b/index.md:3: WARNING: cross-reference target not found: 'x' [myst.xref_missing]\x1b[39m
"""
LOG = Path("build/book.log")


def test_a_whole_book_is_built_without_executing_anything(built):
    """If this fails, the book executes notebooks a second time, or shows outputs nobody checked."""
    root, book = built
    assert book.notebooks == 1
    assert book.seconds > 0
    assert book.index == root / "_build" / "html" / "index.html"
    page = root / "_build" / "html" / "book" / "round2_coding" / "01_streams.html"
    html = page.read_text("utf-8")
    assert "from papermill, not from Sphinx" in html
    status = (root / "_build" / "html" / "book" / "status.html").read_text("utf-8")
    assert "4.2\N{NO-BREAK SPACE}s" in status


def test_an_unchanged_book_is_not_built_again(built, tmp_path):
    """`make book` would take as long every time, or show old pages after a change."""
    small_book = Path(shutil.copytree(built[0], tmp_path / "book"))
    assert build_book(small_book).seconds == 0
    page = small_book / "book" / "round2_coding" / "index.md"
    page.write_text(page.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    assert build_book(small_book).seconds > 0
    built = small_book / "_build/html/book/round2_coding/index.html"
    assert "One more sentence." in built.read_text("utf-8")


def test_a_build_that_executed_a_notebook_fails():
    """If this fails, outputs that nobody checked can reach the pages without a word."""
    with pytest.raises(SixRoundsError, match="executed 2 notebook"):
        check_log(read_log(EXECUTED_LOG * 2), 2, 0, LOG)


def test_a_build_with_a_warning_fails_and_says_which():
    """If this fails, the author has to search a long log for the reason."""
    with pytest.raises(SixRoundsError, match=r"did not build: /b/index.md:3: WARNING") as caught:
        check_log(read_log(WARNING_LOG), 1, 1, LOG)
    assert "\x1b" not in str(caught.value)


def test_a_notebook_that_was_skipped_fails():
    """If this fails, a page without outputs passes for one that was executed."""
    check_log(read_log(GOOD_LOG), 1, 0, LOG)
    with pytest.raises(SixRoundsError, match=r"1 notebook.* names 2"):
        check_log(read_log(GOOD_LOG), 2, 0, LOG)


def test_an_exit_code_alone_is_enough_to_fail():
    """If this fails, a build that crashed without a warning passes."""
    with pytest.raises(SixRoundsError, match="exit code 3"):
        check_log(LogSummary(0, 1, ()), 1, 3, LOG)


def test_papermill_metadata_does_not_spoil_the_match(small_book):
    """If this fails, no notebook is found in the cache and the book executes all of them."""
    [source] = worked_notebooks(small_book)
    inject(small_book, [source])
    cache = get_cache(small_book / CACHE)
    assert cache.match_cache_notebook(nbformat.read(source, 4)).data == {"execution_seconds": 4.2}


def test_stale_outputs_are_refused_and_the_old_cache_is_kept(small_book):
    """If this fails, a page shows outputs of code that is no longer there."""
    [source] = worked_notebooks(small_book)
    inject(small_book, [source])
    source.write_text(source.read_text("utf-8").replace("hello", "goodbye"), "utf-8")
    with pytest.raises(SixRoundsError, match="changed since it ran; run `sixrounds run`"):
        inject(small_book, [source])
    assert (small_book / CACHE).is_dir()


def test_outputs_of_another_notebook_are_refused(make_notebook):
    """If this fails, a mixed-up file puts outputs under code that did not print them."""
    other = make_notebook(executed=True)
    other.cells[1].source = "print('something else')"
    with pytest.raises(SixRoundsError, match="other cells"):
        with_outputs(make_notebook(executed=False), other, Path("a.ipynb"))


def test_a_page_that_does_not_exist_names_the_command_that_makes_it(small_book):
    """If this fails, a fresh clone ends in a Sphinx error about a missing file."""
    (small_book / "book" / "round2_coding" / "01_streams.ipynb").unlink()
    with pytest.raises(SixRoundsError, match=r"01_streams.ipynb: .* run `sixrounds editions`"):
        worked_notebooks(small_book)
    (small_book / "_toc.yml").write_text("a: [", "utf-8")
    with pytest.raises(SixRoundsError, match="not a readable table of contents"):
        worked_notebooks(small_book)
