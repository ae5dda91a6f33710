"""`sixrounds update`: the new release comes in, and no line that a learner wrote goes."""

import json
import random
from pathlib import Path

import nbformat
import pytest
from releasing import (
    INTRO,
    KEY,
    LESSON,
    Cells,
    Learner,
    exercise,
    first_release,
    in_words,
    publish,
    setup,
    stub,
)

from sixrounds.cli import main
from sixrounds.editions.notebook import code, markdown, notebook
from sixrounds.workspace import cells
from sixrounds.workspace.folder import Workspace
from sixrounds.workspace.merge import merge
from sixrounds.workspace.update import Updated, update

MINE = "def first(x):\n    return 2"


def second_release() -> Cells:
    """Another lesson, test, stub and setup; a new exercise in place of the second."""
    return [
        markdown(INTRO),
        *setup("import math, random"),
        code("print('a better lesson')"),
        *exercise("first", more=" Now for x below 0.", test="assert first(2) == 4"),
        markdown("Between."),
        *exercise("third", 20),
        *in_words("why"),
        markdown("Take away."),
    ]


def bring(workspace: Workspace, release: Path, listed: Cells) -> Updated:
    """Publish a release and update the workspace."""
    publish(release, listed)
    (done,) = update(workspace)
    nbformat.validate(nbformat.read(workspace.notebook(KEY), as_version=4))
    return done


def test_untouched_becomes_the_release(
    workspace: Workspace, learner: Learner, release: Path
) -> None:
    """A learner who wrote nothing would keep an old lesson, old tests or an old stub."""
    done = bring(workspace, release, second_release())
    assert learner.content() == json.loads((release / f"{KEY}.ipynb").read_text())
    assert done.remarks == ["new exercise: third"]
    assert update(workspace) == [Updated(KEY, "unchanged")]


def test_answer_kept_and_its_conflict_listed(
    workspace: Workspace, learner: Learner, release: Path
) -> None:
    """A learner would lose an answer, or not learn that its exercise asks for more now."""
    learner.write("first", MINE)
    before = learner.path.read_bytes()
    done = bring(workspace, release, second_release())
    place = learner.place("first")
    assert learner.texts()[place] == MINE
    assert stub("first", " Now for x below 0.") in learner.texts()[place - 1]
    assert learner.cells()[place - 1]["cell_type"] == "markdown"
    assert learner.texts()[place + 1] == "assert first(2) == 4"
    assert any("conflict: first" in line for line in done.remarks)
    assert done.backup
    assert done.backup.read_bytes() == before


def test_changed_tests_alone_are_no_conflict(
    workspace: Workspace, learner: Learner, release: Path
) -> None:
    """A learner would be sent to read what did not change for them."""
    learner.write("first", MINE)
    listed = first_release()
    listed[5] = exercise("first", test="assert first(9) == 10")[2]
    done = bring(workspace, release, listed)
    assert learner.texts()[learner.place("first")] == MINE
    assert learner.texts()[learner.place("test-first")] == "assert first(9) == 10"
    assert done.remarks == []


def test_own_cells_stay_behind_their_neighbor(
    workspace: Workspace, learner: Learner, release: Path
) -> None:
    """A helper would come to stand below the answer that calls it, or vanish."""
    learner.add(learner.place("test-first"), "print('after the tests')")
    learner.add(learner.place("first") - 1, "def helper():\n    return 2")
    learner.add(learner.texts().index(LESSON), "print('after the lesson')")
    learner.add(-1, "my notes", "markdown")
    bring(workspace, release, second_release())
    texts = learner.texts()
    assert texts[0] == "my notes"
    assert texts[texts.index("print('a better lesson')") + 1] == "print('after the lesson')"
    assert texts[learner.place("first") - 1] == "def helper():\n    return 2"
    assert texts[learner.place("test-first") + 1] == "print('after the tests')"


def test_lesson_cells_the_learner_changed(
    workspace: Workspace, learner: Learner, release: Path
) -> None:
    """A learner's experiment in a lesson cell would be overwritten."""
    learner.edit(LESSON, "print('my lesson')")
    learner.edit("Between.", "Between, and my note.")
    done = bring(workspace, release, second_release())
    texts = learner.texts()
    assert texts[texts.index("print('a better lesson')") + 1] == "print('my lesson')"
    assert "Between, and my note." in texts
    assert "Between." not in texts
    assert any("both are there" in line for line in done.remarks)


