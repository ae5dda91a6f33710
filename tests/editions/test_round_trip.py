"""JupyterLab's pair: an author may edit a source as a notebook, and the diff is only the edit.

JupyterLab saves through jupytext's contents manager, which writes the .ipynb and the .py. Other
tools save the .ipynb alone, and `jupytext --sync` brings the edit over.
"""

import difflib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import chdir
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from jupytext.cli import jupytext as command

from sixrounds.source import parse, validate
from sixrounds.source.scaffold import create

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "solutions" / "round2_coding" / "01_streams_and_inventory.py"
# what JupyterLab, VS Code and Colab add of themselves
NOISE = {
    "execution": {"iopub.status.busy": "2026-01-01T00:00:00Z"},
    "collapsed": True,
    "scrolled": True,
    "trusted": True,
    "editable": True,
    "deletable": False,
    "slideshow": {"slide_type": ""},
    "jupyter": {"source_hidden": True},
    "jp-MarkdownHeadingCollapsed": True,
    "vscode": {"languageId": "python"},
    "id": "aBcDeF",
    "colab": {"base_uri": "https://localhost"},
    "outputId": "0f0f",
}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python", "version": "3.11.9", "file_extension": ".py"}


@pytest.fixture(params=["model lesson", "scaffold"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A source in a project of its own."""
    shutil.copy(ROOT / "jupytext.toml", tmp_path)
    if request.param == "scaffold":
        return create(tmp_path, "round2", "streams")
    path = tmp_path / "solutions" / "round2_coding" / MODEL.name
    path.parent.mkdir(parents=True)
    shutil.copy(MODEL, path)
    return path


def later(path: Path) -> None:
    """Make a file the newer of a pair, as saving it does."""
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime + 5))


def used(content: Any) -> None:
    """What running and saving a notebook leaves in it."""
    content["metadata"]["kernelspec"] = dict(KERNEL)
    content["metadata"]["language_info"] = dict(LANGUAGE)
    for number, cell in enumerate(content["cells"], 1):
        cell["metadata"].update(json.loads(json.dumps(NOISE)))
        cell["metadata"].setdefault("tags", [])
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ran\n"}]


def edited(content: Any) -> tuple[list[str], list[str]]:
    """Change a line of code and a line of text; the old and the new lines of the source."""
    lesson = next(cell for cell in content["cells"] if "print(" in cell["source"])
    text = next(cell for cell in content["cells"] if "## " in cell["source"])
    old = [
        next(line for line in lesson["source"].split("\n") if "print(" in line),
        text["source"].split("\n")[2],
    ]
    new = [old[0].replace("print(", "print('edited', "), old[1].replace(" ", " EDITED ", 1)]
    lesson["source"] = lesson["source"].replace(old[0], new[0], 1)
    text["source"] = text["source"].replace(old[1], new[1], 1)
    assert old[0] != new[0]
    assert old[1] != new[1]
    return [old[0], f"# {old[1]}"], [new[0], f"# {new[1]}"]


def changes(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are gone, and the lines that came."""
    lines = list(difflib.ndiff(before.split("\n"), after.split("\n")))
    return [one[2:] for one in lines if one[0] == "-"], [one[2:] for one in lines if one[0] == "+"]


def in_jupyterlab(root: Path, path: str, edit: Callable[[Any], Any]) -> Any:
    """Open a notebook, edit it in the browser, and save it: each through JSON."""
    manager = jupytext.TextFileContentsManager()
    manager.root_dir = str(root)
    model = json.loads(json.dumps(manager.get(path), default=str))
    result = edit(model["content"])
    manager.save({key: model[key] for key in ("type", "format", "content")}, path)
    return result


def use_and_edit(content: Any) -> tuple[list[str], list[str]]:
    """A session's work on a notebook."""
    used(content)
    return edited(content)


def same_lines(old: Iterable[str], new: Iterable[str]) -> bool:
    """Whether the same lines are there, in whatever order."""
    return sorted(old) == sorted(new)


def test_edit_in_jupyterlab_changes_only_the_edited_lines(source: Path, tmp_path: Path) -> None:
    """If this breaks, every review of an author's edit drowns in changed marks and headers."""
    before = source.read_text()
    name = str(source.relative_to(tmp_path))
    in_jupyterlab(tmp_path, name, used)  # opened, run and saved: this makes the pair
    pair = source.with_suffix(".ipynb")
    assert source.read_text() == before
    assert '"ran\\n"' in pair.read_text()
    old, new = in_jupyterlab(tmp_path, str(pair.relative_to(tmp_path)), use_and_edit)
    gone, came = changes(before, source.read_text())
    assert same_lines(gone, old)
    assert same_lines(came, new)
    assert len(came) == 2
    with chdir(source.parent):  # both files now say the same
        command(["--sync", "--quiet", pair.name])
    assert changes(before, source.read_text()) == (gone, came)


def test_edit_of_the_py_keeps_the_outputs_of_its_pair(source: Path, tmp_path: Path) -> None:
    """If this breaks, an author who edits the .py loses what they ran, or the edit itself."""
    name = str(source.relative_to(tmp_path))
    in_jupyterlab(tmp_path, name, used)
    text = source.read_text().replace("# Look", "# EDITED Look")
    assert "EDITED" in text
    source.write_text(text)
    later(source)
    pair = str(source.with_suffix(".ipynb").relative_to(tmp_path))
    content = in_jupyterlab(tmp_path, pair, lambda content: content)
    assert any("EDITED" in cell["source"] for cell in content["cells"])
    assert any(cell.get("outputs") for cell in content["cells"])
    assert source.read_text() == text


def test_edit_of_the_ipynb_alone_is_synced_line_by_line(source: Path) -> None:
    """If this breaks, an edit made in VS Code changes lines that nobody touched.

    nbformat sorts a cell's metadata in the file, so that marks may come back in another order.
    """
    before = source.read_text()
    pair = source.with_suffix(".ipynb")
    with chdir(source.parent):
        command(["--sync", "--quiet", source.name])
        assert source.read_text() == before
        notebook = nbformat.read(pair, 4)
        old, new = use_and_edit(notebook)
        nbformat.write(nbformat.from_dict(notebook), pair)
        later(pair)
        command(["--sync", "--quiet", pair.name])
    after = source.read_text()
    gone, came = changes(before, after)
    marks = [line for line in gone if line.startswith("# %%")]
    assert same_lines([line for line in gone if line not in marks], old)
    assert same_lines([line for line in came if not line.startswith("# %%")], new)
    assert same_lines(
        ["".join(sorted(line)) for line in marks],
        ["".join(sorted(line)) for line in came if line.startswith("# %%")],
    )
    assert len(after.split("\n")) == len(before.split("\n"))
    assert after.split("# %%")[0] == before.split("# %%")[0]  # the header


def test_pair_keeps_the_lesson(source: Path) -> None:
    """If this breaks, a round trip changes marks, and with them what is graded."""
    before = parse(source)
    with chdir(source.parent):
        command(["--sync", "--quiet", source.name])
        pair = source.with_suffix(".ipynb")
        notebook = nbformat.read(pair, 4)
        used(notebook)
        nbformat.write(nbformat.from_dict(notebook), pair)
        later(pair)
        command(["--sync", "--quiet", pair.name])
    after = parse(source)
    assert after.exercises == before.exercises
    assert after.cells == before.cells
    validate([after])


def test_answers_are_never_run_in_the_pair(source: Path) -> None:
    """If this breaks, running a source in JupyterLab replaces the reference by a mistake."""
    with chdir(source.parent):
        command(["--sync", "--quiet", source.name])
    cells = nbformat.read(source.with_suffix(".ipynb"), 4).cells
    answers = [cell for cell in cells if {"mistake", "accepts"} & set(cell.metadata)]
    assert len(answers) >= 4
    assert {cell.cell_type for cell in answers} == {"raw"}


def test_comments_stay_comments_in_the_pair(source: Path) -> None:
    """If this breaks, a comment like `# copy the rows` becomes code when a source is opened."""
    comments = "# copy the rows\n# Why?\n# !important\n"
    text = source.read_text() + f"\n# %%\n{comments}done = True\n"
    source.write_text(text)
    with chdir(source.parent):
        command(["--sync", "--quiet", source.name])
        pair = source.with_suffix(".ipynb")
        assert comments in nbformat.read(pair, 4).cells[-1].source
        later(pair)
        command(["--sync", "--quiet", pair.name])
    assert source.read_text().endswith(f"\n# %%\n{comments}done = True\n")
    assert comments in parse(source).cells[-1].source


def test_learners_notebook_gets_no_pair(tmp_path: Path) -> None:
    """If this breaks, opening a learner's notebook in a clone litters it with .py files."""
    shutil.copy(ROOT / "jupytext.toml", tmp_path)
    path = tmp_path / "notebooks" / "round2_coding" / "01_streams_and_inventory.ipynb"
    path.parent.mkdir(parents=True)
    shutil.copy(ROOT / path.relative_to(tmp_path), path)
    in_jupyterlab(tmp_path, str(path.relative_to(tmp_path)), used)
    assert '"ran\\n"' in path.read_text()
    assert not list(tmp_path.rglob("*.py"))
