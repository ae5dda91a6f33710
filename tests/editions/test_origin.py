"""The cell that installs the package in Colab: there only when a repository is set, and working."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sixrounds.editions.origin import Origin, install_cell, origin
from sixrounds.editions.render import learner
from sixrounds.errors import SixRoundsError
from sixrounds.source import load

ROOT = Path(__file__).parents[2]


def settings(folder: Path, text: str) -> Path:
    """A project with these settings."""
    (folder / "pyproject.toml").write_text(f"[tool.sixrounds]\n{text}\n")
    return folder


def test_nothing_points_nowhere_while_no_repository_is_set() -> None:
    """Learners would click on an address that does not exist."""
    if origin(ROOT) is not None:
        pytest.skip("a repository is set")
    for path in (ROOT / "notebooks").glob("*/*.ipynb"):
        text = path.read_text()
        assert "git+" not in text
        assert "colab" not in text.lower()
    config = (ROOT / "_config.yml").read_text()
    assert "colab" not in config
    assert "ORG/REPO" not in config


def test_setting(tmp_path: Path) -> None:
    """A repository without its tag would give a notebook another release than its own."""
    assert origin(tmp_path) is None
    assert origin(settings(tmp_path, 'repository = ""')) is None
    given = settings(tmp_path, 'repository = "https://example.org/six.git"\ntag = "v1"')
    assert origin(given) == Origin("https://example.org/six.git", "v1")
    with pytest.raises(SixRoundsError, match="without a tag"):
        origin(settings(tmp_path, 'repository = "https://example.org/six.git"'))
    with pytest.raises(SixRoundsError, match="no https"):
        origin(settings(tmp_path, 'repository = "git@example.org:six"\ntag = "v1"'))


def test_first_cell_of_every_notebook() -> None:
    """In Colab the first run would fail, or grading would run the install."""
    found = Origin("https://example.org/six.git", "v1")
    for lesson in load(ROOT):
        notebook = learner(lesson, found)
        first = notebook["cells"][0]
        assert "".join(first["source"]) == "".join(install_cell(found)["source"])
        assert first["metadata"]["nbgrader"]["grade_id"] == "install"
        rest = [cell["id"] for cell in notebook["cells"][1:]]
        assert rest == [cell["id"] for cell in learner(lesson)["cells"]]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with pip and nothing of ours."""
    folder = tmp_path_factory.mktemp("colab")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    return folder / "venv" / "bin" / "python"


def test_without_the_package(empty: Path, tmp_path: Path) -> None:
    """Somebody who only opens the notebook could not even start."""
    absent = subprocess.run(
        [empty, "-I", "-c", "import sixrounds"], check=False, stderr=subprocess.DEVNULL
    )
    assert absent.returncode == 1
    lesson = load(ROOT)[0]
    cells = learner(lesson)["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    wanted = [text for text in code if "def parts_ever_negative" in text or "import heapq" in text]
    wanted += [text for text in code if "assert parts_ever_negative" in text]
    done = subprocess.run(
        [empty, "-I", "-c", "\n".join(wanted)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert "NotImplementedError: parts_ever_negative is not written yet" in done.stderr


def test_installs_from_a_local_repository(empty: Path, tmp_path: Path) -> None:
    """The install cell would not work in the one place that needs it."""
    remote = tmp_path / "six.git"
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    work = tmp_path / "work"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        target = work / name
        if (ROOT / name).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    subprocess.run([*git, "init", "-q", str(work)], check=True)
    subprocess.run([*git, "add", "-A"], cwd=work, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "release"], cwd=work, check=True)
    subprocess.run([*git, "tag", "v1"], cwd=work, check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(remote)], check=True)

    cell = "".join(install_cell(Origin(remote.as_uri(), "v1"))["source"])
    show = "\nimport json, sixrounds\nprint(json.dumps(sixrounds.__file__))"
    for _ in range(2):  # the second time there is nothing to do
        done = subprocess.run(
            [empty, "-c", cell + show],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert str(empty.parents[1]) in json.loads(done.stdout.splitlines()[-1])