def test_deleted_lesson_cell_stays_deleted(
    workspace: Workspace, learner: Learner, release: Path
) -> None:
    """Cells that a learner cleared away would come back with each release."""
    gone = learner.texts().index("Between.")
    learner.save([cell for place, cell in enumerate(learner.cells()) if place != gone])
    bring(workspace, release, second_release())
    assert "Between." not in learner.texts()


def test_removed_exercise(workspace: Workspace, learner: Learner, release: Path) -> None:
    """An answer would vanish with its exercise."""
    learner.write("second", "def second(x):\n    return 2")
    done = bring(workspace, release, second_release())
    assert learner.texts()[-1] == "def second(x):\n    return 2"
    assert cells.grade_id(learner.cells()[-1]) == ""
    assert "no longer part" in learner.texts()[-2]
    assert any("removed exercise: second" in line for line in done.remarks)


def test_copies_of_our_cells(workspace: Workspace, learner: Learner, release: Path) -> None:
    """A learner's own version of a test, or of an answer, would be dropped as if it were ours."""
    learner.write("first", MINE)
    listed = learner.cells()
    test = listed[learner.place("test-first")] | {"source": "assert first(0) == 2  # mine"}
    answer = listed[learner.place("first")] | {"source": "def first(x):\n    return 'other'"}
    learner.save([*listed, test, answer])
    bring(workspace, release, second_release())
    assert "assert first(0) == 2  # mine" in learner.texts()
    assert {MINE, "def first(x):\n    return 'other'"} <= set(learner.texts())
    names = [cells.grade_id(cell) for cell in learner.cells()]
    assert names.count("test-first") == 1
    ids = [cell["id"] for cell in learner.cells()]
    assert len(ids) == len(set(ids))


def test_lesson_that_binds_an_exercise(
    workspace: Workspace, learner: Learner, release: Path
) -> None:
    """A lesson cell that shows a naive version would become the answer."""
    naive = code("def second(x):\n    return 'naive'")
    bring(workspace, release, [naive, *first_release()])
    listed = learner.cells()
    learner.save([cell for cell in listed if cells.grade_id(cell) != "second"])
    bring(workspace, release, [naive, *first_release(), markdown("More.")])
    assert learner.texts()[0] == "def second(x):\n    return 'naive'"
    assert learner.texts()[learner.place("second")] == stub("second")


def test_edited_setup_is_restored_and_told(
    workspace: Workspace, learner: Learner, release: Path
) -> None:
    """A learner's own import in our setup cell would vanish without a word."""
    learner.write("setup-1", "import math\nimport mine")
    done = bring(workspace, release, second_release())
    assert learner.texts()[learner.place("setup-1")] == "import math, random"
    assert any("you had changed setup-1" in line for line in done.remarks)
    assert done.backup
    assert "import mine" in done.backup.read_text()


def test_without_the_old_release(workspace: Workspace, learner: Learner, release: Path) -> None:
    """Somebody who deleted hidden folders would lose work."""
    learner.write("first", MINE)
    learner.write("second", "def second(x):\n    return 2")
    learner.edit("Between.", "Between, and my note.")
    workspace.release_copy(KEY).unlink()
    done = bring(workspace, release, second_release())
    texts = learner.texts()
    assert learner.texts()[learner.place("first")] == MINE
    assert texts[-1] == "def second(x):\n    return 2"
    assert LESSON in texts, "whether it is the learner's, nobody knows"
    assert "Between, and my note." in texts
    assert any("not known" in line for line in done.remarks)


def test_metadata_lost_in_update(workspace: Workspace, learner: Learner, release: Path) -> None:
    """After a paste that drops metadata, a new stub would run after the answer and hide it."""
    learner.write("first", MINE)
    listed = learner.cells()
    listed[learner.place("first")]["metadata"] = {}
    learner.save([{name: cell[name] for name in cell if name != "id"} for cell in listed])
    bring(workspace, release, second_release())
    assert learner.texts()[learner.place("first")] == MINE
    assert stub("first", " Now for x below 0.") not in learner.texts()


