"""What a guide shows is what its commands print: proven on pages that are false."""

from pathlib import Path

import pytest

from sixrounds.book import transcript
from sixrounds.book.transcript import (
    CLONE,
    clone,
    comparable,
    differences,
    main,
    matches,
    mended,
    read_steps,
)
from sixrounds.errors import SixRoundsError

PAGE = """\
# A page

```{code-block} text
:caption: New file `notes/list.txt`

one
two
```

```{code-block} text
:caption: Add to `notes/list.txt`

three
```

```{code-block} diff
:caption: Change `notes/list.txt`

 one
-two
+2
```

```console
$ cat notes/list.txt
one
2

three
$ echo first \\
>   second && pwd
first second
/home/you/six-rounds
```

```
$ this is not run
```
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """An empty clone."""
    folder = tmp_path.resolve() / CLONE
    folder.mkdir()
    return folder


def console(text: str) -> str:
    """A page with one console block."""
    return f"```console\n{text}\n```\n"


def test_a_true_page_has_no_differences(work: Path) -> None:
    """If this fails, no page passes, or files and long commands are not played as shown."""
    assert [step.action for step in read_steps(PAGE)] == [
        *("New file", "Add to", "Change"),
        *("run", "run"),
    ]
    assert differences(PAGE, work) == []


@pytest.mark.parametrize(
    "block",
    [
        "$ echo 25/25\n24/25",
        "$ echo one; echo two\none",
        "$ echo one\none\ntwo",
        "$ true\nit printed this",
        "$ echo oops >&2",
        "$ echo one; echo two; echo three\none\n…\ntwo",
        "$ echo passed in 3 s\nfailed in 3 s",
    ],
)
def test_a_false_page_is_caught(work: Path, block: str) -> None:
    """If this fails, a guide shows what no command prints."""
    (found,) = differences(console(block), work)
    assert str(found).startswith("line 2: $ ")


def test_what_differs_from_run_to_run_is_not_compared(work: Path) -> None:
    """If this fails, the guides fail at random, or on every machine but one."""
    printed = "ok          9.1 s   158 MB  2026-11-22T04:43:25 430fc159640d2c05"
    assert comparable(printed) == "ok N s N MB DATE DIGEST"
    assert matches(["took 1.5 s"], ["took 12 s"])
    assert differences(console("$ pwd\n/home/you/six-rounds"), work) == []


def test_what_is_left_out_is_marked() -> None:
    """If this fails, a page cannot be shortened, or it can leave out what it does not mark."""
    printed = ["head", "one", "two", "a long line"]
    assert matches(["head", "…", "a long …"], printed)
    assert matches(["…"], []) and matches(["…", "head", "…"], printed)
    assert not matches(["head", "a long …"], printed)
    assert not matches(["head", "…", "a short …"], printed)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (console("$ exit 3"), "ended with code 3"),
        (console("$ sleep 5"), "still ran after 0 s"),
        (console("no command"), "line 2: output of no command"),
        ("```console\n$ true\n", "line 1: this block never ends"),
        (PAGE.replace("-two", "-four"), "0 times in notes/list.txt, not once"),
        (PAGE.replace("`notes/list.txt`", "`../../list.txt`"), "outside of the clone's folder"),
    ],
)
def test_a_page_that_cannot_be_played_is_one_clear_error(
    work: Path, monkeypatch: pytest.MonkeyPatch, page: str, said: str
) -> None:
    """If this fails, a broken page passes, or says nothing of what is wrong with it."""
    monkeypatch.setattr(transcript, "TIME_LIMIT", 0.4 if "sleep" in page else 60.0)
    with pytest.raises(SixRoundsError, match=said):
        differences(page, work)


def test_a_page_is_mended_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, an author copies output by hand, and some of it wrongly."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "_config.yml").touch()
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    page.write_text(console("$ echo a \\\n>   b\n$ ls\nwrong\nwrong\n$ pwd\n…"), "utf-8")
    assert main([str(page)]) == 1
    assert "-wrong" in capsys.readouterr().out
    assert main([str(page), "--write"]) == 0
    shown = "$ echo a \\\n>   b\na b\n$ ls\n_config.yml\nsolutions\n$ pwd\n…"
    assert page.read_text("utf-8") == console(shown)
    assert main([str(page)]) == 0
    assert mended(PAGE, []) == PAGE


def test_a_clone_is_a_copy(tmp_path: Path) -> None:
    """If this fails, a guide's commands change the repository they are tested in."""
    root = tmp_path / "root"
    (root / "solutions").mkdir(parents=True)
    (root / "_toc.yml").write_text("root: a\n")
    made = clone(root, tmp_path / "copy")
    (made / "_toc.yml").write_text("root: b\n")
    assert (root / "_toc.yml").read_text() == "root: a\n"
    assert (made / "solutions").is_dir()
