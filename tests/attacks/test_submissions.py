"""What is handed in changes nothing but its own grade, on no page and in no gradebook."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from arena import ROOT, Findings
from bs4 import BeautifulSoup
from handing import BY_NAME, CHAPTER, RIGHT, TOPIC, Desk
from holding import each

from sixrounds.book.attacks import Attack, read_catalog
from sixrounds.grading.cohort import Quiet, grade_course
from sixrounds.grading.course import Course, init
from sixrounds.grading.engine import How
from sixrounds.grading.intake import collect
from sixrounds.grading.jail import Jail

HONEST = ("a_honest", "z_honest")
HANDED = [attack for group in read_catalog(ROOT) for attack in group.attacks if attack.hand_in]


class Heard(Quiet):
    """Keeps what a run says."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        """One line."""
        self.lines.append(line)


@dataclass
class Graded:
    """A class in which every attack is a student."""

    course: Course
    students: dict[str, str]  # by attack
    rows: dict[tuple[str, str], dict[str, Any]]  # by student and exercise
    heard: list[str]
    refused: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def graded(
    jail: Jail,
    clone: Path,
    filled: Callable[[str, Mapping[str, str]], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Graded:
    """All attacks collected and graded in one run, with honest students around them."""
    folder = tmp_path_factory.mktemp("attacked") / "course"
    with chdir(clone):
        init(folder)
    course = Course.load(folder)
    answers = {"shelved": RIGHT, "why_limit": "Because space is physical."}
    honest, other = filled(TOPIC, answers), filled("00_newsvendor", {})
    submitted = folder / "submitted"
    for student in HONEST:
        Desk(submitted, student, honest, other).put(honest)
    students = {}
    for number, attack in enumerate(HANDED):
        desk = Desk(submitted, f"s{number:02d}", honest, other)
        BY_NAME[attack.hand_in](desk)
        students[attack.name] = desk.student
    refused = {
        attack.name: collect(course, CHAPTER, path, say=lambda line: None)[1]
        for attack in HANDED
        if (path := folder / f"{students[attack.name]}.zip").exists()
    }
    heard = Heard()
    how = How(unsafe=jail.name == "none")
    rows = grade_course(course, CHAPTER, notebook=TOPIC, how=how, show=heard)
    by_key = {(row["student"], row["exercise"]): row for row in rows}
    return Graded(course, students, by_key, heard.lines, refused)


@each([attack for attack in HANDED if attack.status])
def test_a_submission_earns_what_is_right_in_it(
    attack: Attack, graded: Graded, findings: Findings
) -> None:
    """Broken: a notebook's own words about itself are worth points, or stop its grading."""
    student = graded.students[attack.name]
    row = graded.rows[student, "shelved"]
    held = False
    try:
        said = f"{row['status']}: {row['message']}"
        assert row["status"] in attack.status, said
        assert row["score"] == (5 if row["status"] == "passed" else attack.points), said
        assert row["max_score"] == 5
        assert re.search(attack.says, row["message"]), said
        assert not [line for line in graded.heard if line.startswith(f"failed {student} ")]
        held = True
    finally:
        findings.note(attack, held=held, status=str(row["status"]), shared="")


@each([attack for attack in HANDED if attack.hand_in.startswith("zip_")])
def test_a_zip_puts_nothing_elsewhere(attack: Attack, graded: Graded, findings: Findings) -> None:
    """Broken: a zip from a learner writes where an instructor did not look."""
    held, student = False, graded.students[attack.name]
    try:
        assert graded.refused[attack.name]
        assert not list(graded.course.folder.parent.glob(f"**/{student}/**/*.ipynb"))
        assert not Path("/tmp", student).exists()
        # The honest notebook in it was taken all the same.
        assert graded.rows[f"z_{student}", "shelved"]["score"] == 5
        held = True
    finally:
        findings.note(attack, held=held, status="refused", shared="")


def test_strange_students_are_passed_over(graded: Graded, findings: Findings) -> None:
    """Broken: a name that looks like another one, or leads elsewhere, gets into the gradebook."""
    (attack,) = (one for one in HANDED if one.hand_in == "strange_students")
    held = False
    try:
        passed_over = [line for line in graded.heard if line.startswith("passed over")]
        assert len(passed_over) == 5  # a name with a dot in front is not even looked at
        assert all(line.isprintable() and line.isascii() for line in passed_over)
        known = {*HONEST, *graded.students.values()}
        known |= {f"z_{student}" for student in graded.students.values()}
        assert {student for student, _ in graded.rows} <= known
        held = True
    finally:
        findings.note(attack, held=held, status="passed over", shared="")


@pytest.mark.parametrize("student", HONEST)
def test_the_class_around_them_is_graded(graded: Graded, student: str) -> None:
    """Broken: one student's submission changes or stops the grades of the others."""
    assert graded.rows[student, "shelved"]["score"] == 5
    assert graded.rows[student, "why_limit"]["status"] == "manual"


def test_no_page_runs_what_a_learner_wrote(graded: Graded) -> None:
    """Broken: a script in an answer runs with the rights of whoever opens the page."""
    pages = sorted((graded.course.folder / "feedback").glob(f"*/{CHAPTER}/{TOPIC}.html"))
    assert len(pages) >= len(HONEST) + sum(bool(attack.status) for attack in HANDED)
    for path in pages:
        soup = BeautifulSoup(path.read_text(), "html.parser")
        assert not soup.find_all(["script", "img", "svg", "iframe", "b", "object", "embed"])
        for tag in soup.find_all(True):
            assert not [name for name in tag.attrs if name.startswith("on")], path
            assert not str(tag.get("href", "#")).startswith("javascript:"), path
        assert "987654321" not in path.read_text()


def test_the_notebook_for_formgrader_has_no_tags_of_theirs(graded: Graded) -> None:
    """Broken: formgrader renders Markdown with its HTML, with the rights of the instructor."""
    student = graded.students["script in words"]
    path = graded.course.folder / "autograded" / student / CHAPTER / f"{TOPIC}.ipynb"
    cells = json.loads(path.read_text())["cells"]
    (words,) = (
        "".join(one["source"])
        for one in cells
        if one["metadata"].get("nbgrader", {}).get("grade_id") == "why_limit"
    )
    assert "alert(1)" in words
    assert not re.search(r"<[A-Za-z/!?]", words)