def test_broken_notebook_stops_nothing(
    workspace: Workspace, learner: Learner, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One damaged file would keep all other notebooks old, or be replaced."""
    publish(release, exercise("third"), "round2_coding/02_more")
    main(["lab", str(workspace.root), "--no-start"])
    learner.path.write_bytes(b"")
    publish(release, second_release())
    publish(release, exercise("third", test="assert third(5)"), "round2_coding/02_more")
    assert main(["update", "--dir", str(workspace.root)]) == 1
    said = capsys.readouterr()
    assert "empty" in said.err
    assert "02_more: updated" in said.out
    assert learner.path.read_bytes() == b""


def test_dry_run(
    workspace: Workspace, learner: Learner, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A learner who only asks would find their notebooks changed."""
    learner.write("first", MINE)
    publish(release, second_release())
    publish(release, exercise("fourth"), "round2_coding/02_more")
    before = {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}
    assert main(["update", "--dir", str(workspace.root), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "would be updated" in said
    assert "02_more: would be added" in said
    after = {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}
    assert after == before


def test_killed_in_between(workspace: Workspace, learner: Learner, release: Path) -> None:
    """A run killed after the notebook was written would double its cells the next time."""
    old_copy = workspace.release_copy(KEY).read_text()
    old_state = workspace.state()
    bring(workspace, release, second_release())
    workspace.release_copy(KEY).write_text(old_copy)
    workspace.save(old_state)
    before = learner.path.read_bytes()
    assert [one.status for one in update(workspace)] == ["unchanged"]
    assert learner.path.read_bytes() == before
    assert workspace.release_copy(KEY).read_text() == (release / f"{KEY}.ipynb").read_text()


def test_notebook_put_back_from_a_backup(
    workspace: Workspace, learner: Learner, release: Path
) -> None:
    """A learner who went back to an old notebook could never bring it up to date again."""
    learner.write("first", MINE)
    done = bring(workspace, release, second_release())
    assert done.backup
    learner.path.write_bytes(done.backup.read_bytes())
    assert [one.status for one in update(workspace)] == ["updated"]
    assert learner.texts()[learner.place("first")] == MINE


def test_notebook_retired(workspace: Workspace, learner: Learner, release: Path) -> None:
    """A learner's notebook would go with the release's."""
    (release / f"{KEY}.ipynb").unlink()
    publish(release, exercise("third"), "round2_coding/02_more")
    assert [one.status for one in update(workspace)] == ["new", "retired"]
    assert learner.path.is_file()


def test_half_a_surrogate_pair(workspace: Workspace, learner: Learner, release: Path) -> None:
    """An answer with a broken emoji could not be saved, or would be changed."""
    learner.path.write_text(
        learner.path.read_text().replace('raise NotImplementedError(\\"first', 'return (\\"\\ud83d')
    )
    assert "\ud83d" in learner.texts()[learner.place("first")]
    before = learner.texts()[learner.place("first")]
    bring(workspace, release, second_release())
    assert learner.texts()[learner.place("first")] == before


def changed(draw: random.Random, listed: Cells) -> tuple[Cells, set[str]]:
    """Random work in a notebook, and the lines that must survive."""
    lines: set[str] = set()
    for number in range(draw.randrange(1, 8)):
        place = draw.randrange(len(listed))
        cell, line = listed[place], f"line_{number} = {draw.random()}"
        locked = bool(cells.marks(cell)) and not cells.is_answer(cell)
        work = draw.choice(("write", "add", "copy", "move", "delete", "unmark"))
        if work == "write" and not locked:
            # Writing over a line means that the line before is not wanted any more.
            lines -= set(cells.text(cell).splitlines())
            listed[place] = cell | {"source": f"def first(x):\n    {line}"}
            lines.add(f"    {line}")
        elif work == "add":
            added = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
            listed.insert(place, added | {"source": [line]})
            lines.add(line)
        elif work == "copy" and not locked:
            listed.insert(draw.randrange(len(listed)), cell | {"source": f"{line} # copy"})
            lines.add(f"{line} # copy")
        elif work == "move":
            listed.insert(draw.randrange(len(listed)), listed.pop(place))
        elif work == "delete" and len(listed) > 1:
            lines -= set(cells.text(listed.pop(place)).splitlines())
        elif work == "unmark" and not locked:
            listed[place] = cell | {"metadata": {}}
    return listed, lines


@pytest.mark.parametrize("known", [True, False])
def test_no_line_is_ever_lost(known: bool) -> None:
    """Somewhere among moved, copied, unmarked and added cells a learner's line would vanish."""
    old = notebook(KEY, first_release())["cells"]
    new = notebook(KEY, second_release())["cells"]
    for seed in range(400):
        draw = random.Random(seed)
        mine, lines = changed(draw, [*old])
        merged = merge(mine, new, old if known else None, "2")
        left = {line for cell in merged.cells for line in cells.text(cell).splitlines()}
        assert lines <= left, f"seed {seed}"
        names = [cells.grade_id(cell) for cell in merged.cells]
        for cell in new:  # and everything of the release that is graded is there
            assert not cells.marks(cell) or cells.grade_id(cell) in names, f"seed {seed}"
        locked = [name for name in names if name.startswith(("test-", "setup-", "question-"))]
        assert len(locked) == len(set(locked)), f"seed {seed}"
