"""The wheel alone, in an empty environment and an empty folder: what Colab has."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOK = "01_streams_and_inventory.ipynb"
PROGRAM = """
import json, pathlib, sixrounds
from sixrounds import content
from sixrounds.checking import check_notebook
names = [path.name for path in content.released()]
rows = [verdict.row() for verdict in check_notebook(pathlib.Path("%s"))]
print(json.dumps({"file": sixrounds.__file__, "released": names, "rows": rows}))
"""


def uv(*arguments: str) -> None:
    """Run uv, quietly."""
    program = Path(sys.executable).parent / "uv"
    done = subprocess.run(
        [program, *arguments, "--quiet"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--out-dir", str(folder / "dist"))
    wheel = next((folder / "dist").glob("*.whl"))
    assert wheel.stat().st_size < 30_000_000
    uv("venv", "--python", sys.executable, str(folder / "empty"))
    interpreter = folder / "empty" / "bin" / "python"
    uv("pip", "install", "--python", str(interpreter), str(wheel))
    return interpreter


def test_a_learner_can_check(python: Path, tmp_path: Path) -> None:
    """In Colab the check would miss a package, the notebooks or the hints."""
    notebook = json.loads((ROOT / "notebooks" / "round2_coding" / NOTEBOOK).read_text())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "parts_ever_negative":
            cell["source"] = (
                "def parts_ever_negative(events):\n    total = {}\n    for p, d in events:\n"
                "        total[p] = total.get(p, 0) + d\n"
                "    return [p for p in total if total[p] < 0]"
            )
    (tmp_path / NOTEBOOK).write_text(json.dumps(notebook))
    done = subprocess.run(
        [python, "-c", PROGRAM % NOTEBOOK],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert str(ROOT) not in said["file"]
    assert NOTEBOOK in said["released"]
    first, second = said["rows"][:2]
    assert (first["status"], first["score"]) == ("failed", 0)
    assert "balance at night" in first["hint"]
    assert second["status"] == "not written"


def test_commands_for_authors_say_what_to_install(python: Path, tmp_path: Path) -> None:
    """A learner's installation would answer an author's command with a traceback."""
    done = subprocess.run(
        [python, "-m", "sixrounds", "--help"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "check" in done.stdout


def test_same_data_as_in_a_clone(python: Path, tmp_path: Path) -> None:
    """A learner in Colab would work on other data than the page shows, or on none."""
    program = (
        "import hashlib, json; from sixrounds import content, data; "
        "folder = content.folder('data'); "
        "print(json.dumps({str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()"
        " for p in folder.rglob('*') if p.is_file()})); print(data.names());"
        "data.load('lead_times')"
    )
    done = subprocess.run(
        [python, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    files, names = done.stdout.splitlines()
    here = ROOT / "data"
    assert json.loads(files) == {
        str(path.relative_to(here)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in here.rglob("*")
        if path.is_file()
    }
    assert "lead_times" in names
    assert 'data.load("lead_times") needs pandas; run `pip install pandas`' in done.stderr
