"""`sixrounds reset`: the stub is back, and everything written is still there."""

from pathlib import Path

import nbformat
import pytest
from releasing import KEY, Learner, first_release, publish, stub

from sixrounds.cli import main
from sixrounds.editions.notebook import code
from sixrounds.workspace import cells
from sixrounds.workspace.folder import Workspace
from sixrounds.workspace.lab import prepare
from sixrounds.workspace.reset import reset

OTHER = "round2_coding/02_more"
MINE = "def first(x):\n    # ``` mine\n    return 2"


def test_answer_is_kept_below(workspace: Workspace, learner: Learner) -> None:
    """A learner who starts again would lose the answer they had."""
    learner.write("first", MINE)
    before = learner.path.read_bytes()
    done = reset(workspace, "first")
    place = learner.place("first")
    kept = learner.cells()[place + 1]
    assert learner.texts()[place] == stub("first")
    assert kept["cell_type"] == "markdown"
    assert MINE in cells.text(kept)
    assert "````python" in cells.text(kept), "a fence inside an answer would end the text"
    assert done.backup
    assert done.backup.read_bytes() == before
    assert done.backup.parent == workspace.root / ".backup" / "round2_coding"
    nbformat.validate(nbformat.read(learner.path, as_version=4))


def test_several_copies(workspace: Workspace, learner: Learner) -> None:
    """The grader would take another copy, marked or not, for the answer that was reset."""
    learner.write("first", MINE)
    copy = learner.cells()[learner.place("first")]
    again = copy | {"source": "def first(x):\n    return 'copied'"}
    loose = copy | {"source": "def first(x):\n    return 'loose'", "metadata": {}, "id": "loose"}
    learner.save([*learner.cells(), again, loose])
    assert reset(workspace, "first").moved == 3
    names = [cells.grade_id(cell) for cell in learner.cells() if cell["cell_type"] == "code"]
    assert names.count("first") == 1
    assert cells.answer_place(learner.cells(), learner.cells()[learner.place("first")]) == (
        learner.place("first")
    )
    whole = "\n".join(learner.texts())
    assert all(text in whole for text in (MINE, "'copied'", "'loose'"))
    nbformat.validate(nbformat.read(learner.path, as_version=4))


def test_deleted_cell_comes_back(workspace: Workspace, learner: Learner) -> None:
    """A learner who deleted the cell could never do the exercise again."""
    listed = learner.cells()
    place = learner.place("second")
    learner.save(listed[:place] + listed[place + 1 :])
    reset(workspace, "second")
    assert learner.cells() == listed


def test_lesson_that_binds_the_name(workspace: Workspace, learner: Learner, release: Path) -> None:
    """A lesson cell that shows a naive version would be taken for an answer and made text."""
    naive = "def first(x):\n    return 'naive'"
    publish(release, [code(naive), *first_release()], OTHER)
    prepare(workspace)
    other = Learner(workspace.root, OTHER)
    listed = other.cells()
    place = other.place("first")
    learner.path.unlink()
    (release / f"{KEY}.ipynb").unlink()
    other.save(listed[:place] + listed[place + 1 :])
    reset(workspace, "first")
    assert other.cells() == listed


def test_metadata_lost(workspace: Workspace, learner: Learner) -> None:
    """After a paste that drops metadata, `reset` would add a stub and keep the answer running."""
    learner.write("first", MINE)
    listed = learner.cells()
    listed[learner.place("first")]["metadata"] = {}
    learner.save(listed)
    reset(workspace, "first")
    code = [cells.text(cell) for cell in learner.cells() if cell["cell_type"] == "code"]
    assert stub("first") in code
    assert MINE not in code


def test_written_answer(workspace: Workspace, learner: Learner) -> None:
    """An answer in words would be lost."""
    learner.write("why", "Space is physical.")
    reset(workspace, "why")
    assert learner.texts()[learner.place("why")] == "*Your answer here.*"
    assert "Space is physical." in learner.texts()[learner.place("why") + 1]


def test_nothing_written(workspace: Workspace, learner: Learner) -> None:
    """Backups of nothing would pile up."""
    before = learner.path.read_bytes()
    assert main(["reset", "first", "--dir", str(workspace.root)]) == 0
    assert learner.path.read_bytes() == before
    assert not (workspace.root / ".backup").exists()


def test_two_in_one_second(workspace: Workspace, learner: Learner) -> None:
    """The second backup would overwrite the first."""
    for name in ("first", "second"):
        learner.write(name, f"def {name}(x):\n    return 3")
        reset(workspace, name)
    assert len(list((workspace.root / ".backup").rglob("*.ipynb"))) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "empty"),
        (b'{"cells": [', "broken JSON"),
        (b"\xff\xfe{\x00", "not UTF-8"),
        (b'{"cells": [3]}', "format 4"),
    ],
)
def test_broken(
    workspace: Workspace,
    learner: Learner,
    text: bytes,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A learner with a damaged notebook would see a traceback, or lose what is left of it."""
    learner.path.write_bytes(text)
    assert main(["reset", "first", "--dir", str(workspace.root)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert said in told
    assert learner.path.read_bytes() == text


def test_wrong_name(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """A learner who misspells an exercise would not know the right name."""
    assert main(["reset", "frist", "--dir", str(workspace.root)]) == 2
    assert "near it: first" in capsys.readouterr().err


def test_says_where_it_is(workspace: Workspace, learner: Learner, capsys: object) -> None:
    """A learner would look in vain for the old answer."""
    learner.write("first", MINE)
    assert main(["reset", "first", "--dir", str(workspace.root)]) == 0
    said = capsys.readouterr().out  # type: ignore[attr-defined]
    assert f"{KEY}.ipynb" in said
    assert "Reload Notebook from Disk" in said
