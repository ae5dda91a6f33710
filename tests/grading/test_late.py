"""Late submissions cost what nbgrader's plugin says, and everybody can see that they did."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from handing_in import CHAPTER, Heard, put
from nbgrader.api import Gradebook as Stock
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from sixrounds.errors import SixRoundsError
from sixrounds.grading.choice import find_works
from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course
from sixrounds.grading.exports import records
from sixrounds.grading.gradebook import opened
from sixrounds.grading.late import Penalties

DUE = "2026-02-01 12:00:00 UTC"
RULE = 'c.LateSubmissionPlugin.penalty_method = "none"'
OWN = """
from nbgrader.plugins import LateSubmissionPlugin

class TwoADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 2 * total_seconds_late / 86400

c.AssignLatePenalties.plugin_class = TwoADay
"""


@contextmanager
def stock(course: Course) -> Iterator[Any]:
    """The gradebook as nbgrader itself opens it."""
    with Stock(f"sqlite:///{course.gradebook}") as book:
        yield book


@pytest.fixture
def two(course: Course, six: dict[str, dict[str, str]]) -> Course:
    """A student in time, and one a day and a half late; nothing costs anything yet."""
    for student, time in (("early", "2026-02-01 11:00:00 UTC"), ("late", "2026-02-03 00:00:00")):
        path = put(course.folder, student, "01_tiny", six["right"]["01_tiny"])
        path.with_name("timestamp.txt").write_text(time)
    with stock(course) as book:
        book.update_or_create_assignment(CHAPTER, duedate=DUE)
    return course


def rule(course: Course, text: str) -> None:
    """Write a rule into the course's configuration."""
    path = course.folder / "nbgrader_config.py"
    assert RULE in path.read_text()
    path.write_text(path.read_text().replace(RULE, text))


def penalty(course: Course, student: str) -> float | None:
    """What is taken off, as formgrader shows it."""
    with stock(course) as book:
        row = book.find_submission_notebook("01_tiny", CHAPTER, student)
        found: float | None = row.late_submission_penalty
        return found


def page(course: Course, student: str) -> str:
    """A feedback page."""
    return (course.folder / "feedback" / student / CHAPTER / "01_tiny.html").read_text()


def test_being_late_costs_nothing_unless_a_rule_says_so(two: Course) -> None:
    """Broken: learners would lose points that nobody decided to take."""
    grade_course(two, CHAPTER)
    assert penalty(two, "late") is None
    assert "handed in 36 hours late" in page(two, "late") and "no penalty" in page(two, "late")
    assert "late" not in page(two, "early").replace(CHAPTER, "")
    with stock(two) as book:
        assert book.find_submission(CHAPTER, "late").total_seconds_late == 36 * 3600


def test_nbgraders_own_rule(two: Course) -> None:
    """Broken: `zero` in nbgrader_config.py would be ignored by our grader."""
    rule(two, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    heard = Heard()
    grade_course(two, CHAPTER, show=heard)
    assert (penalty(two, "late"), penalty(two, "early")) == (5, None)
    assert "graded late 01_tiny 5/9, 5 off for being late" in heard.lines
    assert "0 of 9" in page(two, "late") and "5 of 9" in page(two, "early")


def test_a_rule_of_ones_own(two: Course) -> None:
    """Broken: the rule that most courses have, so much a day, could not be used."""
    rule(two, OWN)
    grade_course(two, CHAPTER)
    assert penalty(two, "late") == 3
    assert "2 of 9" in page(two, "late")
    works = find_works(two, CHAPTER)
    with opened(two.database) as book:
        rows, _ = records(works, book)
    taken = {(row.student, row.exercise): row.late_penalty for row in rows if row.late_penalty}
    assert taken == {("late", "shelved"): 3}


def test_nbgrader_takes_off_the_same(two: Course) -> None:
    """Broken: running stock autograde after us would change what is taken off."""
    rule(two, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    grade_course(two, CHAPTER)
    config = Config()
    config.LateSubmissionPlugin.penalty_method = "zero"
    for student, wanted in (("late", 5), ("early", None)):
        ours = penalty(two, student)
        place = {"notebook": "01_tiny", "assignment": CHAPTER, "student": student}
        place["db_url"] = f"sqlite:///{two.gradebook}"
        empty = type("Notebook", (), {"cells": []})()
        AssignLatePenalties(config=config).preprocess(empty, {"nbgrader": place})
        assert penalty(two, student) == ours == wanted


def test_a_due_date_may_move(two: Course) -> None:
    """Broken: an extension that is granted later would change nothing until all is regraded."""
    rule(two, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    grade_course(two, CHAPTER)
    with stock(two) as book:
        book.grant_extension(CHAPTER, "late", hours=48)
    heard = Heard()
    grade_course(two, CHAPTER, show=heard)
    assert heard.total == 0 and "kept late 01_tiny 5/9" in heard.lines
    assert penalty(two, "late") is None
    assert "5 of 9" in page(two, "late")


def test_no_more_is_taken_than_there_is(course: Course) -> None:
    """Broken: a rule with a mistake would give negative points, or add some."""
    rules = Penalties(course.folder)
    day = timedelta(days=1).total_seconds()
    for asked, wanted in ((99, 5), (-3, 0), (None, 0), (2, 2)):
        rules._plugin = type("P", (), {"late_submission_penalty": lambda *_, a=asked: a})()
        assert rules.penalty("ada", 5, day) == wanted
    assert rules.penalty("ada", 5, 0) == 0


def test_a_configuration_with_a_mistake_is_one_line(two: Course) -> None:
    """Broken: a typo in nbgrader_config.py would end in a traceback, or grade without the rule."""
    rule(two, "c.LateSubmissionPlugin.penalty_method = oops")
    with pytest.raises(SixRoundsError) as caught:
        grade_course(two, CHAPTER)
    assert "nbgrader_config.py: cannot be loaded (NameError" in str(caught.value)
    assert "\n" not in str(caught.value)
