"""Stock nbgrader, on our files, gives the points that our grader gives."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import chdir
from pathlib import Path

import pytest
from nbgrader.api import Gradebook as Stock

from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course, init
from sixrounds.source import Lesson

CHAPTER = "round2_coding"
BIN = Path(sys.executable).parent
pytestmark = pytest.mark.xdist_group("stock")  # its fixtures take long: once is enough
Filled = Callable[[str, Mapping[str, str]], str]
Points = dict[tuple[str, str, str], float | None]


def colab(text: str) -> str:
    """A notebook as Colab saves it: older minor format, no cell ids, metadata of its own."""
    content = json.loads(text)
    content["nbformat_minor"] = 0
    content["metadata"] = {
        "colab": {"provenance": []},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(content["cells"]):
        del cell["id"]
        cell["metadata"] |= {"id": f"colab{number}"}
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"outputId": "0f-e", "colab": {"base_uri": "https://localhost"}}
            cell["source"] = "".join(cell["source"])
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["old\n"]}]
            cell["execution_count"] = 3
    return json.dumps(content)


def nbgrader(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of nbgrader, which needs its environment's programs on PATH."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    return subprocess.run(
        [BIN / "nbgrader", *words],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def answers(lessons: dict[str, Lesson], pick: str) -> dict[str, str]:
    """The reference, the first accepted answer, or the last mistake of every exercise."""
    found = {"why_limit": "Space is physical."}
    for lesson in lessons.values():
        for one in lesson.exercises:
            sources = {
                "reference": one.reference,
                "accepts": one.accepts[0].source,
                "mistake": one.mistakes[-1].source,
            }
            found[one.id] = sources[pick]
    return found


@pytest.fixture(scope="module")
def handed_in(
    clone: Path,
    lessons: dict[str, Lesson],
    filled: Filled,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A course with every state of an answer, not graded yet."""
    folder = tmp_path_factory.mktemp("parity") / "course"
    with chdir(clone):
        init(folder)
    for topic in lessons:
        texts = {
            pick: filled(topic, answers(lessons, pick))
            for pick in ("reference", "accepts", "mistake")
        }
        texts |= {"stub": filled(topic, {}), "colab": colab(texts["mistake"])}
        for student, text in texts.items():
            path = folder / "submitted" / student / CHAPTER / f"{topic}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folder


@pytest.fixture(scope="module")
def stock(handed_in: Path) -> Path:
    """The course as stock nbgrader grades it and gives feedback: one call for the whole class."""
    folder = handed_in.with_name("stock")
    shutil.copytree(handed_in, folder)
    done = nbgrader(folder, "autograde", CHAPTER)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def ours(handed_in: Path) -> Path:
    """The course as we grade it."""
    folder = handed_in.with_name("ours")
    shutil.copytree(handed_in, folder)
    grade_course(Course.load(folder), CHAPTER)
    return folder


def points(folder: Path) -> Points:
    """The automatic score of every graded cell of every student."""
    with Stock(f"sqlite:///{folder}/gradebook.db") as book:
        return {
            (row.student.id, notebook.name, grade.name): grade.auto_score
            for row in book.assignment_submissions(CHAPTER)
            for notebook in row.notebooks
            for grade in notebook.grades
        }


@pytest.mark.slow
def test_both_give_the_same_points(stock: Path, ours: Path) -> None:
    """Broken: a course that moves between nbgrader and us would change grades on the way."""
    found = points(ours)
    assert found == points(stock)
    assert len(found) == 5 * 4
    assert found["reference", "01_tiny", "test-shelved-2"] == 3
    assert found["accepts", "00_newsvendor", "test-order_quantity"] == 4
    assert found["stub", "00_newsvendor", "test-order_quantity"] == 0
    assert found["mistake", "01_tiny", "test-shelved"] == 2
    assert found["mistake", "01_tiny", "test-shelved-2"] == 0


@pytest.mark.slow
def test_colab_changes_nothing(stock: Path, ours: Path) -> None:
    """Broken: the same answers would earn other points when they were written in Colab."""
    for found in (points(stock), points(ours)):
        assert {key[1:]: value for key, value in found.items() if key[0] == "colab"} == {
            key[1:]: value for key, value in found.items() if key[0] == "mistake"
        }


@pytest.mark.slow
def test_stock_feedback_hides_the_tests_too(stock: Path) -> None:
    """Broken: `nbgrader generate_feedback` would hand the hidden tests to the class."""
    shown = (stock / "autograded" / "mistake" / CHAPTER / "01_tiny.ipynb").read_text()
    assert "SECRET_MARKER" in shown  # what feedback is made from does hold them
    done = nbgrader(stock, "generate_feedback", CHAPTER, "--student", "mistake")
    assert done.returncode == 0, done.stderr
    text = (stock / "feedback" / "mistake" / CHAPTER / "01_tiny.html").read_text()
    assert "SECRET_MARKER" not in text and "987654321" not in text and "HIDDEN" not in text
    assert "These tests did not pass." in text


@pytest.mark.slow
def test_validate_tells_right_from_wrong(handed_in: Path) -> None:
    """Broken: learners with plain nbgrader would be told that a wrong answer passes, or fail all.

    Its exit code is 0 either way.
    """

    def said(student: str) -> str:
        folder = handed_in / "submitted" / student / CHAPTER
        return nbgrader(folder, "validate", "00_newsvendor.ipynb").stdout

    assert "Success! Your notebook passes all the tests." in said("reference")
    assert "VALIDATION FAILED ON 1 CELL(S)!" in said("mistake")
