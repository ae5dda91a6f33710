"""A learner's check must say what the grader would say of the visible tests, and no more."""

import json
import shutil
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from sixrounds import content
from sixrounds.checking import check_notebook, report
from sixrounds.checking.recipe import text
from sixrounds.cli import main
from sixrounds.editions.fill import fill
from sixrounds.editions.notebook import dumps
from sixrounds.errors import SixRoundsError
from sixrounds.grading import Status
from sixrounds.source import Lesson, load

ROOT = Path(__file__).parents[2]
LESSONS = load(ROOT)
TOPIC = "01_streams_and_inventory"
SLICES = (
    "def top_k_parts(events, k):\n    total = {}\n    for part, delta in events:\n"
    "        total[part] = total.get(part, 0) + abs(delta)\n"
    "    return sorted(total, key=lambda part: (-total[part], part))[:k]"
)


def released(lesson: Lesson) -> dict[str, object]:
    """A lesson's released notebook."""
    return content.read_released(ROOT / "notebooks" / f"{lesson.key}.ipynb")


def hand_in(folder: Path, lesson: Lesson, answers: dict[str, str]) -> Path:
    """A learner's file."""
    path = folder / f"{lesson.topic}.ipynb"
    path.write_text(dumps(fill(released(lesson), answers)))
    return path


def test_it_never_says_correct(tmp_path: Path) -> None:
    """A learner would take the visible tests for the whole grade."""
    lesson = LESSONS[0]
    reference = {one.id: one.reference for one in lesson.exercises}
    said = [report(one) for one in check_notebook(hand_in(tmp_path, lesson, reference))]
    assert all("public tests passed" in line for line in said)
    assert not any("correct" in line.lower() for line in said)


def test_values_are_shown(tmp_path: Path) -> None:
    """A learner would have to run the failing line again to see what came back."""
    path = hand_in(tmp_path, LESSONS[0], {"top_k_parts": SLICES})
    verdict = check_notebook(path, ["top_k_parts"])[0]
    assert "got ['lid', 'cell'], expected []" in verdict.message
    assert "top_k_parts(moves, -1) == []" in verdict.message


def test_edited_tests_are_not_used(tmp_path: Path) -> None:
    """A learner who broke a test cell by accident would believe in a wrong answer."""
    path = hand_in(tmp_path, LESSONS[0], {"top_k_parts": SLICES})
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if "assert top_k_parts" in text(cell):
            cell["source"] = "pass"
    path.write_text(json.dumps(notebook))
    assert check_notebook(path, ["top_k_parts"])[0].status is Status.FAILED


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script could not tell a passing notebook from a failing one, or see the rest of it."""
    lesson = LESSONS[0]
    wrong = "def parts_ever_negative(events):\n    return []"
    path = hand_in(tmp_path, lesson, {"parts_ever_negative": wrong, "top_k_parts": SLICES})
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "top_k_parts" not in said, "it stops at the first that fails"
    assert "--all` goes on" in said, "and says so"
    assert main(["check", str(path), "--all"]) == 1
    assert "top_k_parts: failed" in capsys.readouterr().out
    assert main(["check", str(hand_in(tmp_path, lesson, {}))]) == 0
    assert "not written" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content_", "said"),
    [
        ("mine.ipynb", "{}", "not named like a notebook"),
        (f"{TOPIC}.ipynb", "", "the file is empty"),
        (f"{TOPIC}.ipynb", "{", "broken JSON"),
        (f"{TOPIC}.ipynb", None, "no such file"),
    ],
)
def test_file_that_cannot_be_checked(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content_: str | None,
    said: str,
) -> None:
    """A learner would get a traceback instead of what to do."""
    path = tmp_path / name
    if content_ is not None:
        path.write_text(content_)
    assert main(["check", str(path)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


@pytest.fixture
def shell() -> InteractiveShell:
    """A running notebook, as in Colab: no file, only a history."""
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_in_a_running_notebook(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """In Colab, where there is no file, a learner could not check at all."""
    for source in (
        "import heapq",
        "limit = 9",
        SLICES,
        "%load_ext sixrounds",
        "%check top_k_parts",
        "import sixrounds\nsixrounds.check('top_k_parts')",
    ):
        shell.run_cell(source, store_history=True)
    said = capsys.readouterr().out
    assert said.count("top_k_parts: failed") == 2
    shell.run_cell(SLICES.replace("[:k]", "[:max(k, 0)]"), store_history=True)
    shell.run_cell("%check top_k_parts", store_history=True)
    assert "top_k_parts: public tests passed" in capsys.readouterr().out, "the last one counts"
    shell.run_cell("%check merge_feeds\n%check merge_feed", store_history=True)
    said = capsys.readouterr().out
    assert "run the cell that defines it" in said
    assert "no exercise of that name; near it: merge_feeds" in said


def test_notebook_in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner outside of a clone could not check."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "notebooks" / "round2_coding" / f"{TOPIC}.ipynb", tmp_path)
    assert check_notebook(Path(f"{TOPIC}.ipynb"))[0].status is Status.UNWRITTEN


def test_unknown_name() -> None:
    """A misspelled exercise would pass by checking nothing."""
    with pytest.raises(SixRoundsError, match="no exercise of that name"):
        content.notebook_of("RuningMedian")
