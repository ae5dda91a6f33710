"""What learners get back helps them, and gives nothing of the hidden tests away."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from handing_in import CHAPTER, SCRIPT, put
from nbgrader.utils import determine_grade

from sixrounds.grading.autograded import outputs_of
from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course
from sixrounds.grading.markdown import html
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.source import load

Graded = tuple[Path, list[dict[str, Any]]]
STUDENTS = ("right", "partly", "stub", "empty", "broken", "deleted")
# Of the hidden tests' source and data; the seed never has a text that could be searched for.
HIDDEN = ("SECRET_MARKER", "987654321", "HIDDEN", "rng(", "loads", "Fraction", "MODEL_ANSWER")


def page(folder: Path, student: str, topic: str = "01_tiny") -> str:
    """A feedback page."""
    return (folder / "feedback" / student / CHAPTER / f"{topic}.html").read_text()


@pytest.mark.parametrize("student", STUDENTS)
def test_no_page_holds_hidden_tests(graded: Graded, student: str) -> None:
    """Broken: the first student with feedback could tell the others what is tested."""
    for topic in ("00_newsvendor", "01_tiny"):
        text = page(graded[0], student, topic)
        if student != "right" or topic == "01_tiny":
            assert not [word for word in HIDDEN if word in text]


def test_an_answer_cannot_carry_hidden_cases_out(course: Course, filled: Any) -> None:
    """Broken: an answer that raises or prints its arguments would publish the hidden cases."""
    spies = {
        "raises": "def shelved(d, space):\n    raise RuntimeError(f'got {d} {space}')",
        "unwritten": (
            "def shelved(d, space):\n    if sum(d) > 99:\n"
            "        raise NotImplementedError(f'got {d}')\n    return min(sum(d), space)"
        ),
        "asserts": (
            "def shelved(d, space):\n    assert sum(d) < 99, f'got {d}'\n"
            "    return min(sum(d), space)"
        ),
        "prints": "def shelved(d, space):\n    print('got', d)\n    return 0",
    }
    for student, source in spies.items():
        put(course.folder, student, "01_tiny", filled("01_tiny", {"shelved": source}))
    grade_course(course, CHAPTER)
    for student in spies:
        text = page(course.folder, student)
        assert "987654321" not in text
        assert "got [987" not in text


def test_what_a_learner_typed_is_escaped(graded: Graded) -> None:
    """Broken: a script in an answer would run in the browser of whoever opens the page."""
    for topic in ("00_newsvendor", "01_tiny"):
        text = page(graded[0], "right", topic)
        assert "<script" not in text.lower()
        assert "alert(1)" in text
    assert (
        SCRIPT
        in json.loads((graded[0] / "submitted" / "right" / CHAPTER / "01_tiny.ipynb").read_text())[
            "cells"
        ][-2]["source"][0]
    )


def test_a_page_loads_nothing(graded: Graded) -> None:
    """Broken: opening feedback would tell another host about it, and fail without a network."""
    for student in STUDENTS:
        text = page(graded[0], student)
        assert not re.findall(r"""(?:src|href)=["'](?!#)""", text)
        assert "@import" not in text and "url(" not in text
        assert "default-src 'none'" in text


def test_a_page_says_what_matters(graded: Graded) -> None:
    """Broken: a learner would not learn their points, what failed, and what to think about."""
    text = page(graded[0], "partly")
    assert "2 of 9" in text
    assert "a hidden test failed: a random shelf" in text
    assert "What happens to the delivery that arrives at a full shelf?" in text
    assert "return sum(deliveries)" in re.sub(r"<[^>]+>", "", text)
    assert "the cell of shelved is not in the notebook" in page(graded[0], "deleted")
    assert "not a notebook (broken JSON)" in page(graded[0], "broken")
    assert str(graded[0]) not in page(graded[0], "broken")


def test_own_helpers_are_shown(course: Course, filled: Any) -> None:
    """Broken: an answer that calls its own helper could not be understood, by nobody."""
    content = json.loads(filled("01_tiny", {"shelved": "def shelved(d, s):\n    return helper(d)"}))
    own = {"cell_type": "code", "metadata": {}, "source": "def helper(d):\n    return 41"}
    content["cells"].insert(2, own | {"outputs": [], "execution_count": None})
    put(course.folder, "ada", "01_tiny", json.dumps(content))
    grade_course(course, CHAPTER)
    assert "41" in page(course.folder, "ada")
    done = (course.folder / "autograded" / "ada" / CHAPTER / "01_tiny.ipynb").read_text()
    assert "return 41" in done


@pytest.mark.parametrize("student", STUDENTS)
def test_formgrader_gets_a_valid_notebook(graded: Graded, student: str) -> None:
    """Broken: an instructor could not open this student's work in formgrader."""
    path = graded[0] / "autograded" / student / CHAPTER / "01_tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    tests = [cell for cell in notebook.cells if "test-" in str(cell.metadata)]
    assert len(tests) == 2
    failed = [bool(cell.outputs) for cell in tests]
    assert failed == {"right": [False, False], "partly": [False, True]}.get(student, [True, True])
    assert "MODEL_ANSWER" not in path.read_text()
    assert "min(sum(deliveries), space)" not in path.read_text() or student == "right"


def test_formgrader_runs_no_script(graded: Graded) -> None:
    """Broken: a script in a written answer would run with the rights of the instructor."""
    path = graded[0] / "autograded" / "right" / CHAPTER / "01_tiny.ipynb"
    words = [cell for cell in nbformat.read(path, 4).cells if "why_limit" in str(cell.metadata)]
    assert "&lt;script>alert(1)&lt;/script>" in words[1].source


def test_formulas_are_drawn_without_a_script() -> None:
    """Broken: a learner would read `\\frac{c_u}{c_o}` as it was typed: the page runs no script."""
    made = html(r"With $a_0 < \frac{c_u}{c_o}$ dollars:" "\n\n$$\\sum_{i=1}^n x_i$$\n")
    assert made.count("<math ") == 2 and "<mfrac>" in made and "$" not in made
    assert 'display="block"' in made and "script" not in made
    code = html("It costs `$5` and \\$6, see `a_$b`.\n\n```python\nx = '$y$'\n```")
    assert "<math" not in code and "$5" in code
    unknown = html(r"So $\nosuchcommand{x}$ it stays.")
    assert r"$\nosuchcommand{x}$" in unknown and "<math" not in unknown


def test_every_formula_of_the_curriculum_is_drawn() -> None:
    """Broken: one lesson's pages would show TeX where the others show formulas."""
    root = Path(__file__).parents[2]
    count = 0
    for lesson in load(root):
        for cell in lesson.cells:
            if cell.form == "markdown":
                text = re.sub(r"<pre>.*?</pre>|<code.*?</code>", "", html(cell.source), flags=re.S)
                count += text.count("<math ")
                assert not re.findall(r"\$[^$\n]*[\\_^][^$\n]*\$", text), lesson.key
    assert count > 50


@pytest.mark.parametrize(("score", "wanted"), [(0, 0), (1.5, 1.5), (3, 3)])
def test_nbgrader_reads_the_same_points(score: float, wanted: float) -> None:
    """Broken: partial credit in autograded/ would count as all or nothing for nbgrader."""
    verdict = Verdict("x", Status.PARTIAL, score, 3, "half of it", cells=(("test-x", score, 3),))
    meta = {"nbgrader": {"grade": True, "solution": False, "points": 3, "grade_id": "test-x"}}
    cell = nbformat.v4.new_code_cell("1.5", metadata=meta)
    cell.outputs = [nbformat.from_dict(one) for one in outputs_of([verdict])["test-x"]]
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    assert determine_grade(cell) == (wanted, 3)
